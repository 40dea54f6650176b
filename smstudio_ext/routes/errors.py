"""The one place where failures become answers: HTTP status, code, message, and what to do."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

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
_DENIED = frozenset({"AccessDenied", "AccessDeniedException", "UnauthorizedOperation", "403", "Forbidden"})
_CREDENTIALS = frozenset(
    {
        "UnrecognizedClientException",
        "InvalidClientTokenId",
        "InvalidSignatureException",
        "SignatureDoesNotMatch",
        "InvalidAccessKeyId",
        "ExpiredToken",
        "ExpiredTokenException",
        "RequestExpired",
        "MissingAuthenticationToken",
        "IncompleteSignature",
    }
)
_THROTTLED = frozenset(
    {
        "Throttling",
        "ThrottlingException",
        "ThrottledException",
        "TooManyRequestsException",
        "RequestLimitExceeded",
        "SlowDown",
        "RequestThrottled",
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
_DENIED_TEXT = re.compile(
    r"not authorized to perform: (?P<action>[\w:*-]+)(?: on resource: (?P<resource>\S+))?"
)

_SIGN_IN_HINT = (
    "Check the profile's credentials; for a single sign-on profile type `aws sso login --profile NAME`."
)
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

    def body(self) -> dict[str, Any]:
        """The JSON of `ApiError`."""
        return {
            "code": self.code,
            "message": self.message,
            "hint": self.hint,
            "request_id": self.request_id,
            "fields": [{"field": name, "message": text} for name, text in self.fields],
        }


def failure_of(error: BaseException, *, local: bool) -> Failure | None:
    """The answer to a failure; None for one that is a fault of ours.

    Args:
        local: the target is the local engine, for hints.
    """
    from botocore.exceptions import BotoCoreError, ClientError
    from pydantic import ValidationError

    from smstudio_ext.aws_rules import ReadOnlyTarget
    from smstudio_ext.studio.problems import StudioProblem
    from smstudio_ext.target import EngineAway, UnknownProfile

    if isinstance(error, ClientError):
        return _client_failure(error, local=local)
    if isinstance(error, StudioProblem):
        return _studio_failure(error)
    if isinstance(error, ReadOnlyTarget):
        return Failure(403, "ReadOnly", str(error), error.hint)
    if isinstance(error, EngineAway):
        return Failure(503, "EngineAway", str(error), ENGINE_HINT)
    if isinstance(error, UnknownProfile):
        return Failure(404, "UnknownProfile", str(error), "Choose one of the profiles in ~/.aws/config.")
    if isinstance(error, ValidationError):
        fields = [(".".join(str(part) for part in e["loc"]) or "body", e["msg"]) for e in error.errors()]
        text = "; ".join(f"{name}: {message}" for name, message in fields[:5])
        return Failure(400, "BadInput", text, "Correct the named fields.", fields=fields)
    if isinstance(error, BotoCoreError):
        return _core_failure(error, local=local)
    if type(error).__name__ == "S3UploadFailedError":  # the transfer manager's wrapping of what S3 said
        cause = error.__cause__ or error.__context__
        return failure_of(cause, local=local) if cause else Failure(503, "UploadFailed", str(error))
    return None


def _studio_failure(error: Any) -> Failure:
    from smstudio_ext.studio.problems import BadInput, Conflict, Missing, NotOffered, Refused

    status = {BadInput: 400, Refused: 403, Missing: 404, Conflict: 409, NotOffered: 501}.get(type(error), 400)
    return Failure(status, error.code, str(error), error.hint, fields=getattr(error, "fields", []))


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
    if code in _DENIED:
        return 403, _permission_hint(message, operation)
    if code in _CREDENTIALS:
        return 403, _SIGN_IN_HINT if not local else "Restart the engine: its credentials do not match."
    if code in _THROTTLED or status == 429:
        return 429, "The target is busy; try again in a few seconds."
    if code in _NOT_FOUND or (code.startswith("Validation") and _MISSING_TEXT.search(message)):
        return 404, None
    if code in _CONFLICT or (code.startswith("Validation") and _IN_USE_TEXT.search(message)):
        return 409, None
    if code == "ResourceLimitExceeded":
        return 400, "Stop something that runs, or ask AWS for a higher quota (Service Quotas)."
    if status >= 500:
        return 503, "The target could not answer; try again in a moment."
    return 400, None


def _permission_hint(message: str, operation: str) -> str:
    named = _DENIED_TEXT.search(message)
    if not named:
        return f"Ask your administrator for the permission to call {operation}."
    resource = f" on {named['resource']}" if named["resource"] else ""
    return f"Ask your administrator for the permission {named['action']}{resource}."


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
    if "Credential" in name or "Token" in name or "SSO" in name or name in ("ProfileNotFound", "LoginError"):
        return Failure(403, name, text, _SIGN_IN_HINT)
    if name in ("UnknownServiceError", "OperationNotPageableError"):
        return Failure(501, "NotOffered", text, "A newer boto3 may offer it.")
    if name in ("NoRegionError", "InvalidRegionError"):
        return Failure(400, name, text, "Choose a region in the target switch.")
    return Failure(400, name, text)
