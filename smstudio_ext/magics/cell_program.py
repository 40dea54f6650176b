"""Runs a notebook cell inside a job: the notebook's variables in, the cell, its results out.

This file is copied beside the cell and stands alone. `cell.json` says `{"out": [names], "folder": where results go}`; a
folder that begins with `$` is the value of that environment variable. When the model of such a job is deployed, the model
server imports this file and finds the functions that the cell defines (`model_fn`, `predict_fn`, ...).
"""

from __future__ import annotations

import ast
import json
import os
import pickle
from pathlib import Path

VARIABLES = "smstudio-variables"
"""Folder of variables, in the packed source and in what a job leaves."""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def main() -> None:
    """Runs `cell.py` of this file's folder as the main program.

    Raises:
        NameError: the cell did not make a variable that was asked for.
    """
    here = Path(__file__).resolve().parent
    settings = json.loads((here / "cell.json").read_text(encoding="utf-8"))
    names: dict[str, Any] = {"__name__": "__main__", "__file__": str(here / "cell.py")}
    names.update(load(here / VARIABLES))
    source = (here / "cell.py").read_text(encoding="utf-8")
    exec(compile(source, "cell.py", "exec"), names)
    missing = [name for name in settings["out"] if name not in names]
    if missing:
        raise NameError("The cell made no variable named " + ", ".join(missing) + ".")
    if settings["out"]:
        folder = settings["folder"]
        place = Path(os.environ[folder[1:]] if folder.startswith("$") else folder)
        save({name: names[name] for name in settings["out"]}, place / VARIABLES)


def save(values: dict[str, Any], folder: Path) -> None:
    """Writes values into a folder: tables of pandas, polars and pyarrow as Parquet, everything else pickled.

    Raises:
        TypeError: a value cannot be pickled; the message names it.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for name, value in values.items():
        if _to_parquet(value, folder, name):
            continue
        try:
            content = pickle.dumps(value, protocol=4)
        except Exception as error:
            raise TypeError("The variable " + repr(name) + " cannot be sent: " + str(error)) from error
        (folder / (name + ".pickle")).write_bytes(content)


def load(folder: Path) -> dict[str, Any]:
    """The values that `save` wrote; none where there is no such folder."""
    values: dict[str, Any] = {}
    for path in sorted(folder.iterdir()) if folder.is_dir() else []:
        if path.suffix == ".parquet":
            name, _, library = path.stem.partition(".")
            values[name] = _from_parquet(path, library)
        elif path.suffix == ".pickle":
            values[path.stem] = pickle.loads(path.read_bytes())
    return values


def served() -> dict[str, Any]:
    """What the cell defines without running the rest of it: its imports, functions, classes and constants."""
    source = (Path(__file__).resolve().parent / "cell.py").read_text(encoding="utf-8")
    tree = ast.parse(source, "cell.py")
    kept = (ast.Import, ast.ImportFrom, ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    tree.body = [
        node
        for node in tree.body
        if isinstance(node, kept) or (isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant))
    ]
    names: dict[str, Any] = {"__name__": __name__, "__file__": __file__}
    exec(compile(tree, "cell.py", "exec"), names)
    return {name: value for name, value in names.items() if not name.startswith("__")}


def _to_parquet(value: Any, folder: Path, name: str) -> bool:
    """Writes a table that Parquet keeps as it is; says whether it was one."""
    library, kind = type(value).__module__.split(".")[0], type(value).__name__
    try:
        if library == "pandas" and kind == "DataFrame" and _plain(value):
            value.to_parquet(folder / (name + ".parquet"))
        elif library == "polars" and kind == "DataFrame":
            value.write_parquet(folder / (name + ".polars.parquet"))
        elif library == "pyarrow" and kind == "Table":
            import pyarrow.parquet

            pyarrow.parquet.write_table(value, folder / (name + ".pyarrow.parquet"))
        else:
            return False
    except Exception:  # noqa: BLE001 - whatever the libraries raise for columns of objects; those are pickled
        for path in folder.glob(name + ".*parquet"):
            path.unlink()
        return False
    return True


def _from_parquet(path: Path, library: str) -> Any:
    """The table of a file; one of pandas where its own library is not there."""
    try:
        if library == "polars":
            import polars

            return polars.read_parquet(path)
        if library == "pyarrow":
            import pyarrow.parquet

            return pyarrow.parquet.read_table(path)
    except ImportError:
        print("smstudio: " + library + " is not installed here; " + path.name + " becomes a pandas DataFrame")
    import pandas as pd

    return pd.read_parquet(path)


def _plain(frame: Any) -> bool:
    """Whether Parquet keeps the DataFrame as it is: it would make arrays of sets and lists."""
    from pandas.api.types import infer_dtype

    if frame.columns.nlevels > 1 or not all(isinstance(name, str) for name in frame.columns):
        return False
    objects = [name for name in frame.columns if frame[name].dtype == object]
    return all(infer_dtype(frame[name], skipna=True) in ("string", "empty") for name in objects)


if __name__ == "__main__":
    main()
elif (Path(__file__).resolve().parent / "cell.py").is_file():
    globals().update(served())
