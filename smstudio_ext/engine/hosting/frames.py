"""The frames that the engine and its model servers exchange on a unix domain socket; many requests share a connection.

A frame is its head (length of the rest, number of the request, kind, a small integer, lengths of three texts), the three
texts, and the body. The integer is a flag in a request and the HTTP status in an answer. The texts of a request are
content type, accept type and further headers (JSON); those of an answer are content type, container and further headers.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

INVOKE, STREAM, PING = 1, 2, 3
"""Kinds of frames that the engine sends."""
ANSWER, BEGIN, PART, END, BROKEN = 10, 11, 12, 13, 14
"""Kinds of frames that a server sends; a stream is BEGIN, PARTs, and END (or BROKEN, with the reason as its body)."""

_HEAD = struct.Struct(">IIBHHHI")
HEAD_SIZE = _HEAD.size
LARGEST = 2 * 1024 * 1024 * 1024
"""Longest frame, bytes; whoever announces more does not speak in frames."""


@dataclass
class Frame:
    """One frame; `first`, `second` and `extra` are the three texts."""

    number: int
    kind: int
    code: int
    first: str
    second: str
    extra: bytes
    body: bytes

    def headers(self) -> dict[str, str]:
        """The further headers, names in lower case."""
        found: dict[str, str] = json.loads(self.extra) if self.extra else {}
        return found


def pack(
    number: int,
    kind: int,
    code: int = 0,
    first: str = "",
    second: str = "",
    headers: Mapping[str, str] | None = None,
    body: bytes = b"",
) -> bytes:
    """A frame as bytes.

    Raises:
        ValueError: a text is longer than 65,535 bytes.
    """
    one, two = first.encode("latin-1", "replace"), second.encode("latin-1", "replace")
    extra = json.dumps(headers).encode() if headers else b""
    try:
        head = _HEAD.pack(
            HEAD_SIZE - 4 + len(one) + len(two) + len(extra) + len(body),
            number,
            kind,
            code,
            len(one),
            len(two),
            len(extra),
        )
    except struct.error as error:
        raise ValueError(f"a header is too long for a frame: {error}") from error
    return b"".join((head, one, two, extra, body))


class FrameReader:
    """Cuts a stream of bytes into frames."""

    def __init__(self) -> None:
        self._rest = b""
        self._waiting: list[bytes] = []
        self._missing = 0

    def feed(self, data: bytes) -> Iterator[Frame]:
        """Takes bytes in; yields the frames that are complete with them.

        Raises:
            ValueError: the bytes are no frames.
        """
        if self._missing > len(data):  # in the middle of a large frame: do not copy it again and again
            self._waiting.append(data)
            self._missing -= len(data)
            return
        if self._waiting:
            data = b"".join((*self._waiting, data))
            self._waiting = []
        self._missing = 0
        if self._rest:
            data = self._rest + data
            self._rest = b""
        at, size = 0, len(data)
        while size - at >= HEAD_SIZE:
            length, number, kind, code, one, two, extra = _HEAD.unpack_from(data, at)
            if length > LARGEST:
                raise ValueError("this is no frame")
            end = at + 4 + length
            if end > size:
                self._missing = end - size
                self._waiting = [data[at:]]
                return
            first = at + HEAD_SIZE
            second = first + one
            third = second + two
            body = third + extra
            yield Frame(
                number,
                kind,
                code,
                data[first:second].decode("latin-1"),
                data[second:third].decode("latin-1"),
                data[third:body],
                data[body:end],
            )
            at = end
        self._rest = data[at:]
