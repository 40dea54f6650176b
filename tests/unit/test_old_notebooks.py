"""The kernel of old notebooks part by part: tables cut by NumPy, downloads out of reach, its surroundings, its specs."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
import types
from email.message import Message
from pathlib import Path
from typing import Any
from urllib.error import HTTPError, URLError

import numpy as np
import pandas as pd
import pytest
from jupyter_client.kernelspec import KernelSpecManager

from smstudio_ext.cli.kernel import Surroundings
from smstudio_ext.companion import hook
from smstudio_ext.companion.version1.bank_clean import bank_clean_csv
from smstudio_ext.companion.version1.downloads import FOLDER, answer_downloads
from smstudio_ext.companion.version1.frames import split_frames
from smstudio_ext.engine.server import lifecycle
from smstudio_ext.notebooks.kernelspecs import BASE_PYTHON, DATA_SCIENCE, KERNELS_DIR, offer_kernels

BANK = "https://d1.awsstatic.com/tmt/build-train-deploy-machine-learning-model-sagemaker/bank_clean.27f01fbbdf43271788427f3682996ae29ceca05d.csv"


# ---- np.split ----


def numpy_of_the_kernel() -> Any:
    """A module with NumPy's functions, changed; NumPy itself stays as it is for the other tests."""
    module = types.SimpleNamespace(split=np.split, array_split=np.array_split, arange=np.arange)
    split_frames(module)
    return module


def test_a_table_is_cut_into_tables_with_their_columns_and_rows() -> None:
    table = pd.DataFrame({"a": range(10), "b": list("abcdefghij")}, index=range(100, 110))
    first, second = numpy_of_the_kernel().split(
        table.sample(frac=1, random_state=1729), [int(0.7 * len(table))]
    )
    assert list(first.columns) == ["a", "b"]
    assert (len(first), len(second)) == (7, 3)
    assert first["a"].dtype == table["a"].dtype
    assert pd.concat([first, second]).sort_index().equals(table)


def test_columns_series_uneven_and_empty_parts_are_cut_as_numpy_cuts_them() -> None:
    numpy = numpy_of_the_kernel()
    table = pd.DataFrame(np.arange(12).reshape(3, 4), columns=list("wxyz"))
    assert [list(part.columns) for part in numpy.split(table, 2, axis=1)] == [["w", "x"], ["y", "z"]]
    assert [list(part.columns) for part in numpy.split(table, [1], axis=-1)] == [["w"], ["x", "y", "z"]]
    assert [len(part) for part in numpy.array_split(table["w"], 2)] == [2, 1]
    assert [len(part) for part in numpy.split(table, [3])] == [3, 0]
    with pytest.raises(ValueError, match="equal division"):
        numpy.split(table, 2)


def test_arrays_are_cut_by_numpy_itself() -> None:
    left, right = numpy_of_the_kernel().split(np.arange(6), 2)
    assert isinstance(left, np.ndarray)
    assert right.tolist() == [3, 4, 5]


# ---- downloads ----


class Web:
    """A stand-in for the network: `urllib.request` with addresses that answer, and errors for all others."""

    URLError = URLError

    def __init__(self, pages: dict[str, bytes], error: URLError | None = None) -> None:
        self.pages = pages
        self.error = error or URLError("Name or service not known")
        self.asked: list[str] = []
        self.urlopen: Any = self._urlopen
        self.urlretrieve: Any = self._urlretrieve

    def _urlopen(self, url: Any, data: Any = None, timeout: float = 0) -> Any:
        address = url if isinstance(url, str) else url.full_url
        self.asked.append(address)
        if address not in self.pages:
            raise self.error
        return io.BytesIO(self.pages[address])

    def _urlretrieve(self, url: str, filename: Any = None) -> Any:
        with self.urlopen(url) as answer:
            Path(filename).write_bytes(answer.read())
        return filename, Message()


def web(pages: dict[str, bytes] | None = None, error: URLError | None = None) -> Web:
    made = Web(pages or {}, error)
    answer_downloads(made)
    return made


@pytest.fixture(autouse=True)
def no_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    """Downloads come from no folder unless a test names one."""
    monkeypatch.delenv(FOLDER, raising=False)


def test_a_file_that_can_be_had_is_downloaded(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    web({BANK: b"the real one"}).urlretrieve(BANK, tmp_path / "bank_clean.csv")
    assert (tmp_path / "bank_clean.csv").read_bytes() == b"the real one"
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize(
    "error", [URLError("no network"), HTTPError(BANK, 403, "Forbidden", Message(), None)]
)
def test_the_tutorials_file_is_made_when_it_cannot_be_had_and_that_is_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], error: URLError
) -> None:
    web(error=error).urlretrieve(BANK, tmp_path / "bank_clean.csv")
    table = pd.read_csv(tmp_path / "bank_clean.csv", index_col=0)
    assert table.shape == (41188, 61)
    assert "not the same customers" in capsys.readouterr().err


def test_a_file_that_is_there_is_not_replaced_by_made_data(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    mine = tmp_path / "bank_clean.csv"
    mine.write_text("mine")
    web().urlretrieve(BANK, mine)
    assert mine.read_text() == "mine"
    assert "left as it is" in capsys.readouterr().err


def test_other_addresses_fail_as_they_did(tmp_path: Path) -> None:
    for address in ("https://example.com/bank_clean.csv", "https://d1.awsstatic.com/other.csv"):
        with pytest.raises(URLError):
            web().urlretrieve(address, tmp_path / "x.csv")
    with pytest.raises(URLError):
        web().urlopen(BANK, b"a form")


def test_a_folder_of_the_users_goes_before_the_network(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "bank_clean.csv").write_bytes(b"kept")
    (tmp_path / "set.zip").write_bytes(b"zipped")
    monkeypatch.setenv(FOLDER, str(tmp_path))
    offline = web({BANK: b"the real one"})
    with offline.urlopen(BANK) as answer:
        assert answer.read() == b"kept"
    with offline.urlopen("https://example.com/data/set.zip?x=1") as answer:
        assert answer.read() == b"zipped"
    assert offline.asked == []
    assert "is taken in place of" in capsys.readouterr().err


def test_made_data_have_the_tutorials_columns_and_can_be_learned() -> None:
    from xgboost import XGBClassifier

    table = pd.read_csv(io.BytesIO(bank_clean_csv(rows=6000)), index_col=0)
    assert list(table.columns[[0, 5, 6, -5, -1]]) == [
        "age",
        "not_working",
        "job_admin.",
        "poutcome_failure",
        "y_yes",
    ]
    assert ((table["y_no"] + table["y_yes"]) == 1).all()
    assert bank_clean_csv(rows=50) == bank_clean_csv(rows=50)
    inputs, target = table.drop(columns=["y_no", "y_yes"]), table["y_yes"]
    model = XGBClassifier(n_estimators=30, max_depth=4, n_jobs=1).fit(inputs[:4000], target[:4000])
    assert (model.predict(inputs[4000:]) == target[4000:]).mean() > 1 - target[4000:].mean()


# ---- the hook ----


def test_old_names_are_offered_only_where_the_variable_asks_for_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "meta_path", [])
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
    monkeypatch.delenv(hook.VERSION_1, raising=False)
    hook.install()
    finder, _ = sys.meta_path  # the other one finds what setuptools dropped
    assert "sagemaker.base_predictor" not in finder._changes  # type: ignore[attr-defined]
    assert "numpy" not in finder._changes  # type: ignore[attr-defined]


def test_the_variable_alone_leaves_waits_and_addresses_as_they_are(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "meta_path", [])
    monkeypatch.setattr(sys, "modules", {**sys.modules})
    for name in ("numpy", "urllib.request", *[name for name in sys.modules if name.startswith("sagemaker")]):
        sys.modules.pop(name, None)
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    monkeypatch.setenv(hook.VERSION_1, "1")
    hook.install()
    (finder,) = sys.meta_path
    changed = finder._changes  # type: ignore[attr-defined]
    assert "sagemaker.base_predictor" in changed
    assert "botocore.session" not in changed


@pytest.mark.sdk
def test_in_an_account_of_aws_only_the_old_names_are_added() -> None:
    code = (
        "from smstudio_ext.cli.kernel import Surroundings; from smstudio_ext.companion import hook;"
        "around = Surroundings(); around.prepare(); hook.install(local=True if around.follows else None);"
        "import boto3, sagemaker; from sagemaker.predictor import csv_serializer, RealTimePredictor;"
        "print(csv_serializer([1, 2]), sagemaker.s3_input is sagemaker.inputs.TrainingInput, "
        "boto3.client('sts').meta.endpoint_url, type(sagemaker.session.time).__name__)"
    )
    environment = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    environment |= {hook.VERSION_1: "1", "SMSTUDIO_TARGET": "aws", "AWS_DEFAULT_REGION": "us-west-2"}
    environment["PYTHONPATH"] = os.pathsep.join(
        filter(None, [str(Path(__file__).resolve().parents[2]), os.environ.get("PYTHONPATH")])
    )
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, timeout=240, check=True
    )
    assert done.stdout.splitlines()[-1] == "1,2 True https://sts.us-west-2.amazonaws.com module"


# ---- the kernel's surroundings ----


ENGINE = lifecycle.EngineInfo("http://127.0.0.1:5001", "AKIAX", "secret", "us-east-1", 1, "0")
MOVED = lifecycle.EngineInfo("http://127.0.0.1:5002", "AKIAX", "secret", "us-east-1", 2, "0")


def test_variables_of_an_account_do_not_lead_past_the_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lifecycle, "read_engine", lambda directory: ENGINE)
    environment = {
        "AWS_PROFILE": "work",
        "AWS_SESSION_TOKEN": "x",
        "AWS_ENDPOINT_URL_S3": "https://s3",
        "HOME": "/h",
    }
    Surroundings(environment).prepare()
    assert environment["AWS_ENDPOINT_URL"] == ENGINE.url
    assert not {"AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_ENDPOINT_URL_S3"} & set(environment)
    assert environment["HOME"] == "/h"


def test_a_target_that_was_given_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lifecycle, "start_engine", lambda directory: pytest.fail("started an engine"))
    for given in (
        {"SMSTUDIO_TARGET": "aws", "AWS_PROFILE": "work"},
        {"AWS_ENDPOINT_URL": "http://127.0.0.1:9"},
    ):
        environment = dict(given)
        surroundings = Surroundings(environment)
        surroundings.prepare()
        surroundings.before_cell()
        assert environment == given
        assert not surroundings.follows


def test_the_engine_is_started_without_the_kernels_own_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    environment = {hook.VERSION_1: "1"}
    seen: list[dict[str, str]] = []

    def start_engine(directory: Path) -> lifecycle.EngineInfo:
        seen.append(dict(environment))
        return ENGINE

    monkeypatch.setattr(lifecycle, "read_engine", lambda directory: None)
    monkeypatch.setattr(lifecycle, "start_engine", start_engine)
    Surroundings(environment).prepare()
    assert seen == [{}]
    assert environment[hook.VERSION_1] == "1"


def test_an_engine_that_comes_back_elsewhere_is_followed_and_that_is_said_once(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    now = [ENGINE]
    monkeypatch.setattr(lifecycle, "read_engine", lambda directory: now[0])
    environment: dict[str, str] = {}
    surroundings = Surroundings(environment)
    surroundings.prepare()
    surroundings.before_cell()
    assert capsys.readouterr().err == ""
    now[0] = MOVED
    surroundings.before_cell()
    assert environment["AWS_ENDPOINT_URL"] == MOVED.url
    assert MOVED.url in capsys.readouterr().err
    surroundings.before_cell()
    assert capsys.readouterr().err == ""


def test_an_engine_that_does_not_start_is_told_in_the_first_cell_and_taken_when_it_runs(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    now: list[Any] = [None]

    def start_engine(directory: Path) -> lifecycle.EngineInfo:
        raise lifecycle.EngineError("The data directory cannot be written.")

    monkeypatch.setattr(lifecycle, "read_engine", lambda directory: now[0])
    monkeypatch.setattr(lifecycle, "start_engine", start_engine)
    environment: dict[str, str] = {}
    surroundings = Surroundings(environment)
    surroundings.prepare()
    surroundings.before_cell()
    assert "cannot be written" in capsys.readouterr().err
    now[0] = ENGINE
    surroundings.before_cell()
    assert environment["AWS_ENDPOINT_URL"] == ENGINE.url
    assert capsys.readouterr().err == ""


# ---- the kernelspecs ----


def test_every_client_finds_the_kernels_with_their_names_and_logos() -> None:
    manager = KernelSpecManager(kernel_dirs=[str(KERNELS_DIR)], ensure_native_kernel=False)
    specs = {name: manager.get_kernel_spec(name) for name in manager.find_kernel_specs()}
    assert {name: spec.display_name for name, spec in specs.items()} == {
        DATA_SCIENCE: "Python 3 (Data Science)",
        BASE_PYTHON: "Python 3 (Base Python)",
        "conda_python3": "conda_python3",
        "python3-datascience-current": "Python 3 (Data Science 3.0)",
    }
    for name, spec in specs.items():
        assert spec.argv == ["python", "-m", "smstudio_ext.cli.kernel", "-f", "{connection_file}"]
        assert spec.env.get(hook.VERSION_1) == (None if name == "python3-datascience-current" else "1")
        assert spec.metadata["kernel_provisioner"]["provisioner_name"] == "smstudio-provisioner"
        folder = Path(spec.resource_dir)
        assert {"logo-32x32.png", "logo-64x64.png", "logo-svg.svg"} <= {
            path.name for path in folder.iterdir()
        }
        json.loads((folder / "kernel.json").read_text())


def test_kernels_of_the_user_go_before_those_of_the_package(tmp_path: Path) -> None:
    mine = tmp_path / "conda_python3"
    mine.mkdir()
    (mine / "kernel.json").write_text(
        json.dumps({"argv": ["x"], "display_name": "mine", "language": "python"})
    )
    manager = KernelSpecManager(kernel_dirs=[str(tmp_path)])
    offer_kernels(manager)
    offer_kernels(manager)
    assert manager.kernel_dirs == [str(tmp_path), str(KERNELS_DIR)]
    assert manager.get_kernel_spec("conda_python3").display_name == "mine"
    assert manager.get_kernel_spec(DATA_SCIENCE).display_name == "Python 3 (Data Science)"
