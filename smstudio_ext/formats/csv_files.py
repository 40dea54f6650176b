"""SageMaker's CSV rules: no header, the target first (or no target with `label_size=0`), numbers only."""

from __future__ import annotations

import csv
import gzip
import io
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import IO

import numpy as np
import numpy.typing as npt

from smstudio_ext.formats.tables import FormatError, Table

DELIMITERS = (",", "\t", ";", "|", " ")
_BLOCK = 8 << 20


def read_csv(
    source: str | Path | bytes,
    *,
    label_size: int = 1,
    weights: bool = False,
    delimiter: str | None = None,
    name: str = "",
) -> Table:
    """Reads one CSV file, gzipped or not.

    Args:
        source: path, or the bytes themselves.
        label_size: 1 = the first column is the target, 0 = there is none.
        weights: the column after the target holds sample weights.
        delimiter: between cells; guessed from the first line when None.
        name: what errors call the data; the file's name by default.

    Returns:
        Features of float32, empty cells as NaN.

    Raises:
        FormatError: a header, text in a cell, rows of different length, no feature column, no row. Names file and line.
    """
    name = name or (Path(source).name if not isinstance(source, bytes) else "the data")
    data = _plain(source)
    first = _first_line(data)
    delimiter = delimiter or guess_delimiter(first, name)
    cells = _cells(first, delimiter)
    refuse_header(first, cells, name)
    values = _parse(data, len(cells), delimiter, name)
    return split_columns(values, label_size=label_size, weights=weights, name=name)


def read_csv_stream(
    stream: IO[bytes],
    *,
    label_size: int = 1,
    weights: bool = False,
    name: str = "the stream",
) -> Iterator[Table]:
    """Reads CSV from a pipe in pieces of some megabytes; several files may follow each other.

    Raises:
        FormatError: as `read_csv`; line numbers count from the beginning of the stream.
    """
    done, rest, delimiter, width = 0, b"", "", 0
    while True:
        block = stream.read(_BLOCK)
        piece = rest + block
        cut = piece.rfind(b"\n") + 1 if block else len(piece)
        rest, piece = piece[cut:], piece[:cut]
        if piece.strip():
            if not width:
                first = _first_line(piece)
                delimiter = guess_delimiter(first, name)
                width = len(_cells(first, delimiter))
                refuse_header(first, _cells(first, delimiter), name)
            values = _parse(piece, width, delimiter, name, before=done)
            yield split_columns(values, label_size=label_size, weights=weights, name=name)
        done += piece.count(b"\n")
        if not block:
            return


def write_csv(
    features: npt.ArrayLike, labels: npt.ArrayLike | None = None, destination: str | Path | None = None
) -> bytes:
    """Writes rows as SageMaker wants them: target first, no header, NaN as an empty cell.

    Args:
        features: (rows, columns).
        labels: (rows,), or None for rows without a target.
        destination: file to write; the bytes are returned in any case.
    """
    table = np.asarray(features)
    columns = [] if labels is None else [np.asarray(labels)]
    columns += list(table.T)
    texts = [
        [
            "" if value != value else f"{value:.9g}" if isinstance(value, float) else str(value)
            for value in c.tolist()
        ]
        for c in columns
    ]
    data = "".join(",".join(row) + "\n" for row in zip(*texts, strict=True)).encode()
    if destination is not None:
        Path(destination).write_bytes(data)
    return data


def guess_delimiter(line: str, name: str = "the data") -> str:
    """The delimiter of a line of numbers: the one that leaves most cells, comma first.

    Raises:
        FormatError: the line is empty.
    """
    if not line.strip():
        raise FormatError(
            f"Could not determine delimiter on line {line[:50]}: '{name}' begins with an empty line."
        )
    if "," in line:
        return ","
    try:
        float(line.strip().strip('"'))
    except ValueError:
        counts = {mark: line.strip().count(mark) for mark in DELIMITERS}
        best = max(DELIMITERS, key=lambda mark: counts[mark] if mark != " " else counts[mark] / 1000)
        return best if counts[best] else ","
    return ","


def refuse_header(line: str, cells: Iterable[str], name: str) -> None:
    """Refuses a first line that holds text, with the words of AWS's image.

    Raises:
        FormatError: a cell is no number.
    """
    for text in cells:
        cell = text.strip()
        if not _is_number(cell):
            raise FormatError(
                f"Non-numeric value '{cell[:40]}' found in the header line '{line.strip()[:80]}...' of CSV file '{name}'. "
                "CSV format require no header line in it. If header line is already removed, XGBoost does not accept "
                "non-numeric value in the data.",
                file=name,
                line=1,
            )


def split_columns(values: npt.NDArray[np.float32], *, label_size: int, weights: bool, name: str) -> Table:
    """Splits columns into target, weights and features.

    Raises:
        FormatError: no feature column is left.
    """
    first = label_size + (1 if weights else 0)
    if values.shape[1] <= first:
        beside = " beside the label and the weight" if weights else " beside the label" if label_size else ""
        raise FormatError(
            f"CSV file '{name}' has {values.shape[1]} column(s): no feature is left{beside}.", file=name
        )
    return Table(
        np.ascontiguousarray(values[:, first:]),
        values[:, 0].copy() if label_size else np.empty(0, dtype=np.float32),
        values[:, label_size].copy() if weights else None,
    )


def _plain(source: str | Path | bytes) -> bytes | Path:
    if isinstance(source, bytes):
        return gzip.decompress(source) if source[:2] == b"\x1f\x8b" else source
    path = Path(source)
    with path.open("rb") as stream:
        zipped = stream.read(2) == b"\x1f\x8b"
    return gzip.decompress(path.read_bytes()) if zipped else path


def _first_line(data: bytes | Path) -> str:
    if isinstance(data, bytes):
        stream: IO[bytes] = io.BytesIO(data)
    else:
        stream = data.open("rb")
    with stream:
        for line in stream:
            text = line.decode("utf-8", errors="replace").strip("\ufeff\r\n")
            if text.strip():
                return text
    return ""


def _cells(line: str, delimiter: str) -> list[str]:
    return next(csv.reader([line], delimiter=delimiter, skipinitialspace=True), [])


def _is_number(cell: str) -> bool:
    try:
        float(cell or "nan")
    except ValueError:
        return cell.lower() in _MISSING
    return True


def _parse(
    data: bytes | Path, width: int, delimiter: str, name: str, before: int = 0
) -> npt.NDArray[np.float32]:
    import pandas as pd

    try:
        values: npt.NDArray[np.float32] = pd.read_csv(
            io.BytesIO(data) if isinstance(data, bytes) else data,
            header=None,
            sep=delimiter,
            dtype=np.float32,
            encoding_errors="replace",
        ).to_numpy()
    except (ValueError, OverflowError, pd.errors.ParserError):
        # Numbers in forms that pandas does not read, or an error to name: go line by line.
        return _parse_slowly(data, width, delimiter, name, before)
    if values.shape[1] != width or (np.isnan(values[:, -1]).any() and _ragged(data, width, delimiter)):
        return _parse_slowly(data, width, delimiter, name, before)
    return values


def _ragged(data: bytes | Path, width: int, delimiter: str) -> bool:
    # pandas fills short rows up with NaN; an honest empty last cell looks the same but for its delimiter.
    stream: IO[bytes] = io.BytesIO(data) if isinstance(data, bytes) else data.open("rb")
    mark = delimiter.encode()
    with stream:
        return any(line.count(mark) < width - 1 for line in stream if line.strip())


def _parse_slowly(
    data: bytes | Path, width: int, delimiter: str, name: str, before: int
) -> npt.NDArray[np.float32]:
    stream: IO[bytes] = io.BytesIO(data) if isinstance(data, bytes) else data.open("rb")
    rows = []
    with stream, io.TextIOWrapper(stream, "utf-8-sig", errors="replace", newline="") as text:
        reader = csv.reader(text, delimiter=delimiter, skipinitialspace=True)
        for cells in reader:
            if not cells or cells == [""]:
                continue
            rows.append(_row(cells, width, name, before + reader.line_num))
    return np.asarray(rows, dtype=np.float32).reshape(-1, width)


def _row(cells: list[str], width: int, name: str, line: int) -> list[float]:
    if len(cells) != width:
        raise FormatError(
            f"CSV file '{name}', line {line}: the row has {len(cells)} columns, the first row has {width}.",
            file=name,
            line=line,
        )
    try:
        return [float(cell) if cell else np.nan for cell in cells]
    except ValueError:
        return [_number(cell, column, name, line) for column, cell in enumerate(cells, 1)]


_MISSING = frozenset({"", "na", "n/a", "#n/a", "null", "none", "nan"})


def _number(cell: str, column: int, name: str, line: int) -> float:
    text = cell.strip().strip('"').strip()
    if text.lower() in _MISSING:
        return float("nan")
    try:
        return float(text)
    except ValueError as error:
        raise FormatError(
            f"CSV file '{name}' cannot be read as numbers: line {line}, column {column} holds '{text[:40]}'.",
            file=name,
            line=line,
        ) from error
