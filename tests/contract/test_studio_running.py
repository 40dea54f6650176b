"""What runs and costs, with the same code against the engine and against moto."""

from __future__ import annotations

import json
import secrets
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pytest
from botocore.stub import Stubber

from smstudio_ext.studio.models.running import HistoryQuery
from smstudio_ext.studio.running import get_running, shut_down_apps, shut_down_resource, target_time
from smstudio_ext.studio.running_apps import list_apps
from smstudio_ext.studio.usage_history import usage_history
from smstudio_ext.studio.usage_ledger import UsageLedger
from smstudio_ext.target import Target

DAY = datetime(2026, 11, 20, 9, tzinfo=timezone.utc)
NOW = DAY.timestamp() + 3 * 3600


def test_a_target_with_nothing_that_runs(place: Target, tmp_path: Path) -> None:
    """What a target does not list, it says, and the rest is there."""
    found = get_running(place, ledger=UsageLedger(tmp_path), data_dir=tmp_path)
    assert found.target == place.kind
    assert (found.simulated, found.estimated) == (place.kind == "local", place.kind == "aws")
    assert all(text.split(":")[0] in ("apps", "endpoints", "jobs") for text in found.refused)
    assert abs(found.now.timestamp() - target_time(place)) < 60


def test_an_instance_of_notebooks_is_listed_and_stopped(place: Target, tmp_path: Path) -> None:
    name = f"running-{secrets.token_hex(4)}"
    sagemaker = place.client("sagemaker")
    role = "arn:aws:iam::123456789012:role/service-role/notebook"
    sagemaker.create_notebook_instance(NotebookInstanceName=name, InstanceType="ml.t2.medium", RoleArn=role)
    try:
        found = get_running(place, ledger=UsageLedger(tmp_path), data_dir=tmp_path)
        (instance,) = [each for each in found.notebook_instances if each.name == name]
        assert instance.kind == "NotebookInstance"
        if instance.status == "InService":
            assert (instance.instances, instance.hourly) == ("1 x ml.t2.medium", 0.0464)
            assert shut_down_resource(place, "NotebookInstance", name).error is None
    finally:
        _drop_notebook_instance(sagemaker, name)


def _drop_notebook_instance(sagemaker: Any, name: str) -> None:
    from tests.conftest import eventually

    def status() -> str:
        return str(sagemaker.describe_notebook_instance(NotebookInstanceName=name)["NotebookInstanceStatus"])

    eventually(lambda: status() not in ("Pending", "Stopping"), timeout=120, what="a settled instance")
    if status() == "InService":
        sagemaker.stop_notebook_instance(NotebookInstanceName=name)
        eventually(lambda: status() == "Stopped", timeout=60, what="the stopped instance")
    sagemaker.delete_notebook_instance(NotebookInstanceName=name)


def test_a_training_job_is_in_the_history(moto_target: Target, tmp_path: Path) -> None:
    """Moto's jobs are over at once: their times and types come from Search or are said to be missing."""
    history = usage_history(
        moto_target, HistoryQuery(days=2), UsageLedger(tmp_path), now=target_time(moto_target)
    )
    assert history.target == "aws"
    assert history.prices.region == "us-east-1"


@pytest.fixture
def account() -> tuple[Target, Any]:
    """An AWS account whose answers the test writes: moto has no apps."""
    target = Target.aws(None, "ap-northeast-1", "arn:aws:iam::123456789012:role/a")
    target._identity = {"Account": "123456789012", "Arn": "arn:aws:iam::123456789012:user/a", "UserId": "a"}
    with pytest.MonkeyPatch.context() as patch:
        for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
            patch.setenv(name, "testing")
        return target, target.client("sagemaker")


def app(name: str, kind: str, **more: Any) -> dict[str, Any]:
    return {
        "DomainId": "d-1",
        "UserProfileName": "ada",
        "AppType": "KernelGateway",
        "AppName": name,
        "Status": "InService",
        "CreationTime": DAY,
        "ResourceSpec": {
            "InstanceType": kind,
            "SageMakerImageArn": "arn:aws:sagemaker:r:1:image/datascience-1.0",
        },
        **more,
    }


def refuse(stub: Stubber, *operations: str) -> None:
    for operation in operations:
        stub.add_client_error(operation, "AccessDeniedException", f"not authorized: {operation}")


def test_apps_of_an_account_are_estimated_and_refused_lists_told(
    account: tuple[Target, Any], tmp_path: Path
) -> None:
    """Two apps on one type and the Jupyter server, which AWS does not bill; of the rest nothing may be listed."""
    target, sagemaker = account
    ended = {"Status": "Deleted", "CreationTime": DAY.replace(hour=8)}
    with Stubber(sagemaker) as stub:
        stub.add_response(
            "list_apps",
            {
                "Apps": [
                    app("one", "ml.t3.medium"),
                    app("gone", "ml.t3.medium", **ended),
                    app("default", "system", AppType="JupyterServer"),
                ]
            },
        )
        stub.add_response(
            "describe_app",
            {**app("gone", "ml.t3.medium", **ended), "LastHealthCheckTimestamp": DAY.replace(minute=30)},
        )
        refuse(stub, "list_endpoints", "list_auto_ml_jobs", "list_notebook_instances")
        found = get_running(target, ledger=UsageLedger(tmp_path), data_dir=tmp_path, now=NOW)
        stub.assert_no_pending_responses()
    (instance,) = found.instances
    # the ended app's hour counts too: it was on the instance when the other one came
    assert (instance.instance_type, instance.seconds / 3600, instance.apps) == ("ml.t3.medium", 4, ["one"])
    assert found.costs == pytest.approx(4 * 0.05)
    assert (found.estimated, found.prices.exact) == (True, False)
    assert [text.split(":")[0] for text in found.refused] == ["endpoints", "jobs", "notebook instances"]
    assert {each.app_type for each in found.apps} == {"KernelGateway", "JupyterServer"}


def test_a_refused_list_ends_nothing_in_the_ledger(account: tuple[Target, Any], tmp_path: Path) -> None:
    target, sagemaker = account
    ledger = UsageLedger(tmp_path)
    with Stubber(sagemaker) as stub:
        stub.add_response("list_apps", {"Apps": [app("one", "ml.t3.medium")]})
        refuse(stub, "list_endpoints", "list_auto_ml_jobs", "list_notebook_instances")
        get_running(target, ledger=ledger, now=NOW)
        refuse(stub, "list_apps", "list_endpoints", "list_auto_ml_jobs", "list_notebook_instances")
        assert len(get_running(target, ledger=ledger, now=NOW).refused) == 4
    assert [span.ended for span in ledger.spans("123456789012/ap-northeast-1")] == [None]


def test_apps_of_an_account_are_shut_down_and_what_cannot_be_is_told(account: tuple[Target, Any]) -> None:
    target, sagemaker = account
    with Stubber(sagemaker) as stub:
        stub.add_response(
            "list_apps",
            {"Apps": [app("one", "ml.t3.medium"), app("two", "ml.t3.medium"), app("three", "ml.c5.large")]},
        )
        key = {"DomainId": "d-1", "UserProfileName": "ada", "AppType": "KernelGateway"}
        stub.add_response("delete_app", {}, {**key, "AppName": "one"})
        stub.add_client_error("delete_app", "ResourceNotFound", "does not exist")
        stub.add_client_error("delete_app", "AccessDeniedException", "not authorized")
        items = shut_down_apps(target, list_apps(target))
        stub.assert_no_pending_responses()
    assert [(item.name, item.error) for item in items] == [
        ("one", None),
        ("two", None),  # gone already
        ("three", "not authorized"),
    ]


def test_models_are_plain_json(place: Target) -> None:
    found = get_running(place)
    assert json.loads(found.model_dump_json())["target"] == place.kind
