"""RecordIO-protobuf files as tables: whole, or streamed in blocks of rows."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from pathlib import Path
from typing import IO

import numpy as np
import numpy.typing as npt

from smstudio_ext.formats import recordio
from smstudio_ext.formats.tables import Features, FormatError, Table


def read_recordio(source: str | Path | bytes) -> Table:
    """Reads a file, gzipped or not, or bytes.

    Raises:
        FormatError: no RecordIO-protobuf.
    """
    name = "the data" if isinstance(source, bytes) else Path(source).name
    data = source if isinstance(source, bytes) else Path(source).read_bytes()
    try:
        return _table(recordio.read(gzip.decompress(data) if data[:2] == b"\x1f\x8b" else data))
    except recordio.RecordIOError as error:
        raise FormatError(f"RecordIO file '{name}': {error}", file=name) from error


def iterate_recordio(source: str | Path | IO[bytes], *, block_bytes: int = 8 << 20) -> Iterator[Table]:
    """Reads a file or pipe of any length in blocks of rows.

    Args:
        source: path, FIFO or open stream.
        block_bytes: about how much is read at a time.

    Raises:
        FormatError: no RecordIO-protobuf.
    """
    name = Path(source).name if isinstance(source, str | Path) else "the stream"
    try:
        with Path(source).open("rb") if isinstance(source, str | Path) else source as stream:
            for records in recordio.read_stream(stream, block_bytes=block_bytes):
                yield _table(records)
    except recordio.RecordIOError as error:
        raise FormatError(f"RecordIO file '{name}': {error}", file=name) from error


def write_recordio(
    destination: str | Path | IO[bytes], features: Features, labels: npt.ArrayLike | None = None
) -> int:
    """Writes a table, one record a row: dense arrays as dense tensors, scipy matrices as sparse ones.

    Args:
        destination: path, FIFO or open stream.
        features: (rows, columns).
        labels: (rows,), or None.

    Returns:
        Bytes written.
    """
    array = None if labels is None else np.asarray(labels, dtype=np.float32)
    if isinstance(destination, str | Path):
        with Path(destination).open("wb") as stream:
            return recordio.write(stream, features, array)
    return recordio.write(destination, features, array)


def _table(records: recordio.Records) -> Table:
    labels = np.empty(0, dtype=np.float32) if records.labels is None else records.labels
    return Table(records.features, labels)
