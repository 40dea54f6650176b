"""Errors of the SageMaker runtime."""

from __future__ import annotations

from smstudio_ext.engine.errors import AwsError


class ValidationError(AwsError):
    """The runtime's name for a bad request."""

    code = "ValidationError"
    status = 400


class ServiceUnavailable(AwsError):
    """No model server of the variant answers at the moment."""

    code = "ServiceUnavailable"
    status = 503


class Throttled(AwsError):
    """A serverless variant has as many requests as it may have."""

    code = "ThrottlingException"
    status = 429
