"""Routes of the training jobs' pages."""

from __future__ import annotations

from jupyter_server.auth.decorator import authorized
from tornado.web import authenticated

from smstudio_ext.routes.base import SmStudioHandler


class TrainingJobsHandler(SmStudioHandler):
    """Lists training jobs."""

    @authenticated
    @authorized
    async def get(self) -> None:
        """One page of the list."""
        await self.answer("listTrainingJobs")


class TrainingJobHandler(SmStudioHandler):
    """One training job."""

    @authenticated
    @authorized
    async def get(self, name: str) -> None:
        """Its page."""
        await self.answer("describeTrainingJob", name)


class TrainingJobLogsHandler(SmStudioHandler):
    """The log of a training job."""

    @authenticated
    @authorized
    async def get(self, name: str) -> None:
        """Part of it."""
        await self.answer("getTrainingJobLogs", name)


class StopTrainingJobHandler(SmStudioHandler):
    """Stops a training job."""

    @authenticated
    @authorized
    async def post(self, name: str) -> None:
        """Asks it to stop."""
        await self.answer("stopTrainingJob", name)
