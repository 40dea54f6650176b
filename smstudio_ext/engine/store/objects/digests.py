"""MD5, SHA and CRC digests of bodies as S3 writes them, and CRCs of objects made of parts."""

from __future__ import annotations

import base64
import hashlib
import zlib
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Executor, Future
from typing import Protocol

CHECKSUMS = ("CRC32", "CRC32C", "CRC64NVME", "SHA1", "SHA256")
"""Algorithms of S3's additional checksums."""

_CRC_BYTES = {"CRC32": 4, "CRC32C": 4, "CRC64NVME": 8}
# reflected polynomials
_POLYNOMIALS = {"CRC32": 0xEDB88320, "CRC32C": 0x82F63B78, "CRC64NVME": 0x9A6C9329AC4BC9B5}


# smaller pieces are digested sooner than handed over
_LARGE = 256 * 1024


class Digest(Protocol):
    """A running digest."""

    def update(self, data: bytes | memoryview, /) -> None:
        """Takes the next bytes."""

    def digest(self) -> bytes:
        """Digest of the bytes so far."""


class _Crc:
    """A running CRC."""

    def __init__(self, algorithm: str) -> None:
        self._step = _crc_function(algorithm)
        self._size = _CRC_BYTES[algorithm]
        self._value = 0

    def update(self, data: bytes | memoryview, /) -> None:
        self._value = self._step(data, self._value)

    def digest(self) -> bytes:
        return self._value.to_bytes(self._size, "big")


def new_digest(algorithm: str) -> Digest:
    """A running digest of one of `CHECKSUMS` or MD5."""
    if algorithm in _CRC_BYTES:
        return _Crc(algorithm)
    if algorithm == "MD5":
        return hashlib.md5(usedforsecurity=False)
    if algorithm == "SHA1":
        return hashlib.sha1(usedforsecurity=False)
    return hashlib.sha256()


def encoded(value: bytes) -> str:
    """Base64, the form of checksums in S3's headers."""
    return base64.b64encode(value).decode()


class Digests:
    """Several digests of one body: MD5 always (the ETag), others as asked.

    Args:
        algorithms: of `CHECKSUMS`.
        aside: where the MD5 of large pieces is computed while the caller goes on; it is the slowest.
    """

    def __init__(self, algorithms: Iterable[str] = (), aside: Executor | None = None) -> None:
        self._md5 = new_digest("MD5")
        self._digests = {algorithm: new_digest(algorithm) for algorithm in algorithms}
        self._aside = aside
        self._running: Future[None] | None = None
        self.size = 0

    def update(self, data: bytes | memoryview) -> None:
        """Takes the next bytes, which must not change any more."""
        self.size += len(data)
        self._wait()
        if self._aside is not None and len(data) >= _LARGE:
            self._running = self._aside.submit(self._md5.update, data)
        else:
            self._md5.update(data)
        for digest in self._digests.values():
            digest.update(data)

    @property
    def etag(self) -> str:
        """MD5, hex: the ETag of an object that was put whole."""
        self._wait()
        return self._md5.digest().hex()

    def value(self, algorithm: str) -> str:
        """One digest, base64."""
        return encoded(self._digests[algorithm].digest())

    def _wait(self) -> None:
        if self._running is not None:
            self._running.result()
            self._running = None


def combined_etag(etags: Sequence[str]) -> str:
    """ETag of an object made of parts: MD5 of the parts' MD5s, then `-` and their number."""
    joined = b"".join(bytes.fromhex(etag) for etag in etags)
    return f"{hashlib.md5(joined, usedforsecurity=False).hexdigest()}-{len(etags)}"


def composite_checksum(algorithm: str, values: Sequence[str]) -> str:
    """Checksum of the parts' checksums, then `-` and their number (S3's type COMPOSITE)."""
    digest = new_digest(algorithm)
    digest.update(b"".join(base64.b64decode(value) for value in values))
    return f"{encoded(digest.digest())}-{len(values)}"


def full_object_crc(algorithm: str, parts: Sequence[tuple[str, int]]) -> str:
    """CRC of the whole object from the CRCs and sizes of its parts (S3's type FULL_OBJECT)."""
    total = 0
    for value, size in parts:
        total = _crc_combine(algorithm, total, int.from_bytes(base64.b64decode(value), "big"), size)
    return encoded(total.to_bytes(_CRC_BYTES[algorithm], "big"))


def is_checksum(algorithm: str, value: str) -> bool:
    """Whether a text is base64 of the algorithm's length."""
    lengths = {**_CRC_BYTES, "MD5": 16, "SHA1": 20, "SHA256": 32}
    try:
        return len(base64.b64decode(value, validate=True)) == lengths[algorithm]
    except ValueError:
        return False


def _crc_function(algorithm: str) -> Callable[[bytes | memoryview, int], int]:
    if algorithm == "CRC32":
        return zlib.crc32
    try:
        from awscrt import checksums  # 50 ms to load: only for the algorithms that zlib lacks
    except ImportError:
        return _crc_in_python(algorithm)
    function: Callable[[bytes | memoryview, int], int] | None = getattr(checksums, algorithm.lower(), None)
    return function or _crc_in_python(algorithm)  # versions before 0.23 have no CRC64NVME


def _crc_in_python(algorithm: str) -> Callable[[bytes | memoryview, int], int]:
    """Table-driven CRC for machines without awscrt: right, but some MB/s only."""
    polynomial = _POLYNOMIALS[algorithm]
    mask = (1 << (8 * _CRC_BYTES[algorithm])) - 1
    table = []
    for byte in range(256):
        value = byte
        for _ in range(8):
            value = (value >> 1) ^ (polynomial if value & 1 else 0)
        table.append(value)

    def crc(data: bytes | memoryview, start: int) -> int:
        value = start ^ mask
        for byte in bytes(data):
            value = table[(value ^ byte) & 0xFF] ^ (value >> 8)
        return value ^ mask

    return crc


def _crc_combine(algorithm: str, first: int, second: int, second_size: int) -> int:
    """CRC of two pieces in a row: the first's is carried over the second's zero bits by squared matrices."""
    if second_size == 0:
        return first
    width = 8 * _CRC_BYTES[algorithm]
    # operator for one zero bit, then doubled for each binary digit of the length
    operator = [_POLYNOMIALS[algorithm]] + [1 << bit for bit in range(width - 1)]
    bits = second_size * 8
    while bits:
        if bits & 1:
            first = _times(operator, first)
        bits >>= 1
        operator = [_times(operator, column) for column in operator]
    return first ^ second


def _times(matrix: Sequence[int], vector: int) -> int:
    total = 0
    index = 0
    while vector:
        if vector & 1:
            total ^= matrix[index]
        vector >>= 1
        index += 1
    return total


def digest_of(chunks: Iterable[bytes], algorithms: Iterable[str] = ()) -> Digests:
    """Digests of a body in memory or on disk."""
    digests = Digests(algorithms)
    for chunk in chunks:
        digests.update(chunk)
    return digests
