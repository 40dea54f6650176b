"""Bodies of uploads: chunk framing, chunk signatures, trailers and checksums, fed in pieces of any size."""

from __future__ import annotations

import base64
import hashlib
import hmac
import zlib
from collections.abc import AsyncIterator

import pytest

from smstudio_ext.engine.errors import AwsError
from smstudio_ext.engine.protocol.http import HttpRequest, SignedBy
from smstudio_ext.engine.protocol.payload import Payload, Verified, read_verified

SIGNED_BY = SignedBy(b"key", "20260101/us-east-1/s3/aws4_request", "20260101T000000Z", "5eed")
EMPTY = hashlib.sha256(b"").hexdigest()
DATA = bytes(range(256)) * 40
CRC = base64.b64encode(zlib.crc32(DATA).to_bytes(4, "big")).decode()


def request(headers: dict[str, str], body: bytes = b"") -> HttpRequest:
    async def chunks() -> AsyncIterator[bytes]:
        yield body

    return HttpRequest("PUT", "/b/k", "", headers, chunks(), SIGNED_BY)


def run(headers: dict[str, str], body: bytes, step: int = 1 << 20) -> tuple[bytes, Verified]:
    payload = Payload(request(headers))
    decoded = b"".join(
        bytes(piece) for at in range(0, len(body), step) for piece in payload.feed(body[at : at + step])
    )
    return decoded, payload.finish()


def code_of(headers: dict[str, str], body: bytes) -> str:
    with pytest.raises(AwsError) as caught:
        run(headers, body)
    return caught.value.code


def framed(pieces: list[bytes], trailer: bytes = b"") -> bytes:
    chunks = b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in pieces)
    return chunks + b"0\r\n" + trailer + b"\r\n"


def signed(pieces: list[bytes], trailer: str | None = None) -> bytes:
    """The same with chunk signatures, written down from AWS's description of the format."""
    previous = SIGNED_BY.signature
    start = f"{SIGNED_BY.amz_date}\n{SIGNED_BY.scope}\n"
    out = b""
    for piece in [*pieces, b""]:
        digest = hashlib.sha256(piece).hexdigest()
        text = f"AWS4-HMAC-SHA256-PAYLOAD\n{start}{previous}\n{EMPTY}\n{digest}"
        previous = hmac.new(SIGNED_BY.key, text.encode(), "sha256").hexdigest()
        out += b"%x;chunk-signature=%s\r\n" % (len(piece), previous.encode())
        out += piece + b"\r\n" if piece else b""
    if trailer is not None:
        digest = hashlib.sha256(f"{trailer}\n".encode()).hexdigest()
        text = f"AWS4-HMAC-SHA256-TRAILER\n{start}{previous}\n{digest}"
        last = hmac.new(SIGNED_BY.key, text.encode(), "sha256").hexdigest()
        out += f"{trailer}\r\nx-amz-trailer-signature:{last}\r\n".encode()
    return out + b"\r\n"


def streaming(kind: str, length: int = len(DATA), **more: str) -> dict[str, str]:
    named = {name.replace("_", "-"): value for name, value in more.items()}
    return {"x-amz-content-sha256": kind, "x-amz-decoded-content-length": str(length), **named}


PIECES = [DATA[:5000], DATA[5000:5001], DATA[5001:]]


@pytest.mark.parametrize("step", [1, 7, 1 << 20])
def test_unsigned_chunks_with_a_trailer(step: int) -> None:
    headers = streaming("STREAMING-UNSIGNED-PAYLOAD-TRAILER", x_amz_trailer="x-amz-checksum-crc32")
    body = framed(PIECES, f"x-amz-checksum-crc32:{CRC}\r\n".encode())
    decoded, verified = run(headers, body, step)
    assert decoded == DATA
    assert verified == Verified(len(DATA), hashlib.md5(DATA).hexdigest(), "CRC32", CRC)


@pytest.mark.parametrize("step", [1, 7, 1 << 20])
def test_signed_chunks(step: int) -> None:
    assert run(streaming("STREAMING-AWS4-HMAC-SHA256-PAYLOAD"), signed(PIECES), step)[0] == DATA


@pytest.mark.parametrize("step", [1, 1 << 20])
def test_signed_chunks_with_a_signed_trailer(step: int) -> None:
    headers = streaming("STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER", x_amz_trailer="x-amz-checksum-crc32")
    body = signed(PIECES, f"x-amz-checksum-crc32:{CRC}")
    assert run(headers, body, step)[1].checksum == CRC
    forged = body.replace(CRC.encode(), b"AAAAAA==")
    assert code_of(headers, forged) == "SignatureDoesNotMatch"


def test_a_changed_chunk_is_found() -> None:
    body = signed(PIECES)
    headers = streaming("STREAMING-AWS4-HMAC-SHA256-PAYLOAD")
    assert code_of(headers, body.replace(DATA[:100], bytes(100), 1)) == "SignatureDoesNotMatch"
    assert code_of(headers, framed(PIECES)) == "IncompleteBody"


def test_a_wrong_or_missing_trailer_is_found() -> None:
    headers = streaming("STREAMING-UNSIGNED-PAYLOAD-TRAILER", x_amz_trailer="x-amz-checksum-crc32")
    assert code_of(headers, framed(PIECES, b"x-amz-checksum-crc32:AAAAAA==\r\n")) == "BadDigest"
    assert code_of(headers, framed(PIECES, b"x-amz-checksum-crc32:short\r\n")) == "MalformedTrailerError"
    assert code_of(headers, framed(PIECES)) == "MalformedTrailerError"
    assert code_of(headers, framed(PIECES, b"no colon\r\n")) == "MalformedTrailerError"


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"5\r\nab",
        b"zz\r\n",
        b"-5\r\nabcde\r\n0\r\n\r\n",
        b"5\r\nabcdefgh\r\n0\r\n\r\n",
        framed([DATA[:-1]]),
        framed([DATA, b"more"]),
        framed([DATA]) + b"behind the end",
        b"1" * 5000,
    ],
)
def test_broken_framing_is_an_incomplete_body(body: bytes) -> None:
    assert code_of(streaming("STREAMING-UNSIGNED-PAYLOAD-TRAILER"), body) == "IncompleteBody"


def test_plain_bodies() -> None:
    length = {"content-length": str(len(DATA))}
    right = {"x-amz-content-sha256": hashlib.sha256(DATA).hexdigest()}
    assert run({**length, **right}, DATA)[0] == DATA
    assert run({**length, "x-amz-content-sha256": "UNSIGNED-PAYLOAD"}, DATA)[0] == DATA
    assert code_of({**length, "x-amz-content-sha256": EMPTY}, DATA) == "XAmzContentSHA256Mismatch"
    assert code_of(length, DATA[:-1]) == "IncompleteBody"


@pytest.mark.parametrize(
    ("headers", "code"),
    [
        ({"content-md5": "no"}, "InvalidDigest"),
        ({"content-md5": base64.b64encode(bytes(16)).decode()}, "BadDigest"),
        ({"x-amz-checksum-crc32": "no"}, "InvalidRequest"),
        (
            {"x-amz-checksum-crc32": "AAAAAA==", "x-amz-checksum-sha1": base64.b64encode(bytes(20)).decode()},
            "InvalidRequest",
        ),
        ({"x-amz-sdk-checksum-algorithm": "CRC32"}, "InvalidRequest"),
        ({"content-length": "-1"}, "InvalidArgument"),
        ({"x-amz-content-sha256": "STREAMING-UNSIGNED-PAYLOAD-TRAILER"}, "MissingContentLength"),
        (streaming("STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD"), "NotImplemented"),
    ],
)
def test_headers_that_cannot_be(headers: dict[str, str], code: str) -> None:
    assert code_of({"content-length": str(len(DATA)), **headers}, DATA) == code


async def test_small_bodies_are_read_as_a_whole() -> None:
    assert await read_verified(request({"content-length": "5"}, b"hello"), 10) == b"hello"
    with pytest.raises(AwsError, match="limit of 4 bytes"):
        await read_verified(request({"content-length": "5"}, b"hello"), 4)
