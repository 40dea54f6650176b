"""Deployments step by step, with the clock in the test's hand: traffic, bake times, alarms, rollbacks, time limits."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest

from smstudio_ext.engine.errors import ValidationException
from smstudio_ext.engine.hosting import endpoints
from smstudio_ext.engine.hosting.deployment import plan_of
from smstudio_ext.engine.hosting.fleet import Fleet
from smstudio_ext.engine.hosting.invocations import Invocation, Router
from smstudio_ext.engine.runtime import alarms
from tests.conftest import eventually
from tests.unit.hosting_stand import REGION, ManualStand, hosting_stand


@pytest.fixture(scope="module")
def stand(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ManualStand]:
    with hosting_stand(tmp_path_factory.mktemp("hosting"), ManualStand) as made:
        made.model("blue", "-blue")
        made.model("green", "-green")
        made.model("sick", Environment={"BROKEN": "1"})
        for count in (1, 2):
            made.config(f"blue-{count}", {"ModelName": "blue", "InitialInstanceCount": count})
            made.config(f"green-{count}", {"ModelName": "green", "InitialInstanceCount": count})
        made.config("sick-1", {"ModelName": "sick"})
        yield made


def answers(stand: ManualStand, endpoint: str, number: int = 60) -> Counter[str]:
    async def run() -> Counter[str]:
        router = Router(stand.ctx)
        found = [await router.invoke(Invocation(REGION, endpoint, b"", "text/csv")) for _ in range(number)]
        router.close()
        return Counter(answer.body.decode() for answer in found)

    return asyncio.run(run())


def update(stand: ManualStand, endpoint: str, config: str, deployment: dict[str, Any], **more: Any) -> None:
    request = {"EndpointName": endpoint, "EndpointConfigName": config, "DeploymentConfig": deployment, **more}
    endpoints.update_endpoint(stand.ctx, REGION, request)


def blue_green(kind: str, wait: int, bake: int = 0, **sizes: Any) -> dict[str, Any]:
    routing = {"Type": kind, "WaitIntervalInSeconds": wait, **sizes}
    return {
        "BlueGreenUpdatePolicy": {"TrafficRoutingConfiguration": routing, "TerminationWaitInSeconds": bake}
    }


def percent(value: int) -> dict[str, Any]:
    return {"Type": "CAPACITY_PERCENT", "Value": value}


def share(stand: ManualStand, endpoint: str) -> float:
    deployment = stand.get(endpoint).internal["deployment"]
    return float(deployment["share"]) if deployment else 1.0


def test_canary_takes_a_part_then_all_then_bakes(stand: ManualStand) -> None:
    stand.create("canary", "blue-1")
    update(stand, "canary", "green-1", blue_green("CANARY", 100, 50, CanarySize=percent(25)))
    eventually(lambda: share(stand, "canary") == 0.25)
    assert 3 <= answers(stand, "canary", 100)["-green"] <= 48
    pending = stand.get("canary").document["PendingDeploymentSummary"]
    assert pending["ProductionVariants"][0]["VariantStatus"][0]["Status"] == "Baking"
    stand.pass_time(90)
    assert share(stand, "canary") == 0.25
    stand.pass_time(15)
    assert share(stand, "canary") == 1.0
    row = stand.get("canary")
    assert (row.status, row.document["EndpointConfigName"]) == ("Updating", "blue-1")
    assert answers(stand, "canary") == Counter({"-green": 60})
    stand.pass_time(60)
    row = stand.wait("canary", "InService")
    assert row.document["EndpointConfigName"] == "green-1"
    assert row.document["LastDeploymentConfig"]["BlueGreenUpdatePolicy"]["TerminationWaitInSeconds"] == 50
    eventually(lambda: (stand.tick(1.0), len(stand.processes()) == 1)[1], what="the old server is gone")
    update(stand, "canary", "blue-1", {}, RetainDeploymentConfig=True)
    stand.delete("canary")


def test_linear_goes_in_equal_steps(stand: ManualStand) -> None:
    stand.create("linear", "blue-1")
    update(stand, "linear", "green-1", blue_green("LINEAR", 10, LinearStepSize=percent(50)))
    eventually(lambda: share(stand, "linear") == 0.5)
    stand.pass_time(12)
    stand.wait("linear", "InService")
    assert answers(stand, "linear") == Counter({"-green": 60})
    stand.delete("linear")


def test_rolling_exchanges_servers_in_batches(stand: ManualStand) -> None:
    stand.create("rolling", "blue-2")
    batch = {"Type": "INSTANCE_COUNT", "Value": 1}
    policy = {"RollingUpdatePolicy": {"MaximumBatchSize": batch, "WaitIntervalInSeconds": 30}}
    update(stand, "rolling", "green-2", policy)
    eventually(lambda: share(stand, "rolling") == 0.5)
    eventually(lambda: (stand.tick(0.1), len(stand.processes()) == 2)[1], what="one old and one new server")
    found = answers(stand, "rolling")
    assert set(found) == {"-blue", "-green"}
    stand.pass_time(35)
    eventually(lambda: (stand.tick(5.0), stand.get("rolling").status == "InService")[1])
    assert answers(stand, "rolling") == Counter({"-green": 60})
    stand.delete("rolling")


@pytest.mark.parametrize("rolling", [False, True])
def test_an_alarm_rolls_back_and_nothing_is_lost(stand: ManualStand, *, rolling: bool) -> None:
    name = f"alarmed-{rolling}".lower()
    stand.create(name, "blue-2")
    alarms.put_alarm(stand.ctx, REGION, alarm("guard"))
    batch = {"Type": "INSTANCE_COUNT", "Value": 1}
    policy: dict[str, Any] = (
        {"RollingUpdatePolicy": {"MaximumBatchSize": batch, "WaitIntervalInSeconds": 300}}
        if rolling
        else blue_green("CANARY", 300, CanarySize=batch)
    )
    policy["AutoRollbackConfiguration"] = {"Alarms": [{"AlarmName": "guard"}]}
    update(stand, name, "green-2", policy)
    eventually(lambda: share(stand, name) == 0.5)
    alarms.set_state(stand.ctx, REGION, "guard", "ALARM", "a test")
    stand.pass_time(6)
    eventually(lambda: (stand.tick(0.1), stand.get(name).status == "InService")[1])
    document = stand.get(name).document
    assert "guard went off" in document["FailureReason"]
    assert document["EndpointConfigName"] == "blue-2"
    assert answers(stand, name) == Counter({"-blue": 60})
    eventually(lambda: (stand.tick(1.0), len(stand.processes()) == 2)[1], what="only the old servers")
    alarms.set_state(stand.ctx, REGION, "guard", "OK", "over")
    stand.delete(name)
    stand.ctx.store.resources.delete(alarms.KIND, REGION, "guard")


def test_a_deployment_that_takes_too_long_is_rolled_back(stand: ManualStand) -> None:
    stand.create("slow", "blue-1")
    policy = blue_green("CANARY", 3600, CanarySize=percent(50))
    policy["BlueGreenUpdatePolicy"]["MaximumExecutionTimeoutInSeconds"] = 600
    update(stand, "slow", "green-1", policy)
    eventually(lambda: share(stand, "slow") == 0.5)
    stand.pass_time(620, step=20)
    document = stand.wait("slow", "InService").document
    assert "MaximumExecutionTimeoutInSeconds" in document["FailureReason"]
    assert answers(stand, "slow") == Counter({"-blue": 60})
    stand.delete("slow")


def test_a_new_fleet_that_cannot_start_leaves_the_old_one_alone(stand: ManualStand) -> None:
    stand.create("spared", "blue-1")
    update(stand, "spared", "sick-1", blue_green("LINEAR", 10, LinearStepSize=percent(50)))
    document = stand.wait("spared", "InService").document
    assert "this model is broken" in document["FailureReason"]
    assert answers(stand, "spared") == Counter({"-blue": 60})
    stand.delete("spared")


def alarm(name: str) -> dict[str, Any]:
    return {
        "AlarmName": name,
        "Namespace": "tests",
        "MetricName": "m",
        "Statistic": "Average",
        "Period": 60,
        "EvaluationPeriods": 1,
        "Threshold": 1.0,
        "ComparisonOperator": "GreaterThanThreshold",
    }


@pytest.mark.parametrize(
    ("deployment", "words"),
    [
        (blue_green("CANARY", 0, CanarySize=percent(60)), "between 5% and 50%"),
        (blue_green("CANARY", 0), "needs a CanarySize"),
        (blue_green("LINEAR", 0), "needs a LinearStepSize"),
        (
            blue_green("CANARY", 0, CanarySize={"Type": "INSTANCE_COUNT", "Value": 9}),
            "more than the 1 instances",
        ),
        (
            {
                **blue_green("ALL_AT_ONCE", 0),
                "AutoRollbackConfiguration": {"Alarms": [{"AlarmName": "none"}]},
            },
            "none.*cannot be found",
        ),
        (
            {
                **blue_green("ALL_AT_ONCE", 0),
                "RollingUpdatePolicy": {"MaximumBatchSize": percent(50), "WaitIntervalInSeconds": 0},
            },
            "not both",
        ),
    ],
)
def test_bad_policies_are_refused(stand: ManualStand, deployment: dict[str, Any], words: str) -> None:
    if stand.ctx.store.resources.find("Endpoint", REGION, "strict") is None:
        stand.create("strict", "blue-1")
    with pytest.raises(ValidationException, match=words):
        update(stand, "strict", "green-1", deployment)
    assert stand.get("strict").status == "InService"


def test_plans() -> None:
    fleet = Fleet("c", [])
    assert plan_of(None, fleet).plain
    assert not plan_of(blue_green("ALL_AT_ONCE", 0, 10), fleet).plain
    assert plan_of(blue_green("LINEAR", 5, 7, LinearStepSize=percent(40)), fleet).shares == (0.4, 0.8, 1.0)
    assert plan_of(blue_green("LINEAR", 5, 7, LinearStepSize=percent(40)), fleet).waits == (5.0, 5.0, 7.0)
