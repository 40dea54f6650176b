"""Pairs of an entity and an IPv4 address: parsing, hashing, and the bits that the network sees."""

from __future__ import annotations

import socket
import zlib
from collections.abc import Iterable
from typing import Any

import numpy as np
import numpy.typing as npt

Indices = npt.NDArray[np.int64]
Addresses = npt.NDArray[np.uint32]
Array = npt.NDArray[Any]

BITS = 32


class PairError(ValueError):
    """A line or instance is no pair of an entity and an IPv4 address."""


def split_line(line: str) -> tuple[str, str]:
    """Entity and address of a CSV line; quotes are taken off.

    Raises:
        PairError: the line has not two columns.
    """
    entity, comma, address = line.rpartition(",")
    if not comma:
        raise PairError(f"'{line[:60]}' has not the two columns entity,ip_address")
    return entity.strip().strip('"'), address.strip().strip('"')


def encode_address(text: str) -> int:
    """An IPv4 address as a number.

    Raises:
        PairError: it is none.
    """
    try:
        if text.count(".") != 3:
            raise OSError
        return int.from_bytes(socket.inet_aton(text), "big")
    except OSError:
        raise PairError(f"'{text[:40]}' is no IPv4 address") from None


def encode(pairs: Iterable[tuple[str, str]], vectors: int) -> tuple[Indices, Addresses]:
    """Positions of the entities' vectors (by a stable hash) and addresses as numbers.

    Args:
        vectors: num_entity_vectors.

    Raises:
        PairError: a bad address.
    """
    entities, addresses = [], []
    for entity, address in pairs:
        entities.append(zlib.crc32(entity.encode()))
        addresses.append(encode_address(address))
    return np.array(entities, dtype=np.int64) % vectors, np.array(addresses, dtype=np.uint32)


def bits(addresses: Addresses) -> npt.NDArray[np.float32]:
    """(rows, 32) bits as -1 and 1, the highest first."""
    octets = addresses.astype(">u4").view(np.uint8).reshape(-1, 4)
    return np.unpackbits(octets, axis=1).astype(np.float32) * 2 - 1
