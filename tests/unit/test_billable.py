"""Estimates of what a request to AWS will cost, and the tokens that confirm them."""

from __future__ import annotations

from typing import Any

import pytest

from smstudio_ext.aws_rules import BILLABLE
from smstudio_ext.studio.billable import Bill, bill_of, endpoint_bill, estimate, usd
from smstudio_ext.studio.cost_consent import TOKEN_SECONDS, Tokens
from smstudio_ext.studio.models.costs import CostEstimate, CostItem

TRIAL = {
    "ResourceConfig": {"InstanceType": "ml.m5.xlarge", "InstanceCount": 2, "VolumeSizeInGB": 10},
    "StoppingCondition": {"MaxRuntimeInSeconds": 3600},
}
"""0.23 USD an hour each: 0.46 USD at most."""


class Answers:
    """A client that only looks things up."""

    def __init__(self, **answers: Any) -> None:
        for name, answer in answers.items():
            setattr(self, name, lambda _answer=answer, **_: _answer)


def told(operation: str, request: dict[str, Any], client: Any = None, region: str = "us-east-1") -> Any:
    bill = bill_of(client, operation, request)
    return None if bill is None else estimate(bill, region, operation=operation)


@pytest.mark.parametrize(
    ("operation", "request_", "cost", "hourly"),
    [
        ("CreateTrainingJob", TRIAL, 0.46, 0.46),
        (
            "CreateTrainingJob",
            {"ResourceConfig": {"InstanceType": "ml.m5.large", "InstanceCount": 1}},
            0.115 * 24,
            0.115,
        ),
        (
            "CreateTrainingJob",
            {
                "ResourceConfig": {
                    "InstanceGroups": [
                        {"InstanceType": "ml.m5.xlarge", "InstanceCount": 1, "InstanceGroupName": "a"},
                        {"InstanceType": "ml.c5.xlarge", "InstanceCount": 3, "InstanceGroupName": "b"},
                    ],
                    "KeepAlivePeriodInSeconds": 1800,
                },
                "StoppingCondition": {"MaxRuntimeInSeconds": 1800},
            },
            0.23 + 3 * 0.204,
            0.23 + 3 * 0.204,
        ),
        (
            "CreateHyperParameterTuningJob",
            {
                "HyperParameterTuningJobConfig": {
                    "ResourceLimits": {"MaxNumberOfTrainingJobs": 20, "MaxParallelTrainingJobs": 4}
                },
                "TrainingJobDefinition": TRIAL,
            },
            20 * 0.46,
            4 * 0.46,
        ),
        (
            "CreateHyperParameterTuningJob",
            {
                "HyperParameterTuningJobConfig": {
                    "ResourceLimits": {
                        "MaxNumberOfTrainingJobs": 20,
                        "MaxParallelTrainingJobs": 4,
                        "MaxRuntimeInSeconds": 3600,
                    }
                },
                "TrainingJobDefinition": TRIAL,
            },
            4 * 0.46,
            4 * 0.46,
        ),
        (
            "CreateProcessingJob",
            {
                "ProcessingResources": {
                    "ClusterConfig": {"InstanceType": "ml.m5.xlarge", "InstanceCount": 1}
                },
                "StoppingCondition": {"MaxRuntimeInSeconds": 600},
            },
            0.23 / 6,
            0.23,
        ),
    ],
    ids=["training", "training-default-limit", "groups", "tuning", "tuning-limited", "processing"],
)
def test_what_ends_has_a_highest_cost(
    operation: str, request_: dict[str, Any], cost: float, hourly: float
) -> None:
    found = told(operation, request_)
    assert found.cost == pytest.approx(cost)
    assert found.hourly == pytest.approx(hourly)
    assert found.text.startswith("At most ")
    assert found.prices.date


@pytest.mark.parametrize(
    ("operation", "request_"),
    [
        ("CreateTransformJob", {"TransformResources": {"InstanceType": "ml.m5.large", "InstanceCount": 1}}),
        ("CreateNotebookInstance", {"InstanceType": "ml.m5.large"}),
        ("CreateApp", {"AppType": "KernelGateway", "ResourceSpec": {"InstanceType": "ml.m5.large"}}),
    ],
    ids=["transform", "notebook", "app"],
)
def test_what_runs_until_somebody_ends_it_has_a_price_an_hour(
    operation: str, request_: dict[str, Any]
) -> None:
    found = told(operation, request_)
    assert (found.cost, found.hourly) == (None, 0.115)
    assert "an hour until" in found.text


def test_endpoints_are_looked_up_by_their_configuration() -> None:
    variant = {"VariantName": "a", "InstanceType": "ml.m5.large", "InitialInstanceCount": 2}
    client = Answers(
        describe_endpoint_config={
            "ProductionVariants": [
                variant,
                {"VariantName": "s", "ServerlessConfig": {"MemorySizeInMB": 1024}},
            ],
            "ShadowProductionVariants": [variant],
        }
    )
    found = told("CreateEndpoint", {"EndpointConfigName": "c", "EndpointName": "e"}, client)
    assert found.hourly == pytest.approx(4 * 0.115)
    assert "serverless" in " ".join(found.notes)


def test_only_instances_that_are_added_count() -> None:
    client = Answers(
        describe_endpoint={
            "EndpointConfigName": "c",
            "ProductionVariants": [{"VariantName": "a", "DesiredInstanceCount": 2}],
        },
        describe_endpoint_config={
            "ProductionVariants": [{"VariantName": "a", "InstanceType": "ml.m5.large"}]
        },
    )

    def change(**wanted: Any) -> Any:
        request = {"EndpointName": "e", "DesiredWeightsAndCapacities": [{"VariantName": "a", **wanted}]}
        return told("UpdateEndpointWeightsAndCapacities", request, client)

    assert change(DesiredInstanceCount=5).hourly == pytest.approx(3 * 0.115)
    assert change(DesiredInstanceCount=1) is None
    assert change(DesiredWeight=3.0) is None


@pytest.mark.parametrize(
    "request_",
    [{"AppType": "JupyterServer"}, {"AppType": "JupyterLab", "ResourceSpec": {"InstanceType": "system"}}],
    ids=["server", "system"],
)
def test_apps_on_the_systems_own_instance_cost_nothing(request_: dict[str, Any]) -> None:
    assert told("CreateApp", request_) is None


def test_unknown_prices_are_said_and_never_invented() -> None:
    found = estimate(
        Bill((CostItem(metered="Training", instance_type="ml.x99.large", seconds=60),)), "us-east-1"
    )
    assert (found.cost, found.hourly, found.unknown) == (None, None, ["ml.x99.large"])
    assert "not known" in found.text
    autopilot = told("CreateAutoMLJobV2", {"AutoMLProblemTypeConfig": {"TabularJobConfig": {
        "CompletionCriteria": {"MaxCandidates": 10, "MaxAutoMLJobRuntimeInSeconds": 7200}}}})  # fmt: skip
    assert (autopilot.cost, autopilot.lines) == (None, [])
    assert "2 h or with 10 candidates" in " ".join(autopilot.notes)
    for operation in BILLABLE - {
        "PutScheduledAction",
        "RegisterScalableTarget",
        "CreateEndpoint",
        "UpdateEndpoint",
    }:
        if operation.startswith("Create"):
            assert told(operation, {"AppType": "KernelGateway"}).text, operation


def test_prices_of_another_region_are_said_to_be_so() -> None:
    found = told("CreateTrainingJob", TRIAL, region="eu-west-3")
    assert not found.prices.exact
    assert "No prices of eu-west-3" in " ".join(found.notes)


def test_the_dearest_definition_bounds_a_tuning_job() -> None:
    dear = {**TRIAL, "ResourceConfig": {"InstanceType": "ml.p3.2xlarge", "InstanceCount": 1}}
    found = told(
        "CreateHyperParameterTuningJob",
        {
            "HyperParameterTuningJobConfig": {
                "ResourceLimits": {"MaxNumberOfTrainingJobs": 2, "MaxParallelTrainingJobs": 1}
            },
            "TrainingJobDefinitions": [TRIAL, dear],
        },
    )
    assert found.cost == pytest.approx(2 * 3.825)
    assert "dearest" in " ".join(found.notes)


@pytest.mark.parametrize(
    ("value", "text"), [(None, "? USD"), (0.0, "0.00 USD"), (0.0383, "0.0383 USD"), (1234.5, "1,234.50 USD")]
)
def test_sums_are_written_for_people(value: float | None, text: str) -> None:
    assert usd(value) == text


@pytest.fixture
def found() -> CostEstimate:
    variant = {"VariantName": "a", "InstanceType": "ml.m5.large", "InitialInstanceCount": 1}
    return estimate(endpoint_bill([variant]), "us-east-1", operation="CreateEndpoint")


def test_a_token_confirms_its_own_estimate_once(found: CostEstimate) -> None:
    tokens = Tokens()
    token = tokens.issue("aws: work (us-east-1)", found)
    other = found.model_copy(update={"operation": "UpdateEndpoint"})
    dearer = found.model_copy(update={"lines": [found.lines[0].model_copy(update={"count": 9})]})
    assert not tokens.redeem(token, "aws: other (us-east-1)", found)
    assert not tokens.redeem(token, "aws: work (us-east-1)", other)
    assert not tokens.redeem(token, "aws: work (us-east-1)", dearer)
    assert tokens.redeem(token, "aws: work (us-east-1)", found)
    assert not tokens.redeem(token, "aws: work (us-east-1)", found)


def test_tokens_end_and_are_not_forged(found: CostEstimate) -> None:
    now = [1000.0]
    tokens = Tokens(lambda: now[0])
    token = tokens.issue("here", found)
    until, nonce, signature = token.split(".")
    for forged in (None, "", "x", "..", f"{until}.{'0' * 16}.{signature}", f"9999999999.{nonce}.{signature}"):
        assert not tokens.redeem(forged, "here", found)
    assert not Tokens(lambda: now[0]).redeem(token, "here", found)  # another server's
    now[0] += TOKEN_SECONDS + 1
    assert not tokens.redeem(token, "here", found)
