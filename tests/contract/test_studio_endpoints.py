"""The endpoint page's functions against the real engine, and against moto for what moto has."""

from __future__ import annotations

import io
import json
import os
import secrets
import subprocess
import sys
import tarfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from smstudio_ext.routes.errors import failure_of
from smstudio_ext.studio import (
    buckets,
    endpoint_capture,
    endpoint_code,
    endpoint_invocation,
    endpoint_logs,
    endpoint_metrics,
    endpoint_scaling,
    endpoint_traffic,
    endpoint_update,
    endpoints,
)
from smstudio_ext.studio.models.base import Tag
from smstudio_ext.studio.models.capture import CaptureQuery
from smstudio_ext.studio.models.endpoints import AsyncResultQuery, InvokeEndpoint, SetTags
from smstudio_ext.studio.models.hosting import (
    ChangeTraffic,
    MetricsQuery,
    RemovePolicy,
    RemoveSchedule,
    SetScaling,
    SetSchedule,
    StopScaling,
    UpdateEndpoint,
)
from smstudio_ext.studio.models.training import DownloadLog, LogsQuery
from smstudio_ext.studio.problems import BadInput, Conflict, Missing
from tests.conftest import RunningEngine, eventually
from tests.contract.studio_targets import engine_target

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from smstudio_ext.studio.models.endpoints import Endpoint
    from smstudio_ext.target import Target

SDK3 = os.environ.get(
    "SMSTUDIO_SDK3_PYTHON", str(Path(__file__).parents[2] / ".venv" / "sdk3" / "bin" / "python")
)
IMAGE = "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-xgboost:1.7-1"


def unique(prefix: str) -> str:
    return f"{prefix}-{secrets.token_hex(4)}"


def archive() -> bytes:
    """A model.tar.gz of a small XGBoost classifier."""
    import numpy as np
    import xgboost as xgb

    features = np.random.default_rng(3).normal(size=(200, 4))
    labels = (features[:, 0] > 0).astype(int)
    trained = xgb.train({"objective": "binary:logistic", "nthread": 1}, xgb.DMatrix(features, labels), 5)
    content = bytes(trained.save_raw("ubj"))
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as tar:
        member = tarfile.TarInfo("xgboost-model")
        member.size = len(content)
        tar.addfile(member, io.BytesIO(content))
    return buffer.getvalue()


def create_model(target: Target) -> str:
    bucket, _ = buckets.ensure_bucket(target, None)
    target.client("s3").put_object(Bucket=bucket, Key="endpoint-page/model.tar.gz", Body=archive())
    name = unique("model")
    target.client("sagemaker").create_model(
        ModelName=name,
        ExecutionRoleArn=target.role_arn(),
        PrimaryContainer={
            "Image": IMAGE,
            "ModelDataUrl": f"s3://{bucket}/endpoint-page/model.tar.gz",
            "ContainerHostname": "first",
        },
    )
    return name


def variant_of(model: str, name: str = "AllTraffic") -> dict[str, Any]:
    return {
        "VariantName": name,
        "ModelName": model,
        "InstanceType": "ml.m5.large",
        "InitialInstanceCount": 1,
        "InitialVariantWeight": 1.0,
    }


def deploy(target: Target, *variants: str, **config: Any) -> str:
    """An endpoint with such variants, InService."""
    sagemaker, name = target.client("sagemaker"), unique("endpoint")
    if variants:
        model = create_model(target)
        config["ProductionVariants"] = [variant_of(model, variant) for variant in variants]
    sagemaker.create_endpoint_config(EndpointConfigName=name, **config)
    sagemaker.create_endpoint(
        EndpointName=name, EndpointConfigName=name, Tags=[{"Key": "team", "Value": "churn"}]
    )
    in_service(target, name)
    return name


def in_service(target: Target, name: str) -> Endpoint:
    def settled() -> Endpoint | None:
        page = endpoints.describe_endpoint(target, name)
        return page if page.status not in ("Creating", "Updating", "RollingBack") else None

    page = eventually(settled, what=f"{name} InService")
    assert page is not None
    assert page.status == "InService", page.failure_reason
    return page


@pytest.fixture(scope="module")
def local(engine: RunningEngine) -> Target:
    return engine_target(engine)


@pytest.fixture(scope="module")
def shared(local: Target) -> Iterator[str]:
    """An endpoint with the variants blue and green that captures everything."""
    bucket, _ = buckets.ensure_bucket(local, None)
    capture = {
        "EnableCapture": True,
        "InitialSamplingPercentage": 100,
        "DestinationS3Uri": f"s3://{bucket}/captured",
        "CaptureOptions": [{"CaptureMode": "Input"}, {"CaptureMode": "Output"}],
        "CaptureContentTypeHeader": {"CsvContentTypes": ["text/csv"]},
    }
    name = deploy(local, "blue", "green", DataCaptureConfig=capture)
    # metrics and captured data are written some seconds later, while other tests run
    for variant in ("blue", "green"):
        request = InvokeEndpoint(body="4,3,2,1", target_variant=variant, inference_id=f"to-{variant}")
        assert endpoint_invocation.invoke_endpoint(local, name, request).variant == variant
    yield name
    local.client("sagemaker").delete_endpoint(EndpointName=name)


def field_errors(work: Callable[[], object]) -> dict[str, str]:
    with pytest.raises(BadInput) as caught:
        work()
    return dict(caught.value.fields)


def test_page_tells_variants_containers_configuration_and_tags(local: Target, shared: str) -> None:
    page = endpoints.describe_endpoint(local, shared)
    assert [variant.name for variant in page.variants] == ["blue", "green"]
    assert page.variants[0].containers[0].hostname == "first"
    assert (page.kind, page.deployment, page.rolled_back) == ("RealTime", None, False)
    assert page.config["EndpointConfigName"] == shared
    assert isinstance(page.config["CreationTime"], str)
    assert (page.capture.enabled, page.capture.sampling_percentage) == (True, 100)
    assert page.capture.modes == ["Input", "Output"]
    assert (page.can_update, page.can_delete, page.can_invoke) == (True, True, True)
    assert page.tags == [Tag(key="team", value="churn")]


def test_tags_are_replaced(place: Target) -> None:
    name = deploy(place, "AllTraffic")
    endpoints.set_endpoint_tags(
        place, name, SetTags(tags=[Tag(key="stage", value="test"), Tag(key="owner", value="")])
    )
    tags = endpoints.describe_endpoint(place, name).tags
    assert sorted((tag.key, tag.value) for tag in tags) == [("owner", ""), ("stage", "test")]
    twice = SetTags(tags=[Tag(key="a"), Tag(key="a")])
    assert "tags" in field_errors(lambda: endpoints.set_endpoint_tags(place, name, twice))
    place.client("sagemaker").delete_endpoint(EndpointName=name)


def test_traffic_moves_and_instances_are_added(place: Target) -> None:
    name = deploy(place, "blue", "green")
    form = ChangeTraffic.model_validate(
        {"variants": [{"name": "blue", "weight": 90}, {"name": "green", "weight": 10, "instances": 2}]}
    )
    endpoint_traffic.change_traffic(place, name, form)
    blue, green = in_service(place, name).variants
    assert (blue.current_weight, green.current_weight) == (90, 10)
    assert green.current_instances == 2
    if place.kind == "local":  # moto forgets the count of a variant that keeps it
        assert blue.current_instances == 1
    unknown = ChangeTraffic.model_validate({"variants": [{"name": "red", "weight": 1}]})
    assert "red" in field_errors(lambda: endpoint_traffic.change_traffic(place, name, unknown))["variants"]
    nothing = ChangeTraffic.model_validate(
        {"variants": [{"name": n, "weight": 0} for n in ("blue", "green")]}
    )
    assert "variants" in field_errors(lambda: endpoint_traffic.change_traffic(place, name, nothing))
    place.client("sagemaker").delete_endpoint(EndpointName=name)


def test_scaling_is_set_shown_and_taken_away(place: Target) -> None:
    name = deploy(place, "AllTraffic")
    assert endpoint_scaling.endpoint_scaling(place, name).variants[0].min is None
    early = SetSchedule(variant="AllTraffic", name="night", schedule="rate(1 day)", min=1)
    with pytest.raises(Conflict):
        endpoint_scaling.set_schedule(place, name, early)
    endpoint_scaling.set_scaling(place, name, SetScaling(variant="AllTraffic", min=1, max=3, target=100))
    found = endpoint_scaling.endpoint_scaling(place, name).variants[0]
    assert (found.variant, found.min, found.max) == ("AllTraffic", 1, 3)
    assert [(policy.metric, policy.target) for policy in found.policies] == [
        ("SageMakerVariantInvocationsPerInstance", 100)
    ]
    # a second Save changes the same policy
    endpoint_scaling.set_scaling(place, name, SetScaling(variant="AllTraffic", min=1, max=4, target=50))
    night = SetSchedule(variant="AllTraffic", name="night", schedule="cron(0 22 * * ? *)", min=1, max=1)
    endpoint_scaling.set_schedule(place, name, night)
    found = endpoint_scaling.endpoint_scaling(place, name).variants[0]
    assert (found.max, [policy.target for policy in found.policies]) == (4, [50])
    # moto has no history of scaling: the page says so instead of showing that nothing happened
    assert bool(found.activities_problem) == (place.kind == "aws")
    schedule = found.schedules[0]
    assert (schedule.name, schedule.schedule, schedule.max) == ("night", "cron(0 22 * * ? *)", 1)
    endpoint_scaling.remove_schedule(place, name, RemoveSchedule(variant="AllTraffic", name="night"))
    endpoint_scaling.remove_policy(
        place, name, RemovePolicy(variant="AllTraffic", policy=found.policies[0].name)
    )
    found = endpoint_scaling.endpoint_scaling(place, name).variants[0]
    assert (found.min, found.policies, found.schedules) == (1, [], [])
    endpoint_scaling.stop_scaling(place, name, StopScaling(variant="AllTraffic"))
    assert endpoint_scaling.endpoint_scaling(place, name).variants[0].min is None
    place.client("sagemaker").delete_endpoint(EndpointName=name)


def test_scaling_that_makes_no_sense_names_the_field(local: Target, shared: str) -> None:
    wrong = SetScaling(variant="blue", min=3, max=2)
    assert "max" in field_errors(lambda: endpoint_scaling.set_scaling(local, shared, wrong))
    with pytest.raises(Missing):
        endpoint_scaling.set_scaling(local, shared, SetScaling(variant="red"))
    for changes, field in (
        ({}, "schedule.min"),
        ({"min": 2, "max": 1}, "schedule.max"),
        ({"min": 1, "schedule": "every day"}, "schedule.schedule"),
    ):
        form = SetSchedule.model_validate(
            {"variant": "blue", "name": "n", "schedule": "rate(1 hour)", **changes}
        )
        with pytest.raises(BadInput) as caught:
            endpoint_scaling.set_schedule(local, shared, form)
        assert field in dict(caught.value.fields)


def test_metrics_have_percentiles_for_each_variant(local: Target, shared: str) -> None:
    def series() -> Any:
        found = endpoint_metrics.endpoint_metrics(local, shared, MetricsQuery(minutes=30))
        assert found.period_seconds == 60
        by_name = {(each.metric, each.statistic, each.variant): each for each in found.series}
        return by_name if ("Invocations", "Sum", "green") in by_name else None

    found = eventually(series, what="written metrics")
    assert sum(point.value for point in found["Invocations", "Sum", "green"].points) >= 1
    p50, p99 = (found["ModelLatency", name, "blue"].points[-1].value for name in ("p50", "p99"))
    assert 0 < p50 <= p99
    assert found["ModelLatency", "p99", "blue"].unit == "Microseconds"


def test_long_times_have_few_points_that_are_whole_sums(local: Target, shared: str) -> None:
    found = endpoint_metrics.endpoint_metrics(local, shared, MetricsQuery(minutes=7 * 24 * 60))
    assert found.period_seconds == 3600
    for each in found.series:
        assert len(each.points) <= 7 * 24 + 2


def test_captured_requests_are_decoded(local: Target, shared: str) -> None:
    answer = endpoint_invocation.invoke_endpoint(local, shared, InvokeEndpoint(body="4,3,2,1"))

    def written() -> Any:
        found = endpoint_capture.captured_data(local, shared, CaptureQuery(variant="green"))
        return next((record for record in found.records if record.inference_id == "to-green"), None)

    record = eventually(written, what="the captured request")
    assert record.input is not None
    assert record.output is not None
    assert (record.input.data, record.input.content_type) == ("4,3,2,1", "text/csv")
    assert record.output.data.strip() == answer.body.strip()
    assert record.variant == "green"
    found = endpoint_capture.captured_data(local, shared, CaptureQuery(records=1))
    assert len(found.records) == 1
    assert record.file in [file.s3_uri for file in found.files]


def test_capture_of_other_hours_binary_data_and_strange_lines_is_read(moto_target: Target) -> None:
    bucket, _ = buckets.ensure_bucket(moto_target, None)
    capture = {
        "EnableCapture": True,
        "InitialSamplingPercentage": 5,
        "DestinationS3Uri": f"s3://{bucket}/deep/captured/",
        "CaptureOptions": [{"CaptureMode": "Input"}],
    }
    name = deploy(moto_target, "v", DataCaptureConfig=capture)
    empty = endpoint_capture.captured_data(moto_target, name, CaptureQuery())
    assert (empty.prefix, empty.files) == (f"s3://{bucket}/deep/captured/{name}/", [])

    def line(event: str, time: str, data: str, encoding: str) -> str:
        part = {"observedContentType": "image/png", "mode": "INPUT", "data": data, "encoding": encoding}
        metadata = {"eventId": event, "inferenceTime": time, "customAttributes": ["a"]}
        return json.dumps({"captureData": {"endpointInput": part}, "eventMetadata": metadata})

    s3 = moto_target.client("s3")
    for hour, rows in (
        ("2026/01/09/23", [line("old", "2026-01-09T23:00:00Z", "x" * 30_000, "CSV"), "not a record", "[1]"]),
        (
            "2026/02/01/00",
            [
                line("binary", "2026-02-01T00:01:00Z", "/w==", "BASE64"),
                line("text", "2026-02-01T00:02:00Z", "aGVsbG8=", "BASE64"),
            ],
        ),
    ):
        key = f"deep/captured/{name}/v/{hour}/00-00-000-x.jsonl"
        s3.put_object(Bucket=bucket, Key=key, Body="\n".join(rows).encode())
    found = endpoint_capture.captured_data(moto_target, name, CaptureQuery())
    assert [record.event_id for record in found.records] == ["text", "binary", "old"]
    parts = [record.input for record in found.records if record.input]
    assert [(part.data[:5], part.is_base64, part.truncated) for part in parts] == [
        ("hello", False, False),
        ("/w==", True, False),
        ("xxxxx", False, True),
    ]
    assert (found.unread, found.variants, found.records[0].custom_attributes) == (2, ["v"], "a")


def test_logs_tell_of_refused_requests(local: Target, shared: str) -> None:
    wrong = endpoint_invocation.invoke_endpoint(
        local, shared, InvokeEndpoint(body="a,b", target_variant="blue")
    )
    assert (wrong.status, wrong.status_code // 100) == ("Failed", 4)
    assert wrong.failure_reason

    def written() -> Any:
        first = endpoint_logs.endpoint_logs(local, shared, LogsQuery(from_start=True))
        blue = [stream for stream in first.streams if stream.startswith("blue/")]
        if not blue:
            return None
        page = endpoint_logs.endpoint_logs(local, shared, LogsQuery(stream=blue[0], from_start=True))
        return page if page.lines else None

    page = eventually(written, what="a log line")
    text = b"".join(endpoint_logs.endpoint_log_text(local, shared, DownloadLog())).decode()
    assert page.lines[0].message in text
    with pytest.raises(Missing):
        endpoint_logs.endpoint_logs(local, shared, LogsQuery(stream="red/i-0"))


def test_logs_of_a_silent_endpoint_are_empty(moto_target: Target) -> None:
    page = endpoint_logs.endpoint_logs(moto_target, "nowhere", LogsQuery())
    assert (page.streams, page.lines, page.at_end) == ([], [], True)


# updates


def update(**values: Any) -> UpdateEndpoint:
    return UpdateEndpoint.model_validate(values)


def test_canary_shows_its_progress_and_adds_a_variant(local: Target) -> None:
    name, other = deploy(local, "blue"), create_model(local)
    form = update(
        variants=[
            {"name": "blue", "weight": 3},
            {"name": "green", "new": True, "model_name": other, "weight": 1},
        ],
        policy={"kind": "CANARY", "size": 25, "wait_seconds": 600},
    )
    made = endpoint_update.update_endpoint(local, name, form)
    assert made.created_config

    def canary() -> Any:
        page = endpoints.describe_endpoint(local, name)
        return page.deployment if page.deployment and page.deployment.share else None

    deployment = eventually(canary, what="the canary")
    # one of two instances is the smallest canary that takes 25 %
    assert 0 < deployment.share < 1
    assert (deployment.kind, deployment.wait_seconds) == ("CANARY", 600)
    assert deployment.config_name == made.config_name
    assert [variant.name for variant in deployment.variants] == ["blue", "green"]
    with pytest.raises(ClientError, match="Cannot update in-progress endpoint"):
        endpoint_update.update_endpoint(local, name, form)
    # the configuration of the refused update was taken back
    newest = endpoint_update.update_options(local, name).configs
    assert [config for config in newest if config.startswith(name) and config != name] == [made.config_name]
    local.client("sagemaker").delete_endpoint(EndpointName=name)


def test_alarm_rolls_an_update_back_and_the_page_says_so(local: Target) -> None:
    name, alarm = deploy(local, "blue"), unique("alarm")
    cloudwatch = local.client("cloudwatch")
    cloudwatch.put_metric_alarm(
        AlarmName=alarm,
        Namespace="AWS/SageMaker",
        MetricName="Invocation5XXErrors",
        Statistic="Sum",
        Period=60,
        EvaluationPeriods=1,
        Threshold=1,
        ComparisonOperator="GreaterThanThreshold",
    )
    options = endpoint_update.update_options(local, name)
    assert alarm in [each.name for each in options.alarms]
    assert name in options.configs
    policy = {"kind": "LINEAR", "size": 50, "wait_seconds": 600, "alarms": [alarm]}
    endpoint_update.update_endpoint(
        local, name, update(variants=[{"name": "blue", "instance_count": 2}], policy=policy)
    )
    eventually(lambda: endpoints.describe_endpoint(local, name).deployment or None, what="the update")
    cloudwatch.set_alarm_state(AlarmName=alarm, StateValue="ALARM", StateReason="a test")
    page = in_service(local, name)
    assert page.rolled_back
    assert alarm in (page.failure_reason or "")
    assert page.config_name == name
    assert page.variants[0].current_instances == 1
    local.client("sagemaker").delete_endpoint(EndpointName=name)
    cloudwatch.delete_alarms(AlarmNames=[alarm])


def test_capture_is_turned_on_by_an_update(local: Target) -> None:
    name = deploy(local, "blue")
    assert endpoint_capture.captured_data(local, name, CaptureQuery()).prefix is None
    form = update(capture={"enabled": True, "sampling_percentage": 50, "output": False})
    endpoint_update.update_endpoint(local, name, form)
    page = in_service(local, name)
    assert (page.capture.enabled, page.capture.sampling_percentage) == (True, 50)
    assert page.capture.modes == ["Input"]
    local.client("sagemaker").delete_endpoint(EndpointName=name)


@pytest.mark.parametrize(
    ("form", "field"),
    [
        ({"policy": {"kind": "CANARY", "size": 60}}, "policy.size"),
        ({"policy": {"kind": "LINEAR", "size": 5}}, "policy.size"),
        ({"policy": {"kind": "ROLLING", "size": 3}}, "policy.size"),
        ({"policy": {"kind": "CANARY", "wait_seconds": 4000}}, "policy.wait_seconds"),
        ({"policy": {"kind": "CANARY", "timeout_seconds": 10}}, "policy.timeout_seconds"),
        ({"variants": [{"name": "red", "weight": 1}]}, "variants"),
        ({"variants": [{"name": "blue", "remove": True}, {"name": "green", "remove": True}]}, "variants"),
        ({"variants": [{"name": "red", "new": True}]}, "variants"),
        ({"variants": [{"name": "blue", "new": True, "model_name": "m"}]}, "variants"),
        ({"variants": [{"name": "blue", "instance_type": "huge"}]}, "variants"),
        ({"capture": {"enabled": True, "input": False, "output": False}}, "capture"),
        ({"capture": {"enabled": True, "destination_s3_uri": "/here"}}, "capture.destination_s3_uri"),
        ({"config_name": "there", "variants": [{"name": "blue", "weight": 1}]}, "config_name"),
    ],
)
def test_updates_that_aws_would_refuse_name_the_field(
    local: Target, shared: str, form: dict[str, Any], field: str
) -> None:
    assert field in field_errors(lambda: endpoint_update.update_endpoint(local, shared, update(**form)))
    assert endpoints.describe_endpoint(local, shared).status == "InService"


# asynchronous endpoints


def test_asynchronous_endpoint_is_asked_and_answers(local: Target) -> None:
    bucket, _ = buckets.ensure_bucket(local, None)
    paths = {"S3OutputPath": f"s3://{bucket}/answers", "S3FailurePath": f"s3://{bucket}/failures"}
    asynchronous = {"OutputConfig": paths}
    name = deploy(local, "v", AsyncInferenceConfig=asynchronous)
    page = endpoints.describe_endpoint(local, name)
    assert (page.kind, page.async_output) == ("Asynchronous", f"s3://{bucket}/answers")
    for body, status in (("1,2,3,4", "Complete"), ("a,b", "Failed")):
        queued = endpoint_invocation.invoke_endpoint_async(local, name, InvokeEndpoint(body=body))
        query = AsyncResultQuery(output_s3_uri=queued.output_s3_uri, failure_s3_uri=queued.failure_s3_uri)

        def result(query: AsyncResultQuery = query) -> Any:
            found = endpoint_invocation.async_result(local, name, query)
            return found if found.status != "Pending" else None

        found = eventually(result, what="the asynchronous answer")
        assert found.status == status
        assert found.body
    nowhere = AsyncResultQuery(output_s3_uri=f"s3://{bucket}/answers/never")
    assert endpoint_invocation.async_result(local, name, nowhere).status == "Pending"
    code = endpoint_code.invocation_code(local, name, InvokeEndpoint(body="1,2,3,4"))
    assert "invoke_endpoint_async" in code.boto3
    assert "AsyncPredictor" in code.sdk_v2
    assert "the answer will be at" in run_python(local, code.boto3)
    local.client("sagemaker").delete_endpoint(EndpointName=name)


# models of several models


def test_one_model_of_many_is_asked(local: Target) -> None:
    bucket, _ = buckets.ensure_bucket(local, None)
    local.client("s3").put_object(Bucket=bucket, Key="many/first.tar.gz", Body=archive())
    name = unique("many")
    container = {"Image": IMAGE, "Mode": "MultiModel", "ModelDataUrl": f"s3://{bucket}/many/"}
    local.client("sagemaker").create_model(
        ModelName=name, ExecutionRoleArn=local.role_arn(), PrimaryContainer=container
    )
    endpoint = deploy(local, ProductionVariants=[variant_of(name)])
    assert endpoints.describe_endpoint(local, endpoint).variants[0].multi_model
    request = InvokeEndpoint(body="1,2,3,4", target_model="first.tar.gz")
    assert endpoint_invocation.invoke_endpoint(local, endpoint, request).status == "Complete"
    code = endpoint_code.invocation_code(local, endpoint, request)
    assert "--target-model first.tar.gz" in code.aws_cli
    local.client("sagemaker").delete_endpoint(EndpointName=endpoint)


def test_one_container_of_several_is_asked(local: Target) -> None:
    create_model(local)  # puts the archive there
    url = f"s3://{local.default_bucket()}/endpoint-page/model.tar.gz"
    name = unique("direct")
    local.client("sagemaker").create_model(
        ModelName=name,
        ExecutionRoleArn=local.role_arn(),
        Containers=[
            {"Image": IMAGE, "ModelDataUrl": url, "ContainerHostname": host} for host in ("one", "two")
        ],
        InferenceExecutionConfig={"Mode": "Direct"},
    )
    endpoint = deploy(local, ProductionVariants=[variant_of(name)])
    variant = endpoints.describe_endpoint(local, endpoint).variants[0]
    assert variant.direct
    assert [container.hostname for container in variant.containers] == ["one", "two"]
    request = InvokeEndpoint(body="1,2,3,4", target_container="two")
    assert endpoint_invocation.invoke_endpoint(local, endpoint, request).status == "Complete"
    assert (
        '"TargetContainerHostname": "two"' in endpoint_code.invocation_code(local, endpoint, request).sdk_v2
    )
    local.client("sagemaker").delete_endpoint(EndpointName=endpoint)


# ready code, run as a user runs it


def environment(target: Target) -> dict[str, str]:
    credentials = target.client("s3")._request_signer._credentials
    base = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    return {
        **base,
        "AWS_ENDPOINT_URL": str(target.client("s3").meta.endpoint_url),
        "AWS_ACCESS_KEY_ID": credentials.access_key,
        "AWS_SECRET_ACCESS_KEY": credentials.secret_key,
        "AWS_DEFAULT_REGION": target.region,
        "PATH": f"{Path(sys.executable).parent}:{base['PATH']}",
    }


def run(target: Target, command: list[str], folder: Path | None = None) -> str:
    done = subprocess.run(
        command, env=environment(target), cwd=folder, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def run_python(target: Target, code: str, python: str = sys.executable) -> str:
    return run(target, [python, "-c", code])


@pytest.fixture(scope="module")
def answered(local: Target, shared: str) -> tuple[InvokeEndpoint, str]:
    """A request with everything that must be quoted right, and its answer."""
    request = InvokeEndpoint(
        body="1,2,3,4\n4,3,2,1",
        accept="text/csv",
        target_variant="green",
        inference_id='it\'s "mine" $HOME',
    )
    return request, endpoint_invocation.invoke_endpoint(local, shared, request).body.strip()


def test_boto3_code_runs(local: Target, shared: str, answered: tuple[InvokeEndpoint, str]) -> None:
    code = endpoint_code.invocation_code(local, shared, answered[0])
    assert run_python(local, code.boto3).strip() == answered[1]


def test_sdk_2_code_runs(local: Target, shared: str, answered: tuple[InvokeEndpoint, str]) -> None:
    code = endpoint_code.invocation_code(local, shared, answered[0])
    # the SDK tells on the standard output, too, where it looked for its settings
    assert run_python(local, code.sdk_v2).strip().endswith(answered[1])


@pytest.mark.sdk
@pytest.mark.skipif(not Path(SDK3).exists(), reason="SDK v3 has an environment of its own: run `make sdk3`")
def test_sdk_3_code_runs(local: Target, shared: str, answered: tuple[InvokeEndpoint, str]) -> None:
    code = endpoint_code.invocation_code(local, shared, answered[0])
    assert run_python(local, code.sdk_v3, SDK3).strip().endswith(answered[1])


def test_curl_code_runs(
    local: Target, shared: str, answered: tuple[InvokeEndpoint, str], tmp_path: Path
) -> None:
    features = subprocess.run(["curl", "--help", "all"], capture_output=True, text=True, check=False).stdout
    if "--aws-sigv4" not in features:
        pytest.skip("this curl cannot sign for AWS")
    code = endpoint_code.invocation_code(local, shared, answered[0])
    assert run(local, ["sh", "-c", code.curl], tmp_path).strip() == answered[1]


def test_aws_cli_code_runs(
    local: Target, shared: str, answered: tuple[InvokeEndpoint, str], tmp_path: Path
) -> None:
    code = endpoint_code.invocation_code(local, shared, answered[0])
    assert run(local, ["sh", "-c", code.aws_cli], tmp_path).strip() == answered[1]


def test_code_of_binary_and_large_bodies_reads_a_file(local: Target, shared: str) -> None:
    for request in (
        InvokeEndpoint(body="/9j/4A==", body_is_base64=True, content_type="application/x-image"),
        InvokeEndpoint(body="1,2\n" * 1000),
    ):
        code = endpoint_code.invocation_code(local, shared, request)
        assert 'open("request.' in code.boto3
        assert 'open("request.' in code.sdk_v3
        assert "--data-binary @request." in code.curl
        assert "fileb://request." in code.aws_cli
        for text in (code.boto3, code.sdk_v2, code.sdk_v3):
            compile(text, "code", "exec")
    broken = InvokeEndpoint(body="?", body_is_base64=True)
    assert "body" in field_errors(lambda: endpoint_invocation.invoke_endpoint(local, shared, broken))


def test_code_of_json_hands_over_data(local: Target, shared: str) -> None:
    request = InvokeEndpoint(body='{"rows": [1, true, null]}', content_type="application/json")
    code = endpoint_code.invocation_code(local, shared, request)
    assert 'predictor.predict({"rows": [1, True, None]})' in code.sdk_v2
    compile(code.sdk_v3, "code", "exec")
    bad = request.model_copy(update={"body": "{"})
    assert 'IdentitySerializer(content_type="application/json")' in (
        endpoint_code.invocation_code(local, shared, bad).sdk_v2
    )


def test_missing_endpoint_is_not_found_everywhere(place: Target) -> None:
    calls: list[Callable[[], object]] = [
        lambda: endpoint_scaling.endpoint_scaling(place, "nowhere"),
        lambda: endpoint_metrics.endpoint_metrics(place, "nowhere", MetricsQuery()),
        lambda: endpoint_capture.captured_data(place, "nowhere", CaptureQuery()),
        lambda: endpoint_code.invocation_code(place, "nowhere", InvokeEndpoint(body="1")),
        lambda: endpoint_update.update_options(place, "nowhere"),
        lambda: endpoint_update.update_endpoint(place, "nowhere", update(config_name="x")),
        lambda: endpoints.set_endpoint_tags(place, "nowhere", SetTags(tags=[])),
    ]
    for call in calls:
        with pytest.raises(Exception) as caught:  # which one is what the mapper must know
            call()
        found = failure_of(caught.value, local=place.kind == "local")
        assert found is not None
        assert found.status == 404
