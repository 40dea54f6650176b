"""The notebook's values on their way to S3 and to endpoints: what an argument names, and where it is sent."""

from __future__ import annotations

import ast
import re
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from smstudio_ext.magics.failure import MagicFailure
from smstudio_ext.magics.tables import Format, csv_requests, table_library, write_table

if TYPE_CHECKING:
    from smstudio_ext.target import Target

_MANY_ROWS = 1_000_000
PARQUET = "x-application/vnd.amazon+parquet"
"""Content type of Parquet in Autopilot's requests."""


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
        path = _file(text)
        return buckets.upload_file(target, path, None, f"{key}/{path.name}").s3_uri
    with tempfile.TemporaryDirectory(prefix="smstudio-") as folder:
        path = Path(folder) / f"data.{form}"
        rows = write_table(value, path, form, header=header, first=first)
        if rows > _MANY_ROWS:
            print(f"Sending {rows:,} rows ({path.stat().st_size / 1e6:,.0f} MB) to S3.")
        return buckets.upload_file(target, path, None, f"{key}/{path.name}").s3_uri


def address_in_s3(target: Target, value: Any, key: str, *, form: Format) -> str:
    """The address that `in_s3` will return; nothing is sent for it.

    Raises:
        MagicFailure: there is no such file.
    """
    if table_library(value) is not None:
        return f"s3://{target.default_bucket()}/{key}/data.{form}"
    text = str(value)
    return text if text.startswith("s3://") else f"s3://{target.default_bucket()}/{key}/{_file(text).name}"


def _file(text: str) -> Path:
    path = Path(text).expanduser()
    if not path.is_file():
        raise MagicFailure(f"There is no file {text!r}, and it is no table and no s3:// address.")
    return path


def csv_bodies(value: Any, most_bytes: int) -> Iterator[tuple[bytes, int | None]]:
    """What is asked of an endpoint as CSV: a table in requests of whole rows; rows as lists, or a text, in one.

    Returns:
        Bodies with their numbers of rows, which is none for a text.
    """
    if table_library(value) is not None:
        yield from csv_requests(value, most_bytes)
        return
    if isinstance(value, str):
        yield value.encode(), None
        return
    given = list(value.tolist() if hasattr(value, "tolist") else value)
    rows = given if given and isinstance(given[0], list | tuple) else [given]
    yield ("\n".join(",".join(str(cell) for cell in row) for row in rows) + "\n").encode(), len(rows)


def key_name(text: str) -> str:
    """A text as part of a name at AWS: letters, digits and dashes."""
    return re.sub(r"[^a-zA-Z0-9]+", "-", text).strip("-") or "data"
