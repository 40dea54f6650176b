"""Runs the SDK companion at the start of interpreters that do not have smstudio_ext; then the site's own file."""

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def _companion() -> None:
    if not os.environ.get("AWS_ENDPOINT_URL", "").startswith(
        ("http://127.", "http://localhost:", "http://[::1]:")
    ):
        return
    path = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "hook.py")
    namespace: dict[str, Any] = {"__name__": "_smstudio_companion", "__file__": path}
    with open(path, encoding="utf-8") as file:
        exec(compile(file.read(), path, "exec"), namespace)
    namespace["install"]()


def _next_sitecustomize() -> None:
    """Runs the sitecustomize that this file hides, if there is one."""
    from importlib.machinery import PathFinder
    from importlib.util import module_from_spec

    here = os.path.dirname(os.path.abspath(__file__))
    spec = PathFinder.find_spec("sitecustomize", [path for path in sys.path if os.path.abspath(path) != here])
    if spec is not None and spec.loader is not None:
        module = module_from_spec(spec)
        sys.modules["sitecustomize"] = module
        spec.loader.exec_module(module)


try:
    _companion()
finally:
    _next_sitecustomize()
