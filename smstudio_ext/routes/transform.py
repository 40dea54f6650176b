"""Routes of the batch transform jobs' pages."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from jupyter_server.auth.decorator import authorized
from tornado.web import authenticated

from smstudio_ext.routes.base import SmStudioHandler


class TransformJobsHandler(SmStudioHandler):
    """Lists and creates transform jobs."""

    @authenticated
    @authorized
    async def get(self) -> None:
        """One page of the list."""
        await self.answer("listTransformJobs")

    @authenticated
    @authorized
    async def post(self) -> None:
        """Creates a job from the form."""
        await self.answer("createTransformJob")


class TransformJobHandler(SmStudioHandler):
    """One transform job."""

    @authenticated
    @authorized
    async def get(self, name: str) -> None:
        """Its page."""
        await self.answer("describeTransformJob", name)


class TransformOutputsHandler(SmStudioHandler):
    """What a transform job wrote."""

    @authenticated
    @authorized
    async def get(self, name: str) -> None:
        """One page of its objects."""
        await self.answer("listTransformOutputs", name)


class TransformLogsHandler(SmStudioHandler):
    """The log of a transform job."""

    @authenticated
    @authorized
    async def get(self, name: str) -> None:
        """Part of it."""
        await self.answer("getTransformJobLogs", name)


class DownloadTransformLogHandler(SmStudioHandler):
    """The whole log of a transform job."""

    @authenticated
    @authorized
    async def get(self, name: str) -> None:
        """Sends it as a text file."""

        def work(query: Any) -> Iterator[bytes]:
            from smstudio_ext.studio.transform import transform_log_text

            return transform_log_text(self.session.switch.current(), name, query.stream)

        await self.answer_text(
            "downloadTransformJobLog", work, file_name=f"{name}.log", kind="text/plain; charset=utf-8"
        )


class StopTransformJobHandler(SmStudioHandler):
    """Stops a transform job."""

    @authenticated
    @authorized
    async def post(self, name: str) -> None:
        """Asks it to stop."""
        await self.answer("stopTransformJob", name)


class CloneTransformJobHandler(SmStudioHandler):
    """A copy of a transform job."""

    @authenticated
    @authorized
    async def get(self, name: str) -> None:
        """The form, filled in."""
        await self.answer("cloneTransformJob", name)


class TransformOptionsHandler(SmStudioHandler):
    """What the transform form offers."""

    @authenticated
    @authorized
    async def get(self) -> None:
        """Models, instance types, limits."""
        await self.answer("getTransformOptions")


class TransformPlanHandler(SmStudioHandler):
    """What a transform form would send."""

    @authenticated
    @authorized
    async def post(self) -> None:
        """Checks the form; nothing is made."""
        await self.answer("planTransformJob")
