"""The arguments of a magic's line, and what to say when they cannot be read."""

from __future__ import annotations

import difflib
import re
from typing import Any

from IPython.core.error import UsageError
from IPython.core.magic_arguments import parse_argstring

from smstudio_ext.magics.failure import MagicFailure


def parsed(magic: Any, line: str) -> Any:
    """The arguments of a line.

    Args:
        magic: the magic's method.

    Raises:
        MagicFailure: a quote is not closed.
        IPython.core.error.UsageError: arguments that the magic does not know, or lacks; IPython shows it in one line.
    """
    try:
        return parse_argstring(magic, line)
    except ValueError as error:
        raise MagicFailure(f"The line cannot be read: {str(error).lower()}.") from None
    except UsageError as error:
        raise UsageError(f"{error}.{_meant(magic, str(error))} All of them: %{magic.__name__}?") from None


def _meant(magic: Any, text: str) -> str:
    """The option that an unknown one resembles."""
    unknown = re.search(r"unrecognized arguments:.*?(--?[\w-]+)", text)
    if unknown is None:
        return ""
    known = [option for action in magic.parser._actions for option in action.option_strings]
    close = difflib.get_close_matches(unknown[1], known, 1)
    return f" Did you mean {close[0]}?" if close else ""
