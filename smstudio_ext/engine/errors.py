"""Errors of the engine, each with the code, status and message form that AWS puts on the wire."""

from __future__ import annotations

from typing import Any


class AwsError(Exception):
    """An error that a client sees in the wire's own error shape.

    Args:
        message: text for the person who reads it; says what to do.
        code: AWS's error code; the class's own by default.
        status: HTTP status; the class's own by default.
        members: further modelled members of the error shape.
    """

    code = "InternalFailure"
    status = 500

    def __init__(
        self, message: str, *, code: str | None = None, status: int | None = None, **members: Any
    ) -> None:
        super().__init__(message)
        self.message = message
        if code is not None:
            self.code = code
        if status is not None:
            self.status = status
        self.members = members


class ValidationException(AwsError):
    """The request breaks a rule of the service (SageMaker uses it for missing resources too)."""

    code = "ValidationException"
    status = 400


class ResourceInUse(AwsError):
    """A resource of that name exists, or is in a state that forbids the call."""

    code = "ResourceInUse"
    status = 400


class ResourceNotFound(AwsError):
    """The named resource does not exist."""

    code = "ResourceNotFound"
    status = 400


class ResourceLimitExceeded(AwsError):
    """A quota of the account (or of this machine) is used up."""

    code = "ResourceLimitExceeded"
    status = 400


class UnknownOperation(AwsError):
    """An operation of AWS's API that this engine does not offer yet."""

    code = "UnknownOperationException"
    status = 400


def could_not_find(kind: str, arn: str) -> ValidationException:
    """SageMaker's message for a missing endpoint, endpoint configuration or model.

    The SDKs look for the words "Could not find".
    """
    return ValidationException(f'Could not find {kind} "{arn}".')
