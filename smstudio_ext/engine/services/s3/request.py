"""A request to S3: its bucket and key, its operation, and the table of handlers."""

from __future__ import annotations

import asyncio
import ipaddress
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeVar
from urllib.parse import quote_plus, unquote, unquote_to_bytes

from smstudio_ext.engine.context import Call, EngineContext
from smstudio_ext.engine.errors import AwsError
from smstudio_ext.engine.protocol.http import HttpRequest, HttpResponse
from smstudio_ext.engine.store.objects import NoSuchBucket, ObjectStore

Result = TypeVar("Result")

Handler = Callable[["S3Request"], Awaitable[HttpResponse]]

_S3_HOST = re.compile(
    r"(?P<bucket>.+?)\.(?:s3(?:[.-][a-z0-9-]+){0,3}\.amazonaws\.com(?:\.cn)?|(?:s3(?:\.[a-z0-9-]+)?\.)?localhost)"
)


@dataclass
class S3Request:
    """One request.

    Attributes:
        bucket, key: empty when the request names none.
        query: decoded parameters; one without a value is "".
    """

    ctx: EngineContext
    call: Call
    http: HttpRequest
    bucket: str
    key: str
    query: dict[str, str]

    @property
    def objects(self) -> ObjectStore:
        return self.ctx.objects

    def header(self, name: str) -> str | None:
        """A header by its lower-case name."""
        return self.http.headers.get(name)

    async def run(self, work: Callable[[], Result]) -> Result:
        """Does blocking work in one of the store's threads."""
        return await asyncio.get_running_loop().run_in_executor(self.objects.workers, work)


def read_request(ctx: EngineContext, call: Call, http: HttpRequest) -> S3Request:
    """Finds bucket, key and parameters, path-style and virtual-host style.

    Raises:
        AwsError: InvalidURI, the path or a parameter is not UTF-8.
    """
    path = decoded(http.path).removeprefix("/")
    bucket = _virtual_bucket(http.headers.get("host", ""))
    if bucket is None:
        bucket, _, path = path.partition("/")
    query: dict[str, str] = {}
    for pair in http.query.split("&"):
        if pair:
            name, _, value = pair.partition("=")
            query[decoded(name.replace("+", " "))] = decoded(value.replace("+", " "))
    return S3Request(ctx, call, http, bucket, path, query)


def check_owner(request: S3Request) -> None:
    """The bucket must belong to the account that the client expects, if it says one.

    Raises:
        AwsError: AccessDenied.
    """
    for name in ("x-amz-expected-bucket-owner", "x-amz-source-expected-bucket-owner"):
        owner = request.header(name)
        if owner is not None and owner != request.call.account:
            raise AwsError("Access Denied", code="AccessDenied", status=403)


def not_offered(what: str) -> AwsError:
    """The error for a part of S3 that this engine does not have."""
    return AwsError(f"{what} is not offered by this engine's S3.", code="NotImplemented", status=501)


def invalid_argument(name: str, value: str, message: str) -> AwsError:
    """S3's error for a parameter or header with a bad value."""
    return AwsError(message, code="InvalidArgument", status=400, ArgumentName=name, ArgumentValue=value)


def method_not_allowed(request: S3Request) -> AwsError:
    """S3's error for a method that the resource does not have."""
    return AwsError(
        "The specified method is not allowed against this resource.",
        code="MethodNotAllowed",
        status=405,
        Method=request.http.method,
    )


def number(request: S3Request, name: str, default: int, low: int, high: int) -> int:
    """An integer parameter.

    Raises:
        AwsError: InvalidArgument.
    """
    text = request.query.get(name)
    if text is None or text == "":
        return default
    if not re.fullmatch(r"-?\d{1,18}", text):
        raise invalid_argument(name, text, f"Provided {name} not an integer or within integer range")
    value = int(text)
    if value < low or value > high:
        raise invalid_argument(name, text, f"Argument {name} must be an integer between {low} and {high}")
    return value


def url_encoded(request: S3Request, text: str) -> str:
    """A key as `encoding-type` wants it."""
    return quote_plus(text, safe="/*-._~") if request.query.get("encoding-type") == "url" else text


def require_bucket(request: S3Request) -> None:
    """The bucket must exist.

    Raises:
        NoSuchBucket: it does not.
    """
    if request.objects.bucket(request.bucket) is None:
        raise NoSuchBucket(request.bucket)


def _virtual_bucket(host: str) -> str | None:
    name = host.lower()
    if name.count(":") == 1:
        name = name.partition(":")[0]
    try:
        ipaddress.ip_address(name.strip("[]"))
    except ValueError:
        match = _S3_HOST.fullmatch(name)
        return None if match is None or match["bucket"] == "s3" else match["bucket"]
    return None


def decoded(text: str) -> str:
    """Percent-decoded text.

    Raises:
        AwsError: InvalidURI, it is not UTF-8.
    """
    try:
        return unquote_to_bytes(text).decode("utf-8")
    except UnicodeDecodeError:
        raise AwsError(
            "Couldn't parse the specified URI.", code="InvalidURI", status=400, URI=unquote(text)
        ) from None
