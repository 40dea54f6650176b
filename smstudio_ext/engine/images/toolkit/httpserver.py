"""A small HTTP/1.1 server on a unix domain socket for one model: `/ping`, `/invocations`, `/execution-parameters`.

It speaks with the engine's model server alone (bodies with Content-Length, connections that are kept), so it needs nothing
but the standard library: the user's environment may have any web framework in any version, or none.
"""

from __future__ import annotations

import contextlib
import json
import os
import socket
import threading
from collections.abc import Mapping
from http import HTTPStatus
from pathlib import Path
from typing import BinaryIO, Protocol, cast

from smstudio_ext.engine.images.toolkit.handlers import Answer

_LONGEST_LINE = 65536


class Model(Protocol):
    """What the server asks."""

    def answer(self, body: bytes, headers: Mapping[str, str]) -> Answer:
        """Answers POST /invocations."""
        ...


class ModelServer:
    """Serves one model; requests are answered one at a time, health checks at once.

    Args:
        model: what answers.
        execution_parameters: body of GET /execution-parameters, or None for 404.
    """

    def __init__(self, model: Model, execution_parameters: str | None = None) -> None:
        self._model = model
        self._parameters = execution_parameters
        self._one = threading.Lock()

    def serve(self, listener: socket.socket) -> None:
        """Accepts connections until the process ends."""
        while True:
            connection, _ = listener.accept()
            threading.Thread(target=self._converse, args=(connection,), daemon=True).start()

    def _converse(self, connection: socket.socket) -> None:
        with (
            contextlib.suppress(OSError, ValueError),
            connection,
            connection.makefile("rb", 1 << 16) as stream,
        ):
            while True:
                request = _read_request(cast(BinaryIO, stream))
                if request is None:
                    return
                answer = self._answer(*request)
                head = (
                    f"HTTP/1.1 {answer.status} {_phrase(answer.status)}\r\nContent-Type: {answer.content_type}\r\n"
                    f"Content-Length: {len(answer.body)}\r\n\r\n"
                )
                connection.sendall(head.encode("latin-1", "replace") + answer.body)

    def _answer(self, method: str, path: str, headers: dict[str, str], body: bytes) -> Answer:
        path = path.partition("?")[0]
        if path == "/ping" and method == "GET":
            return Answer(200, "application/json", b"")
        if path == "/invocations" and method == "POST":
            with self._one:
                return self._model.answer(body, headers)
        if path == "/execution-parameters" and method == "GET" and self._parameters is not None:
            return Answer(200, "application/json", self._parameters.encode())
        return Answer(404, "text/plain", b"Not found")


def listen(path: Path) -> socket.socket:
    """A listening socket that appears under its name when it is ready."""
    aside = path.with_name(path.name + "~")
    for stale in (aside, path):
        stale.unlink(missing_ok=True)
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    listener.bind(str(aside))
    os.chmod(aside, 0o600)
    listener.listen(1024)
    aside.rename(path)
    return listener


def execution_parameters(function: object) -> str | None:
    """The text that a user's `execution_parameters_fn` gives."""
    if not callable(function):
        return None
    value = function()
    return value if isinstance(value, str) else json.dumps(value)


def _read_request(stream: BinaryIO) -> tuple[str, str, dict[str, str], bytes] | None:
    """The next request, or None at the end of the connection.

    Raises:
        ValueError: it is no request.
    """
    line = stream.readline(_LONGEST_LINE)
    if not line:
        return None
    method, path, _ = line.decode("latin-1").split(" ", 2)
    headers: dict[str, str] = {}
    while (line := stream.readline(_LONGEST_LINE)) not in (b"\r\n", b"\n", b""):
        name, _, value = line.decode("latin-1").partition(":")
        headers[name.strip().lower()] = value.strip()
    length = int(headers.get("content-length") or 0)
    body = stream.read(length) if length else b""
    if len(body) < length:
        return None
    return method, path, headers, body


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Status"
