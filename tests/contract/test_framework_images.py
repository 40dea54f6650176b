"""Scripts of the user's through the wire: trained, hosted and asked with unmodified boto3 on a real engine."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import botocore.exceptions
import pytest
from botocore.config import Config

from tests.conftest import RunningEngine, eventually
from tests.unit.script_jobs import archive, make_wheel

REGISTRY = "683313688378.dkr.ecr.us-east-1.amazonaws.com"
SKLEARN = f"{REGISTRY}/sagemaker-scikit-learn:1.2-1-cpu-py3"
XGBOOST = f"{REGISTRY}/sagemaker-xgboost:1.5-1"
PYTORCH = "763104351884.dkr.ecr.us-east-1.amazonaws.com/pytorch-training:2.0.1-cpu-py310"
PYTORCH_INFERENCE = PYTORCH.replace("training", "inference")
ROLE = "arn:aws:iam::000000000000:role/service-role/test"
BUCKET = "contract-frameworks"
CLUSTER = {"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 5}


class Wire:
    """boto3 clients of one engine and short ways to make what a test needs."""

    def __init__(self, engine: RunningEngine) -> None:
        self.sagemaker = engine.client("sagemaker")
        self.runtime = engine.client("sagemaker-runtime", config=Config(retries={"total_max_attempts": 1}))
        self.s3 = engine.client("s3")
        self.logs = engine.client("logs")
        self.s3.create_bucket(Bucket=BUCKET)
        self.endpoints: list[str] = []

    def put(self, key: str, body: bytes) -> str:
        self.s3.put_object(Bucket=BUCKET, Key=key, Body=body)
        return f"s3://{BUCKET}/{key}"

    def train(
        self,
        name: str,
        image: str,
        files: dict[str, str | bytes],
        data: bytes,
        *,
        hyperparameters: dict[str, Any] | None = None,
    ) -> dict[str, Any]:
        """Runs `train.py` of a source archive in S3 on one file of the channel `train`; the job as it ended."""
        given = {
            "sagemaker_program": "train.py",
            "sagemaker_submit_directory": self.put(f"{name}/source/sourcedir.tar.gz", archive(files)),
            "sagemaker_container_log_level": 20,
            "sagemaker_job_name": name,
            "sagemaker_region": "us-east-1",
            **(hyperparameters or {}),
        }
        source = {"S3DataType": "S3Prefix", "S3Uri": self.put(f"{name}/train/data.csv", data)}
        self.sagemaker.create_training_job(
            TrainingJobName=name,
            AlgorithmSpecification={"TrainingImage": image, "TrainingInputMode": "File"},
            RoleArn=ROLE,
            HyperParameters={key: json.dumps(value) for key, value in given.items()},
            InputDataConfig=[{"ChannelName": "train", "DataSource": {"S3DataSource": source}}],
            OutputDataConfig={"S3OutputPath": f"s3://{BUCKET}/out"},
            ResourceConfig=CLUSTER,
            StoppingCondition={"MaxRuntimeInSeconds": 600},
        )
        self.sagemaker.get_waiter("training_job_completed_or_stopped").wait(
            TrainingJobName=name, WaiterConfig={"Delay": 1}
        )
        job: dict[str, Any] = self.sagemaker.describe_training_job(TrainingJobName=name)
        return job

    def deploy(self, name: str, *containers: dict[str, Any]) -> str:
        """Hosts containers; returns the endpoint's status when it no longer changes."""
        one = (
            {"PrimaryContainer": containers[0]} if len(containers) == 1 else {"Containers": list(containers)}
        )
        self.sagemaker.create_model(ModelName=name, ExecutionRoleArn=ROLE, **one)
        variant = {
            "VariantName": "AllTraffic",
            "ModelName": name,
            "InstanceType": "ml.m5.large",
            "InitialInstanceCount": 1,
        }
        self.sagemaker.create_endpoint_config(EndpointConfigName=name, ProductionVariants=[variant])
        self.sagemaker.create_endpoint(EndpointName=name, EndpointConfigName=name)
        self.endpoints.append(name)

        def settled() -> str | None:
            status = str(self.sagemaker.describe_endpoint(EndpointName=name)["EndpointStatus"])
            return status if status != "Creating" else None

        return str(eventually(settled, 60, f"{name} in service"))

    def ask(
        self, name: str, body: bytes | str, content_type: str = "text/csv", accept: str = ""
    ) -> tuple[str, bytes]:
        """(content type, body) of an answer."""
        options = {"Accept": accept} if accept else {}
        answer = self.runtime.invoke_endpoint(
            EndpointName=name, Body=body, ContentType=content_type, **options
        )
        return answer["ContentType"], answer["Body"].read()

    def refusal(
        self, name: str, body: bytes | str, content_type: str = "text/csv", accept: str = ""
    ) -> dict[str, Any]:
        """The error that a request is answered with."""
        with pytest.raises(botocore.exceptions.ClientError) as caught:
            self.ask(name, body, content_type, accept)
        return dict(caught.value.response)

    def log(self, name: str) -> str:
        """The log of an endpoint's first server."""
        group = f"/aws/sagemaker/Endpoints/{name}"
        streams = self.logs.describe_log_streams(logGroupName=group)["logStreams"]
        events = self.logs.get_log_events(
            logGroupName=group, logStreamName=streams[0]["logStreamName"], startFromHead=True
        )
        return "\n".join(event["message"] for event in events["events"])


@pytest.fixture(scope="module")
def wire(engine: RunningEngine) -> Iterator[Wire]:
    made = Wire(engine)
    yield made
    for name in made.endpoints:
        made.sagemaker.delete_endpoint(EndpointName=name)


def model_of(job: dict[str, Any]) -> str:
    assert job["TrainingJobStatus"] == "Completed", job.get("FailureReason")
    return str(job["ModelArtifacts"]["S3ModelArtifacts"])


def inference(
    job: dict[str, Any] | None = None, program: str = "train.py", **variables: str
) -> dict[str, str]:
    """The Environment that the SDK gives a framework's model."""
    values = {
        "SAGEMAKER_PROGRAM": program,
        "SAGEMAKER_CONTAINER_LOG_LEVEL": "20",
        "SAGEMAKER_REGION": "us-east-1",
    }
    if job is not None:
        values["SAGEMAKER_SUBMIT_DIRECTORY"] = json.loads(
            job["HyperParameters"]["sagemaker_submit_directory"]
        )
    return {**values, **variables}


SKLEARN_SCRIPT = """
import argparse, os
import joblib, pandas as pd
from sklearn.linear_model import LinearRegression

def model_fn(model_dir):
    return joblib.load(os.path.join(model_dir, "model.joblib"))

if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--model-dir", default=os.environ["SM_MODEL_DIR"])
    parser.add_argument("--train", default=os.environ["SM_CHANNEL_TRAIN"])
    parser.add_argument("--slope", type=float, default=1.0)
    args, _ = parser.parse_known_args()
    frame = pd.read_csv(os.path.join(args.train, "data.csv"), header=None)
    fitted = LinearRegression().fit(frame[[1, 2]].to_numpy() * args.slope, frame[0])
    joblib.dump(fitted, os.path.join(args.model_dir, "model.joblib"))
    print("rows", len(frame))
"""
ROWS = b"".join(b"%d,%d,%d\n" % (2 * x + 3 * y, x, y) for x in range(10) for y in range(10))


@pytest.fixture(scope="module")
def fitted(wire: Wire) -> dict[str, Any]:
    """A training job of the scikit-learn image that has completed."""
    return wire.train("sk-fit", SKLEARN, {"train.py": SKLEARN_SCRIPT}, ROWS, hyperparameters={"slope": 1.0})


def test_a_scikit_learn_script_is_trained_and_hosted(wire: Wire, fitted: dict[str, Any]) -> None:
    container = {"Image": SKLEARN, "ModelDataUrl": model_of(fitted), "Environment": inference(fitted)}
    assert wire.deploy("sk", container) == "InService"
    assert json.loads(wire.ask("sk", "1,1\n2,0")[1]) == pytest.approx([5, 4])
    content_type, body = wire.ask("sk", "[[1, 1], [2, 0]]", "application/json", "text/csv")
    assert content_type == "text/csv"
    assert [float(line) for line in body.split()] == pytest.approx([5, 4])
    assert json.loads(wire.ask("sk", "1,1")[1]) == pytest.approx([5])
    import numpy as np

    buffer = io.BytesIO()
    np.save(buffer, np.array([[1.0, 1.0]]))
    _, body = wire.ask("sk", buffer.getvalue(), "application/x-npy", "application/x-npy")
    assert np.load(io.BytesIO(body)) == pytest.approx([5])
    assert "scikit-learn" in wire.log("sk")


def test_content_types_that_are_not_read_or_written_are_refused(wire: Wire, fitted: dict[str, Any]) -> None:
    container = {"Image": SKLEARN, "ModelDataUrl": model_of(fitted), "Environment": inference(fitted)}
    assert wire.deploy("sk-types", container) == "InService"
    answer = wire.refusal("sk-types", "<x/>", "application/xml")
    assert answer["Error"]["Code"] == "ModelError"
    assert answer["OriginalStatusCode"] == 415
    assert "application/xml is not supported" in answer["OriginalMessage"]
    assert wire.refusal("sk-types", "1,1", accept="image/png")["OriginalStatusCode"] == 406
    answer = wire.refusal("sk-types", "1,1,1")
    assert answer["OriginalStatusCode"] == 500
    assert "ValueError" in answer["OriginalMessage"]
    assert "Traceback" in wire.log("sk-types")


FUNCTIONS = """
import json, os
from sagemaker_containers.beta.framework import worker, encoders
import helper

def model_fn(model_dir):
    return {"dir": model_dir, "files": sorted(os.listdir(model_dir))}

def input_fn(body, content_type):
    if content_type != "text/plain":
        raise ValueError("wrong type " + content_type)
    return helper.clean(body)

def predict_fn(data, model):
    return {"data": data, **model}

def output_fn(prediction, accept):
    return worker.Response(json.dumps(prediction), mimetype="application/json")
"""
HELPER = "def clean(body):\n    return body.decode().strip()\n"


def test_the_users_functions_answer(wire: Wire) -> None:
    files: dict[str, str | bytes] = {
        "model.txt": "m",
        "code/inference.py": FUNCTIONS,
        "code/helper.py": HELPER,
    }
    url = wire.put("functions/model.tar.gz", archive(files))
    container = {"Image": SKLEARN, "ModelDataUrl": url}  # code/inference.py needs no variable
    assert wire.deploy("functions", container) == "InService"
    content_type, body = wire.ask("functions", " hello \n", "text/plain")
    assert content_type == "application/json"
    assert json.loads(body) == {"data": "hello", "dir": "/opt/ml/model", "files": ["code", "model.txt"]}
    assert wire.refusal("functions", "x", "text/html")["OriginalStatusCode"] == 500


TRANSFORM = """
def model_fn(model_dir):
    return "m"

def transform_fn(model, body, content_type, accept):
    return f"{model} {body} {content_type} {accept}", "text/plain"
"""


def test_pipelines_keep_modules_of_the_same_name_apart(wire: Wire) -> None:
    first = "import json\ndef model_fn(d):\n    return 2\ndef transform_fn(m, body, t, accept):\n    return body + 'x' * m, 'text/csv'\n"
    for name, text in (("one", first), ("two", TRANSFORM)):
        wire.put(f"chain/{name}.tar.gz", archive({"code/inference.py": text}))
    containers = [
        {"Image": SKLEARN, "ModelDataUrl": f"s3://{BUCKET}/chain/{name}.tar.gz"} for name in ("one", "two")
    ]
    containers[1]["Environment"] = {"SAGEMAKER_DEFAULT_INVOCATIONS_ACCEPT": "text/csv"}  # type: ignore[assignment]
    assert wire.deploy("chain", *containers) == "InService"
    assert wire.ask("chain", "a") == ("text/plain", b"m axx text/csv text/csv")


@pytest.mark.parametrize(
    ("name", "files", "words"),
    [
        ("bare", {"model.txt": "m"}, "No inference code was found for the scikit-learn image"),
        ("broken", {"code/inference.py": "raise RuntimeError('half written')"}, "RuntimeError: half written"),
        ("headless", {"code/inference.py": "x = 1"}, "Please provide a model_fn implementation"),
        (
            "both",
            {"code/inference.py": TRANSFORM + "\ndef input_fn(b, t):\n    return b\n"},
            "Cannot use transform_fn implementation in conjunction",
        ),
    ],
)
def test_models_that_cannot_serve_fail_with_the_reason(
    wire: Wire, name: str, files: dict[str, str | bytes], words: str
) -> None:
    url = wire.put(f"failing/{name}.tar.gz", archive(files))
    assert wire.deploy(f"failing-{name}", {"Image": SKLEARN, "ModelDataUrl": url}) == "Failed"
    reason = wire.sagemaker.describe_endpoint(EndpointName=f"failing-{name}")["FailureReason"]
    assert words in reason + wire.log(f"failing-{name}")


def test_code_brings_its_requirements(wire: Wire, tmp_path: Path) -> None:
    wheel = make_wheel(tmp_path, "smst_serving", "def twice(x):\n    return 2 * x\n")
    text = (
        "import smst_serving\ndef model_fn(d):\n    return None\n"
        "def transform_fn(m, body, t, accept):\n    return smst_serving.twice(body)\n"
    )
    files: dict[str, str | bytes] = {
        "code/inference.py": text,
        "code/requirements.txt": f"./{wheel.name}\n",
        f"code/{wheel.name}": wheel.read_bytes(),
    }
    url = wire.put("requirements/model.tar.gz", archive(files))
    variables = {"SAGEMAKER_MODEL_SERVER_WORKERS": "2"}
    assert (
        wire.deploy("requirements", {"Image": SKLEARN, "ModelDataUrl": url, "Environment": variables})
        == "InService"
    )
    assert wire.ask("requirements", "ab")[1] == b"abab"
    assert wire.log("requirements").count("Model server ready: the model is loaded.") == 2


XGBOOST_SCRIPT = """
import argparse, json, os, pickle
import xgboost as xgb
from sagemaker_xgboost_container import distributed
from sagemaker_xgboost_container.data_utils import get_dmatrix

def _train(args, is_master):
    data = get_dmatrix(args.train, "csv")
    booster = xgb.train({"max_depth": args.max_depth, "silent": 1, "objective": "reg:linear"}, data, num_boost_round=20,
                        evals=[(data, "train")])
    if is_master:
        pickle.dump(booster, open(os.path.join(args.model_dir, "xgboost-model"), "wb"))

def model_fn(model_dir):
    return pickle.load(open(os.path.join(model_dir, "xgboost-model"), "rb"))

if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--max_depth", type=int)
    parser.add_argument("--model_dir", default=os.environ["SM_MODEL_DIR"])
    parser.add_argument("--train", default=os.environ["SM_CHANNEL_TRAIN"])
    args = parser.parse_args()
    hosts, host = json.loads(os.environ["SM_HOSTS"]), os.environ["SM_CURRENT_HOST"]
    if len(hosts) > 1:
        distributed.rabit_run(_train, dict(args=args), True, hosts, host, update_rabit_args=True)
    else:
        _train(args, True)
"""


def test_xgboost_in_framework_mode(wire: Wire) -> None:
    job = wire.train("xgb-fit", XGBOOST, {"train.py": XGBOOST_SCRIPT}, ROWS, hyperparameters={"max_depth": 5})
    container = {"Image": XGBOOST, "ModelDataUrl": model_of(job), "Environment": inference(job)}
    assert wire.deploy("xgb", container) == "InService"
    assert json.loads(wire.ask("xgb", "5,5")[1]) == pytest.approx([25], abs=1)
    assert json.loads(wire.ask("xgb", "0:5 1:5", "text/libsvm")[1]) == pytest.approx([25], abs=1)
    assert [float(v) for v in wire.ask("xgb", "5,5\n0,0", accept="text/csv")[1].split()] == pytest.approx(
        [25, 0], abs=1
    )


TORCH_SCRIPT = """
import argparse, os
import pandas as pd, torch

def build():
    return torch.nn.Linear(2, 1)

def model_fn(model_dir):
    model = build()
    model.load_state_dict(torch.load(os.path.join(model_dir, "model.pth")))
    return model

if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--epochs", type=int, default=1)
    args = parser.parse_args()
    torch.manual_seed(0)
    frame = torch.tensor(pd.read_csv(os.environ["SM_CHANNEL_TRAIN"] + "/data.csv", header=None).to_numpy(), dtype=torch.float32)
    model = build()
    optimizer = torch.optim.LBFGS(model.parameters(), max_iter=50)
    def closure():
        optimizer.zero_grad()
        loss = ((model(frame[:, 1:])[:, 0] - frame[:, 0]) ** 2).mean()
        loss.backward()
        return loss
    for _ in range(args.epochs):
        print("loss", float(optimizer.step(closure)))
    torch.save(model.state_dict(), os.environ["SM_MODEL_DIR"] + "/model.pth")
    torch.jit.script(model).save(os.environ["SM_OUTPUT_DATA_DIR"] + "/model.pt")
"""


def test_pytorch_is_trained_and_hosted(wire: Wire) -> None:
    pytest.importorskip("torch")
    job = wire.train("torch-fit", PYTORCH, {"train.py": TORCH_SCRIPT}, ROWS, hyperparameters={"epochs": 5})
    container = {"Image": PYTORCH_INFERENCE, "ModelDataUrl": model_of(job), "Environment": inference(job)}
    assert wire.deploy("torch", container) == "InService"
    assert json.loads(wire.ask("torch", "[[1, 1]]", "application/json")[1])[0] == pytest.approx([5], abs=0.1)
    # a TorchScript file needs no code
    out = wire.s3.get_object(Bucket=BUCKET, Key="out/torch-fit/output/output.tar.gz")["Body"].read()
    url = wire.put("torch/script.tar.gz", out)
    assert wire.deploy("torch-script", {"Image": PYTORCH_INFERENCE, "ModelDataUrl": url}) == "InService"
    assert float(wire.ask("torch-script", "1,1\n1,0", accept="text/csv")[1].split()[0]) == pytest.approx(
        5, abs=0.1
    )


def test_processing_jobs_on_the_wire(wire: Wire) -> None:
    script = wire.put(
        "processing/code/go.py", b"import sys; open('/opt/ml/processing/out/x', 'w').write(sys.argv[1])"
    )
    wire.sagemaker.create_processing_job(
        ProcessingJobName="wire-processing",
        RoleArn=ROLE,
        AppSpecification={
            "ImageUri": SKLEARN,
            "ContainerEntrypoint": ["python3", "/opt/ml/processing/input/code/go.py"],
            "ContainerArguments": ["hello"],
        },
        ProcessingInputs=[
            {
                "InputName": "code",
                "S3Input": {
                    "S3Uri": script,
                    "LocalPath": "/opt/ml/processing/input/code",
                    "S3DataType": "S3Prefix",
                    "S3InputMode": "File",
                },
            }
        ],
        ProcessingOutputConfig={
            "Outputs": [
                {
                    "OutputName": "out",
                    "S3Output": {
                        "S3Uri": f"s3://{BUCKET}/processing/out",
                        "LocalPath": "/opt/ml/processing/out",
                        "S3UploadMode": "EndOfJob",
                    },
                }
            ]
        },
        ProcessingResources={"ClusterConfig": CLUSTER},
        NetworkConfig={"EnableNetworkIsolation": False},
        Environment={"A": "b"},
        StoppingCondition={"MaxRuntimeInSeconds": 60},
    )
    wire.sagemaker.get_waiter("processing_job_completed_or_stopped").wait(
        ProcessingJobName="wire-processing", WaiterConfig={"Delay": 1}
    )
    job = wire.sagemaker.describe_processing_job(ProcessingJobName="wire-processing")
    assert job["ProcessingJobStatus"] == "Completed", job.get("FailureReason")
    assert job["Environment"] == {"A": "b"}
    assert job["NetworkConfig"] == {"EnableNetworkIsolation": False}
    assert wire.s3.get_object(Bucket=BUCKET, Key="processing/out/x")["Body"].read() == b"hello"
    (summary,) = wire.sagemaker.list_processing_jobs(NameContains="wire-processing")["ProcessingJobSummaries"]
    assert summary["ProcessingJobStatus"] == "Completed"
