"""Optional hints in headers `x-smstudio-*`: they spare work here, and AWS ignores them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from smstudio_ext.engine.errors import ValidationException

Document = dict[str, Any]


@dataclass(frozen=True)
class Selection:
    """Property paths that an answer is to hold; empty: all of them."""

    paths: tuple[str, ...]

    def __bool__(self) -> bool:
        return bool(self.paths)

    def whole(self, member: str) -> bool:
        """Whether a top-level member is wanted with all that is in it."""
        return not self.paths or member in self.paths

    def any(self, member: str) -> bool:
        """Whether anything of a top-level member is wanted."""
        return self.whole(member) or any(path.startswith(member + ".") for path in self.paths)

    def within(self, member: str) -> list[str]:
        """The names wanted below a member; dots in them are theirs."""
        return [path[len(member) + 1 :] for path in self.paths if path.startswith(member + ".")]


def selection_of(hints: Mapping[str, str]) -> Selection:
    """`x-smstudio-select`: property paths, percent-encoded, with commas between."""
    text = hints.get("select", "")
    return Selection(tuple(unquote(path.strip()) for path in text.split(",") if path.strip()))


def number_hint(hints: Mapping[str, str], name: str) -> int | None:
    """A hint that is a whole number of at least 0.

    Raises:
        ValidationException: it is none.
    """
    text = hints.get(name)
    if text is None:
        return None
    if not text.isdigit():
        raise ValidationException(f"x-smstudio-{name} must be a whole number, not '{text}'.")
    return int(text)


def pruned(document: Document, selection: Selection) -> Document:
    """A document with the wanted members only; below the first level whole members or names of maps."""
    if not selection:
        return document
    kept: Document = {}
    for member, value in document.items():
        if selection.whole(member):
            kept[member] = value
        elif isinstance(value, dict) and selection.any(member):
            kept[member] = _below(value, selection.within(member))
        elif member == "Metrics" and selection.any(member):
            kept[member] = value  # a list, already of the wanted names
    return kept


def _below(value: Document, names: Iterable[str]) -> Document:
    kept: Document = {}
    for name in names:
        if name in value:
            kept[name] = value[name]
            continue
        first, _, rest = name.partition(".")
        if isinstance(value.get(first), dict):
            kept[first] = {**kept.get(first, {}), **_below(value[first], [rest])}
    return kept
