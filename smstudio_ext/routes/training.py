"""Routes of the training jobs' pages."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from jupyter_server.auth.decorator import authorized
from tornado.web import authenticated

from smstudio_ext.routes.base import SmStudioHandler


class TrainingJobsHandler(SmStudioHandler):
    """Lists and creates training jobs."""

    @authenticated
    @authorized
    async def get(self) -> None:
        """One page of the list."""
        await self.answer("listTrainingJobs")

    @authenticated
    @authorized
    async def post(self) -> None:
        """Creates a job from the form."""

        def work(form: Any) -> Any:
            from smstudio_ext.studio.training_create import create_training_job

            path = self.script_path(form.script.path if form.source == "script" and form.script else None)
            return create_training_job(self.session.switch.current(), form, path)

        await self.answer_with("createTrainingJob", work)


class TrainingJobHandler(SmStudioHandler):
    """One training job."""

    @authenticated
    @authorized
    async def get(self, name: str) -> None:
        """Its page."""
        await self.answer("describeTrainingJob", name)

    @authenticated
    @authorized
    async def delete(self, name: str) -> None:
        """Deletes it."""
        await self.answer("deleteTrainingJob", name)


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


class DownloadLogHandler(SmStudioHandler):
    """The whole log of a training job."""

    @authenticated
    @authorized
    async def get(self, name: str) -> None:
        """Sends it as a text file."""

        def work(query: Any) -> Iterator[bytes]:
            from smstudio_ext.studio.training import log_text

            return log_text(self.session.switch.current(), name, query.stream)

        await self.answer_text(
            "downloadTrainingJobLog", work, file_name=f"{name}.log", kind="text/plain; charset=utf-8"
        )


class TrainingMetricsHandler(SmStudioHandler):
    """What a training job measured."""

    @authenticated
    @authorized
    async def get(self, name: str) -> None:
        """Its series."""
        await self.answer("getTrainingJobMetrics", name)


class InstanceMetricsHandler(SmStudioHandler):
    """What the instances of a training job used."""

    @authenticated
    @authorized
    async def get(self, name: str) -> None:
        """Its series."""
        await self.answer("getTrainingInstanceMetrics", name)


class CloneTrainingJobHandler(SmStudioHandler):
    """A copy of a training job."""

    @authenticated
    @authorized
    async def get(self, name: str) -> None:
        """The form, filled in."""
        await self.answer("cloneTrainingJob", name)


class TuneTrainingJobHandler(SmStudioHandler):
    """A tuning job around a training job."""

    @authenticated
    @authorized
    async def get(self, name: str) -> None:
        """The form, filled in."""
        await self.answer("tuneTrainingJob", name)


class DeployTrainingJobHandler(SmStudioHandler):
    """Deploys what a training job made."""

    @authenticated
    @authorized
    async def post(self, name: str) -> None:
        """Makes model, configuration and endpoint."""
        await self.answer("deployTrainingJob", name)


class TrainingOptionsHandler(SmStudioHandler):
    """What the training form offers."""

    @authenticated
    @authorized
    async def get(self) -> None:
        """Algorithms, frameworks, instance types, limits."""
        await self.answer("getTrainingOptions")


class TrainingPlanHandler(SmStudioHandler):
    """What a training form would send."""

    @authenticated
    @authorized
    async def post(self) -> None:
        """Checks the form; nothing is made."""
        await self.answer("planTrainingJob")
