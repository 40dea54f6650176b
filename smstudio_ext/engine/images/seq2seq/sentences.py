"""Sentence pairs of token ids, vocabularies, and the batches that are made of them."""

from __future__ import annotations

import gzip
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from smstudio_ext.engine.images.contract import AlgorithmError
from smstudio_ext.engine.images.deep import records
from smstudio_ext.engine.images.jobfiles import Channel

Integers: TypeAlias = npt.NDArray[np.int64]
PAD, UNK, BOS, EOS = "<pad>", "<unk>", "<s>", "</s>"
FILES = ("vocab.src.json", "vocab.trg.json")


@dataclass(frozen=True)
class Vocabulary:
    """Tokens and their ids."""

    ids: dict[str, int]

    @classmethod
    def read(cls, path: Path) -> Vocabulary:
        """Reads a `vocab.*.json`.

        Raises:
            ValueError: no JSON object of ids, or one of the tokens <pad>, <unk>, <s> and </s> is missing.
        """
        try:
            loaded = json.loads(path.read_text(encoding="utf-8"))
            ids = {str(token): int(number) for token, number in loaded.items()}
        except (ValueError, AttributeError, TypeError) as error:
            raise ValueError(f"{path.name} must hold a JSON object of tokens and their ids") from error
        for token in (PAD, UNK, BOS, EOS):
            if token not in ids:
                raise ValueError(f"{path.name} does not hold the token {token}")
        return cls(ids)

    @property
    def size(self) -> int:
        """Number of ids."""
        return max(self.ids.values()) + 1

    def tokens(self) -> dict[int, str]:
        """Tokens by id."""
        return {number: token for token, number in self.ids.items()}

    def encode(self, text: str) -> list[int]:
        """Ids of the tokens of a text, with blanks between them."""
        unknown = self.ids[UNK]
        return [self.ids.get(token, unknown) for token in text.split()]


def read_vocabularies(channel: Channel) -> tuple[Vocabulary, Vocabulary]:
    """Source and target vocabulary.

    Raises:
        AlgorithmError: a file is missing or malformed.
    """
    found = {path.name: path for path in channel.files()}
    for name in FILES:
        if name not in found:
            raise AlgorithmError(
                f"Channel '{channel.name}' must hold {FILES[0]} and {FILES[1]}; {name} is missing."
            )
    try:
        return Vocabulary.read(found[FILES[0]]), Vocabulary.read(found[FILES[1]])
    except ValueError as error:
        raise AlgorithmError(f"Channel '{channel.name}': {error}.") from error


@dataclass
class SentencePairs:
    """Token ids of source and target; targets without begin and end marks."""

    sources: list[Integers]
    targets: list[Integers]

    def __len__(self) -> int:
        return len(self.sources)


def read_pairs(
    channel: Channel, vocabularies: tuple[Vocabulary, Vocabulary], longest: tuple[int, int]
) -> SentencePairs:
    """Every sentence pair of a channel of RecordIO-protobuf records with int32 `source` and `target`.

    Args:
        longest: longest source and target; longer ones are cut.

    Raises:
        AlgorithmError: a record is malformed or holds ids that no vocabulary has, or there is no pair.
    """
    pairs = SentencePairs([], [])
    marks = {vocabularies[1].ids[BOS], vocabularies[1].ids[EOS]}
    for path in channel.files():
        data = path.read_bytes()
        try:
            data = gzip.decompress(data) if data[:2] == b"\x1f\x8b" else data
            for number, frame in enumerate(records.frames(data), 1):
                sides = [records.parse(frame).features.get(name) for name in ("source", "target")]
                _add(pairs, sides, vocabularies, longest, marks, f"'{path.name}', record {number}")
        except (records.RecordError, OSError, EOFError) as error:
            raise AlgorithmError(f"Channel '{channel.name}', file '{path.name}': {error}.") from error
    if not len(pairs):
        raise AlgorithmError(f"Channel '{channel.name}' holds no sentence pair.")
    return pairs


def _add(
    pairs: SentencePairs,
    sides: list[Any],
    vocabularies: tuple[Vocabulary, Vocabulary],
    longest: tuple[int, int],
    marks: set[int],
    where: str,
) -> None:
    for side, name, vocabulary in zip(sides, ("source", "target"), vocabularies, strict=True):
        if side is None:
            raise AlgorithmError(
                f"File {where}: the tensor '{name}' is missing; tokens are int32 tensors 'source' and 'target'."
            )
        if len(side) and not 0 <= side.min() <= side.max() < vocabulary.size:
            raise AlgorithmError(
                f"File {where}: '{name}' holds ids beyond the vocabulary's {vocabulary.size} tokens."
            )
    source, target = (np.asarray(side, dtype=np.int64) for side in sides)
    target = target[~np.isin(target, list(marks))]
    if len(source) and len(target):
        pairs.sources.append(source[: longest[0]])
        pairs.targets.append(target[: longest[1] - 1] if longest[1] > 1 else target[:1])


def batches(pairs: SentencePairs, size: int, width: int, random: np.random.Generator) -> list[Integers]:
    """Indices of each batch of an epoch, in random order; pairs of like length go together when `width` is not 0."""
    order = random.permutation(len(pairs))
    if width:
        lengths = np.array([max(len(a), len(b)) for a, b in zip(pairs.sources, pairs.targets, strict=True)])
        order = order[np.argsort(lengths[order] // width, kind="stable")]
    found = [order[start : start + size] for start in range(0, len(order), size)]
    random.shuffle(found)
    return found


def pad(sequences: list[Integers], padding: int) -> Integers:
    """(sequences, longest) with `padding` after each end."""
    out = np.full((len(sequences), max(len(sequence) for sequence in sequences)), padding, dtype=np.int64)
    for row, sequence in enumerate(sequences):
        out[row, : len(sequence)] = sequence
    return out
