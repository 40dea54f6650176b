"""Seq2Seq: a toy language is translated, with attention, from text and from token records."""

from __future__ import annotations

import contextlib
import io
import json
import random
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("torch")

import torch

from smstudio_ext.engine.images.contract import AlgorithmError, ClientError
from smstudio_ext.engine.images.deep import records
from smstudio_ext.engine.images.seq2seq import serve
from smstudio_ext.engine.images.seq2seq.decode import bleu, translate
from smstudio_ext.engine.images.seq2seq.network import Translator
from smstudio_ext.engine.images.seq2seq.parameters import DECLARED, network_settings
from smstudio_ext.engine.images.seq2seq.train import train
from tests.unit.deepfolders import deep_folder, logged_metrics

MARKS = ["<pad>", "<unk>", "<s>", "</s>"]
WORDS = "one two three four five six seven".split()
SOURCE = {token: at for at, token in enumerate([*MARKS, *WORDS])}
TARGET = {token: at for at, token in enumerate([*MARKS, *(word.upper() for word in WORDS)])}
RECORDIO = "application/x-recordio-protobuf"


def sentences(count: int, seed: int) -> list[tuple[list[str], list[str]]]:
    """Words in, the same words in capitals and in reverse order out."""
    source = random.Random(seed)
    found = []
    for _ in range(count):
        words = [source.choice(WORDS) for _ in range(source.randint(2, 4))]
        found.append((words, [word.upper() for word in reversed(words)]))
    return found


def packed(rows: list[tuple[list[str], list[str]]]) -> bytes:
    return records.write(
        ({"source": np.array([SOURCE[w] for w in words]), "target": np.array([TARGET[w] for w in other])}, {})
        for words, other in rows
    )


def parameters(**changed: Any) -> dict[str, Any]:
    return {
        "max_seq_len_source": 10,
        "max_seq_len_target": 10,
        "rnn_num_hidden": 48,
        "num_embed_source": 24,
        "num_embed_target": 24,
        "batch_size": 32,
        "checkpoint_frequency_num_batches": 130,
        "max_num_batches": 390,
        "learning_rate": 0.01,
        "beam_size": 3,
        **changed,
    }


def vocabularies() -> dict[str, bytes]:
    return {"vocab.src.json": json.dumps(SOURCE).encode(), "vocab.trg.json": json.dumps(TARGET).encode()}


def folder_of(root: Path, count: int = 1000, **changed: Any) -> Path:
    return deep_folder(
        root / "ml",
        parameters(**changed),
        {
            "train": (RECORDIO, {"train.rec": packed(sentences(count, 1))}),
            "validation": ("", {"val.rec": packed(sentences(60, 2))}),
            "vocab": ("", vocabularies()),
        },
    )


def run(folder: Path) -> str:
    output = io.StringIO()
    with contextlib.redirect_stdout(output):
        train(folder)
    return output.getvalue()


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    folder = folder_of(tmp_path_factory.mktemp("seq2seq"), optimized_metric="bleu", bleu_sample_size=20)
    return folder / "model", run(folder)


def test_seq2seq_learns_to_translate(trained: tuple[Path, str]) -> None:
    metrics = logged_metrics("seq2seq", trained[1])
    assert metrics["validation:accuracy"] > 0.9
    assert metrics["validation:bleu"] > 0.7
    assert metrics["validation:perplexity"] < 1.5
    assert metrics["train:perplexity"] < 1.5
    names = {path.name for path in trained[0].iterdir()}
    assert names == {"params.best", "config", "vocab.src.json", "vocab.trg.json"}


def test_seq2seq_text_requests_and_attention(trained: tuple[Path, str]) -> None:
    predictor = serve.load(trained[0], {})
    request = {
        "instances": [
            {"data": "one two three"},
            {"data": "five four", "configuration": {"attention_matrix": "true"}},
        ]
    }
    answer, kind = predictor.invoke(json.dumps(request).encode(), "application/json", "")
    first, second = json.loads(answer)["predictions"]
    assert kind == "application/json"
    assert first == {"target": "THREE TWO ONE"}
    assert second["target"] == "FOUR FIVE"
    matrix = np.array(second["matrix"])
    assert matrix.shape == (2, 2)
    assert matrix.sum(axis=1) == pytest.approx([1.0, 1.0], abs=1e-4)


def test_seq2seq_token_records_and_lines(trained: tuple[Path, str]) -> None:
    predictor = serve.load(trained[0], {})
    answer, kind = predictor.invoke(packed([("six one".split(), [])]), RECORDIO, "")
    tokens = records.parse(next(records.frames(answer))).features["target"]
    assert kind == RECORDIO
    assert [list(TARGET)[token] for token in tokens] == ["ONE", "SIX"]
    lines, _ = predictor.invoke(
        b'{"source": "two one"}\n{"source": "two zebra"}', "application/jsonlines", ""
    )
    rows = [json.loads(line) for line in lines.splitlines()]
    assert rows[0] == {"target": "ONE TWO"}
    assert len(rows) == 2


@pytest.mark.parametrize(
    "changed",
    [
        {"rnn_cell_type": "gru", "rnn_attention_type": "dot", "rnn_decoder_state_init": "avg"},
        {
            "rnn_attention_type": "bilinear",
            "num_layers_encoder": 2,
            "num_layers_decoder": 2,
            "rnn_residual_connections": "true",
            "lr_scheduler_type": "fixed_rate_inv_t",
        },
        {
            "rnn_attention_type": "fixed",
            "rnn_decoder_state_init": "zero",
            "optimizer_type": "sgd",
            "momentum": 0.9,
            "weight_init_type": "uniform",
            "weight_init_scale": 0.1,
            "optimized_metric": "accuracy",
            "bucketing_enabled": "false",
        },
    ],
)
def test_seq2seq_other_networks_train_and_answer(tmp_path: Path, changed: dict[str, Any]) -> None:
    folder = folder_of(tmp_path, 100, max_num_epochs=1, **changed)
    assert "validation:perplexity" in logged_metrics("seq2seq", run(folder))
    body = b'{"instances": [{"data": "one two"}]}'
    assert b"target" in serve.load(folder / "model", {}).invoke(body, "application/json", "")[0]


@pytest.mark.parametrize(
    ("changed", "files", "reason"),
    [
        ({"encoder_type": "cnn"}, {}, "not offered"),
        ({"rnn_num_hidden": 5}, {}, "multiple of 2"),
        ({}, {"vocab.src.json": b"{}"}, "<pad>"),
        ({}, {"vocab.trg.json": json.dumps(dict.fromkeys(MARKS, 0)).encode()}, "beyond the vocabulary"),
        ({"momentum": 0.5}, {}, "'sgd'"),
        ({"batch_size": 0}, {}, "'batch_size'"),
    ],
)
def test_seq2seq_says_what_is_wrong(
    tmp_path: Path, changed: dict[str, Any], files: dict[str, bytes], reason: str
) -> None:
    folder = folder_of(tmp_path, 20, **changed)
    for name, content in files.items():
        (folder / "input/data/vocab" / name).write_bytes(content)
    with pytest.raises(AlgorithmError, match=reason):
        run(folder)


def test_seq2seq_missing_channels_and_tensors(tmp_path: Path) -> None:
    folder = deep_folder(tmp_path / "ml", parameters(), {"vocab": ("", {"vocab.src.json": b"{}"})})
    with pytest.raises(AlgorithmError, match=r"vocab\.trg\.json is missing"):
        run(folder)
    folder = deep_folder(
        tmp_path / "other",
        parameters(),
        {"vocab": ("", vocabularies()), "train": ("", {"a": records.write([({"values": np.ones(2)}, {})])})},
    )
    with pytest.raises(AlgorithmError, match="'source' is missing"):
        run(folder)


def test_seq2seq_refuses_bad_requests(trained: tuple[Path, str]) -> None:
    predictor = serve.load(trained[0], {})
    for body, kind in (
        (b'{"instances": ["one"]}', "application/json"),
        (b"abcdefghi", RECORDIO),
        (b"a", "text/plain"),
    ):
        with pytest.raises(ClientError):
            predictor.invoke(body, kind, "")


def test_bleu_of_known_sentences() -> None:
    assert bleu([[1, 2, 3, 4, 5]], [[1, 2, 3, 4, 5]]) == pytest.approx(1.0)
    assert bleu([[1, 2, 3, 4]], [[1, 2, 3, 4, 5]]) == pytest.approx(np.exp(1 - 5 / 4))
    assert bleu([[9, 9]], [[1, 2]]) == 0.0


class Certain(Translator):
    """A decoder that always continues with the next token, and at the end ends; an early end is its second choice."""

    def step(self, tokens: torch.Tensor, state: Any, encoded: Any) -> tuple[torch.Tensor, Any, torch.Tensor]:
        scores = torch.full((len(tokens), 12), -9.0)
        scores[:, 3] = -8.0
        scores[torch.arange(len(tokens)), torch.where(tokens >= 11, 3, (tokens + 1).clamp(min=4))] = 0.0
        return scores, state, torch.ones(len(tokens), 1)


def test_beam_search_is_not_ended_by_many_early_ends() -> None:
    parsed = {one.name: None if one.default is None else one.read(one.default) for one in DECLARED}
    settings = network_settings({**parsed, "rnn_num_hidden": 4, "num_embed_source": 4, "num_embed_target": 4})
    network = Certain(settings | {"source_size": 12, "target_size": 12, "pad": [0, 0]}).eval()
    network.output = torch.nn.Identity()  # type: ignore[assignment]  # step gives the scores themselves
    found = translate(network, [5], 2, 3, beam=2, longest=20)
    assert found.tokens == [4, 5, 6, 7, 8, 9, 10, 11]


def test_seq2seq_does_not_stop_early_before_min_num_epochs(tmp_path: Path) -> None:
    # a learning rate at which nothing gets better: without the minimum the first checkpoints would end it
    changed = {"learning_rate": 1e-12, "checkpoint_frequency_num_batches": 1, "checkpoint_threshold": 1}
    changed |= {"max_num_batches": 40, "batch_size": 10, "rnn_num_hidden": 4}
    short = run(folder_of(tmp_path / "a", 50, **changed))
    long = run(folder_of(tmp_path / "b", 50, **changed, min_num_epochs=3))
    assert short.count("Checkpoint [") < 16 <= long.count("Checkpoint [") < 40
