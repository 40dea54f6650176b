"""The handler that all routes share: parse, run the page's function in a thread, serialise, map failures."""

from __future__ import annotations

import asyncio
import json
import uuid
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import quote

from jupyter_server.base.handlers import APIHandler
from tornado.web import HTTPError

from smstudio_ext.routes import RESOURCE
from smstudio_ext.routes.operation import Operation
from smstudio_ext.routes.operations import BY_ID, function, model
from smstudio_ext.routes.session import SETTING, StudioSession

if TYPE_CHECKING:
    from pydantic import BaseModel

    from smstudio_ext.routes.errors import Failure
    from smstudio_ext.studio.cost_consent import Consent

T = TypeVar("T")

MAX_BODY = 8 * 1024 * 1024
"""Largest JSON body, bytes: an invocation of 6 MiB and its escapes."""

CONFIRM_HEADER = "X-SmStudio-Confirm-Cost"
"""Header with the token that confirms what a request costs."""

_NOT_OURS = frozenset({"token", "_xsrf", "no_track_activity"})


class SmStudioHandler(APIHandler):
    """Base of every route."""

    auth_resource = RESOURCE
    _consent: Consent | None = None

    @property
    def session(self) -> StudioSession:
        """What the handlers of this server work with."""
        found: StudioSession = self.settings[SETTING]
        return found

    async def answer(self, operation_id: str, *parts: str) -> None:
        """Answers with what the operation's function makes of the chosen target, the path's parts and the request."""
        runs = BY_ID[operation_id].runs
        assert runs is not None, operation_id

        def work(request: BaseModel | None) -> BaseModel:
            arguments = (*parts, request) if request is not None else parts
            result: BaseModel = function(runs)(self.session.switch.current(), *arguments)
            return result

        await self.answer_with(operation_id, work)

    async def answer_with(self, operation_id: str, work: Callable[[Any], BaseModel]) -> None:
        """Answers with what `work` makes of the parsed request; `work` runs in a thread.

        Parsing and serialising run there too, so that the first request's imports do not hold the event loop.
        """
        operation = BY_ID[operation_id]
        query, body = self._query(), self._body(operation)

        def whole() -> bytes:
            result = work(_parse(operation, query, body))
            return result.model_dump_json().encode()

        try:
            content = await self.run(whole)
        except Exception as error:  # noqa: BLE001 - the error mapper knows the failures; the others are raised again
            await self._fail(error)
            return
        self.set_status(operation.status)
        self.finish(content)

    async def answer_later(self, operation_id: str, work: Callable[[Any], Awaitable[BaseModel]]) -> None:
        """Answers with what `work` makes of the parsed request; `work` runs on the event loop."""
        operation = BY_ID[operation_id]
        query, body = self._query(), self._body(operation)
        try:
            result = await work(await self.run(lambda: _parse(operation, query, body)))
            content = await self.run(lambda: result.model_dump_json().encode())
        except Exception as error:  # noqa: BLE001 - the error mapper knows the failures; the others are raised again
            await self._fail(error)
            return
        self.set_status(operation.status)
        self.finish(content)

    async def answer_text(
        self, operation_id: str, work: Callable[[Any], Iterator[bytes]], *, file_name: str, kind: str
    ) -> None:
        """Sends what `work` makes of the parsed query piece by piece, as a file to keep.

        Args:
            file_name: under which the browser saves it.
            kind: its content type; the browser never shows it, whatever it holds.
        """
        query = self._query()
        try:
            pieces = await self.run(lambda: work(_parse(BY_ID[operation_id], query, b"")))
            piece = await self.run(lambda: next(pieces, None))
        except Exception as error:  # noqa: BLE001 - the error mapper knows the failures; the others are raised again
            await self._fail(error)
            return
        self.set_header("Content-Type", kind)
        self.set_header("X-Content-Type-Options", "nosniff")
        self.set_header("Content-Disposition", f"attachment; filename*=UTF-8''{quote(file_name, safe='')}")
        while piece is not None:
            self.write(piece)
            await self.flush()
            piece = await self.run(lambda: next(pieces, None))
        self.finish()

    def script_path(self, path: str | None) -> Path | None:
        """The file or folder of the Jupyter server that a form's script names."""
        from smstudio_ext.studio.files import file_below

        if not path:
            return None
        return file_below(self.session.root_dir, path, allow_hidden=self.session.allow_hidden, folders=True)

    async def run(self, work: Callable[[], T]) -> T:
        """Runs something that blocks in a worker thread."""
        return await asyncio.get_running_loop().run_in_executor(
            self.session.workers, lambda: self._asked(work)
        )

    def _asked(self, work: Callable[[], T]) -> T:
        """Does something under the eyes of the gate of costs: a browser confirms them by a token."""
        switch = self.session.switch
        if switch.kind == "local":
            return work()
        from smstudio_ext.aws_rules import gate

        if self._consent is None:
            from smstudio_ext.studio.cost_consent import token_consent

            token = self.request.headers.get(CONFIRM_HEADER)
            self._consent = token_consent(lambda: switch.current().title, token)
        with gate(self._consent):
            return work()

    def announce(self, kind: str, name: str, status: str) -> None:
        """Tells all pages of a change that this request made; nothing when it failed."""
        if self.get_status() < 400:
            region = self.session.switch.region or ""
            self.session.announce({"kind": kind, "name": name, "status": status, "region": region})
            self.session.presence.nudge()

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        """Failures of the server itself, in the same form as all others; never a traceback."""
        error = kwargs.get("exc_info", (None, None))[1]
        message = error.log_message if isinstance(error, HTTPError) and error.log_message else None
        code = {403: "Forbidden", 404: "NotFound", 405: "MethodNotAllowed"}.get(status_code)
        self._send(
            status_code,
            {
                "code": code or ("InternalError" if status_code >= 500 else "BadInput"),
                "message": message
                or (
                    "Something went wrong here; the server's log says what."
                    if status_code >= 500
                    else self._reason
                ),
                "hint": "Sign in to this Jupyter server again." if status_code == 403 else None,
                "request_id": str(uuid.uuid4()),
                "fields": [],
            },
        )

    async def _fail(self, error: Exception) -> None:
        from smstudio_ext.aws.advice import place_of
        from smstudio_ext.routes.errors import failure_of

        switch = self.session.switch
        failure: Failure | None = await self.run(
            lambda: failure_of(error, local=switch.kind == "local", place=place_of(switch))
        )
        if failure is None:
            raise error
        body = failure.body()
        body["request_id"] = body["request_id"] or str(uuid.uuid4())
        self._send(failure.status, body)

    def _send(self, status: int, body: dict[str, Any]) -> None:
        self.set_status(status)
        self.finish(json.dumps(body))

    def _query(self) -> dict[str, str]:
        """The query's members, without the server's own and without JupyterLab's cache buster (a bare number)."""
        return {
            name: self.get_query_argument(name, strip=False)
            for name in self.request.query_arguments
            if name not in _NOT_OURS and not name.isdigit()
        }

    def _body(self, operation: Operation) -> bytes:
        if len(self.request.body) > MAX_BODY:
            raise HTTPError(413, f"The request is larger than {MAX_BODY // 1024 // 1024} MiB.")
        return self.request.body if operation.body else b""


def _parse(operation: Operation, query: dict[str, str], body: bytes) -> BaseModel | None:
    if operation.query:
        return model(operation.query).model_validate(query)
    if operation.body:
        return model(operation.body).model_validate_json(body or b"{}")
    return None
