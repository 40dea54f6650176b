"""Nothing that costs money is created on AWS before somebody confirms it; nothing is half made when nobody does."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from typing import Any

import pytest

from smstudio_ext.aws_rules import BILLABLE, NO_QUESTIONS, UnconfirmedCost, gate
from smstudio_ext.routes.errors import failure_of
from smstudio_ext.studio import (
    deployment,
    notebook_instances_form,
    training_create,
    transform_create,
    tuning_create,
)
from smstudio_ext.studio.automl_create import create_automl_job
from smstudio_ext.studio.cost_consent import Consent
from smstudio_ext.studio.models.automl import CreateAutoMLJob
from smstudio_ext.studio.models.costs import CostEstimate
from smstudio_ext.studio.models.notebook_instances import NotebookInstanceForm
from smstudio_ext.studio.models.training import DeployTrainingJob
from smstudio_ext.studio.models.training_form import TrainingChannel, TrainingForm
from smstudio_ext.studio.models.transform import TransformForm
from smstudio_ext.studio.models.tuning import TuneRangeForm, TuningForm
from smstudio_ext.target import Target
from tests.contract.studio_targets import MOTO_ROLE


@pytest.fixture(autouse=True)
def asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(NO_QUESTIONS, "1")
    monkeypatch.setattr(
        "smstudio_ext.aws_rules._everywhere", []
    )  # a notebook's magics may have been there before


@pytest.fixture
def account(moto_target: Target) -> Target:
    """An account in a region where no other test works."""
    return moto_target.in_region("eu-north-1")


def fresh() -> str:
    return f"consent-{secrets.token_hex(4)}"


def training_form(name: str) -> TrainingForm:
    return TrainingForm(
        name=name,
        algorithm="xgboost",
        version="1.7-1",
        instance_type="ml.m5.xlarge",
        max_runtime_seconds=3600,
        hyperparameters={"num_round": "3"},
        channels=[
            TrainingChannel(name="train", s3_uri="s3://data-of-consent/a.csv", content_type="text/csv")
        ],
    )


def made(target: Target) -> dict[str, list[str]]:
    """Everything that a refused request might have left behind."""
    sagemaker = target.client("sagemaker")
    return {
        "buckets": [each["Name"] for each in target.client("s3").list_buckets()["Buckets"]],
        "models": [each["ModelName"] for each in sagemaker.list_models()["Models"]],
        "configs": [
            each["EndpointConfigName"] for each in sagemaker.list_endpoint_configs()["EndpointConfigs"]
        ],
        "endpoints": [each["EndpointName"] for each in sagemaker.list_endpoints()["Endpoints"]],
        "roles": [each["RoleName"] for each in target.client("iam").list_roles()["Roles"]],
    }


def deploy(target: Target) -> Any:
    form = DeployTrainingJob(endpoint_name=fresh(), instance_type="ml.m5.large", instance_count=2)
    container = {
        "Image": "123456789012.dkr.ecr.us-east-1.amazonaws.com/a:1",
        "ModelDataUrl": "s3://b/m.tar.gz",
    }
    return deployment.deploy_containers(target, form, [container], MOTO_ROLE)


def tune(target: Target) -> Any:
    form = TuningForm(
        name=fresh(),
        training=training_form(""),
        ranges=[TuneRangeForm(name="eta", kind="Continuous", min="0.1", max="0.5")],
        objective="validation:auc",
        direction="Maximize",
        max_jobs=4,
        max_parallel=2,
    )
    return tuning_create.create_tuning_job(target, form, None)


ACTS: dict[str, tuple[Callable[[Target], Any], str]] = {
    "training": (
        lambda target: training_create.create_training_job(target, training_form(fresh()), None),
        "At most 0.23 USD",
    ),
    "tuning": (tune, "At most 0.92 USD"),
    "autopilot": (
        lambda target: create_automl_job(
            target,
            CreateAutoMLJob(
                name=fresh(), input_s3_uri="s3://data-of-consent/a.csv", target="y", role_arn=MOTO_ROLE
            ),
        ),
        "not known",
    ),
    "endpoint": (deploy, "0.23 USD an hour"),
    "notebook": (
        lambda target: notebook_instances_form.create_notebook_instance(
            target, NotebookInstanceForm(name=fresh(), instance_type="ml.t2.medium", new_role=True)
        ),
        "0.0464 USD an hour",
    ),
}


@pytest.mark.parametrize("act", list(ACTS))
def test_nobody_confirms_and_nothing_is_made(account: Target, act: str) -> None:
    work, text = ACTS[act]
    before = made(account)
    with pytest.raises(UnconfirmedCost):  # nobody is there to be asked
        work(account)
    seen: list[CostEstimate] = []
    with gate(Consent(lambda found: bool(seen.append(found)))), pytest.raises(UnconfirmedCost, match=text):
        work(account)
    assert [text in each.text for each in seen] == [True]
    assert made(account) == before


@pytest.mark.parametrize(
    "act", ["training", "tuning", "endpoint"]
)  # moto has neither Autopilot nor AWS's own policies
def test_who_confirms_is_asked_once(account: Target, act: str) -> None:
    seen: list[CostEstimate] = []

    def agree(found: CostEstimate) -> bool:
        seen.append(found)
        return True

    with gate(Consent(agree)):
        ACTS[act][0](account)
    assert len(seen) == 1


def test_a_start_of_a_notebook_instance_is_asked_for_too(account: Target) -> None:
    sagemaker = account.client("sagemaker")
    name = fresh()
    with gate(Consent(lambda found: True)):
        sagemaker.create_notebook_instance(
            NotebookInstanceName=name, InstanceType="ml.t2.medium", RoleArn=MOTO_ROLE
        )
    sagemaker.stop_notebook_instance(NotebookInstanceName=name)
    with pytest.raises(UnconfirmedCost):
        sagemaker.start_notebook_instance(NotebookInstanceName=name)


def test_transform_jobs_are_asked_for_before_their_bucket_is_made(account: Target) -> None:
    model = fresh()
    account.client("sagemaker").create_model(
        ModelName=model, ExecutionRoleArn=MOTO_ROLE, PrimaryContainer={"Image": "a"}
    )
    form = TransformForm(
        name=fresh(),
        model_name=model,
        instance_type="ml.m5.large",
        input_s3_uri="s3://data-of-consent/a.csv",
    )
    before = made(account)
    with pytest.raises(UnconfirmedCost):
        transform_create.create_transform_job(account, form)
    assert made(account) == before


def test_every_call_of_a_protected_list_needs_somebody(account: Target) -> None:
    for operation in sorted(BILLABLE):
        service = (
            "application-autoscaling"
            if operation in ("PutScheduledAction", "RegisterScalableTarget")
            else "sagemaker"
        )
        client = account.client(service)
        assert operation in client.meta.service_model.operation_names
        method = next(name for name, each in client.meta.method_to_api_mapping.items() if each == operation)
        with pytest.raises(UnconfirmedCost, match=operation):
            getattr(client, method)()


def test_what_costs_nothing_is_not_asked_for(account: Target) -> None:
    account.client("sagemaker").create_experiment(ExperimentName=fresh())
    account.client("sagemaker").list_training_jobs()


def test_an_operator_may_want_no_questions(account: Target, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(NO_QUESTIONS, "0")
    assert deploy(account).endpoint_name in [
        each["EndpointName"] for each in account.client("sagemaker").list_endpoints()["Endpoints"]
    ]


def test_a_page_gets_the_estimate_and_a_token() -> None:
    nobody = failure_of(UnconfirmedCost("CreateApp"), local=False)
    assert nobody is not None
    assert (nobody.status, nobody.code, nobody.more) == (428, "ConfirmCost", {})
