"""Magics without a target: loading, arguments, values, what a cell assigns, errors, completion."""

from __future__ import annotations

import errno
import io
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from botocore.exceptions import (
    ClientError,
    ConfigParseError,
    EndpointConnectionError,
    NoCredentialsError,
    ProfileNotFound,
    ProxyConnectionError,
    SSLError,
    UnauthorizedSSOTokenError,
)
from IPython.core.interactiveshell import InteractiveShell
from pydantic import ValidationError

from smstudio_ext.aws_rules import ReadOnlyTarget
from smstudio_ext.magics import (
    cell_program,
    cells,
    completion,
    experiments,
    predictions,
    runs,
    show,
    tables,
    tuning,
    values,
)
from smstudio_ext.magics.catalogue import names
from smstudio_ext.magics.failure import MagicFailure, failure_of
from smstudio_ext.magics.pairs import pairs, unquoted
from smstudio_ext.magics.place import PLACE
from smstudio_ext.studio.models.training_form import TrainingForm
from smstudio_ext.studio.problems import BadInput
from smstudio_ext.target import EngineAway


def csv_text(value: Any) -> str:
    """What is asked of an endpoint, in one text."""
    return b"".join(body for body, _ in values.csv_bodies(value, 5_000_000)).decode()


@pytest.fixture(scope="module")
def shell() -> InteractiveShell:
    made = InteractiveShell()
    made.run_line_magic("load_ext", "smstudio_ext")
    return made


def test_loading_imports_neither_boto3_nor_pandas_nor_the_sdk() -> None:
    program = (
        "from IPython.core.interactiveshell import InteractiveShell as S; import sys; "
        "before = set(sys.modules); S().run_line_magic('load_ext', 'smstudio_ext'); "
        "print([m for m in ('boto3', 'pandas', 'sagemaker', 'pydantic', 'pyarrow') if m in set(sys.modules) - before])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_every_magic_has_help_and_goes_when_the_extension_is_unloaded() -> None:
    made = InteractiveShell()
    made.run_line_magic("load_ext", "smstudio_ext")
    known = names()
    for kind, found in known.items():
        for name in found:
            document = made.magics_manager.magics[kind][name].__doc__
            assert document.startswith("::"), name
            assert f"%{name}" in document
    made.run_line_magic("unload_ext", "smstudio_ext")
    assert not set(known["line"]) & set(made.magics_manager.magics["line"])


def test_arguments_that_no_magic_knows_are_refused(
    shell: InteractiveShell, capsys: pytest.CaptureFixture[str]
) -> None:
    shell.run_cell("%sm_jobs nonsense")
    shell.run_cell("%sm_autopilot df")
    shell.run_cell("%sm_autopilot df --target y --max-candidate-count 3")
    shell.run_cell("%sm_train --image 'xgboost")
    told = "".join(capsys.readouterr())
    assert "invalid choice: 'nonsense'" in told
    assert "are required: --target" in told
    assert "Did you mean --max-candidates? All of them: %sm_autopilot?" in told
    assert "The line cannot be read: no closing quotation." in told
    assert "Traceback" not in told


@pytest.mark.parametrize(
    ("given", "rows"),
    [
        (pd.DataFrame({"a": [1, 2], "b": ["x", "y,z"]}), 2),
        (pd.DataFrame({"a": pd.Categorical(["u", "v"]), "b": [1.5, None]}), 2),
        (pl.DataFrame({"a": [1, 2, 3]}), 3),
        (pl.DataFrame({"a": [1, 2, 3]}).lazy(), 3),
        (pa.table({"a": [1, 2]}), 2),
        (pd.Series([1, 2, 3], name="y"), 3),
    ],
    ids=["pandas", "categories", "polars", "lazy", "arrow", "series"],
)
def test_tables_become_csv(given: Any, rows: int) -> None:
    assert tables.table_library(given)
    assert len(csv_text(given).splitlines()) == rows


def test_a_csv_quotes_what_needs_it() -> None:
    assert csv_text(pd.DataFrame({"a": [1], "b": ["y,z"]})) == '1,"y,z"\n'


def test_rows_and_texts_are_csv_too() -> None:
    assert csv_text([[1, 2], [3, 4]]) == "1,2\n3,4\n"
    assert csv_text([1, 2]) == "1,2\n"
    assert csv_text("5,6") == "5,6"


@pytest.mark.parametrize(
    ("given", "told"),
    [
        (pd.DataFrame({"a": []}), "0 rows"),
        (pd.DataFrame({"a": [object(), 1]}), "cannot be written"),
        (pd.DataFrame([[1, 2]], columns=["a", "a"]), "several columns named 'a'"),
        (pd.DataFrame([[1, 2]], columns=pd.MultiIndex.from_tuples([("a", 1), ("a", 2)])), "several levels"),
    ],
    ids=["empty", "objects", "same-names", "levels"],
)
def test_tables_that_cannot_be_sent_say_why(given: pd.DataFrame, told: str) -> None:
    with pytest.raises(MagicFailure, match=told):
        csv_text(given)


def test_variables_and_expressions_are_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    frame = pd.DataFrame({"a": [1, 2], "b": [3, 4]})
    names_ = {"df": frame, "cols": ["a"]}
    assert values.read("df", names_) is frame
    assert list(values.read("df[cols].head(1)", names_).columns) == ["a"]
    assert values.read("1,2,3", names_) == "1,2,3"
    assert values.looked_up("s3://bucket/key", names_) == "s3://bucket/key"
    with pytest.raises(MagicFailure, match="KeyError"):
        values.read("df['nope']", names_)
    with pytest.raises(MagicFailure, match="no variable 'DF'") as found:
        values.looked_up("DF", names_)
    assert found.value.hint == "Did you mean 'df'?"


def test_pairs() -> None:
    assert pairs(["a=1", "b=x=y"], "--set") == {"a": "1", "b": "x=y"}
    assert unquoted("'a b'") == "a b"
    for wrong in (["a"], ["=1"], ["a=1", "a=2"]):
        with pytest.raises(MagicFailure):
            pairs(wrong, "--set")


def test_what_a_container_says_before_the_program_is_held_back() -> None:
    said = [
        "INFO Training Env:",
        "{}",
        "",
        "Invoking script with the following command:",
        "",
        "python cell.py",
    ]
    preface = runs.Preface()
    assert preface.after(said[:4]) == []
    assert preface.after([*said[4:], "", "", "hello", "", "end"]) == ["hello", "", "end"]
    assert preface.after(["", "more"]) == ["", "more"]
    assert preface.rest() == []
    never = runs.Preface()
    assert never.after(["No such image."]) == []
    assert never.rest() == ["No such image."]


def test_what_a_cell_assigns() -> None:
    cell = """
eta, n = 0.1, 5
depth = 4
name: str = "tree"
loss = -1
for i in range(3):
    total = i * depth
depth = depth + 1
if True:
    rate = 0.5
def f():
    inner = 3
"""
    constants, assigned = experiments.assignments(cell)
    assert constants == ["name", "loss", "rate"]
    assert set(assigned) == {"eta", "n", "depth", "name", "loss", "total", "rate"}
    assert experiments.assignments("%matplotlib inline\nx = 1") == ([], [])


@pytest.mark.parametrize(
    ("given", "number"),
    [(1, 1.0), (0.5, 0.5), (np.float32(2), 2.0), (True, None), (np.bool_(True), None), (float("nan"), None),
     ("1", None), (np.zeros(3), None), (1 + 2j, None)],
    ids=["int", "float", "numpy", "bool", "numpy-bool", "nan", "text", "array", "complex"],
)  # fmt: skip
def test_numbers_that_are_metrics(given: Any, number: float | None) -> None:
    assert experiments._number(given) == number


def test_a_cell_runs_with_the_notebooks_variables_and_leaves_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    frame = pd.DataFrame({"a": [1, 2]})
    source, results = tmp_path / "source", tmp_path / "results"
    source.mkdir()
    cells.packed(
        source,
        "total = int(df.a.sum()) + k\nout = df * 2\n",
        {"df": frame, "k": 7},
        ["total", "out"],
        "$PLACE",
    )
    done = subprocess.run(
        [sys.executable, cells.ENTRY_POINT],
        cwd=source,
        env={"PLACE": str(results), "PATH": ""},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    found = cell_program.load(results / cell_program.VARIABLES)
    assert found["total"] == 10
    assert found["out"].a.tolist() == [2, 4]


def test_tables_of_every_library_travel(tmp_path: Path) -> None:
    nested = pd.DataFrame({"a": [{1, 2}]})
    sent = {"p": pl.DataFrame({"a": [1]}), "t": pa.table({"a": [1]}), "nested": nested, "n": np.arange(3)}
    cell_program.save(sent, tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "n.pickle", "nested.pickle", "p.polars.parquet", "t.pyarrow.parquet",
    ]  # fmt: skip
    found = cell_program.load(tmp_path)
    assert found["p"].equals(sent["p"])
    assert found["t"].equals(sent["t"])
    assert found["nested"].a[0] == {1, 2}


def test_a_cells_functions_serve_its_model_without_training_again(tmp_path: Path) -> None:
    cell = "import json\nSCALE = 2\nprint('trains')\nmodel = open('nowhere')\ndef model_fn(folder):\n    return SCALE * 21\n"
    cells.packed(tmp_path, cell, {}, [], "results")
    program = "import cell_program; print(cell_program.model_fn('x'), hasattr(cell_program, 'model'))"
    done = subprocess.run([sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True)
    assert done.stdout.split() == ["42", "False"], done.stderr


def test_a_failing_cell_names_its_own_line(tmp_path: Path) -> None:
    cells.packed(tmp_path, "x = 1\nraise ValueError('no')\n", {}, [], "results")
    done = subprocess.run([sys.executable, cells.ENTRY_POINT], cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 1
    assert 'File "cell.py", line 2' in done.stderr


def test_variables_that_cannot_be_sent_or_are_missing(tmp_path: Path) -> None:
    with pytest.raises(MagicFailure, match="'f' cannot be sent"):
        cells.packed(tmp_path, "pass", {"f": lambda: 1}, [], "results")
    with pytest.raises(MagicFailure, match="no variable 'nope'"):
        cells.chosen({}, ["nope"])
    own: dict[str, Any] = {"__name__": "__main__"}
    exec("class Own: pass\ndef function(): pass\nheld = [Own()]", own)
    for name in ("held", "function"):
        with pytest.raises(MagicFailure, match="is defined in this notebook"):
            cells.packed(tmp_path, "pass", {name: own[name]}, [], "results")
    with pytest.raises(MagicFailure, match="Line 2 of the cell") as found:
        cells.check_cell("x = 1\n!pip install x")
    assert "do not run inside a job" in (found.value.hint or "")


@pytest.mark.parametrize(
    ("text", "kind", "scaling"),
    [("0.1:0.5", "Continuous", "Auto"), ("2:10", "Integer", "Auto"), ("1e-4:0.1:log", "Continuous", "Logarithmic"), ("a,b", "Categorical", "Auto")],
    ids=["numbers", "integers", "log", "values"],
)  # fmt: skip
def test_ranges(text: str, kind: str, scaling: str) -> None:
    found = tuning._range("p", text)
    assert (found.kind, found.scaling) == (kind, scaling)


@pytest.mark.parametrize("text", ["a:b", "1:2:huge", "1:2:log:x"])
def test_wrong_ranges_are_refused(text: str) -> None:
    with pytest.raises(MagicFailure, match="is no range"):
        tuning._range("p", text)


def test_large_tables_go_in_requests_of_whole_rows() -> None:
    cell = "a line\n" * 100_000
    frame = pd.DataFrame({"text": [cell] * 12, "n": range(12)})
    bodies = list(tables.csv_requests(frame, 2_000_000))
    assert sum(rows for _, rows in bodies) == 12
    assert all(len(body) <= 2_000_000 for body, _ in bodies)
    read = pd.read_csv(io.BytesIO(b"".join(body for body, _ in bodies)), header=None)
    assert read[0].tolist() == frame.text.tolist()
    assert read[1].tolist() == list(range(12))


def test_answers_of_many_requests_are_one_table(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tables, "_CELLS_OF_A_REQUEST", 1)
    frame = pd.DataFrame({"a": np.arange(1000.0)}, index=np.arange(1000) * 2)
    sizes: list[int] = []

    def ask(body: bytes, kind: str) -> tuple[str, bytes]:
        rows = body.decode().split()
        sizes.append(len(rows))
        return "text/csv; charset=utf-8", "\n".join(str(2 * float(row)) for row in rows).encode()

    found = predictions.asked(ask, frame, "text/csv")
    assert len(sizes) > 1
    assert found.prediction.tolist() == (frame.a * 2).tolist()
    assert found.index.equals(frame.index)
    with pytest.raises(MagicFailure, match="cannot be joined"):
        predictions.asked(lambda body, kind: ("application/json", b"[]"), frame, "text/csv")

    def ask_json(body: bytes, kind: str) -> tuple[str, bytes]:
        scores = [{"score": 2 * float(row)} for row in body.decode().split()]
        return "application/json", json.dumps({"predictions": scores}).encode()

    assert predictions.asked(ask_json, frame, "text/csv").score.tolist() == (frame.a * 2).tolist()


def test_answers_are_read_by_their_type() -> None:
    assert predictions.asked(lambda body, kind: ("application/json", b"[1]"), [[1, 2]], "text/csv") == [1]
    assert predictions.asked(lambda body, kind: (kind, body), np.eye(2), "text/csv") == "1.0,0.0\n0.0,1.0\n"
    assert predictions.asked(lambda body, kind: (kind, body), b"\xff\x00", "image/png") == b"\xff\x00"
    assert predictions.asked(lambda body, kind: (kind, body), {"a": 1}, "application/json") == {"a": 1}
    with pytest.raises(MagicFailure, match="sent as text/csv"):
        predictions.asked(lambda body, kind: (kind, body), pd.DataFrame({"a": [1]}), "application/json")


@pytest.mark.parametrize("form", ["csv", "parquet"])
def test_tables_are_written_a_part_at_a_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, form: Any
) -> None:
    monkeypatch.setattr(tables, "_CELLS_AT_ONCE", 1)
    frame = pd.DataFrame(
        {
            "late": pd.Series([None] * 600 + ["text"] * 400, dtype=object),
            "mixed": pd.Series([1] * 500 + [0.5] * 500, dtype=object),
            "kind": pd.Categorical(["u", "v"] * 500),
            "day": pd.date_range("2024-01-01", periods=1000),
            "whole": pd.array([1, None] * 500, dtype="Int64"),
            "y": np.arange(1000.0),
        }
    )
    path = tmp_path / "data"
    assert tables.write_table(frame, path, form, first="y") == 1000
    read = pd.read_csv(path) if form == "csv" else pd.read_parquet(path)
    assert list(read.columns) == ["y", "late", "mixed", "kind", "day", "whole"]
    assert read.late.isna().sum() == 600
    assert read.mixed.sum() == 750
    assert read.kind.tolist() == ["u", "v"] * 500
    assert read.whole.sum() == 500
    with pytest.raises(MagicFailure, match="no column 'z'"):
        tables.write_table(frame, path, form, first="z")


def test_a_polars_query_runs_once_and_into_a_file(tmp_path: Path) -> None:
    runs: list[int] = []

    def counted(frame: pl.DataFrame) -> pl.DataFrame:
        runs.append(frame.height)
        return frame

    query = pl.LazyFrame({"a": range(1000), "k": ["u", "v"] * 500}).map_batches(counted)
    query = query.with_columns(pl.col("k").cast(pl.Categorical))
    assert tables.column_names(query) == ["a", "k"]
    assert tables.write_table(query, tmp_path / "data.csv", "csv") == 1000
    assert sum(runs) == 1000
    assert pd.read_csv(tmp_path / "data.csv").k.tolist() == ["u", "v"] * 500


def test_a_full_disk_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: Any, **__: Any) -> Any:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(tables, "_writer", full)
    with pytest.raises(MagicFailure, match="no room left") as found:
        tables.write_table(pd.DataFrame({"a": [1]}), tmp_path / "data.csv", "csv")
    assert "TMPDIR" in (found.value.hint or "")


def _refused(code: str, message: str = "no") -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": message}}, "CreateTrainingJob")


@pytest.mark.parametrize(
    ("error", "told", "hint"),
    [
        (NoCredentialsError(), "no AWS credentials", "aws configure sso"),
        (ProfileNotFound(profile="work"), "work", "aws configure sso"),
        (ConfigParseError(path="/home/me/.aws/config"), "/home/me/.aws/config", "mend it"),
        (UnauthorizedSSOTokenError(), "sign-in", "%smstudio login"),
        (ProxyConnectionError(proxy_url="http://proxy:1"), "http://proxy:1", "HTTPS_PROXY"),
        (SSLError(endpoint_url="https://x", error="no"), "https://x", "AWS_CA_BUNDLE"),
        (_refused("ExpiredTokenException"), "have expired", "new credentials"),
        (_refused("InvalidClientTokenId", "invalid"), "InvalidClientTokenId", "region"),
        (_refused("RequestTimeTooSkewed", "skewed"), "skewed", "clock"),
        (
            _refused("AccessDeniedException", "not authorized to perform: sagemaker:X on resource: arn:y"),
            "sagemaker:X",
            "permission sagemaker:X on arn:y",
        ),
        (_refused("ThrottlingException"), "Throttling", "try again"),
        (_refused("UnknownOperationException"), "not offered", "other target"),
        (ReadOnlyTarget("CreateTrainingJob"), "CreateTrainingJob", "SMSTUDIO_READ_ONLY"),
        (EngineAway("The local engine does not run."), "does not run", "smstudio engine status"),
        (_refused("ResourceLimitExceeded"), "ResourceLimitExceeded", "%sm_jobs"),
        (EndpointConnectionError(endpoint_url="https://nowhere"), "nowhere", "network"),
        (BadInput("Wrong.", hint="Do this."), "Wrong.", "Do this."),
    ],
    ids=[
        "no-credentials", "profile", "config-file", "sso", "proxy", "certificate", "expired", "unknown-key", "clock",
        "denied", "throttled", "not-offered", "read-only", "engine", "limit", "offline", "form",
    ],
)  # fmt: skip
def test_errors_say_the_cause_and_what_to_do(
    error: Exception, told: str, hint: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(PLACE, "_kind", "aws")
    found = failure_of(error)
    assert found is not None
    assert told in found.message
    assert hint in (found.hint or "")


def test_a_silent_engine_is_no_trouble_of_the_network(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(PLACE, "_kind", "local")
    found = failure_of(EndpointConnectionError(endpoint_url="http://127.0.0.1:1"))
    assert found is not None
    assert found.message == "The local engine does not answer."
    with pytest.raises(ValidationError) as wrong:
        TrainingForm.model_validate({"name": "x", "instance_count": "many"})
    refused = failure_of(wrong.value)
    assert refused is not None
    assert refused.message.startswith("instance_count: ")


def test_errors_of_the_users_own_code_stay_theirs() -> None:
    assert failure_of(ZeroDivisionError("x")) is None


def test_tables_escape_html_and_align_numbers() -> None:
    table = show.Table(["<b>", "n"], [["<script>", 1.5], ["y", None]], title="A & B")
    assert "<script>" not in table.html()
    assert "A &amp; B" in table.html()
    assert table.text().splitlines()[1:] == ["<b>            n", "<script>  1.5000", "y              –"]
    assert show.Table(["a"], [], empty="None yet.").text() == "None yet."


def test_durations_and_numbers() -> None:
    assert [show.span(each) for each in (1.23, 75, 3700)] == ["1.2 s", "1 min 15 s", "1 h 1 min"]
    assert [show.figure(each) for each in (1, 0.123456, 1234567.0, None, True)] == [
        "1",
        "0.1235",
        "1,234,567.0",
        "–",
        "True",
    ]


def test_completion(shell: InteractiveShell) -> None:
    shell.user_ns["frame"] = 1
    assert "--target" in completion.words(shell, "%sm_autopilot --ta", "--ta")
    assert completion.words(shell, "%sm_autopilot frame --mode E", "E") == ["ENSEMBLING"]
    assert "frame" in completion.words(shell, "%sm_autopilot fr", "fr")
    assert "training" in completion.words(shell, "%sm_jobs tr", "tr")
    assert completion.words(shell, "print(fr", "fr") == []
    assert completion.words(shell, "%time fr", "fr") == []
