"""The kmeans and pca images."""

from __future__ import annotations

import json
import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from smstudio_ext.engine.images.contract import AlgorithmError, ClientError
from smstudio_ext.engine.images.kmeans import serve as kmeans_serve
from smstudio_ext.engine.images.kmeans import train as kmeans_train
from smstudio_ext.engine.images.pca import serve as pca_serve
from smstudio_ext.engine.images.pca import train as pca_train
from smstudio_ext.engine.images.registry import ImageRegistry
from smstudio_ext.formats import mxnet, recordio
from tests.unit.jobfolders import csv_bytes, job_folder, quality_metrics

RECORDIO = "application/x-recordio-protobuf"
KMEANS = ImageRegistry(discover=False).resolve("kmeans:1")


def blobs(rows: int = 900) -> tuple[Any, Any]:
    generator = np.random.default_rng(0)
    centers = np.array([[0, 0, 0], [10, 0, 5], [0, 12, -5], [8, 8, 8]], dtype=float)
    labels = generator.integers(0, 4, rows)
    return (centers[labels] + generator.normal(size=(rows, 3))).astype(np.float32), centers


@pytest.mark.parametrize("method", ["random", "kmeans++"])
def test_kmeans_finds_the_clusters(tmp_path: Path, capsys: pytest.CaptureFixture[str], method: str) -> None:
    rows, centers = blobs()
    records = (RECORDIO, recordio.write_dense(rows))
    job = job_folder(
        tmp_path,
        {
            "k": 4,
            "feature_dim": 3,
            "mini_batch_size": 200,
            "init_method": method,
            "eval_metrics": '["msd", "ssd"]',
        },
        {"train": records, "test": records},
    )
    kmeans_train.train(job)
    metrics = quality_metrics(capsys.readouterr().out, KMEANS)
    assert metrics["train:msd"] == pytest.approx(3.0, rel=0.1)
    assert metrics["test:ssd"] == pytest.approx(metrics["test:msd"] * len(rows))
    assert metrics["train:progress"] == 100
    (stored,) = mxnet.read((job / "model/model_algo-1").read_bytes())
    assert {min(range(4), key=lambda at: ((centers[at] - one) ** 2).sum()) for one in stored} == {0, 1, 2, 3}
    answer, kind = kmeans_serve.load(job / "model", {}).invoke(b"10,0,5\n0,12,-4", "text/csv", "")
    assert kind == "application/json"
    first, second = json.loads(answer)["predictions"]
    assert first["closest_cluster"] != second["closest_cluster"]
    assert first["distance_to_cluster"] < 1
    assert second["distance_to_cluster"] == pytest.approx(1, abs=0.5)


def test_centres_written_by_mxnet_are_hosted(tmp_path: Path) -> None:
    (tmp_path / "model_algo-1").write_bytes(mxnet.write([np.array([[0, 0], [3, 4]], dtype=np.float32)]))
    answer, kind = kmeans_serve.load(tmp_path, {}).invoke(b"0,0\n3,3", "text/csv", "application/jsonlines")
    assert kind == "application/jsonlines"
    assert [json.loads(line) for line in answer.splitlines()] == [
        {"distance_to_cluster": 0.0, "closest_cluster": 0.0},
        {"distance_to_cluster": 1.0, "closest_cluster": 1.0},
    ]
    (tmp_path / "model_algo-1").write_bytes(b"other")
    with pytest.raises(ValueError, match="do not begin like an MXNet"):
        kmeans_serve.load(tmp_path, {})


def test_kmeans_on_two_hosts_equals_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    rows, _ = blobs()
    monkeypatch.setenv("TRAINING_JOB_NAME", tmp_path.name)
    folders = []
    for at, part in enumerate((rows[:600], rows[600:]), 1):
        folder = job_folder(
            tmp_path / f"algo-{at}",
            {"k": 4, "feature_dim": 3, "mini_batch_size": 150},
            {"train": (RECORDIO, recordio.write_dense(part))},
        )
        hosts = {"current_host": f"algo-{at}", "hosts": ["algo-1", "algo-2"]}
        (folder / "input/config/resourceconfig.json").write_text(json.dumps(hosts))
        folders.append(folder)
    threads = [threading.Thread(target=kmeans_train.train, args=(folder,)) for folder in folders]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=120)
    assert quality_metrics(capsys.readouterr().out, KMEANS)["train:msd"] == pytest.approx(3.0, rel=0.1)
    assert (folders[0] / "model/model_algo-1").exists()
    assert not (folders[1] / "model/model_algo-1").exists()


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"k": 4}, "'feature_dim' which are required"),
        ({"k": 1, "feature_dim": 3}, "'k' hyperparameter"),
        (
            {"k": 901, "feature_dim": 3},
            r"number of records \(900\) must not be less than the number of clusters",
        ),
        ({"k": 4, "feature_dim": 3, "eval_metrics": '["mse"]'}, "accepts one of the following: 'msd', 'ssd'"),
        ({"k": 4, "feature_dim": 5}, "feature_dim hyperparameter is 5"),
    ],
)
def test_kmeans_refuses(tmp_path: Path, settings: dict[str, Any], words: str) -> None:
    job = job_folder(tmp_path, settings, {"train": (RECORDIO, recordio.write_dense(blobs()[0]))})
    with pytest.raises(AlgorithmError, match=words):
        kmeans_train.train(job)


def low_rank(rows: int = 400, columns: int = 30) -> Any:
    generator = np.random.default_rng(1)
    basis = generator.normal(size=(4, columns))
    scores = generator.normal(size=(rows, 4)) * [8, 4, 2, 1]
    return (scores @ basis + 5 + 0.01 * generator.normal(size=(rows, columns))).astype(np.float32)


@pytest.mark.parametrize("mode", ["regular", "randomized"])
def test_pca_agrees_with_scikit_learn(tmp_path: Path, mode: str) -> None:
    from sklearn.decomposition import PCA

    rows = low_rank()
    job = job_folder(
        tmp_path,
        {"num_components": 3, "feature_dim": 30, "mini_batch_size": 50, "algorithm_mode": mode},
        {"train": ("text/csv", csv_bytes(*rows.T))},
    )
    pca_train.train(job)
    stored = mxnet.read((job / "model/model_algo-1").read_bytes())
    assert isinstance(stored, dict)
    assert {name: value.shape for name, value in stored.items()} == {"s": (3,), "v": (30, 3), "mean": (1, 30)}
    expected = PCA(3).fit(rows)
    # AWS stores the largest component last
    assert stored["s"][::-1] == pytest.approx(expected.singular_values_, rel=1e-3)
    body = b"\n".join(",".join(map(str, row)).encode() for row in rows[:5])
    answer = json.loads(pca_serve.load(job / "model", {}).invoke(body, "text/csv", "")[0])
    found = np.array([one["projection"] for one in answer["projections"]])[:, ::-1]
    assert np.abs(found) == pytest.approx(np.abs(expected.transform(rows[:5])), rel=1e-2, abs=0.05)


def test_pca_without_mean_and_with_one_pass(tmp_path: Path) -> None:
    from smstudio_ext.engine.images.pca.components import Sketch

    rows = low_rank()
    job = job_folder(
        tmp_path,
        {"num_components": 2, "feature_dim": 30, "mini_batch_size": 50, "subtract_mean": "False"},
        {"train": (RECORDIO, recordio.write_dense(rows))},
    )
    pca_train.train(job)
    stored = mxnet.read((job / "model/model_algo-1").read_bytes())
    assert isinstance(stored, dict)
    exact = np.linalg.svd(rows, compute_uv=False)
    assert stored["s"][::-1] == pytest.approx(exact[:2], rel=1e-4)
    assert not stored["mean"].any()
    sketch = Sketch(30, 12)
    sketch.add(rows.astype(np.float64))
    centred = np.linalg.svd(rows - rows.mean(axis=0), compute_uv=False)
    assert sketch.solve_once(3, center=True).values[::-1] == pytest.approx(centred[:3], rel=1e-2)


def test_pca_refuses(tmp_path: Path) -> None:
    rows = (RECORDIO, recordio.write_dense(low_rank()))
    settings = {"num_components": 31, "feature_dim": 30, "mini_batch_size": 50}
    with pytest.raises(AlgorithmError, match=r"num_components \(31\) must not be greater than feature_dim"):
        pca_train.train(job_folder(tmp_path / "a", settings, {"train": rows}))
    with pytest.raises(AlgorithmError, match="'mini_batch_size' which are required"):
        pca_train.train(job_folder(tmp_path / "b", {"num_components": 3, "feature_dim": 30}, {"train": rows}))
    job = job_folder(tmp_path / "c", settings | {"num_components": 2}, {"train": rows})
    pca_train.train(job)
    with pytest.raises(ClientError, match="Feature size of the request is 2"):
        pca_serve.load(job / "model", {}).invoke(b"1,2", "text/csv", "")
