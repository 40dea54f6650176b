"""The model server: a supervised process that loads a container chain and answers on a unix domain socket."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import sys
import time
import traceback
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

from smstudio_ext.engine.hosting.chain import Chain, ContainerError, LoadError
from smstudio_ext.engine.hosting.fleet import private_directory
from smstudio_ext.engine.images.contract import ClientError
from smstudio_ext.engine.runtime.supervisor import notify, read_json, write_json

if TYPE_CHECKING:
    import uvicorn

# Bodies up to this size are answered on the event loop itself; larger ones in the one worker thread, so that
# /ping answers meanwhile. Both together still call the model one request at a time.
_INLINE_BODY = 256 * 1024

_Scope = dict[str, Any]
_Receive = Callable[[], Awaitable[dict[str, Any]]]
_Send = Callable[[dict[str, Any]], Awaitable[None]]


def serve(*, containers: list[dict[str, Any]], socket_path: str, directory: str) -> None:
    """Loads the containers, listens, and answers until SIGTERM. Runs in a process of its own.

    Writes `ready.json` into the directory when it listens, or `failure.json` with a `reason` when a model cannot be
    loaded, and then ends with code 1.

    Args:
        containers: see `Chain.load`.
        socket_path: where to listen; appears once the models are loaded.
        directory: folder of this process; models are unpacked into its `model` folder.
    """
    # job processes start with SIGPIPE's default; a client that gave up must not end the server
    signal.signal(signal.SIGPIPE, signal.SIG_IGN)
    home = Path(directory)
    started = time.monotonic()
    try:
        chain = Chain.load(containers, home / "model")
    except LoadError as error:
        print(f"Container {error.container} could not be loaded: {error}", file=sys.stderr)
        if not error.archive and error.__cause__ is not None:
            traceback.print_exception(error.__cause__)
        failure = {"reason": str(error), "container": error.container, "archive": error.archive}
        write_json(home / "failure.json", failure)
        sys.exit(1)
    server = _uvicorn(ModelServer(chain))
    listener = _listen(Path(socket_path))
    print(
        f"Model server ready: {len(containers)} container(s) loaded in {time.monotonic() - started:.2f} s",
        flush=True,
    )
    write_json(home / "ready.json", {"pid": os.getpid()})
    spec = read_json(home / "spec.json") or {}
    notify(spec.get("notify"), {"owner": spec.get("owner"), "event": "ready"})
    server.run(sockets=[listener])


class ModelServer:
    """The ASGI application: GET /ping and POST /invocations."""

    def __init__(self, chain: Chain) -> None:
        self._chain = chain
        self._worker: ThreadPoolExecutor | None = None
        self._in_worker = 0

    async def __call__(self, scope: _Scope, receive: _Receive, send: _Send) -> None:
        """Answers one request."""
        if scope["type"] != "http":
            return
        route = (scope["method"], scope["path"])
        if route == ("POST", "/invocations"):
            await self._invocation(scope, receive, send)
        elif route == ("GET", "/ping"):
            await _reply(send, 200, b"text/plain", b"")
        else:
            await _reply(send, 404, b"text/plain", b"Not found")

    async def _invocation(self, scope: _Scope, receive: _Receive, send: _Send) -> None:
        message = await receive()
        body: bytes = message.get("body", b"")
        if message.get("more_body"):
            chunks = [body]
            while message.get("more_body"):
                message = await receive()
                chunks.append(message.get("body", b""))
            body = b"".join(chunks)
        if message["type"] == "http.disconnect":
            return
        content_type, accept = "", ""
        for name, value in scope["headers"]:
            if name == b"content-type":
                content_type = value.decode("latin-1")
            elif name == b"accept":
                accept = value.decode("latin-1")
        status, answer_type, answer = await self._answer(body, content_type, accept)
        await _reply(send, status, answer_type, answer)

    async def _answer(self, body: bytes, content_type: str, accept: str) -> tuple[int, bytes, bytes]:
        try:
            if self._in_worker == 0 and len(body) <= _INLINE_BODY:
                answer, answer_type = self._chain.invoke(body, content_type, accept)
            else:
                answer, answer_type = await self._in_thread(body, content_type, accept)
        except ContainerError as error:
            return _failure(error)
        return 200, answer_type.encode("latin-1", "replace"), answer

    async def _in_thread(self, body: bytes, content_type: str, accept: str) -> tuple[bytes, str]:
        if self._worker is None:
            self._worker = ThreadPoolExecutor(max_workers=1, thread_name_prefix="invocations")
        self._in_worker += 1
        try:
            loop = asyncio.get_running_loop()
            return await loop.run_in_executor(self._worker, self._chain.invoke, body, content_type, accept)
        finally:
            self._in_worker -= 1


def _failure(error: ContainerError) -> tuple[int, bytes, bytes]:
    """Client errors of a predictor keep their status (400 by default); all others are 500 and logged."""
    cause = error.cause
    status = _client_status(cause)
    if status is None:
        print(f"Invocation failed in container {error.container}:", file=sys.stderr)
        traceback.print_exception(cause)
        sys.stderr.flush()
        return 500, b"text/plain", f"{type(cause).__name__}: {cause}".encode()
    print(f"Invocation refused by container {error.container}: {cause}", file=sys.stderr, flush=True)
    return status, b"text/plain", str(cause).encode()


def _client_status(error: Exception) -> int | None:
    """4xx status of an image's ClientError, or None if the fault is the model's own."""
    if not isinstance(error, ClientError):
        return None
    return error.status if 400 <= error.status < 500 else 400


async def _reply(send: _Send, status: int, content_type: bytes, body: bytes) -> None:
    headers = [(b"content-type", content_type), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def _listen(path: Path) -> socket.socket:
    """A listening socket that appears under its name only when it is ready."""
    private_directory(path.parent)  # the end of another server may just have taken it away
    aside = path.with_name(path.name + "~")
    for stale in (aside, path):
        stale.unlink(missing_ok=True)
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    listener.bind(str(aside))
    os.chmod(aside, 0o600)
    listener.listen(1024)
    listener.setblocking(False)
    aside.rename(path)
    return listener


def _uvicorn(application: ModelServer) -> uvicorn.Server:
    import uvicorn  # here: the engine imports this module's neighbours, never uvicorn's server for models

    config = uvicorn.Config(
        application,
        http="httptools",
        loop="uvloop" if _has_uvloop() else "asyncio",
        lifespan="off",
        access_log=False,
        log_level="warning",
        date_header=False,
        server_header=False,
        ws="none",
        proxy_headers=False,
        # The engine closes connections that it no longer wants; a server that closed idle ones first would race
        # with a request on its way.
        timeout_keep_alive=24 * 3600,
    )
    config.load()
    return uvicorn.Server(config)


def _has_uvloop() -> bool:
    try:
        import uvloop  # noqa: F401
    except ImportError:  # not made for every platform
        return False
    return True
