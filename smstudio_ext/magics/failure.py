"""Errors of the magics: the cause in a sentence or two, not the stack of an AWS client."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")
C = TypeVar("C")


class MagicFailure(Exception):
    """A failure that is shown as it is, without a traceback.

    Attributes:
        hint: what to do about it.
    """

    def __init__(self, message: str, *, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def _render_traceback_(self) -> list[str]:
        """IPython's hook for exceptions that show themselves."""
        return [f"SageMaker: {self.message}", *([self.hint] if self.hint else [])]


def plain_errors(function: Callable[P, R]) -> Callable[P, R]:
    """Turns errors of AWS calls and of the pages' own checks into `MagicFailure`."""

    @wraps(function)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return function(*args, **kwargs)
        except Exception as error:
            told = failure_of(error)
            if told is None:
                raise
            raise told from None

    return guarded


def plain_methods(kind: type[C]) -> type[C]:
    """Gives the public methods and properties of a class `plain_errors`: people call them from their cells."""
    for name, member in list(vars(kind).items()):
        if name.startswith("_"):
            continue
        if isinstance(member, property) and member.fget is not None:
            setattr(kind, name, property(plain_errors(member.fget), doc=member.__doc__))
        elif inspect.isfunction(member):
            setattr(kind, name, plain_errors(member))
    return kind


def failure_of(error: Exception) -> MagicFailure | None:
    """What to tell about an error; None for errors that are the user's program's or ours."""
    if isinstance(error, MagicFailure):
        return error
    from smstudio_ext.magics.place import PLACE
    from smstudio_ext.studio.telling import place_of_target, told

    found = told(error, place_of_target(PLACE.known, "notebook"), local=PLACE.kind == "local")
    return MagicFailure(found.message, hint=found.hint) if found else None
