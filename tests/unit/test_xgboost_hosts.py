"""The XGBoost image on several hosts: real processes, xgboost's own tracker between them."""

from __future__ import annotations

import json
import multiprocessing
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xgboost as xgb

from tests.unit.jobfolders import csv_bytes, job_folder

HOSTS = ["algo-1", "algo-2"]
SETTINGS = {
    "objective": "binary:logistic",
    "num_round": 4,
    "max_depth": 3,
    "nthread": 1,
    "eval_metric": "auc,logloss",
    "tree_method": "hist",
}


def rows(count: int, seed: int) -> tuple[Any, Any]:
    rng = np.random.default_rng(seed)
    features = rng.normal(size=(count, 3)).astype(np.float32)
    return features, (features[:, 0] + features[:, 1] ** 2 > 0.8).astype(int)


def host_folder(root: Path, host: str, content: bytes, **more: Any) -> Path:
    folder = job_folder(root / host, SETTINGS | more, {"train": ("text/csv", content)})
    config = {"current_host": host, "hosts": HOSTS}
    (folder / "input/config/resourceconfig.json").write_text(json.dumps(config))
    return folder


def as_host(folder: str) -> None:
    """Makes this process a host of the job that is named after the test's folder: the name decides where they meet."""
    os.environ["TRAINING_JOB_NAME"] = str(Path(folder).parent)
    log = os.open(f"{folder}/log", os.O_CREAT | os.O_WRONLY)
    os.dup2(log, 1)
    os.dup2(log, 2)


def run_host(folder: str) -> None:
    as_host(folder)
    from smstudio_ext.engine.images.xgboost.train import train

    train(Path(folder))


def run_hosts(folders: list[Path], run: Callable[[str], None] = run_host) -> list[str]:
    spawn = multiprocessing.get_context("spawn")
    processes = [spawn.Process(target=run, args=(str(folder),)) for folder in folders]
    for process in processes:
        process.start()
    try:
        for process, folder in zip(processes, folders, strict=True):
            process.join(200)
            assert process.exitcode == 0, (folder / "log").read_text()
    finally:
        for process in processes:
            process.kill()
    return [(folder / "log").read_text() for folder in folders]


def test_two_hosts_make_one_model_of_all_rows(tmp_path: Path) -> None:
    features, labels = rows(600, 0)
    folders = [
        host_folder(tmp_path, host, csv_bytes(labels[part], *features[part].T))
        for host, part in zip(HOSTS, (slice(0, 300), slice(300, 600)), strict=True)
    ]
    logs = run_hosts(folders)
    assert "[3]#011train-auc:" in logs[0]
    assert "#011" not in logs[1]
    assert not (folders[1] / "model/xgboost-model").exists()
    together = xgb.Booster(model_file=str(folders[0] / "model/xgboost-model"))
    matrix = xgb.DMatrix(features, label=labels, nthread=1)
    params = {name: SETTINGS[name] for name in ("objective", "max_depth", "nthread", "tree_method")}
    alone = xgb.train(params, matrix, 4)
    # The quantiles of two halves are merged, so cuts differ a little from those of the whole.
    np.testing.assert_allclose(together.predict(matrix), alone.predict(matrix), atol=0.08)


def test_a_host_without_data_stands_aside(tmp_path: Path) -> None:
    features, labels = rows(200, 1)
    folders = [
        host_folder(tmp_path, "algo-1", csv_bytes(labels, *features.T)),
        host_folder(tmp_path, "algo-2", b""),
    ]
    logs = run_hosts(folders)
    assert "Host algo-2 does not have training data" in logs[1]
    assert xgb.Booster(model_file=str(folders[0] / "model/xgboost-model")).num_boosted_rounds() == 4


@pytest.mark.filterwarnings("ignore::UserWarning")
def test_two_lightgbm_hosts_make_one_model(tmp_path: Path) -> None:
    pytest.importorskip("lightgbm")
    features, labels = rows(600, 2)
    settings = {"num_boost_round": 5, "learning_rate": 0.3}
    folders = []
    for host, part in zip(HOSTS, (slice(0, 300), slice(300, 600)), strict=True):
        content = csv_bytes(labels[part], *features[part].T)
        folder = job_folder(
            tmp_path / host, settings, {"train": ("text/csv", content), "validation": ("text/csv", content)}
        )
        (folder / "input/config/resourceconfig.json").write_text(
            json.dumps({"current_host": host, "hosts": HOSTS})
        )
        folders.append(folder)
    run_hosts(folders, run_lightgbm)
    import lightgbm

    booster = lightgbm.Booster(model_file=str(folders[0] / "model/model.txt"))
    assert ((booster.predict(features) > 0.5) == labels).mean() > 0.9
    assert not (folders[1] / "model/model.txt").exists()


def run_lightgbm(folder: str) -> None:
    as_host(folder)
    from smstudio_ext.engine.images.lightgbm.train import train

    train(Path(folder))
