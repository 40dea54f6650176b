"""The magics in IPython, against a real engine."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd
import pytest
from IPython.core.interactiveshell import InteractiveShell

from smstudio_ext.magics import experiments, place
from smstudio_ext.magics.endpoint_magics import Endpoint
from smstudio_ext.magics.failure import MagicFailure
from tests.conftest import RunningEngine, eventually


class Notebook:
    """An IPython shell with the magics; a cell that fails raises."""

    def __init__(self, shell: InteractiveShell) -> None:
        self.shell = shell
        self.names: dict[str, Any] = shell.user_ns

    def run(self, cell: str) -> Any:
        result = self.shell.run_cell(cell)
        result.raise_error()
        return result.result


@pytest.fixture(scope="module")
def notebook(engine: RunningEngine) -> Iterator[Notebook]:
    with pytest.MonkeyPatch.context() as patch:
        for name, value in engine.environment().items():
            if name.startswith("AWS_"):
                patch.setenv(name, value)
        patch.setattr(experiments, "CHOSEN", experiments.Chosen())
        patch.setattr(place.PLACE, "_kind", "local")
        shell = InteractiveShell()
        shell.run_line_magic("load_ext", "smstudio_ext")
        generator = np.random.default_rng(0)
        frame = pd.DataFrame(generator.normal(size=(300, 3)), columns=["a", "b", "c"])
        frame["y"] = 2 * frame.a + frame.b + generator.normal(size=300) / 10
        shell.user_ns["df"] = frame
        yield Notebook(shell)


def test_the_target_is_shown_and_switched(notebook: Notebook) -> None:
    told = notebook.run("%smstudio").text()
    assert "local (us-east-1)" in told
    assert "000000000000" in told
    assert "local (eu-west-1)" in notebook.run("%smstudio local --region eu-west-1").text()
    notebook.run("%smstudio local")
    with pytest.raises(MagicFailure, match="no AWS profile 'nope'"):
        notebook.run("%smstudio aws --profile nope")
    assert place.PLACE.kind == "local"


def test_an_algorithm_is_trained_tuned_deployed_and_asked(notebook: Notebook) -> None:
    notebook.run(
        "%sm_train --image xgboost --channel train=df --target y -p objective=reg:squarederror -p num_round=10 --quiet -o job"
    )
    job = notebook.names["job"]
    assert job.status == "Completed"
    assert job.metrics["train:rmse"] < 1.5
    notebook.run(
        "%sm_tune job --objective train:rmse --range eta=0.1:0.5 --range max_depth=2:6 --max-jobs 2 -o tuned"
    )
    trials = notebook.names["tuned"].trials()
    assert set(trials.columns) == {"trial", "status", "objective", "eta", "max_depth"}
    assert trials.objective.min() == notebook.names["tuned"].best.objective
    notebook.run("%sm_deploy job --name magics-endpoint -o endpoint")
    notebook.run("features = df[['a', 'b', 'c']]\n%sm_predict endpoint features -o predicted")
    predicted = notebook.names["predicted"].prediction
    assert np.corrcoef(predicted, notebook.names["df"].y)[0, 1] > 0.9
    assert isinstance(notebook.run("%sm_predict magics-endpoint 0.1,0.2,0.3"), str)
    assert "magics-endpoint" in notebook.run("%sm_cost").text()
    notebook.run("%sm_stop endpoint")
    with pytest.raises(MagicFailure, match=r"not found|Could not find"):
        eventually(lambda: notebook.run("%sm_predict magics-endpoint 0.1,0.2,0.3") is None)


def test_a_cell_is_a_training_program(notebook: Notebook, capsys: pytest.CaptureFixture[str]) -> None:
    notebook.run(
        "%%sm_train --image sklearn -i df -v score -v model -p alpha=0.5 --metric r2=score=([0-9.]+) -o cell_job\n"
        "from sklearn.linear_model import Ridge\n"
        "model = Ridge().fit(df[['a', 'b']], df.y)\n"
        "score = float(model.score(df[['a', 'b']], df.y))\n"
        "print(f'score={score:.4f};')\n"
        "import os, joblib\n"
        "joblib.dump(model, os.environ['SM_MODEL_DIR'] + '/ridge.joblib')\n"
        "def model_fn(folder):\n"
        "    return joblib.load(folder + '/ridge.joblib')\n"
    )
    assert notebook.names["score"] > 0.9
    assert notebook.names["model"].coef_.shape == (2,)
    printed = capsys.readouterr().out
    assert f"score={notebook.names['score']:.4f};" in printed
    assert "Training Env" not in printed
    notebook.run("%sm_deploy cell_job --name magics-cell -o cell_endpoint\nrows = df[['a', 'b']].head(3)")
    predicted = notebook.run("%sm_predict cell_endpoint rows").prediction
    assert predicted.tolist() == pytest.approx(
        list(notebook.names["model"].predict(notebook.names["rows"])), abs=1e-4
    )
    notebook.run("%sm_stop cell_endpoint")
    assert notebook.names["cell_job"].metrics["r2"] == pytest.approx(notebook.names["score"], abs=1e-4)


def test_a_failing_cell_says_why(notebook: Notebook) -> None:
    with pytest.raises(MagicFailure, match="ValueError: no luck"):
        notebook.run("%%sm_train --image sklearn --quiet\nraise ValueError('no luck')")
    with pytest.raises(MagicFailure, match="made no variable named missing"):
        notebook.run("%%sm_train --image sklearn --quiet -v missing\npass")


def test_a_cell_is_a_processing_job(notebook: Notebook) -> None:
    run = notebook.run(
        "%%sm_process -i df -v means --input extra=df --output-folder report --quiet\n"
        "import os, pandas as pd\n"
        "means = df.mean()\n"
        "rows = len(pd.read_parquet('/opt/ml/processing/input/extra'))\n"
        "open('/opt/ml/processing/output/report/rows.txt', 'w').write(str(rows))\n"
    )
    assert run.status == "Completed"
    assert notebook.names["means"].round(6).equals(notebook.names["df"].mean().round(6))
    body = place.PLACE.target().client("s3")
    bucket, _, key = run.outputs["report"].removeprefix("s3://").partition("/")
    assert body.get_object(Bucket=bucket, Key=f"{key}/rows.txt")["Body"].read() == b"300"


def test_autopilot_returns_its_leaderboard_and_deploys(notebook: Notebook) -> None:
    notebook.run("%sm_autopilot df --target y --mode HYPERPARAMETER_TUNING --max-candidates 2 -o found")
    found = notebook.names["found"]
    assert found.status == "Completed"
    board = found.leaderboard()
    assert len(board) == 2
    assert board.candidate[0] == found.best.name
    assert "★" in found.text()
    endpoint = found.deploy("magics-autopilot")
    answer = endpoint.predict(notebook.names["df"][["a", "b", "c"]].head(5))
    assert len(answer) == 5
    endpoint.delete()


@pytest.mark.parametrize(
    ("cell", "told"),
    [
        ("%sm_autopilot df --target nope", "no column 'nope'"),
        ("%sm_autopilot missing --target y", "no variable 'missing'"),
        ("%sm_train --image nosuch", "no algorithm 'nosuch'"),
        ("%%sm_train --image kmeans\npass", "no framework's image 'kmeans'"),
        ("%sm_train --image xgboost -p eta=2", "hyperparameters"),
        ("%sm_train --image sklearn -v x", "need a cell"),
        ("%sm_logs nothing-of-this-name", "no job named"),
        ("%sm_stop nothing-of-this-name", "no job and no endpoint"),
        ("%sm_stop", "Name one job"),
        ("%sm_deploy nothing-of-this-name", "no variable, training job"),
        ("%sm_chart", "an experiment"),
        ("%sm_jobs -n 0", "1 or more"),
    ],
    ids=lambda value: value.split()[0] if value.startswith("%") else "",
)
def test_wrong_arguments_say_what_to_do(notebook: Notebook, cell: str, told: str) -> None:
    with pytest.raises(MagicFailure, match=told):
        notebook.run(cell)


def test_a_run_keeps_what_its_cell_does(notebook: Notebook, capsys: pytest.CaptureFixture[str]) -> None:
    notebook.run("%sm_experiment magics-experiment")
    notebook.run(
        "%%sm_run magics-run -o kept\n"
        "eta = 0.3\n"
        "error = float((df.y ** 2).mean())\n"
        "for step in range(12):\n"
        "    run.log_metric('loss', 1 / (step + 1), step=step)\n"
        "table = df.describe()\n"
        "print('inside')\n"
    )
    assert "inside" in capsys.readouterr().out
    run = notebook.names["kept"]
    assert run.parameters == {"eta": 0.3}
    assert set(run.metrics) == {"loss", "error"}
    assert set(run.artifacts) == {"table.csv", "cell.py"}
    sagemaker = place.PLACE.target().client("sagemaker")
    component = sagemaker.describe_trial_component(TrialComponentName="magics-run")
    assert component["Status"]["PrimaryStatus"] == "Completed"
    assert component["Parameters"]["eta"]["NumberValue"] == 0.3
    assert {each["MetricName"]: each["Count"] for each in component["Metrics"]} == {"loss": 12, "error": 1}
    chart = notebook.run("%sm_chart kept --metric loss").spec
    assert [row["x"] for row in chart["datasets"]["rows"]] == list(range(12))
    scatter = notebook.run("%sm_chart --x Parameters.eta --y Metrics.loss.min")
    assert scatter.spec["datasets"]["rows"] == [{"x": 0.3, "y": 1 / 12, "n": "magics-run"}]
    assert "1 trial components" in repr(notebook.run("%sm_chart --x Parameters.eta"))
    with pytest.raises(MagicFailure, match="No component has"):
        notebook.run("%sm_chart kept --metric nope")


def test_a_run_that_fails_says_so(notebook: Notebook, capsys: pytest.CaptureFixture[str]) -> None:
    notebook.names["run"] = "the user's own"
    with pytest.raises(MagicFailure, match="so did the run"):
        notebook.run("%%sm_run magics-failed\nraise KeyError('gone')")
    assert notebook.names["run"] == "the user's own"
    component = (
        place.PLACE.target().client("sagemaker").describe_trial_component(TrialComponentName="magics-failed")
    )
    assert component["Status"]["PrimaryStatus"] == "Failed"
    assert "gone" in component["Status"]["Message"]


def test_jobs_are_listed_followed_and_stopped(notebook: Notebook, capsys: pytest.CaptureFixture[str]) -> None:
    notebook.run(
        "%%sm_train --image sklearn --name magics-sleeper --no-wait -o sleeper\nimport time\nprint('awake', flush=True)\ntime.sleep(600)"
    )
    assert "magics-sleeper" in notebook.run("%sm_jobs training --running").text()
    eventually(lambda: "awake" in notebook.names["sleeper"].logs(), what="the job's first line")
    notebook.run("%sm_logs magics-sleeper -n 1")
    assert "awake" in capsys.readouterr().out
    assert "was asked to stop" in notebook.run("%sm_stop sleeper").text()
    eventually(lambda: notebook.names["sleeper"].status == "Stopped", what="the end of the stopped job")
    with pytest.raises(MagicFailure, match="does not run: it is Stopped"):
        notebook.run("%sm_stop magics-sleeper")


def test_an_interrupt_before_the_job_is_there_says_so(
    notebook: Notebook, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: Any, **__: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("smstudio_ext.magics.runs._LOOK_PAUSE", 0.0)
    monkeypatch.setattr("smstudio_ext.magics.training.create", interrupted)
    with pytest.raises(MagicFailure, match=r"Interrupted before .* was created: nothing runs"):
        notebook.run("%sm_train --image xgboost --channel train=df --target y")
    monkeypatch.undo()
    monkeypatch.setattr("smstudio_ext.magics.training.TrainingRun.follow", interrupted)
    monkeypatch.setattr("smstudio_ext.magics.training.TrainingRun.stop", interrupted)
    with pytest.raises(MagicFailure, match="may still run") as found:
        notebook.run(
            "%%sm_train --image sklearn --name magics-twice-interrupted\nimport time\ntime.sleep(600)"
        )
    assert found.value.hint == "Stop it with: %sm_stop magics-twice-interrupted"
    monkeypatch.undo()
    notebook.run("%sm_stop magics-twice-interrupted")


def test_without_variables_the_engine_is_found_by_the_command_line(own_engine: RunningEngine) -> None:
    program = (
        "import json; from smstudio_ext.magics.place import PLACE; t = PLACE.target(); "
        "print(json.dumps([t.kind, t.identity()['Account']]))"
    )
    environment = {
        name: value
        for name, value in own_engine.environment().items()
        if not name.startswith("AWS_") and name != "SMSTUDIO_TARGET"
    }
    done = subprocess.run(
        [sys.executable, "-c", program],
        env={**environment, "SMSTUDIO_HOME": str(own_engine.data_dir)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert json.loads(done.stdout) == ["local", "000000000000"]


def test_an_endpoint_that_fails_says_why(notebook: Notebook) -> None:
    with pytest.raises(MagicFailure):
        Endpoint(place.PLACE.target(), "nothing-of-this-name").predict([[1, 2]])
