"""BlazingText: words of one theme lie together, sentences are labelled, files are those of fastText."""

from __future__ import annotations

import contextlib
import io
import json
import random
import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("gensim")

from smstudio_ext.engine.images.blazingtext import fasttext_file, serve
from smstudio_ext.engine.images.blazingtext.fasttext_model import FastTextModel, huffman_paths, word_hash
from smstudio_ext.engine.images.blazingtext.train import train
from smstudio_ext.engine.images.contract import AlgorithmError, ClientError
from tests.unit.deepfolders import deep_folder, logged_metrics

THEMES = {
    "sport": "ball goal team win score match player coach league cup".split(),
    "food": "bread cheese soup salt cook oven taste sweet dinner plate".split(),
    "sea": "ship wave sail harbor captain fish storm island anchor deck".split(),
}
COMMON = "the of and a in to is it for on with as".split()


def sentence(theme: str, source: random.Random, length: int = 18) -> str:
    return " ".join(
        source.choice(THEMES[theme]) if source.random() < 0.35 else source.choice(COMMON)
        for _ in range(length)
    )


def labelled(count: int, seed: int) -> bytes:
    source = random.Random(seed)
    themes = source.choices(list(THEMES), k=count)
    return "\n".join(f"__label__{theme} {sentence(theme, source)}" for theme in themes).encode()


def plain(count: int, seed: int = 0) -> bytes:
    return b"\n".join(b" ".join(line.split()[1:]) for line in labelled(count, seed).splitlines())


def run(folder: Path) -> str:
    output = io.StringIO()
    with contextlib.redirect_stdout(output):
        train(folder)
    return output.getvalue()


def ask(predictor: serve.TextPredictor, instances: list[Any], **configuration: Any) -> Any:
    body = json.dumps({"instances": instances, "configuration": configuration}).encode()
    return json.loads(predictor.invoke(body, "application/json", "application/json")[0])


@pytest.fixture(scope="module")
def classifier(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    folder = deep_folder(
        tmp_path_factory.mktemp("supervised") / "ml",
        {
            "mode": "supervised",
            "epochs": 6,
            "vector_dim": 10,
            "buckets": 5000,
            "early_stopping": "True",
            "min_epochs": 2,
            "patience": 1,
        },
        {
            "train": ("text/plain", {"a.txt": labelled(1500, 1)}),
            "validation": ("text/plain", {"b.txt": labelled(300, 2)}),
        },
    )
    return folder / "model", run(folder)


def test_blazingtext_supervised_labels_sentences(classifier: tuple[Path, str]) -> None:
    predictor = serve.load(classifier[0], {})
    found = ask(predictor, ["the goal of the team", "soup and bread"], k=2)
    assert [row["label"][0] for row in found] == ["__label__sport", "__label__food"]
    assert [len(row["prob"]) for row in found] == [2, 2]
    assert ask(predictor, ["the sail of a ship"])[0]["label"] == ["__label__sea"]
    metrics = logged_metrics("blazingtext", classifier[1])
    assert metrics["validation:accuracy"] > 0.97
    assert metrics["train:accuracy"] > 0.97


def test_blazingtext_supervised_stops_early(classifier: tuple[Path, str]) -> None:
    assert "Early stopping..." in classifier[1]


def test_blazingtext_json_lines_take_k_from_each_line(classifier: tuple[Path, str]) -> None:
    predictor = serve.load(classifier[0], {})
    body = b'{"source": "the goal"}\n{"source": "soup", "k": 3}\n'
    answer, kind = predictor.invoke(body, "application/jsonlines", "")
    rows = [json.loads(line) for line in answer.splitlines()]
    assert kind == "application/jsonlines"
    assert [len(row["label"]) for row in rows] == [1, 3]
    assert sum(rows[1]["prob"]) == pytest.approx(1.0, abs=1e-5)


@pytest.mark.parametrize("mode", ["cbow", "skipgram", "batch_skipgram"])
def test_blazingtext_words_of_one_theme_lie_together(tmp_path: Path, mode: str) -> None:
    folder = deep_folder(
        tmp_path / "ml",
        {"mode": mode, "vector_dim": 20, "min_count": 2, "sampling_threshold": 0.001, "epochs": 4},
        {"train": ("text/plain", {"text": plain(1500)})},
    )
    output = run(folder)
    assert "train:mean_rho" in logged_metrics("blazingtext", output)
    assert {path.name for path in (folder / "model").iterdir()} == {"eval.json", "vectors.bin", "vectors.txt"}
    predictor = serve.load(folder / "model", {})
    vectors = {
        row["word"]: np.array(row["vector"]) for row in ask(predictor, ["goal", "team", "soup", "zebra"])
    }
    assert len(vectors["goal"]) == 20
    assert not vectors["zebra"].any()
    assert cosine(vectors["goal"], vectors["team"]) > cosine(vectors["goal"], vectors["soup"]) + 0.05
    first, *lines = (folder / "model/vectors.txt").read_text().splitlines()
    assert first.split() == [str(len(lines)), "20"]
    written = np.array(next(line for line in lines if line.startswith("goal ")).split()[1:], dtype=float)
    assert written == pytest.approx(vectors["goal"], abs=1e-5)


def cosine(first: Any, second: Any) -> float:
    return float(first @ second / np.linalg.norm(first) / np.linalg.norm(second))


def test_blazingtext_subwords_give_vectors_to_unknown_words(tmp_path: Path) -> None:
    folder = deep_folder(
        tmp_path / "ml",
        {
            "mode": "skipgram",
            "subwords": True,
            "vector_dim": 10,
            "buckets": 500,
            "evaluation": "false",
            "epochs": 2,
        },
        {"train": ("text/plain", {"text": plain(500)})},
    )
    run(folder)
    assert not (folder / "model/eval.json").exists()
    rows = ask(serve.load(folder / "model", {}), ["teams"])
    assert any(rows[0]["vector"])


def test_blazingtext_two_hosts_share_the_sentences(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import socket

    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    monkeypatch.setenv("MASTER_ADDR", "127.0.0.1")
    monkeypatch.setenv("MASTER_PORT", str(port))
    names = ("algo-1", "algo-2")
    folders = [
        deep_folder(
            tmp_path / name,
            {"mode": "batch_skipgram", "vector_dim": 8, "epochs": 2, "evaluation": "False"},
            {"train": ("text/plain", {"text": plain(400)})},
            names,
            name,
        )
        for name in names
    ]
    other = threading.Thread(target=train, args=(folders[1],))
    other.start()
    train(folders[0])
    other.join(60)
    assert (folders[0] / "model/vectors.bin").exists()
    assert not list((folders[1] / "model").iterdir())


def test_blazingtext_augmented_manifest_lines(tmp_path: Path) -> None:
    rows = [
        json.dumps(
            {
                "source": " ".join(line.split()[1:]),
                "label": [1, 2] if b"sport" in line.split()[0].encode() else 3,
            }
        )
        for line in labelled(200, 4).decode().splitlines()
    ]
    folder = deep_folder(
        tmp_path / "ml",
        {"mode": "supervised", "vector_dim": 5, "word_ngrams": 1},
        {"train": ("application/jsonlines", {"a.jsonl": "\n".join(rows).encode()})},
    )
    run(folder)
    found = serve.load(folder / "model", {})
    assert sorted(ask(found, ["soup"], k=5)[0]["label"]) == ["__label__1", "__label__2", "__label__3"]


@pytest.mark.parametrize(
    ("parameters", "text", "reason"),
    [
        ({}, b"a b", "'mode'"),
        ({"mode": "glove"}, b"a b", "'glove' is not valid"),
        ({"mode": "supervised"}, b"no label here", "no label"),
        ({"mode": "supervised"}, b"__label__1 a", "min_count"),
        ({"mode": "cbow", "min_count": 50}, b"a b c", "min_count=50"),
        ({"mode": "batch_skipgram", "subwords": "true"}, b"a b c", "subwords"),
    ],
)
def test_blazingtext_says_what_is_wrong(
    tmp_path: Path, parameters: dict[str, Any], text: bytes, reason: str
) -> None:
    folder = deep_folder(tmp_path / "ml", parameters, {"train": ("text/plain", {"a": text})})
    with pytest.raises(AlgorithmError, match=reason):
        run(folder)


def test_blazingtext_refuses_bad_requests(classifier: tuple[Path, str]) -> None:
    predictor = serve.load(classifier[0], {})
    with pytest.raises(ClientError, match="strings"):
        ask(predictor, [3])
    with pytest.raises(ClientError, match="k must"):
        ask(predictor, ["a"], k=0)
    with pytest.raises(ClientError) as unsupported:
        predictor.invoke(b"a", "text/csv", "")
    assert unsupported.value.status == 415


def test_fasttext_file_that_is_damaged_is_refused(classifier: tuple[Path, str], tmp_path: Path) -> None:
    whole = (classifier[0] / "model.bin").read_bytes()
    for name, content in {"short": whole[:400], "other": b"PK\x03\x04" + whole}.items():
        (tmp_path / name).mkdir()
        (tmp_path / name / "model.bin").write_bytes(content)
        with pytest.raises(ValueError, match=r"model\.bin"):
            serve.load(tmp_path / name, {})


def test_fasttext_hash_and_tree_are_fasttexts() -> None:
    # values of fastText 0.9.2: its hash of "é" takes bytes as signed characters
    assert (word_hash("the"), word_hash("é")) == (3_020_861_980, 1_023_043_777)
    paths = huffman_paths([10, 5, 5, 2])
    assert sorted(len(nodes) for nodes, _ in paths) == [1, 2, 3, 3]
    gates = np.array([0.3, 0.6, 0.9])
    total = sum(float(np.where(codes, gates[nodes], 1 - gates[nodes]).prod()) for nodes, codes in paths)
    assert total == pytest.approx(1.0)


def test_fasttext_unused_buckets_take_no_room(classifier: tuple[Path, str]) -> None:
    file = fasttext_file.read(classifier[0] / "model.bin")
    assert file.inputs.shape == (len(file.words) + 5000, 10)
    assert FastTextModel(file).is_classifier
