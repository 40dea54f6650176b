"""Completion of the magics' arguments: options, their choices, and the notebook's variables."""

from __future__ import annotations

import argparse
from typing import Any

_FLAG = "_smstudio_completion"


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
    """The function that IPython asks: a text in, words out."""

    def smstudio_matcher(text: str) -> list[str]:
        line = shell.Completer.line_buffer
        return words(shell, line, text)

    return smstudio_matcher


def words(shell: Any, line: str, text: str) -> list[str]:
    """What may follow.

    Args:
        line: up to the cursor.
        text: the word that is being written.
    """
    from smstudio_ext.magics import catalogue

    parts = line.lstrip().split()
    if not parts or not parts[0].startswith("%"):
        return []
    name = parts[0].lstrip("%")
    group = next(
        (each for each in catalogue.GROUPS if name in {**each.magics["line"], **each.magics["cell"]}), None
    )
    if group is None or line.lstrip() == parts[0]:
        return []
    parser: argparse.ArgumentParser = getattr(group, name).parser
    before = parts[-2] if text and len(parts) > 1 else parts[-1]
    for action in parser._actions:
        if before in action.option_strings and action.choices:
            return [str(choice) for choice in action.choices if str(choice).startswith(text)]
    if text.startswith("-"):
        return [
            option
            for action in parser._actions
            for option in action.option_strings
            if option.startswith(text)
        ]
    variables = [each for each in shell.user_ns if not each.startswith("_") and each.startswith(text)]
    choices = [
        str(choice)
        for action in parser._actions
        if not action.option_strings and action.choices
        for choice in action.choices
        if str(choice).startswith(text)
    ]
    return [*choices, *variables]
