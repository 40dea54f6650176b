"""Alarms and Application Auto Scaling with the clock in the test's hand; serverless variants that come and go."""

from __future__ import annotations

import asyncio
import datetime
import os
from collections.abc import Iterator
from typing import Any

import pytest

from smstudio_ext.engine.context import Call
from smstudio_ext.engine.errors import AwsError
from smstudio_ext.engine.hosting import async_store
from smstudio_ext.engine.hosting.async_store import AsyncInvocation
from smstudio_ext.engine.hosting.invocations import Invocation, Router
from smstudio_ext.engine.hosting.scaling.schedules import latest_run
from smstudio_ext.engine.hosting.scaling.targets import ScalingError
from smstudio_ext.engine.runtime import alarms
from smstudio_ext.engine.runtime.metric_series import Metric, Point, read_periods, statistic, write_points
from smstudio_ext.engine.services import application_autoscaling as scaling
from tests.conftest import eventually
from tests.unit.hosting_stand import BUCKET, REGION, ManualStand, hosting_stand

CALL = Call("application-autoscaling", "", REGION, "000000000000", "", "")
DIMENSION = "sagemaker:variant:DesiredInstanceCount"


@pytest.fixture(scope="module")
def stand(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ManualStand]:
    with hosting_stand(tmp_path_factory.mktemp("hosting"), ManualStand) as made:
        made.model("m", "-m")
        made.config("m", {"ModelName": "m"})
        yield made


def target(endpoint: str, **more: Any) -> dict[str, Any]:
    return {
        "ServiceNamespace": "sagemaker",
        "ResourceId": f"endpoint/{endpoint}/variant/AllTraffic",
        "ScalableDimension": DIMENSION,
        **more,
    }


def put(stand: ManualStand, endpoint: str, value: float, minutes: int = 5) -> None:
    """`value` invocations an instance in each of the last minutes."""
    minute = int(stand.clock.now()) // 60 * 60
    dimensions = {"EndpointName": endpoint, "VariantName": "AllTraffic"}
    points = [
        Point("InvocationsPerInstance", float(minute - 60 * back), value, None) for back in range(minutes)
    ]
    write_points(stand.ctx.store.database, REGION, "AWS/SageMaker", dimensions, points)


def instances(stand: ManualStand, endpoint: str) -> int:
    row = stand.get(endpoint)
    return (
        int(row.document["ProductionVariants"][0]["CurrentInstanceCount"])
        if row.status == "InService"
        else -1
    )


def reaches(stand: ManualStand, endpoint: str, count: int) -> None:
    """Waits for a number of instances, while the stand's time passes faster than ours."""
    eventually(lambda: (stand.tick(0.5), instances(stand, endpoint) == count)[1], what=f"{count} instances")


def test_target_tracking_scales_out_within_limits_and_in_again(stand: ManualStand) -> None:
    stand.create("tracked", "m")
    with pytest.raises(AwsError, match="No scalable target found"):
        scaling.put_scaling_policy(stand.ctx, CALL, target("tracked", PolicyName="p"))
    scaling.register_scalable_target(stand.ctx, CALL, target("tracked", MinCapacity=1, MaxCapacity=3))
    config = {
        "TargetValue": 10.0,
        "PredefinedMetricSpecification": {"PredefinedMetricType": "SageMakerVariantInvocationsPerInstance"},
        "ScaleOutCooldown": 60,
        "ScaleInCooldown": 60,
    }
    policy = target(
        "tracked",
        PolicyName="p",
        PolicyType="TargetTrackingScaling",
        TargetTrackingScalingPolicyConfiguration=config,
    )
    made = scaling.put_scaling_policy(stand.ctx, CALL, policy)
    assert [alarm["AlarmName"].split("-Alarm")[1][:3] for alarm in made["Alarms"]] == ["Hig", "Low"]
    put(stand, "tracked", 95.0)
    stand.pass_time(80)
    reaches(stand, "tracked", 3)
    assert len(stand.processes()) == 3
    activities = scaling.describe_scaling_activities(stand.ctx, CALL, {"ServiceNamespace": "sagemaker"})
    newest = activities["ScalingActivities"][0]
    assert newest["Description"] == "Setting desired instance count to 3."
    assert "AlarmHigh" in newest["Cause"]
    stand.pass_time(300)
    for _ in range(17):
        put(stand, "tracked", 1.0, 1)
        stand.pass_time(60, 10)
    reaches(stand, "tracked", 1)
    statuses = [
        one["StatusCode"]
        for one in scaling.describe_scaling_activities(stand.ctx, CALL, {"ServiceNamespace": "sagemaker"})[
            "ScalingActivities"
        ]
    ]
    assert set(statuses) <= {"Successful", "InProgress"}
    names = [alarm["AlarmName"] for alarm in made["Alarms"]]
    scaling.deregister_scalable_target(stand.ctx, CALL, target("tracked"))
    assert all(stand.ctx.store.resources.find("Alarm", REGION, name) is None for name in names)
    with pytest.raises(AwsError, match="No scalable target found"):
        scaling.deregister_scalable_target(stand.ctx, CALL, target("tracked"))
    stand.delete("tracked")


def test_a_variant_without_traffic_is_scaled_in(stand: ManualStand) -> None:
    stand.config("quiet", {"ModelName": "m", "InitialInstanceCount": 3})
    stand.create("quiet")
    scaling.register_scalable_target(stand.ctx, CALL, target("quiet", MinCapacity=1, MaxCapacity=3))
    tracking = {
        "TargetValue": 10.0,
        "PredefinedMetricSpecification": {"PredefinedMetricType": "SageMakerVariantInvocationsPerInstance"},
        "ScaleInCooldown": 0,
    }
    policy = target("quiet", PolicyName="p", PolicyType="TargetTrackingScaling")
    scaling.put_scaling_policy(
        stand.ctx, CALL, {**policy, "TargetTrackingScalingPolicyConfiguration": tracking}
    )
    stand.pass_time(300, 10)
    assert instances(stand, "quiet") == 3  # AWS waits for fifteen minutes
    stand.pass_time(840, 10)
    reaches(stand, "quiet", 1)
    resources = stand.ctx.store.resources
    assert len([row for row in resources.list("Alarm", REGION).items if "/quiet/" in row.name]) == 2
    stand.delete("quiet")
    stand.pass_time(60, 10)
    assert resources.find("ScalableTarget", REGION, "endpoint/quiet/variant/AllTraffic") is not None
    stand.pass_time(660, 20)  # target, policy and alarms do not stay for ever
    assert resources.find("ScalableTarget", REGION, "endpoint/quiet/variant/AllTraffic") is None
    assert [row for row in resources.list("Alarm", REGION).items if "/quiet/" in row.name] == []


def test_an_asynchronous_endpoint_scales_to_zero_and_comes_back_for_its_queue(stand: ManualStand) -> None:
    output = {"S3OutputPath": f"s3://{BUCKET}/out"}
    stand.config("napper", {"ModelName": "m"}, AsyncInferenceConfig={"OutputConfig": output})
    stand.create("napper")
    scaling.register_scalable_target(stand.ctx, CALL, target("napper", MinCapacity=0, MaxCapacity=2))
    dimensions = [{"Name": "EndpointName", "Value": "napper"}]
    backlog = {
        "MetricName": "ApproximateBacklogSizePerInstance",
        "Namespace": "AWS/SageMaker",
        "Dimensions": dimensions,
        "Statistic": "Average",
    }
    tracking = {"TargetValue": 5.0, "CustomizedMetricSpecification": backlog, "ScaleInCooldown": 0}
    policy = target("napper", PolicyName="t", PolicyType="TargetTrackingScaling")
    scaling.put_scaling_policy(
        stand.ctx, CALL, {**policy, "TargetTrackingScalingPolicyConfiguration": tracking}
    )
    steps = {
        "AdjustmentType": "ChangeInCapacity",
        "Cooldown": 1_000_000,
        "StepAdjustments": [{"MetricIntervalLowerBound": 0, "ScalingAdjustment": 1}],
    }
    policy = target("napper", PolicyName="s", PolicyType="StepScaling", StepScalingPolicyConfiguration=steps)
    made = scaling.put_scaling_policy(stand.ctx, CALL, policy)
    woken = {
        "AlarmName": "work-without-servers",
        "MetricName": "HasBacklogWithoutCapacity",
        "Dimensions": dimensions,
        "Statistic": "Average",
        "Threshold": 1.0,
        "ComparisonOperator": "GreaterThanOrEqualToThreshold",
        "TreatMissingData": "missing",
        "AlarmActions": [made["PolicyARN"]],
    }
    plain = {"Namespace": "AWS/SageMaker", "Period": 60, "EvaluationPeriods": 2}
    alarms.put_alarm(stand.ctx, REGION, {**plain, **woken})
    stand.pass_time(1100, 10)
    reaches(stand, "napper", 0)
    eventually(lambda: (stand.tick(1.0), not stand.processes("napper"))[1], what="no process")
    left = AsyncInvocation(
        REGION, "napper", "a", None, "eA==", f"s3://{BUCKET}/out/a", None, "", "", {}, stand.clock.now(), 1e6, 60
    )  # fmt: skip
    async_store.save(stand.ctx, left)
    eventually(
        lambda: (stand.tick(5.0), instances(stand, "napper") == 1)[1], what="one instance for the queue"
    )
    stand.delete("napper")
    assert async_store.count(stand.ctx, REGION, "napper") == 0


def test_steps_schedules_and_limits(stand: ManualStand) -> None:
    stand.create("stepped", "m")
    scaling.register_scalable_target(stand.ctx, CALL, target("stepped", MinCapacity=2, MaxCapacity=4))
    stand.pass_time(11)
    reaches(stand, "stepped", 2)
    steps = {
        "AdjustmentType": "ChangeInCapacity",
        "Cooldown": 30,
        "StepAdjustments": [
            {"MetricIntervalLowerBound": 0, "MetricIntervalUpperBound": 5, "ScalingAdjustment": 1},
            {"MetricIntervalLowerBound": 5, "ScalingAdjustment": 2},
        ],
    }
    policy = target("stepped", PolicyName="s", PolicyType="StepScaling", StepScalingPolicyConfiguration=steps)
    made = scaling.put_scaling_policy(stand.ctx, CALL, policy)
    alarms.put_alarm(stand.ctx, REGION, alarm("busy", AlarmActions=[made["PolicyARN"]]))
    alarms.set_state(stand.ctx, REGION, "busy", "ALARM", "a test")
    stand.pass_time(11)
    reaches(stand, "stepped", 3)
    alarms.set_state(stand.ctx, REGION, "busy", "OK", "a test")
    moment = datetime.datetime.fromtimestamp(stand.clock.now() + 20, datetime.timezone.utc)
    action = {
        "ScheduledActionName": "night",
        "Schedule": f"at({moment:%Y-%m-%dT%H:%M:%S})",
        "ScalableTargetAction": {"MinCapacity": 1, "MaxCapacity": 1},
    }
    scaling.put_scheduled_action(stand.ctx, CALL, target("stepped", **action))
    stand.pass_time(15)
    assert instances(stand, "stepped") == 3
    stand.pass_time(20)
    reaches(stand, "stepped", 1)
    found = scaling.describe_scalable_targets(stand.ctx, CALL, {"ServiceNamespace": "sagemaker"})
    assert found["ScalableTargets"][0]["MaxCapacity"] == 1
    scaling.deregister_scalable_target(stand.ctx, CALL, target("stepped"))
    stand.delete("stepped")
    stand.ctx.store.resources.delete("Alarm", REGION, "busy")


@pytest.mark.parametrize(
    ("request_", "words"),
    [
        ({"MinCapacity": 3, "MaxCapacity": 2}, "cannot be less"),
        ({"MaxCapacity": 2}, "are required"),
        ({"MinCapacity": 0, "MaxCapacity": 2}, "at least 1"),
        (
            {"MinCapacity": 1, "MaxCapacity": 2, "ResourceId": "endpoint/none/variant/v"},
            "No scalable resource",
        ),
        ({"MinCapacity": 1, "MaxCapacity": 2, "ResourceId": "table/x"}, "Unsupported resource type"),
        ({"MinCapacity": 1, "MaxCapacity": 2, "ServiceNamespace": "ecs"}, "sagemaker only"),
    ],
)
def test_bad_targets_are_refused(stand: ManualStand, request_: dict[str, Any], words: str) -> None:
    if stand.ctx.store.resources.find("Endpoint", REGION, "strict") is None:
        stand.create("strict", "m")
    with pytest.raises(AwsError, match=words):
        scaling.register_scalable_target(stand.ctx, CALL, {**target("strict"), **request_})


def alarm(name: str, **more: Any) -> dict[str, Any]:
    return {
        "AlarmName": name,
        "Namespace": "tests",
        "MetricName": name,
        "Statistic": "Average",
        "Period": 60,
        "EvaluationPeriods": 2,
        "Threshold": 1.0,
        "ComparisonOperator": "GreaterThanThreshold",
        **more,
    }


@pytest.mark.parametrize(
    ("missing", "values", "state"),  # values: the newest first
    [
        ("missing", [], "INSUFFICIENT_DATA"),
        ("breaching", [], "ALARM"),
        ("notBreaching", [], "OK"),
        ("ignore", [], "INSUFFICIENT_DATA"),
        ("missing", [5.0, 5.0], "ALARM"),
        ("missing", [0.0, 5.0], "OK"),
        ("missing", [5.0], "INSUFFICIENT_DATA"),  # one of two: too early
        ("missing", [None, 5.0], "ALARM"),
        ("missing", [0.0], "OK"),
        ("notBreaching", [5.0], "OK"),
    ],
)
def test_alarms_are_evaluated_from_their_metric(
    stand: ManualStand, missing: str, values: list[float | None], state: str
) -> None:
    name = "-".join(map(str, [missing, *values]))
    now = stand.clock.now()
    end = int(now - alarms.SETTLE_SECONDS) // 60 * 60
    points = [
        Point(name, end - 60.0 * (back + 1), value) for back, value in enumerate(values) if value is not None
    ]
    write_points(stand.ctx.store.database, REGION, "tests", {}, points)
    row = alarms.put_alarm(stand.ctx, REGION, alarm(name, TreatMissingData=missing))
    found, reason, _ = alarms.evaluate(stand.ctx, row, now)
    assert found == state, reason
    stand.tick()
    assert stand.ctx.store.resources.status("Alarm", REGION, name) == state
    stand.ctx.store.resources.delete("Alarm", REGION, name)


def test_statistics_of_weighted_values(stand: ManualStand) -> None:
    points = [Point("w", 1_800_000_000.0 + 10 * at, value, "None", 2) for at, value in enumerate((1.0, 4.0))]
    write_points(stand.ctx.store.database, REGION, "tests", {"a": "b"}, points)
    found = read_periods(
        stand.ctx.store.database,
        Metric(REGION, "tests", "w", {"a": "b"}),
        1_800_000_030.0,
        1_800_000_050.0,
        60,
    )
    ((start, (values, unit)),) = found.items()
    assert (start, unit) == (1_800_000_000.0, "None")  # the start is rounded down to its minute
    assert [statistic(name, values) for name in ("Sum", "SampleCount", "Average", "Minimum", "Maximum")] == [
        10.0,
        4.0,
        2.5,
        1.0,
        4.0,
    ]
    assert statistic("p50", values) == 2.5


@pytest.mark.parametrize(
    ("schedule", "expected"),
    [
        ("cron(30 8 * * ? *)", "2027-01-15 08:30"),
        ("cron(0/15 * ? * MON-FRI *)", "2027-01-15 09:15"),
        ("cron(0 9 15 1 ? 2027)", "2027-01-15 09:00"),
        ("cron(0 9 ? * SUN *)", None),
        ("rate(2 hours)", "2027-01-15 09:20"),
        ("at(2027-01-15T09:00:00)", "2027-01-15 09:00"),
        ("at(2027-01-15T10:00:00)", None),
    ],
)
def test_schedules(schedule: str, expected: str | None) -> None:
    def moment(text: str) -> float:
        return datetime.datetime.fromisoformat(text).replace(tzinfo=datetime.timezone.utc).timestamp()

    now = moment("2027-01-15 09:20:30")  # a Friday
    action = {"Schedule": schedule, "CreationTime": moment("2027-01-15 07:20")}
    found = latest_run(action, now)
    assert found == (None if expected is None else moment(expected))


@pytest.mark.parametrize("schedule", ["cron(0 9 * *)", "cron(99 9 * * ? *)", "every day", "at(tomorrow)"])
def test_schedules_that_cannot_be_read(schedule: str) -> None:
    with pytest.raises(ScalingError, match="nvalid"):
        latest_run({"Schedule": schedule, "CreationTime": 0.0}, 1.0)


def test_serverless_variant_ends_when_idle_and_comes_with_a_request(stand: ManualStand) -> None:
    serverless = {"MemorySizeInMB": 2048, "MaxConcurrency": 1}
    stand.config("lambda", {"ModelName": "m", "ServerlessConfig": serverless})
    row = stand.create("lambda")
    variant = row.document["ProductionVariants"][0]
    assert variant["CurrentServerlessConfig"] == serverless
    assert "CurrentInstanceCount" not in variant
    assert len(stand.processes("lambda")) == 1

    async def ask(router: Router, body: bytes = b"x") -> bytes:
        return (await router.invoke(Invocation(REGION, "lambda", body, "text/csv"))).body

    async def while_stepping(router: Router) -> bytes:
        waiting = asyncio.ensure_future(ask(router))
        while not waiting.done():
            await asyncio.to_thread(stand.tick, 0.1)
            await asyncio.sleep(0.02)
        return await waiting

    async def run() -> None:
        router = Router(stand.ctx)
        assert await ask(router) == b"x-m"
        gate = stand.data_dir / "go-on"
        busy = asyncio.ensure_future(ask(router, b"until " + os.fsencode(gate)))
        await asyncio.sleep(0.05)  # it is on its way and cannot end
        with pytest.raises(AwsError, match="Rate exceeded") as caught:
            await ask(router)
        assert (caught.value.code, caught.value.status) == ("ThrottlingException", 429)
        gate.touch()
        await busy
        await asyncio.to_thread(stand.pass_time, 310, 10)
        await asyncio.to_thread(
            eventually, lambda: (stand.tick(1.0), not stand.processes("lambda"))[1], 30, "no server is left"
        )
        assert stand.get("lambda").status == "InService"
        assert await while_stepping(router) == b"x-m"
        names = {key[2] for key in router.metrics._rare}
        assert {"ModelSetupTime", "ServerlessConcurrentExecutionsUtilization"} <= names
        router.close()

    asyncio.run(run())
    stand.delete("lambda")
