"""A gate in front of moto's server: counts the calls that pass, and answers some of them itself, as AWS does in trouble."""

from __future__ import annotations

import io
import json
import logging
import re
import threading
import uuid
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs
from xml.sax.saxutils import escape

_ACTION_IN_PATH = re.compile(r"/operation/(\w+)$")
_RUNTIME = (
    ("/async-invocations", "InvokeEndpointAsync"),
    ("/invocations", "InvokeEndpoint"),
    ("/BatchGetMetrics", "BatchGetMetrics"),
    ("/BatchPutMetrics", "BatchPutMetrics"),
)
_READS = ("Describe", "List", "Get", "Search", "BatchGet", "Query", "Head", "Invoke", "AssumeRole")


@dataclass(frozen=True)
class Call:
    """One request that reached the gate.

    Attributes:
        action: as IAM writes it, e.g. `sagemaker:ListModels` (S3's by operation, e.g. `s3:ListObjectsV2`).
        answered: who answered, `moto` or `gate`.
        status: of the answer.
    """

    action: str
    answered: str
    status: int

    @property
    def reads(self) -> bool:
        """Whether the call changes nothing."""
        return self.action.partition(":")[2].startswith(_READS)

    @property
    def accepted(self) -> bool:
        """Whether it was carried out."""
        return self.status < 400


@dataclass(frozen=True)
class Request:
    """What the gate knows of a request before it passes."""

    action: str
    wire: str
    body: bytes
    path: str

    @property
    def document(self) -> dict[str, Any]:
        """The members of a JSON body."""
        try:
            found: dict[str, Any] = json.loads(self.body or b"{}")
        except ValueError:
            return {}
        return found


@dataclass(frozen=True)
class Reply:
    """An answer of the gate's own."""

    status: int
    body: bytes
    headers: tuple[tuple[str, str], ...] = ()


Rule = Callable[[Request], Reply | None]
"""Answers a request, or lets it pass."""


class Gate:
    """A WSGI application around moto's, served on a port of its own.

    Attributes:
        stand_ins: answers of operations that moto lacks, by action; used when no rule answered.
    """

    def __init__(self, stand_ins: dict[str, Rule] | None = None) -> None:
        from moto.moto_server.werkzeug_app import (
            DomainDispatcherApplication,
            MotoRequestHandler,
            create_backend_app,
        )
        from werkzeug.serving import make_server

        logging.getLogger("werkzeug").setLevel(logging.CRITICAL)
        self.stand_ins = stand_ins or {}
        self._moto = DomainDispatcherApplication(create_backend_app)
        self._calls: list[Call] = []
        self._lock = threading.Lock()
        self._rule: Rule | None = None
        self._delay: Callable[[], None] | None = None
        self._server = make_server("127.0.0.1", 0, self._serve, True, request_handler=MotoRequestHandler)
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self._server.server_port}"

    def close(self) -> None:
        """Ends it; its port refuses connections from now on."""
        self._server.shutdown()
        self._server.server_close()

    @contextmanager
    def counting(self) -> Iterator[list[Call]]:
        """Collects the calls of a while."""
        with self._lock:
            begin = len(self._calls)
        found: list[Call] = []
        try:
            yield found
        finally:
            with self._lock:
                found += self._calls[begin:]

    @contextmanager
    def answering(self, rule: Rule, *, delay: Callable[[], None] | None = None) -> Iterator[None]:
        """Lets a rule answer first for a while.

        Args:
            delay: called for every request before anything else.
        """
        self._rule, self._delay = rule, delay
        try:
            yield
        finally:
            self._rule = self._delay = None

    def _serve(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        delay, rule = self._delay, self._rule
        if delay is not None:
            delay()
        request = _request(environ)
        reply = rule(request) if rule is not None else None
        if reply is None and request.action in self.stand_ins:
            reply = self.stand_ins[request.action](request)
        if reply is not None:
            self._note(request.action, "gate", reply.status)
            start_response(f"{reply.status} gate", [*reply.headers, ("Content-Length", str(len(reply.body)))])
            return [reply.body]
        environ["wsgi.input"] = io.BytesIO(request.body)
        environ.pop("HTTP_TRANSFER_ENCODING", None)
        environ["CONTENT_LENGTH"] = str(len(request.body))

        def noting(status: str, headers: Any, error: Any = None) -> Any:
            self._note(request.action, "moto", int(status.split(" ", 1)[0]))
            return start_response(status, headers, error)

        answer: Iterable[bytes] = self._moto(environ, noting)
        return answer

    def _note(self, action: str, answered: str, status: int) -> None:
        with self._lock:
            self._calls.append(Call(action, answered, status))


def error_reply(request: Request, status: int, code: str, message: str) -> Reply:
    """An error in the form of the request's wire."""
    number = str(uuid.uuid4())
    if request.wire == "xml":
        text = (
            f'<?xml version="1.0" encoding="UTF-8"?><Error><Code>{code}</Code><Message>{escape(message)}</Message>'
            f"<RequestId>{number}</RequestId></Error>"
        )
        return Reply(
            status, text.encode(), (("Content-Type", "application/xml"), ("x-amz-request-id", number))
        )
    if request.wire == "query":
        text = (
            f"<ErrorResponse><Error><Type>Sender</Type><Code>{code}</Code><Message>{escape(message)}</Message></Error>"
            f"<RequestId>{number}</RequestId></ErrorResponse>"
        )
        return Reply(status, text.encode(), (("Content-Type", "text/xml"),))
    body = json.dumps({"__type": code, "message": message, "Message": message}).encode()
    headers = (
        ("Content-Type", "application/x-amz-json-1.1"),
        ("x-amzn-RequestId", number),
        ("x-amzn-ErrorType", code),
    )
    return Reply(status, body, headers)


def _request(environ: dict[str, Any]) -> Request:
    body = _body(environ)
    path = str(environ.get("PATH_INFO", ""))
    action, wire = _action(environ, path, body)
    return Request(action, wire, body, path)


def _body(environ: dict[str, Any]) -> bytes:
    stream = environ["wsgi.input"]
    length = environ.get("CONTENT_LENGTH")
    if length:
        return bytes(stream.read(int(length)))
    return bytes(stream.read()) if "chunked" in environ.get("HTTP_TRANSFER_ENCODING", "") else b""


def _action(environ: dict[str, Any], path: str, body: bytes) -> tuple[str, str]:
    """The action and the form of its answers."""
    service = _service(environ)
    target = environ.get("HTTP_X_AMZ_TARGET")
    if target:
        return f"{service}:{target.rpartition('.')[2]}", "json"
    if named := _ACTION_IN_PATH.search(path):
        return f"{service}:{named[1]}", "json"
    if service == "sagemaker":
        return f"sagemaker:{next((name for end, name in _RUNTIME if path.endswith(end)), path)}", "json"
    if service == "s3":
        return f"s3:{_s3_operation(environ, path)}", "xml"
    if service == "emr-serverless":
        return f"emr-serverless:{'ListApplications' if path == '/applications' else path}", "json"
    form = parse_qs(body.decode("utf-8", "replace"))
    return f"{service}:{form.get('Action', ['?'])[0]}", "query"


def _service(environ: dict[str, Any]) -> str:
    """The service of the signature: `Credential=key/date/region/SERVICE/aws4_request`."""
    found = re.search(r"Credential=[^/]+/\d+/[^/]*/([\w-]+)/", environ.get("HTTP_AUTHORIZATION", ""))
    service = found[1] if found else "s3"
    return {"monitoring": "cloudwatch", "elasticmapreduce": "emr"}.get(service, service)


def _s3_operation(environ: dict[str, Any], path: str) -> str:
    """The operation of a path-style S3 request, as far as the pages use them."""
    method, query = (
        environ["REQUEST_METHOD"],
        parse_qs(environ.get("QUERY_STRING", ""), keep_blank_values=True),
    )
    bucket, _, key = path.strip("/").partition("/")
    if not bucket:
        return "ListBuckets"
    if not key:
        found = {"HEAD": "HeadBucket", "PUT": "CreateBucket", "DELETE": "DeleteBucket"}.get(method)
        if method == "POST" and "delete" in query:
            return "DeleteObjects"
        return found or ("ListObjectsV2" if "list-type" in query else f"GetBucket{''.join(query)}")
    named = {"HEAD": "HeadObject", "PUT": "PutObject", "DELETE": "DeleteObject", "GET": "GetObject"}
    return named.get(method, "CreateMultipartUpload")
