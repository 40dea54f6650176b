"""Checks an operation's input against its model and words what is wrong as AWS does."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Any

from botocore.model import ListShape, MapShape, Shape, StructureShape

from smstudio_ext.engine.errors import ValidationException

Problems = list[str]
Check = Callable[[Any, str, Problems], None]

_MAX_REPORTED = 10
_MAX_SHOWN = 1024


def validate(
    shape: Shape | None, value: dict[str, Any], code: str = "", *, uncapped: frozenset[str] = frozenset()
) -> None:
    """Checks required members, lengths, ranges, patterns and enumerations.

    Args:
        code: of the error, where the service does not call it ValidationException.
        uncapped: last names of members that may be longer or greater than the model says.

    Raises:
        ValidationException: `1 validation error detected: Value '...' at 'x' failed to satisfy constraint: ...`.
    """
    if shape is None:
        return
    problems: Problems = []
    _check(shape)(value, "", problems)
    if uncapped:
        problems = [problem for problem in problems if not _is_cap(problem, uncapped)]
    if problems:
        count = len(problems)
        noun = "error" if count == 1 else "errors"
        raise ValidationException(
            f"{count} validation {noun} detected: {'; '.join(problems[:_MAX_REPORTED])}", code=code or None
        )


def _is_cap(problem: str, uncapped: frozenset[str]) -> bool:
    found = _CAP.search(problem)
    return found is not None and found.group(1) in uncapped


_CAP = re.compile(
    r"(\w+)' failed to satisfy constraint: Member must have (?:value|length) less than or equal to \d+$"
)
_CHECKS: dict[int, tuple[Shape, Check]] = {}


def _check(shape: Shape) -> Check:
    known = _CHECKS.get(id(shape))
    if known is None:
        if isinstance(shape, StructureShape):
            made = _structure(shape)
        elif isinstance(shape, ListShape):
            made = _list(shape)
        elif isinstance(shape, MapShape):
            made = _map(shape)
        else:
            made = _scalar(shape)
        known = _CHECKS[id(shape)] = (shape, made)
    return known[1]


def _structure(shape: StructureShape) -> Check:
    members: dict[str, Shape] = dict(shape.members)
    required: list[str] = list(shape.required_members)

    def check(value: Any, path: str, problems: Problems) -> None:
        prefix = f"{path}." if path else ""
        for name in required:
            if name not in value:
                problems.append(
                    f"Value null at '{prefix}{_camel(name)}' failed to satisfy constraint: Member must not be null"
                )
        for name, item in value.items():
            _check(members[name])(item, f"{prefix}{_camel(name)}", problems)

    return check


def _list(shape: ListShape) -> Check:
    low, high = shape.metadata.get("min"), shape.metadata.get("max")
    member: Shape = shape.member
    plain = not isinstance(member, (StructureShape, ListShape, MapShape))

    def check(value: Any, path: str, problems: Problems) -> None:
        for text in _length_problems(len(value), low, high):
            problems.append(_problem(value, path, text))
        if plain:
            rules = [rule for item in value for rule in _rules(member, item)]
            if rules:
                problems.append(
                    _problem(value, path, f"Member must satisfy constraint: [{', '.join(_unique(rules))}]")
                )
        else:
            for number, item in enumerate(value, 1):
                _check(member)(item, f"{path}.{number}.member", problems)

    return check


def _map(shape: MapShape) -> Check:
    low, high = shape.metadata.get("min"), shape.metadata.get("max")
    key_shape, value_shape = shape.key, shape.value
    plain = not isinstance(value_shape, (StructureShape, ListShape, MapShape))

    def check(value: Any, path: str, problems: Problems) -> None:
        for text in _length_problems(len(value), low, high):
            problems.append(_problem(value, path, text))
        rules = [rule for key in value for rule in _rules(key_shape, key)]
        if rules:
            problems.append(
                _problem(value, path, f"Map keys must satisfy constraint: [{', '.join(_unique(rules))}]")
            )
        if plain:
            rules = [rule for item in value.values() for rule in _rules(value_shape, item)]
            if rules:
                problems.append(
                    _problem(value, path, f"Map value must satisfy constraint: [{', '.join(_unique(rules))}]")
                )
        else:
            for key, item in value.items():
                _check(value_shape)(item, f"{path}.{key}.member", problems)

    return check


def _scalar(shape: Shape) -> Check:
    def check(value: Any, path: str, problems: Problems) -> None:
        for text in _rules(shape, value):
            problems.append(_problem(value, path, text))

    return check


def _rules(shape: Shape, value: Any) -> list[str]:
    """What a plain value breaks."""
    metadata = shape.metadata
    kind = shape.type_name
    if kind == "string":
        broken = _length_problems(len(value), metadata.get("min"), metadata.get("max"))
        choices = metadata.get("enum")
        if choices and value not in choices:
            broken.append(f"Member must satisfy enum value set: [{', '.join(choices)}]")
        pattern = metadata.get("pattern")
        # A value that is far too long is not run through the pattern: it is refused anyway.
        if pattern and len(value) <= 65_536 and not _matches(pattern, value):
            broken.append(f"Member must satisfy regular expression pattern: {pattern}")
        return broken
    if kind == "blob":
        return _length_problems(len(value), metadata.get("min"), metadata.get("max"))
    if kind in ("integer", "long", "float", "double"):
        broken = []
        low, high = metadata.get("min"), metadata.get("max")
        if low is not None and value < low:
            broken.append(f"Member must have value greater than or equal to {low}")
        if high is not None and value > high:
            broken.append(f"Member must have value less than or equal to {high}")
        return broken
    return []


def _length_problems(length: int, low: int | None, high: int | None) -> list[str]:
    broken = []
    if low is not None and length < low:
        broken.append(f"Member must have length greater than or equal to {low}")
    if high is not None and length > high:
        broken.append(f"Member must have length less than or equal to {high}")
    return broken


def _problem(value: Any, path: str, text: str) -> str:
    shown = str(value)
    if len(shown) > _MAX_SHOWN:
        shown = shown[:_MAX_SHOWN] + "..."
    return f"Value '{shown}' at '{path}' failed to satisfy constraint: {text}"


def _unique(rules: list[str]) -> list[str]:
    return list(dict.fromkeys(rules))


def _camel(name: str) -> str:
    return name[:1].lower() + name[1:]


# The models hold Java patterns; these are Python's words for the Unicode classes in them (a little wider than Java's).
_CLASSES = {
    "L": r"\w",
    "N": r"\d",
    "M": "\u0300-\u036f\u0483-\u0489\u0591-\u05bd\u0610-\u061a\u064b-\u065f\u0900-\u0903\u093a-\u094f\u0e31\u0e34-\u0e4e\u20d0-\u20f0\u3099\u309a\ufe00-\ufe0f",
    "Z": " \u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000",
    "P": "!-#%-*,-/:;?@\\[-\\]_{}\u00a1\u00a7\u00ab\u00b6\u00b7\u00bb\u00bf\u2010-\u2027\u2030-\u205e\u3001-\u3003\u3008-\u3011",
    "S": "$+<->^`|~\u00a2-\u00a9\u00ac\u00ae-\u00b1\u00b4\u00d7\u00f7\u20a0-\u20c0\u2100-\u214f\u2190-\u23ff\u2500-\u27bf",
    "C": "\x00-\x1f\x7f-\x9f",
    "ASCII": "\x00-\x7f",
    "Alnum": "a-zA-Z0-9",
    "Alpha": "a-zA-Z",
    "Graph": "!-~",
    "Print": " -~",
}


@lru_cache(maxsize=4096)
def _pattern(pattern: str) -> re.Pattern[str] | None:
    def replace(found: re.Match[str]) -> str:
        name = found.group(1) or found.group(2)
        text = _CLASSES.get(name, _CLASSES.get(name[:1], r"\w"))
        before = re.sub(r"\\.", "", pattern[: found.start()])
        inside = before.count("[") > before.count("]")
        return text if inside else f"[{text}]"

    translated = re.sub(r"\\p\{(?:Is)?(\w+)\}|\\p(\w)", replace, pattern)
    try:
        return re.compile(translated)
    except re.error:
        # Java syntax that Python does not know: AWS would check it, we let it pass.
        return None


def _matches(pattern: str, value: str) -> bool:
    compiled = _pattern(pattern)
    return compiled is None or compiled.fullmatch(value) is not None
