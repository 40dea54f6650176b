"""Main flows of the SageMaker Python SDK v2, each as its documentation shows it. Prints a RESULT line."""

from __future__ import annotations

import os
import tempfile
from typing import Any

import boto3
import sagemaker
from flows import finish, flow, numbers
from sagemaker.analytics import TrainingJobAnalytics
from sagemaker.async_inference import AsyncInferenceConfig
from sagemaker.deserializers import CSVDeserializer, JSONDeserializer
from sagemaker.estimator import Estimator
from sagemaker.inputs import TrainingInput
from sagemaker.model_monitor import DataCaptureConfig
from sagemaker.processing import FrameworkProcessor, ProcessingInput, ProcessingOutput, ScriptProcessor
from sagemaker.remote_function import RemoteExecutor, remote
from sagemaker.s3 import S3Downloader, S3Uploader
from sagemaker.serializers import CSVSerializer
from sagemaker.serverless import ServerlessInferenceConfig
from sagemaker.sklearn.estimator import SKLearn
from sagemaker.sklearn.processing import SKLearnProcessor
from sagemaker.tuner import ContinuousParameter, HyperparameterTuner, IntegerParameter
from sagemaker.xgboost.estimator import XGBoost

kept: Any = type("Kept", (), {})()

SKLEARN_SCRIPT = """
import argparse, os
import joblib
import pandas as pd
from sklearn.linear_model import LogisticRegression

def model_fn(model_dir):
    return joblib.load(os.path.join(model_dir, "model.joblib"))

if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--C", type=float, default=1.0)
    parser.add_argument("--model-dir", default=os.environ.get("SM_MODEL_DIR"))
    parser.add_argument("--train", default=os.environ.get("SM_CHANNEL_TRAIN"))
    args, _ = parser.parse_known_args()
    frame = pd.read_csv(os.path.join(args.train, "train.csv"), header=None)
    model = LogisticRegression(C=args.C).fit(frame.iloc[:, 1:].to_numpy(), frame[0])
    print(f"accuracy={model.score(frame.iloc[:, 1:].to_numpy(), frame[0])};")
    joblib.dump(model, os.path.join(args.model_dir, "model.joblib"))
"""

XGBOOST_SCRIPT = """
import argparse, os
import pandas as pd
import xgboost as xgb

def model_fn(model_dir):
    booster = xgb.Booster()
    booster.load_model(os.path.join(model_dir, "xgboost-model"))
    return booster

if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--num_round", type=int)
    args = parser.parse_args()
    frame = pd.read_csv(os.path.join(os.environ["SM_CHANNEL_TRAIN"], "train.csv"), header=None)
    table = xgb.DMatrix(frame.iloc[:, 1:].to_numpy(), frame[0])
    booster = xgb.train({"objective": "binary:logistic"}, table, args.num_round, evals=[(table, "train")])
    booster.save_model(os.path.join(os.environ["SM_MODEL_DIR"], "xgboost-model"))
"""

PROCESSING_SCRIPT = """
import os, sys
rows = len(open("/opt/ml/processing/input/train.csv").readlines())
os.makedirs("/opt/ml/processing/output", exist_ok=True)
with open("/opt/ml/processing/output/rows.txt", "w") as file:
    file.write(f"{rows} {sys.argv[1:]}")
print("rows", rows)
"""


def xgboost(**options: Any) -> Estimator:
    """An estimator of the built-in algorithm."""
    return Estimator(
        sagemaker.image_uris.retrieve("xgboost", kept.session.boto_region_name, "1.7-1"),
        kept.role,
        instance_count=1,
        instance_type="ml.m5.large",
        output_path=f"s3://{kept.bucket}/out",
        sagemaker_session=kept.session,
        hyperparameters={"objective": "binary:logistic", "eval_metric": "logloss", "num_round": 5},
        **options,
    )


@flow
def always_session() -> str:
    kept.session = sagemaker.Session()
    kept.role = sagemaker.get_execution_role()
    kept.bucket = kept.session.default_bucket()
    numbers("train.csv")
    kept.uri = kept.session.upload_data("train.csv", key_prefix="flows")
    kept.train = TrainingInput(kept.uri, content_type="text/csv")
    for name, text in (("sk.py", SKLEARN_SCRIPT), ("xgb.py", XGBOOST_SCRIPT), ("proc.py", PROCESSING_SCRIPT)):
        with open(name, "w", encoding="utf-8") as file:
            file.write(text)
    return str(kept.uri)


@flow
def s3_helpers() -> list[str]:
    place = S3Uploader.upload_string_as_file_body("hello", f"s3://{kept.bucket}/strings/a.txt")
    return [S3Downloader.read_file(place), *S3Downloader.list(f"s3://{kept.bucket}/strings")]


@flow
def fit() -> dict[str, Any]:
    kept.estimator = xgboost()
    kept.estimator.fit({"train": kept.train})
    name = kept.estimator.latest_training_job.name
    attached = Estimator.attach(name, kept.session)
    frame = TrainingJobAnalytics(name, metric_names=["train:logloss"]).dataframe()
    return {
        "data": attached.model_data,
        "rounds": attached.hyperparameters()["num_round"],
        "points": len(frame),
    }


@flow
def deploy_predict_update() -> dict[str, Any]:
    predictor = kept.estimator.deploy(
        1, "ml.m5.large", serializer=CSVSerializer(), deserializer=CSVDeserializer()
    )
    before = predictor.predict([[1.2, 1.0], [0.0, 3.0]])
    predictor.update_endpoint(initial_instance_count=1, instance_type="ml.m5.xlarge")
    after = predictor.predict([[1.2, 1.0], [0.0, 3.0]])
    config = kept.session.sagemaker_client.describe_endpoint(EndpointName=predictor.endpoint_name)
    predictor.delete_model()
    predictor.delete_endpoint()
    return {"before": before, "after": after, "config": config["EndpointConfigName"]}


@flow
def deploy_capture() -> list[str]:
    place = f"s3://{kept.bucket}/flows-captured"
    predictor = kept.estimator.deploy(
        1,
        "ml.m5.large",
        serializer=CSVSerializer(),
        data_capture_config=DataCaptureConfig(
            enable_capture=True, sampling_percentage=100, destination_s3_uri=place
        ),
    )
    predictor.predict([[1.2, 1.0]])
    predictor.delete_endpoint()
    return [S3Downloader.read_file(uri) for uri in S3Downloader.list(place)]


@flow
def deploy_serverless() -> float:
    predictor = kept.estimator.deploy(
        serverless_inference_config=ServerlessInferenceConfig(memory_size_in_mb=2048, max_concurrency=2),
        serializer=CSVSerializer(),
    )
    answer = float(predictor.predict([[1.2, 1.0]]))
    predictor.delete_endpoint()
    return answer


@flow
def deploy_async() -> list[Any]:
    predictor = kept.estimator.deploy(
        1,
        "ml.m5.large",
        serializer=CSVSerializer(),
        deserializer=JSONDeserializer(),
        async_inference_config=AsyncInferenceConfig(output_path=f"s3://{kept.bucket}/async"),
    )
    answer = predictor.predict([[1.2, 1.0]])
    later = predictor.predict_async([[0.0, 1.0]])
    result = later.get_result(sagemaker.async_inference.WaiterConfig(max_attempts=5, delay=1))
    predictor.delete_endpoint()
    return [answer, result]


@flow
def transform() -> str:
    with open("rows.csv", "w", encoding="utf-8") as file:
        file.write("1.2,1\n0.0,3\n")
    source = kept.session.upload_data("rows.csv", key_prefix="rows")
    transformer = kept.estimator.transformer(
        1,
        "ml.m5.large",
        output_path=f"s3://{kept.bucket}/transformed",
        assemble_with="Line",
        accept="text/csv",
        strategy="MultiRecord",
    )
    transformer.transform(source, content_type="text/csv", split_type="Line", wait=True, logs=True)
    return str(S3Downloader.read_file(f"s3://{kept.bucket}/transformed/rows.csv.out"))


@flow
def sklearn_script() -> Any:
    estimator = SKLearn(
        "sk.py",
        framework_version="1.2-1",
        instance_type="ml.m5.large",
        role=kept.role,
        sagemaker_session=kept.session,
        hyperparameters={"C": 2.0},
        metric_definitions=[{"Name": "accuracy", "Regex": "accuracy=(.*?);"}],
    )
    estimator.fit({"train": kept.uri})
    metrics = estimator.latest_training_job.describe()["FinalMetricDataList"]
    predictor = estimator.deploy(1, "ml.m5.large")
    answer = predictor.predict([[1.2, 1.0], [0.0, 3.0]]).tolist()
    predictor.delete_endpoint()
    return {"answer": answer, "accuracy": metrics[0]["Value"]}


@flow
def xgboost_script() -> Any:
    estimator = XGBoost(
        "xgb.py",
        framework_version="1.7-1",
        instance_type="ml.m5.large",
        instance_count=1,
        role=kept.role,
        sagemaker_session=kept.session,
        hyperparameters={"num_round": 5},
    )
    estimator.fit({"train": kept.uri})
    predictor = estimator.deploy(1, "ml.m5.large", serializer=CSVSerializer())
    answer = predictor.predict([[1.2, 1.0], [0.0, 3.0]])
    predictor.delete_endpoint()
    return answer


@flow
def tune() -> dict[str, Any]:
    tuner = HyperparameterTuner(
        xgboost(),
        "train:logloss",
        {"eta": ContinuousParameter(0.1, 0.5), "max_depth": IntegerParameter(2, 5)},
        objective_type="Minimize",
        max_jobs=4,
        max_parallel_jobs=2,
    )
    tuner.fit({"train": kept.train}, wait=True)
    frame = tuner.analytics().dataframe()
    attached = HyperparameterTuner.attach(tuner.latest_tuning_job.name, sagemaker_session=kept.session)
    return {
        "best": tuner.best_training_job(),
        "rows": len(frame),
        "attached": attached.best_training_job(),
        "estimator": tuner.best_estimator().model_data,
    }


@flow
def tune_two_algorithms() -> dict[str, Any]:
    linear = Estimator(
        sagemaker.image_uris.retrieve("linear-learner", kept.session.boto_region_name),
        kept.role,
        instance_count=1,
        instance_type="ml.m5.large",
        output_path=f"s3://{kept.bucket}/out",
        sagemaker_session=kept.session,
        hyperparameters={"predictor_type": "binary_classifier", "epochs": 2, "feature_dim": 2},
    )
    tuner = HyperparameterTuner.create(
        estimator_dict={"xgb": xgboost(), "ll": linear},
        objective_metric_name_dict={"xgb": "train:logloss", "ll": "train:objective_loss"},
        hyperparameter_ranges_dict={
            "xgb": {"eta": ContinuousParameter(0.1, 0.5)},
            "ll": {"learning_rate": ContinuousParameter(0.001, 0.1)},
        },
        objective_type="Minimize",
        max_jobs=4,
        max_parallel_jobs=2,
    )
    tuner.fit({"xgb": {"train": kept.train}, "ll": {"train": kept.train}}, include_cls_metadata={}, wait=True)
    frame = tuner.analytics().dataframe()
    return {"rows": len(frame), "definitions": sorted(set(frame["TrainingJobDefinitionName"]))}


def _in_and_out(name: str) -> dict[str, Any]:
    return {
        "inputs": [ProcessingInput(source=kept.uri, destination="/opt/ml/processing/input")],
        "outputs": [
            ProcessingOutput(
                source="/opt/ml/processing/output", destination=f"s3://{kept.bucket}/processed/{name}"
            )
        ],
        "arguments": ["--name", name],
    }


def _rows(name: str) -> str:
    return str(S3Downloader.read_file(f"s3://{kept.bucket}/processed/{name}/rows.txt"))


@flow
def process_sklearn() -> str:
    processor = SKLearnProcessor("1.2-1", kept.role, 1, "ml.m5.large", sagemaker_session=kept.session)
    processor.run(code="proc.py", **_in_and_out("sklearn"))
    return _rows("sklearn")


@flow
def process_script() -> str:
    image = sagemaker.image_uris.retrieve("sklearn", kept.session.boto_region_name, "1.2-1")
    processor = ScriptProcessor(
        kept.role, image, ["python3"], 1, "ml.m5.large", sagemaker_session=kept.session
    )
    processor.run(code="proc.py", **_in_and_out("script"))
    return _rows("script")


@flow
def process_framework() -> str:
    processor = FrameworkProcessor(
        SKLearn, "1.2-1", kept.role, 1, "ml.m5.large", sagemaker_session=kept.session
    )
    with tempfile.TemporaryDirectory() as folder:
        with open(os.path.join(folder, "main.py"), "w", encoding="utf-8") as file:
            file.write(PROCESSING_SCRIPT)
        processor.run(code="main.py", source_dir=folder, **_in_and_out("framework"))
    return _rows("framework")


@flow
def remote_functions() -> dict[str, Any]:
    @remote(instance_type="ml.m5.large", role=kept.role, sagemaker_session=kept.session)
    def divided(a: float, b: float) -> float:
        return a / b

    with RemoteExecutor(
        instance_type="ml.m5.large", role=kept.role, sagemaker_session=kept.session, max_parallel_jobs=1
    ) as executor:
        future = executor.submit(lambda values: sum(values), [1, 2, 3])
        summed = future.result()
    try:
        divided(1, 0)
        error = ""
    except ZeroDivisionError as raised:
        error = str(raised)
    return {"summed": summed, "error": error}


@flow
def left_over() -> list[str]:
    client = boto3.client("sagemaker")
    return [endpoint["EndpointName"] for endpoint in client.list_endpoints()["Endpoints"]]


finish()
