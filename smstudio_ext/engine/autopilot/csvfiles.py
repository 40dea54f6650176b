"""Reads CSV files into columns of text, whole or in blocks, and says exactly what is wrong with bad ones."""

from __future__ import annotations

import csv
import gzip
import io
import zlib
from collections import Counter
from collections.abc import Iterator, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import IO, Any

from smstudio_ext.engine.images.contract import AlgorithmError

GZIP = b"\x1f\x8b"
_BOM = b"\xef\xbb\xbf"
_BLOCK = 8 << 20
_WIDE = 10_000
_FIRST_LINE = 64 << 20
_PROBE = 4 << 20


def is_gzip(path: Path) -> bool:
    """Whether a file is gzipped, by its first bytes."""
    with path.open("rb") as stream:
        return stream.read(2) == GZIP


def extent(path: Path) -> tuple[int, int]:
    """Bytes of a CSV file's text and number of its cells, both estimated from the file's beginning."""
    size = path.stat().st_size
    with path.open("rb") as stream:
        start = stream.read(_PROBE)
    if start[:2] == GZIP:
        packed = len(start)
        try:
            start = zlib.decompressobj(wbits=31).decompress(start)
        except zlib.error:
            return size, 0
        size = int(size * max(1.0, len(start) / packed))
    cells = start.count(b",") + start.count(b"\n")
    return size, int(size * cells / max(1, len(start)))


def read_header(path: Path, name: str) -> list[str]:
    """The cells of the first line; empty for a file without text.

    Raises:
        AlgorithmError: the file is no UTF-8 text.
    """
    try:
        with opened(path) as stream:
            _check_start(stream.read(4), name)
        with opened(path) as stream:
            text = io.TextIOWrapper(stream, encoding="utf-8-sig", newline="")
            for row in csv.reader(_limited(text, name)):
                if row:
                    return row
    except UnicodeDecodeError as error:
        raise _bad_encoding(path, name) or AlgorithmError(f"File '{name}' is no UTF-8: {error}.") from error
    except (OSError, EOFError, zlib.error) as error:
        raise _broken_gzip(name, error) from error
    except csv.Error as error:
        raise AlgorithmError(f"File '{name}' cannot be read as CSV: {error}.") from error
    return []


def read_whole(path: Path, name: str, width: int, *, skip_header: bool) -> Any:
    """Every row as a pyarrow table of text columns named `0`, `1`, ...

    Raises:
        AlgorithmError: bad encoding or rows of another width; the message names the lines.
    """
    import pyarrow as pa
    import pyarrow.csv as pacsv

    if is_gzip(path):
        try:
            source = pa.BufferReader(gzip.decompress(path.read_bytes()))
        except (OSError, EOFError, zlib.error) as error:
            raise _broken_gzip(name, error) from error
    else:
        source = pa.memory_map(str(path))
    _check_text(source, path, name)
    # Blocks are parsed side by side; a row must fit into one.
    block = _BLOCK if width < _WIDE else max(_BLOCK, min(source.size() + 1, 1 << 30))
    try:
        return pacsv.read_csv(source, **_options(width, block, skip_header))
    except pa.ArrowInvalid as error:
        raise _explain(path, name, width, error) from error


def read_blocks(path: Path, name: str, width: int, *, skip_header: bool) -> Iterator[Any]:
    """The rows in tables of some megabytes each; see `read_whole`."""
    import pyarrow as pa
    import pyarrow.csv as pacsv

    try:
        block = _BLOCK if width < _WIDE else 16 * _BLOCK
        with opened(path) as stream, pacsv.open_csv(stream, **_options(width, block, skip_header)) as reader:
            for batch in reader:
                yield pa.Table.from_batches([batch])
    except pa.ArrowInvalid as error:
        raise _explain(path, name, width, error) from error
    except (OSError, EOFError, zlib.error) as error:
        raise _broken_gzip(name, error) from error


def opened(path: Path) -> IO[bytes]:
    """The bytes of the text, unpacked."""
    return gzip.open(path, "rb") if is_gzip(path) else path.open("rb")  # type: ignore[return-value]


def check_names(header: Sequence[str], name: str) -> list[str]:
    """The column names of a header, checked.

    Raises:
        AlgorithmError: one column only, columns without name, the same name twice.
    """
    if len(header) < 2:
        hint = next((mark for mark in (";", "\t", "|") if header and mark in header[0]), None)
        reason = "Autopilot needs a target and at least one feature."
        if hint:
            reason = f"It seems to be separated by {hint!r}; Autopilot reads comma-separated files."
        raise AlgorithmError(f"File '{name}' has one column only. {reason}")
    empty = [str(at) for at, column in enumerate(header, 1) if not column.strip()]
    # An empty first name is what pandas writes for an index without name.
    if empty and empty != ["1"]:
        raise AlgorithmError(f"File '{name}': column(s) {', '.join(empty[:10])} have no name in the header.")
    names = [column if column.strip() else "Unnamed: 0" for column in header]
    repeated = sorted(column for column, count in Counter(names).items() if count > 1)
    if repeated:
        raise AlgorithmError(f"File '{name}' has duplicate column names: {', '.join(repeated[:10])}.")
    return names


def without_target(header: Sequence[str], name: str, target: str) -> str:
    """Why a header does not do, when the target is not in it."""
    if any(_is_number(cell) for cell in header):
        return (
            f"File '{name}' seems to have no header: its first line holds data ({', '.join(header[:4])}, ...), not the target "
            f"attribute name '{target}'. Autopilot needs the column names in the first line."
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


def _limited(stream: io.TextIOWrapper, name: str) -> Iterator[str]:
    # Not `for line in stream`: a file without line breaks would be read whole.
    while line := stream.readline(_FIRST_LINE):
        if len(line) == _FIRST_LINE:
            raise AlgorithmError(
                f"File '{name}' has a first line of more than {_FIRST_LINE >> 20} MB: it is no CSV."
            )
        yield line


def _check_start(start: bytes, name: str) -> None:
    if start[:2] in (b"\xff\xfe", b"\xfe\xff"):
        raise AlgorithmError(f"File '{name}' is encoded in UTF-16. Save it as CSV UTF-8 and try again.")
    if start == b"PK\x03\x04":
        raise AlgorithmError(f"File '{name}' is a zip archive or an Excel workbook, not CSV.")


def _options(width: int, block: int, skip_header: bool) -> dict[str, Any]:
    import pyarrow as pa
    import pyarrow.csv as pacsv

    names = [str(at) for at in range(width)]
    return {
        "read_options": pacsv.ReadOptions(
            column_names=names, skip_rows_after_names=1 if skip_header else 0, block_size=block
        ),
        "parse_options": pacsv.ParseOptions(newlines_in_values=True, ignore_empty_lines=True),
        "convert_options": pacsv.ConvertOptions(
            column_types=dict.fromkeys(names, pa.string()),
            strings_can_be_null=False,
            quoted_strings_can_be_null=False,
        ),
    }


def _check_text(source: Any, path: Path, name: str) -> None:
    quotes = 0
    while block := source.read(_BLOCK):
        if b"\0" in block:
            raise _bad_encoding(path, name) or AlgorithmError(
                f"File '{name}' holds NUL bytes: it is no CSV text."
            )
        quotes += block.count(b'"')
    source.seek(0)
    line = _open_quote(path) if quotes % 2 else 0
    if line:
        raise AlgorithmError(
            f"File '{name}': the quote that opens in line {line} is never closed, so that the rest of the file is one cell."
        )


def _open_quote(path: Path) -> int:
    """Line of a row whose quoted cell has no end; 0 if there is none."""
    start = 1
    with opened(path) as binary:
        reader = csv.reader(io.TextIOWrapper(binary, encoding="utf-8-sig", newline=""), strict=True)
        try:
            for _ in reader:
                start = reader.line_num + 1
        except csv.Error as error:
            return start if "end of data" in str(error) else 0
        except UnicodeDecodeError:
            return 0
    return 0


def _broken_gzip(name: str, error: Exception) -> AlgorithmError:
    return AlgorithmError(f"File '{name}' looks gzipped but cannot be unpacked: {error}.")


def _explain(path: Path, name: str, width: int, error: Exception) -> AlgorithmError:
    """What is wrong with a file that pyarrow refused; reads it again, line by line."""
    wrong = _bad_encoding(path, name)
    if wrong is not None:
        return wrong
    text = _ragged(path, width, name) or f"File '{name}' cannot be read as CSV: {error}"
    return AlgorithmError(text)


def _bad_encoding(path: Path, name: str) -> AlgorithmError | None:
    with opened(path) as stream:
        for number, line in enumerate(stream, 1):
            if b"\0" in line:
                return AlgorithmError(f"File '{name}' holds NUL bytes in line {number}: it is no CSV text.")
            try:
                line.decode("utf-8")
            except UnicodeDecodeError as error:
                return AlgorithmError(
                    f"File '{name}' is not encoded in UTF-8: byte 0x{line[error.start]:02x} in line {number}. Convert it to UTF-8 "
                    "(for example `iconv -f ISO-8859-1 -t UTF-8`) and try again."
                )
    return None


def _ragged(path: Path, width: int, name: str) -> str | None:
    bad: list[str] = []
    count = 0
    try:
        for line, row in _rows(path):
            if row and len(row) != width:
                count += 1
                if len(bad) < 3:
                    bad.append(f"line {line} has {len(row)}")
    except csv.Error as error:
        return f"File '{name}' cannot be read as CSV: {error}."
    if not count:
        return None
    return (
        f"File '{name}' has {count} row(s) whose number of columns differs from the header's {width}: {', '.join(bad)}"
        f"{', ...' if count > 3 else ''}. Quote cells that contain commas or line breaks."
    )


def _rows(path: Path) -> Iterator[tuple[int, list[str]]]:
    with opened(path) as binary:
        stream = io.TextIOWrapper(binary, encoding="utf-8-sig", newline="")
        reader = csv.reader(stream)
        start = 1
        for row in reader:
            yield start, row
            start = reader.line_num + 1
