"""Completion of the magics' arguments: options, their choices, and the notebook's variables."""

from __future__ import annotations

import argparse
from typing import Any

_FLAG = "_smstudio_completion"
_BEFORE_OTHERS = 200
_NAMED_DATA = ("--channel", "--input")
"""Options whose value is NAME=DATA."""


def install(shell: Any) -> None:
    """Adds the completion to IPython's; does nothing the second time."""
    completer = getattr(shell, "Completer", None)
    if completer is None or getattr(completer, _FLAG, None) is not None:
        return
    matcher = matcher_of(shell)
    completer.custom_matchers.append(matcher)
    setattr(completer, _FLAG, matcher)


def remove(shell: Any) -> None:
    """Takes the completion away."""
    completer = getattr(shell, "Completer", None)
    matcher = getattr(completer, _FLAG, None)
    if completer is not None and matcher is not None:
        completer.custom_matchers.remove(matcher)
        setattr(completer, _FLAG, None)


def matcher_of(shell: Any) -> Any:
    """The function that IPython asks: where the cursor is, and what may follow."""
    from IPython.core.completer import SimpleCompletion, context_matcher

    @context_matcher(priority=_BEFORE_OTHERS, identifier="smstudio_matcher")
    def smstudio_matcher(context: Any) -> dict[str, Any]:
        line = context.text_until_cursor
        fragment = _fragment(line)
        found = words(shell, line, fragment)
        # Without this, Python's own completion would add what a module's name or an object offers.
        return {
            "completions": [SimpleCompletion(text=word, type="magic") for word in found],
            "suppress": bool(found),
            "matched_fragment": fragment,
        }

    return smstudio_matcher


def words(shell: Any, line: str, text: str) -> list[str]:
    """What may follow.

    Args:
        line: up to the cursor.
        text: the word that is being written; of NAME=DATA what follows the sign.
    """
    from smstudio_ext.magics import catalogue

    parts = line.lstrip().split()
    if not parts or not parts[0].startswith("%") or line.lstrip() == parts[0]:
        return []
    name = parts[0].lstrip("%")
    group = next((g for g in catalogue.GROUPS if name in {**g.magics["line"], **g.magics["cell"]}), None)
    if group is None:
        return []
    parser: argparse.ArgumentParser = getattr(group, name).parser
    written = "" if line[-1].isspace() else parts[-1]
    before = parts[-2] if written else parts[-1]
    option = next((action for action in parser._actions if before in action.option_strings), None)
    if option is not None and option.choices:
        return [str(choice) for choice in option.choices if str(choice).startswith(text)]
    if written.startswith("-"):
        return [word for action in parser._actions for word in action.option_strings if word.startswith(text)]
    if option is not None and (option.type is int or (before in _NAMED_DATA and "=" not in written)):
        return []
    variables = [
        each
        for each in shell.user_ns
        if each.startswith(text) and not each.startswith("_") and each not in shell.user_ns_hidden
    ]
    choices = [
        str(choice)
        for action in parser._actions
        if not action.option_strings and action.choices
        for choice in action.choices
        if str(choice).startswith(text)
    ]
    return [*choices, *variables]


def _fragment(line: str) -> str:
    """The word before the cursor; of NAME=DATA what follows the sign."""
    word = "" if not line or line[-1].isspace() else line.split()[-1]
    return word if word.startswith("-") else word.rpartition("=")[2]
