"""Makes scripts of older images run on today's libraries; active only in jobs and model servers of framework images.

Nothing is imported here but the standard library: a library's changes are made when (and if) the script imports it. This
file stands alone, as it is imported when a job's Python starts.
"""

from __future__ import annotations

import importlib
import sys
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any

CHANGES = {
    "numpy": "smstudio_old.numpy_names",
    "pandas": "smstudio_old.pandas_names",
    "sklearn": "smstudio_old.sklearn_names",
    "xgboost": "smstudio_old.xgboost_names",
}
"""Library -> the module whose `change` is called with it."""


def install() -> None:
    """Puts the changes in place; repeating it does nothing."""
    if any(isinstance(finder, _Finder) for finder in sys.meta_path):
        return
    sys.meta_path.insert(0, _Finder())
    for name in CHANGES:
        module = sys.modules.get(name)
        if module is not None:  # a warm process has it
            _change(module)


class _Finder:
    """Finds modules as before, and changes a library after it was loaded."""

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> ModuleSpec | None:
        if name not in CHANGES:
            return None
        for finder in sys.meta_path:
            find = getattr(finder, "find_spec", None)
            if finder is self or find is None:
                continue
            spec: ModuleSpec | None = find(name, path, target)
            if spec is not None:
                _run_after(spec.loader)
                return spec
        return None


def _run_after(loader: Any) -> None:
    execute = getattr(loader, "exec_module", None)
    if execute is None:
        return

    def exec_module(module: ModuleType) -> None:
        execute(module)
        _change(module)

    loader.exec_module = exec_module


def _change(module: ModuleType) -> None:
    try:
        importlib.import_module(CHANGES[module.__name__]).change(module)
    except Exception as error:  # noqa: BLE001 - another version of the library: its own names are better than no import
        sys.stderr.write(f"smstudio: {module.__name__} is left as it is: {error!r}\n")
