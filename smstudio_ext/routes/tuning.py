"""Routes of the tuning jobs' pages."""

from __future__ import annotations

from typing import Any

from jupyter_server.auth.decorator import authorized
from tornado.web import authenticated

from smstudio_ext.routes.base import SmStudioHandler


class TuningJobsHandler(SmStudioHandler):
    """Lists and creates tuning jobs."""

    @authenticated
    @authorized
    async def get(self) -> None:
        """One page of the list."""
        await self.answer("listTuningJobs")

    @authenticated
    @authorized
    async def post(self) -> None:
        """Creates a job from the form."""

        def work(form: Any) -> Any:
            from smstudio_ext.studio.tuning_create import create_tuning_job

            training = form.training
            path = self.script_path(
                training.script.path if training.source == "script" and training.script else None
            )
            return create_tuning_job(self.session.switch.current(), form, path)

        await self.answer_with("createTuningJob", work)


class TuningJobHandler(SmStudioHandler):
    """One tuning job."""

    @authenticated
    @authorized
    async def get(self, name: str) -> None:
        """Its page."""
        await self.answer("describeTuningJob", name)

    @authenticated
    @authorized
    async def delete(self, name: str) -> None:
        """Deletes it."""
        await self.answer("deleteTuningJob", name)


class TrialsHandler(SmStudioHandler):
    """The trials of a tuning job."""

    @authenticated
    @authorized
    async def get(self, name: str) -> None:
        """One page of them."""
        await self.answer("listTrials", name)


class StopTuningJobHandler(SmStudioHandler):
    """Stops a tuning job."""

    @authenticated
    @authorized
    async def post(self, name: str) -> None:
        """Asks it to stop."""
        await self.answer("stopTuningJob", name)


class CloneTuningJobHandler(SmStudioHandler):
    """A copy of a tuning job."""

    @authenticated
    @authorized
    async def get(self, name: str) -> None:
        """The form, filled in."""
        await self.answer("cloneTuningJob", name)


class TuningPlanHandler(SmStudioHandler):
    """What a tuning form would send."""

    @authenticated
    @authorized
    async def post(self) -> None:
        """Checks the form; nothing is made."""
        await self.answer("planTuningJob")
