"""A cell as a program for a job: packed with the notebook's variables, and what it made read back."""

from __future__ import annotations

import ast
import io
import json
import pickle
import shutil
import tarfile
import tempfile
from pathlib import Path
from types import FunctionType
from typing import TYPE_CHECKING, Any

from smstudio_ext.magics import cell_program
from smstudio_ext.magics.failure import MagicFailure
from smstudio_ext.magics.tables import table_library

if TYPE_CHECKING:
    from smstudio_ext.target import Target

ENTRY_POINT = "cell_program.py"


def check_cell(body: str) -> None:
    """Looks whether a cell is Python that runs outside of the notebook.

    Raises:
        MagicFailure: it is not, with the line.
    """
    try:
        ast.parse(body)
    except SyntaxError as error:
        line = (error.text or "").strip()
        magic = line.startswith(("%", "!"))
        raise MagicFailure(
            f"Line {error.lineno} of the cell is no Python: {line}",
            hint="Magics and ! commands do not run inside a job." if magic else error.msg,
        ) from None


def packed(folder: Path, body: str, values: dict[str, Any], out: list[str], results: str) -> None:
    """Writes the cell, the variables it shall find and its runner into a folder.

    Args:
        values: by name.
        out: names of variables to bring back.
        results: folder in the job where they go; `$NAME` takes it from the job's environment.

    Raises:
        MagicFailure: a variable cannot be sent.
    """
    shutil.copyfile(cell_program.__file__, folder / ENTRY_POINT)
    (folder / "cell.py").write_text(body, encoding="utf-8")
    (folder / "cell.json").write_text(json.dumps({"out": out, "folder": results}), encoding="utf-8")
    if values:
        for name, value in values.items():
            _check_is_known_elsewhere(name, value)
        try:
            cell_program.save(values, folder / cell_program.VARIABLES)
        except TypeError as error:
            raise MagicFailure(
                str(error), hint="Send its data instead, or make it inside the cell."
            ) from None


class _Looking(pickle.Pickler):
    """Pickles to nowhere, and stops at classes and functions of the notebook, which pickle only names."""

    def reducer_override(self, value: Any) -> Any:
        if isinstance(value, type | FunctionType) and value.__module__ == "__main__":
            raise _OfTheNotebook(value.__qualname__)
        return NotImplemented


class _OfTheNotebook(Exception):
    """The name of something that a job does not know."""


class _Nowhere:
    def write(self, content: Any) -> int:
        return len(content)


def _check_is_known_elsewhere(name: str, value: Any) -> None:
    """Looks whether a job can read a value.

    Raises:
        MagicFailure: it is, or holds, something that this notebook defines.
    """
    if table_library(value):
        return
    try:
        _Looking(_Nowhere(), protocol=4).dump(value)
    except _OfTheNotebook as found:
        raise MagicFailure(
            f"The variable {name!r} cannot be sent: {found} is defined in this notebook, and the job does not know it.",
            hint="Define it inside the cell, or in a module that is installed where the job runs.",
        ) from None
    except Exception:  # noqa: BLE001 - whatever pickling a value raises: `save` tells it
        return


def chosen(names: dict[str, Any], wanted: list[str]) -> dict[str, Any]:
    """Variables of the notebook.

    Raises:
        MagicFailure: one is not there.
    """
    missing = [name for name in wanted if name not in names]
    if missing:
        raise MagicFailure(
            f"There is no variable {missing[0]!r} in this notebook.", hint="Run the cell that makes it first."
        )
    return {name: names[name] for name in wanted}


def of_archive(target: Target, uri: str) -> dict[str, Any]:
    """The variables in a job's `output.tar.gz`."""
    from smstudio_ext.studio.buckets import read_object

    content = io.BytesIO(b"".join(read_object(target, uri)))
    with tempfile.TemporaryDirectory(prefix="smstudio-") as folder, tarfile.open(fileobj=content) as archive:
        for member in archive.getmembers():
            path = Path(member.name)
            if member.isfile() and path.parent.name == cell_program.VARIABLES:
                found = archive.extractfile(member)
                if found is not None:
                    (Path(folder) / path.name).write_bytes(found.read())
        return cell_program.load(Path(folder))


def of_folder(target: Target, uri: str) -> dict[str, Any]:
    """The variables that a job left under an S3 prefix."""
    from smstudio_ext.studio.buckets import split_s3_uri

    bucket, prefix = split_s3_uri(uri)
    s3 = target.client("s3")
    with tempfile.TemporaryDirectory(prefix="smstudio-") as folder:
        for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=f"{prefix}/"):
            for each in page.get("Contents", []):
                s3.download_file(bucket, each["Key"], str(Path(folder) / each["Key"].rpartition("/")[2]))
        return cell_program.load(Path(folder))
