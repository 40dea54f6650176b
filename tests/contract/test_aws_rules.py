"""What holds for every call to an AWS account: protection from changes, our tag, errors that the pages tell."""

from __future__ import annotations

from typing import Any

import pytest

from smstudio_ext import aws_rules
from smstudio_ext.aws_rules import ReadOnlyTarget
from smstudio_ext.magics.failure import failure_of as told_in_a_notebook
from smstudio_ext.routes.errors import failure_of
from smstudio_ext.target import Target
from smstudio_ext.target_switch import TargetSwitch
from tests.conftest import RunningEngine
from tests.contract.studio_targets import MOTO_ROLE, engine_target


@pytest.fixture
def protected(moto_target: Target) -> Target:
    return Target.aws(None, "us-east-1", MOTO_ROLE, endpoint_url=moto_target._endpoint_url, read_only=True)


@pytest.mark.parametrize(
    ("service", "method", "request_"),
    [
        ("sagemaker", "create_model", {"ModelName": "m", "ExecutionRoleArn": MOTO_ROLE}),
        ("sagemaker", "delete_endpoint", {"EndpointName": "e"}),
        ("sagemaker", "stop_training_job", {"TrainingJobName": "t"}),
        ("sagemaker", "update_endpoint", {"EndpointName": "e", "EndpointConfigName": "c"}),
        ("sagemaker", "add_tags", {"ResourceArn": "arn", "Tags": []}),
        ("s3", "create_bucket", {"Bucket": "protected-bucket"}),
        ("s3", "put_object", {"Bucket": "b", "Key": "k", "Body": b""}),
        ("iam", "create_role", {"RoleName": "r", "AssumeRolePolicyDocument": "{}"}),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_nothing_is_changed_in_a_protected_account(
    protected: Target, service: str, method: str, request_: dict[str, Any]
) -> None:
    with pytest.raises(ReadOnlyTarget, match="read-only"):
        getattr(protected.client(service), method)(**request_)


def test_a_protected_account_is_read(protected: Target) -> None:
    assert protected.identity()["Account"]
    elsewhere = protected.in_region("sa-east-1")  # other tests make jobs in the usual one
    assert elsewhere.client("sagemaker").list_training_jobs()["TrainingJobSummaries"] == []
    assert "Buckets" in protected.client("s3").list_buckets()


def test_every_operation_that_the_code_makes_is_known_as_reading_or_changing() -> None:
    assert not aws_rules.changes_something("DescribeTrainingJob")
    assert not aws_rules.changes_something("BatchGetMetrics")
    assert not aws_rules.changes_something("InvokeEndpoint")
    assert aws_rules.changes_something("InvokeEndpointAsync")
    assert aws_rules.changes_something("BatchPutMetrics")


def test_the_refusal_is_told_with_what_to_do() -> None:
    answer = failure_of(ReadOnlyTarget("CreateModel"), local=False)
    assert answer is not None
    assert (answer.status, answer.code) == (403, "ReadOnly")
    assert "Uncheck" in (answer.hint or "")
    told = told_in_a_notebook(ReadOnlyTarget("CreateModel"))
    assert told is not None
    assert "CreateModel was not sent" in told.message


def test_what_is_created_in_an_account_carries_our_tag(moto_target: Target) -> None:
    sagemaker = moto_target.client("sagemaker")
    request = {
        "ModelName": "tagged-model",
        "ExecutionRoleArn": MOTO_ROLE,
        "PrimaryContainer": {"Image": "image"},
        "Tags": [{"Key": "mine", "Value": "1"}],
    }
    arn = sagemaker.create_model(**request)["ModelArn"]
    tags = {tag["Key"]: tag["Value"] for tag in sagemaker.list_tags(ResourceArn=arn)["Tags"]}
    assert tags == {"mine": "1", "smstudio:created-by": "smstudio_ext"}
    assert request["Tags"] == [{"Key": "mine", "Value": "1"}]


def test_what_is_created_here_does_not(engine: RunningEngine) -> None:
    sagemaker = engine_target(engine).client("sagemaker")
    arn = sagemaker.create_experiment(ExperimentName="untagged-experiment")["ExperimentArn"]
    assert sagemaker.list_tags(ResourceArn=arn)["Tags"] == []


def test_the_switch_keeps_the_protection_for_aws_alone() -> None:
    switch = TargetSwitch(lambda: None)
    switch.choose("aws", region="eu-west-1", read_only=True)
    assert switch.current().read_only
    switch.choose("local", read_only=True)
    assert not switch.read_only
