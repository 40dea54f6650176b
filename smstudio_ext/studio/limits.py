"""AWS's own limits, read from botocore's service models, checked before a request is sent."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

from smstudio_ext.studio.models.options import NumberLimit, TextLimit
from smstudio_ext.studio.problems import BadInput

_MAX_SHOWN = 100


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
    found: list[tuple[str, str]] = []
    _check(shape, request, "", found)
    if found:
        named = [(fields.get(path, path), text) for path, text in found]
        raise BadInput("; ".join(f"{field}: {text}" for field, text in named), fields=named)


def _check(shape: Any, value: Any, path: str, found: list[tuple[str, str]]) -> None:
    kind = shape.type_name
    if kind == "structure":
        for name in shape.required_members:
            if value.get(name) in (None, ""):
                found.append((f"{path}{name}", "is required"))
        for name, inner in value.items():
            if name in shape.members and inner not in (None, ""):
                member = shape.members[name]
                _check(member, inner, f"{path}{name}{'' if _is_leaf(member) else '.'}", found)
    elif kind == "list":
        problem = _length_problem(shape, value, "entries")
        if problem:
            found.append((path.rstrip("."), problem))
        for inner in value:
            _check(shape.member, inner, path if not _is_leaf(shape.member) else path.rstrip("."), found)
    else:
        problem = _leaf_problem(shape, value)
        if problem:
            found.append((path, problem))


def _is_leaf(shape: Any) -> bool:
    return shape.type_name not in ("structure", "list")


def _leaf_problem(shape: Any, value: Any) -> str | None:
    kind, metadata = shape.type_name, shape.metadata
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
    return re.compile(pattern, re.DOTALL)
