"""Reads a training channel block by block, from files or from the pipes of Pipe mode, as often as there are epochs."""

from __future__ import annotations

import io
import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

import numpy as np
import numpy.typing as npt
from scipy import sparse

from smstudio_ext.engine.images.channel_streams import Part, parts
from smstudio_ext.engine.images.contract import AlgorithmError
from smstudio_ext.engine.images.jobfiles import Channel
from smstudio_ext.engine.images.matrices import CSV, LIBSVM, PARQUET, RECORDIO, read_channel
from smstudio_ext.formats import recordio

Features: TypeAlias = Any
"""A dense float32 array or a scipy CSR matrix (scipy ships no types)."""
Labels: TypeAlias = npt.NDArray[np.float32]

KEPT_BYTES = 512 << 20
"""A channel whose blocks are no larger than this stays in memory after the first pass; larger ones are read again."""

NO_DATA = (
    "No training data processed. Either the training channel is empty or the mini-batch size is too high. Verify that training "
    "data contains non-empty files and the mini-batch size is less than the number of records per training host."
)


@dataclass
class Block:
    """Some rows.

    Attributes:
        features: (rows, columns) dense or CSR.
        labels: (rows,), or None for data without labels.
    """

    features: Features
    labels: Labels | None

    def __len__(self) -> int:
        return int(self.features.shape[0])

    def take(self, rows: Any) -> Block:
        """The rows of a slice or of indices."""
        return Block(self.features[rows], None if self.labels is None else self.labels[rows])

    def dense(self) -> npt.NDArray[np.float32]:
        """The features as a dense array."""
        return self.features if isinstance(self.features, np.ndarray) else np.asarray(self.features.toarray())

    @property
    def size(self) -> int:
        """Bytes that the features take."""
        if isinstance(self.features, np.ndarray):
            return self.features.nbytes
        return int(self.features.data.nbytes + self.features.indices.nbytes)


def join(blocks: list[Block]) -> Block:
    """Puts blocks of one schema under each other."""
    if len(blocks) == 1:
        return blocks[0]
    parts = [block.features for block in blocks]
    if all(isinstance(part, np.ndarray) for part in parts):
        features: Any = np.concatenate(parts)
    else:
        features = sparse.vstack([sparse.csr_matrix(part) for part in parts], format="csr")
    given = [block.labels for block in blocks if block.labels is not None]
    return Block(features, np.concatenate(given) if len(given) == len(blocks) else None)


class Source:
    """The rows of one channel.

    Args:
        channel: the channel; its content type decides how bytes are read.
        labels: `required` (supervised), `optional` (test channels of unsupervised algorithms) or `none`.
        width: number of features that the job declares; None takes that of the first block.
        missing: empty cells are allowed (NaN); otherwise they are refused. Infinite values always are.
    """

    def __init__(
        self,
        channel: Channel,
        *,
        labels: Literal["required", "optional", "none"],
        width: int | None = None,
        missing: bool = False,
    ) -> None:
        self.channel = channel
        self.width = width
        self._labels = labels
        self._missing = missing
        self._kept: Block | None = None
        self._change: Callable[[Block], Block] | None = None
        self.rows = 0

    @property
    def in_memory(self) -> bool:
        """Whether further passes come from memory."""
        return self._kept is not None

    @property
    def rereadable(self) -> bool:
        """Whether a pass can be made besides the epochs that the job asks for: memory or files, but no pipe."""
        return self.in_memory or self.channel.mode != "Pipe"

    @property
    def small(self) -> bool:
        """Whether a whole pass is cheap: files that will stay in memory."""
        if self.in_memory:
            return True
        return (
            self.channel.mode != "Pipe" and sum(p.stat().st_size for p in self.channel.files()) <= KEPT_BYTES
        )

    def change(self, function: Callable[[Block], Block]) -> None:
        """Lets every block pass through a function from now on; what is in memory is changed once."""
        if self._kept is not None:
            self._kept = function(self._kept)
        self._change = function

    def blocks(self) -> Iterator[Block]:
        """One pass over the rows, some thousands at a time.

        Raises:
            AlgorithmError: a file that cannot be read; its name and line are in the message.
        """
        if self._kept is not None:
            yield self._kept
            return
        pieces: list[Block] | None = []
        size = rows = 0
        for read in self._read():
            block = read if self._change is None else self._change(read)
            rows += len(block)
            size += block.size
            if pieces is not None and size <= KEPT_BYTES:
                pieces.append(block)
            else:
                pieces = None
            yield block
        self.rows = rows
        if pieces:
            self._kept = join(pieces)

    def batches(self, size: int, generator: np.random.Generator | None = None) -> Iterator[Block]:
        """One pass in mini-batches of `size` rows; the last one may be smaller.

        Args:
            generator: shuffles, over all rows when they are in memory, else within some thousand rows.
        """
        rest: list[Block] = []
        waiting = 0
        for block in self.blocks():
            order = np.arange(len(block)) if generator is None else generator.permutation(len(block))
            at = 0
            while at < len(block):
                step = min(size - waiting, len(block) - at)
                rows = slice(at, at + step) if generator is None else order[at : at + step]
                rest.append(block.take(rows))
                waiting += step
                at += step
                if waiting == size:
                    yield join(rest)
                    rest, waiting = [], 0
        if rest:
            yield join(rest)

    def load(self, limit: int | None = None) -> Block:
        """All rows, or the first `limit`.

        Raises:
            AlgorithmError: there are none.
        """
        found: list[Block] = []
        rows = 0
        for block in self.blocks():
            found.append(block if limit is None else block.take(slice(0, limit - rows)))
            rows += len(found[-1])
            if limit is not None and rows >= limit:
                break
        if not rows:
            raise AlgorithmError(NO_DATA)
        return join(found)

    def _read(self) -> Iterator[Block]:
        kind = _ALIASES.get(self.channel.content_type, self.channel.content_type)
        if kind in LIBSVM or kind in PARQUET:
            table = read_channel(self.channel)
            yield self._check(Block(table.features, table.labels), Part(b"", self.channel.name, 1))
            return
        kind = kind or _sniff(self.channel)
        if kind == CSV:
            for part in parts(self.channel, "lines"):
                if part.data.strip():
                    yield self._split(_parse_csv(part), part)
        elif kind in RECORDIO:
            for part in parts(self.channel, "recordio"):
                try:
                    records = recordio.read(part.data)
                except recordio.RecordIOError as error:
                    raise AlgorithmError(
                        f"RecordIO file '{part.source}', from record {part.first} on: {error}"
                    ) from error
                yield self._check(Block(records.features, records.labels), part)
        else:
            raise AlgorithmError(
                f"'{kind}' is not an accepted ContentType of channel '{self.channel.name}': "
                f"{CSV}, {', '.join(sorted(RECORDIO))}."
            )

    def _split(self, values: npt.NDArray[np.float32], part: Part) -> Block:
        """Takes the label columns off a CSV table."""
        given = self.channel.parameters.get("label_size")
        if given not in (None, "0", "1"):
            raise AlgorithmError(f"Channel '{self.channel.name}': label_size must be 0 or 1, not {given}.")
        if self._labels == "required":
            if given == "0":
                raise AlgorithmError(
                    f"Channel '{self.channel.name}': this algorithm needs label_size=1 in text/csv."
                )
            size = 1
        elif given is not None:
            size = int(given)
        else:
            # The containers take label_size=1 for granted; a table of just the declared width can only be without label.
            size = 0 if self.width in (None, values.shape[1]) else 1
        if values.shape[1] <= size:
            raise AlgorithmError(
                f"CSV file '{part.source}' has {values.shape[1]} column(s): no feature is left beside the label."
            )
        labels = values[:, 0].copy() if size else None
        return self._check(Block(np.ascontiguousarray(values[:, size:]), labels), part)

    def _check(self, block: Block, part: Part) -> Block:
        name = part.source
        found = int(block.features.shape[1])
        if sparse.issparse(block.features) and self.width is not None and found < self.width:
            block.features.resize(block.features.shape[0], self.width)
            found = self.width
        self.width = self.width or found
        if found != self.width:
            raise AlgorithmError(
                f"The feature_dim hyperparameter is {self.width}, but '{name}' of channel '{self.channel.name}' has {found} "
                "features."
            )
        if self._labels == "required" and block.labels is None:
            raise AlgorithmError(f"'{name}' of channel '{self.channel.name}': the records have no label.")
        if block.labels is not None and not np.isfinite(block.labels).all():
            row = int(np.flatnonzero(~np.isfinite(block.labels))[0])
            raise AlgorithmError(
                f"'{name}' of channel '{self.channel.name}' has a row without label, or with one that is no finite number: "
                f"{_place(part, row)}."
            )
        fault = _first_fault(block.features, missing=self._missing)
        if fault is not None:
            row, column = fault
            kinds = "an infinite" if self._missing else "an empty, NaN or infinite"
            raise AlgorithmError(
                f"'{name}' of channel '{self.channel.name}' has {kinds} value in {_place(part, row)}, feature {column + 1}."
            )
        return Block(block.features, None if self._labels == "none" else block.labels)


def _first_fault(features: Features, *, missing: bool) -> tuple[int, int] | None:
    """Row and column, from 0, of the first value that an algorithm cannot take; None when there is none."""
    values = features if isinstance(features, np.ndarray) else features.data
    if np.isfinite(values).all():
        return None
    faults = np.isinf(values) if missing else ~np.isfinite(values)
    if not faults.any():
        return None
    if isinstance(features, np.ndarray):
        row, column = np.argwhere(faults)[0]
        return int(row), int(column)
    at = int(np.flatnonzero(faults)[0])
    return int(np.searchsorted(features.indptr, at, side="right")) - 1, int(features.indices[at])


def _place(part: Part, row: int) -> str:
    """Where a row of a part stands in its source: blank lines of CSV hold no row."""
    if not part.data or part.data.startswith(_MAGIC):
        return f"record {part.first + row}"
    numbers = [number for number, line in enumerate(part.data.split(b"\n"), part.first) if line.strip()]
    return f"line {numbers[row]}"


RECORDIO_TYPE = "application/x-recordio-protobuf"
_ALIASES = {"csv": CSV}
_MAGIC = struct.pack("<I", recordio.MAGIC)


def _sniff(channel: Channel) -> str:
    # Without ContentType the containers read RecordIO; CSV in a file is plain to see by the missing magic number.
    if channel.mode == "Pipe":
        return RECORDIO_TYPE
    for path in channel.files():
        with path.open("rb") as stream:
            head = stream.read(4)
        if head:
            return RECORDIO_TYPE if head == _MAGIC else CSV
    return RECORDIO_TYPE


def _parse_csv(part: Part) -> npt.NDArray[np.float32]:
    import pandas as pd

    try:
        frame = pd.read_csv(io.BytesIO(part.data), header=None, dtype=np.float32, skip_blank_lines=True)
    except (ValueError, pd.errors.ParserError, UnicodeDecodeError) as error:
        raise AlgorithmError(_find_fault(part)) from error
    values: npt.NDArray[np.float32] = frame.to_numpy()
    commas = part.data.split(b"\n", 1)[0].count(b",")
    if np.isnan(values[:, -1]).any() and any(
        row.strip() and row.count(b",") != commas for row in part.data.split(b"\n")
    ):
        raise AlgorithmError(_find_fault(part))
    return values


def _find_fault(part: Part) -> str:
    """What is wrong with CSV lines, with file and line."""
    name, width = part.source, 0
    for number, row in enumerate(part.data.decode("utf-8", "replace").splitlines(), part.first):
        if not row.strip():
            continue
        cells = row.split(",")
        width = width or len(cells)
        for cell in cells:
            text = cell.strip().strip('"')
            try:
                float(text or "nan")
            except ValueError:
                hint = " The first line seems to be a header: CSV data must have none." if number == 1 else ""
                return f"CSV file '{name}', line {number}: '{text[:40]}' is not a number.{hint}"
        if len(cells) != width:
            return (
                f"CSV file '{name}', line {number}: {len(cells)} columns where line {part.first} has {width}."
            )
    return f"CSV file '{name}' cannot be read as numbers (lines {part.first} and following)."
