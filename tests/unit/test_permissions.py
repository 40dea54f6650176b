"""The IAM permissions that are read from the code."""

from __future__ import annotations

import pytest

from smstudio_ext.routes import permissions


@pytest.fixture(scope="module")
def found() -> dict[str, list[str]]:
    return permissions.features()


@pytest.mark.parametrize(
    ("feature", "needed"),
    [
        ("Autopilot", {"sagemaker:CreateAutoMLJobV2", "iam:PassRole", "s3:PutObject", "sagemaker:StopAutoMLJob"}),
        ("Training jobs", {"sagemaker:CreateTrainingJob", "logs:GetLogEvents", "cloudwatch:GetMetricData", "iam:GetRole"}),
        ("Endpoints", {"sagemaker:InvokeEndpoint", "application-autoscaling:PutScalingPolicy", "s3:GetObject"}),
        ("Experiments", {"sagemaker:Search", "sagemaker:BatchGetMetrics", "sagemaker:QueryLineage"}),
        ("Running instances and cost", {"sagemaker:ListApps", "sagemaker:StopTrainingJob"}),
        ("Sharing", {"s3:GetObject", "s3:PutObject"}),
    ],
)  # fmt: skip
def test_a_feature_needs_what_its_code_calls(
    found: dict[str, list[str]], feature: str, needed: set[str]
) -> None:
    assert needed <= set(found[feature])


def test_nothing_is_asked_for_that_no_code_calls(found: dict[str, list[str]]) -> None:
    assert "sagemaker:CreateTrainingJob" not in found["Models"]
    assert "sagemaker:Search" not in found["Sharing"]
    everything = {action for actions in found.values() for action in actions}
    assert not {"sagemaker:CreateCluster", "iam:DeleteRole", "s3:DeleteBucket"} & everything


def test_a_policy_tells_reading_from_acting() -> None:
    document = permissions.policy(["s3:GetObject", "sagemaker:CreateModel", "sagemaker:ListModels"])
    assert [(each["Sid"], each["Action"]) for each in document["Statement"]] == [
        ("Read", ["s3:GetObject", "sagemaker:ListModels"]),
        ("Act", ["sagemaker:CreateModel"]),
    ]
