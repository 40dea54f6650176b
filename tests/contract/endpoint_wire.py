"""What the contract tests of endpoints share: boto3 clients, a real XGBoost model, short ways to deploy it."""

from __future__ import annotations

import io
import tarfile
import threading
from collections.abc import Callable
from typing import Any

import botocore.exceptions
import pytest

from tests.conftest import RunningEngine

IMAGE = "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-xgboost:1.7-1"
ACCOUNT = "000000000000"
BUCKET = "contract-endpoints"
FEATURES = 4


def archive(files: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as tar:
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
    return buffer.getvalue()


@pytest.fixture(scope="session")
def booster() -> bytes:
    """A small binary classifier in xgboost's own format."""
    import numpy as np
    import xgboost as xgb

    features = np.random.default_rng(3).normal(size=(200, FEATURES))
    labels = (features[:, 0] > 0).astype(int)
    trained = xgb.train({"objective": "binary:logistic", "nthread": 1}, xgb.DMatrix(features, labels), 10)
    return bytes(trained.save_raw("ubj"))


class Wire:
    """boto3 clients of one engine and short ways to make what a test needs."""

    def __init__(self, engine: RunningEngine, booster: bytes) -> None:
        self.sagemaker = engine.client("sagemaker")
        # no retries: a test wants to see the first answer
        from botocore.config import Config

        self.runtime = engine.client("sagemaker-runtime", config=Config(retries={"total_max_attempts": 1}))
        self.s3 = engine.client("s3")
        self.logs = engine.client("logs")
        self.cloudwatch = engine.client("cloudwatch")
        self.s3.create_bucket(Bucket=BUCKET)
        self.s3.put_object(Bucket=BUCKET, Key="model.tar.gz", Body=archive({"xgboost-model": booster}))

    def model(self, name: str, url: str = f"s3://{BUCKET}/model.tar.gz") -> None:
        container = {"Image": IMAGE, "ModelDataUrl": url}
        role = f"arn:aws:iam::{ACCOUNT}:role/service-role/test"
        self.sagemaker.create_model(ModelName=name, PrimaryContainer=container, ExecutionRoleArn=role)

    def config(self, name: str, **variant: Any) -> None:
        variants = [
            {
                "VariantName": "AllTraffic",
                "ModelName": name,
                "InstanceType": "ml.m5.large",
                "InitialInstanceCount": 1,
            }
            | variant
        ]
        self.sagemaker.create_endpoint_config(EndpointConfigName=name, ProductionVariants=variants)

    def deploy(self, name: str) -> dict[str, Any]:
        self.model(name)
        self.config(name)
        self.sagemaker.create_endpoint(EndpointName=name, EndpointConfigName=name)
        self.sagemaker.get_waiter("endpoint_in_service").wait(EndpointName=name)
        described: dict[str, Any] = self.sagemaker.describe_endpoint(EndpointName=name)
        return described

    def invoke(self, name: str, body: bytes = b"1,2,3,4", **options: Any) -> dict[str, Any]:
        options.setdefault("ContentType", "text/csv")
        answer: dict[str, Any] = self.runtime.invoke_endpoint(EndpointName=name, Body=body, **options)
        return answer

    def remove(self, name: str) -> None:
        self.sagemaker.delete_endpoint(EndpointName=name)
        self.sagemaker.get_waiter("endpoint_deleted").wait(EndpointName=name)


@pytest.fixture(scope="module")
def wire(engine: RunningEngine, booster: bytes) -> Wire:
    return Wire(engine, booster)


def refused(act: Callable[[], Any], code: str, *words: str) -> botocore.exceptions.ClientError:
    with pytest.raises(botocore.exceptions.ClientError) as caught:
        act()
    error = caught.value.response["Error"]
    assert error["Code"] == code
    for word in words:
        assert word in error["Message"]
    return caught.value


class Traffic:
    """Asks an endpoint all the time, from three threads; keeps what came back."""

    def __init__(self, wire: Wire, endpoint: str, body: bytes = b"2,0,0,0") -> None:
        self._ask = lambda: wire.invoke(endpoint, body)
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=self._run) for _ in range(3)]
        self.answers: list[str] = []
        self.variants: list[str] = []
        self.failures: list[Exception] = []

    def __enter__(self) -> Traffic:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                answer = self._ask()
                self.answers.append(answer["Body"].read().decode())
                self.variants.append(answer["InvokedProductionVariant"])
            except botocore.exceptions.ClientError as error:
                self.failures.append(error)
