"""How kernel messages stand on a gateway's web socket: in JEP 65's frames, or in Jupyter's older JSON."""

from __future__ import annotations

import json
import struct
from dataclasses import dataclass, field
from itertools import pairwise

V1 = "v1.kernel.websocket.jupyter.org"
"""Subprotocol of JEP 65."""

_PARTS = ("header", "parent_header", "metadata", "content")


class BadFrame(ValueError):
    """A frame is no kernel message."""


@dataclass
class Frame:
    """A message with its channel.

    Attributes:
        parts: header, parent header, metadata and content, each as JSON.
        buffers: what is not JSON.
    """

    channel: str
    parts: list[bytes]
    buffers: list[bytes] = field(default_factory=list)


def pack(frame: Frame, *, v1: bool) -> bytes | str:
    """A frame as it is sent."""
    return _pack_v1(frame) if v1 else _pack_json(frame)


def unpack(said: bytes | str, *, v1: bool) -> Frame:
    """The frame that was received.

    Raises:
        BadFrame: it is none.
    """
    try:
        if v1 and isinstance(said, bytes):
            return _unpack_v1(said)
        return _unpack_json(said)
    except (ValueError, KeyError, IndexError, TypeError, AttributeError, struct.error) as error:
        raise BadFrame(str(error)) from error


def _pack_v1(frame: Frame) -> bytes:
    channel = frame.channel.encode()
    blobs = [channel, *frame.parts, *frame.buffers]
    offsets = [8 * (len(blobs) + 2)]
    for blob in blobs:
        offsets.append(offsets[-1] + len(blob))
    return b"".join([struct.pack(f"<{len(offsets) + 1}Q", len(offsets), *offsets), *blobs])


def _unpack_v1(said: bytes) -> Frame:
    (count,) = struct.unpack_from("<Q", said)
    if not 6 <= count <= len(said) // 8:
        raise BadFrame("wrong number of offsets")
    offsets = struct.unpack_from(f"<{count}Q", said, 8)
    blobs = [said[start:stop] for start, stop in pairwise(offsets)]
    return Frame(blobs[0].decode(), blobs[1:5], blobs[5:])


def _pack_json(frame: Frame) -> bytes | str:
    message = {name: json.loads(part) for name, part in zip(_PARTS, frame.parts, strict=True)}
    header = message["header"]
    message.update(channel=frame.channel, msg_id=header.get("msg_id"), msg_type=header.get("msg_type"))
    if not frame.buffers:
        return json.dumps({**message, "buffers": []})
    blobs = [json.dumps(message).encode(), *frame.buffers]
    offsets = [4 * (len(blobs) + 1)]
    for blob in blobs[:-1]:
        offsets.append(offsets[-1] + len(blob))
    return b"".join([struct.pack(f"!{len(blobs) + 1}I", len(blobs), *offsets), *blobs])


def _unpack_json(said: bytes | str) -> Frame:
    buffers: list[bytes] = []
    if isinstance(said, bytes):
        (count,) = struct.unpack_from("!I", said)
        if not 1 <= count <= len(said) // 4:
            raise BadFrame("wrong number of offsets")
        offsets = [*struct.unpack_from(f"!{count}I", said, 4), len(said)]
        first, *buffers = [said[start:stop] for start, stop in pairwise(offsets)]
        said = first.decode()
    message = json.loads(said)
    parts = [json.dumps(message.get(name) or {}).encode() for name in _PARTS]
    return Frame(str(message.get("channel") or "iopub"), parts, buffers)
