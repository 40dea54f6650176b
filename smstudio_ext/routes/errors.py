"""The one place where failures become answers: HTTP status, code, message, and what to do."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from smstudio_ext.aws.advice import DENIED, Place, advice_on, permission_hint

_NOT_FOUND = frozenset(
    {
        "ResourceNotFound",
        "ResourceNotFoundException",
        "ObjectNotFoundException",
        "NoSuchBucket",
        "NoSuchKey",
        "NoSuchEntity",
        "NotFound",
        "404",
    }
)
_CONFLICT = frozenset(
    {
        "ResourceInUse",
        "ResourceInUseException",
        "ConflictException",
        "BucketAlreadyExists",
        "BucketAlreadyOwnedByYou",
        "OperationAborted",
    }
)
_NOT_OFFERED = frozenset(
    {
        "UnknownOperationException",
        "UnknownOperation",
        "InvalidAction",
        "NotImplemented",
        "UnsupportedOperation",
    }
)
_MISSING_TEXT = re.compile(r"could not find|does not exist|not found|no such", re.IGNORECASE)
_IN_USE_TEXT = re.compile(r"already exist|in-progress|is in use|in status|currently being", re.IGNORECASE)
ENGINE_HINT = "Start the local engine: press Start in the panel's header, or type `smstudio engine start`."


@dataclass(frozen=True)
class Failure:
    """An answer with a status of 400 and above."""

    status: int
    code: str
    message: str
    hint: str | None = None
    request_id: str | None = None
    fields: list[tuple[str, str]] = field(default_factory=list)
    more: dict[str, Any] = field(default_factory=dict)

    def body(self) -> dict[str, Any]:
        """The JSON of `ApiError`."""
        return {
            "code": self.code,
            "message": self.message,
            "hint": self.hint,
            "request_id": self.request_id,
            "fields": [{"field": name, "message": text} for name, text in self.fields],
            **self.more,
        }


def failure_of(error: BaseException, *, local: bool, place: Place | None = None) -> Failure | None:
    """The answer to a failure; None for one that is a fault of ours.

    Args:
        local: the target is the local engine, for hints.
        place: profile and region of the target, for hints.
    """
    from botocore.exceptions import BotoCoreError, ClientError
    from pydantic import ValidationError

    from smstudio_ext.aws.problems import AccountProblem
    from smstudio_ext.aws_rules import ReadOnlyTarget, UnconfirmedCost
    from smstudio_ext.studio.problems import StudioProblem
    from smstudio_ext.target import EngineAway, UnknownProfile

    if isinstance(error, (ClientError, BotoCoreError, AccountProblem)):
        return _aws_failure(error, local=local, place=place or Place())
    if isinstance(error, StudioProblem):
        return _studio_failure(error)
    if isinstance(error, ReadOnlyTarget):
        return Failure(403, "ReadOnly", str(error), error.hint)
    if isinstance(error, UnconfirmedCost):
        return _cost_question(error)
    if isinstance(error, EngineAway):
        return Failure(503, "EngineAway", str(error), ENGINE_HINT)
    if isinstance(error, UnknownProfile):
        return Failure(404, "UnknownProfile", str(error), "Choose one of the profiles in ~/.aws/config.")
    if isinstance(error, ValidationError):
        fields = [(".".join(str(part) for part in e["loc"]) or "body", e["msg"]) for e in error.errors()]
        text = "; ".join(f"{name}: {message}" for name, message in fields[:5])
        return Failure(400, "BadInput", text, "Correct the named fields.", fields=fields)
    if type(error).__name__ == "S3UploadFailedError":  # the transfer manager's wrapping of what S3 said
        cause = error.__cause__ or error.__context__
        return (
            failure_of(cause, local=local, place=place) if cause else Failure(503, "UploadFailed", str(error))
        )
    return None


def _cost_question(error: Any) -> Failure:
    """428: the same request with the token does what was not done."""
    more = {}
    if error.estimate is not None and error.token:
        more = {"token": error.token, "estimate": error.estimate.model_dump(mode="json")}
    return Failure(428, "ConfirmCost", str(error), error.hint, more=more)


def _studio_failure(error: Any) -> Failure:
    from smstudio_ext.studio.problems import BadInput, Conflict, Missing, NotOffered, Refused, Unreachable

    status = {
        BadInput: 400,
        Refused: 403,
        Missing: 404,
        Conflict: 409,
        NotOffered: 501,
        Unreachable: 503,
    }.get(type(error), 400)
    return Failure(status, error.code, str(error), error.hint, fields=getattr(error, "fields", []))


def _aws_failure(error: BaseException, *, local: bool, place: Place) -> Failure:
    """Failures of an AWS call, before or after AWS answered."""
    from botocore.exceptions import BotoCoreError

    request_id = (getattr(error, "response", None) or {}).get("ResponseMetadata", {}).get("RequestId")
    advice = advice_on(error, place)
    if local and (advice is None or advice.status in (403, 503)):
        return (
            _core_failure(error, local=True)
            if isinstance(error, BotoCoreError)
            else _client_failure(error, local=True)
        )
    if advice is not None:
        return Failure(advice.status, advice.code, advice.message, advice.hint or None, request_id)
    return (
        _core_failure(error, local=local)
        if isinstance(error, BotoCoreError)
        else _client_failure(error, local=local)
    )


def _client_failure(error: Any, *, local: bool) -> Failure:
    found = error.response.get("Error", {})
    metadata = error.response.get("ResponseMetadata", {})
    code, message = str(found.get("Code", "Unknown")), str(found.get("Message", "") or error)
    status = int(metadata.get("HTTPStatusCode") or 400)
    operation = str(getattr(error, "operation_name", ""))
    answer, hint = _classify(code, message, status, operation, local=local)
    if code.isdigit() and message.lstrip().startswith("<"):
        # No AWS error at all but some server's page: a server that speaks AWS's protocol without this operation.
        answer, hint = 501, "Choose another target in the target switch."
    if answer == 501:
        code, message = "NotOffered", f"{operation} is not offered by this target."
    return Failure(answer, code, message, hint, metadata.get("RequestId"))


def _classify(code: str, message: str, status: int, operation: str, *, local: bool) -> tuple[int, str | None]:
    """Status and hint of an AWS error."""
    if code in _NOT_OFFERED or status == 501:
        return 501, "Choose another target in the target switch." if not local else None
    if code in DENIED:
        return 403, permission_hint(message, operation)
    if status == 403 or code in ("UnrecognizedClientException", "IncompleteSignature"):
        return 403, "Restart the engine: its credentials do not match."
    if code in _NOT_FOUND or (code.startswith("Validation") and _MISSING_TEXT.search(message)):
        return 404, None
    if code in _CONFLICT or (code.startswith("Validation") and _IN_USE_TEXT.search(message)):
        return 409, None
    if code == "ResourceLimitExceeded":
        return 400, "Stop something that runs, or ask AWS for a higher quota (Service Quotas)."
    if status >= 500:
        return 503, "The target could not answer; try again in a moment."
    return 400, None


def _core_failure(error: Exception, *, local: bool) -> Failure:
    """Failures before AWS answered: no credentials, no connection, a request that the model refuses."""
    from botocore import exceptions

    name, text = type(error).__name__, str(error)
    if isinstance(error, exceptions.ParamValidationError):
        return Failure(400, "BadInput", text)
    if isinstance(error, (exceptions.ConnectionError, exceptions.HTTPClientError)):
        if local:
            return Failure(503, "EngineAway", "The local engine does not answer.", ENGINE_HINT)
        return Failure(503, name, text, "Check the network, the region, and the proxy settings.")
    if name in ("UnknownServiceError", "OperationNotPageableError"):
        return Failure(501, "NotOffered", text, "A newer boto3 may offer it.")
    return Failure(400, name, text)
