"""Time series as DeepAR takes them: read from channels and requests, checked record by record."""

from __future__ import annotations

import gzip
import json
import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from smstudio_ext.engine.images.contract import AlgorithmError
from smstudio_ext.engine.images.jobfiles import Channel

Floats: TypeAlias = npt.NDArray[np.float32]


class SeriesError(ValueError):
    """A record is no time series; the text says why."""


@dataclass
class TimeSeries:
    """One record.

    Attributes:
        target: values; missing ones are NaN.
        cat: categories, empty without.
        dynamic: (features, steps); steps may go on beyond the target.
    """

    start: datetime
    target: Floats
    cat: list[int]
    dynamic: Floats


def parse_series(record: Any) -> TimeSeries:
    """One JSON object with `start`, `target`, and perhaps `cat` and `dynamic_feat`.

    Raises:
        SeriesError: a field is missing or malformed.
    """
    if not isinstance(record, dict):
        raise SeriesError('each record must be a JSON object with "start" and "target"')
    for name in ("start", "target"):
        if name not in record:
            raise SeriesError(f'the field "{name}" is missing')
    cat = record.get("cat")
    cat = [] if cat is None else [cat] if isinstance(cat, int) else list(cat)
    if any(isinstance(item, bool) or not isinstance(item, int) or item < 0 for item in map(_whole, cat)):
        raise SeriesError('"cat" must be an array of whole numbers from 0 on')
    dynamic = record.get("dynamic_feat")
    rows = [] if dynamic is None else [_numbers(row, "dynamic_feat") for row in dynamic]
    if len({len(row) for row in rows}) > 1:
        raise SeriesError('the arrays of "dynamic_feat" have different lengths')
    if any(np.isnan(row).any() for row in rows):
        raise SeriesError('missing values are not supported in "dynamic_feat"')
    return TimeSeries(
        _start(record["start"]),
        _numbers(record["target"], "target"),
        [int(item) for item in cat],
        np.stack(rows) if rows else np.zeros((0, 0), dtype=np.float32),
    )


def _whole(item: Any) -> Any:
    return int(item) if isinstance(item, float | np.integer) and float(item).is_integer() else item


def _start(value: Any) -> datetime:
    if isinstance(value, datetime):
        found = value
    else:
        try:
            found = datetime.fromisoformat(str(value).strip())
        except ValueError as error:
            raise SeriesError(
                f'"start" must be a timestamp in the form YYYY-MM-DD HH:MM:SS, not {str(value)[:40]!r}'
            ) from error
    if found.tzinfo is not None:
        raise SeriesError('"start" must not contain time zone information')
    return found


def _numbers(values: Any, name: str) -> Floats:
    if not isinstance(values, list | tuple | np.ndarray):
        raise SeriesError(f'"{name}" must be an array of numbers')
    out = np.empty(len(values), dtype=np.float32)
    for place, value in enumerate(values):
        if value is None or (isinstance(value, str) and value.strip().lower() == "nan"):
            out[place] = math.nan
        elif isinstance(value, bool) or not isinstance(value, int | float | np.number):
            raise SeriesError(f'"{name}" holds {str(value)[:20]!r}, which is no number')
        else:
            out[place] = value
    if np.isinf(out).any():
        raise SeriesError(f'"{name}" holds an infinite value')
    return out


def read_series(channel: Channel) -> list[TimeSeries]:
    """Every record of a channel: JSON Lines (plain or gzip) or Parquet, told by the content type or the file's name.

    Raises:
        AlgorithmError: a record is malformed (with file and line), or there is none.
    """
    series: list[TimeSeries] = []
    for path in channel.files():
        records = _parquet(path) if _is_parquet(path, channel.content_type) else _lines(path)
        for number, record in records:
            try:
                series.append(parse_series(record))
            except (SeriesError, TypeError) as error:
                raise AlgorithmError(
                    f"Channel '{channel.name}', file '{path.name}', line {number}: {error}."
                ) from error
    if not series:
        raise AlgorithmError(f"Channel '{channel.name}' holds no time series.")
    return series


def _is_parquet(path: Path, kind: str) -> bool:
    if path.name.endswith((".json", ".json.gz", ".jsonl", ".jsonl.gz")):
        return False
    return path.name.endswith(".parquet") or kind in ("parquet", "auto-parquet", "application/x-parquet")


def _lines(path: Path) -> Iterator[tuple[int, Any]]:
    with path.open("rb") as probe:
        packed = probe.read(2) == b"\x1f\x8b"
    opened = gzip.open if packed else open
    try:
        with opened(path, "rt", encoding="utf-8") as stream:
            for number, line in enumerate(stream, 1):
                if line.strip():
                    yield number, json.loads(line)
    except (ValueError, OSError, EOFError) as error:
        raise AlgorithmError(f"File '{path.name}' is not in JSON Lines format: {error}") from error


def _parquet(path: Path) -> Iterator[tuple[int, Any]]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        rows = pq.read_table(path).to_pylist()
    except (pa.ArrowException, OSError) as error:
        raise AlgorithmError(
            f"Parquet file '{path.name}' cannot be read: {str(error).splitlines()[0]}"
        ) from error
    yield from enumerate(rows, 1)
