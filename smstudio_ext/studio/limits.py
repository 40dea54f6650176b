"""AWS's own limits, read from botocore's service models, checked before a request is sent."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

from smstudio_ext.studio.models.options import NumberLimit, TextLimit
from smstudio_ext.studio.problems import BadInput

_MAX_SHOWN = 100
_PYTHON: dict[str, Any] = {
    "string": str,
    "integer": int,
    "long": int,
    "float": (int, float),
    "double": (int, float),
    "boolean": bool,
}
"""What a leaf must be; other kinds of leaves are not checked."""
_CONTAINERS: dict[str, Any] = {"structure": dict, "map": dict, "list": (list, tuple)}


def shape_at(client: Any, shape: str, path: str = "") -> Any:
    """The shape of a member, e.g. `shape_at(client, "CreateAutoMLJobRequest", "AutoMLJobName")`.

    Lists are entered by `[]`, e.g. `InputDataConfig.[].TargetAttributeName`.
    """
    found = client.meta.service_model.shape_for(shape)
    for part in filter(None, path.split(".")):
        found = found.member if part == "[]" else found.members[part]
    return found


def text_limit(client: Any, shape: str, path: str = "") -> TextLimit:
    """Limits of a text member."""
    metadata = shape_at(client, shape, path).metadata
    return TextLimit(
        min_length=metadata.get("min", 0), max_length=metadata.get("max"), pattern=metadata.get("pattern")
    )


def number_limit(client: Any, shape: str, path: str = "", default: float | None = None) -> NumberLimit:
    """Limits of a number member."""
    metadata = shape_at(client, shape, path).metadata
    return NumberLimit(min=metadata.get("min"), max=metadata.get("max"), default=default)


def check_request(client: Any, operation: str, request: dict[str, Any], fields: dict[str, str]) -> None:
    """Checks a request against the operation's model: lengths, patterns, ranges, enumerations.

    Args:
        fields: names of the form's fields by the member path (`AutoMLJobName`); paths without one keep their own.

    Raises:
        BadInput: with every field that AWS would refuse.
    """
    shape = client.meta.service_model.operation_model(operation).input_shape
    named = [(fields.get(path, path), text) for path, text in shape_problems(shape, request)]
    if named:
        raise BadInput("; ".join(f"{field}: {text}" for field, text in named), fields=named)


def shape_problems(shape: Any, value: Any) -> list[tuple[str, str]]:
    """What AWS would refuse in a value of a shape: member path (`ResourceConfig.InstanceType`) and text."""
    found: list[tuple[str, str]] = []
    _check(shape, value, "", found)
    return found


def _check(shape: Any, value: Any, path: str, found: list[tuple[str, str]]) -> None:
    kind = shape.type_name
    container = _CONTAINERS.get(kind)
    if container is not None and not isinstance(value, container):
        found.append((path.rstrip("."), f"must be a {kind}"))
    elif kind == "structure":
        for name in shape.required_members:
            given = value.get(name)
            if given is None or (given == "" and name != "Value"):  # a tag's value may be empty
                found.append((f"{path}{name}", "is required"))
        for name, inner in value.items():
            if name not in shape.members:
                found.append((f"{path}{name}", "is no member that AWS knows"))
            elif inner not in (None, ""):
                member = shape.members[name]
                _check(member, inner, f"{path}{name}{'' if _is_leaf(member) else '.'}", found)
    elif kind == "list":
        problem = _length_problem(shape, value, "entries")
        if problem:
            found.append((path.rstrip("."), problem))
        for inner in value:
            _check(shape.member, inner, path if not _is_leaf(shape.member) else path.rstrip("."), found)
    elif kind == "map":
        problem = _length_problem(shape, value, "entries")
        if problem:
            found.append((path, problem))
        for key, inner in value.items():
            problem = _leaf_problem(shape.key, key)
            if problem:
                found.append((f"{path}.{key}", f"name {problem}"))
            _check(shape.value, inner, f"{path}.{key}", found)
    else:
        problem = _leaf_problem(shape, value)
        if problem:
            found.append((path, problem))


def _is_leaf(shape: Any) -> bool:
    return shape.type_name not in ("structure", "list")


def _leaf_problem(shape: Any, value: Any) -> str | None:
    kind, metadata = shape.type_name, shape.metadata
    if not isinstance(value, _PYTHON.get(kind, object)):
        return f"must be a {kind}"
    if kind == "string":
        choices = metadata.get("enum")
        if choices and value not in choices:
            return f"must be one of {', '.join(choices)}"
        problem = _length_problem(shape, value, "characters")
        if problem:
            return problem
        pattern = metadata.get("pattern")
        if pattern and not _compiled(pattern).fullmatch(value):
            return f"{value[:_MAX_SHOWN]!r} is not of the form {pattern}"
    elif kind in ("integer", "long", "float", "double"):
        low, high = metadata.get("min"), metadata.get("max")
        if (low is not None and value < low) or (high is not None and value > high):
            return f"must be between {low} and {high}" if high is not None else f"must be at least {low}"
    return None


def _length_problem(shape: Any, value: Any, unit: str) -> str | None:
    low, high = shape.metadata.get("min", 0), shape.metadata.get("max")
    if len(value) < low:
        return f"has {len(value)} {unit}; at least {low} are needed"
    if high is not None and len(value) > high:
        return f"has {len(value)} {unit}; at most {high} are allowed"
    return None


@lru_cache(maxsize=256)
def _compiled(pattern: str) -> re.Pattern[str]:
    # AWS writes Java's Unicode classes, which Python's re lacks: take the nearest that accepts at least as much.
    if r"\p{" in pattern:
        pattern = pattern.replace(r"\p{L}", r"\w").replace(r"\p{N}", r"\d").replace(r"\p{Z}", r"\s")
        pattern = pattern.replace(r"\p{Alnum}", "a-zA-Z0-9")
    try:
        return re.compile(pattern, re.DOTALL)
    except re.error:
        return re.compile(".*", re.DOTALL)  # pairs of surrogates in a class, e.g.: AWS judges by itself
