"""Reads the beginning of a CSV: encoding, delimiter, header, columns and their kinds; without pandas."""

from __future__ import annotations

import codecs
import csv
import io
import math
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Protocol

from smstudio_ext.studio.models.data import Column, ColumnKind

MISSING = frozenset({"", "na", "n/a", "nan", "null", "none", "?", "-nan", "#n/a", "<na>"})
_BOOLEANS = frozenset({"true", "false", "true.", "false.", "yes", "no", "y", "n", "t", "f"})
_DATE = re.compile(
    r"\d{4}[-/]\d{1,2}[-/]\d{1,2}([ T]\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:?\d{2})?)?|\d{1,2}[-/.]\d{1,2}[-/.]\d{4}"
)
_DELIMITERS = (",", ";", "\t", "|")
_DISTINCT_CAP = 1000
_CATEGORICAL_SHARE = 0.5
_FEW_ROWS = 20
_PROBE_ROWS = 50
_FIELD_LIMIT = 16 * 1024 * 1024
_CHUNK = 1024 * 1024


@dataclass
class Table:
    """A CSV as far as it was read.

    Attributes:
        names: of the columns, from the header or `Column 1`...
        rows: data rows, as they are: ragged ones keep their length.
        problem: why it could not be read as CSV, if so.
    """

    encoding: str
    delimiter: str
    header: bool
    names: list[str] = field(default_factory=list)
    rows: list[list[str]] = field(default_factory=list)
    guessed_encoding: bool = False
    problem: str | None = None

    def columns(self) -> list[Column]:
        """What is known about each column."""
        return [
            _column(name, (row[i] for row in self.rows if i < len(row))) for i, name in enumerate(self.names)
        ]


def read_table(data: bytes, *, whole: bool) -> Table:
    """Reads the beginning of a CSV.

    Args:
        whole: there is no more; otherwise the last, cut record is left out.
    """
    if data.startswith(b"PAR1"):
        return Table("binary", ",", False, problem="It is a Parquet file, which is not looked into here.")
    encoding, text, guessed = _decode(data, whole=whole)
    if "\0" in text[:4096]:
        return Table(encoding, ",", False, problem="It holds null characters, so it is no text.")
    delimiter = _delimiter(text)
    table = Table(encoding, delimiter, False, guessed_encoding=guessed)
    csv.field_size_limit(_FIELD_LIMIT)
    records: list[list[str]] = []
    try:
        for record in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True):
            if record:
                records.append(record)
    except csv.Error as error:
        if whole:  # of a cut file the last record may well end within quotes
            table.problem = f"Line {len(records) + 1}: {error}."
    if not whole and records:
        records.pop()
    if not records:
        return table
    table.header = _has_header(records)
    table.names = records[0] if table.header else [f"Column {i + 1}" for i in range(len(records[0]))]
    table.rows = records[1:] if table.header else records
    return table


class Readable(Protocol):
    """A stream of bytes."""

    def read(self, size: int, /) -> bytes: ...


def count_records(stream: Readable) -> int:
    """Records of a CSV of any size: newlines outside of quotes, without empty lines; constant memory."""
    records, inside, empty = 0, False, True
    while chunk := stream.read(_CHUNK):
        for i, piece in enumerate(chunk.split(b'"')):
            if i:
                inside = not inside
                empty = False
            if inside or not piece:
                empty = empty and not piece
                continue
            lines = piece.split(b"\n")
            for line in lines[:-1]:
                if not empty or line not in (b"", b"\r"):
                    records += 1
                empty = True
            if lines[-1] not in (b"", b"\r"):
                empty = False
    return records + (not empty)


def is_number(text: str) -> bool:
    """Whether a cell reads as a number (also inf)."""
    try:
        float(text)
    except ValueError:
        return False
    return "_" not in text  # Python reads 1_000, nobody else does


def is_infinite(text: str) -> bool:
    """Whether a cell reads as an infinite number."""
    return is_number(text) and math.isinf(float(text))


def is_missing(text: str) -> bool:
    """Whether a cell holds no value."""
    return text.strip().lower() in MISSING


def _decode(data: bytes, *, whole: bool) -> tuple[str, str, bool]:
    """Encoding, text, and whether the encoding is only a guess."""
    for mark, name in (
        (codecs.BOM_UTF8, "utf-8-sig"),
        (codecs.BOM_UTF16_LE, "utf-16"),
        (codecs.BOM_UTF16_BE, "utf-16"),
    ):
        if data.startswith(mark):
            return name, data.decode(name, errors="replace"), False
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        return "utf-8", decoder.decode(data, final=whole), False
    except UnicodeDecodeError:
        return "windows-1252", data.decode("cp1252", errors="replace"), True


def _delimiter(text: str) -> str:
    """The delimiter that cuts the first lines into the most columns, all alike."""
    probe = text[: 64 * 1024]
    best, columns = ",", 1
    for delimiter in _DELIMITERS:
        counts: list[int] = []
        try:
            for record in csv.reader(io.StringIO(probe, newline=""), delimiter=delimiter):
                if record:
                    counts.append(len(record))
                if len(counts) >= _PROBE_ROWS:
                    break
        except csv.Error:
            continue
        if len(counts) > 1:
            counts = counts[:-1]  # the last one may be cut
        if not counts:
            continue
        usual = max(set(counts), key=counts.count)
        if usual > columns and counts.count(usual) >= 0.8 * len(counts):
            best, columns = delimiter, usual
    return best


def _has_header(records: list[list[str]]) -> bool:
    """Whether the first record names the columns: no numbers in it, and nothing that the rows below repeat as a value."""
    first, below = records[0], records[1 : _PROBE_ROWS + 1]
    if any(is_number(cell) for cell in first if cell.strip()):
        return False
    if not below:
        return all(cell.strip() for cell in first)
    repeated = sum(
        1
        for i, cell in enumerate(first)
        if cell.strip() and any(i < len(row) and row[i] == cell for row in below)
    )
    return repeated * 2 < len(first)


def _column(name: str, cells: Iterable[str]) -> Column:
    distinct: dict[str, None] = {}
    missing = read = 0
    numeric = boolean = dated = True
    for cell in cells:
        read += 1
        if is_missing(cell):
            missing += 1
            continue
        if len(distinct) < _DISTINCT_CAP:
            distinct[cell] = None
        text = cell.strip()
        numeric = numeric and is_number(text)
        boolean = boolean and text.lower() in _BOOLEANS
        dated = dated and not numeric and _DATE.fullmatch(text) is not None
    return Column(
        name=name,
        kind=_kind(read - missing, len(distinct), numeric=numeric, boolean=boolean, dated=dated),
        distinct=len(distinct),
        missing=missing,
        examples=[value[:80] for value in list(distinct)[:5]],
    )


def _kind(values: int, distinct: int, *, numeric: bool, boolean: bool, dated: bool) -> ColumnKind:
    if values == 0:
        return "empty"
    if numeric:
        return "numeric"
    if boolean:
        return "boolean"
    if dated:
        return "datetime"
    if distinct < _DISTINCT_CAP and (distinct <= _FEW_ROWS or distinct <= _CATEGORICAL_SHARE * values):
        return "categorical"
    return "text"
