"""Pairs of token sequences: read from JSON Lines channels, padded into batches."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import torch

from smstudio_ext.engine.images.contract import AlgorithmError
from smstudio_ext.engine.images.jobfiles import Channel

Integers: TypeAlias = npt.NDArray[np.int64]


@dataclass
class Pairs:
    """Training data.

    Attributes:
        sides: token sequences of `in0` and of `in1`.
        labels: one number a pair.
    """

    sides: tuple[list[Integers], list[Integers]]
    labels: npt.NDArray[np.float32]

    def __len__(self) -> int:
        return len(self.labels)


def tokens_of(value: Any, size: int, longest: int) -> Integers:
    """One token sequence, cut to `longest`.

    Raises:
        ValueError: no list of token ids from 0 to size - 1.
    """
    items = [value] if isinstance(value, int) and not isinstance(value, bool) else value
    if not isinstance(items, list) or not items:
        raise ValueError("must be a list of token ids with at least one")
    for item in items:
        whole = isinstance(item, int | float) and not isinstance(item, bool) and float(item).is_integer()
        if not whole or not 0 <= item < size:
            raise ValueError(
                f"holds {str(item)[:20]!r}; token ids are whole numbers from 0 to vocab_size - 1 = {size - 1}"
            )
    return np.asarray(items[:longest], dtype=np.int64)


def read_pairs(channel: Channel, settings: dict[str, Any]) -> Pairs:
    """Every pair of a channel.

    Raises:
        AlgorithmError: a line is malformed (with file and line), a label is no class, or there is no pair.
    """
    if channel.content_type not in ("", "application/jsonlines", "application/json"):
        raise AlgorithmError(
            f"'{channel.content_type}' is not an accepted ContentType of channel '{channel.name}': application/jsonlines."
        )
    sides: tuple[list[Integers], list[Integers]] = ([], [])
    labels: list[float] = []
    for path in channel.files():
        for number, line in _lines(path):
            try:
                _add(json.loads(line), settings, sides, labels)
            except (ValueError, TypeError) as error:
                raise AlgorithmError(
                    f"Channel '{channel.name}', file '{path.name}', line {number}: {error}."
                ) from error
    if not labels:
        raise AlgorithmError(f"Channel '{channel.name}' holds no pair.")
    return Pairs(sides, np.asarray(labels, dtype=np.float32))


def _lines(path: Path) -> Iterator[tuple[int, str]]:
    with path.open("rb") as probe:
        packed = probe.read(2) == b"\x1f\x8b"
    opened = gzip.open if packed else open
    with opened(path, "rt", encoding="utf-8", errors="replace") as stream:
        for number, line in enumerate(stream, 1):
            if line.strip():
                yield number, line


def _add(
    loaded: Any, settings: dict[str, Any], sides: tuple[list[Integers], list[Integers]], labels: list[float]
) -> None:
    if not isinstance(loaded, dict):
        raise ValueError('each line must be a JSON object with "label", "in0" and "in1"')
    for name in ("label", "in0", "in1"):
        if name not in loaded:
            raise ValueError(f'the field "{name}" is missing')
    label = float(loaded["label"])
    if settings["output_layer"] == "softmax" and not (
        label.is_integer() and 0 <= label < settings["outputs"]
    ):
        raise ValueError(
            f"label {loaded['label']} is no class from 0 to num_classes - 1 = {settings['outputs'] - 1}"
        )
    found = []
    for place, encoder in enumerate(settings["encoders"]):
        try:
            found.append(tokens_of(loaded[f"in{place}"], encoder["vocab_size"], encoder["max_seq_len"]))
        except ValueError as error:
            raise ValueError(f'"in{place}" {error}') from error
    for side, sequence in zip(sides, found, strict=True):
        side.append(sequence)
    labels.append(label)


def pad(sequences: Sequence[Integers], padding: int) -> torch.Tensor:
    """A batch (sequences, longest) with `padding` after each sequence's end."""
    longest = max(len(sequence) for sequence in sequences)
    out = np.full((len(sequences), longest), padding, dtype=np.int64)
    for row, sequence in enumerate(sequences):
        out[row, : len(sequence)] = sequence
    return torch.from_numpy(out)


def batch_orders(pairs: Pairs, size: int, width: int, random: np.random.Generator) -> list[Integers]:
    """Indices of each batch of an epoch, in random order.

    Args:
        width: above 0, a batch holds pairs whose lengths differ by less (bucketing).
    """
    order = random.permutation(len(pairs))
    if width > 0:
        lengths = np.array([max(len(a), len(b)) for a, b in zip(*pairs.sides, strict=True)])
        order = order[np.argsort(lengths[order] // width, kind="stable")]
    found = [order[start : start + size] for start in range(0, len(order), size)]
    random.shuffle(found)
    return found
