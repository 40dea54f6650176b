"""Reading, checking and writing along AWS's models."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.model import OperationModel
from botocore.parsers import create_parser

from smstudio_ext.engine.errors import AwsError, ValidationException
from smstudio_ext.engine.protocol import error_wire, json_wire, models, query_wire, rest_wire, shapes
from smstudio_ext.engine.protocol.http import HttpResponse
from smstudio_ext.engine.protocol.validation import validate
from tests.unit.door_stand import http_request


def operation(service: str, name: str) -> OperationModel:
    api = models.load(service)
    assert api is not None
    model = api.operation(name)
    assert model is not None
    return model


def problems(service: str, name: str, request: dict[str, Any]) -> str:
    model = operation(service, name)
    with pytest.raises(ValidationException) as caught:
        validate(model.input_shape, json_wire.parse(model, json.dumps(request).encode()))
    return caught.value.message


def test_nulls_and_unknown_members_are_dropped() -> None:
    model = operation("sagemaker", "DescribeTrainingJob")
    assert json_wire.parse(model, b'{"TrainingJobName": "a", "Other": 1, "Tags": null}') == {
        "TrainingJobName": "a"
    }


@pytest.mark.parametrize("body", [b"{", b"[1]", b'{"TrainingJobName": {"a": 1}}', b"\xff", b"[" * 100_000])
def test_unreadable_bodies_are_serialization_errors(body: bytes) -> None:
    with pytest.raises(shapes.SerializationException):
        json_wire.parse(operation("sagemaker", "DescribeTrainingJob"), body)


@pytest.mark.parametrize(
    ("name", "request_", "wanted"),
    [
        (
            "DescribeTrainingJob",
            {},
            "1 validation error detected: Value null at 'trainingJobName' failed to satisfy constraint: Member must not be null",
        ),
        (
            "DescribeTrainingJob",
            {"TrainingJobName": "a_b"},
            "Value 'a_b' at 'trainingJobName' failed to satisfy constraint: Member must satisfy regular expression pattern: ",
        ),
        (
            "DescribeTrainingJob",
            {"TrainingJobName": "a" * 64},
            "Member must have length less than or equal to 63",
        ),
        (
            "ListTrainingJobs",
            {"MaxResults": 101},
            "Value '101' at 'maxResults' failed to satisfy constraint: Member must have value less than or equal to 100",
        ),
        (
            "ListTrainingJobs",
            {"SortBy": "Size"},
            "Member must satisfy enum value set: [Name, CreationTime, Status]",
        ),
        (
            "AddTags",
            {"ResourceArn": "arn:aws:sagemaker:us-east-1:000000000000:model/m", "Tags": [{"Key": "k"}]},
            "Value null at 'tags.1.member.value' failed to satisfy constraint: Member must not be null",
        ),
    ],
)
def test_what_is_wrong_is_said_as_aws_says_it(name: str, request_: dict[str, Any], wanted: str) -> None:
    assert wanted in problems("sagemaker", name, request_)


def test_several_problems_are_counted() -> None:
    text = problems("sagemaker", "CreateModel", {"ModelName": "a b"})
    assert text.startswith("1 validation error detected: ")
    text = problems("sagemaker", "CreateEndpointConfig", {"EndpointConfigName": "a b"})
    assert text.startswith("2 validation errors detected: ")


def test_unicode_classes_of_java_patterns_are_known() -> None:
    model = operation("sagemaker", "AddTags")
    arn = "arn:aws:sagemaker:us-east-1:000000000000:model/m"
    validate(model.input_shape, {"ResourceArn": arn, "Tags": [{"Key": "名前 +=", "Value": "é / @"}]})
    with pytest.raises(ValidationException):
        validate(model.input_shape, {"ResourceArn": arn, "Tags": [{"Key": "a\x00", "Value": ""}]})


def test_json_output_has_only_modelled_members() -> None:
    body = json_wire.serialize(
        operation("sagemaker", "DescribeTrainingJob"),
        {"TrainingJobName": "a", "CreationTime": 1_700_000_000.12345, "Secret": 1, "FailureReason": None},
    )
    assert json.loads(body) == {"TrainingJobName": "a", "CreationTime": 1_700_000_000.123}


def test_numbers_that_json_does_not_have_travel_as_strings() -> None:
    body = json_wire.serialize(
        operation("sagemaker", "DescribeTrainingJob"),
        {"FinalMetricDataList": [{"MetricName": "m", "Value": float("nan"), "Timestamp": 1.0}]},
    )
    assert json.loads(body)["FinalMetricDataList"][0]["Value"] == "NaN"


def test_query_input_and_output_agree_with_botocore() -> None:
    model = operation("iam", "SimulatePrincipalPolicy")
    form = query_wire.fields(
        b"Action=SimulatePrincipalPolicy&PolicySourceArn=arn%3Ax&ActionNames.member.1=s3%3AGetObject&ActionNames.member.2=a"
    )
    assert query_wire.parse(model, form) == {"PolicySourceArn": "arn:x", "ActionNames": ["s3:GetObject", "a"]}
    output = {
        "EvaluationResults": [{"EvalActionName": "a<b", "EvalDecision": "allowed"}],
        "IsTruncated": False,
    }
    body = query_wire.serialize(model, output, "urn:x", "id")
    parsed = create_parser("query").parse(
        {"status_code": 200, "headers": {}, "body": body}, model.output_shape
    )
    assert parsed["EvaluationResults"][0] == {"EvalActionName": "a<b", "EvalDecision": "allowed"}
    assert parsed["ResponseMetadata"]["RequestId"] == "id"


def test_rest_input_comes_from_path_query_headers_and_body() -> None:
    api = models.load("sagemaker-runtime")
    assert api is not None
    matched = api.match("POST", "/endpoints/my-end/invocations")
    assert matched is not None
    assert matched[0] == "InvokeEndpoint"
    http = http_request("POST", "http://x/endpoints/my-end/invocations", {"Content-Type": "text/csv"})
    request = rest_wire.parse(operation("sagemaker-runtime", "InvokeEndpoint"), http, matched[1], b"1,2")
    assert request == {"EndpointName": "my-end", "ContentType": "text/csv", "Body": b"1,2"}


def test_rest_output_goes_to_headers_and_body() -> None:
    model = operation("sagemaker-runtime", "InvokeEndpoint")
    response = rest_wire.serialize(
        model, {"Body": b"0.5", "ContentType": "text/csv", "InvokedProductionVariant": "v"}
    )
    assert response.body == b"0.5"
    assert ("x-amzn-invoked-production-variant", "v") in response.headers


@pytest.mark.parametrize("protocol", ["json", "query", "rest-json", "rest-xml"])
def test_botocore_reads_errors_of_every_wire(protocol: str) -> None:
    response: HttpResponse = error_wire.error_response(
        AwsError("What <is> wrong\x00.", code="SomeCode", status=400), protocol, "id-1"
    )
    assert isinstance(response.body, bytes)
    parsed = create_parser(protocol).parse(
        {"status_code": response.status, "headers": dict(response.headers), "body": response.body},
        operation("sagemaker", "DescribeTrainingJob").output_shape,
    )
    assert parsed["Error"]["Code"] == "SomeCode"
    assert parsed["Error"]["Message"].startswith("What <is> wrong")


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        (1.5, 1.5),
        ("2026-01-01T00:00:00Z", 1767225600.0),
        ("Thu, 01 Jan 2026 00:00:00 GMT", 1767225600.0),
        ("3", 3.0),
    ],
)
def test_times_are_read_in_every_form(value: Any, seconds: float) -> None:
    assert shapes.read_timestamp(value) == seconds
