"""Failures as an assistant reads them: the cause and what to do in one message."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from smstudio_ext.magics.failure import MagicFailure, plain_errors

P = ParamSpec("P")
R = TypeVar("R")


def told_whole(function: Callable[P, R]) -> Callable[P, R]:
    """Turns errors of AWS calls and of the pages' own checks into one message, with what to do about them."""
    plain = plain_errors(function)

    @wraps(function)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return plain(*args, **kwargs)
        except MagicFailure as error:
            if error.hint is None:
                raise
            raise MagicFailure(f"{error.message} {error.hint}") from None

    return guarded
