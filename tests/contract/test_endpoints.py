"""Models and endpoints through the wire: a real engine, unmodified boto3, a real XGBoost model."""

from __future__ import annotations

import http.client
import socket
import threading
from collections.abc import Iterator
from typing import BinaryIO

import botocore.exceptions
import pytest

from tests.conftest import RunningEngine, eventually
from tests.contract.endpoint_wire import (
    ACCOUNT,
    BUCKET,
    IMAGE,
    Wire,
    archive,
    booster,
    refused,
    wire,
)

__all__ = ["booster", "wire"]  # fixtures


@pytest.fixture(scope="module")
def endpoint(wire: Wire) -> Iterator[str]:
    """An endpoint in service that several tests use."""
    wire.deploy("shared")
    yield "shared"
    wire.remove("shared")


def test_deploy_predict_delete(wire: Wire, engine: RunningEngine) -> None:
    described = wire.deploy("walk")
    assert described["EndpointStatus"] == "InService"
    assert described["EndpointArn"] == f"arn:aws:sagemaker:us-east-1:{ACCOUNT}:endpoint/walk"
    assert described["ProductionVariants"][0]["DeployedImages"][0]["SpecifiedImage"] == IMAGE
    answer = wire.invoke("walk", b"2,0,0,0\n-2,0,0,0", Accept="text/csv")
    high, low = (float(value) for value in answer["Body"].read().decode().splitlines())
    assert high > 0.5 > low
    assert answer["InvokedProductionVariant"] == "AllTraffic"
    assert answer["ContentType"].startswith("text/csv")
    wire.remove("walk")
    refused(lambda: wire.invoke("walk"), "ValidationError", f"Endpoint walk of account {ACCOUNT} not found.")
    folders = list(engine.data_dir.glob("jobs/Endpoint/us-east-1/walk-*/*/run-*"))
    assert folders == []


def test_model_errors_carry_the_models_status_and_text(wire: Wire, endpoint: str) -> None:
    error = refused(
        lambda: wire.invoke(endpoint, b"x", ContentType="image/png"),
        "ModelError",
        "Received client error (415)",
    )
    assert error.response["OriginalStatusCode"] == 415  # type: ignore[typeddict-item]
    assert "image/png" in error.response["OriginalMessage"]  # type: ignore[typeddict-item]
    assert error.response["LogStreamArn"].endswith(f"/aws/sagemaker/Endpoints/{endpoint}")  # type: ignore[typeddict-item]
    assert error.response["ResponseMetadata"]["HTTPStatusCode"] == 424
    refused(lambda: wire.invoke(endpoint, b"1,2"), "ModelError", "Received client error (400)", "eature size")
    refused(lambda: wire.invoke(endpoint, b"a,b,c,d"), "ModelError", "Received client error (4")


def test_largest_body_and_one_byte_more(wire: Wire, endpoint: str) -> None:
    limit = 6 * 1024 * 1024
    row = b"1,2,3,4." + b"0" * 119 + b"\n"
    assert limit % len(row) == 0
    body = row * (limit // len(row))
    assert len(body) == limit
    assert wire.invoke(endpoint, body)["Body"].read().count(b".") == limit // len(row)
    refused(lambda: wire.invoke(endpoint, body + b"\n"), "413", "exceeded 6291456 bytes")


def test_runtime_refuses_what_it_has_not(wire: Wire, endpoint: str) -> None:
    refused(
        lambda: wire.invoke("no-such"), "ValidationError", f"Endpoint no-such of account {ACCOUNT} not found."
    )
    refused(
        lambda: wire.invoke(endpoint, TargetVariant="Other"), "ValidationError", "Variant Other not found"
    )
    code = "ValidationError"
    refused(lambda: wire.invoke(endpoint, TargetModel="m.tar.gz"), code, "not a multi-model endpoint")
    refused(lambda: wire.invoke(endpoint, TargetContainerHostname="a"), code, "Mode Direct")
    refused(lambda: wire.invoke(endpoint, InferenceComponentName="a"), code, "not offered yet")
    refused(
        lambda: wire.runtime.invoke_endpoint_async(EndpointName=endpoint, InputLocation="s3://b/k"),
        code,
        "is not an asynchronous endpoint",
    )


def test_response_stream_of_a_whole_answer(wire: Wire, endpoint: str) -> None:
    answer = wire.runtime.invoke_endpoint_with_response_stream(
        EndpointName=endpoint, Body=b"1,2,3,4", ContentType="text/csv", Accept="text/csv"
    )
    assert answer["ContentType"].startswith("text/csv")
    assert answer["InvokedProductionVariant"] == "AllTraffic"
    parts = [event["PayloadPart"]["Bytes"] for event in answer["Body"]]
    assert 0 < float(b"".join(parts)) < 1


def test_target_variant_and_optional_headers(wire: Wire, endpoint: str) -> None:
    answer = wire.invoke(
        endpoint, TargetVariant="AllTraffic", InferenceId="abc", CustomAttributes="trace=1", Accept="*/*"
    )
    assert answer["InvokedProductionVariant"] == "AllTraffic"
    assert 0 < float(answer["Body"].read()) < 1


def test_broken_archive_fails_the_endpoint_with_the_reason(wire: Wire) -> None:
    wire.s3.put_object(Bucket=BUCKET, Key="broken.tar.gz", Body=b"this is no archive")
    wire.model("broken", f"s3://{BUCKET}/broken.tar.gz")
    wire.config("broken")
    wire.sagemaker.create_endpoint(EndpointName="broken", EndpointConfigName="broken")
    with pytest.raises(botocore.exceptions.WaiterError):
        wire.sagemaker.get_waiter("endpoint_in_service").wait(EndpointName="broken")
    described = wire.sagemaker.describe_endpoint(EndpointName="broken")
    assert described["EndpointStatus"] == "Failed"
    assert "valid tar.gz archive" in described["FailureReason"]
    refused(lambda: wire.invoke("broken"), "ValidationError", "its status is Failed")
    group = "/aws/sagemaker/Endpoints/broken"
    stream = wire.logs.describe_log_streams(logGroupName=group)["logStreams"][0]["logStreamName"]
    assert stream.startswith("AllTraffic/i-")
    events = wire.logs.get_log_events(logGroupName=group, logStreamName=stream, startFromHead=True)["events"]
    assert any("not a gzipped tar archive" in event["message"] for event in events)
    wire.remove("broken")


def test_an_archive_that_leads_out_of_its_folder_is_refused(wire: Wire, booster: bytes) -> None:
    hostile = archive({"xgboost-model": booster, "../../../escaped": b"x"})
    wire.s3.put_object(Bucket=BUCKET, Key="hostile.tar.gz", Body=hostile)
    wire.model("hostile", f"s3://{BUCKET}/hostile.tar.gz")
    wire.config("hostile")
    wire.sagemaker.create_endpoint(EndpointName="hostile", EndpointConfigName="hostile")

    def reason() -> str:
        return str(wire.sagemaker.describe_endpoint(EndpointName="hostile").get("FailureReason", ""))

    assert "leads out of its folder" in eventually(reason)
    wire.remove("hostile")


def test_control_plane_words(wire: Wire, endpoint: str) -> None:
    client = wire.sagemaker
    arn = f"arn:aws:sagemaker:us-east-1:{ACCOUNT}"
    code = "ValidationException"
    refused(
        lambda: wire.model(endpoint), code, f'Cannot create already existing model "{arn}:model/{endpoint}".'
    )
    refused(
        lambda: client.create_endpoint(EndpointName=endpoint, EndpointConfigName=endpoint),
        code,
        f'Cannot create already existing endpoint "{arn}:endpoint/{endpoint}".',
    )
    refused(
        lambda: wire.config(endpoint),
        code,
        f'Cannot create already existing endpoint configuration "{arn}:endpoint-config/{endpoint}".',
    )
    refused(
        lambda: client.create_endpoint(EndpointName="fresh", EndpointConfigName="none"),
        code,
        f'Could not find endpoint configuration "{arn}:endpoint-config/none".',
    )
    refused(
        lambda: client.describe_endpoint(EndpointName="none"),
        code,
        f'Could not find endpoint "{arn}:endpoint/none".',
    )
    refused(
        lambda: client.describe_model(ModelName="none"), code, f'Could not find model "{arn}:model/none".'
    )
    refused(lambda: client.delete_endpoint(EndpointName="none"), code, "Could not find endpoint")
    refused(lambda: client.delete_endpoint_config(EndpointConfigName="none"), code, "Could not find")
    refused(lambda: wire.model("lost", f"s3://{BUCKET}/lost.tar.gz"), code, "Could not find model data at")
    refused(lambda: wire.config("typed", ModelName=endpoint, InstanceType="ml.none.large"), code)
    refused(lambda: client.create_model(ModelName="bad_name", PrimaryContainer={"Image": IMAGE}), code)


def test_lists_and_tags(wire: Wire, endpoint: str) -> None:
    client = wire.sagemaker
    summary = client.list_endpoints(NameContains=endpoint, StatusEquals="InService")["Endpoints"][0]
    assert (summary["EndpointName"], summary["EndpointStatus"]) == (endpoint, "InService")
    assert summary["LastModifiedTime"] >= summary["CreationTime"]
    assert client.list_endpoints(NameContains=endpoint, StatusEquals="Deleting")["Endpoints"] == []
    names = [
        item["ModelName"]
        for page in client.get_paginator("list_models").paginate(MaxResults=1)
        for item in page["Models"]
    ]
    assert endpoint in names
    assert len(names) == len(set(names))
    configs = client.list_endpoint_configs(NameContains=endpoint)["EndpointConfigs"]
    assert [config["EndpointConfigName"] for config in configs] == [endpoint]
    arn = client.describe_model(ModelName=endpoint)["ModelArn"]
    client.add_tags(ResourceArn=arn, Tags=[{"Key": "team", "Value": "x"}])
    assert client.list_tags(ResourceArn=arn)["Tags"] == [{"Key": "team", "Value": "x"}]


def test_update_under_traffic_loses_nothing(wire: Wire) -> None:
    wire.deploy("traffic")
    wire.sagemaker.create_endpoint_config(
        EndpointConfigName="traffic-2",
        ProductionVariants=[
            {
                "VariantName": "New",
                "ModelName": "traffic",
                "InstanceType": "ml.m5.large",
                "InitialInstanceCount": 2,
            }
        ],
    )
    stop = threading.Event()
    variants: list[str] = []
    failures: list[Exception] = []

    def ask() -> None:
        while not stop.is_set():
            try:
                variants.append(wire.invoke("traffic")["InvokedProductionVariant"])
            except botocore.exceptions.ClientError as error:
                failures.append(error)

    threads = [threading.Thread(target=ask) for _ in range(3)]
    for thread in threads:
        thread.start()
    wire.sagemaker.update_endpoint(EndpointName="traffic", EndpointConfigName="traffic-2")
    wire.sagemaker.get_waiter("endpoint_in_service").wait(EndpointName="traffic")
    seen = len(variants)
    eventually(lambda: len(variants) > seen + 50)
    stop.set()
    for thread in threads:
        thread.join()
    assert failures == []
    assert set(variants) == {"AllTraffic", "New"}
    assert variants[-1] == "New"
    wire.remove("traffic")


def test_invocations_are_counted(wire: Wire) -> None:
    import datetime

    wire.deploy("counted")
    for _ in range(5):
        wire.invoke("counted")
    refused(lambda: wire.invoke("counted", b"1"), "ModelError")
    now = datetime.datetime.now(datetime.timezone.utc)

    def total(metric: str) -> float:
        points = wire.cloudwatch.get_metric_statistics(
            Namespace="AWS/SageMaker",
            MetricName=metric,
            Dimensions=[
                {"Name": "EndpointName", "Value": "counted"},
                {"Name": "VariantName", "Value": "AllTraffic"},
            ],
            StartTime=now - datetime.timedelta(minutes=10),
            EndTime=now + datetime.timedelta(minutes=10),
            Period=60,
            Statistics=["Sum", "SampleCount"],
        )["Datapoints"]
        return sum(float(point["Sum"]) for point in points)

    eventually(lambda: total("Invocations") == 6.0)
    assert total("Invocation4XXErrors") == 1.0
    assert total("Invocation5XXErrors") == 0.0
    assert total("ModelLatency") > 0
    wire.remove("counted")


def test_asynchronous_endpoint_alarms_and_scaling_through_the_wire(wire: Wire, engine: RunningEngine) -> None:
    wire.model("queued")
    wire.sagemaker.create_endpoint_config(
        EndpointConfigName="queued",
        ProductionVariants=[
            {
                "VariantName": "AllTraffic",
                "ModelName": "queued",
                "InstanceType": "ml.m5.large",
                "InitialInstanceCount": 1,
            }
        ],
        AsyncInferenceConfig={"OutputConfig": {"S3OutputPath": f"s3://{BUCKET}/out"}},
    )
    wire.sagemaker.create_endpoint(EndpointName="queued", EndpointConfigName="queued")
    wire.sagemaker.get_waiter("endpoint_in_service").wait(EndpointName="queued")
    wire.s3.put_object(Bucket=BUCKET, Key="in.csv", Body=b"2,0,0,0", ContentType="text/csv")
    answer = wire.runtime.invoke_endpoint_async(
        EndpointName="queued", InputLocation=f"s3://{BUCKET}/in.csv", InferenceId="one"
    )
    assert answer["InferenceId"] == "one"
    key = answer["OutputLocation"].removeprefix(f"s3://{BUCKET}/")
    wire.s3.get_waiter("object_exists").wait(Bucket=BUCKET, Key=key, WaiterConfig={"Delay": 1})
    assert float(wire.s3.get_object(Bucket=BUCKET, Key=key)["Body"].read()) > 0.5
    scaling = engine.client("application-autoscaling")
    target = {
        "ServiceNamespace": "sagemaker",
        "ResourceId": "endpoint/queued/variant/AllTraffic",
        "ScalableDimension": "sagemaker:variant:DesiredInstanceCount",
    }
    scaling.register_scalable_target(**target, MinCapacity=0, MaxCapacity=2)
    metric = {
        "MetricName": "ApproximateBacklogSizePerInstance",
        "Namespace": "AWS/SageMaker",
        "Dimensions": [{"Name": "EndpointName", "Value": "queued"}],
        "Statistic": "Average",
    }
    made = scaling.put_scaling_policy(
        **target,
        PolicyName="Backlog",
        PolicyType="TargetTrackingScaling",
        TargetTrackingScalingPolicyConfiguration={
            "TargetValue": 5.0,
            "CustomizedMetricSpecification": metric,
        },
    )
    names = [alarm["AlarmName"] for alarm in made["Alarms"]]
    described = wire.cloudwatch.describe_alarms(AlarmNames=names)["MetricAlarms"]
    assert {alarm["ComparisonOperator"] for alarm in described} == {
        "GreaterThanThreshold",
        "LessThanThreshold",
    }
    policies = scaling.describe_scaling_policies(
        ServiceNamespace="sagemaker", ResourceId=target["ResourceId"]
    )["ScalingPolicies"]
    assert [policy["PolicyName"] for policy in policies] == ["Backlog"]
    scaling.put_scheduled_action(
        **target,
        ScheduledActionName="night",
        Schedule="cron(0 20 * * ? *)",
        ScalableTargetAction={"MinCapacity": 0, "MaxCapacity": 0},
    )
    actions = scaling.describe_scheduled_actions(ServiceNamespace="sagemaker")["ScheduledActions"]
    assert actions[0]["Schedule"] == "cron(0 20 * * ? *)"
    scaling.deregister_scalable_target(**target)
    assert wire.cloudwatch.describe_alarms(AlarmNames=names)["MetricAlarms"] == []
    refused(
        lambda: scaling.deregister_scalable_target(**target),
        "ObjectNotFoundException",
        "No scalable target found",
    )
    wire.remove("queued")


def test_alarms_through_the_wire(wire: Wire) -> None:
    cloudwatch = wire.cloudwatch
    alarm = {
        "AlarmName": "wired",
        "Namespace": "tests",
        "MetricName": "m",
        "Statistic": "Sum",
        "Period": 60,
        "EvaluationPeriods": 1,
        "Threshold": 1.0,
        "ComparisonOperator": "GreaterThanThreshold",
    }
    cloudwatch.put_metric_alarm(**alarm)
    refused(
        lambda: cloudwatch.put_metric_alarm(**{**alarm, "Period": 45}), "ValidationError", "Period must be"
    )
    cloudwatch.set_alarm_state(AlarmName="wired", StateValue="ALARM", StateReason="a test")
    (found,) = cloudwatch.describe_alarms(AlarmNamePrefix="wir", StateValue="ALARM")["MetricAlarms"]
    assert (found["StateReason"], found["Threshold"]) == ("a test", 1.0)
    items = cloudwatch.describe_alarm_history(AlarmName="wired", HistoryItemType="StateUpdate")
    assert items["AlarmHistoryItems"][0]["HistorySummary"] == "Alarm updated from INSUFFICIENT_DATA to ALARM"
    cloudwatch.delete_alarms(AlarmNames=["wired"])
    refused(
        lambda: cloudwatch.set_alarm_state(AlarmName="wired", StateValue="OK", StateReason="-"),
        "ResourceNotFound",
    )


def body_of_next(answers: BinaryIO) -> bytes:
    """The body of the next answer of a connection on which several are under way."""
    assert answers.readline().startswith(b"HTTP/1.1 ")
    headers = http.client.parse_headers(answers)
    return answers.read(int(headers["Content-Length"]))


def has_been_read(connection: socket.socket) -> bool:
    """Whether the server on this machine has taken all bytes that came to its end, by the kernel's table."""
    ours, theirs = (f":{address[1]:04X}" for address in (connection.getsockname(), connection.getpeername()))
    with open("/proc/net/tcp") as table:
        for line in table:
            _, local, remote, _, queues, *_ = line.split()
            if local.endswith(theirs) and remote.endswith(ours):
                return int(queues.partition(":")[2], 16) == 0
    return False


def test_requests_that_come_in_pieces_or_together_are_answered_in_order(
    wire: Wire, endpoint: str, engine: RunningEngine
) -> None:
    """The quick way of InvokeEndpoint and uvicorn's share a connection."""
    from botocore.auth import SigV4Auth
    from botocore.awsrequest import AWSRequest
    from botocore.credentials import Credentials

    def request(body: bytes, service: str = "sagemaker") -> bytes:
        url = f"{engine.url}/endpoints/{endpoint}/invocations"
        made = AWSRequest("POST", url, data=body, headers={"Content-Type": "text/csv", "Accept": "text/csv"})
        SigV4Auth(Credentials(engine.info.access_key, engine.info.secret_key), service, "us-east-1").add_auth(
            made
        )
        lines = [f"{name}: {value}" for name, value in made.headers.items()]
        head = [f"POST /endpoints/{endpoint}/invocations HTTP/1.1", f"Host: {engine.url[7:]}", *lines]
        return ("\r\n".join([*head, f"Content-Length: {len(body)}"]) + "\r\n\r\n").encode() + body

    wire.invoke(endpoint)  # the route is at hand
    high, low, health = (
        request(b"3,0,0,0"),
        request(b"-3,0,0,0"),
        b"GET /_smstudio/health HTTP/1.1\r\nHost: localhost\r\n\r\n",
    )
    with socket.create_connection(("127.0.0.1", int(engine.url.rsplit(":", 1)[1]))) as connection:
        connection.settimeout(60)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        answers = connection.makefile("rb")
        for piece in (high[:40], high[40:-3], high[-3:]):  # the slow way
            connection.sendall(piece)
            eventually(lambda: has_been_read(connection), what="the engine's reading of a piece")
        bodies = [body_of_next(answers)]
        connection.sendall(low + health + high)  # three at once
        bodies += [body_of_next(answers) for _ in range(3)]
        connection.sendall(high)  # the quick way again
        bodies.append(body_of_next(answers))
        connection.sendall(high.replace(b"Signature=", b"Signature=0"))
        bodies.append(body_of_next(answers))
    assert float(bodies[0]) > 0.5 > float(bodies[1])
    assert bodies[2] == b'{"status":"ok"}'
    assert float(bodies[3]) > 0.5
    assert float(bodies[4]) > 0.5
    assert b"ignature" in bodies[5]
