"""NTM: topics that are known are found again, and requests of every documented form are answered."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("torch")

from smstudio_ext.engine.images.contract import AlgorithmError, ClientError
from smstudio_ext.engine.images.deep import records
from smstudio_ext.engine.images.ntm import serve
from smstudio_ext.engine.images.ntm.train import train
from smstudio_ext.formats import mxnet, recordio
from tests.unit.deepfolders import deep_folder, logged_metrics

TOPICS, WORDS = 4, 20
RECORDIO = "application/x-recordio-protobuf"


def corpus(documents: int = 1200) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """Documents of four topics that share no word, and their mixtures."""
    random = np.random.default_rng(3)
    topics = np.kron(np.eye(TOPICS), np.full((1, WORDS // TOPICS), TOPICS / WORDS))
    mixtures = random.dirichlet(np.full(TOPICS, 0.3), size=documents)
    counts = np.stack([random.multinomial(60, mixture @ topics) for mixture in mixtures])
    return counts.astype(np.float32), mixtures


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    import contextlib

    counts, _ = corpus()
    words = "\n".join(f"word{index}" for index in range(WORDS)).encode()
    folder = deep_folder(
        tmp_path_factory.mktemp("ntm") / "ml",
        {"num_topics": TOPICS, "feature_dim": WORDS, "mini_batch_size": 100, "_num_gpus": "auto"},
        {
            "train": (RECORDIO, {"a.data": recordio.write_dense(counts[:1000], np.zeros(1000, np.float32))}),
            "validation": (RECORDIO, {"v.data": recordio.write_dense(counts[1000:1100])}),
            "test": (RECORDIO, {"t.data": recordio.write_dense(counts[1100:])}),
            "auxiliary": ("text/plain", {"vocab.txt": words}),
        },
    )
    output = io.StringIO()
    with contextlib.redirect_stdout(output):
        train(folder)
    return folder / "model", output.getvalue()


def test_ntm_default_parameters_recover_known_topics(trained: tuple[Path, str]) -> None:
    from scipy.optimize import linear_sum_assignment

    counts, mixtures = corpus()
    predictor = serve.load(trained[0], {})
    body = "\n".join(",".join(f"{cell:g}" for cell in row) for row in counts[:1000]).encode()
    answer, kind = predictor.invoke(body, "text/csv", "application/json")
    found = np.array([row["topic_weights"] for row in json.loads(answer)["predictions"]])
    assert kind == "application/json"
    assert found.sum(axis=1) == pytest.approx(np.ones(1000), abs=1e-4)
    correlations = np.corrcoef(mixtures[:1000].T, found.T)[:TOPICS, TOPICS:]
    rows, columns = linear_sum_assignment(-correlations)
    assert correlations[rows, columns].min() > 0.9


def test_ntm_log_holds_metrics_topics_and_progress(trained: tuple[Path, str]) -> None:
    metrics = logged_metrics("ntm", trained[1])
    assert set(metrics) == {"train:total_loss", "validation:total_loss", "test:total_loss"}
    assert metrics["validation:total_loss"] == pytest.approx(metrics["test:total_loss"], rel=0.2)
    topics = [line for line in trained[1].splitlines() if "word0 " in line or " word0" in line]
    assert topics, "the auxiliary vocabulary is not used"
    assert "#progress_metric" in trained[1]


def test_ntm_model_is_the_zip_that_notebooks_unpack(trained: tuple[Path, str]) -> None:
    with zipfile.ZipFile(trained[0] / "model_algo-1") as archive:
        arrays = mxnet.read(archive.read("params"))
    assert isinstance(arrays, dict)
    assert arrays["arg:projection_weight"].shape == (WORDS, TOPICS)


def test_ntm_every_request_form_gives_the_same_mixture(trained: tuple[Path, str]) -> None:
    counts, _ = corpus(3)
    predictor = serve.load(trained[0], {})
    dense = [[float(cell) for cell in row] for row in counts]
    sparse_rows = [
        {
            "data": {
                "features": {
                    "keys": [int(k) for k in np.flatnonzero(row)],
                    "shape": [WORDS],
                    "values": [float(v) for v in row[row > 0]],
                }
            }
        }
        for row in counts
    ]
    requests = {
        "text/csv": "\n".join(",".join(map(str, row)) for row in dense).encode(),
        "application/json": json.dumps({"instances": [{"features": row} for row in dense]}).encode(),
        "application/json; sparse": json.dumps({"instances": sparse_rows}).encode(),
        "application/jsonlines": b"\n".join(json.dumps({"features": row}).encode() for row in dense),
        RECORDIO: recordio.write_dense(counts),
    }
    answers = [
        np.array(
            [row["topic_weights"] for row in json.loads(predictor.invoke(body, kind, "")[0])["predictions"]]
        )
        for kind, body in requests.items()
    ]
    for answer in answers[1:]:
        assert answer == pytest.approx(answers[0], abs=1e-5)
    encoded, kind = predictor.invoke(requests["text/csv"], "text/csv", RECORDIO)
    rows = [records.parse(frame).label["topic_weights"] for frame in records.frames(encoded)]
    assert kind == RECORDIO
    assert np.stack(rows) == pytest.approx(answers[0], abs=1e-5)
    lines = predictor.invoke(requests["text/csv"], "text/csv", "application/jsonlines")[0].splitlines()
    assert len(lines) == 3


def test_ntm_refuses_bad_requests(trained: tuple[Path, str]) -> None:
    predictor = serve.load(trained[0], {})
    with pytest.raises(ClientError, match="feature_dim=20"):
        predictor.invoke(b"1,2,3", "text/csv", "")
    with pytest.raises(ClientError, match="not supported") as unsupported:
        predictor.invoke(b"x", "image/png", "")
    assert unsupported.value.status == 415
    with pytest.raises(ClientError):
        predictor.invoke(b'{"instances": [{"features": "x"}]}', "application/json", "")


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"num_topics": 1}, "'1' is not valid for the 'num_topics'"),
        ({"optimizer": "lbfgs"}, "'lbfgs' is not valid for the 'optimizer'"),
        ({"topics": 3}, "'topics' was unexpected"),
        ({"encoder_layers": "3,0"}, "encoder_layers"),
        ({"feature_dim": 19}, "feature_dim is 19"),
    ],
)
def test_ntm_refuses_bad_hyperparameters(tmp_path: Path, changed: dict[str, Any], reason: str) -> None:
    counts, _ = corpus(20)
    folder = deep_folder(
        tmp_path / "ml",
        {"num_topics": TOPICS, "feature_dim": WORDS, **changed},
        {"train": (RECORDIO, {"a": recordio.write_dense(counts)})},
    )
    with pytest.raises(AlgorithmError, match=reason):
        train(folder)


def test_ntm_other_layers_csv_and_sub_sample(tmp_path: Path) -> None:
    counts, _ = corpus(300)
    text = "\n".join(",".join(f"{cell:g}" for cell in row) for row in counts).encode()
    folder = deep_folder(
        tmp_path / "ml",
        {
            "num_topics": 3,
            "feature_dim": WORDS,
            "encoder_layers": "8",
            "encoder_layers_activation": "relu",
            "batch_norm": "true",
            "optimizer": "adam",
            "learning_rate": 0.01,
            "epochs": 3,
            "sub_sample": 0.5,
            "clip_gradient": 5,
            "rescale_gradient": 0.5,
        },
        {"train": ("text/csv", {"a.csv": text})},
    )
    train(folder)
    answer = serve.load(folder / "model", {}).invoke(text.splitlines()[0], "text/csv", "")[0]
    assert len(json.loads(answer)["predictions"][0]["topic_weights"]) == 3


def test_ntm_foreign_model_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "model_algo-1").write_bytes(b"not a zip")
    with pytest.raises(ValueError, match="no NTM model"):
        serve.load(tmp_path, {})
