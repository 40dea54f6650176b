"""Object2Vec: relations of pairs are learned, ratings beyond biases, and vectors of one side are answered."""

from __future__ import annotations

import contextlib
import io
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("torch")

from smstudio_ext.engine.images.contract import AlgorithmError, ClientError
from smstudio_ext.engine.images.object2vec import serve
from smstudio_ext.engine.images.object2vec.train import train
from tests.unit.deepfolders import deep_folder, logged_metrics

GROUPS, TOKENS = 4, 40
LINES = "application/jsonlines"


def lines(rows: list[dict[str, Any]]) -> bytes:
    return "\n".join(json.dumps(row) for row in rows).encode()


def matches(count: int, seed: int, *, only_positive: bool = False) -> list[dict[str, Any]]:
    """Pairs of sequences; the label says whether both take their tokens from the same group."""
    random = np.random.default_rng(seed)
    rows = []
    for _ in range(count):
        label = 1 if only_positive else int(random.integers(2))
        first = int(random.integers(GROUPS))
        second = first if label else int((first + random.integers(1, GROUPS)) % GROUPS)
        sides = [
            [int(token) for token in random.integers(group * 10, group * 10 + 10, size=random.integers(2, 7))]
            for group in (first, second)
        ]
        rows.append({"label": label, "in0": sides[0], "in1": sides[1]})
    return rows


def ratings(count: int, seed: int) -> list[dict[str, Any]]:
    """User and item pairs whose rating is mostly an interaction of tastes that biases cannot tell."""
    tastes = np.random.default_rng(7)
    users, items = tastes.normal(size=(30, 2)), tastes.normal(size=(20, 2))
    random = np.random.default_rng(seed)
    rows = []
    for _ in range(count):
        user, item = int(random.integers(30)), int(random.integers(20))
        rows.append(
            {
                "label": float(3 + users[user] @ items[item] + random.normal(0, 0.1)),
                "in0": [user],
                "in1": [item],
            }
        )
    return rows


def parameters(**changed: Any) -> dict[str, Any]:
    return {
        "enc0_max_seq_len": 6,
        "enc0_vocab_size": TOKENS,
        "enc0_token_embedding_dim": 16,
        "enc_dim": 16,
        "mlp_dim": 16,
        "mlp_layers": 1,
        "mlp_activation": "tanh",
        "learning_rate": 0.01,
        "epochs": 4,
        "_kvstore": "device",
        "_num_gpus": "auto",
        **changed,
    }


def run(folder: Path) -> str:
    output = io.StringIO()
    with contextlib.redirect_stdout(output):
        train(folder)
    return output.getvalue()


def classifier(root: Path, **changed: Any) -> tuple[Path, str]:
    folder = deep_folder(
        root / "ml",
        parameters(**changed),
        {
            "train": (LINES, {"a.jsonl": lines(matches(1200, 1))}),
            "validation": (LINES, {"b.jsonl": lines(matches(200, 2))}),
            "test": (LINES, {"c.jsonl": lines(matches(200, 3))}),
        },
    )
    return folder / "model", run(folder)


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    return classifier(
        tmp_path_factory.mktemp("object2vec"), enc0_network="pooled_embedding", enc1_layers="auto", epochs=6
    )


def ask(predictor: serve.PairPredictor, instances: list[Any]) -> list[dict[str, Any]]:
    body = json.dumps({"instances": instances}).encode()
    found: list[dict[str, Any]] = json.loads(predictor.invoke(body, "application/json", "")[0])["predictions"]
    return found


def test_object2vec_learns_which_sequences_belong_together(trained: tuple[Path, str]) -> None:
    metrics = logged_metrics("object2vec", trained[1])
    assert metrics["validation:accuracy"] > 0.9
    assert metrics["test:accuracy"] > 0.9
    assert metrics["test:cross_entropy"] < 0.4
    assert "train:cross_entropy" in metrics


@pytest.mark.parametrize("network", ["hcnn", "bilstm"])
def test_object2vec_other_encoders(tmp_path: Path, network: str) -> None:
    _, output = classifier(
        tmp_path, enc0_network=network, tied_token_embedding_weight="true", bucket_width=2, epochs=3
    )
    assert logged_metrics("object2vec", output)["validation:accuracy"] > 0.8


def test_object2vec_answers_scores_and_embeddings(trained: tuple[Path, str]) -> None:
    predictor = serve.load(trained[0], {})
    same, other, left, right = ask(
        predictor,
        [
            {"in0": [1, 2], "in1": [3, 4, 5]},
            {"in0": [1, 2], "in1": [33, 34]},
            {"in0": [1, 2]},
            {"in1": [3, 4, 5]},
        ],
    )
    assert same["scores"][1] > 0.5 > other["scores"][1]
    assert sum(same["scores"]) == pytest.approx(1.0, abs=1e-5)
    assert len(left["embeddings"]) == len(right["embeddings"]) == 16
    body = b'{"in0": [1, 2]}\n{"in0": [3]}'
    answer, kind = predictor.invoke(body, "application/jsonlines; infer_max_seqlens=2,2", "")
    assert kind == LINES
    assert [list(json.loads(line)) for line in answer.splitlines()] == [["embeddings"]] * 2


def test_object2vec_ratings_beat_biases(tmp_path: Path) -> None:
    known, held_out = ratings(2500, 1), ratings(400, 2)
    folder = deep_folder(
        tmp_path / "ml",
        parameters(
            enc0_max_seq_len=1,
            enc0_vocab_size=30,
            enc1_max_seq_len=1,
            enc1_vocab_size=20,
            enc0_network="pooled_embedding",
            enc1_network="pooled_embedding",
            enc1_token_embedding_dim=16,
            output_layer="mean_squared_error",
            comparator_list="hadamard",
            mlp_activation="linear",
            epochs=8,
        ),
        {"train": (LINES, {"a": lines(known)}), "validation": (LINES, {"b": lines(held_out)})},
    )
    found = logged_metrics("object2vec", run(folder))["validation:mean_squared_error"]
    assert found < 0.5 * bias_error(known, held_out)
    scores = ask(
        serve.load(folder / "model", {}), [{"in0": row["in0"], "in1": row["in1"]} for row in held_out[:50]]
    )
    errors = [scores[at]["scores"][0] - held_out[at]["label"] for at in range(50)]
    assert np.mean(np.square(errors)) < 1.0


def bias_error(known: list[dict[str, Any]], held_out: list[dict[str, Any]]) -> float:
    """Mean squared error of the mean plus a bias of each user and item (least squares)."""

    def table(rows: list[dict[str, Any]]) -> np.ndarray[Any, Any]:
        out = np.zeros((len(rows), 51))
        out[:, 0] = 1
        for at, row in enumerate(rows):
            out[at, 1 + row["in0"][0]] = out[at, 31 + row["in1"][0]] = 1
        return out

    labels = np.array([row["label"] for row in known])
    weights = np.linalg.lstsq(table(known), labels, rcond=None)[0]
    return float(np.mean((table(held_out) @ weights - [row["label"] for row in held_out]) ** 2))


def test_object2vec_negative_sampling_needs_only_positive_pairs(tmp_path: Path) -> None:
    folder = deep_folder(
        tmp_path / "ml",
        parameters(
            enc0_network="pooled_embedding",
            negative_sampling_rate=3,
            token_embedding_storage_type="row_sparse",
        ),
        {"train": (LINES, {"a": lines(matches(1200, 1, only_positive=True))})},
    )
    run(folder)
    same, other = ask(serve.load(folder / "model", {}), [{"in0": [1], "in1": [4]}, {"in0": [1], "in1": [35]}])
    assert same["scores"][1] > other["scores"][1] + 0.1


def test_object2vec_pretrained_vectors_stay_when_frozen(tmp_path: Path) -> None:
    vectors = "\n".join(f"t{token} " + " ".join([f"{token / 10}"] * 16) for token in range(TOKENS)).encode()
    vocabulary = json.dumps({f"t{token}": token for token in range(TOKENS)}).encode()
    folder = deep_folder(
        tmp_path / "ml",
        parameters(
            enc0_network="pooled_embedding",
            enc0_pretrained_embedding_file="glove.txt",
            enc0_vocab_file="vocab.json",
            enc1_vocab_file="",
            epochs=1,
        ),
        {
            "train": (LINES, {"a": lines(matches(50, 1))}),
            "auxiliary": ("application/json", {"glove.txt": vectors, "vocab.json": vocabulary}),
        },
    )
    run(folder)
    found = ask(serve.load(folder / "model", {}), [{"in0": [20]}])
    assert found[0]["embeddings"] == pytest.approx([2.0] * 16)


@pytest.mark.parametrize(
    ("changed", "row", "reason"),
    [
        ({"enc0_vocab_size": 1}, {}, "'enc0_vocab_size'"),
        ({"comparator_list": "cosine"}, {}, "'cosine'"),
        ({}, {"in0": [40]}, "line 1.*vocab_size - 1 = 39"),
        ({}, {"in1": []}, "at least one"),
        ({}, {"label": 2}, "no class"),
        ({}, {"label": None}, "line 1"),
        ({"token_embedding_storage_type": "row_sparse", "optimizer": "rmsprop"}, {}, "row_sparse"),
        ({"enc0_pretrained_embedding_file": "a.txt"}, {}, "auxiliary"),
    ],
)
def test_object2vec_says_what_is_wrong(
    tmp_path: Path, changed: dict[str, Any], row: dict[str, Any], reason: str
) -> None:
    rows = [{"label": 1, "in0": [1], "in1": [2], **row}]
    folder = deep_folder(tmp_path / "ml", parameters(**changed), {"train": (LINES, {"a": lines(rows)})})
    with pytest.raises(AlgorithmError, match=reason):
        run(folder)


def test_object2vec_refuses_bad_requests(trained: tuple[Path, str]) -> None:
    predictor = serve.load(trained[0], {})
    for instance in ([1, 2], {"in0": ["a"]}, {"in0": [99]}, {}):
        with pytest.raises(ClientError, match="Instance 1"):
            ask(predictor, [instance])
