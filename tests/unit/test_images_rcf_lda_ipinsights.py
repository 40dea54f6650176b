"""The randomcutforest, lda and ipinsights images."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy import sparse

from smstudio_ext.engine.images.contract import AlgorithmError, ClientError
from smstudio_ext.engine.images.ipinsights import pairs
from smstudio_ext.engine.images.ipinsights import serve as ip_serve
from smstudio_ext.engine.images.ipinsights import train as ip_train
from smstudio_ext.engine.images.lda import serve as lda_serve
from smstudio_ext.engine.images.lda import train as lda_train
from smstudio_ext.engine.images.lda.spectral import decompose, estimate
from smstudio_ext.engine.images.randomcutforest import serve as rcf_serve
from smstudio_ext.engine.images.randomcutforest import train as rcf_train
from smstudio_ext.engine.images.randomcutforest.forest import grow, score
from smstudio_ext.engine.images.registry import ImageRegistry
from smstudio_ext.formats import mxnet, recordio
from tests.unit.jobfolders import csv_bytes, job_folder, quality_metrics

RECORDIO = "application/x-recordio-protobuf"
REGISTRY = ImageRegistry(discover=False)
RCF, LDA, IP = (REGISTRY.resolve(f"{name}:1") for name in ("randomcutforest", "lda", "ipinsights"))


def test_forest_finds_the_strange_rows(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    generator = np.random.default_rng(0)
    rows = generator.normal(size=(1500, 3)).astype(np.float32)
    rows[::150] += 9
    truth = np.zeros(1500)
    truth[::150] = 1
    job = job_folder(
        tmp_path,
        {"feature_dim": 3, "num_trees": 50, "num_samples_per_tree": 128},
        {
            "train": ("text/csv;label_size=0", csv_bytes(*rows.T)),
            "test": ("text/csv;label_size=1", csv_bytes(truth.astype(int), *rows.T)),
        },
    )
    rcf_train.train(job)
    metrics = quality_metrics(capsys.readouterr().out, RCF)
    assert metrics["test:recall"] == 1.0
    assert metrics["test:f1"] > 0.6
    predictor = rcf_serve.load(job / "model", {})
    usual, strange = json.loads(predictor.invoke(b"0,0,0\n9,9,9", "text/csv", "application/json")[0])[
        "scores"
    ]
    assert strange["score"] > 2 * usual["score"]
    assert 0 < usual["score"] < 1.5
    with pytest.raises(AlgorithmError, match="an integer between 50 and 1000"):
        rcf_train.train(
            job_folder(
                tmp_path / "b", {"feature_dim": 3, "num_trees": 10}, {"train": ("text/csv", b"1,2,3\n")}
            )
        )


def test_trees_score_as_the_definition_says() -> None:
    def slow(tree: Any, row: Any, node: int = 0, depth: int = 0) -> float:
        low, high, mass = tree._boxes()
        outside = float(np.maximum(row - high[node], 0).sum() + np.maximum(low[node] - row, 0).sum())
        if tree.dimension[node] < 0:
            if outside:
                return 1 / (depth + 1)
            return float((1 - mass[node] / (2 * mass[0])) / (depth + np.log2(mass[node] + 1)))
        parted = outside / (outside + float((high[node] - low[node]).sum()))
        goes_left = row[tree.dimension[node]] <= tree.cut[node]
        child = tree.left[node] if goes_left else tree.right[node]
        return parted / (depth + 1) + (1 - parted) * slow(tree, row, child, depth + 1)

    generator = np.random.default_rng(1)
    sample = generator.normal(size=(40, 2)).astype(np.float32)
    sample[5] = sample[6]  # the same point twice
    tree = grow(sample, generator)
    assert tree.counts.sum() == 40
    assert len(tree.points) == 39
    rows = np.concatenate([sample[:8], generator.normal(size=(8, 2)).astype(np.float32) * 3])
    expected = [slow(tree, row) * np.log2(41) for row in rows]
    assert score([tree], rows) == pytest.approx(expected, rel=1e-4)
    alone = grow(np.ones((7, 2), dtype=np.float32), generator)
    assert score([alone], np.array([[1, 1], [5, 5]], dtype=np.float32))[1] == pytest.approx(3.0)


def bars(documents: int, topics: int = 5) -> tuple[Any, Any, Any]:
    """The corpus of bars of Griffiths and Steyvers: topics, mixtures, counts."""
    beta = np.zeros((10, 5, 5))
    for at in range(5):
        beta[at, at, :] = beta[5 + at, :, at] = 0.2
    beta = beta.reshape(10, 25)[:topics]
    generator = np.random.default_rng(2)
    mixtures = generator.dirichlet(np.full(topics, 1 / topics), documents)
    counts = np.array([generator.multinomial(80, one @ beta) for one in mixtures], dtype=np.float32)
    return beta, mixtures, counts


def test_topics_are_recovered_and_mixtures_inferred(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    beta, mixtures, counts = bars(600)
    settings = {"num_topics": 5, "feature_dim": 25, "mini_batch_size": 500, "alpha0": 1.0}
    job = job_folder(
        tmp_path,
        settings,
        {
            "train": (RECORDIO, recordio.write_dense(counts[:500])),
            "test": (RECORDIO, recordio.write_sparse(sparse.csr_matrix(counts[500:]))),
        },
    )
    lda_train.train(job)
    metrics = quality_metrics(capsys.readouterr().out, LDA)
    assert metrics["test:pwll"] > np.log(1 / 25) + 0.5
    alpha, found = mxnet.read((job / "model/model_algo-1").read_bytes())
    assert alpha.sum() == pytest.approx(1.0, rel=1e-3)
    distance = np.abs(found[:, None, :] - beta[None]).sum(axis=2)
    order = distance.argmin(axis=0)
    assert sorted(order) == [0, 1, 2, 3, 4]
    assert distance.min(axis=0).max() < 0.15
    body = b"\n".join(",".join(map(str, row)).encode() for row in counts[500:520])
    answer = json.loads(lda_serve.load(job / "model", {}).invoke(body, "text/csv", "")[0])["predictions"]
    inferred = np.array([one["topic_mixture"] for one in answer])[:, order]
    assert np.abs(inferred - mixtures[500:520]).sum(axis=1).mean() < 0.25
    with pytest.raises(ClientError, match="must not be negative"):
        lda_serve.load(job / "model", {}).invoke(b",".join([b"-1"] * 25), "text/csv", "")


def test_moments_alone_find_independent_topics() -> None:
    beta, _, counts = bars(4000)
    found = estimate(sparse.csr_matrix(counts), 5, 1.0, restarts=5, iterations=500, tol=1e-8)
    assert found is not None
    assert np.abs(found[1][:, None, :] - beta[None]).sum(axis=2).min(axis=0).max() < 0.2
    assert found[0] == pytest.approx(np.full(5, 0.2), abs=0.08)
    factor = np.linalg.qr(np.random.default_rng(0).normal(size=(4, 4)))[0]
    weights = np.array([4.0, 3.0, 2.0, 1.0])
    tensor = np.einsum("r,ar,br,cr->abc", weights, factor, factor, factor)
    values, _ = decompose(tensor, restarts=5, iterations=500, tol=1e-10, generator=np.random.default_rng(1))
    assert sorted(values, reverse=True) == pytest.approx(weights, rel=1e-3)


def test_lda_refuses_several_hosts_and_negative_counts(tmp_path: Path) -> None:
    settings = {"num_topics": 2, "feature_dim": 3, "mini_batch_size": 2}
    job = job_folder(tmp_path / "a", settings, {"train": ("text/csv", b"1,0,2\n-1,2,3\n")})
    with pytest.raises(AlgorithmError, match="negative word counts"):
        lda_train.train(job)
    hosts = {"current_host": "algo-1", "hosts": ["algo-1", "algo-2"]}
    (job / "input/config/resourceconfig.json").write_text(json.dumps(hosts))
    with pytest.raises(AlgorithmError, match="trains on a single instance only"):
        lda_train.train(job)


def logins(rows: int, seed: int = 0) -> bytes:
    """Users who log in from two networks of their own."""
    homes = np.random.default_rng(9).integers(0, 1 << 16, size=(40, 2))
    generator = np.random.default_rng(seed)
    users = generator.integers(0, 40, rows)
    networks = homes[users, generator.integers(0, 2, rows)]
    hosts = generator.integers(0, 1 << 16, rows)
    return "".join(
        f"user_{user},{net >> 8}.{net & 255}.{host >> 8}.{host & 255}\n"
        for user, net, host in zip(users.tolist(), networks.tolist(), hosts.tolist(), strict=True)
    ).encode()


def test_addresses_of_strangers_are_told_apart(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    job = job_folder(
        tmp_path,
        {
            "num_entity_vectors": 100,
            "vector_dim": 32,
            "mini_batch_size": 200,
            "epochs": 8,
            "learning_rate": 0.01,
            "random_negative_sampling_rate": 3,
        },
        {"train": ("text/csv", logins(6000)), "validation": ("", logins(600, 1))},
    )
    ip_train.train(job)
    metrics = quality_metrics(capsys.readouterr().out, IP)
    assert metrics["validation:discriminator_auc"] > 0.95
    assert metrics["train:binary_classification_accuracy:epoch"] > 0.8
    predictor = ip_serve.load(job / "model", {})
    usual = json.loads(predictor.invoke(logins(200, 2), "text/csv", "application/json")[0])["predictions"]
    assert np.mean([row["dot_product"] > 0 for row in usual]) > 0.85
    instances = {
        "instances": [
            {"features": ["user_1", "203.0.113.9"]},
            {"data": {"features": {"values": ["x", "1.2.3.4"]}}},
        ]
    }
    body, kind = predictor.invoke(
        json.dumps(instances).encode(), "application/json", "application/jsonlines;verbose=true"
    )
    assert kind == "application/jsonlines"
    first = json.loads(body.splitlines()[0])
    assert np.dot(first["ip_embedding"], first["entity_embedding"]) == pytest.approx(
        first["dot_product"], rel=1e-3
    )
    for wrong, words in ((b"user_1,1.2.3", "no IPv4 address"), (b"user_1", "two columns"), (b"", "empty")):
        with pytest.raises(ClientError, match=words):
            predictor.invoke(wrong, "text/csv", "")


def test_bad_pairs_are_told_with_file_and_line(tmp_path: Path) -> None:
    settings = {"num_entity_vectors": 100, "vector_dim": 8}
    for number, (content, words) in enumerate(
        (
            (
                b"user,ip\nuser_1,1.2.3.4\n",
                "line 1: 'ip' is no IPv4 address. The first line seems to be a header",
            ),
            (b"user_1,1.2.3.4\nuser_1,999.1.1.1\n", "line 2: '999.1.1.1' is no IPv4 address"),
            (b"", "No training data processed"),
        )
    ):
        with pytest.raises(AlgorithmError, match=words):
            ip_train.train(job_folder(tmp_path / str(number), settings, {"train": ("text/csv", content)}))
    assert pairs.bits(np.array([0x80000001], dtype=np.uint32))[0, [0, 1, 31]].tolist() == [1, -1, 1]
    assert pairs.split_line('"a,b","1.2.3.4"') == ("a,b", "1.2.3.4")
