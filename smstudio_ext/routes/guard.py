"""Checks that no route answers strangers: `python -m smstudio_ext.routes.guard`.

Every HTTP method of every handler must carry `@authenticated` and, under it, `@authorized`, and every operation of the
table must be a method of a handler (and the other way round).
"""

from __future__ import annotations

import ast
import inspect
import re
import sys
import textwrap
from typing import Any

from smstudio_ext.routes import all_handlers
from smstudio_ext.routes.operations import API_PREFIX, OPERATIONS

_METHODS = ("get", "post", "put", "delete", "patch", "head")
_REQUIRED = ["authenticated", "authorized"]
_PART = re.compile(r"{\w+}")
"""A part of a path; patterns of handlers do not say what it is called."""


def problems() -> list[str]:
    """What is wrong, one sentence each."""
    found: list[str] = []
    served: set[tuple[str, str]] = set()
    for pattern, handler in all_handlers():
        methods = own_methods(handler)
        for name, decorators in methods.items():
            if decorators[:2] != _REQUIRED:
                found.append(
                    f"{handler.__module__}.{handler.__name__}.{name} must be decorated with @authenticated and then @authorized"
                )
            served.add((name.upper(), _path(pattern)))
    declared = {(operation.method, _PART.sub("{name}", operation.path)) for operation in OPERATIONS}
    found += [
        f"{method} {path} is in the table but no handler serves it" for method, path in declared - served
    ]
    found += [
        f"{method} {path} is served but not in the table"
        for method, path in served - declared
        if path != ".*"
    ]
    return sorted(found)


def own_methods(handler: type[Any]) -> dict[str, list[str]]:
    """HTTP methods that a handler defines (not those of the server's own base classes), with their decorators."""
    methods: dict[str, list[str]] = {}
    for owner in handler.__mro__:
        if not owner.__module__.startswith("smstudio_ext") and owner.__module__.partition(".")[0] in (
            "jupyter_server",
            "tornado",
            "builtins",
        ):
            continue
        tree = ast.parse(textwrap.dedent(inspect.getsource(owner))).body[0]
        assert isinstance(tree, ast.ClassDef)
        for node in tree.body:
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and node.name in _METHODS:
                methods.setdefault(node.name, [_name(decorator) for decorator in node.decorator_list])
            elif isinstance(node, ast.Assign):  # post = put = get
                for target in node.targets:
                    if (
                        isinstance(target, ast.Name)
                        and target.id in _METHODS
                        and isinstance(node.value, ast.Name)
                    ):
                        methods.setdefault(target.id, methods.get(node.value.id, []))
    return methods


def _name(node: ast.expr) -> str:
    if isinstance(node, ast.Call):
        node = node.func
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def _path(pattern: str) -> str:
    path = pattern.removeprefix(f"/{API_PREFIX}/").replace("([^/]+)", "{name}")
    return path if path == ".*" else re.sub(r"\\(.)", r"\1", path)


def main() -> int:
    """Prints what is wrong; returns the exit code."""
    found = problems()
    for problem in found:
        print(problem, file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
