"""The part of JSONPath that DataProcessing filters may use, parsed and applied to records.

Source: "Associate Prediction Results with Input Records" of the SageMaker Developer Guide: `$`, `.name`, `['name','other']`,
`[0,-1]`, `[1:]` and `*`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

_STEP = re.compile(
    r"""
      \.?\[\s*(?P<slice>-?\d*\s*:\s*-?\d*)\s*\]
    | \.?\[\s*(?P<indexes>-?\d+(?:\s*,\s*-?\d+)*)\s*\]
    | \.?\[\s*(?P<names>'[^']*'(?:\s*,\s*'[^']*')*|"[^"]*"(?:\s*,\s*"[^"]*")*)\s*\]
    | \.?\[\s*(?P<every>\*)\s*\]
    | \.(?P<all>\*)
    | \.(?P<name>[^.\[\]'",\s*]+)
    """,
    re.VERBOSE,
)
_NAME = re.compile(r"'([^']*)'|\"([^\"]*)\"")


class FilterError(ValueError):
    """A filter is not of the supported JSONPath, or a record has not what it names."""


@dataclass(frozen=True)
class Path:
    """A parsed filter.

    Attributes:
        text: as the user gave it.
        columns: for a filter that only picks columns of a list: function from their number to the chosen indexes; else None.
    """

    text: str
    steps: tuple[Callable[[Any], Any], ...] = ()
    columns: Callable[[int], Sequence[int]] | None = None

    @property
    def whole(self) -> bool:
        """Whether records pass as they are."""
        return not self.steps

    def apply(self, record: Any) -> Any:
        """What the filter picks of a record.

        Raises:
            FilterError: the record has no such part.
        """
        for step in self.steps:
            try:
                record = step(record)
            except (KeyError, IndexError, TypeError) as error:
                raise FilterError(
                    f"The filter {self.text} does not fit a record: {_words(error)}."
                ) from error
        return record


def parse(text: str) -> Path:
    """Parses a filter.

    Raises:
        FilterError: it is not of the supported JSONPath.
    """
    stripped = text.strip()
    if not stripped.startswith("$"):
        raise FilterError(f"The JSONPath filter '{text}' must begin with '$'.")
    steps: list[Callable[[Any], Any]] = []
    columns: list[Callable[[int], Sequence[int]]] = []
    position = 1
    while position < len(stripped):
        match = _STEP.match(stripped, position)
        if match is None:
            raise FilterError(
                f"The JSONPath filter '{text}' is not supported from '{stripped[position:]}' on. Supported: $, .name, ['name',...], "
                "[index,...], [start:end] and *."
            )
        step, picks = _step(match)
        steps.append(step)
        if picks is not None:
            columns.append(picks)
        position = match.end()
    only = columns[0] if len(steps) == len(columns) == 1 else None
    return Path(text, tuple(steps), only)


def _step(match: re.Match[str]) -> tuple[Callable[[Any], Any], Callable[[int], Sequence[int]] | None]:
    if match["slice"] is not None:
        ends = [int(end) if end.strip() else None for end in match["slice"].split(":")]
        chosen = slice(*ends)
        return (lambda record: _list(record)[chosen]), (lambda width: range(*chosen.indices(width)))
    if match["indexes"] is not None:
        indexes = [int(index) for index in match["indexes"].split(",")]
        if len(indexes) == 1:
            return (lambda record: _list(record)[indexes[0]]), (lambda width: [_at(indexes[0], width)])
        return (lambda record: [_list(record)[index] for index in indexes]), (
            lambda width: [_at(index, width) for index in indexes]
        )
    if match["names"] is not None:
        names = [single or double for single, double in _NAME.findall(match["names"])]
        if len(names) == 1:
            return (lambda record: _object(record)[names[0]]), None
        return (lambda record: {name: _object(record)[name] for name in names}), None
    if match["name"] is not None:
        name = match["name"]
        return (lambda record: _object(record)[name]), None
    return (lambda record: list(record.values()) if isinstance(record, dict) else list(_list(record))), None


def _at(index: int, width: int) -> int:
    if not -width <= index < width:
        raise IndexError(f"index {index} of {width} columns")
    return index % width


def _list(record: Any) -> Any:
    if not isinstance(record, list):
        raise TypeError(f"{type(record).__name__} is no list")
    return record


def _object(record: Any) -> Any:
    if not isinstance(record, dict):
        raise TypeError(f"{type(record).__name__} has no names")
    return record


def _words(error: Exception) -> str:
    return f"there is no {error}" if isinstance(error, KeyError) else str(error)
