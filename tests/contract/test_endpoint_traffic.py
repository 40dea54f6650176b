"""What happens around invocations, through the wire: shares of variants, deployments, alarms, capture, metrics."""

from __future__ import annotations

import datetime
import json
from typing import Any

import pytest

from tests.conftest import eventually
from tests.contract.endpoint_wire import BUCKET, IMAGE, Traffic, Wire, archive, booster, refused, wire

__all__ = ["booster", "wire"]  # fixtures


@pytest.fixture(scope="module")
def opposite(wire: Wire) -> str:
    """A model whose answers are the other way round."""
    import numpy as np
    import xgboost as xgb

    features = np.random.default_rng(3).normal(size=(200, 4))
    matrix = xgb.DMatrix(features, (features[:, 0] < 0).astype(int))
    content = bytes(xgb.train({"objective": "binary:logistic", "nthread": 1}, matrix, 10).save_raw("ubj"))
    wire.s3.put_object(Bucket=BUCKET, Key="opposite.tar.gz", Body=archive({"xgboost-model": content}))
    wire.model("opposite", f"s3://{BUCKET}/opposite.tar.gz")
    return "opposite"


def variant(name: str, model: str, **more: Any) -> dict[str, Any]:
    return {
        "VariantName": name,
        "ModelName": model,
        "InstanceType": "ml.m5.large",
        "InitialInstanceCount": 1,
        **more,
    }


def create(wire: Wire, name: str, *variants: dict[str, Any], **config: Any) -> None:
    """An endpoint in service, with a configuration of its name."""
    wire.sagemaker.create_endpoint_config(EndpointConfigName=name, ProductionVariants=variants, **config)
    wire.sagemaker.create_endpoint(EndpointName=name, EndpointConfigName=name)
    wire.sagemaker.get_waiter("endpoint_in_service").wait(EndpointName=name)


def test_variants_share_the_requests_by_weight_and_are_measured_apart(wire: Wire, opposite: str) -> None:
    wire.model("shares")
    create(
        wire,
        "shares",
        variant("A", "shares", InitialVariantWeight=1),
        variant("B", opposite, InitialVariantWeight=3, InitialInstanceCount=2),
    )
    with Traffic(wire, "shares") as traffic:
        eventually(lambda: len(traffic.variants) >= 300)
    assert traffic.failures == []
    share = traffic.variants.count("B") / len(traffic.variants)
    assert 0.6 < share < 0.9
    high = float(wire.invoke("shares", b"2,0,0,0", TargetVariant="A")["Body"].read())
    low = float(wire.invoke("shares", b"2,0,0,0", TargetVariant="B")["Body"].read())
    assert high > 0.5 > low
    asked = {"A": traffic.variants.count("A") + 1, "B": traffic.variants.count("B") + 1}
    now = datetime.datetime.now(datetime.timezone.utc)

    def query(identity: str, metric: str, name: str, statistic: str) -> dict[str, Any]:
        dimensions = [{"Name": "EndpointName", "Value": "shares"}, {"Name": "VariantName", "Value": name}]
        measured = {"Namespace": "AWS/SageMaker", "MetricName": metric, "Dimensions": dimensions}
        return {"Id": identity, "MetricStat": {"Metric": measured, "Period": 60, "Stat": statistic}}

    def values() -> dict[str, float]:
        answer = wire.cloudwatch.get_metric_data(
            MetricDataQueries=[
                query("a", "Invocations", "A", "Sum"),
                query("b", "Invocations", "B", "Sum"),
                query("p", "ModelLatency", "B", "p99"),
                query("each", "InvocationsPerInstance", "B", "Sum"),
            ],
            StartTime=now - datetime.timedelta(minutes=10),
            EndTime=now + datetime.timedelta(minutes=10),
        )
        return {result["Id"]: sum(result["Values"]) for result in answer["MetricDataResults"]}

    found = values()  # at once: whoever plots after the last request finds it
    assert (found["a"], found["b"]) == (asked["A"], asked["B"])
    assert found["each"] == pytest.approx(asked["B"] / 2)
    assert found["p"] > 0
    wire.remove("shares")


def counted(wire: Wire, endpoint: str, config: str) -> float:
    """Invocations of variant A while it was of a configuration."""
    now = datetime.datetime.now(datetime.timezone.utc)
    dimensions = {"EndpointName": endpoint, "VariantName": "A", "EndpointConfigName": config}
    points = wire.cloudwatch.get_metric_statistics(
        Namespace="AWS/SageMaker",
        MetricName="Invocations",
        Dimensions=[{"Name": name, "Value": value} for name, value in dimensions.items()],
        StartTime=now - datetime.timedelta(minutes=10),
        EndTime=now + datetime.timedelta(minutes=1),
        Period=60,
        Statistics=["Sum"],
    )["Datapoints"]
    return sum(float(point["Sum"]) for point in points)


def test_a_canary_is_rolled_back_by_an_alarm_and_no_request_is_lost(wire: Wire, opposite: str) -> None:
    wire.model("canary")
    create(wire, "canary", variant("A", "canary", InitialInstanceCount=2))
    wire.sagemaker.create_endpoint_config(
        EndpointConfigName="canary-2", ProductionVariants=[variant("A", opposite, InitialInstanceCount=2)]
    )
    dimensions = [{"Name": "EndpointName", "Value": "canary"}, {"Name": "VariantName", "Value": "A"}]
    wire.cloudwatch.put_metric_alarm(
        AlarmName="canary-errors",
        Namespace="AWS/SageMaker",
        MetricName="Invocation5XXErrors",
        Dimensions=dimensions,
        Statistic="Sum",
        Period=60,
        EvaluationPeriods=1,
        Threshold=0,
        ComparisonOperator="GreaterThanThreshold",
    )
    routing = {
        "Type": "CANARY",
        "CanarySize": {"Type": "INSTANCE_COUNT", "Value": 1},
        "WaitIntervalInSeconds": 600,
    }
    deployment = {
        "BlueGreenUpdatePolicy": {"TrafficRoutingConfiguration": routing, "TerminationWaitInSeconds": 60},
        "AutoRollbackConfiguration": {"Alarms": [{"AlarmName": "canary-errors"}]},
    }
    with Traffic(wire, "canary") as traffic:
        wire.sagemaker.update_endpoint(
            EndpointName="canary", EndpointConfigName="canary-2", DeploymentConfig=deployment
        )
        eventually(lambda: any(float(answer) < 0.5 for answer in traffic.answers), what="a canary's answer")
        assert counted(wire, "canary", "canary-2") >= 1
        pending = wire.sagemaker.describe_endpoint(EndpointName="canary")["PendingDeploymentSummary"]
        assert pending["EndpointConfigName"] == "canary-2"
        assert pending["ProductionVariants"][0]["VariantStatus"][0]["Status"] == "Baking"
        wire.cloudwatch.set_alarm_state(AlarmName="canary-errors", StateValue="ALARM", StateReason="a test")
        wire.sagemaker.get_waiter("endpoint_in_service").wait(EndpointName="canary")
        seen = len(traffic.answers)
        eventually(lambda: len(traffic.answers) > seen + 50)
    assert traffic.failures == []
    assert all(float(answer) > 0.5 for answer in traffic.answers[seen + 5 :])
    described = wire.sagemaker.describe_endpoint(EndpointName="canary")
    assert described["EndpointConfigName"] == "canary"
    assert "canary-errors" in described["FailureReason"]
    answered = counted(wire, "canary", "canary") + counted(wire, "canary", "canary-2")
    assert answered == len(traffic.answers)
    wire.cloudwatch.delete_alarms(AlarmNames=["canary-errors"])
    wire.remove("canary")


def captured(wire: Wire, endpoint: str) -> list[dict[str, Any]]:
    pages = wire.s3.get_paginator("list_objects_v2").paginate(Bucket=BUCKET, Prefix=f"captured/{endpoint}/")
    keys = [found["Key"] for page in pages for found in page.get("Contents", ())]
    bodies = [wire.s3.get_object(Bucket=BUCKET, Key=key)["Body"].read() for key in keys]
    return [json.loads(line) for body in bodies for line in body.splitlines()]


def test_captured_requests_are_there_soon_and_all_of_them_once_the_endpoint_is_deleted(wire: Wire) -> None:
    wire.model("watched")
    capture = {
        "EnableCapture": True,
        "InitialSamplingPercentage": 100,
        "DestinationS3Uri": f"s3://{BUCKET}/captured",
        "CaptureOptions": [{"CaptureMode": "Input"}, {"CaptureMode": "Output"}],
        "CaptureContentTypeHeader": {"CsvContentTypes": ["text/csv"]},
    }
    create(wire, "watched", variant("A", "watched"), DataCaptureConfig=capture)
    wire.invoke("watched", b"1,2,3,4", InferenceId="first", CustomAttributes="color=red")
    (line,) = eventually(lambda: captured(wire, "watched"), timeout=20)
    assert line["captureData"]["endpointInput"]["data"] == "1,2,3,4"
    assert line["captureData"]["endpointOutput"]["encoding"] == "CSV"
    assert line["eventMetadata"]["inferenceId"] == "first"
    assert line["eventMetadata"]["customAttributes"] == ["color=red"]
    for number in range(25):
        wire.invoke("watched", b"1,2,3,4", InferenceId=f"more-{number}")
    refused(lambda: wire.invoke("watched", b"1"), "ModelError")  # failures are not captured, as on AWS
    wire.sagemaker.delete_endpoint(EndpointName="watched")
    found = {line["eventMetadata"]["inferenceId"] for line in captured(wire, "watched")}
    assert found == {"first", *(f"more-{number}" for number in range(25))}
    wire.sagemaker.get_waiter("endpoint_deleted").wait(EndpointName="watched")


def test_what_is_not_offered_says_so(wire: Wire) -> None:
    wire.model("plain")
    instances = {"VariantName": "A", "InstanceType": "ml.m5.large", "InitialInstanceCount": 1}
    refused(
        lambda: wire.sagemaker.create_endpoint_config(
            EndpointConfigName="components",
            ExecutionRoleArn="arn:aws:iam::000000000000:role/any",
            ProductionVariants=[instances],
        ),
        "ValidationException",
        "Inference components",
        "not offered",
    )
    refused(
        lambda: wire.sagemaker.create_inference_component(
            InferenceComponentName="c", EndpointName="e", Specification={"ModelName": "plain"}
        ),
        "UnknownOperationException",
        "CreateInferenceComponent",
        "does not offer",
    )
    refused(
        lambda: wire.sagemaker.create_model(
            ModelName="package", PrimaryContainer={"Image": IMAGE, "ModelPackageName": "p"}
        ),
        "ValidationException",
        "not offered",
    )
    refused(
        lambda: wire.sagemaker.create_endpoint_config(
            EndpointConfigName="managed",
            ProductionVariants=[
                variant("A", "plain", ManagedInstanceScaling={"Status": "ENABLED", "MinInstanceCount": 1})
            ],
        ),
        "ValidationException",
        "ManagedInstanceScaling",
    )
