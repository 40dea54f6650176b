"""Reads the CSV files of an Autopilot job into columns of text cells, and says exactly what is wrong with bad ones."""

from __future__ import annotations

import csv
import gzip
import io
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from smstudio_ext.engine.images.contract import AlgorithmError

_GZIP = b"\x1f\x8b"


@dataclass
class RawTable:
    """Text cells by column.

    Attributes:
        header: column names as written.
        columns: pyarrow string arrays (chunked), one a column.
        rows: number of rows.
        files: file names that were read.
    """

    header: list[str]
    columns: list[Any]
    rows: int
    files: list[str]


def read_table(folder: Path, *, channel: str, target: str) -> RawTable:
    """Reads every file under a folder; each has the same header, which names the target.

    Raises:
        AlgorithmError: no data, no header, bad encoding, ragged rows, duplicate or differing column names.
    """
    import pyarrow as pa

    files = [
        path
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not path.name.startswith((".", "_SUCCESS"))
    ]
    if not files:
        raise AlgorithmError(f"The {channel} input holds no file.")
    parts: list[Any] = []
    header: list[str] = []
    for path in files:
        name = str(path.relative_to(folder))
        data = _decoded(path, name)
        if not data.strip():
            if len(files) == 1:
                raise AlgorithmError(f"The {channel} input file '{name}' is empty.")
            continue
        first = _header(data, name, target)
        if header and first != header:
            raise AlgorithmError(
                f"File '{name}' has another header than '{files[0].name}': {_difference(header, first)}. All files of the input must have "
                "the same columns in the same order."
            )
        header = header or first
        parts.append(_parse(data, header, name))
    if not parts:
        raise AlgorithmError(f"All files of the {channel} input are empty.")
    table = pa.concat_tables(parts)
    if table.num_rows == 0:
        raise AlgorithmError(f"The {channel} input holds a header but no row.")
    return RawTable(header, table.columns, table.num_rows, [path.name for path in files])


def _decoded(path: Path, name: str) -> bytes:
    data = path.read_bytes()
    if data[:2] == _GZIP:
        try:
            data = gzip.decompress(data)
        except (OSError, EOFError) as error:
            raise AlgorithmError(f"File '{name}' looks gzipped but cannot be unpacked: {error}.") from error
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        raise AlgorithmError(f"File '{name}' is encoded in UTF-16. Save it as CSV UTF-8 and try again.")
    if data[:4] == b"PAR1":
        raise AlgorithmError(
            f"File '{name}' is a Parquet file; this engine's Autopilot reads CSV with a header only, for now."
        )
    if data[:4] == b"PK\x03\x04":
        raise AlgorithmError(f"File '{name}' is a zip archive or an Excel workbook, not CSV.")
    if data[:3] == b"\xef\xbb\xbf":
        data = data[3:]
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise AlgorithmError(
            f"File '{name}' is not encoded in UTF-8: byte 0x{data[error.start]:02x} in line {line}. Convert it to UTF-8 (for example "
            f"`iconv -f ISO-8859-1 -t UTF-8`) and try again."
        ) from error
    if b"\0" in data:
        line = data.count(b"\n", 0, data.index(b"\0")) + 1
        raise AlgorithmError(f"File '{name}' holds NUL bytes in line {line}: it is no CSV text.")
    return data


def _header(data: bytes, name: str, target: str) -> list[str]:
    with io.TextIOWrapper(io.BytesIO(data), encoding="utf-8", newline="") as stream:
        header = next(csv.reader(stream))
    if len(header) < 2:
        hint = next((mark for mark in (";", "\t", "|") if header and mark in header[0]), None)
        reason = "Autopilot needs a target and at least one feature."
        if hint:
            reason = f"It seems to be separated by {hint!r}; Autopilot reads comma-separated files."
        raise AlgorithmError(f"File '{name}' has one column only. {reason}")
    if target not in header:
        raise AlgorithmError(_without_target(header, name, target))
    empty = [str(at) for at, column in enumerate(header, 1) if not column.strip()]
    # An empty first name is what pandas writes for an index without name.
    if empty and empty != ["1"]:
        raise AlgorithmError(f"File '{name}': column(s) {', '.join(empty[:10])} have no name in the header.")
    header = [column if column.strip() else "Unnamed: 0" for column in header]
    repeated = sorted(column for column, count in Counter(header).items() if count > 1)
    if repeated:
        raise AlgorithmError(f"File '{name}' has duplicate column names: {', '.join(repeated[:10])}.")
    return header


def _without_target(header: list[str], name: str, target: str) -> str:
    if any(_is_number(cell) for cell in header):
        return (
            f"File '{name}' seems to have no header: its first line holds data ({', '.join(header[:4])}, ...), not the target "
            f"attribute name '{target}'. Autopilot needs the column names in the first line of each file."
        )
    near = [column for column in header if column.strip().lower() == target.strip().lower()]
    near += [column for column in get_close_matches(target, header, n=3, cutoff=0.6) if column not in near]
    hint = (
        f" Did you mean {' or '.join(repr(column) for column in near[:3])}? Names are case-sensitive."
        if near
        else ""
    )
    listed = ", ".join(header[:20]) + (", ..." if len(header) > 20 else "")
    return f"Target attribute name '{target}' does not exist in the header of file '{name}'.{hint} Columns: {listed}."


def _is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True


def _difference(expected: list[str], found: list[str]) -> str:
    if len(expected) != len(found):
        return f"{len(found)} columns instead of {len(expected)}"
    at = next(at for at, pair in enumerate(zip(expected, found, strict=True)) if pair[0] != pair[1])
    return f"column {at + 1} is '{found[at]}' instead of '{expected[at]}'"


def _parse(data: bytes, header: Sequence[str], name: str) -> Any:
    import pyarrow as pa
    import pyarrow.csv as pacsv

    names = [str(at) for at in range(len(header))]
    try:
        return pacsv.read_csv(
            pa.BufferReader(data),
            read_options=pacsv.ReadOptions(
                column_names=names,
                skip_rows_after_names=1,
                block_size=max(1 << 20, min(len(data) + 1, 1 << 28)),
            ),
            parse_options=pacsv.ParseOptions(newlines_in_values=True, ignore_empty_lines=True),
            convert_options=pacsv.ConvertOptions(
                column_types=dict.fromkeys(names, pa.string()),
                strings_can_be_null=False,
                quoted_strings_can_be_null=False,
            ),
        )
    except pa.ArrowInvalid as error:
        raise AlgorithmError(
            _ragged(data, len(header), name) or f"File '{name}' cannot be read as CSV: {error}"
        ) from error


def _ragged(data: bytes, width: int, name: str) -> str | None:
    bad: list[str] = []
    count = 0
    for line, row in _rows(data):
        if row and len(row) != width:
            count += 1
            if len(bad) < 3:
                bad.append(f"line {line} has {len(row)}")
    if not count:
        return None
    return (
        f"File '{name}' has {count} row(s) whose number of columns differs from the header's {width}: {', '.join(bad)}"
        f"{', ...' if count > 3 else ''}. Quote cells that contain commas or line breaks."
    )


def _rows(data: bytes) -> Iterator[tuple[int, list[str]]]:
    with io.TextIOWrapper(io.BytesIO(data), encoding="utf-8", newline="") as stream:
        reader = csv.reader(stream)
        start = 1
        for row in reader:
            yield start, row
            start = reader.line_num + 1
