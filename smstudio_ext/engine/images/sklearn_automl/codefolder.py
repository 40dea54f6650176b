"""Runs the Python files of a job or a model: a data processor's trainer and server, with the modules beside them."""

from __future__ import annotations

import importlib.util
import os
import sys
import types
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

_PATHS: set[str] = set()


@contextmanager
def importing_from(folder: Path) -> Iterator[None]:
    """Lets modules be imported from a folder, before all others and not those that another folder brought by their name."""
    place = str(folder)
    for name in [path.stem for path in folder.glob("*.py")] + [
        path.name for path in folder.iterdir() if path.is_dir()
    ]:
        loaded = sys.modules.get(name)
        if loaded is not None and _folder_of(loaded) in _PATHS - {place}:
            del sys.modules[name]
    _PATHS.add(place)
    sys.path.insert(0, place)
    importlib.invalidate_caches()
    try:
        yield
    finally:
        sys.path.remove(place)


def load_file(path: Path, name: str, environment: Mapping[str, str] | None = None) -> types.ModuleType:
    """Runs a file as a module that is not in `sys.modules`, so that two containers of one process keep theirs apart.

    Args:
        environment: what the file finds in `os.environ` and `os.getenv`; None for this process's.
    """
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise ValueError(f"{path} is no Python file.")
    module = importlib.util.module_from_spec(spec)
    with importing_from(path.parent):
        spec.loader.exec_module(module)
    if environment is not None:
        _give_environment(module, dict(environment))
    return module


def run_file(path: Path, arguments: list[str]) -> None:
    """Runs a file as a program.

    Raises:
        SystemExit: the program's own, unless it says success.
    """
    import runpy

    argv, sys.argv = sys.argv, [str(path), *arguments]
    try:
        with importing_from(path.parent):
            runpy.run_path(str(path), run_name="__main__")
    except SystemExit as end:
        if end.code not in (0, None):
            raise
    finally:
        sys.argv = argv


def _folder_of(module: types.ModuleType) -> str:
    file = getattr(module, "__file__", None)
    if not file:
        return ""
    path = Path(file)
    return str(path.parent.parent if path.name == "__init__.py" else path.parent)


def _give_environment(module: types.ModuleType, environment: dict[str, str]) -> None:
    """One process may serve several containers: each one's code shall see its own variables."""
    own = types.ModuleType("os", os.__doc__)
    own.__dict__.update(os.__dict__)

    def getenv(key: str, default: Any = None) -> Any:
        return environment.get(key, default)

    own.__dict__.update(environ=environment, getenv=getenv)
    for name, value in list(module.__dict__.items()):
        if value is os:
            module.__dict__[name] = own
        elif value is os.environ:
            module.__dict__[name] = environment
        elif value is os.getenv:
            module.__dict__[name] = getenv
