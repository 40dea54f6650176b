"""The endpoint page's functions against the real engine, and against moto for what moto has."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

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
from smstudio_ext.studio.models.endpoints import InvokeEndpoint, SetTags
from smstudio_ext.studio.models.hosting import (
    ChangeTraffic,
    MetricsQuery,
    RemovePolicy,
    RemoveSchedule,
    SetScaling,
    SetSchedule,
    StopScaling,
)
from smstudio_ext.studio.models.training import DownloadLog, LogsQuery
from smstudio_ext.studio.problems import BadInput, Conflict, Missing
from tests.conftest import eventually
from tests.contract.studio_endpoints import (
    SDK3,
    deploy,
    field_errors,
    in_service,
    local,
    run,
    run_python,
    shared,
    update,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from smstudio_ext.target import Target


__all__ = ["local", "shared"]  # fixtures


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
    assert endpoints.endpoint_tags(local, shared).tags == [Tag(key="team", value="churn")]


def test_tags_are_replaced(place: Target) -> None:
    name = deploy(place, "AllTraffic")
    endpoints.set_endpoint_tags(
        place, name, SetTags(tags=[Tag(key="stage", value="test"), Tag(key="owner", value="")])
    )
    tags = endpoints.endpoint_tags(place, name).tags
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
        lambda: endpoints.endpoint_tags(place, "nowhere"),
        lambda: endpoint_update.update_endpoint(place, "nowhere", update(config_name="x")),
        lambda: endpoints.set_endpoint_tags(place, "nowhere", SetTags(tags=[])),
    ]
    for call in calls:
        with pytest.raises(Exception) as caught:  # which one is what the mapper must know
            call()
        found = failure_of(caught.value, local=place.kind == "local")
        assert found is not None
        assert found.status == 404
