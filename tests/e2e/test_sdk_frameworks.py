"""The SageMaker SDK's framework estimators, models and processors, unmodified, against a real engine."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conftest import RunningEngine
from tests.e2e.sdk_programs import run_script

TRAIN = """
import argparse, os
import joblib, pandas as pd
from sklearn.linear_model import LinearRegression

def model_fn(model_dir):
    return joblib.load(os.path.join(model_dir, "model.joblib"))

if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--model-dir", default=os.environ.get("SM_MODEL_DIR"))
    parser.add_argument("--train", default=os.environ.get("SM_CHANNEL_TRAIN"))
    parser.add_argument("--slope", type=float)
    parser.add_argument("--fit_intercept", type=lambda text: text == "True")
    args, _ = parser.parse_known_args()
    frame = pd.read_csv(os.path.join(args.train, "data.csv"), header=None)
    fitted = LinearRegression(fit_intercept=args.fit_intercept).fit(frame[[1, 2]].to_numpy(), frame[0])
    joblib.dump(fitted, os.path.join(args.model_dir, "model.joblib"))
    print("r2=%.3f;" % fitted.score(frame[[1, 2]].to_numpy(), frame[0]))
"""

TORCH = """
import os, torch

class Sum(torch.nn.Module):
    def forward(self, x):
        return x.sum(1)

def model_fn(model_dir):
    assert os.path.exists(os.path.join(model_dir, "model.pth"))
    return Sum()

if __name__ == "__main__":
    torch.save({}, os.environ["SM_MODEL_DIR"] + "/model.pth")
"""

XGBOOST = """
import os, xgboost as xgb
from sagemaker_xgboost_container.data_utils import get_dmatrix

def model_fn(model_dir):
    booster = xgb.Booster()
    booster.load_model(model_dir + "/xgboost-model")
    return booster

if __name__ == "__main__":
    data = get_dmatrix(os.environ["SM_CHANNEL_TRAIN"], "csv")
    xgb.train({"max_depth": 4}, data, 20).save_model(os.environ["SM_MODEL_DIR"] + "/xgboost-model")
"""

PROCESS = """
import argparse, glob, json, os, sys
import pandas as pd
parser = argparse.ArgumentParser()
parser.add_argument("--scale", type=float)
args = parser.parse_args()
frame = pd.concat(pd.read_csv(name, header=None) for name in glob.glob("/opt/ml/processing/input/*.csv"))
extra = 0
try:
    import extra_of_job
    extra = extra_of_job.VALUE
except ImportError:
    pass
(frame * args.scale + extra).to_csv("/opt/ml/processing/output/out.csv", header=False, index=False)
"""

SCRIPT = """
import json, os, sys, time
import numpy as np, sagemaker
from sagemaker.deserializers import JSONDeserializer
from sagemaker.inputs import TrainingInput
from sagemaker.processing import FrameworkProcessor, ProcessingInput, ProcessingOutput, ScriptProcessor
from sagemaker.pytorch import PyTorch, PyTorchModel
from sagemaker.serializers import CSVSerializer, JSONSerializer
from sagemaker.sklearn import SKLearn, SKLearnProcessor
from sagemaker.xgboost import XGBoost

result, took = {}, {}
session = sagemaker.Session()
bucket, role = session.default_bucket(), sagemaker.get_execution_role()
with open("data.csv", "w") as file:
    file.writelines(f"{2 * x + 3 * y},{x},{y}\\n" for x in range(10) for y in range(10))
uri = session.upload_data("data.csv", key_prefix="frameworks/train")
common = dict(role=role, instance_count=1, instance_type="ml.m5.large")
one = dict(initial_instance_count=1, instance_type="ml.m5.large")


def timed(name, act):
    began = time.monotonic()
    value = act()
    took[name] = time.monotonic() - began
    return value


def scikit_learn():
    estimator = SKLearn("train.py", framework_version="1.2-1", hyperparameters={"slope": 0.5, "fit_intercept": True},
                        metric_definitions=[{"Name": "r2", "Regex": "r2=(.*?);"}], **common)
    timed("fit", lambda: estimator.fit({"train": uri}))
    result["metrics"] = estimator.training_job_analytics.dataframe()["value"].tolist()
    predictor = timed("deploy", lambda: estimator.deploy(**one))
    result["sklearn"] = predictor.predict(np.array([[1.0, 1.0], [2.0, 0.0]])).tolist()
    predictor.delete_model()
    predictor.delete_endpoint()
    with open("rows.csv", "w") as file:
        file.write("1,1\\n2,0\\n")
    rows = session.upload_data("rows.csv", key_prefix="frameworks/rows")
    transformer = estimator.transformer(1, "ml.m5.large", accept="text/csv", assemble_with="Line",
                                        output_path=f"s3://{bucket}/frameworks/transformed")
    timed("transform", lambda: transformer.transform(rows, content_type="text/csv", split_type="Line", wait=True))
    session.download_data(".", bucket, "frameworks/transformed/rows.csv.out")
    result["transform"] = [float(line) for line in open("rows.csv.out")]
    attached = SKLearn.attach(estimator.latest_training_job.name)
    result["attached"] = attached.hyperparameters()["slope"]


def xgboost():
    estimator = XGBoost("xgb.py", framework_version="1.7-1", **common)
    estimator.fit({"train": TrainingInput(uri, content_type="text/csv")}, logs=False)
    predictor = estimator.deploy(serializer=CSVSerializer(), deserializer=JSONDeserializer(), **one)
    result["xgboost"] = predictor.predict([[5, 5]])
    predictor.delete_endpoint()


def pytorch():
    os.makedirs("source", exist_ok=True)
    os.replace("torch_train.py", "source/torch_train.py")
    estimator = PyTorch("torch_train.py", source_dir="source", framework_version="2.0", py_version="py310", **common)
    estimator.fit(logs=False)
    predictor = estimator.deploy(serializer=JSONSerializer(), deserializer=JSONDeserializer(), **one)
    result["pytorch"] = predictor.predict([[1, 2, 3]])
    predictor.delete_endpoint()
    model = PyTorchModel(model_data=estimator.model_data, role=role, entry_point="source/torch_train.py",
                         framework_version="2.0", py_version="py310")
    predictor = model.deploy(serializer=JSONSerializer(), deserializer=JSONDeserializer(), **one)
    result["pytorch model"] = predictor.predict([[4, 5]])
    predictor.delete_endpoint()


def output(name):
    return [ProcessingOutput(output_name="out", source="/opt/ml/processing/output", destination=f"s3://{bucket}/{name}")]


def first(name):
    return session.read_s3_file(bucket, f"{name}/out.csv").splitlines()[11]


def processing():
    given = [ProcessingInput(source=uri, destination="/opt/ml/processing/input")]
    sklearn = SKLearnProcessor("1.2-1", **common)
    timed("processing", lambda: sklearn.run("process.py", inputs=given, outputs=output("p1"), arguments=["--scale", "2"]))
    result["SKLearnProcessor"] = first("p1")
    described = sklearn.latest_job.describe()
    result["outputs"] = described["ProcessingOutputConfig"]["Outputs"][0]["OutputName"]
    script = ScriptProcessor(image_uri=sklearn.image_uri, command=["python3"], env={"A": "b"}, **common)
    script.run("process.py", inputs=given, outputs=output("p2"), arguments=["--scale", "3"], logs=False)
    result["ScriptProcessor"] = first("p2")
    os.makedirs("bundle", exist_ok=True)
    os.replace("process.py", "bundle/process.py")
    os.replace(wheel, "bundle/" + wheel)
    with open("bundle/requirements.txt", "w") as file:
        file.write("./" + wheel + "\\n")
    framework = FrameworkProcessor(SKLearn, "1.2-1", **common)
    framework.run("process.py", source_dir="bundle", inputs=given, outputs=output("p3"), arguments=["--scale", "1"], logs=False)
    result["FrameworkProcessor"] = first("p3")
    failing = ScriptProcessor(image_uri=sklearn.image_uri, command=["python3"], **common)
    with open("bad.py", "w") as file:
        file.write("raise SystemExit(3)")
    try:
        failing.run("bad.py", logs=False)
    except Exception as error:
        result["failed"] = str(error)


def model_trainer():
    from sagemaker.modules.configs import Compute, InputData, SourceCode
    from sagemaker.modules.train import ModelTrainer

    os.makedirs("trainer", exist_ok=True)
    with open("trainer/go.py", "w") as file:
        file.write("import os, json; open(os.environ['SM_MODEL_DIR'] + '/m', 'w').write(os.environ['SM_HPS'])")
    trainer = ModelTrainer(
        training_image="763104351884.dkr.ecr.us-east-1.amazonaws.com/pytorch-training:2.0.0-cpu-py310",
        source_code=SourceCode(source_dir="trainer", entry_script="go.py"),
        compute=Compute(instance_type="ml.m5.large", instance_count=1), hyperparameters={"x": 1}, role=role)
    timed("ModelTrainer", lambda: trainer.train(input_data_config=[InputData(channel_name="train", data_source=uri)]))
    result["ModelTrainer"] = trainer._latest_training_job.training_job_status


wheel = sys.argv[1]
for part in sys.argv[2].split(","):
    globals()[part]()
print("\\nRESULT" + json.dumps({"took": took, **result}))
"""


@pytest.mark.sdk
def test_the_sdks_frameworks(engine: RunningEngine, tmp_path: Path) -> None:
    from tests.unit.script_jobs import make_wheel

    wheel = make_wheel(tmp_path, "extra_of_job", "VALUE = 1000\n")
    for name, text in (("train", TRAIN), ("torch_train", TORCH), ("xgb", XGBOOST), ("process", PROCESS)):
        (tmp_path / f"{name}.py").write_text(text)
    parts = ["scikit_learn", "xgboost", "processing", "model_trainer"]
    try:
        import torch  # noqa: F401

        parts.append("pytorch")
    except ImportError:
        pass
    result, printed = run_script(engine, SCRIPT, tmp_path, wheel.name, ",".join(parts))
    assert result["sklearn"] == pytest.approx([5, 4])
    assert result["metrics"] == pytest.approx([1])
    assert result["transform"] == pytest.approx([5, 4])
    assert float(result["attached"]) == 0.5
    assert result["xgboost"] == pytest.approx([25], abs=1)
    assert result["SKLearnProcessor"] == "10.0,2.0,2.0"
    assert result["ScriptProcessor"] == "15.0,3.0,3.0"
    assert result["FrameworkProcessor"] == "1005.0,1001.0,1001.0"
    assert result["outputs"] == "out"
    assert "AlgorithmError: See job logs for more information" in result["failed"]
    assert result["ModelTrainer"] == "Completed"
    if "pytorch" in parts:
        assert result["pytorch"] == [6]
        assert result["pytorch model"] == [9]
    # far above what a quiet machine needs, far below what the SDK's own pauses cost
    assert max(result["took"].values()) < 25
    assert "Reporting training SUCCESS" in printed
    print(result["took"])
