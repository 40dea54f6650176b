"""JSON Lines: one JSON value a line, gzipped or not."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import IO, Any

from smstudio_ext.formats.tables import FormatError


def read_jsonlines(source: str | Path | bytes | IO[bytes], *, name: str = "") -> Iterator[Any]:
    """Reads values one by one; empty lines are skipped.

    Args:
        source: path (`.gz` content is found by its bytes), the bytes themselves, or an open stream.
        name: what errors call the data; the file's name by default.

    Raises:
        FormatError: a line that is no JSON; names file and line.
    """
    if isinstance(source, str | Path):
        name = name or Path(source).name
        with Path(source).open("rb") as stream:
            zipped = stream.read(2) == b"\x1f\x8b"
        with gzip.open(source) if zipped else Path(source).open("rb") as stream:
            yield from _values(stream, name)
    elif isinstance(source, bytes):
        data = gzip.decompress(source) if source[:2] == b"\x1f\x8b" else source
        yield from _values(data.splitlines(), name or "the data")
    else:
        yield from _values(source, name or "the stream")


def write_jsonlines(values: Iterable[Any], destination: str | Path) -> int:
    """Writes one value a line.

    Returns:
        How many.
    """
    count = 0
    with Path(destination).open("w", encoding="utf-8") as stream:
        for value in values:
            stream.write(json.dumps(value, separators=(",", ":"), ensure_ascii=False) + "\n")
            count += 1
    return count


def _values(lines: Iterable[bytes], name: str) -> Iterator[Any]:
    for number, line in enumerate(lines, 1):
        text = line.strip()
        if not text:
            continue
        try:
            yield json.loads(text)
        except ValueError as error:
            raise FormatError(
                f"JSON Lines file '{name}', line {number}: {error} in '{text[:60].decode('utf-8', errors='replace')}'",
                file=name,
                line=number,
            ) from error
