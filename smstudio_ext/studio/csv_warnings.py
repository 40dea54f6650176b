"""What to know about a data set before a job is sent."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from smstudio_ext.studio.csv_preview import Table, is_infinite
from smstudio_ext.studio.models.data import DataWarning

MIN_ROWS = 500
MANY_COLUMNS = 1000
LARGE_BYTES = 5 * 1024**3
_NAMED = 5


def warnings_of(table: Table, *, rows: int, exact: bool, size: int) -> list[DataWarning]:
    """Everything worth saying, what would make a job fail first."""
    if size == 0:
        return [DataWarning(code="empty", severity="error", message="The file is empty.")]
    if table.problem:
        return [
            DataWarning(
                code="not_csv",
                severity="error",
                message=table.problem
                if table.encoding == "binary"
                else f"It cannot be read as CSV. {table.problem}",
            )
        ]
    order = {"error": 0, "warning": 1, "info": 2}
    found = [
        *_of_columns(table),
        *_of_rows(table, rows, exact=exact),
        *_of_values(table),
        *_of_file(table, size),
    ]
    return sorted(found, key=lambda warning: order[warning.severity])


def _of_columns(table: Table) -> Iterator[DataWarning]:
    if not table.header:
        yield DataWarning(
            code="no_header",
            severity="error",
            message="The first line does not look like column names; Autopilot needs a header line.",
        )
        return
    repeated = [name for name, times in Counter(table.names).items() if times > 1 and name.strip()]
    if repeated:
        yield DataWarning(
            code="duplicate_names", severity="error", message=f"Column names occur twice: {_named(repeated)}."
        )
    nameless = [str(i + 1) for i, name in enumerate(table.names) if not name.strip()]
    if nameless:
        yield DataWarning(
            code="empty_names", severity="warning", message=f"Columns without a name: {_named(nameless)}."
        )
    if len(table.names) > MANY_COLUMNS:
        yield DataWarning(
            code="many_columns",
            severity="warning",
            message=f"{len(table.names):,} columns: the job will take long and much memory.",
        )


def _of_rows(table: Table, rows: int, *, exact: bool) -> Iterator[DataWarning]:
    if not table.rows:
        yield DataWarning(
            code="no_rows", severity="error", message="There are no data rows under the header."
        )
        return
    if rows < MIN_ROWS:
        about = "" if exact else "about "
        yield DataWarning(
            code="few_rows",
            severity="warning",
            message=f"Only {about}{rows} rows: AWS's Autopilot needs at least {MIN_ROWS}. The local engine tries.",
        )
    width = len(table.names)
    ragged = [i for i, row in enumerate(table.rows) if len(row) != width]
    if ragged:
        first = ragged[0] + (2 if table.header else 1)
        yield DataWarning(
            code="ragged",
            severity="error",
            message=f"{len(ragged):,} rows do not have {width} columns; the first is record {first}.",
        )


def _of_values(table: Table) -> Iterator[DataWarning]:
    newlines = infinite = 0
    for row in table.rows:
        for cell in row:
            if "\n" in cell or "\r" in cell:
                newlines += 1
            if cell and (cell[-1] in "fFyY") and is_infinite(cell):
                infinite += 1
    if newlines:
        yield DataWarning(
            code="quoted_newlines",
            severity="info",
            message=f"{newlines:,} values hold line breaks within quotes.",
        )
    if infinite:
        yield DataWarning(
            code="infinities",
            severity="warning",
            message=f"{infinite:,} values are infinite; they are treated as missing.",
        )


def _of_file(table: Table, size: int) -> Iterator[DataWarning]:
    if table.guessed_encoding or table.encoding == "utf-16":
        yield DataWarning(
            code="encoding",
            severity="error",
            message=f"The text is not UTF-8 (it reads as {table.encoding}); save it as UTF-8.",
        )
    if table.delimiter != ",":
        shown = {"\t": "tabs"}.get(table.delimiter, repr(table.delimiter))
        yield DataWarning(
            code="delimiter",
            severity="error",
            message=f"Columns are separated by {shown}; Autopilot needs commas.",
        )
    if size > LARGE_BYTES:
        yield DataWarning(
            code="large",
            severity="warning",
            message="Larger than 5 GiB: AWS's Autopilot will take a sample of it.",
        )


def _named(values: list[str]) -> str:
    shown = ", ".join(values[:_NAMED])
    return shown if len(values) <= _NAMED else f"{shown} and {len(values) - _NAMED} more"
