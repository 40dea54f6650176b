"""What `bench_sdk_waits.py` runs with the SageMaker Python SDK v2: waits of fit, deploy, transform and tuner, as a JSON line."""

from __future__ import annotations

import json
import sys

import sagemaker
from sagemaker.estimator import Estimator
from sagemaker.inputs import TrainingInput
from sagemaker.serializers import CSVSerializer
from sagemaker.sklearn import SKLearn
from sagemaker.transformer import Transformer
from sagemaker.tuner import ContinuousParameter, HyperparameterTuner
from waits_measured import after, figures, measured

INSTANCE = "ml.m5.large"
session = sagemaker.Session()
role = sagemaker.get_execution_role()
bucket = session.default_bucket()
client = session.sagemaker_client


def fit(script: str, train: str) -> None:
    """A job in script mode, with its log."""
    estimator = SKLearn(
        script, role=role, framework_version="1.2-1", instance_count=1, instance_type=INSTANCE
    )
    _, ended = measured("fit", lambda: estimator.fit({"train": train}))
    after("fit", ended, estimator.latest_training_job.describe()["TrainingEndTime"])


def algorithm() -> Estimator:
    """The built-in XGBoost."""
    return Estimator(
        sagemaker.image_uris.retrieve("xgboost", "us-east-1", "1.7-1"),
        role,
        instance_count=1,
        instance_type=INSTANCE,
        output_path=f"s3://{bucket}/waits",
        hyperparameters={"objective": "binary:logistic", "num_round": 20, "eval_metric": "logloss"},
    )


def deploy_and_transform(channels: dict[str, TrainingInput], rows: str) -> None:
    """An endpoint that answers, and a batch transform job of the same model."""
    estimator = algorithm()
    measured("fit of a built-in algorithm", lambda: estimator.fit(channels))
    predictor, _ = measured("deploy", lambda: estimator.deploy(1, INSTANCE, serializer=CSVSerializer()))
    assert 0 <= float(predictor.predict([[1.0, 1.0]])) <= 1
    name = client.list_models(SortBy="CreationTime", SortOrder="Descending", MaxResults=1)["Models"][0][
        "ModelName"
    ]
    transformer = Transformer(name, 1, INSTANCE, output_path=f"s3://{bucket}/waits/out", assemble_with="Line")
    _, ended = measured(
        "transform",
        lambda: transformer.transform(rows, content_type="text/csv", split_type="Line", wait=True),
    )
    job = client.describe_transform_job(TransformJobName=transformer.latest_transform_job.name)
    after("transform", ended, job["TransformEndTime"])
    predictor.delete_model()
    predictor.delete_endpoint()


def tune(channels: dict[str, TrainingInput], number: int) -> None:
    """A tuning job of four trials; of itself the SDK gives two jobs of a minute the same name."""
    tuner = HyperparameterTuner(
        algorithm(),
        "validation:logloss",
        {"eta": ContinuousParameter(0.1, 0.5)},
        objective_type="Minimize",
        max_jobs=4,
        max_parallel_jobs=2,
    )
    _, ended = measured("tuner", lambda: tuner.fit(channels, wait=True, job_name=f"tune-{number}"))
    job = client.describe_hyper_parameter_tuning_job(HyperParameterTuningJobName=tuner.latest_tuning_job.name)
    after("tuner", ended, job["HyperParameterTuningEndTime"])


def main(script: str, table: str, rounds: int) -> None:
    """Runs every flow `rounds` times after one that warms up; prints the figures."""
    train = session.upload_data(table, key_prefix="waits/train")
    csv = TrainingInput(train, content_type="text/csv")
    with open(table) as file, open("rows.csv", "w") as rows:
        rows.writelines(line.split(",", 1)[1] for line in file)
    source = session.upload_data("rows.csv", key_prefix="waits/rows")
    for number in range(rounds + 1):
        if number == 1:
            figures.clear()
        fit(script, train)
        deploy_and_transform({"train": csv, "validation": csv}, source)
        tune({"train": csv, "validation": csv}, number)
    print("\nFIGURES" + json.dumps({"sdk": sagemaker.__version__, "figures": figures}))


main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
