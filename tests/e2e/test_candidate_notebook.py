"""Seed 002's candidate definition notebook: a pilot writes it, two candidates stay, eight trials, an endpoint."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from smstudio_ext.notebooks.kernelspecs import DATA_SCIENCE, offer_kernels
from tests.autopilot_jobs import BUCKET, children, create_job, put_data, wait_for
from tests.conftest import RunningEngine

ROOT = Path(__file__).resolve().parents[2]
JOB = "hol-gildong"
MARK = "edited by hand"


def customers(rows: int = 600) -> bytes:
    """Customers whose churn follows from their calls and their plan."""
    rng = np.random.default_rng(2)
    lines = ["State,Phone,Intl Plan,Day Mins,Eve Mins,CustServ Calls,Churn?"]
    for number in range(rows):
        calls, plan = int(rng.integers(0, 9)), rng.choice(["yes", "no"])
        day, eve = rng.normal(180, 50), rng.normal(200, 50)
        churn = calls >= 6 or (plan == "yes" and day > 210)
        state = rng.choice(["NY", "WA", "TX", "OH"])
        lines.append(f"{state},382-{number:04d},{plan},{day:.1f},{eve:.1f},{calls},{churn}.")
    return ("\n".join(lines) + "\n").encode()


def edited(notebook: Any) -> Any:
    """The notebook as the seed has it edited, and one line more in a data processor."""
    import nbformat

    cells, kept = [], set()
    for cell in notebook.cells:
        if cell.cell_type == "code" and "select_candidate({" in cell.source:
            algorithm = re.findall(r"'name': '([\w-]+)'", cell.source)[-1]
            if algorithm not in ("xgboost", "linear-learner") or algorithm in kept:
                continue
            kept.add(algorithm)
        cell.source = cell.source.replace("max_jobs=250", "max_jobs=8")
        cell.source = cell.source.replace("max_parallel_jobs=2", "max_parallel_jobs=4")
        cells.append(cell)
        if "S3Downloader.download(" in cell.source:
            processor = f"{JOB}-artifacts/generated_module/candidate_data_processors/dpp0.py"
            edit = f"with open({processor!r}, 'a') as file:\n    file.write({f'print({MARK!r})'!r})"
            cells.append(nbformat.v4.new_code_cell(edit))
    notebook.cells = cells
    assert kept == {"xgboost", "linear-learner"}
    return notebook


def run_in_kernel(
    engine: RunningEngine, notebook: Any, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Runs a notebook in the kernel "Python 3 (Data Science)"."""
    from jupyter_client.kernelspec import KernelSpecManager
    from jupyter_client.manager import AsyncKernelManager
    from nbclient import NotebookClient

    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    paths = [str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])]
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(paths))  # a source tree that is not installed
    monkeypatch.setenv("SMSTUDIO_HOME", str(engine.data_dir))
    specs = KernelSpecManager()
    offer_kernels(specs)
    manager = AsyncKernelManager(kernel_name=DATA_SCIENCE, kernel_spec_manager=specs)
    NotebookClient(notebook, km=manager, resources={"metadata": {"path": str(folder)}}, timeout=560).execute()


def output(notebook: Any, words: str) -> str:
    """What the code cell with these words printed and showed."""
    cell = next(cell for cell in notebook.cells if cell.cell_type == "code" and words in cell.source)
    shown = [one.get("text") or one.get("data", {}).get("text/plain", "") for one in cell.outputs]
    return "".join(shown)


@pytest.mark.sdk
def test_the_edited_notebook_ends_with_an_endpoint(
    engine: RunningEngine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import nbformat

    uri = put_data(engine, "notebook/churn.csv", customers())
    create_job(
        engine,
        JOB,
        uri,
        "Churn?",
        ProblemType="BinaryClassification",
        AutoMLJobObjective={"MetricName": "F1"},
        GenerateCandidateDefinitionsOnly=True,
    )
    pilot = wait_for(engine, JOB)
    assert pilot["AutoMLJobSecondaryStatus"] == "CandidateDefinitionsGenerated", pilot.get("FailureReason")
    place = pilot["AutoMLJobArtifacts"]["CandidateDefinitionNotebookLocation"]
    body = engine.client("s3").get_object(Bucket=BUCKET, Key=place.removeprefix(f"s3://{BUCKET}/"))["Body"]
    notebook = edited(nbformat.reads(body.read().decode(), 4))
    run_in_kernel(engine, notebook, tmp_path, monkeypatch)

    table = output(notebook, "display_candidates()").splitlines()
    assert [line.split()[0] for line in table[1:3]] == ["dpp0-xgboost", "dpp1-linear-learner"]
    assert "Successfully fit 2 data transformers" in output(notebook, "fit_data_transformers(")
    client = engine.client("sagemaker")
    tuning = children(engine, f"{JOB[:10]}-n")["tuning"][0]
    trials = client.list_training_jobs_for_hyper_parameter_tuning_job(HyperParameterTuningJobName=tuning)
    assert [one["TrainingJobStatus"] for one in trials["TrainingJobSummaries"]] == ["Completed"] * 8
    endpoint = client.list_endpoints(NameContains=f"AutoML-{JOB[:10]}-notebook")["Endpoints"][0]
    assert endpoint["EndpointStatus"] == "InService"
    answer = engine.client("sagemaker-runtime").invoke_endpoint(
        EndpointName=endpoint["EndpointName"],
        ContentType="text/csv",
        Body=b"NY,382-9999,yes,290.0,200.0,7\nTX,382-9998,no,150.0,200.0,0\n",
    )
    assert answer["Body"].read() == b"True.\nFalse.\n"
    assert MARK in fitted_log(engine)
    client.delete_endpoint(EndpointName=endpoint["EndpointName"])


def fitted_log(engine: RunningEngine) -> str:
    """The log of the training job that fitted dpp0 for the notebook."""
    job = next(
        name for name in children(engine, f"{JOB[:10]}-notebook")["training"] if "-dpp0-train-" in name
    )
    logs = engine.client("logs")
    group = "/aws/sagemaker/TrainingJobs"
    streams = logs.describe_log_streams(logGroupName=group, logStreamNamePrefix=job)["logStreams"]
    events = logs.get_log_events(logGroupName=group, logStreamName=streams[0]["logStreamName"])["events"]
    return "\n".join(event["message"] for event in events)
