"""Looks into the beginning of a Parquet file; of one in S3 only the parts that are needed are fetched."""

from __future__ import annotations

import io
from typing import Any, BinaryIO

from smstudio_ext.studio.csv_preview import Table

MAGIC = b"PAR1"
MAX_ROWS = 5_000
_MAX_CELLS = 2_000_000
_CELL = 200


def read_parquet(stream: BinaryIO) -> tuple[Table, int]:
    """The first rows as text cells, and the number of rows in the whole file.

    A file that is broken gives a table whose `problem` says so.
    """
    import pyarrow
    import pyarrow.parquet

    try:
        file = pyarrow.parquet.ParquetFile(stream)
        names: list[str] = file.schema_arrow.names
        wanted = max(1, min(MAX_ROWS, _MAX_CELLS // max(1, len(names))))
        batch = next(file.iter_batches(batch_size=wanted), None) if file.metadata.num_rows else None
    except (pyarrow.ArrowException, OSError, ValueError) as error:
        text = str(error).splitlines()[0] if str(error) else "it is broken"
        return Table("binary", ",", True, problem=f"It looks like Parquet, but: {text}."), 0
    columns = [_texts(column) for column in batch.columns] if batch is not None else []
    rows = [list(row) for row in zip(*columns, strict=True)]
    return Table("binary", ",", True, names=names, rows=rows), int(file.metadata.num_rows)


def _texts(column: Any) -> list[str]:
    return ["" if value is None else str(value)[:_CELL] for value in column.to_pylist()]


class S3Stream(io.RawIOBase):
    """An object of S3 that is read in pieces, where the reader looks.

    Args:
        s3: boto3 client.
        size: of the object, bytes.
    """

    def __init__(self, s3: Any, bucket: str, key: str, size: int) -> None:
        super().__init__()
        self._s3, self._bucket, self._key, self._size = s3, bucket, key, size
        self._at = 0

    def readable(self) -> bool:
        """Yes."""
        return True

    def seekable(self) -> bool:
        """Yes."""
        return True

    def tell(self) -> int:
        """Where the next byte is read."""
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Goes elsewhere; answers where."""
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size}[whence]
        self._at = max(0, base + offset)
        return self._at

    def readinto(self, buffer: Any) -> int:
        """Fills a buffer from here on."""
        wanted = min(len(buffer), self._size - self._at)
        if wanted <= 0:
            return 0
        span = f"bytes={self._at}-{self._at + wanted - 1}"
        with self._s3.get_object(Bucket=self._bucket, Key=self._key, Range=span)["Body"] as body:
            data: bytes = body.read()
        buffer[: len(data)] = data
        self._at += len(data)
        return len(data)
