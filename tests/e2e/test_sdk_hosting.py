"""What the unmodified SageMaker SDK does with endpoints beyond deploy(): many models, pipelines, capture switched, async."""

from __future__ import annotations

import io
import tarfile
from pathlib import Path

import pytest

from tests.conftest import RunningEngine
from tests.e2e.sdk_programs import run_script

SCRIPT = """
import json, time
import boto3, sagemaker
from sagemaker.async_inference import AsyncInferenceConfig, WaiterConfig
from sagemaker.exceptions import AsyncInferenceModelError
from sagemaker.model import Model
from sagemaker.model_monitor import DataCaptureConfig
from sagemaker.multidatamodel import MultiDataModel
from sagemaker.pipeline import PipelineModel
from sagemaker.predictor import Predictor
from sagemaker.serializers import CSVSerializer

session, role = sagemaker.Session(), sagemaker.get_execution_role()
bucket, s3 = session.default_bucket(), boto3.client("s3")
client = boto3.client("sagemaker")
image = sagemaker.image_uris.retrieve("xgboost", "us-east-1", "1.7-1")
for name in ("up", "down", "one"):
    s3.upload_file(f"{name}.tar.gz", bucket, f"models/{name}.tar.gz")
ROW = [[2, 0, 0, 0]]

class Csv(Predictor):
    def __init__(self, endpoint_name, sagemaker_session=None, **options):
        super().__init__(endpoint_name, sagemaker_session, serializer=CSVSerializer(), **options)

def model(data, name=None):
    return Model(image, f"s3://{bucket}/models/{data}.tar.gz", role, predictor_cls=Csv, name=name, sagemaker_session=session)

result = {}
began = time.monotonic()
predictor = model("up", "watched").deploy(
    1, "ml.m5.large", endpoint_name="watched",
    data_capture_config=DataCaptureConfig(True, 100, f"s3://{bucket}/captured"),
)
result["deploy"] = time.monotonic() - began
def capturing():
    return client.describe_endpoint(EndpointName="watched").get("DataCaptureConfig", {}).get("EnableCapture", False)
switched = [capturing()]
predictor.disable_data_capture()
switched.append(capturing())
predictor.update_data_capture_config(DataCaptureConfig(True, 50, f"s3://{bucket}/elsewhere"))
switched.append(capturing())
result["switched"] = switched
model("down", "down")._create_sagemaker_model("ml.m5.large")
before = float(predictor.predict(ROW))
predictor.update_endpoint(model_name="down", initial_instance_count=2, instance_type="ml.m5.large")
result["updated"] = [before, float(predictor.predict(ROW))]
predictor.delete_model()
predictor.delete_endpoint()

many = MultiDataModel("many", f"s3://{bucket}/many/", model=model("up", "base"), sagemaker_session=session)
many.deploy(1, "ml.m5.large", endpoint_name="many")
many.add_model(f"s3://{bucket}/models/up.tar.gz", "up.tar.gz")
many.add_model(f"s3://{bucket}/models/down.tar.gz", "team/down.tar.gz")
asked = Csv("many", session)
result["many"] = [json.loads(asked.predict(ROW, target_model=name))[0] for name in many.list_models()]
result["names"] = list(many.list_models())
asked.delete_endpoint()

chain = PipelineModel([model("up"), model("one")], role, predictor_cls=Csv, name="chain", sagemaker_session=session)
predictor = chain.deploy(1, "ml.m5.large", endpoint_name="chain")
result["chain"] = float(predictor.predict(ROW))
predictor.delete_endpoint()

queued = model("up", "queued").deploy(
    1, "ml.m5.large", endpoint_name="queued",
    async_inference_config=AsyncInferenceConfig(
        output_path=f"s3://{bucket}/out", failure_path=f"s3://{bucket}/failed", max_concurrent_invocations_per_instance=2,
        notification_config={"SuccessTopic": "arn:aws:sns:us-east-1:000000000000:good",
                             "ErrorTopic": "arn:aws:sns:us-east-1:000000000000:bad"},
    ),
)
patience = WaiterConfig(max_attempts=30, delay=1)
result["queued"] = float(queued.predict(ROW, waiter_config=patience))
try:
    queued.predict([["x", "y"]], waiter_config=patience)
except AsyncInferenceModelError as error:
    result["failed"] = str(error)
queued.delete_endpoint()
print("\\nRESULT" + json.dumps(result))
"""


def archive(model: bytes) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as tar:
        member = tarfile.TarInfo("xgboost-model")
        member.size = len(model)
        tar.addfile(member, io.BytesIO(model))
    return buffer.getvalue()


def write_models(folder: Path) -> None:
    """`up` and `down` are classifiers of opposite labels on 4 features; `one` takes the answer of another."""
    import numpy as np
    import xgboost as xgb

    features = np.random.default_rng(3).normal(size=(200, 4))
    settings = {"objective": "binary:logistic", "nthread": 1}
    for name, columns, labels in (
        ("up", 4, features[:, 0] > 0),
        ("down", 4, features[:, 0] < 0),
        ("one", 1, features[:, 0] < 0.5),
    ):
        matrix = xgb.DMatrix(features[:, :columns], labels.astype(int))
        model = bytes(xgb.train(settings, matrix, 10).save_raw("ubj"))
        (folder / f"{name}.tar.gz").write_bytes(archive(model))


@pytest.mark.sdk
def test_the_sdk_keeps_endpoints_of_every_kind(own_engine: RunningEngine, tmp_path: Path) -> None:
    write_models(tmp_path)
    found = run_script(own_engine, SCRIPT, tmp_path).result
    assert found["deploy"] < 25  # 0.3 s where the machine is quiet; 31 s by the SDK's own pauses
    assert found["switched"] == [True, False, True]
    before, after = found["updated"]
    assert before > 0.5 > after
    assert sorted(found["names"]) == ["team/down.tar.gz", "up.tar.gz"]
    answers = dict(zip(found["names"], found["many"], strict=True))
    assert answers["up.tar.gz"] > 0.5 > answers["team/down.tar.gz"]
    assert found["chain"] < 0.5  # `one` saw the 0.97 of `up`
    assert found["queued"] > 0.5
    assert "is not a number" in found["failed"]
