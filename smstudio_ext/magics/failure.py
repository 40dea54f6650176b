"""Errors of the magics: the cause in a sentence or two, not the stack of an AWS client."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from functools import wraps
from typing import Any, ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")
C = TypeVar("C")

_CREDENTIALS = {
    "NoCredentialsError": "There are no AWS credentials.",
    "PartialCredentialsError": "The AWS credentials are not complete.",
    "UnauthorizedSSOTokenError": "The sign-in of this AWS profile has expired.",
    "SSOTokenLoadError": "The sign-in of this AWS profile has expired.",
    "TokenRetrievalError": "The sign-in of this AWS profile has expired.",
}
_EXPIRED = ("ExpiredToken", "ExpiredTokenException", "RequestExpired", "InvalidClientTokenId")


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
    kind = type(error).__name__
    module = type(error).__module__.split(".")[0]
    if module == "botocore":
        response: Any = getattr(error, "response", None)
        if isinstance(response, dict):
            return _of_answer(response.get("Error", {}))
        if kind in _CREDENTIALS:
            return MagicFailure(
                _CREDENTIALS[kind], hint="Sign in (aws sso login), or work with: %smstudio local"
            )
        if (
            kind == "EndpointConnectionError"
            or kind.endswith("TimeoutError")
            or kind == "ProxyConnectionError"
        ):
            return MagicFailure(
                str(error), hint="Is the machine online, and the region right? See: %smstudio"
            )
        return MagicFailure(str(error))
    if hasattr(error, "hint") and module == "smstudio_ext":  # a problem that the pages' code tells
        return MagicFailure(str(error), hint=error.hint)
    return None


def _of_answer(found: dict[str, Any]) -> MagicFailure:
    code, message = str(found.get("Code", "Error")), str(found.get("Message", ""))
    hint = None
    if code in _EXPIRED:
        hint = "Renew the credentials (aws sso login), then run the cell again."
    elif code.startswith("AccessDenied"):
        hint = "The identity lacks this permission; %smstudio shows who you are."
    elif code.startswith("Throttl"):
        hint = "AWS asks for fewer calls; wait a little and run the cell again."
    elif code == "ResourceLimitExceeded":
        hint = "Stop something (%sm_jobs shows what runs), or take a smaller or another instance type."
    return MagicFailure(f"{code}: {message}", hint=hint)
