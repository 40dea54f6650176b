"""Main flows of the SageMaker Python SDK v3, each as its documentation shows it. Prints a RESULT line."""

from __future__ import annotations

import os
import random
from typing import Any

from flows import finish, flow, numbers
from sagemaker.core import image_uris, shapes
from sagemaker.core.experiments.run import Run, load_run
from sagemaker.core.helper.session_helper import Session, get_execution_role
from sagemaker.core.parameter import ContinuousParameter, IntegerParameter
from sagemaker.core.processing import ScriptProcessor
from sagemaker.core.resources import AutoMLJobV2, Endpoint, EndpointConfig, TrainingJob
from sagemaker.core.training.configs import (
    Compute,
    InputData,
    OutputDataConfig,
    SourceCode,
    StoppingCondition,
)
from sagemaker.core.transformer import Transformer
from sagemaker.serve import ModelBuilder
from sagemaker.train import ModelTrainer
from sagemaker.train.tuner import HyperparameterTuner

kept: Any = type("Kept", (), {})()

TRAINING_SCRIPT = """
import argparse, json, os
parser = argparse.ArgumentParser()
parser.add_argument("--rounds", type=int)
args = parser.parse_args()
print("rounds", args.rounds, os.listdir(os.environ["SM_CHANNEL_TRAIN"]), os.environ["SM_HOSTS"])
with open(os.path.join(os.environ["SM_MODEL_DIR"], "model.json"), "w") as file:
    json.dump({"rounds": args.rounds}, file)
"""

PROCESSING_SCRIPT = """
import os
os.makedirs("/opt/ml/processing/out", exist_ok=True)
rows = len(open("/opt/ml/processing/in/train.csv").readlines())
with open("/opt/ml/processing/out/rows.txt", "w") as file:
    file.write(str(rows))
"""


def write(path: str, text: str) -> None:
    """Writes a file of the working folder."""
    os.makedirs(os.path.dirname(path) or ".", exist_ok=True)
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)


def trainer(name: str) -> ModelTrainer:
    """A trainer of the built-in algorithm."""
    return ModelTrainer(
        training_image=kept.image,
        role=kept.role,
        base_job_name=name,
        sagemaker_session=kept.session,
        compute=Compute(instance_type="ml.m5.large", instance_count=1),
        output_data_config=OutputDataConfig(s3_output_path=f"s3://{kept.bucket}/out"),
        stopping_condition=StoppingCondition(max_runtime_in_seconds=600),
        hyperparameters={"objective": "binary:logistic", "num_round": 5, "eval_metric": "logloss"},
    )


def csv(uri: str) -> list[InputData]:
    """The train channel as CSV."""
    return [InputData(channel_name="train", data_source=uri, content_type="text/csv")]


@flow
def always_session() -> str:
    kept.session = Session()
    kept.role = get_execution_role()
    kept.bucket = kept.session.default_bucket()
    kept.image = image_uris.retrieve("xgboost", "us-east-1", "1.7-1")
    numbers("train.csv")
    kept.uri = kept.session.upload_data("train.csv", key_prefix="flows")
    return str(kept.uri)


@flow
def train_algorithm() -> list[Any]:
    run = trainer("algorithm")
    run.train(input_data_config=csv(kept.uri), wait=True, logs=True)
    kept.job = run._latest_training_job
    kept.job.refresh()
    return [kept.job.training_job_status, kept.job.model_artifacts.s3_model_artifacts]


@flow
def train_script() -> str:
    write("source/train.py", TRAINING_SCRIPT)
    run = ModelTrainer(
        training_image=image_uris.retrieve(
            "pytorch",
            "us-east-1",
            "2.3",
            py_version="py311",
            image_scope="training",
            instance_type="ml.m5.large",
        ),
        role=kept.role,
        base_job_name="script",
        sagemaker_session=kept.session,
        source_code=SourceCode(source_dir="source", entry_script="train.py"),
        hyperparameters={"rounds": 3},
        compute=Compute(instance_type="ml.m5.large", instance_count=1),
    )
    run.train(input_data_config=[InputData(channel_name="train", data_source=kept.uri)], wait=True, logs=True)
    job = run._latest_training_job
    job.refresh()
    return str(job.training_job_status)


@flow
def tune() -> dict[str, Any]:
    tuner = HyperparameterTuner(
        trainer("tune"),
        "train:logloss",
        {"eta": ContinuousParameter(0.1, 0.5), "max_depth": IntegerParameter(2, 5)},
        objective_type="Minimize",
        max_jobs=4,
        max_parallel_jobs=2,
    )
    tuner.tune(inputs=csv(kept.uri), wait=True)
    frame = tuner.analytics().dataframe()
    return {"best": tuner.best_training_job(), "names": list(frame["TrainingJobName"])}


@flow
def build_deploy_invoke() -> list[float]:
    builder = ModelBuilder(
        image_uri=kept.image,
        s3_model_data_url=kept.job.model_artifacts.s3_model_artifacts,
        role_arn=kept.role,
        sagemaker_session=kept.session,
        instance_type="ml.m5.large",
    )
    kept.model = builder.build(model_name="flows-model")
    kept.endpoint = builder.deploy(
        endpoint_name="flows-endpoint", instance_type="ml.m5.large", initial_instance_count=1
    )
    answers = []
    for row in (b"1.2,1.0", b"0.0,3.0"):
        answers.append(float(kept.endpoint.invoke(body=row, content_type="text/csv").body.read()))
    return answers


@flow
def endpoint_get_delete() -> str:
    endpoint = Endpoint.get(kept.endpoint.endpoint_name)
    config = EndpointConfig.get(endpoint.endpoint_config_name)
    endpoint.delete()
    config.delete()
    return str(endpoint.endpoint_status)


@flow
def transform() -> list[float]:
    transformer = Transformer(
        model_name=kept.model.model_name,
        instance_count=1,
        instance_type="ml.m5.large",
        output_path=f"s3://{kept.bucket}/transformed",
        strategy="MultiRecord",
        assemble_with="Line",
        accept="text/csv",
        sagemaker_session=kept.session,
    )
    write("rows.csv", "1.2,1\n0.0,3\n")
    source = kept.session.upload_data("rows.csv", key_prefix="rows")
    transformer.transform(source, content_type="text/csv", split_type="Line", wait=True, logs=True)
    return [
        float(line) for line in kept.session.read_s3_file(kept.bucket, "transformed/rows.csv.out").split()
    ]


@flow
def process() -> str:
    write("process.py", PROCESSING_SCRIPT)
    processor = ScriptProcessor(
        image_uri=image_uris.retrieve("sklearn", "us-east-1", "1.2-1"),
        role=kept.role,
        command=["python3"],
        instance_count=1,
        instance_type="ml.m5.large",
        sagemaker_session=kept.session,
    )
    source = shapes.ProcessingS3Input(
        s3_uri=kept.uri,
        local_path="/opt/ml/processing/in",
        s3_data_type="S3Prefix",
        s3_input_mode="File",
    )
    place = shapes.ProcessingS3Output(
        s3_uri=f"s3://{kept.bucket}/processed",
        local_path="/opt/ml/processing/out",
        s3_upload_mode="EndOfJob",
    )
    processor.run(
        code="process.py",
        inputs=[shapes.ProcessingInput(input_name="in", s3_input=source)],
        outputs=[shapes.ProcessingOutput(output_name="out", s3_output=place)],
        wait=True,
        logs=True,
    )
    return str(kept.session.read_s3_file(kept.bucket, "processed/rows.txt"))


@flow
def autopilot() -> list[Any]:
    draw = random.Random(1)
    lines = ["a,b,y"]
    for _ in range(600):
        a, b = draw.random(), draw.random()
        lines.append(f"{a},{b},{int(a + b > 1)}")
    write("autopilot.csv", "\n".join(lines) + "\n")
    uri = kept.session.upload_data("autopilot.csv", key_prefix="autopilot")
    source = shapes.AutoMLDataSource(
        s3_data_source=shapes.AutoMLS3DataSource(s3_data_type="S3Prefix", s3_uri=uri)
    )
    job = AutoMLJobV2.create(
        auto_ml_job_name="flows-autopilot",
        auto_ml_job_input_data_config=[
            shapes.AutoMLJobChannel(
                channel_type="training", content_type="text/csv;header=present", data_source=source
            )
        ],
        output_data_config=shapes.AutoMLOutputDataConfig(s3_output_path=f"s3://{kept.bucket}/autopilot-out"),
        auto_ml_problem_type_config=shapes.AutoMLProblemTypeConfig(
            tabular_job_config=shapes.TabularJobConfig(
                target_attribute_name="y",
                completion_criteria=shapes.AutoMLJobCompletionCriteria(max_candidates=2),
            )
        ),
        role_arn=kept.role,
    )
    job.wait(poll=1)
    job.refresh()
    return [job.auto_ml_job_status, job.best_candidate.candidate_name]


@flow
def experiment_run() -> dict[str, Any]:
    with Run(experiment_name="flows3", run_name="one", sagemaker_session=kept.session) as run:
        run.log_parameter("depth", 4)
        for step in range(5):
            run.log_metric("loss", 1 / (step + 1), step=step)
    with load_run(experiment_name="flows3", run_name="one", sagemaker_session=kept.session) as run:
        run.log_parameter("later", 1)
    found = kept.session.sagemaker_client.describe_trial_component(TrialComponentName="flows3-one")
    return {
        "parameters": {name: value["NumberValue"] for name, value in found["Parameters"].items()},
        "metrics": {one["MetricName"]: [one["Count"], one["Last"]] for one in found["Metrics"]},
    }


@flow
def list_jobs() -> list[str]:
    return [str(job.training_job_name) for job in TrainingJob.get_all()]


finish()
