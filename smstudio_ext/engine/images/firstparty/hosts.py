"""Lets the hosts of one training job add up arrays: a star of TCP connections around the first host."""

from __future__ import annotations

import io
import os
import socket
import struct
import time
import zlib
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

from smstudio_ext.engine.images.jobfiles import read_json

Array = npt.NDArray[Any]
Item = TypeVar("Item")

RENDEZVOUS_SECONDS = 120.0
FIRST_PORT, PORTS = 20_000, 10_000


class Hosts:
    """The hosts of a job, as seen by one of them.

    Every host must make the same calls in the same order. With one host nothing is sent.

    Args:
        names: all hosts; the first one adds up.
        current: this host.
        address: where the first host listens.
    """

    def __init__(self, names: Sequence[str], current: str, address: tuple[str, int]) -> None:
        self.names = sorted(names, key=_host_order)
        self.current = current
        self.rank = self.names.index(current)
        self._peers: list[socket.socket] = []
        if len(self.names) > 1:
            self._peers = self._listen(address) if self.leads else [self._connect(address)]

    @classmethod
    def of_job(cls, optml: Path) -> Hosts:
        """Reads resourceconfig.json and meets the other hosts."""
        config = read_json(optml / "input/config/resourceconfig.json")
        names = list(config.get("hosts") or ["algo-1"])
        current = str(config.get("current_host") or names[0])
        first = min(names, key=_host_order)
        # Hosts of a job have addresses of their own; where they have not, the job's name keeps jobs apart.
        job = os.environ.get("TRAINING_JOB_NAME", "")
        return cls(names, current, (first, FIRST_PORT + zlib.crc32(job.encode()) % PORTS))

    @property
    def leads(self) -> bool:
        """Whether this is the host that writes the model."""
        return self.rank == 0

    @property
    def size(self) -> int:
        """Number of hosts."""
        return len(self.names)

    def total(self, *arrays: Array) -> list[Array]:
        """The sums of arrays over all hosts; each host gets them."""
        if self.size == 1:
            return list(arrays)
        if not self.leads:
            _send(self._peers[0], arrays)
            return _receive(self._peers[0])
        sums = [np.array(array) for array in arrays]
        for peer in self._peers:
            for mine, other in zip(sums, _receive(peer), strict=True):
                mine += other
        for peer in self._peers:
            _send(peer, sums)
        return sums

    def gather(self, *arrays: Array) -> list[list[Array]]:
        """The arrays of every host, in the order of hosts, at the leader; only the own ones elsewhere."""
        if self.size == 1 or not self.leads:
            if not self.leads:
                _send(self._peers[0], arrays)
            return [list(arrays)]
        return [list(arrays), *(_receive(peer) for peer in self._peers)]

    def share(self, *arrays: Array) -> list[Array]:
        """The leader's arrays, at every host."""
        if self.size == 1:
            return list(arrays)
        if not self.leads:
            return _receive(self._peers[0])
        for peer in self._peers:
            _send(peer, arrays)
        return list(arrays)

    def lockstep(self, items: Iterable[Item]) -> Iterator[Item | None]:
        """The items of this host, followed by None as long as another host still has some."""
        if self.size == 1:
            yield from items
            return
        iterator = iter(items)
        while True:
            item = next(iterator, None)
            (left,) = self.total(np.array([item is not None], dtype=np.int64))
            if not left[0]:
                return
            yield item

    def close(self) -> None:
        """Ends the connections."""
        for peer in self._peers:
            peer.close()

    def _listen(self, address: tuple[str, int]) -> list[socket.socket]:
        peers: dict[int, socket.socket] = {}
        with socket.create_server((_resolve(address[0]), address[1]), backlog=self.size) as server:
            server.settimeout(RENDEZVOUS_SECONDS)
            while len(peers) < self.size - 1:
                peer, _ = server.accept()
                peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                peer.settimeout(None)
                peers[int(_receive(peer)[0][0])] = peer
        return [peers[rank] for rank in sorted(peers)]

    def _connect(self, address: tuple[str, int]) -> socket.socket:
        deadline = time.monotonic() + RENDEZVOUS_SECONDS
        while True:
            try:
                peer = socket.create_connection((_resolve(address[0]), address[1]), timeout=5)
                break
            except OSError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.02)
        peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        peer.settimeout(None)
        _send(peer, [np.array([self.rank])])
        return peer


def _host_order(name: str) -> tuple[int, str]:
    number = name.rpartition("-")[2]
    return (int(number) if number.isdigit() else 0, name)


def _resolve(name: str) -> str:
    try:
        return socket.gethostbyname(name)
    except OSError:
        return "127.0.0.1"  # hosts of a job here are processes of one machine


def _send(peer: socket.socket, arrays: Sequence[Array]) -> None:
    out = io.BytesIO()
    np.savez(out, *arrays, allow_pickle=False)
    data = out.getbuffer()
    peer.sendall(struct.pack("<Q", len(data)))
    peer.sendall(data)


def _receive(peer: socket.socket) -> list[Array]:
    (size,) = struct.unpack("<Q", _exactly(peer, 8))
    with np.load(io.BytesIO(_exactly(peer, size)), allow_pickle=False) as loaded:
        return [loaded[f"arr_{at}"] for at in range(len(loaded.files))]


def _exactly(peer: socket.socket, size: int) -> bytearray:
    data = bytearray(size)
    view, at = memoryview(data), 0
    while at < size:
        got = peer.recv_into(view[at:])
        if not got:
            raise ConnectionError("Another host of the job has ended.")
        at += got
    return data
