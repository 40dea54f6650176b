"""Runs a notebook cell inside a job: the notebook's variables in, the cell, its results out.

This file is copied beside the cell and stands alone. `cell.json` says `{"out": [names], "folder": where results go}`; a
folder that begins with `$` is the value of that environment variable.
"""

from __future__ import annotations

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
    """Writes values into a folder: DataFrames as Parquet, everything else pickled.

    Raises:
        TypeError: a value cannot be pickled; the message names it.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for name, value in values.items():
        kind = type(value)
        if kind.__module__.split(".")[0] == "pandas" and kind.__name__ == "DataFrame" and _plain(value):
            value.to_parquet(folder / (name + ".parquet"))
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
            import pandas as pd

            values[path.stem] = pd.read_parquet(path)
        elif path.suffix == ".pickle":
            values[path.stem] = pickle.loads(path.read_bytes())
    return values


def _plain(frame: Any) -> bool:
    """Whether Parquet keeps the DataFrame as it is."""
    return frame.columns.nlevels == 1 and all(isinstance(name, str) for name in frame.columns)


if __name__ == "__main__":
    main()
