"""Routes of the Autopilot pages."""

from __future__ import annotations

from jupyter_server.auth.decorator import authorized
from tornado.web import authenticated

from smstudio_ext.routes.base import SmStudioHandler


class AutoMLJobsHandler(SmStudioHandler):
    """Lists and creates Autopilot experiments."""

    @authenticated
    @authorized
    async def get(self) -> None:
        """One page of the list."""
        await self.answer("listAutoMLJobs")

    @authenticated
    @authorized
    async def post(self) -> None:
        """Creates an experiment from the form."""
        await self.answer("createAutoMLJob")


class AutoMLJobHandler(SmStudioHandler):
    """One experiment."""

    @authenticated
    @authorized
    async def get(self, name: str) -> None:
        """The job page."""
        await self.answer("describeAutoMLJob", name)


class CandidatesHandler(SmStudioHandler):
    """The leaderboard of an experiment."""

    @authenticated
    @authorized
    async def get(self, name: str) -> None:
        """One page of it."""
        await self.answer("listCandidates", name)


class StopAutoMLJobHandler(SmStudioHandler):
    """Stops an experiment."""

    @authenticated
    @authorized
    async def post(self, name: str) -> None:
        """Asks it to stop."""
        await self.answer("stopAutoMLJob", name)


class DeployCandidateHandler(SmStudioHandler):
    """Deploys a candidate."""

    @authenticated
    @authorized
    async def post(self, name: str) -> None:
        """Makes model, configuration and endpoint."""
        await self.answer("deployCandidate", name)


class CloneAutoMLJobHandler(SmStudioHandler):
    """The form of an experiment like this one."""

    @authenticated
    @authorized
    async def get(self, name: str) -> None:
        """Filled in."""
        await self.answer("cloneAutoMLJob", name)


class AutoMLPlanHandler(SmStudioHandler):
    """The form of an experiment before it is sent."""

    @authenticated
    @authorized
    async def post(self) -> None:
        """What it would send."""
        await self.answer("planAutoMLJob")


class ActivityHandler(SmStudioHandler):
    """What an experiment does now."""

    @authenticated
    @authorized
    async def get(self, name: str) -> None:
        """Its jobs that run."""
        await self.answer("getAutoMLActivity", name)


class NotebookHandler(SmStudioHandler):
    """The notebooks of an experiment."""

    @authenticated
    @authorized
    async def get(self, name: str, kind: str) -> None:
        """One of them."""
        await self.answer("readAutoMLNotebook", name, kind)


class CandidateModelHandler(SmStudioHandler):
    """Models of an experiment's candidates."""

    @authenticated
    @authorized
    async def post(self, name: str) -> None:
        """Makes one."""
        await self.answer("createCandidateModel", name)


class CandidateHandler(SmStudioHandler):
    """One candidate."""

    @authenticated
    @authorized
    async def get(self, name: str, candidate: str) -> None:
        """Its page."""
        await self.answer("describeCandidate", name, candidate)


class ExplainabilityHandler(SmStudioHandler):
    """The explainability report of a candidate."""

    @authenticated
    @authorized
    async def get(self, name: str, candidate: str) -> None:
        """What it says."""
        await self.answer("getExplainability", name, candidate)


class PerformanceHandler(SmStudioHandler):
    """The performance report of a candidate."""

    @authenticated
    @authorized
    async def get(self, name: str, candidate: str) -> None:
        """What it says."""
        await self.answer("getPerformance", name, candidate)
