"""Failures become answers: status, code, message, and what to do."""

from __future__ import annotations

import pytest
from botocore.exceptions import (
    ClientError,
    ConnectTimeoutError,
    EndpointConnectionError,
    NoCredentialsError,
    ParamValidationError,
    TokenRetrievalError,
)
from pydantic import ValidationError

from smstudio_ext.routes.errors import failure_of
from smstudio_ext.studio.models.status import Presence
from smstudio_ext.studio.problems import BadInput, Conflict, Missing, NotOffered
from smstudio_ext.target import EngineAway, UnknownProfile


def aws_error(code: str, message: str = "No.", status: int = 400) -> ClientError:
    return ClientError(
        {
            "Error": {"Code": code, "Message": message},
            "ResponseMetadata": {"HTTPStatusCode": status, "RequestId": "request-1"},
        },
        "ListTrainingJobs",
    )


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (aws_error("ValidationException", "1 validation error detected"), 400),
        (aws_error("ValidationException", "Could not find training job 'arn'."), 404),
        (aws_error("ValidationException", "Requested resource not found."), 404),
        (aws_error("ValidationException", "Cannot create already existing endpoint."), 409),
        (aws_error("ValidationException", "Cannot update in-progress endpoint."), 409),
        (aws_error("ResourceNotFound"), 404),
        (aws_error("NoSuchBucket", status=404), 404),
        (aws_error("NoSuchKey", status=404), 404),
        (aws_error("ResourceInUse"), 409),
        (aws_error("BucketAlreadyExists", status=409), 409),
        (aws_error("ResourceLimitExceeded"), 400),
        (aws_error("AccessDeniedException"), 403),
        (aws_error("AccessDenied", status=403), 403),
        (aws_error("403", "Forbidden", 403), 403),
        (aws_error("ExpiredTokenException"), 403),
        (aws_error("UnrecognizedClientException"), 403),
        (aws_error("SignatureDoesNotMatch", status=403), 403),
        (aws_error("ThrottlingException"), 429),
        (aws_error("SlowDown", status=503), 429),
        (aws_error("TooManyRequestsException", status=429), 429),
        (aws_error("UnknownOperationException"), 501),
        (aws_error("InvalidAction"), 501),
        (aws_error("InternalFailure", status=501), 501),
        (aws_error("500", "<!doctype html><title>500</title>", 500), 501),
        (aws_error("InternalFailure", status=500), 503),
        (aws_error("ServiceUnavailable", status=503), 503),
        (NoCredentialsError(), 403),
        (TokenRetrievalError(provider="sso", error_msg="expired"), 403),
        (EndpointConnectionError(endpoint_url="https://x"), 503),
        (ConnectTimeoutError(endpoint_url="https://x"), 503),
        (ParamValidationError(report="bad"), 400),
        (EngineAway("It does not run."), 503),
        (UnknownProfile("nobody"), 404),
        (BadInput("no"), 400),
        (Missing("no"), 404),
        (Conflict("no"), 409),
        (NotOffered("no"), 501),
    ],
)
def test_failures_have_their_status(error: Exception, status: int) -> None:
    found = failure_of(error, local=False)
    assert found is not None
    assert found.status == status
    assert found.code
    assert "<" not in found.message


def test_denied_permission_names_action_and_resource() -> None:
    message = (
        "User: arn:aws:iam::1:user/me is not authorized to perform: sagemaker:CreateAutoMLJobV2 "
        "on resource: arn:aws:sagemaker:us-east-1:1:automl-job/churn because no identity-based policy allows it"
    )
    found = failure_of(aws_error("AccessDeniedException", message), local=False)
    assert found is not None
    assert found.hint == (
        "Ask your administrator for the permission sagemaker:CreateAutoMLJobV2 "
        "on arn:aws:sagemaker:us-east-1:1:automl-job/churn."
    )
    assert found.request_id == "request-1"


def test_lost_engine_says_how_to_start_it() -> None:
    found = failure_of(EndpointConnectionError(endpoint_url="http://127.0.0.1:1"), local=True)
    assert found is not None
    assert (found.status, found.code) == (503, "EngineAway")
    assert "smstudio engine start" in (found.hint or "")


def test_validation_names_the_fields() -> None:
    with pytest.raises(ValidationError) as caught:
        Presence.model_validate({"page": "", "visible": "perhaps", "extra": 1})
    found = failure_of(caught.value, local=True)
    assert found is not None
    assert {name for name, _ in found.fields} == {"page", "visible", "extra"}
    assert found.body()["fields"][0].keys() == {"field", "message"}


def test_faults_of_ours_are_not_hidden() -> None:
    assert failure_of(KeyError("bug"), local=True) is None


def test_upload_failures_show_what_s3_said() -> None:
    from boto3.exceptions import S3UploadFailedError

    error = S3UploadFailedError("Failed to upload")
    error.__cause__ = aws_error("NoSuchBucket", status=404)
    found = failure_of(error, local=True)
    assert found is not None
    assert (found.status, found.code) == (404, "NoSuchBucket")
