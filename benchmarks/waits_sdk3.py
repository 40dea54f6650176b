"""What `bench_sdk_waits.py` runs with the SageMaker Python SDK v3: waits of train, deploy, transform and tune, as a JSON line."""

from __future__ import annotations

import json
import os
import sys
from importlib.metadata import version

from sagemaker.core import image_uris
from sagemaker.core.helper.session_helper import Session, get_execution_role
from sagemaker.core.parameter import ContinuousParameter
from sagemaker.core.training.configs import Compute, InputData, OutputDataConfig, SourceCode
from sagemaker.core.transformer import Transformer
from sagemaker.serve import ModelBuilder
from sagemaker.train import ModelTrainer
from sagemaker.train.tuner import HyperparameterTuner
from waits_measured import after, figures, measured

INSTANCE = "ml.m5.large"
session = Session()
role = get_execution_role()
bucket = session.default_bucket()
client = session.sagemaker_client
xgboost = image_uris.retrieve("xgboost", "us-east-1", "1.7-1")
sklearn = image_uris.retrieve("sklearn", "us-east-1", "1.2-1")


def fit(script: str, train: str) -> None:
    """A job in script mode, with its log."""
    os.makedirs("source", exist_ok=True)
    with open(script) as given, open("source/train.py", "w") as copied:
        copied.write(given.read())
    trainer = ModelTrainer(
        training_image=sklearn,
        role=role,
        sagemaker_session=session,
        base_job_name="script",
        source_code=SourceCode(source_dir="source", entry_script="train.py"),
        compute=Compute(instance_type=INSTANCE, instance_count=1),
    )
    channels = [InputData(channel_name="train", data_source=train)]
    _, ended = measured("fit", lambda: trainer.train(input_data_config=channels, wait=True, logs=True))
    job = client.describe_training_job(TrainingJobName=trainer._latest_training_job.training_job_name)
    after("fit", ended, job["TrainingEndTime"])


def algorithm(name: str) -> ModelTrainer:
    """The built-in XGBoost."""
    return ModelTrainer(
        training_image=xgboost,
        role=role,
        base_job_name=name,
        sagemaker_session=session,
        compute=Compute(instance_type=INSTANCE, instance_count=1),
        output_data_config=OutputDataConfig(s3_output_path=f"s3://{bucket}/waits"),
        hyperparameters={"objective": "binary:logistic", "num_round": 20, "eval_metric": "logloss"},
    )


def deploy_and_transform(channels: list[InputData], rows: str, number: int) -> None:
    """An endpoint that answers, and a batch transform job of the same model."""
    trainer = algorithm("algorithm")
    measured(
        "fit of a built-in algorithm",
        lambda: trainer.train(input_data_config=channels, wait=True, logs=True),
    )
    name = trainer._latest_training_job.training_job_name
    data = client.describe_training_job(TrainingJobName=name)["ModelArtifacts"]["S3ModelArtifacts"]
    builder = ModelBuilder(
        image_uri=xgboost,
        s3_model_data_url=data,
        role_arn=role,
        sagemaker_session=session,
        instance_type=INSTANCE,
    )
    model = builder.build(model_name=f"waits-{number}")
    endpoint, _ = measured(
        "deploy",
        lambda: builder.deploy(
            endpoint_name=f"waits-{number}", instance_type=INSTANCE, initial_instance_count=1
        ),
    )
    assert 0 <= float(endpoint.invoke(body=b"1.0,1.0", content_type="text/csv").body.read()) <= 1
    transformer = Transformer(
        model_name=model.model_name,
        instance_count=1,
        instance_type=INSTANCE,
        output_path=f"s3://{bucket}/waits/out",
        assemble_with="Line",
        sagemaker_session=session,
    )
    _, ended = measured(
        "transform",
        lambda: transformer.transform(rows, content_type="text/csv", split_type="Line", wait=True, logs=True),
    )
    found = client.list_transform_jobs(SortBy="CreationTime", SortOrder="Descending", MaxResults=1)
    after("transform", ended, found["TransformJobSummaries"][0]["TransformEndTime"])
    endpoint.delete()


def tune(channels: list[InputData], number: int) -> None:
    """A tuning job of four trials; of itself the SDK gives two jobs of a minute the same name."""
    tuner = HyperparameterTuner(
        algorithm("tune"),
        "validation:logloss",
        {"eta": ContinuousParameter(0.1, 0.5)},
        objective_type="Minimize",
        max_jobs=4,
        max_parallel_jobs=2,
    )
    _, ended = measured("tuner", lambda: tuner.tune(inputs=channels, wait=True, job_name=f"tune-{number}"))
    found = client.list_hyper_parameter_tuning_jobs(
        SortBy="CreationTime", SortOrder="Descending", MaxResults=1
    )
    after("tuner", ended, found["HyperParameterTuningJobSummaries"][0]["HyperParameterTuningEndTime"])


def main(script: str, table: str, rounds: int) -> None:
    """Runs every flow `rounds` times after one that warms up; prints the figures."""
    train = session.upload_data(table, key_prefix="waits/train")
    csv = [
        InputData(channel_name=name, data_source=train, content_type="text/csv")
        for name in ("train", "validation")
    ]
    with open(table) as file, open("rows.csv", "w") as rows:
        rows.writelines(line.split(",", 1)[1] for line in file)
    source = session.upload_data("rows.csv", key_prefix="waits/rows")
    for number in range(rounds + 1):
        if number == 1:
            figures.clear()
        fit(script, train)
        deploy_and_transform(csv, source, number)
        tune(csv, number)
    print("\nFIGURES" + json.dumps({"sdk": version("sagemaker"), "figures": figures}), flush=True)
    os._exit(0)  # its telemetry threads would be waited for


main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
