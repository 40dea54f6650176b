"""Routes of the notebook instances' pages."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from jupyter_server.auth.decorator import authorized
from tornado.web import authenticated

from smstudio_ext.routes.base import SmStudioHandler

KIND = "NotebookInstance"
CONFIG_KIND = "NotebookInstanceLifecycleConfig"


class NotebookInstancesHandler(SmStudioHandler):
    """Lists and creates notebook instances."""

    @authenticated
    @authorized
    async def get(self) -> None:
        """One page of the list."""
        await self.answer("listNotebookInstances")

    @authenticated
    @authorized
    async def post(self) -> None:
        """Creates one from the form."""
        await self.answer("createNotebookInstance")


class NotebookInstanceHandler(SmStudioHandler):
    """One notebook instance."""

    @authenticated
    @authorized
    async def get(self, name: str) -> None:
        """Its page."""
        await self.answer("describeNotebookInstance", name)

    @authenticated
    @authorized
    async def put(self, name: str) -> None:
        """Changes its settings."""
        await self.answer("updateNotebookInstance", name)
        self.announce(KIND, name, "Updating")

    @authenticated
    @authorized
    async def delete(self, name: str) -> None:
        """Deletes it."""
        await self.answer("deleteNotebookInstance", name)
        self.announce(KIND, name, "Deleting")


class StartNotebookInstanceHandler(SmStudioHandler):
    """Starts a notebook instance."""

    @authenticated
    @authorized
    async def post(self, name: str) -> None:
        """Asks it to start."""
        await self.answer("startNotebookInstance", name)
        self.announce(KIND, name, "Pending")


class StopNotebookInstanceHandler(SmStudioHandler):
    """Stops a notebook instance."""

    @authenticated
    @authorized
    async def post(self, name: str) -> None:
        """Asks it to stop."""
        await self.answer("stopNotebookInstance", name)
        self.announce(KIND, name, "Stopping")


class OpenNotebookInstanceHandler(SmStudioHandler):
    """Opens a notebook instance."""

    @authenticated
    @authorized
    async def post(self, name: str) -> None:
        """Makes a link for one use."""
        await self.answer("openNotebookInstance", name)


class NotebookInstanceLogsHandler(SmStudioHandler):
    """Logs of a notebook instance."""

    @authenticated
    @authorized
    async def get(self, name: str) -> None:
        """Part of one."""
        await self.answer("getNotebookInstanceLogs", name)


class DownloadNotebookInstanceLogHandler(SmStudioHandler):
    """The whole log of a notebook instance."""

    @authenticated
    @authorized
    async def get(self, name: str) -> None:
        """Sends it as a text file."""

        def work(query: Any) -> Iterator[bytes]:
            from smstudio_ext.studio.notebook_instances import notebook_log_text

            return notebook_log_text(self.session.switch.current(), name, query)

        await self.answer_text(
            "downloadNotebookInstanceLog", work, file_name=f"{name}.log", kind="text/plain; charset=utf-8"
        )


class NotebookOptionsHandler(SmStudioHandler):
    """What the form of notebook instances offers."""

    @authenticated
    @authorized
    async def get(self) -> None:
        """Instance types, configurations, limits."""
        await self.answer("getNotebookOptions")


class NotebookLifecycleConfigsHandler(SmStudioHandler):
    """Lists and creates lifecycle configurations."""

    @authenticated
    @authorized
    async def get(self) -> None:
        """One page of the list."""
        await self.answer("listNotebookLifecycleConfigs")

    @authenticated
    @authorized
    async def post(self) -> None:
        """Creates one."""
        await self.answer("createNotebookLifecycleConfig")


class NotebookLifecycleConfigHandler(SmStudioHandler):
    """One lifecycle configuration."""

    @authenticated
    @authorized
    async def get(self, name: str) -> None:
        """Its scripts."""
        await self.answer("describeNotebookLifecycleConfig", name)

    @authenticated
    @authorized
    async def put(self, name: str) -> None:
        """Changes its scripts."""
        await self.answer("updateNotebookLifecycleConfig", name)
        self.announce(CONFIG_KIND, name, "")

    @authenticated
    @authorized
    async def delete(self, name: str) -> None:
        """Deletes it."""
        await self.answer("deleteNotebookLifecycleConfig", name)
