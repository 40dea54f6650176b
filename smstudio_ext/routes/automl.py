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
