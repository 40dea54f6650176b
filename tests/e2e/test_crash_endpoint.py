"""`kill -9` of the engine in every phase of an endpoint's life: servers serve on, work goes on, nothing is doubled."""

from __future__ import annotations

import io
import json
import os
import signal
import tarfile
import threading
from pathlib import Path
from typing import Any

import botocore.exceptions
import pytest
from botocore.config import Config

from tests.conftest import RunningEngine, eventually

IMAGE = "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-xgboost:1.7-1"


def model_archive() -> bytes:
    import numpy as np
    import xgboost as xgb

    features = np.random.default_rng(3).normal(size=(200, 4))
    matrix = xgb.DMatrix(features, (features[:, 0] > 0).astype(int))
    content = bytes(xgb.train({"objective": "binary:logistic", "nthread": 1}, matrix, 5).save_raw("ubj"))
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as tar:
        member = tarfile.TarInfo("xgboost-model")
        member.size = len(content)
        tar.addfile(member, io.BytesIO(content))
    return buffer.getvalue()


def create(engine: RunningEngine, name: str, instances: int = 1) -> None:
    """An endpoint under a model and a configuration of the same name."""
    s3, sagemaker = engine.client("s3"), engine.client("sagemaker")
    s3.create_bucket(Bucket="crash")
    s3.put_object(Bucket="crash", Key="model.tar.gz", Body=model_archive())
    sagemaker.create_model(
        ModelName=name, PrimaryContainer={"Image": IMAGE, "ModelDataUrl": "s3://crash/model.tar.gz"}
    )
    variant = {
        "VariantName": "AllTraffic",
        "ModelName": name,
        "InstanceType": "ml.m5.large",
        "InitialInstanceCount": instances,
    }
    sagemaker.create_endpoint_config(EndpointConfigName=name, ProductionVariants=[variant])
    sagemaker.create_endpoint(EndpointName=name, EndpointConfigName=name)


def status(engine: RunningEngine, name: str) -> str:
    """The endpoint's status; `Gone` when there is none."""
    try:
        return str(engine.client("sagemaker").describe_endpoint(EndpointName=name)["EndpointStatus"])
    except botocore.exceptions.ClientError as error:
        if "Could not find endpoint" not in str(error):
            raise
        return "Gone"


def until(engine: RunningEngine, name: str, wanted: str) -> None:
    eventually(lambda: status(engine, name) == wanted, timeout=60, what=f"{name} {wanted}")


def predict(engine: RunningEngine, name: str, **options: Any) -> float:
    answer = engine.client("sagemaker-runtime", **options).invoke_endpoint(
        EndpointName=name, ContentType="text/csv", Body=b"2,0,0,0"
    )
    return float(answer["Body"].read())


def servers(data_dir: Path) -> dict[str, int]:
    """Model servers that live: folder -> pid."""
    found = {}
    for path in data_dir.glob("jobs/Endpoint/*/*/*/run-*/process.json"):
        pid = int(json.loads(path.read_text())["pid"])
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            continue
        found[str(path.parent)] = pid
    return found


def restart(engine: RunningEngine) -> None:
    engine.kill()
    engine.start()


def test_servers_in_service_serve_on_under_the_next_engine(own_engine: RunningEngine) -> None:
    create(own_engine, "steady", instances=2)
    until(own_engine, "steady", "InService")
    before, answer = servers(own_engine.data_dir), predict(own_engine, "steady")
    assert len(before) == 2
    own_engine.kill()
    assert servers(own_engine.data_dir) == before
    own_engine.start()
    assert status(own_engine, "steady") == "InService"
    assert predict(own_engine, "steady") == answer
    assert servers(own_engine.data_dir) == before


def test_an_engine_killed_under_traffic_loses_no_endpoint(own_engine: RunningEngine) -> None:
    create(own_engine, "busy", instances=2)
    until(own_engine, "busy", "InService")
    before, answer = servers(own_engine.data_dir), predict(own_engine, "busy")
    stop, killed = threading.Event(), threading.Event()
    once = Config(retries={"total_max_attempts": 1})
    answers: list[float] = []
    failures: list[Exception] = []

    def ask() -> None:
        while not stop.is_set():
            try:
                answers.append(predict(own_engine, "busy", config=once))
            except (botocore.exceptions.HTTPClientError, botocore.exceptions.ConnectionError) as error:
                # no engine, or it was killed meanwhile
                if not killed.is_set():
                    failures.append(error)
            except botocore.exceptions.ClientError as error:
                failures.append(error)

    threads = [threading.Thread(target=ask) for _ in range(3)]
    for thread in threads:
        thread.start()
    eventually(lambda: len(answers) > 30)
    killed.set()
    own_engine.kill()
    seen = len(answers)
    own_engine.start()
    eventually(lambda: len(answers) > seen + 30)
    stop.set()
    for thread in threads:
        thread.join()
    assert failures == []
    assert set(answers) == {answer}
    assert servers(own_engine.data_dir) == before
    assert status(own_engine, "busy") == "InService"


def test_server_that_died_with_the_engine_is_started_again(own_engine: RunningEngine) -> None:
    create(own_engine, "widow")
    until(own_engine, "widow", "InService")
    answer = predict(own_engine, "widow")
    own_engine.kill()
    for pid in servers(own_engine.data_dir).values():
        os.kill(pid, signal.SIGKILL)
    own_engine.start()

    def answers() -> bool:
        try:
            return predict(own_engine, "widow") == answer
        except botocore.exceptions.ClientError as error:
            if error.response["Error"]["Code"] != "ServiceUnavailable":
                raise
            return False

    eventually(answers, timeout=60)
    assert len(servers(own_engine.data_dir)) == 1


def test_creation_goes_on(own_engine: RunningEngine) -> None:
    create(own_engine, "unborn", instances=3)
    restart(own_engine)
    assert status(own_engine, "unborn") in ("Creating", "InService")
    until(own_engine, "unborn", "InService")
    assert len(servers(own_engine.data_dir)) == 3
    assert 0 < predict(own_engine, "unborn") < 1


def test_update_goes_on(own_engine: RunningEngine) -> None:
    create(own_engine, "moving")
    until(own_engine, "moving", "InService")
    wish: dict[str, Any] = {"VariantName": "AllTraffic", "DesiredInstanceCount": 3}
    own_engine.client("sagemaker").update_endpoint_weights_and_capacities(
        EndpointName="moving", DesiredWeightsAndCapacities=[wish]
    )
    restart(own_engine)
    until(own_engine, "moving", "InService")
    assert len(servers(own_engine.data_dir)) == 3


def test_deletion_is_finished(own_engine: RunningEngine) -> None:
    create(own_engine, "leaving", instances=2)
    until(own_engine, "leaving", "InService")
    own_engine.client("sagemaker").delete_endpoint(EndpointName="leaving")
    restart(own_engine)
    until(own_engine, "leaving", "Gone")
    assert servers(own_engine.data_dir) == {}
    with pytest.raises(botocore.exceptions.ClientError, match="not found"):
        predict(own_engine, "leaving")


def test_a_canary_goes_on_where_it_was(own_engine: RunningEngine) -> None:
    create(own_engine, "canary")
    until(own_engine, "canary", "InService")
    sagemaker = own_engine.client("sagemaker")
    variant = {
        "VariantName": "AllTraffic",
        "ModelName": "canary",
        "InstanceType": "ml.m5.large",
        "InitialInstanceCount": 1,
    }
    sagemaker.create_endpoint_config(EndpointConfigName="second", ProductionVariants=[variant])
    half = {"Type": "CAPACITY_PERCENT", "Value": 50}
    routing = {"Type": "CANARY", "WaitIntervalInSeconds": 4, "CanarySize": half}
    policy = {"BlueGreenUpdatePolicy": {"TrafficRoutingConfiguration": routing}}
    sagemaker.update_endpoint(EndpointName="canary", EndpointConfigName="second", DeploymentConfig=policy)
    eventually(lambda: len(servers(own_engine.data_dir)) == 2)
    restart(own_engine)
    assert status(own_engine, "canary") == "Updating"
    assert 0 < predict(own_engine, "canary") < 1
    until(own_engine, "canary", "InService")
    described = own_engine.client("sagemaker").describe_endpoint(EndpointName="canary")
    assert described["EndpointConfigName"] == "second"
    eventually(lambda: len(servers(own_engine.data_dir)) == 1)


def test_asynchronous_invocations_outlive_the_engine(own_engine: RunningEngine) -> None:
    create(own_engine, "plain")
    until(own_engine, "plain", "InService")
    sagemaker, s3 = own_engine.client("sagemaker"), own_engine.client("s3")
    variant = {
        "VariantName": "AllTraffic",
        "ModelName": "plain",
        "InstanceType": "ml.m5.large",
        "InitialInstanceCount": 1,
    }
    output = {"OutputConfig": {"S3OutputPath": "s3://crash/out"}}
    sagemaker.create_endpoint_config(
        EndpointConfigName="queue", ProductionVariants=[variant], AsyncInferenceConfig=output
    )
    sagemaker.create_endpoint(EndpointName="queue", EndpointConfigName="queue")
    until(own_engine, "queue", "InService")
    s3.put_object(Bucket="crash", Key="in.csv", Body=b"2,0,0,0", ContentType="text/csv")
    runtime = own_engine.client("sagemaker-runtime")
    places = [
        runtime.invoke_endpoint_async(EndpointName="queue", InputLocation="s3://crash/in.csv")[
            "OutputLocation"
        ]
        for _ in range(20)
    ]
    restart(own_engine)
    s3 = own_engine.client("s3")

    def stored() -> int:
        return int(s3.list_objects_v2(Bucket="crash", Prefix="out/")["KeyCount"])

    eventually(lambda: stored() == len(places), timeout=60)
