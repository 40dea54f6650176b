"""The notebook's values on their way to S3 and back: tables as Parquet or CSV, in parts, and other objects."""

from __future__ import annotations

import ast
import re
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from smstudio_ext.magics.failure import MagicFailure

if TYPE_CHECKING:
    from smstudio_ext.target import Target

Format = Literal["parquet", "csv"]

_ROWS_AT_ONCE = 500_000
PARQUET = "x-application/vnd.amazon+parquet"
"""Content type of Parquet in Autopilot's requests."""


def table_library(value: Any) -> str | None:
    """`pandas`, `polars` or `pyarrow` where the value is a table of theirs; None otherwise. Imports nothing."""
    kind = type(value)
    root = kind.__module__.split(".")[0]
    if root in ("pandas", "polars") and kind.__name__ in ("DataFrame", "LazyFrame", "Series"):
        return root
    if root == "pyarrow" and kind.__name__ == "Table":
        return root
    return None


def read(text: str, names: dict[str, Any]) -> Any:
    """The notebook's variable or expression (`df[cols]`), or the text itself.

    Raises:
        MagicFailure: the expression fails.
    """
    if text in names:
        return names[text]
    if _root(text) not in names:
        return text
    try:
        return eval(text, dict(names))  # what the user wrote, in the user's own notebook
    except Exception as error:  # noqa: BLE001 - whatever the user's own expression raises
        raise MagicFailure(f"{text} cannot be read: {type(error).__name__}: {error}") from None


def looked_up(text: str, names: dict[str, Any]) -> Any:
    """As `read`, where the text can be a file, an S3 address or a name at AWS.

    Raises:
        MagicFailure: it looks like a variable, and there is none; or the expression fails.
    """
    found = read(text, names)
    if found is text and text not in names and text.isidentifier() and not Path(text).exists():
        close = [name for name in names if name.lower() == text.lower()]
        raise MagicFailure(
            f"There is no variable {text!r} in this notebook, and no such file.",
            hint=f"Did you mean {close[0]!r}?" if close else "Run the cell that makes it first.",
        )
    return found


def _root(text: str) -> str | None:
    """The variable that an expression such as `df[cols].head(5)` begins with; None for other texts."""
    try:
        node: ast.AST = ast.parse(text, mode="eval").body
    except (SyntaxError, ValueError):
        return None
    if not isinstance(node, ast.Subscript | ast.Attribute | ast.Call):
        return None
    while isinstance(node, ast.Subscript | ast.Attribute | ast.Call):
        node = node.func if isinstance(node, ast.Call) else node.value
    return node.id if isinstance(node, ast.Name) else None


def in_s3(
    target: Target, value: Any, key: str, *, form: Format, header: bool = True, first: str | None = None
) -> str:
    """The S3 address of data: tables and files go to the default bucket first, addresses stay as they are.

    Args:
        value: a table of pandas, polars or pyarrow, a path, or an `s3://` address.
        key: folder in the default bucket; a table becomes `<key>/data.parquet` or `.csv`.
        form: of a table.
        header: whether a CSV gets its column names.
        first: column that a CSV shall begin with (SageMaker's algorithms take the target there).

    Raises:
        MagicFailure: no data, or data that cannot be written.
    """
    from smstudio_ext.studio import buckets

    if table_library(value) is None:
        text = str(value)
        if text.startswith("s3://"):
            return text
        path = Path(text).expanduser()
        if not path.is_file():
            raise MagicFailure(f"There is no file {text!r}, and it is no table and no s3:// address.")
        return buckets.upload_file(target, path, None, f"{key}/{path.name}").s3_uri
    table = _arrow(value)
    if first is not None:
        if first not in table.column_names:
            raise MagicFailure(f"The table has no column {first!r}; it has: {_some(table.column_names)}.")
        table = table.select([first, *[name for name in table.column_names if name != first]])
    with tempfile.TemporaryDirectory(prefix="smstudio-") as folder:
        path = Path(folder) / f"data.{form}"
        _write(table, path, form, header=header)
        return buckets.upload_file(target, path, None, f"{key}/{path.name}").s3_uri


def csv_text(value: Any) -> str:
    """A table as CSV without header, as endpoints take it; a text stays itself."""
    if table_library(value) is None:
        if isinstance(value, str):
            return value
        rows = value if value and isinstance(value[0], list | tuple) else [value]
        return "\n".join(",".join(str(cell) for cell in row) for row in rows) + "\n"
    import io

    import pyarrow.csv

    target = io.BytesIO()
    pyarrow.csv.write_csv(_arrow(value), target, _csv_options(header=False))
    return target.getvalue().decode()


def key_name(text: str) -> str:
    """A text as part of a name at AWS: letters, digits and dashes."""
    return re.sub(r"[^a-zA-Z0-9]+", "-", text).strip("-") or "data"


def _arrow(value: Any) -> Any:
    import pyarrow

    library = table_library(value)
    if library == "pandas":
        frame = value.to_frame() if type(value).__name__ == "Series" else value
        _check_pandas(frame)
        try:
            table = pyarrow.Table.from_pandas(frame, preserve_index=False)
        except (pyarrow.ArrowInvalid, pyarrow.ArrowTypeError, pyarrow.ArrowNotImplementedError) as error:
            raise MagicFailure(f"The DataFrame cannot be written: {_reason(error)}", hint=_OBJECTS) from None
        table = table.replace_schema_metadata(None)
    elif library == "polars":
        frame = value.collect() if type(value).__name__ == "LazyFrame" else value
        frame = frame.to_frame() if type(frame).__name__ == "Series" else frame
        table = frame.to_arrow()
    else:
        table = value
    if not table.num_rows or not table.num_columns:
        raise MagicFailure(
            f"The table has {table.num_rows} rows and {table.num_columns} columns: there is no data."
        )
    for at, field in enumerate(table.schema):  # pandas' categories: CSV cannot hold codes
        if pyarrow.types.is_dictionary(field.type):
            table = table.set_column(at, field.name, table.column(at).cast(field.type.value_type))
    return table


_OBJECTS = "Turn columns of Python objects into text or numbers first, for example: df[c] = df[c].astype(str)"


def _check_pandas(frame: Any) -> None:
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


def _write(table: Any, path: Path, form: Format, *, header: bool) -> None:
    if form == "parquet":
        import pyarrow.parquet

        pyarrow.parquet.write_table(table, path, row_group_size=_ROWS_AT_ONCE)
        return
    import pyarrow.csv

    try:
        with pyarrow.csv.CSVWriter(path, table.schema, write_options=_csv_options(header=header)) as writer:
            writer.write_table(table, max_chunksize=_ROWS_AT_ONCE)
    except Exception as error:
        if type(error).__module__.startswith("pyarrow"):
            raise MagicFailure(
                f"The table cannot be written as CSV: {_reason(error)}", hint=_OBJECTS
            ) from None
        raise


def _csv_options(*, header: bool) -> Any:
    import pyarrow.csv

    return pyarrow.csv.WriteOptions(include_header=header, quoting_style="needed")


def _reason(error: Exception) -> str:
    return "; ".join(str(each) for each in error.args) or type(error).__name__


def _some(names: list[str], most: int = 8) -> str:
    shown = ", ".join(repr(name) for name in names[:most])
    return shown + (f" and {len(names) - most} more" if len(names) > most else "")
