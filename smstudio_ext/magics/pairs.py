"""Arguments of the form NAME=VALUE."""

from __future__ import annotations

from smstudio_ext.magics.failure import MagicFailure


def pairs(given: list[str] | None, option: str) -> dict[str, str]:
    """The pairs of a repeated option.

    Raises:
        MagicFailure: one is no NAME=VALUE, or a name comes twice.
    """
    found: dict[str, str] = {}
    for each in given or []:
        name, mark, value = each.partition("=")
        if not mark or not name:
            raise MagicFailure(f"{option} takes NAME=VALUE, not {each!r}.")
        if name in found:
            raise MagicFailure(f"{option} names {name!r} twice.")
        found[name] = value
    return found


def unquoted(text: str) -> str:
    """A text without the quotes around it, which IPython's splitting of a line leaves where they stand inside."""
    return text[1:-1] if len(text) > 1 and text[0] == text[-1] and text[0] in "\"'" else text
