"""Notebooks of this Jupyter server, read and made through its own contents manager."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from jupyter_core.utils import ensure_async
from tornado.web import HTTPError

from smstudio_ext.routes.base import SmStudioHandler

T = TypeVar("T")

_SECONDS = 60.0


class DocumentsHandler(SmStudioHandler):
    """Base of routes that read or make notebooks. The methods are for worker threads."""

    def prepare_loop(self) -> None:
        """Notes the event loop, to be called on it."""
        self._loop = asyncio.get_running_loop()

    def read_notebook(self, path: str) -> dict[str, Any]:
        """The notebook of a path, with the claims of trust that the server adds.

        Raises:
            Missing: there is none.
            BadInput: it is no notebook, or hidden.
        """

        manager: Any = self.contents_manager

        async def read() -> Any:
            return await ensure_async(manager.get(path, content=True, type="notebook"))

        model = self._on_loop(read, f"{path!r} cannot be read")
        # A plain document: nbformat's own nodes are dictionaries of another class.
        document: dict[str, Any] = json.loads(json.dumps(model["content"]))
        return document

    def make_notebook(self, folder: str, file_name: str, document: dict[str, Any]) -> str:
        """Writes a new notebook; answers its path.

        Raises:
            Conflict: the name is taken.
            Missing: there is no such folder.
            BadInput: the server does not take the path.
        """
        from smstudio_ext.studio.problems import Conflict, Missing

        manager: Any = self.contents_manager
        path = f"{folder.strip('/')}/{file_name}".lstrip("/")

        async def make() -> str:
            if folder.strip("/") and not await ensure_async(manager.dir_exists(folder.strip("/"))):
                raise Missing(f"There is no folder {folder!r}.", hint="Choose another folder.")
            if await ensure_async(manager.file_exists(path)) or await ensure_async(manager.dir_exists(path)):
                raise Conflict(
                    f"There is something named {file_name!r} already.", hint="Choose another name."
                )
            model = {"type": "notebook", "format": "json", "content": document}
            await ensure_async(manager.save(model, path))
            return path

        return self._on_loop(make, f"{path!r} cannot be written")

    def _on_loop(self, work: Callable[[], Coroutine[Any, Any, T]], what: str) -> T:
        """Has the event loop do something that only it may, and waits for it."""
        from smstudio_ext.studio.problems import BadInput, Missing, Refused

        try:
            return asyncio.run_coroutine_threadsafe(work(), self._loop).result(_SECONDS)
        except HTTPError as error:
            kind = {403: Refused, 404: Missing}.get(error.status_code, BadInput)
            if error.status_code >= 500:
                raise
            raise kind(f"{what}: {error.log_message or error.reason or error.status_code}") from error
