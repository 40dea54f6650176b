"""Tables of the notebook, a part at a time: whatever library they are of, and however long, they are never copied whole."""

from __future__ import annotations

import errno
import io
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from smstudio_ext.magics.failure import MagicFailure

Format = Literal["csv", "parquet"]

_CELLS_AT_ONCE = 4_000_000
"""Of a part that is written to a file: some 32 MB of numbers."""
_CELLS_OF_A_REQUEST = 200_000
_FEWEST_ROWS = 256
_OBJECTS = "Turn columns of Python objects into text or numbers first, for example: df[c] = df[c].astype(str)"


@dataclass(frozen=True)
class Parts:
    """A table that is read a part at a time.

    Attributes:
        schema: pyarrow's, without dictionaries (pandas' categories): CSV cannot hold codes.
        rows: how many there are.
        batches: gives the parts, which are record batches of that schema, with at most so many rows.
    """

    schema: Any
    rows: int
    batches: Callable[[int], Iterator[Any]]


def table_library(value: Any) -> str | None:
    """`pandas`, `polars` or `pyarrow` where the value is a table of theirs; None otherwise. Imports nothing."""
    kind = type(value)
    root = kind.__module__.split(".")[0]
    if root in ("pandas", "polars") and kind.__name__ in ("DataFrame", "LazyFrame", "Series"):
        return root
    if root == "pyarrow" and kind.__name__ == "Table":
        return root
    return None


def column_names(value: Any) -> list[str]:
    """Names of a table's columns; a polars query is not run for them."""
    if type(value).__name__ == "LazyFrame":
        return list(value.collect_schema().names())
    if type(value).__name__ == "Series":
        return [str(value.name)]
    return [str(name) for name in getattr(value, "column_names", None) or value.columns]


def write_table(
    value: Any, path: Path, form: Format, *, header: bool = True, first: str | None = None
) -> int:
    """Writes a table to a file.

    Args:
        header: whether a CSV gets its column names.
        first: column to begin with.

    Returns:
        How many rows.

    Raises:
        MagicFailure: no data, data that cannot be written, or no room for the file.
    """
    with _room(path), parts_of(value) as parts:
        schema = parts.schema
        if first is not None:
            if first not in schema.names:
                raise MagicFailure(f"The table has no column {first!r}; it has: {_some(schema.names)}.")
            import pyarrow

            schema = pyarrow.schema(
                [schema.field(first), *[field for field in schema if field.name != first]]
            )
        with _writer(path, schema, form, header=header) as writer:
            for batch in parts.batches(_rows_of(_CELLS_AT_ONCE, schema)):
                writer.write_batch(batch if first is None else batch.select(schema.names))
        return parts.rows


def csv_requests(value: Any, most_bytes: int) -> Iterator[tuple[bytes, int]]:
    """A table as CSV without header in bodies of requests, each with its number of rows.

    Args:
        most_bytes: of one body, unless a single row has more.
    """
    with parts_of(value) as parts:
        for batch in parts.batches(_rows_of(_CELLS_OF_A_REQUEST, parts.schema)):
            yield from _bodies(batch, most_bytes)


@contextmanager
def parts_of(value: Any) -> Iterator[Parts]:
    """A table of pandas, polars or pyarrow in parts.

    Raises:
        MagicFailure: there is no data, or data that has no place in a table of plain values.
    """
    library = table_library(value)
    with tempfile.TemporaryDirectory(prefix="smstudio-") as folder:
        if library == "pandas":
            found = _of_pandas(value.to_frame() if type(value).__name__ == "Series" else value)
        elif library == "polars":
            found = _of_polars(value, Path(folder))
        else:
            found = _of_arrow(value)
        if not found.rows or not len(found.schema):
            raise MagicFailure(
                f"The table has {found.rows} rows and {len(found.schema)} columns: there is no data."
            )
        yield found


def _of_pandas(frame: Any) -> Parts:
    import pyarrow

    if frame.columns.nlevels > 1:
        raise MagicFailure(
            "The DataFrame has column names of several levels.", hint="Make them one level first."
        )
    names = [str(name) for name in frame.columns]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise MagicFailure(
            f"The DataFrame has several columns named {_some(twice)}.", hint="Rename them first."
        )
    types = [_type_of(frame.iloc[:, at], name) for at, name in enumerate(names)]
    schema = pyarrow.schema(list(zip(names, types, strict=True)))

    def batches(rows: int) -> Iterator[Any]:
        for start in range(0, len(frame), rows):
            part = frame.iloc[start : start + rows]
            arrays = [_array(part.iloc[:, at], kind) for at, kind in enumerate(types)]
            yield pyarrow.RecordBatch.from_arrays(arrays, schema=schema)

    return Parts(schema, len(frame), batches)


def _type_of(column: Any, name: str) -> Any:
    """The Arrow type of a pandas column; columns of objects are looked through, a part at a time."""
    import pyarrow

    step = max(1, _CELLS_AT_ONCE // 8)
    try:
        if column.dtype != object:
            found = pyarrow.array(column.iloc[:1], from_pandas=True).type
            return found.value_type if pyarrow.types.is_dictionary(found) else found
        kinds = {
            pyarrow.array(column.iloc[start : start + step], from_pandas=True).type
            for start in range(0, len(column), step)
        }
        schemas = [pyarrow.schema([(name, kind)]) for kind in sorted(kinds or {pyarrow.null()}, key=str)]
        return pyarrow.unify_schemas(schemas, promote_options="permissive").field(0).type
    except pyarrow.ArrowException as error:
        raise MagicFailure(
            f"The DataFrame cannot be written: column {name!r}: {_reason(error)}", hint=_OBJECTS
        ) from None


def _array(column: Any, kind: Any) -> Any:
    import pyarrow

    found = pyarrow.array(column, type=kind if column.dtype == object else None, from_pandas=True)
    return found if found.type == kind else found.cast(kind)


def _of_polars(value: Any, folder: Path) -> Parts:
    import pyarrow.parquet

    if type(value).__name__ == "LazyFrame":  # the query runs once, by parts, into a file
        path = folder / "query.parquet"
        with _room(path):
            value.sink_parquet(path)
        file = pyarrow.parquet.ParquetFile(path)
        return _plain(file.schema_arrow, file.metadata.num_rows, lambda rows: _of_file(file, rows))
    frame = value.to_frame() if type(value).__name__ == "Series" else value

    def batches(rows: int) -> Iterator[Any]:
        for part in frame.iter_slices(rows):
            yield from part.to_arrow().combine_chunks().to_batches()

    return _plain(frame.head(0).to_arrow().schema, frame.height, batches)


def _of_file(file: Any, rows: int) -> Iterator[Any]:
    """A Parquet file by its row groups: pyarrow's own reading by batches holds all that it has read."""
    for group in range(file.num_row_groups):
        yield from file.read_row_group(group).to_batches(max_chunksize=rows)


def _of_arrow(table: Any) -> Parts:
    return _plain(table.schema, table.num_rows, lambda rows: iter(table.to_batches(max_chunksize=rows)))


def _plain(schema: Any, rows: int, batches: Callable[[int], Iterator[Any]]) -> Parts:
    """Parts whose dictionaries are the values that they stand for."""
    import pyarrow

    wanted = pyarrow.schema(
        [
            pyarrow.field(
                each.name, each.type.value_type if pyarrow.types.is_dictionary(each.type) else each.type
            )
            for each in schema
        ]
    )

    def plain(most: int) -> Iterator[Any]:
        for batch in batches(most):
            arrays = [
                column if column.type == field.type else column.cast(field.type)
                for column, field in zip(batch.columns, wanted, strict=True)
            ]
            yield pyarrow.RecordBatch.from_arrays(arrays, schema=wanted)

    return Parts(wanted, rows, plain)


@contextmanager
def _writer(path: Path, schema: Any, form: Format, *, header: bool) -> Iterator[Any]:
    import pyarrow

    try:
        if form == "parquet":
            import pyarrow.parquet

            with pyarrow.parquet.ParquetWriter(path, schema) as writer:
                yield writer
        else:
            import pyarrow.csv

            with pyarrow.csv.CSVWriter(path, schema, write_options=_csv_options(header=header)) as writer:
                yield writer
    except pyarrow.ArrowException as error:
        raise MagicFailure(
            f"The table cannot be written as {form}: {_reason(error)}", hint=_OBJECTS
        ) from None


def _bodies(batch: Any, most_bytes: int) -> Iterator[tuple[bytes, int]]:
    """A batch as CSV; halves of it when it is too large: a cell may hold line breaks, so lines are not counted."""
    import pyarrow
    import pyarrow.csv

    target = io.BytesIO()
    try:
        pyarrow.csv.write_csv(batch, target, _csv_options(header=False))
    except pyarrow.ArrowException as error:
        raise MagicFailure(f"The table cannot be written as CSV: {_reason(error)}", hint=_OBJECTS) from None
    if target.tell() <= most_bytes or batch.num_rows == 1:
        yield target.getvalue(), batch.num_rows
        return
    half = batch.num_rows // 2
    yield from _bodies(batch.slice(0, half), most_bytes)
    yield from _bodies(batch.slice(half), most_bytes)


@contextmanager
def _room(path: Path) -> Iterator[None]:
    """Says where there was no room for a file."""
    try:
        yield
    except OSError as error:
        if error.errno != errno.ENOSPC:
            raise
        raise MagicFailure(
            f"There is no room left in {path.parent.parent} for the table.",
            hint="Name a larger folder by the variable TMPDIR before the kernel starts.",
        ) from None


def _rows_of(cells: int, schema: Any) -> int:
    return max(_FEWEST_ROWS, cells // max(1, len(schema)))


def _csv_options(*, header: bool) -> Any:
    import pyarrow.csv

    return pyarrow.csv.WriteOptions(include_header=header, quoting_style="needed")


def _reason(error: Exception) -> str:
    return "; ".join(str(each) for each in error.args) or type(error).__name__


def _some(names: list[str], most: int = 8) -> str:
    shown = ", ".join(repr(name) for name in names[:most])
    return shown + (f" and {len(names) - most} more" if len(names) > most else "")
