"""The unmodified SageMaker SDK tunes, attaches, warm-starts, deploys the best trial and runs batch transform."""

from __future__ import annotations

import pytest

from tests.conftest import RunningEngine
from tests.e2e.sdk_programs import Ran, run_script

SCRIPT = """
import json, time
import boto3, numpy as np, sagemaker
from sagemaker.analytics import HyperparameterTuningJobAnalytics
from sagemaker.estimator import Estimator
from sagemaker.inputs import BatchDataCaptureConfig, TrainingInput
from sagemaker.serializers import CSVSerializer
from sagemaker.tuner import (
    CategoricalParameter, ContinuousParameter, HyperparameterTuner, IntegerParameter, TuningJobCompletionCriteriaConfig,
)

session = sagemaker.Session()
bucket, role = session.default_bucket(), sagemaker.get_execution_role()
client = boto3.client("sagemaker")
draw = np.random.default_rng(3)
table = draw.normal(size=(400, 3))
label = (table[:, 0] + table[:, 1] * table[:, 2] > 0).astype(int)
np.savetxt("all.csv", np.column_stack([label, table]), delimiter=",", fmt="%g")
np.savetxt("ids.csv", np.column_stack([np.arange(400), table]), delimiter=",", fmt="%g")
uri = session.upload_data("all.csv", key_prefix="tuning")
ids = session.upload_data("ids.csv", key_prefix="batch")
inputs = {name: TrainingInput(uri, content_type="text/csv") for name in ("train", "validation")}
took, found = {}, {}


def lag(describe, member, began):
    # seconds between the end of the work and the return of the SDK's wait
    return time.time() - describe[member].timestamp()


def estimator():
    return Estimator(
        sagemaker.image_uris.retrieve("xgboost", "us-east-1", "1.7-1"), role, instance_count=1,
        instance_type="ml.m5.large", output_path=f"s3://{bucket}/models",
        hyperparameters={"objective": "binary:logistic", "num_round": 5, "eval_metric": "auc"},
    )


ranges = {"eta": ContinuousParameter(0.05, 0.5), "max_depth": IntegerParameter(2, 5)}
tuner = HyperparameterTuner(
    estimator(), "validation:auc", ranges, max_jobs=4, max_parallel_jobs=2, base_tuning_job_name="sdk", random_seed=1,
    early_stopping_type="Auto", tags=[{"Key": "a", "Value": "b"}],
    completion_criteria_config=TuningJobCompletionCriteriaConfig(target_objective_metric_value=2.0),
)
# the SDK names tuning jobs by the minute
tuner.fit(inputs, job_name="sdk-parent", wait=True)
described = tuner.describe()
took["tuner"] = lag(described, "HyperParameterTuningEndTime", 0)
frame = tuner.analytics().dataframe()
found["rows"], found["columns"] = len(frame), sorted(frame.columns)
found["best"] = tuner.best_training_job()
found["status"] = described["HyperParameterTuningJobStatus"]
best = tuner.best_estimator()
found["best_hyperparameters"] = sorted(best.hyperparameters())
attached = HyperparameterTuner.attach(tuner.latest_tuning_job.name)
found["attached"] = attached.best_training_job()
predictor = attached.deploy(1, "ml.m5.large", serializer=CSVSerializer())
found["answer"] = float(predictor.predict([[0.1, 0.2, 0.3]]))
predictor.delete_endpoint()

child = tuner.transfer_learning_tuner()
child.max_jobs, child.max_parallel_jobs = 2, 2
child.fit(inputs, job_name="sdk-child", wait=True)
found["transfer"] = child.describe()["OverallBestTrainingJob"]["TrainingJobName"]
twin = tuner.identical_dataset_and_algorithm_tuner()
twin.max_jobs, twin.max_parallel_jobs = 2, 2
twin.fit(inputs, job_name="sdk-twin", wait=True)
found["twin"] = twin.describe()["WarmStartConfig"]["WarmStartType"]

several = HyperparameterTuner.create(
    base_tuning_job_name="several",
    estimator_dict={"one": estimator(), "two": estimator()},
    objective_metric_name_dict={"one": "validation:auc", "two": "validation:auc"},
    hyperparameter_ranges_dict={"one": ranges, "two": {"booster": CategoricalParameter(["gbtree", "dart"]), **ranges}},
    strategy="Random", max_jobs=4, max_parallel_jobs=2,
)
several.fit(inputs={"one": inputs, "two": inputs}, include_cls_metadata={}, job_name="sdk-several", wait=True)
frame = HyperparameterTuningJobAnalytics(several.latest_tuning_job.name).dataframe()
found["definitions"] = sorted(set(frame["TrainingJobDefinitionName"]))

long = HyperparameterTuner(estimator(), "validation:auc", ranges, max_jobs=200, max_parallel_jobs=2)
long.fit(inputs, job_name="sdk-long", wait=False)
long.stop_tuning_job()
long.wait()
found["stopped"] = long.describe()["HyperParameterTuningJobStatus"]

transformer = best.transformer(
    1, "ml.m5.large", strategy="MultiRecord", assemble_with="Line", accept="text/csv", output_path=f"s3://{bucket}/out",
)
transformer.transform(
    ids, content_type="text/csv", split_type="Line", input_filter="$[1:]", join_source="Input", output_filter="$[0,-1]",
    batch_data_capture_config=BatchDataCaptureConfig(f"s3://{bucket}/captured"), wait=True, logs=True,
)
job = client.describe_transform_job(TransformJobName=transformer.latest_transform_job.name)
took["transform"] = lag(job, "TransformEndTime", 0)
text = sagemaker.s3.S3Downloader.read_file(f"s3://{bucket}/out/ids.csv.out")
found["lines"] = [line.split(",") for line in text.splitlines()]
print("\\nRESULT" + json.dumps({"took": took, "found": found}))
"""


@pytest.fixture(scope="module")
def ran(engine: RunningEngine, tmp_path_factory: pytest.TempPathFactory) -> Ran:
    """What the script found, and what it printed; importing the SDK costs seconds, so it runs once."""
    return run_script(engine, SCRIPT, tmp_path_factory.mktemp("sdk"))


@pytest.mark.sdk
def test_tuner_fits_attaches_and_deploys(ran: Ran) -> None:
    found = ran.result["found"]
    assert found["status"] == "Completed"
    assert found["rows"] == 4
    assert {"FinalObjectiveValue", "TrainingJobName", "TrainingJobStatus", "eta", "max_depth"} <= set(
        found["columns"]
    )
    assert found["best"] == found["attached"]
    assert {"eta", "max_depth", "num_round", "_tuning_objective_metric"} <= set(found["best_hyperparameters"])
    assert 0 <= found["answer"] <= 1


@pytest.mark.sdk
def test_warm_starts_several_algorithms_and_stop(ran: Ran) -> None:
    found = ran.result["found"]
    assert found["transfer"].startswith("sdk-")
    assert found["twin"] == "IdenticalDataAndAlgorithm"
    assert found["definitions"] == ["one", "two"]
    assert found["stopped"] == "Stopped"


@pytest.mark.sdk
def test_transformer_filters_joins_and_prints_both_logs(ran: Ran) -> None:
    lines = ran.result["found"]["lines"]
    assert [line[0] for line in lines] == [str(number) for number in range(400)]
    assert all(0 <= float(score) <= 1 for _, score in lines)
    assert "[sagemaker logs]: MaxConcurrentTransforms=" in ran.printed


@pytest.mark.sdk
def test_waits_end_with_the_work(ran: Ran) -> None:
    # 2 s on a quiet machine: benchmarks/bench_sdk_waits.py tells that from the SDK's own looks, a test on a busy one cannot
    assert ran.result["took"]["tuner"] < 25
    assert ran.result["took"]["transform"] < 25
