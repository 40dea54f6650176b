"""fit(), deploy(), transform(), tuner.fit() and boto3's waiters end when the work ends, not at the SDK's next look.

The bounds are far above what a quiet machine needs (fit 2 s, deploy 1 s; see benchmarks/bench_sdk_waits.py) and far below
what the SDK's own pauses cost (46 s and 31 s; a waiter 120 s).
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conftest import RunningEngine
from tests.e2e.sdk_programs import run_script

SCRIPT = """
import json, time
import boto3, sagemaker
from sagemaker.estimator import Estimator
from sagemaker.inputs import TrainingInput
from sagemaker.serializers import CSVSerializer
from sagemaker.tuner import ContinuousParameter, HyperparameterTuner

session = sagemaker.Session()
bucket = session.default_bucket()
with open("train.csv", "w") as file:
    for number in range(300):
        file.write(f"{number % 2},{number % 2 + number / 1000},{number % 7}\\n")
uri = session.upload_data("train.csv", key_prefix="waits")
estimator = Estimator(
    sagemaker.image_uris.retrieve("xgboost", "us-east-1", "1.7-1"),
    sagemaker.get_execution_role(),
    instance_count=1,
    instance_type="ml.m5.large",
    output_path=f"s3://{bucket}/waits",
    hyperparameters={"objective": "binary:logistic", "num_round": 5},
)
took = {}
began = time.monotonic()
estimator.fit({"train": TrainingInput(uri, content_type="text/csv")})
took["fit"] = time.monotonic() - began
began = time.monotonic()
predictor = estimator.deploy(1, "ml.m5.large", serializer=CSVSerializer())
took["deploy"] = time.monotonic() - began
answer = float(predictor.predict([[1.0, 1.0]]))
transformer = estimator.transformer(1, "ml.m5.large", output_path=f"s3://{bucket}/waits/out", assemble_with="Line")
with open("rows.csv", "w") as file:
    file.write("1.0,1.0\\n" * 20)
rows = session.upload_data("rows.csv", key_prefix="waits/rows")
began = time.monotonic()
transformer.transform(rows, content_type="text/csv", split_type="Line", wait=True)
took["transform"] = time.monotonic() - began
tuner = HyperparameterTuner(estimator, "train:logloss", {"eta": ContinuousParameter(0.1, 0.5)},
                            objective_type="Minimize", max_jobs=2, max_parallel_jobs=2)
began = time.monotonic()
tuner.fit({"train": TrainingInput(uri, content_type="text/csv")}, wait=True)
took["tuner"] = time.monotonic() - began
predictor.delete_model()
predictor.delete_endpoint()
client = boto3.client("sagemaker")
job = client.describe_training_job(TrainingJobName=estimator.latest_training_job.name)
copied = ("RoleArn", "InputDataConfig", "OutputDataConfig", "ResourceConfig", "StoppingCondition", "HyperParameters")
client.create_training_job(
    TrainingJobName="waited",
    AlgorithmSpecification={"TrainingImage": job["AlgorithmSpecification"]["TrainingImage"], "TrainingInputMode": "File"},
    **{member: job[member] for member in copied},
)
began = time.monotonic()
client.get_waiter("training_job_completed_or_stopped").wait(TrainingJobName="waited")
took["waiter"] = time.monotonic() - began
status = client.describe_training_job(TrainingJobName="waited")["TrainingJobStatus"]
print("\\nRESULT" + json.dumps({"took": took, "answer": answer, "status": status}))
"""


@pytest.mark.sdk
def test_waits_end_with_the_work(engine: RunningEngine, tmp_path: Path) -> None:
    result, printed = run_script(engine, SCRIPT, tmp_path)
    assert result["status"] == "Completed"
    assert 0 <= result["answer"] <= 1
    assert set(result["took"]) == {"fit", "deploy", "transform", "tuner", "waiter"}
    assert max(result["took"].values()) < 25, result["took"]
    assert "train-logloss" in printed
