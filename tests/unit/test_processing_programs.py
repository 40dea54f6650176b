"""Processing jobs with programs of the user's, through their controller."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from smstudio_ext.engine.errors import ValidationException
from smstudio_ext.engine.runtime import processing
from smstudio_ext.engine.store import Resource
from tests.unit.job_stand import ACCOUNT, BUCKET, REGION, JobStand, job_stand

SKLEARN = f"{ACCOUNT}/sagemaker-scikit-learn:0.23-1-cpu-py3"
GROUP = "/aws/sagemaker/ProcessingJobs"
CODE = "/opt/ml/processing/input/code"


@pytest.fixture
def stand(tmp_path: Path) -> Iterator[JobStand]:
    with job_stand(tmp_path / "data") as made:
        yield made


def run(stand: JobStand, name: str, script: str | None, **members: Any) -> Resource:
    """Runs a job with a script at /opt/ml/processing/input/code/script.py to its end."""
    create(stand, name, script, **members)
    return stand.settle(name, processing.KIND)


def create(stand: JobStand, name: str, script: str | None, **members: Any) -> Resource:
    inputs = [s3_input("in", stand.put("in/a.txt", "one"), "/opt/ml/processing/input/data")]
    if script is not None:
        inputs.append(s3_input("code", stand.put(f"code/{name}/script.py", script), CODE))
    request: dict[str, Any] = {
        "ProcessingJobName": name,
        "RoleArn": "arn:aws:iam::000000000000:role/test",
        "AppSpecification": {"ImageUri": SKLEARN, "ContainerEntrypoint": ["python3", f"{CODE}/script.py"]},
        "ProcessingInputs": inputs + members.pop("inputs", []),
        "ProcessingOutputConfig": {"Outputs": [s3_output("out", "out", "/opt/ml/processing/output")]},
        "ProcessingResources": {
            "ClusterConfig": {"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 5}
        },
    }
    request["AppSpecification"].update(members.pop("application", {}))
    request["ProcessingResources"]["ClusterConfig"].update(members.pop("cluster", {}))
    return processing.create_processing_job(stand.ctx, REGION, {**request, **members})


def s3_input(name: str, uri: str, path: str, **members: str) -> dict[str, Any]:
    return {
        "InputName": name,
        "S3Input": {"S3Uri": uri, "LocalPath": path, "S3DataType": "S3Prefix", **members},
    }


def s3_output(name: str, prefix: str, path: str, mode: str = "EndOfJob") -> dict[str, Any]:
    return {
        "OutputName": name,
        "S3Output": {"S3Uri": f"s3://{BUCKET}/{prefix}", "LocalPath": path, "S3UploadMode": mode},
    }


def log(stand: JobStand, name: str, host: str = "algo-1") -> str:
    (stream,) = stand.ctx.logs.streams(REGION, GROUP, f"{name}/{host}")
    events = stand.ctx.logs.read(REGION, GROUP, stream.name).events
    return "\n".join(event.message for event in events)


SCRIPT = """
import json, os, sys
from pathlib import Path
import pandas, sklearn
text = Path("/opt/ml/processing/input/data/a.txt").read_text()
config = json.load(open("/opt/ml/config/processingjobconfig.json"))
hosts = json.load(open("/opt/ml/config/resourceconfig.json"))
told = {
    "argv": sys.argv, "name": __name__, "file": __file__, "env": os.environ["WHO"], "text": text,
    "job": config["ProcessingJobName"], "host": hosts["current_host"], "main": sys.modules["__main__"].__dict__ is globals(),
}
Path("/opt/ml/processing/output/sub").mkdir()
Path("/opt/ml/processing/output/sub/told.json").write_text(json.dumps(told))
Path("/opt/ml/output/message").write_text("all rows are fine")
print("done", flush=True)
"""


def test_a_script_runs_with_its_inputs_arguments_and_environment(stand: JobStand) -> None:
    row = run(
        stand,
        "job",
        SCRIPT,
        Environment={"WHO": "me"},
        application={"ContainerArguments": ["--split", "0.2"]},
        ExperimentConfig={"ExperimentName": "e"},
    )
    assert row.status == "Completed", row.document.get("FailureReason") + log(stand, "job")
    told = json.loads(stand.text("out/sub/told.json"))
    assert told == {
        "argv": [f"{CODE}/script.py", "--split", "0.2"],
        "name": "__main__",
        "file": f"{CODE}/script.py",
        "env": "me",
        "text": "one",
        "job": "job",
        "host": "algo-1",
        "main": True,
    }
    assert row.document["ExitMessage"] == "all rows are fine"
    assert row.document["ExperimentConfig"] == {"ExperimentName": "e"}
    assert "runs with what is installed here: scikit-learn" in log(stand, "job")
