"""Arguments of the form NAME=VALUE."""

from __future__ import annotations

from collections.abc import Iterable

from smstudio_ext.cli.session import fail


def pairs(given: Iterable[str] | None, option: str) -> dict[str, str]:
    """The pairs of a repeated option; the command ends when one is none, or a name comes twice."""
    found: dict[str, str] = {}
    for each in given or ():
        name, mark, value = each.partition("=")
        if not mark or not name:
            fail(f"{option} takes NAME=VALUE, not {each!r}.", code=2)
        if name in found:
            fail(f"{option} names {name!r} twice.", code=2)
        found[name] = value
    return found


def whole(text: str, option: str) -> int:
    """A whole number of an option; the command ends when it is none."""
    try:
        return int(text)
    except ValueError:
        fail(f"{option} takes a whole number, not {text!r}.", code=2)


def number(text: str, option: str) -> float:
    """A number of an option; the command ends when it is none."""
    try:
        return float(text)
    except ValueError:
        fail(f"{option} takes a number, not {text!r}.", code=2)
