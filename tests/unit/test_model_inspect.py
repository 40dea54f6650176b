"""`smstudio model inspect`: models of every kind, bad archives, pickles that must not run."""

from __future__ import annotations

import io
import json
import os
import pickle
import subprocess
import sys
import tarfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xgboost as xgb
from typer.testing import CliRunner

from smstudio_ext.cli.app import app
from smstudio_ext.inspection.archive import ArchiveError
from smstudio_ext.inspection.inspector import inspect_archive
from smstudio_ext.inspection.kinds import inspect_folder
from tests.unit.old_xgboost import old_bytes, old_pickle


def archive(path: Path, files: dict[str, bytes]) -> Path:
    with tarfile.open(path, "w:gz") as tar:
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
    return path


def booster() -> tuple[xgb.Booster, Any]:
    rng = np.random.default_rng(0)
    features = rng.normal(size=(100, 4)).astype(np.float32)
    matrix = xgb.DMatrix(features, label=features[:, 0] > 0, nthread=1)
    return xgb.train({"objective": "binary:logistic", "nthread": 1, "max_depth": 2}, matrix, 3), features


def test_old_xgboost_is_shown_with_lines_that_load_it(tmp_path: Path) -> None:
    model, features = booster()
    path = archive(
        tmp_path / "model.tar.gz", {"xgboost-model": old_pickle(old_bytes(model, base_margin=0.0))}
    )
    result = CliRunner().invoke(app, ["model", "inspect", str(path)])
    assert result.exit_code == 0, result.output
    for words in (
        "pickled Booster",
        "before 1.0 (0.72 or 0.90)",
        "trees: 3",
        "features: 4",
        "objective: binary:logistic",
    ):
        assert words in result.output
    lines = result.output.split("Load it\n")[1]
    np.save(tmp_path / "rows.npy", features)
    code = f"import numpy\nrows = numpy.load('rows.npy')\n{lines}\nnumpy.save('out.npy', predictions)"
    subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, check=True, env={**os.environ, "PYTHONPATH": os.getcwd()}
    )
    again = xgb.Booster()
    again.load_model(bytearray(model.save_raw("ubj")))
    assert np.load(tmp_path / "out.npy").shape == (100,)


def test_json_output_holds_everything(tmp_path: Path) -> None:
    model, _ = booster()
    path = archive(
        tmp_path / "model.tar.gz",
        {"xgboost-model": bytes(model.save_raw("ubj")), "code/inference.py": b"pass", ".hidden": b"x"},
    )
    result = CliRunner().invoke(app, ["model", "inspect", str(path), "--json"])
    report = json.loads(result.output)
    assert set(report) == {"source", "files", "models", "notes"}
    (found,) = report["models"]
    assert (found["file"], found["kind"], found["algorithm"]) == (
        "xgboost-model",
        "XGBoost UBJSON",
        "XGBoost",
    )
    assert found["facts"]["trees"] == 3
    assert found["load"][0] == "import xgboost"
    assert any("inference code" in note for note in report["notes"])


def test_many_formats_are_told_apart(tmp_path: Path) -> None:
    import joblib
    from sklearn.linear_model import LogisticRegression

    from smstudio_ext.formats import mxnet

    model, features = booster()
    labels = (features[:, 0] > 0).astype(int)
    fitted = LogisticRegression().fit(features, labels)
    joblib.dump(fitted, tmp_path / "model.joblib")
    joblib.dump(fitted, tmp_path / "small.joblib", compress=3)
    (tmp_path / "model.pkl").write_bytes(pickle.dumps(fitted))
    (tmp_path / "old-xgboost").write_bytes(old_bytes(model, version=(1, 2)))
    (tmp_path / "model_algo-1").write_bytes(mxnet.write([np.zeros((5, 4), dtype=np.float32)]))
    model.save_model(tmp_path / "model.json")
    found = {one.file: one for one in inspect_folder(tmp_path)[0]}
    for name in ("model.joblib", "small.joblib", "model.pkl"):
        assert found[name].algorithm == "scikit-learn", name
        assert found[name].facts["class"].endswith("LogisticRegression")
        assert found[name].facts["fitted"]["coef_"].startswith("1x4")
        assert "runs code" in found[name].warning
    assert found["old-xgboost"].facts["written by"] == "xgboost 1.2"
    assert found["model.json"].kind == "XGBoost JSON"
    assert found["model_algo-1"].algorithm == "K-Means"
    assert found["model_algo-1"].facts["clusters"] == 5


def test_torch_files_show_their_shapes_without_torch_running(tmp_path: Path) -> None:
    torch = pytest.importorskip("torch")
    torch.save(torch.nn.Linear(4, 2).state_dict(), tmp_path / "model.pth")
    (found,) = inspect_folder(tmp_path)[0]
    assert (found.algorithm, found.facts["parameters"]) == ("PyTorch", 10)
    assert found.facts["shapes"]["weight"].startswith("2x4")


def test_models_of_the_engines_own_tabular_algorithms_are_named(tmp_path: Path) -> None:
    torch = pytest.importorskip("torch")
    content = {
        "format": "smstudio-torch",
        "algorithm": "tabtransformer",
        "settings": {"blocks": 2, "cardinalities": [3, 4]},
        "weights": {"head.weight": torch.zeros(2, 4)},
    }
    torch.save(content, tmp_path / "model.pt")
    outline = {"problem": "classification", "classes": ["no", "yes"], "width": 5, "categorical": [3]}
    (tmp_path / "tabular-metadata.json").write_text(json.dumps(outline))
    (found,), notes = inspect_folder(tmp_path)
    assert (found.algorithm, found.facts["settings"]) == ("tabtransformer", {"blocks": 2})
    assert found.load[-1] == "settings, weights = content['settings'], content['weights']"
    assert "classification of 5 features; classes in the order of probabilities: no, yes" in notes[0]
    assert notes[0].endswith("columns with categories (0 is the target): 4.")
    (tmp_path / "tabular-metadata.json").write_text("[1]")
    assert inspect_folder(tmp_path)[1] == []


def test_trees_of_other_libraries_are_shown(tmp_path: Path) -> None:
    lightgbm = pytest.importorskip("lightgbm")
    _, features = booster()
    data = lightgbm.Dataset(features, features[:, 0] > 0)
    lightgbm.train({"objective": "binary", "verbose": -1, "num_threads": 1}, data, 2).save_model(
        tmp_path / "model.txt"
    )
    (found,) = inspect_folder(tmp_path)[0]
    assert (found.algorithm, found.facts["trees"], found.facts["features"]) == ("LightGBM", 2, 4)


class Hostile:
    """Runs a command when it is unpickled."""

    def __init__(self, mark: Path) -> None:
        self._mark = mark

    def __reduce__(self) -> Any:
        return os.system, (f"touch {self._mark}",)


def test_hostile_pickles_do_not_run(tmp_path: Path) -> None:
    mark = tmp_path / "ran"
    path = archive(
        tmp_path / "model.tar.gz",
        {"model.pkl": pickle.dumps(Hostile(mark)), "xgboost-model": pickle.dumps(print)},
    )
    report = inspect_archive(path)
    assert not mark.exists()
    strange = next(model for model in report.models if model.file == "model.pkl")
    assert "Do not load it: it would call" in strange.warning
    assert strange.load == []


@pytest.mark.parametrize(
    ("files", "words"),
    [
        ({"../evil": b"x"}, "leads out of its folder: '../evil'"),
        ({"/etc/evil": b"x"}, "leads out of its folder"),
        ({}, "archive without files"),
    ],
)
def test_bad_archives_are_refused(tmp_path: Path, files: dict[str, bytes], words: str) -> None:
    with pytest.raises(ArchiveError, match=words):
        inspect_archive(archive(tmp_path / "model.tar.gz", files))


def test_files_that_are_no_archive_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "model.tar.gz"
    for content, words in (
        (b"", "is empty"),
        (b"junk", "no gzipped tar archive"),
        (b"\x1f\x8bjunk", "no gzipped tar archive"),
    ):
        path.write_bytes(content)
        with pytest.raises(ArchiveError, match=words):
            inspect_archive(path)
    result = CliRunner().invoke(app, ["model", "inspect", str(tmp_path / "nothing.tar.gz")])
    assert result.exit_code == 1
    assert "There is no file" in result.output
    with tarfile.open(path, "w:gz") as tar:
        link = tarfile.TarInfo("xgboost-model")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        tar.addfile(link)
    with pytest.raises(ArchiveError, match="holds a link"):
        inspect_archive(path)


def test_a_damaged_model_does_not_hide_the_others(tmp_path: Path) -> None:
    model, _ = booster()
    data = bytes(model.save_raw("ubj"))
    report = inspect_archive(
        archive(tmp_path / "m.tar.gz", {"a/xgboost-model": data[:200], "xgboost-model": data})
    )
    kinds = {one.file: one for one in report.models}
    assert "cannot be read" in kinds["a/xgboost-model"].warning
    assert kinds["xgboost-model"].facts["trees"] == 3
