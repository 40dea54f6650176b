"""Bodies of S3 uploads: signed or not, aws-chunked or not, with checksums in headers or trailers."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Callable, Iterator
from concurrent.futures import Executor
from dataclasses import dataclass

from smstudio_ext.engine.errors import AwsError
from smstudio_ext.engine.protocol.http import HttpRequest, SignedBy
from smstudio_ext.engine.store.objects.digests import CHECKSUMS, Digests, is_checksum
from smstudio_ext.engine.store.objects.failures import BadDigest

UNSIGNED_PAYLOAD = "UNSIGNED-PAYLOAD"
_UNSIGNED_TRAILER = "STREAMING-UNSIGNED-PAYLOAD-TRAILER"
_SIGNED = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD"
_SIGNED_TRAILER = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER"
_EMPTY_SHA256 = hashlib.sha256(b"").hexdigest()
_CHECKSUM_HEADERS = {f"x-amz-checksum-{algorithm.lower()}": algorithm for algorithm in CHECKSUMS}
# a chunk's line is its size in hex and a signature of 64 digits; trailers are short too
_MAX_LINE = 4096


@dataclass(frozen=True)
class Verified:
    """What is known of a body that was taken in whole and found right.

    Attributes:
        etag: MD5, hex.
        algorithm: additional checksum that the client asked for, if any.
        checksum: its value, base64.
    """

    size: int
    etag: str
    algorithm: str | None
    checksum: str | None


class Payload:
    """Decodes and verifies one body. `feed` and `finish` are for a worker thread: they hash.

    Args:
        http: the request; its headers say how the body is sent and what it must be.
        compute: algorithm of an additional checksum to compute even when the client sent none.
        of_body: checksum headers are of this body (in CompleteMultipartUpload they are of the object).
        aside: threads for the slowest digest.

    Raises:
        AwsError: headers that contradict each other, in S3's words.
    """

    def __init__(
        self,
        http: HttpRequest,
        compute: str | None = None,
        *,
        of_body: bool = True,
        aside: Executor | None = None,
    ) -> None:
        headers = http.headers
        mode = headers.get("x-amz-content-sha256", UNSIGNED_PAYLOAD)
        chunked = mode.startswith("STREAMING-")
        self.length = _length(headers, chunked)
        self._md5 = _content_md5(headers)
        self._algorithm, self._stated = _stated_checksum(headers) if of_body else (None, None)
        if self._algorithm and compute and self._algorithm != compute:
            raise AwsError(
                f"Checksum Type mismatch occurred, expected checksum Type: {compute.lower()}, "
                f"actual checksum Type: {self._algorithm.lower()}",
                code="InvalidRequest",
                status=400,
            )
        self._algorithm = self._algorithm or compute
        self._digests = Digests([self._algorithm] if self._algorithm else [], aside)
        self._sha256 = None if chunked or mode == UNSIGNED_PAYLOAD else hashlib.sha256()
        self._stated_sha256 = mode.lower()
        self._chunks = _chunks_of(mode, http.signed_by) if chunked else None

    def feed(self, data: bytes) -> Iterator[bytes | memoryview]:
        """The decoded pieces in some bytes of the wire.

        Raises:
            AwsError: a chunk is malformed or its signature is wrong.
        """
        pieces = [data] if self._chunks is None else self._chunks.feed(data)
        for piece in pieces:
            self._digests.update(piece)
            if self._sha256 is not None:
                self._sha256.update(piece)
            if self.length is not None and self._digests.size > self.length:
                raise _incomplete()
            yield piece

    def finish(self) -> Verified:
        """Compares the body with all that was said of it.

        Raises:
            AwsError: IncompleteBody, BadDigest, XAmzContentSHA256Mismatch or a wrong trailer.
        """
        if self._chunks is not None:
            self._take_trailers(self._chunks.finish())
        if self.length is not None and self._digests.size != self.length:
            raise _incomplete()
        if self._sha256 is not None and self._sha256.hexdigest() != self._stated_sha256:
            raise AwsError(
                "The provided 'x-amz-content-sha256' header does not match what was computed.",
                code="XAmzContentSHA256Mismatch",
                status=400,
                ClientComputedContentSHA256=self._stated_sha256,
                S3ComputedContentSHA256=self._sha256.hexdigest(),
            )
        computed_md5 = base64.b64encode(bytes.fromhex(self._digests.etag)).decode()
        if self._md5 is not None and self._md5 != computed_md5:
            raise BadDigest("MD5", self._md5, computed_md5)
        checksum = self._digests.value(self._algorithm) if self._algorithm else None
        if self._algorithm and checksum and self._stated and self._stated != checksum:
            raise BadDigest(self._algorithm, self._stated, checksum)
        return Verified(self._digests.size, self._digests.etag, self._algorithm, checksum)

    def _take_trailers(self, trailers: dict[str, str]) -> None:
        for name, value in trailers.items():
            algorithm = _CHECKSUM_HEADERS.get(name)
            if algorithm is None:
                continue
            if algorithm != self._algorithm or not is_checksum(algorithm, value):
                raise _malformed_trailer()
            self._stated = value
        if self._stated == "":
            raise _malformed_trailer()


async def read_verified(http: HttpRequest, limit: int, *, of_body: bool = True) -> bytes:
    """A small body (XML, JSON) as a whole, decoded and verified."""
    payload = Payload(http, of_body=of_body)
    body = b"".join(payload.feed(await http.read(limit)))
    payload.finish()
    return body


class _Chunks:
    """Splits an aws-chunked body into its data; subclasses check signatures."""

    def __init__(self) -> None:
        self._step: Callable[[], bytes | memoryview | None] = self._header
        self._buffer = bytearray()
        self._left = 0
        self._trailers: dict[str, str] = {}
        self._progress = False

    def feed(self, data: bytes) -> Iterator[bytes]:
        self._buffer += data
        while True:
            self._progress = False
            piece = self._step()
            if piece:
                yield bytes(piece)
            if not self._progress:
                return

    def finish(self) -> dict[str, str]:
        if self._step != self._end:
            # the blank line after the trailers may be missing
            if self._step != self._trailer or self._buffer:
                raise _incomplete()
            self._trailers_done()
        return self._trailers

    # steps: each takes what it can from the buffer and says whether it got on

    def _header(self) -> None:
        line = self._line()
        if line is None:
            return
        size, _, extension = line.partition(b";")
        try:
            self._left = int(size, 16)
        except ValueError:
            raise _incomplete() from None
        if self._left < 0:
            raise _incomplete()
        self.chunk_starts(extension)
        if self._left:
            self._step = self._data
        else:
            self.chunk_ends()
            self._step = self._trailer

    def _data(self) -> bytes | None:
        if not self._buffer:
            return None
        taken = min(self._left, len(self._buffer))
        piece = bytes(memoryview(self._buffer)[:taken])
        del self._buffer[:taken]
        self._left -= taken
        self._progress = True
        self.chunk_data(piece)
        if self._left == 0:
            self.chunk_ends()
            self._step = self._data_end
        return piece

    def _data_end(self) -> None:
        if len(self._buffer) < 2:
            return
        if self._buffer[:2] != b"\r\n":
            raise _incomplete()
        del self._buffer[:2]
        self._progress = True
        self._step = self._header

    def _trailer(self) -> None:
        line = self._line()
        if line is None:
            return
        if not line:
            self._trailers_done()
            return
        name, colon, value = line.partition(b":")
        if not colon or len(self._trailers) > 16:
            raise _malformed_trailer()
        self._trailers[name.decode("latin-1").strip().lower()] = value.decode("latin-1").strip()

    def _trailers_done(self) -> None:
        self.trailers_end(self._trailers)
        self._step = self._end

    def _end(self) -> None:
        if self._buffer:
            raise _incomplete()

    def _line(self) -> bytes | None:
        end = self._buffer.find(b"\n", 0, _MAX_LINE)
        if end < 0:
            if len(self._buffer) >= _MAX_LINE:
                raise _incomplete()
            return None
        line = bytes(self._buffer[:end]).rstrip(b"\r")
        del self._buffer[: end + 1]
        self._progress = True
        return line

    # what a signed body adds

    def chunk_starts(self, extension: bytes) -> None:
        """A chunk with this extension begins."""

    def chunk_data(self, data: bytes) -> None:
        """Bytes of the chunk."""

    def chunk_ends(self) -> None:
        """The chunk was read."""

    def trailers_end(self, trailers: dict[str, str]) -> None:
        """All trailers were read."""


class _SignedChunks(_Chunks):
    """Each chunk is signed on from the one before, the first from the request."""

    def __init__(self, signed_by: SignedBy, signs_trailers: bool) -> None:
        super().__init__()
        self._by = signed_by
        self._previous = signed_by.signature
        self._signs_trailers = signs_trailers
        self._stated = ""
        self._hash = hashlib.sha256()

    def chunk_starts(self, extension: bytes) -> None:
        name, _, value = extension.partition(b"=")
        if name.strip() != b"chunk-signature":
            raise _incomplete()
        self._stated = value.strip().decode("latin-1")
        self._hash = hashlib.sha256()

    def chunk_data(self, data: bytes) -> None:
        self._hash.update(data)

    def chunk_ends(self) -> None:
        self._check(f"AWS4-HMAC-SHA256-PAYLOAD\n{{}}\n{_EMPTY_SHA256}\n{self._hash.hexdigest()}")

    def trailers_end(self, trailers: dict[str, str]) -> None:
        if not self._signs_trailers:
            return
        self._stated = trailers.pop("x-amz-trailer-signature", "")
        text = "".join(f"{name}:{value}\n" for name, value in trailers.items())
        self._check(f"AWS4-HMAC-SHA256-TRAILER\n{{}}\n{hashlib.sha256(text.encode('latin-1')).hexdigest()}")

    def _check(self, form: str) -> None:
        text = form.format(f"{self._by.amz_date}\n{self._by.scope}\n{self._previous}")
        signature = hmac.digest(self._by.key, text.encode(), "sha256").hex()
        if not hmac.compare_digest(signature.encode(), self._stated.encode("latin-1", "replace")):
            raise AwsError(
                "The request signature we calculated does not match the signature you provided. Check your key "
                "and signing method.",
                code="SignatureDoesNotMatch",
                status=403,
            )
        self._previous = signature


def _chunks_of(mode: str, signed_by: SignedBy | None) -> _Chunks:
    if mode == _UNSIGNED_TRAILER:
        return _Chunks()
    if mode in (_SIGNED, _SIGNED_TRAILER) and signed_by is not None and signed_by.key:
        return _SignedChunks(signed_by, mode == _SIGNED_TRAILER)
    raise AwsError(
        f"A body of the kind {mode} is not offered by this engine.", code="NotImplemented", status=501
    )


def _length(headers: dict[str, str], chunked: bool) -> int | None:
    name = "x-amz-decoded-content-length" if chunked else "content-length"
    text = headers.get(name)
    if text is None:
        if not chunked and "transfer-encoding" in headers:
            return None
        if not chunked:
            return 0
        raise AwsError(
            "You must provide the Content-Length HTTP header.", code="MissingContentLength", status=411
        )
    if not text.isdigit():
        raise AwsError(f"Invalid value of {name}: {text}", code="InvalidArgument", status=400)
    return int(text)


def _content_md5(headers: dict[str, str]) -> str | None:
    value = headers.get("content-md5")
    if value is not None and not is_checksum("MD5", value):
        raise AwsError("The Content-MD5 you specified was invalid.", code="InvalidDigest", status=400)
    return value


def _stated_checksum(headers: dict[str, str]) -> tuple[str | None, str | None]:
    """Algorithm and value; the value is empty when it comes in a trailer."""
    found = [(algorithm, headers[name]) for name, algorithm in _CHECKSUM_HEADERS.items() if name in headers]
    trailing = [name.strip().lower() for name in headers.get("x-amz-trailer", "").split(",") if name.strip()]
    found += [(_CHECKSUM_HEADERS[name], "") for name in trailing if name in _CHECKSUM_HEADERS]
    if len(found) > 1:
        raise AwsError(
            "Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.",
            code="InvalidRequest",
            status=400,
        )
    wanted = headers.get("x-amz-sdk-checksum-algorithm", "").upper()
    if not found:
        if wanted and "content-md5" not in headers and wanted != "MD5":
            raise AwsError(
                "x-amz-sdk-checksum-algorithm specified, but no corresponding x-amz-checksum-* or x-amz-trailer "
                "headers were found.",
                code="InvalidRequest",
                status=400,
            )
        return None, None
    algorithm, value = found[0]
    if value and not is_checksum(algorithm, value):
        raise AwsError(
            f"Value for x-amz-checksum-{algorithm.lower()} header is invalid.",
            code="InvalidRequest",
            status=400,
        )
    return algorithm, value


def _incomplete() -> AwsError:
    return AwsError(
        "You did not provide the number of bytes specified by the Content-Length HTTP header",
        code="IncompleteBody",
        status=400,
    )


def _malformed_trailer() -> AwsError:
    return AwsError(
        "The request contained trailing data that was not well-formed or did not conform to our published schema.",
        code="MalformedTrailerError",
        status=400,
    )
