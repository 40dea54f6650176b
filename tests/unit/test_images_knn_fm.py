"""The knn and factorization-machines images."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy import sparse

from smstudio_ext.engine.images.contract import AlgorithmError
from smstudio_ext.engine.images.factorization_machines import serve as fm_serve
from smstudio_ext.engine.images.factorization_machines import train as fm_train
from smstudio_ext.engine.images.knn import index
from smstudio_ext.engine.images.knn import serve as knn_serve
from smstudio_ext.engine.images.knn import train as knn_train
from smstudio_ext.engine.images.knn.projection import fjlt_matrix, hadamard, sign_matrix
from smstudio_ext.engine.images.registry import ImageRegistry
from smstudio_ext.formats import mxnet, recordio
from tests.unit.jobfolders import csv_bytes, job_folder, quality_metrics

RECORDIO = "application/x-recordio-protobuf"
REGISTRY = ImageRegistry(discover=False)
KNN, FM = REGISTRY.resolve("knn:1"), REGISTRY.resolve("factorization-machines:1")
needs_faiss = pytest.mark.skipif(importlib.util.find_spec("faiss") is None, reason="faiss is not installed")


@pytest.fixture(params=["numpy", pytest.param("faiss", marks=needs_faiss)])
def search(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """With and without faiss."""
    if request.param == "numpy":
        monkeypatch.setattr(index, "has_faiss", lambda: False)
    return str(request.param)


def classes(rows: int = 600) -> tuple[Any, Any]:
    generator = np.random.default_rng(0)
    features = generator.normal(size=(rows, 6)).astype(np.float32)
    labels = (features[:, 0] > 0).astype(np.float32) + 2 * (features[:, 1] > 0)
    features[:, :2] *= 3
    return features, labels


def knn_job(root: Path, settings: dict[str, Any]) -> Path:
    features, labels = classes()
    base = {"feature_dim": 6, "k": 5, "predictor_type": "classifier", "sample_size": 500}
    channels = {
        "train": (RECORDIO, recordio.write_dense(features[:500], labels[:500])),
        "test": ("text/csv", csv_bytes(labels[500:], *features[500:].T)),
    }
    return job_folder(root, base | settings, channels)


@pytest.mark.usefixtures("search")
@pytest.mark.parametrize("settings", [{}, {"index_metric": "COSINE"}, {"sample_size": 200}])
def test_knn_classifies_and_tells_its_neighbours(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], settings: dict[str, Any]
) -> None:
    job = knn_job(tmp_path, settings)
    knn_train.train(job)
    assert quality_metrics(capsys.readouterr().out, KNN)["test:accuracy"] > 0.85
    predictor = knn_serve.load(job / "model", {})
    features, labels = classes()
    body = ",".join(map(str, features[3])).encode()
    plain = json.loads(predictor.invoke(body, "text/csv", "application/json")[0])
    assert plain == {"predictions": [{"predicted_label": labels[3]}]}
    (row,) = json.loads(predictor.invoke(body, "text/csv", "application/json; verbose=true")[0])[
        "predictions"
    ]
    assert len(row["labels"]) == len(row["distances"]) == 5
    steps = np.diff(row["distances"])
    assert (steps >= 0).all() if "index_metric" not in settings else (steps <= 0).all()


def test_knn_regression_and_exact_neighbours(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from sklearn.neighbors import KNeighborsRegressor

    features, _ = classes()
    target = (features[:, 0] * 2 + features[:, 1]).astype(np.float32)
    job = job_folder(
        tmp_path,
        {"feature_dim": 6, "k": 4, "predictor_type": "regressor", "sample_size": 500},
        {
            "train": (RECORDIO, recordio.write_dense(features[:500], target[:500])),
            "test": (RECORDIO, recordio.write_dense(features[500:], target[500:])),
        },
    )
    knn_train.train(job)
    expected = KNeighborsRegressor(4).fit(features[:500], target[:500]).predict(features[500:])
    found = quality_metrics(capsys.readouterr().out, KNN)["test:mse"]
    assert found == pytest.approx(float(np.mean((expected - target[500:]) ** 2)), rel=1e-4)


@pytest.mark.parametrize("kind", ["sign", "fjlt"])
def test_projections_keep_distances(tmp_path: Path, kind: str) -> None:
    job = knn_job(tmp_path, {"dimension_reduction_type": kind, "dimension_reduction_target": 4})
    knn_train.train(job)
    answer = knn_serve.load(job / "model", {}).invoke(b"3,3,0,0,0,0", "text/csv", "")[0]
    assert "predicted_label" in json.loads(answer)["predictions"][0]
    generator = np.random.default_rng(2)
    rows = generator.normal(size=(40, 300)).astype(np.float32)
    make = sign_matrix if kind == "sign" else lambda a, b, g: fjlt_matrix(a, b, 40, g)
    projected = rows @ make(300, 200, generator)
    ratios = np.linalg.norm(projected, axis=1) / np.linalg.norm(rows, axis=1)
    assert 0.8 < ratios.mean() < 1.2
    assert hadamard(np.eye(4)).tolist() == [[1, 1, 1, 1], [1, -1, 1, -1], [1, 1, -1, -1], [1, -1, -1, 1]]


@needs_faiss
@pytest.mark.parametrize("kind", ["faiss.IVFFlat", "faiss.IVFPQ"])
def test_indexes_of_faiss(tmp_path: Path, capsys: pytest.CaptureFixture[str], kind: str) -> None:
    job = knn_job(tmp_path, {"index_type": kind, "faiss_index_ivf_nlists": 8, "faiss_index_pq_m": 3})
    knn_train.train(job)
    assert quality_metrics(capsys.readouterr().out, KNN)["test:accuracy"] > 0.7
    knn_serve.load(job / "model", {}).invoke(b"3,3,0,0,0,0", "text/csv", "")


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"k": 600}, r"k \(600\) must not be greater than sample_size \(500\)"),
        ({"dimension_reduction_type": "sign"}, "'dimension_reduction_target' which are required"),
        ({"dimension_reduction_type": "sign", "dimension_reduction_target": 6}, "less than feature_dim"),
        (
            {"faiss_index_pq_m": 5},
            "'faiss_index_pq_m' hyperparameter which accepts one of the following: 1, 2, 3, 4, 8",
        ),
        ({"index_type": "faiss.HNSW"}, "accepts one of the following: 'faiss.Flat'"),
    ],
)
def test_knn_refuses(tmp_path: Path, settings: dict[str, Any], words: str) -> None:
    with pytest.raises(AlgorithmError, match=words):
        knn_train.train(knn_job(tmp_path, settings))


def test_missing_faiss_says_how_to_install_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(index, "has_faiss", lambda: False)
    with pytest.raises(AlgorithmError, match=r'pip install "smstudio-ext\[faiss\]"'):
        knn_train.train(knn_job(tmp_path, {"index_type": "faiss.IVFFlat"}))


USERS, ITEMS = 60, 40


def ratings(rows: int = 8000) -> tuple[Any, Any, float]:
    """Sparse (user, item) rows, their ratings, and the error of biases alone."""
    generator = np.random.default_rng(5)
    users, items = generator.integers(0, USERS, rows), generator.integers(0, ITEMS, rows)
    taste = (generator.normal(size=(USERS, 2))[users] * generator.normal(size=(ITEMS, 2))[items]).sum(axis=1)
    values = 3.5 + 0.3 * generator.normal(size=USERS)[users] + taste + 0.1 * generator.normal(size=rows)
    columns = np.stack([users, USERS + items], axis=1).ravel()
    matrix = sparse.csr_matrix(
        (np.ones(2 * rows, dtype=np.float32), columns, np.arange(0, 2 * rows + 1, 2)),
        shape=(rows, USERS + ITEMS),
    )
    return matrix, values.astype(np.float32), float(taste.std())


def test_factors_beat_biases_alone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    matrix, values, biases = ratings()
    job = job_folder(
        tmp_path,
        {
            "feature_dim": USERS + ITEMS,
            "num_factors": 4,
            "predictor_type": "regressor",
            "epochs": 25,
            "mini_batch_size": 100,
            "factors_lr": 0.02,
            "linear_lr": 0.02,
            "factors_init_sigma": 0.1,
        },
        {
            "train": (RECORDIO, recordio.write_sparse(matrix[:7000], values[:7000])),
            "test": (RECORDIO, recordio.write_sparse(matrix[7000:], values[7000:])),
        },
    )
    fm_train.train(job)
    metrics = quality_metrics(capsys.readouterr().out, FM)
    assert metrics["test:rmse"] < 0.3 * biases
    assert metrics["train:rmse:epoch"] < 0.3 * biases
    stored = mxnet.read_archive((job / "model/model_algo-1").read_bytes())
    assert stored.names == ["meta.json", "params", "symbol.json"]
    assert stored.array("v").shape == (100, 4)
    assert stored.array("w1_weight").shape == (100, 1)
    body = {"data": {"features": {"keys": [3, 70], "shape": [100], "values": [1, 1]}}}
    predictor = fm_serve.load(job / "model", {})
    answer = json.loads(
        predictor.invoke(json.dumps({"instances": [body]}).encode(), "application/json", "")[0]
    )
    wide = np.zeros(100)
    wide[[3, 70]] = 1
    dense = json.loads(
        predictor.invoke(json.dumps({"features": wide.tolist()}).encode(), "application/jsonlines", "")[0]
    )
    assert answer["predictions"][0]["score"] == pytest.approx(dense["predictions"][0]["score"], rel=1e-5)


def test_factorization_machine_classifies_dense_rows(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    generator = np.random.default_rng(0)
    features = generator.normal(size=(4000, 5)).astype(np.float32)
    labels = (features[:, 0] * features[:, 1] > 0).astype(np.float32)  # no linear model can tell
    settings = {
        "feature_dim": 5,
        "num_factors": 3,
        "predictor_type": "binary_classifier",
        "epochs": 20,
        "mini_batch_size": 100,
        "factors_lr": 0.02,
        "factors_init_sigma": 0.1,
    }
    records = (RECORDIO, recordio.write_dense(features, labels))
    job = job_folder(tmp_path / "a", settings, {"train": records, "test": records})
    fm_train.train(job)
    metrics = quality_metrics(capsys.readouterr().out, FM)
    assert metrics["test:binary_classification_accuracy"] > 0.9
    assert metrics["test:binary_f_beta"] > 0.9
    rows = json.loads(fm_serve.load(job / "model", {}).invoke(b"2,2,0,0,0\n2,-2,0,0,0", "text/csv", "")[0])
    assert [row["predicted_label"] for row in rows["predictions"]] == [1.0, 0.0]
    wrong = (RECORDIO, recordio.write_dense(features, labels + 1))
    with pytest.raises(AlgorithmError, match="Labels of a binary_classifier must be 0 or 1"):
        fm_train.train(job_folder(tmp_path / "b", settings, {"train": wrong}))
    with pytest.raises(AlgorithmError, match="'num_factors' hyperparameter"):
        fm_train.train(job_folder(tmp_path / "c", settings | {"num_factors": 0}, {"train": records}))
