"""Word2vec modes, trained by gensim (https://radimrehurek.com/gensim/, extra `text`)."""

from __future__ import annotations

import importlib
import importlib.util
import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from smstudio_ext.engine.images.blazingtext import fasttext_file
from smstudio_ext.engine.images.blazingtext.text import read_lines
from smstudio_ext.engine.images.contract import AlgorithmError
from smstudio_ext.engine.images.deep.job import StopSignal
from smstudio_ext.engine.images.firstparty.hosts import Hosts
from smstudio_ext.engine.images.jobfiles import granted_cpus

_LONGEST = 1000
"""Tokens of a sentence; longer lines are cut into such pieces, as text8 is a single line."""


class Sentences:
    """The sentences of some files, read anew each time; every `hosts`-th one from `rank` on.

    Ends early once a stop is asked for.
    """

    def __init__(self, paths: list[Path], stop: StopSignal, rank: int = 0, hosts: int = 1) -> None:
        self._paths = paths
        self._stop = stop
        self._rank = rank
        self._hosts = hosts

    def __iter__(self) -> Iterator[list[str]]:
        number = 0
        for line in read_lines(self._paths):
            tokens = line.split()
            for start in range(0, len(tokens), _LONGEST):
                if self._stop.requested:
                    return
                if number % self._hosts == self._rank:
                    yield tokens[start : start + _LONGEST]
                number += 1

    def whole(self) -> Sentences:
        """All sentences, for the vocabulary, which is the same on every host."""
        return Sentences(self._paths, self._stop)


def require_gensim() -> Any:
    """The gensim package's models.

    Raises:
        AlgorithmError: it is not installed.
    """
    if importlib.util.find_spec("gensim") is None:
        raise AlgorithmError(
            "The word2vec modes of BlazingText need the Python package 'gensim', which is not installed in the engine's "
            'environment. Install it with: pip install "smstudio-ext[text]"'
        )
    return importlib.import_module("gensim.models")


def build(sentences: Sentences, chosen: dict[str, Any]) -> Any:
    """A model with its vocabulary, not yet trained.

    Raises:
        AlgorithmError: gensim is missing, or no word is frequent enough.
    """
    models = require_gensim()
    options: dict[str, Any] = {
        "vector_size": chosen["vector_dim"],
        "window": chosen["window_size"],
        "min_count": chosen["min_count"],
        "sample": chosen["sampling_threshold"],
        "negative": chosen["negative_samples"],
        "sg": 0 if chosen["mode"] == "cbow" else 1,
        "alpha": chosen["learning_rate"],
        "epochs": chosen["epochs"],
        "workers": granted_cpus(),
        "seed": 1,
    }
    if chosen["subwords"]:
        options |= {"min_n": chosen["min_char"], "max_n": chosen["max_char"], "bucket": chosen["buckets"]}
        model = models.FastText(**options)
    else:
        model = models.Word2Vec(**options)
    model.build_vocab(sentences.whole())
    if len(model.wv) == 0:
        raise AlgorithmError(
            f"No word occurs at least min_count={chosen['min_count']} times; use a smaller min_count."
        )
    return model


def fit(model: Any, sentences: Sentences, chosen: dict[str, Any], stop: StopSignal, hosts: Hosts) -> float:
    """Trains epoch by epoch with a falling learning rate; returns the seconds it took.

    Several hosts train on their shares of the sentences and take the mean of their weights after each epoch.
    """
    began = time.monotonic()
    total, rate = chosen["epochs"], chosen["learning_rate"]
    lowest = rate * 1e-4
    for epoch in range(total):
        if stop.requested and hosts.size == 1:
            break  # several hosts stay in step: their sentences have ended, so the epochs take no time
        model.train(
            sentences,
            total_examples=max(1, model.corpus_count // hosts.size),
            epochs=1,
            start_alpha=max(lowest, rate * (1 - epoch / total)),
            end_alpha=max(lowest, rate * (1 - (epoch + 1) / total)),
        )
        if hosts.size > 1:
            for mine, of_all in zip(_weights(model), hosts.total(*_weights(model)), strict=True):
                mine[:] = of_all / hosts.size
        print(f"-------------- End of epoch: {epoch + 1}", flush=True)
        speed = model.corpus_total_words * (epoch + 1) / max(1e-9, time.monotonic() - began) / 1e6
        left, progress = rate * (1 - (epoch + 1) / total), 100 * (epoch + 1) / total
        print(
            f"##### Alpha: {left:.4f}  Progress: {progress:.2f}%  Million Words/sec: {speed:.2f} #####",
            flush=True,
        )
    if hasattr(model.wv, "adjust_vectors"):
        model.wv.adjust_vectors()
    return time.monotonic() - began


def _weights(model: Any) -> list[Any]:
    return [model.wv.vectors, model.syn1neg]


def save(model: Any, folder: Path, chosen: dict[str, Any]) -> None:
    """Writes `vectors.txt` (word2vec text, most frequent words first) and `vectors.bin` (fastText)."""
    model.wv.save_word2vec_format(str(folder / "vectors.txt"), binary=False)
    path = folder / "vectors.bin"
    if chosen["subwords"]:
        importlib.import_module("gensim.models.fasttext").save_facebook_model(model, str(path))
        return
    args = {
        "dim": chosen["vector_dim"],
        "ws": chosen["window_size"],
        "epoch": chosen["epochs"],
        "min_count": chosen["min_count"],
        "neg": chosen["negative_samples"],
        "word_ngrams": 1,
        "loss": fasttext_file.NS,
        "model": fasttext_file.CBOW if chosen["mode"] == "cbow" else fasttext_file.SKIPGRAM,
        "bucket": 0,
        "minn": 0,
        "maxn": 0,
        "lr_update_rate": 100,
        "t": chosen["sampling_threshold"],
    }
    words = [(word, int(model.wv.get_vecattr(word, "count"))) for word in model.wv.index_to_key]
    rows = np.arange(len(words), dtype=np.int64)
    fasttext_file.write(
        path, args, words, [], rows, model.wv.vectors, model.syn1neg, model.corpus_total_words
    )


def evaluate(model: Any) -> dict[str, Any]:
    """Rank correlation with people's judgments of WordSimilarity-353, which gensim ships, in the form of AWS's eval.json."""
    paths = importlib.import_module("gensim.test.utils")
    pairs = Path(paths.datapath("wordsim353.tsv"))
    known = {word.lower(): model.wv[word] for word in reversed(model.wv.index_to_key)}
    ours, theirs, missing, total = [], [], 0, 0
    for line in pairs.read_text(encoding="utf-8").splitlines():
        fields = line.split("\t")
        if line.startswith("#") or len(fields) < 3:
            continue
        total += 1
        first, second = known.get(fields[0].lower()), known.get(fields[1].lower())
        if first is None or second is None:
            missing += 1
            continue
        lengths = float(np.linalg.norm(first) * np.linalg.norm(second))
        ours.append(float(first @ second) / lengths if lengths else 0.0)
        theirs.append(float(fields[2]))
    rho = 0.0
    if len(ours) > 2:
        stats = importlib.import_module("scipy.stats")
        rho = float(np.nan_to_num(stats.spearmanr(ours, theirs).statistic))
    return {
        "EN-WS-353-ALL.txt": {"not_found": missing, "spearmans_rho": rho, "total_pairs": total},
        "mean_rho": rho,
    }


def write_evaluation(found: dict[str, Any], folder: Path) -> None:
    """Writes `eval.json` and prints the metric."""
    (folder / "eval.json").write_text(json.dumps(found))
    print(found, flush=True)
    print(f"#mean_rho: {found['mean_rho']:.6g}", flush=True)
