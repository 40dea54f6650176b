"""Imports a module of the source directory, which is on the path already."""

from __future__ import annotations

import importlib
from typing import Any


def import_module(uri: str, name: str = "default_user_module_name", cache: Any = None) -> Any:
    """The module `name`."""
    return importlib.import_module(name)
