"""S3 below boto3: bodies and paths that no well-behaved client sends, signed by hand."""

from __future__ import annotations

import http.client
import socket
import uuid
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
from botocore.auth import S3SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from tests.conftest import eventually

if TYPE_CHECKING:
    from tests.conftest import RunningEngine

MIB = 1 << 20
UNSIGNED = {"x-amz-content-sha256": "UNSIGNED-PAYLOAD"}


class Unsigned(S3SigV4Auth):  # type: ignore[misc]
    """Signs the head of a request and leaves the body open."""

    def payload(self, _request: AWSRequest) -> str:
        return "UNSIGNED-PAYLOAD"


class Wire:
    """One connection that sends exactly what it is told, with a valid signature."""

    def __init__(self, engine: RunningEngine) -> None:
        self.url = engine.url
        self.host = engine.url.partition("://")[2]
        self._credentials = Credentials(engine.info.access_key, engine.info.secret_key)
        self.connection = http.client.HTTPConnection(self.host, timeout=120)

    def signed(self, method: str, path: str, headers: dict[str, str]) -> dict[str, str]:
        request = AWSRequest(method, self.url + path, headers={**headers, "host": self.host})
        Unsigned(self._credentials, "s3", "us-east-1").add_auth(request)
        signed = dict(request.headers.items())
        return {name: value for name, value in signed.items() if name.lower() != "host"}

    def call(
        self, method: str, path: str, body: bytes = b"", headers: dict[str, str] | None = None
    ) -> tuple[int, str]:
        signed = self.signed(method, path, {**UNSIGNED, **(headers or {})})
        self.connection.request(method, path, body, signed)
        response = self.connection.getresponse()
        return response.status, response.read().decode()


@pytest.fixture
def wire(engine: RunningEngine) -> Iterator[Wire]:
    wire = Wire(engine)
    yield wire
    wire.connection.close()


@pytest.fixture
def bucket(engine: RunningEngine) -> str:
    name = f"wire-{uuid.uuid4().hex[:12]}"
    engine.client("s3").create_bucket(Bucket=name)
    return name


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<Delete>",
        b"<Other/>",
        b"<Delete><Object></Object></Delete>",
        b"\xff\xfe\x00",
        b'<?xml version="1.0" encoding="no-such"?><Delete/>',
        b'<!DOCTYPE Delete [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><Delete><Object><Key>&b;</Key></Object></Delete>',
        b'<!DOCTYPE d SYSTEM "file:///etc/passwd"><Delete><Object><Key>x</Key></Object></Delete>',
        b"<Delete>" + b"<a>" * 5000 + b"</a>" * 5000 + b"</Delete>",
    ],
)
def test_xml_that_is_none(wire: Wire, bucket: str, body: bytes) -> None:
    status, answer = wire.call("POST", f"/{bucket}?delete", body)
    assert (status, "<Code>MalformedXML</Code>" in answer) == (400, True)


def test_xml_that_is_too_large(wire: Wire, bucket: str) -> None:
    status, _ = wire.call("POST", f"/{bucket}?delete", b"x" * (5 * MIB))
    assert status == 413


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("PUT", "/", 405, "MethodNotAllowed"),
        ("PATCH", "/{bucket}/k", 405, "MethodNotAllowed"),
        ("POST", "/{bucket}", 501, "NotImplemented"),
        ("GET", "/{bucket}/k%FF", 400, "InvalidURI"),
        ("GET", "/{bucket}?max-keys=ten", 400, "InvalidArgument"),
        ("GET", "/{bucket}?list-type=2&encoding-type=base64", 400, "InvalidArgument"),
        ("GET", "/{bucket}/k?torrent", 501, "NotImplemented"),
        ("PUT", "/{bucket}/k?partNumber=0&uploadId=x", 400, "InvalidArgument"),
        ("GET", "/{bucket}/", 200, "ListBucketResult"),
    ],
)
def test_odd_requests(wire: Wire, bucket: str, method: str, path: str, status: int, code: str) -> None:
    found, answer = wire.call(method, path.format(bucket=bucket))
    assert (found, code in answer) == (status, True), answer


@pytest.mark.parametrize(
    ("headers", "code"),
    [
        ({"x-amz-copy-source": "no-slash"}, "InvalidArgument"),
        ({"x-amz-storage-class": "CHEAP"}, "InvalidStorageClass"),
        ({"x-amz-meta-big": "x" * 3000}, "MetadataTooLarge"),
        ({"x-amz-tagging": "a=1&a=2"}, "InvalidTag"),
        ({"x-amz-acl": "public-read"}, "AccessControlListNotSupported"),
        ({"content-length": "5368709121", "expect": "100-continue"}, "EntityTooLarge"),
    ],
)
def test_odd_headers_of_a_put(wire: Wire, bucket: str, headers: dict[str, str], code: str) -> None:
    status, answer = wire.call("PUT", f"/{bucket}/k", b"", headers)
    assert (status, f"<Code>{code}</Code>" in answer) == (400, True), answer
    assert wire.call("HEAD", f"/{bucket}/k")[0] == 404


def test_transfer_encoding_chunked_without_a_length(wire: Wire, bucket: str) -> None:
    path = f"/{bucket}/chunked"
    headers = {**wire.signed("PUT", path, UNSIGNED), "Transfer-Encoding": "chunked"}
    wire.connection.request("PUT", path, iter([b"one", b"two"]), headers, encode_chunked=True)
    response = wire.connection.getresponse()
    response.read()
    assert response.status == 200
    assert wire.call("GET", path) == (200, "onetwo")


def test_a_client_that_goes_away_leaves_nothing(engine: RunningEngine, wire: Wire, bucket: str) -> None:
    engine.client("s3").put_object(Bucket=bucket, Key="k", Body=b"before")
    aside = engine.data_dir / "blobs" / "aside"
    headers = wire.signed("PUT", f"/{bucket}/k", {**UNSIGNED, "content-length": str(50 * MIB)})
    host, _, port = wire.host.partition(":")
    with socket.create_connection((host, int(port))) as raw:
        head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        raw.sendall(f"PUT /{bucket}/k HTTP/1.1\r\nHost: {wire.host}\r\n{head}\r\n".encode())
        raw.sendall(bytes(8 * MIB))
        eventually(lambda: bool(list(aside.iterdir())))
    eventually(lambda: not list(aside.iterdir()))
    assert wire.call("GET", f"/{bucket}/k") == (200, "before")


def test_a_connection_survives_refused_uploads(wire: Wire, bucket: str) -> None:
    for _ in range(3):
        assert wire.call("PUT", "/no-such-bucket-here/k", b"x" * 100_000)[0] == 404
        assert wire.call("PUT", f"/{bucket}/k", b"fine")[0] == 200
