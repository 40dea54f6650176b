"""Runs one engine in this process: lock, credentials, socket, parts, HTTP server."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import logging
import os
import secrets
import signal
import socket
import string
from collections.abc import Coroutine, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from smstudio_ext._version import __version__
from smstudio_ext.engine.server.lifecycle import (
    ENGINE_FILE,
    EngineError,
    EngineHeld,
    EngineInfo,
    as_json,
    hold,
    write_engine_file,
)
from smstudio_ext.engine.server.notebook_limits import leave_notebook_limits

if TYPE_CHECKING:
    from smstudio_ext.engine.context import EngineContext

log = logging.getLogger("smstudio_ext.engine")


def main() -> None:
    """Entry of `python -m smstudio_ext.engine.server`."""
    parser = argparse.ArgumentParser(
        prog="python -m smstudio_ext.engine.server", description="Runs the embedded engine."
    )
    parser.add_argument("--data", type=Path, required=True, help="data directory")
    parser.add_argument("--port", type=int, default=0, help="port on 127.0.0.1; a free one by default")
    parser.add_argument("--ready-fd", type=int, default=None, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    leave_notebook_limits()
    serve(arguments.data.expanduser().absolute(), arguments.port, arguments.ready_fd)


def serve(data_dir: Path, port: int, ready_fd: int | None = None) -> None:
    """Runs the engine until SIGTERM or SIGINT.

    Args:
        ready_fd: descriptor that gets one line of JSON when the engine answers, or why it does not.
    """
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    try:
        with _data_directory(data_dir):
            _run(data_dir, port, ready_fd)
    except EngineError as error:
        if ready_fd is None:
            raise SystemExit(f"smstudio engine: {error}") from error
        log.error("%s", error)
        _tell(ready_fd, {"error": str(error), "held": isinstance(error, EngineHeld)})
        raise SystemExit(1) from error


@contextlib.contextmanager
def _data_directory(directory: Path) -> Iterator[None]:
    with contextlib.ExitStack() as stack:
        try:
            directory.mkdir(parents=True, exist_ok=True)
            stack.enter_context(hold(directory))
        except OSError as error:
            raise EngineError(
                f"The data directory {directory} cannot be written: {error.strerror}."
            ) from error
        yield


def _run(data_dir: Path, port: int, ready_fd: int | None) -> None:
    listener = _listen(port)
    access_key, secret_key = _credentials(data_dir)

    from smstudio_ext.engine.server.offered import import_services
    from smstudio_ext.engine.server.wiring import build_context
    from smstudio_ext.engine.settings import DEFAULT_REGION, Settings
    from smstudio_ext.engine.store import StoreVersionError

    import_services()
    host, bound = listener.getsockname()[:2]
    settings = Settings(data_dir, host=host, port=bound, access_key=access_key, secret_key=secret_key)
    try:
        context = build_context(settings)
    except (StoreVersionError, OSError) as error:
        raise EngineError(str(error)) from error
    context.url = f"http://{host}:{bound}"
    info = EngineInfo(context.url, access_key, secret_key, DEFAULT_REGION, os.getpid(), __version__)
    _run_loop(_serve(context, listener, info, data_dir, ready_fd))


def _run_loop(main: Coroutine[Any, Any, None]) -> None:
    """Runs the engine's event loop: uvloop halves the time of an invocation; not every platform has it."""
    try:
        from uvloop import run
    except ImportError:
        asyncio.run(main)
    else:
        run(main)


async def _serve(
    context: EngineContext, listener: socket.socket, info: EngineInfo, data_dir: Path, ready_fd: int | None
) -> None:
    import uvicorn

    from smstudio_ext.engine.hosting.async_queue import open_hosting
    from smstudio_ext.engine.server.app import Door
    from smstudio_ext.engine.server.quick import quick_protocol
    from smstudio_ext.engine.server.wiring import start_parts, stop_parts

    door = Door(context)
    door.open()
    config = uvicorn.Config(
        door,
        http=quick_protocol(door),
        lifespan="off",
        access_log=False,
        log_config=None,
        server_header=False,
        proxy_headers=False,  # nobody stands before it, and looking for them costs every request
        timeout_keep_alive=75,
        timeout_graceful_shutdown=3,
    )
    server = uvicorn.Server(config)
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    server.install_signal_handlers = lambda: None  # type: ignore[attr-defined]
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    config.load()
    server.lifespan = config.lifespan_class(config)
    await server.startup(sockets=[listener])
    start_parts(context)
    await open_hosting(context)
    write_engine_file(data_dir, as_json(info))
    if ready_fd is not None:
        _tell(ready_fd, as_json(info))
    log.info("engine %s answers at %s (data in %s)", info.version, info.url, data_dir)
    ticker = asyncio.create_task(server.main_loop())
    await stop.wait()
    log.info("engine stops")
    door.release()
    server.should_exit = True
    await ticker
    await server.shutdown(sockets=[listener])
    door.close()
    await asyncio.to_thread(stop_parts, context)


def _listen(port: int) -> socket.socket:
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    # accepted connections inherit it: head and body go out in two writes, which must not wait for an ACK (40 ms)
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    try:
        listener.bind(("127.0.0.1", port))
    except (OSError, OverflowError) as error:
        listener.close()
        raise EngineError(
            f"Port {port} on 127.0.0.1 cannot be used: {getattr(error, 'strerror', None) or error}. "
            "Choose another with --port, or leave it out to take a free one."
        ) from error
    listener.listen(2048)
    listener.setblocking(False)
    return listener


def _credentials(data_dir: Path) -> tuple[str, str]:
    """The credentials made for a data directory; new ones at its first start."""
    try:
        content = json.loads((data_dir / ENGINE_FILE).read_text())
        return str(content["access_key"]), str(content["secret_key"])
    except (OSError, ValueError, KeyError):
        pass
    alphabet = string.ascii_uppercase + "234567"
    access_key = "AKIA" + "".join(secrets.choice(alphabet) for _ in range(16))
    secret_key = secrets.token_urlsafe(30)
    write_engine_file(data_dir, {"access_key": access_key, "secret_key": secret_key})
    return access_key, secret_key


def _tell(descriptor: int, message: dict[str, object]) -> None:
    with contextlib.suppress(OSError), os.fdopen(descriptor, "w") as pipe:
        pipe.write(json.dumps(message) + "\n")


if __name__ == "__main__":
    main()
