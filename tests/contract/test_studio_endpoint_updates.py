"""The endpoint page: updates, asynchronous endpoints, several models behind one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from smstudio_ext.studio import (
    buckets,
    endpoint_capture,
    endpoint_code,
    endpoint_invocation,
    endpoint_update,
    endpoints,
)
from smstudio_ext.studio.models.capture import CaptureQuery
from smstudio_ext.studio.models.endpoints import AsyncResultQuery, InvokeEndpoint
from tests.conftest import eventually
from tests.contract.studio_endpoints import (
    IMAGE,
    archive,
    create_model,
    deploy,
    field_errors,
    in_service,
    local,
    run_python,
    shared,
    unique,
    update,
    variant_of,
)

if TYPE_CHECKING:
    from smstudio_ext.target import Target


__all__ = ["local", "shared"]  # fixtures


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
