"""The quick way for InvokeEndpoint: from the bytes of the request to the model server without ASGI, task or coroutine.

A request that is whole in one piece, well signed and for an endpoint whose route is at hand goes this way; every other
one goes through uvicorn and the front door, which answer it the same.
"""

from __future__ import annotations

import asyncio
import hashlib
import uuid
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from smstudio_ext.engine.errors import AwsError
from smstudio_ext.engine.hosting.invocations import Answer, Invocation, router
from smstudio_ext.engine.protocol import sigv4
from smstudio_ext.engine.protocol.error_wire import error_response
from smstudio_ext.engine.protocol.http import HttpRequest, HttpResponse
from smstudio_ext.engine.server.hosts import is_ours
from smstudio_ext.engine.services.sagemaker_runtime import invocation_of, response_of

if TYPE_CHECKING:
    from smstudio_ext.engine.server.app import Door

_START = b"POST /endpoints/"
_END = "/invocations"
_LARGEST = 256 * 1024
_SPECIAL = (
    "transfer-encoding",
    "expect",
    "upgrade",
    "x-amzn-sagemaker-target-model",
    "x-amzn-sagemaker-target-container-hostname",
    "x-amzn-sagemaker-inference-component",
    "x-amzn-sagemaker-enable-explanations",
    "x-amzn-sagemaker-prefix-aware-id",
    "x-amzn-sagemaker-session-id",
)
_REASONS = {200: b"OK", 400: b"Bad Request", 424: b"Failed Dependency", 503: b"Service Unavailable"}


class QuickProtocol(HttpToolsProtocol):
    """uvicorn's protocol with the quick way before it."""

    door: Door

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._busy = False  # a request is on the quick way
        self._held = b""  # what came in meanwhile
        self._parsing = False  # uvicorn's parser is in the middle of a request
        self._closing = False
        self._request_id = str(uuid.uuid4())  # of the next answer; it is made while nobody waits

    def data_received(self, data: bytes) -> None:
        """Takes bytes from the client."""
        if self._busy:
            self._held += data
            self.transport.pause_reading()
            return
        if not self._between():
            super().data_received(data)
            return
        if not (data.startswith(_START) and self._quick(data)):
            super().data_received(data)

    def on_message_begin(self) -> None:
        """uvicorn's parser has seen the first byte of a request."""
        self._parsing = True
        super().on_message_begin()

    def on_message_complete(self) -> None:
        """uvicorn's parser has seen the last byte of a request."""
        self._parsing = False
        super().on_message_complete()

    def shutdown(self) -> None:
        """The engine stops: a request under way is still answered."""
        if self._busy:
            self._closing = True
        else:
            super().shutdown()

    def connection_lost(self, exc: Exception | None) -> None:
        """The client is gone."""
        self._closing = True
        super().connection_lost(exc)

    def _between(self) -> bool:
        """Whether no request is under way, so that these bytes begin one."""
        idle = self.cycle is None or self.cycle.response_complete
        return idle and not self._parsing and not self.pipeline

    def _quick(self, data: bytes) -> bool:
        """Sends the request on if it is of the usual kind; False: nothing was done."""
        end = data.find(b"\r\n\r\n")
        if end < 0 or len(data) > _LARGEST:
            return False
        parsed = _parse(data, end)
        if parsed is None:
            return False
        http, body = parsed
        invocation = self._admitted(http, body)
        if invocation is None:
            return False
        if not router(self.door.context).send_plain(
            invocation, lambda answer: self._done(answer, invocation)
        ):
            return False
        if not self._closing:
            self._busy = True
        self._unset_keepalive_if_required()
        return True

    def _admitted(self, http: HttpRequest, body: bytes) -> Invocation | None:
        """The invocation of a well signed request."""
        if not is_ours(http.headers.get("host", "")):
            return None
        try:
            authorization = sigv4.read_authorization(http)
            if authorization.service != "sagemaker":
                return None
            door = self.door
            sigv4.verify(
                http,
                authorization,
                door.identities.find,
                door.context.clock.now(),
                lambda: hashlib.sha256(body).hexdigest(),
            )
        except sigv4.SignatureProblem:
            return None  # the front door words it
        stated = http.headers.get("x-amz-content-sha256")
        if stated is not None and stated != hashlib.sha256(body).hexdigest():
            return None
        name = http.path[len("/endpoints/") : -len(_END)]
        if not name.replace("-", "").isalnum():
            return None
        return invocation_of(authorization.region, name, http.headers, body)

    def _done(self, answer: Answer | AwsError | None, invocation: Invocation) -> None:
        if answer is None:  # the server was just gone: once more, with patience
            task = self.loop.create_task(self._again(invocation))
            self.tasks.add(task)
            task.add_done_callback(self.tasks.discard)
            return
        request_id = self._request_id
        if isinstance(answer, AwsError):
            response = error_response(answer, "rest-json", request_id)
        else:
            response = response_of(answer)
        self._write(response, request_id)

    async def _again(self, invocation: Invocation) -> None:
        answer: Answer | AwsError
        try:
            answer = await router(self.door.context).invoke(invocation)
        except AwsError as error:
            answer = error
        self._done(answer, invocation)

    def _write(self, response: HttpResponse, request_id: str) -> None:
        self._busy = False
        transport = self.transport
        if transport.is_closing():
            return
        body = response.body
        assert isinstance(body, bytes)
        lines = [f"{name}: {value}\r\n" for name, value in response.headers]
        head = "".join(lines).encode("latin-1", "replace")
        status = response.status
        transport.write(
            b"HTTP/1.1 %d %s\r\n%bx-amzn-requestid: %b\r\ncontent-length: %d\r\n%b\r\n%b"
            % (
                status,
                _REASONS.get(status, b"Error"),
                head,
                request_id.encode(),
                len(body),
                b"connection: close\r\n" if self._closing else b"",
                body,
            )
        )
        self.server_state.total_requests += 1
        if self._closing:
            transport.close()
            return
        self.loop.call_soon(self._prepare)  # once the answer is on its way
        if self._held:
            held, self._held = self._held, b""
            transport.resume_reading()
            self.data_received(held)

    def _prepare(self) -> None:
        """What can be done before the next request."""
        self._request_id = str(uuid.uuid4())
        if self._busy or self.transport.is_closing() or not self._between():
            return
        self._unset_keepalive_if_required()
        self.timeout_keep_alive_task = self.loop.call_later(
            self.timeout_keep_alive, self.timeout_keep_alive_handler
        )


def quick_protocol(door: Door) -> type[asyncio.Protocol]:
    """The protocol class of a front door."""
    return type("DoorProtocol", (QuickProtocol,), {"door": door})


def _parse(data: bytes, end: int) -> tuple[HttpRequest, bytes] | None:
    """A whole request of the usual kind; None for any other."""
    try:
        lines = data[:end].decode("ascii").split("\r\n")
    except UnicodeDecodeError:
        return None
    method, _, rest = lines[0].partition(" ")
    path, _, version = rest.partition(" ")
    if version != "HTTP/1.1" or not path.endswith(_END) or "?" in path or "%" in path:
        return None
    headers: dict[str, str] = {}
    for line in lines[1:]:
        name, colon, value = line.partition(":")
        name = name.lower()
        if (
            not colon
            or name in headers
            or not name.replace("-", "").isalnum()
            or "\n" in value
            or "\r" in value
        ):
            return None
        headers[name] = value.strip()
    for name in _SPECIAL:
        if name in headers:
            return None
    if headers.get("connection", "keep-alive").lower() != "keep-alive":
        return None
    length = headers.get("content-length", "")
    if not length.isdigit() or len(data) != end + 4 + int(length):
        return None
    return HttpRequest(method, path, "", headers, _nothing()), data[end + 4 :]


async def _nothing() -> AsyncIterator[bytes]:
    """A body that is read already."""
    none: tuple[bytes, ...] = ()
    for chunk in none:
        yield chunk
