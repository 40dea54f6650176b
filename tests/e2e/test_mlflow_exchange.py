"""Experiments from MLflow to the engine and back, by the command line and MLflow's own client."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from smstudio_ext.cli.app import app
from tests.conftest import RunningEngine

mlflow = pytest.importorskip("mlflow")


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """A folder of MLflow's with one experiment of three runs."""
    patch = pytest.MonkeyPatch()
    patch.setenv("MLFLOW_ALLOW_FILE_STORE", "true")
    folder = tmp_path_factory.mktemp("mlflow")
    made = mlflow.MlflowClient(tracking_uri=(folder / "mlruns").as_uri())
    experiment = made.create_experiment("Exchange: first & best")
    for number in range(3):
        run = made.create_run(experiment, run_name=f"Run {number}", tags={"team": "blue"}).info.run_id
        made.log_param(run, "depth", number)
        made.log_param(run, "kind", "tree")
        for step in range(20):
            made.log_metric(run, "loss", 1 / (step + 1 + number), step=step)
        note = folder / "note.txt"
        note.write_text(f"note {number}")
        made.log_artifact(run, str(note), "notes")
        made.set_terminated(run, "FINISHED" if number else "FAILED")
    made.log_metric(run, "broken", math.nan)
    patch.undo()  # the commands do without it
    return made


def smstudio(engine: RunningEngine, *arguments: str) -> dict[str, Any]:
    done = CliRunner().invoke(app, ["experiments", *arguments, "--data", str(engine.data_dir), "--json"])
    assert done.exit_code == 0, done.output
    found: dict[str, Any] = json.loads(done.stdout)
    return found


NAME = "exchange-first-best"


@pytest.fixture(scope="module")
def imported(engine: RunningEngine, client: Any) -> dict[str, Any]:
    return smstudio(engine, "import", "mlflow", client.tracking_uri)


def components(engine: RunningEngine) -> list[dict[str, Any]]:
    inside = {"Filters": [{"Name": "Parents.ExperimentName", "Operator": "Equals", "Value": NAME}]}
    found = engine.client("sagemaker").search(
        Resource="ExperimentTrialComponent",
        SearchExpression=inside,
        SortBy="DisplayName",
        SortOrder="Ascending",
    )
    return [one["TrialComponent"] for one in found["Results"]]


def test_runs_come_with_everything_that_they_hold(engine: RunningEngine, imported: dict[str, Any]) -> None:
    assert (imported["experiments"], imported["runs"], imported["known"]) == ([NAME], 3, 0)
    assert (imported["metrics"], imported["artifacts"]) == (60, 3)
    (left,) = imported["left_out"]
    assert "1 metric values that are no finite numbers" in left
    first, second, _ = components(engine)
    assert (first["DisplayName"], first["Status"]["PrimaryStatus"]) == ("run-0", "Failed")
    assert second["Status"]["PrimaryStatus"] == "Completed"
    assert second["Parameters"] == {"depth": {"NumberValue": 1.0}, "kind": {"StringValue": "tree"}}
    (metric,) = second["Metrics"]
    assert (metric["MetricName"], metric["Count"], metric["Max"]) == ("loss", 20, 0.5)
    assert metric["Last"] == pytest.approx(1 / 21)
    tags = {tag["Key"]: tag["Value"] for tag in second["Tags"]}
    assert tags["team"] == "blue"
    uri = second["OutputArtifacts"]["notes/note.txt"]["Value"]
    bucket, _, key = uri.removeprefix("s3://").partition("/")
    assert engine.client("s3").get_object(Bucket=bucket, Key=key)["Body"].read() == b"note 1"
    assert second["StartTime"] <= second["EndTime"]


def test_a_second_import_adds_nothing_and_mends_what_was_cut_off(
    engine: RunningEngine, client: Any, imported: dict[str, Any]
) -> None:
    again = smstudio(engine, "import", "mlflow", client.tracking_uri)
    assert (again["runs"], again["known"]) == (0, 3)
    sagemaker = engine.client("sagemaker")
    cut = components(engine)[0]
    sagemaker.add_tags(
        ResourceArn=cut["TrialComponentArn"], Tags=[{"Key": "mlflow:import", "Value": "begun"}]
    )  # as a killed import leaves it
    mended = smstudio(engine, "import", "mlflow", client.tracking_uri)
    assert (mended["runs"], mended["known"]) == (1, 2)
    assert [one["Metrics"][0]["Count"] for one in components(engine)] == [20, 20, 20]


def test_what_was_imported_goes_out_again(
    engine: RunningEngine, imported: dict[str, Any], tmp_path: Path
) -> None:
    place = (tmp_path / "out").as_uri()
    done = smstudio(engine, "export", "mlflow", place, "--experiment", NAME)
    assert (done["runs"], done["metrics"], done["artifacts"]) == (3, 60, 3)
    out = mlflow.MlflowClient(tracking_uri=place)
    experiment = out.get_experiment_by_name(NAME)
    runs = {run.info.run_name: run for run in out.search_runs([experiment.experiment_id])}
    assert set(runs) == {"run-0", "run-1", "run-2"}
    run = runs["run-1"]
    assert (run.info.status, runs["run-0"].info.status) == ("FINISHED", "FAILED")
    assert run.data.params == {"depth": "1", "kind": "tree"}
    assert run.data.tags["team"] == "blue"
    history = out.get_metric_history(run.info.run_id, "loss")
    assert [point.step for point in history] == list(range(20))
    assert [point.value for point in history] == [1 / (step + 2) for step in range(20)]
    (folder,) = out.list_artifacts(run.info.run_id)
    assert folder.path == "notes"
    again = smstudio(engine, "export", "mlflow", place, "--experiment", NAME)
    assert (again["runs"], again["known"]) == (0, 3)


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (("import", "mlflow", "http://127.0.0.1:9", "--experiment", "a"), "MLflow"),
        (("export", "mlflow", "{folder}", "--experiment", "no-such"), "no experiment named 'no-such'"),
        (("import", "mlflow", "{folder}", "--experiment", "no-such"), "no experiment named 'no-such'"),
    ],
    ids=["no-server", "unknown-here", "unknown-there"],
)
def test_what_cannot_be_exchanged_is_said(
    engine: RunningEngine,
    client: Any,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    arguments: tuple[str, ...],
    text: str,
) -> None:
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
    filled = [argument.format(folder=tmp_path.as_uri()) for argument in arguments]
    done = CliRunner().invoke(app, ["experiments", *filled, "--data", str(engine.data_dir)])
    assert done.exit_code == 1
    assert text in done.output
