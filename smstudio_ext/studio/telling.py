"""Failures as a notebook or a terminal tells them: what is the matter in a sentence, and what to do about it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from smstudio_ext.aws.advice import Place, advice_on
from smstudio_ext.target import EngineAway, Target, UnknownProfile

_ENGINE_HINT = {
    "notebook": "See how it is: smstudio engine status. Run the cell again: it starts the engine.",
    "terminal": "See how it is: smstudio engine status; start it: smstudio engine start",
}
_LIMIT_HINT = {
    "notebook": "Stop something (%sm_jobs shows what runs), take another instance type, or ask AWS for a higher quota.",
    "terminal": "Stop something (smstudio running), take another instance type, or ask AWS for a higher quota.",
}
_READ_ONLY_HINT = "The variable SMSTUDIO_READ_ONLY=1 protects the account; unset it to allow changes."
_NO_CONNECTION = ("EndpointConnectionError", "ConnectionError", "HTTPClientError")
_NOT_OFFERED = (
    "UnknownOperationException",
    "UnknownOperation",
    "InvalidAction",
    "NotImplemented",
    "UnsupportedOperation",
)


@dataclass(frozen=True)
class Told:
    """A failure for people.

    Attributes:
        hint: what to do; none where the message says it.
    """

    message: str
    hint: str | None = None


def place_of_target(target: Target | None, surface: Literal["notebook", "terminal"]) -> Place:
    """Where a failure happened, for its hints; None for the target when there is none yet."""
    from smstudio_ext.aws.profiles import find_profile

    if target is None or target.kind == "local":
        return Place(surface)
    try:
        found = find_profile(target.profile)
    except Exception as error:
        if not type(error).__module__.startswith("botocore"):
            raise
        found = None  # a broken configuration is what there is to tell
    return Place(surface, target.profile, target.region, found)


def told(error: BaseException, place: Place, *, local: bool) -> Told | None:
    """What to say about a failure; None for one that is a fault of ours or of the user's own program.

    Args:
        local: the target is the local engine.
    """
    module = type(error).__module__.partition(".")[0]
    if type(error).__name__ == "S3UploadFailedError" and (error.__cause__ or error.__context__):
        return told(error.__cause__ or error.__context__ or error, place, local=local)
    if isinstance(error, EngineAway):
        return Told(str(error), _ENGINE_HINT[place.surface])
    if isinstance(error, UnknownProfile):
        return Told(str(error), _profiles())
    if type(error).__name__ == "ReadOnlyTarget":
        return Told(str(error), _READ_ONLY_HINT)
    if module == "smstudio_ext" and (hasattr(error, "hint") or hasattr(error, "status")):
        return _of_ours(error, place)
    if module == "pydantic" or module == "pydantic_core":
        return (
            Told("; ".join(_field(each) for each in error.errors()[:5])) if hasattr(error, "errors") else None
        )
    if module in ("botocore", "boto3"):
        return _of_aws(error, place, local=local)
    return None


def _of_ours(error: Any, place: Place) -> Told:
    advice = advice_on(error, place)
    return Told(str(error), (advice.hint if advice else getattr(error, "hint", None)) or None)


def _of_aws(error: BaseException, place: Place, *, local: bool) -> Told:
    response: dict[str, Any] = getattr(error, "response", None) or {}
    found = response.get("Error", {})
    code = str(found.get("Code", ""))
    if local and any(kind.__name__ in _NO_CONNECTION for kind in type(error).__mro__):
        return Told("The local engine does not answer.", _ENGINE_HINT[place.surface])
    advice = advice_on(error, place)
    if local and advice is not None and advice.status in (403, 404) and code:
        advice = None  # the engine's own answers: nobody signs in to it
    if advice is not None:
        return Told(f"{code}: {advice.message}" if code else advice.message, advice.hint or None)
    if not code:
        return Told(str(error))
    if code in _NOT_OFFERED or code.isdigit():
        operation = getattr(error, "operation_name", "This")
        return Told(
            f"{operation} is not offered by this target.", "Choose the other target, or another region."
        )
    hint = _LIMIT_HINT[place.surface] if code == "ResourceLimitExceeded" else None
    if str(response.get("ResponseMetadata", {}).get("HTTPStatusCode", "")).startswith("5"):
        hint = "The target could not answer; try again in a moment."
    return Told(f"{code}: {found.get('Message', '')}", hint)


def _field(error: Any) -> str:
    """One complaint of a form about one of its fields."""
    return f"{'.'.join(str(part) for part in error['loc'])}: {error['msg']}"


def _profiles() -> str:
    from smstudio_ext.target import aws_profiles

    known = aws_profiles()
    return f"There are: {', '.join(known)}." if known else "Make one with: aws configure sso"
