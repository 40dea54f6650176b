"""Quality and time of the deep algorithms' images beside other programs on the same data, in one run.

Run: `python benchmarks/bench_algorithms_deep.py [--only ntm deepar] [--peers PYTHON]`. Data: `$SMSTUDIO_BENCH_DATA` (default
`../shared/data` beside the repository): `mnist10k`, `nyc_taxi_ts`; texts are the docstrings of the scientific Python packages that are
installed; ratings, dates and themes are drawn. PYTHON is an interpreter that has `fasttext-wheel` and `gluonts[torch]`: they are
measured too (`deep_peers.py`), but the product needs neither. Every bar is checked: the program ends with 1 when one is missed.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from bench_algorithms_classic import data, docstrings, labelled_docstrings
from deep_images import Row, cores, peer_row, row, timed, trained
from scipy import sparse

from smstudio_ext.formats import recordio

RESULTS = Path(__file__).resolve().parent / "results" / "algorithms_deep.json"
RECORDIO, JSON, LINES = "application/x-recordio-protobuf", "application/json", "application/jsonlines"
PEERS: list[str] = []


def main() -> None:
    """Runs the benchmark, prints a markdown table, writes the results of each task, and tells missed bars."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", nargs="*", default=list(TASKS), choices=list(TASKS))
    parser.add_argument("--peers", help="interpreter with fasttext and gluonts")
    arguments = parser.parse_args()
    PEERS.extend([arguments.peers] if arguments.peers else [])
    rows: list[Row] = []
    for name in arguments.only:
        done = TASKS[name]()
        rows += done
        kept: dict[str, list[Row]] = json.loads(RESULTS.read_text())["results"] if RESULTS.exists() else {}
        kept[name] = done
        found = {task: kept[task] for task in TASKS if task in kept}
        RESULTS.write_text(json.dumps({"cores": cores(), "results": found}, indent=1) + "\n")
    print(
        "| task | program | metric | value | bar | reached | seconds |\n| --- | --- | --- | --- | --- | --- | --- |"
    )
    for one in rows:
        print("| " + " | ".join("" if one[key] is None else str(one[key]) for key in COLUMNS) + " |")
    missed = [f"{one['task']}: {one['metric']}" for one in rows if one["reached"] is False]
    sys.exit(f"Bars missed: {'; '.join(missed)}" if missed else 0)


COLUMNS = ("task", "program", "metric", "value", "bar", "reached", "seconds")


def asked_peer(task: str, payload: dict[str, Any]) -> dict[str, Any] | None:
    """What a peer's program answers, or None without an interpreter for it."""
    if not PEERS:
        return None
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "in.json").write_text(json.dumps(payload))
        program = Path(__file__).with_name("deep_peers.py")
        subprocess.run([PEERS[0], str(program), task, folder], check=True)
        found: dict[str, Any] = json.loads((Path(folder) / "out.json").read_text())
        return found


def ask(predictor: Any, body: bytes, kind: str, accept: str = JSON) -> Any:
    """A predictor's JSON answer."""
    return json.loads(predictor.invoke(body, kind, accept)[0])


def blazingtext() -> list[Row]:
    """Which package a docstring comes from, beside fastText; and neighbours of words of drawn themes, beside gensim."""
    texts, labels = labelled_docstrings()
    order = np.random.default_rng(1).permutation(len(texts))
    lines = [f"__label__{labels[at]} {texts[at]}" for at in order]
    cut = len(lines) * 4 // 5
    task = f"BlazingText supervised, {len(lines)} docstrings, {len(set(labels))} packages"
    settings = {"mode": "supervised", "epochs": 25, "word_ngrams": 2, "vector_dim": 50, "learning_rate": 0.5}
    settings |= {"min_count": 2, "buckets": 200_000}
    channels = {"train": ("text/plain", {"a.txt": "\n".join(lines[:cut]).encode()})}
    with trained("blazingtext", settings, channels) as (predictor, seconds, _):
        found = []
        for start in range(cut, len(lines), 500):
            part = [line.partition(" ")[2] for line in lines[start : start + 500]]
            found += ask(predictor, json.dumps({"instances": part}).encode(), JSON)
    truth = [line.partition(" ")[0] for line in lines[cut:]]
    right = np.mean([one["label"][0] == label for one, label in zip(found, truth, strict=True)])
    noise = float(np.sqrt(right * (1 - right) / len(truth)))
    peer = asked_peer("fasttext", {"train": lines[:cut], "test": lines[cut:], "settings": settings})
    baseline, plain_seconds = timed(lambda: _plain_classifier(lines, cut))
    bar = baseline if peer is None else peer["accuracy"]
    text = f"{'fastText' if peer else 'scikit-learn'} less one standard error ({bar - noise:.4f})"
    return [
        row(task, "blazingtext image", "accuracy", right, seconds, text, right >= bar - noise),
        *peer_row(peer, task, "fastText", "accuracy"),
        row(task, "scikit-learn, logistic on 1-2-grams", "accuracy", baseline, plain_seconds),
        *_word_vectors(),
    ]


def _plain_classifier(lines: list[str], cut: int) -> float:
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline

    parts = [line.partition(" ") for line in lines]
    model = make_pipeline(
        TfidfVectorizer(ngram_range=(1, 2), min_df=2, token_pattern=r"\S+"), LogisticRegression(C=10)
    )
    model.fit([one[2] for one in parts[:cut]], [one[0] for one in parts[:cut]])
    return float(model.score([one[2] for one in parts[cut:]], [one[0] for one in parts[cut:]]))


def _word_vectors() -> list[Row]:
    """Share of the ten nearest words that are of a word's own theme."""
    from gensim.models import Word2Vec

    random = np.random.default_rng(3)
    themes = [[f"t{theme}w{word}" for word in range(30)] for theme in range(40)]
    common = [f"common{word}" for word in range(60)]
    sentences = [
        [
            str(random.choice(themes[theme] if random.random() < 0.4 else common))
            for _ in range(int(random.integers(8, 20)))
        ]
        for theme in random.integers(0, 40, 20_000)
    ]
    text = "\n".join(" ".join(sentence) for sentence in sentences).encode()
    task = "BlazingText word2vec, 1,200 words of 40 themes"
    metric = "nearest 10 of the same theme"
    settings = {
        "mode": "skipgram",
        "vector_dim": 50,
        "epochs": 5,
        "min_count": 5,
        "sampling_threshold": 0.001,
    }
    words = [word for theme in themes for word in theme]
    with trained("blazingtext", settings, {"train": ("text/plain", {"a.txt": text})}) as (
        predictor,
        seconds,
        _,
    ):
        answers = ask(predictor, json.dumps({"instances": words}).encode(), JSON)
        ours = _same_theme(np.array([one["vector"] for one in answers]))
    options = {"vector_size": 50, "epochs": 5, "min_count": 5, "sample": 0.001, "sg": 1, "alpha": 0.05}
    model, taken = timed(lambda: Word2Vec(sentences, workers=cores(), seed=1, **options))
    theirs = _same_theme(np.array([model.wv[word] for word in words]))
    bar = theirs - 0.01
    return [
        row(task, "blazingtext image", metric, ours, seconds, f"gensim - 0.01 ({bar:.4f})", ours >= bar),
        row(task, "gensim", metric, theirs, taken),
    ]


def _same_theme(vectors: Any) -> float:
    unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    near = unit @ unit.T
    np.fill_diagonal(near, -np.inf)
    best = np.argsort(-near, axis=1)[:, :10]
    return float((best // 30 == np.arange(len(vectors))[:, None] // 30).mean())


def deepar() -> list[Row]:
    """Seven days of hourly taxi rides, each forecast from all before it, beside last week's values."""
    frame = pd.read_csv(data("nyc_taxi_ts/nyc_taxi_ts.csv"), parse_dates=["timestamp"])
    hourly = frame.set_index("timestamp")["value"].resample("1h").sum()
    hourly = hourly[: hourly.index.get_loc("2014-10-26 00:00:00")]  # before the labelled anomalies
    values, ahead, days = hourly.to_numpy(np.float64), 24, 7
    begin = str(hourly.index[0])
    history = values[: -ahead * days]
    task = f"DeepAR, {len(history)} hours of nyc_taxi, {days} days ahead one by one"
    settings = {"context_length": 72, "prediction_length": ahead, "time_freq": "H", "epochs": 60}
    settings |= {"mini_batch_size": 64, "learning_rate": 0.005, "num_cells": 40}
    line = json.dumps({"start": begin, "target": history.tolist()}).encode()
    truth = values[-ahead * days :].reshape(days, ahead)
    pasts = [values[: len(history) + ahead * day].tolist() for day in range(days)]
    levels = [f"0.{digit}" for digit in range(1, 10)]
    request = {"instances": [{"start": begin, "target": past} for past in pasts]}
    request["configuration"] = {
        "num_samples": 200,
        "output_types": ["mean", "quantiles"],
        "quantiles": levels,
    }
    with trained("deepar", settings, {"train": (LINES, {"a.json": line})}) as (predictor, seconds, _):
        answers = ask(predictor, json.dumps(request).encode(), JSON)["predictions"]
    ours = np.array([[one["quantiles"][level] for level in levels] for one in answers])
    lagged = np.stack([values[len(history) + ahead * day - 168 :][:ahead] for day in range(days)])
    naive = np.repeat(lagged[:, None], len(levels), axis=1)
    peer = asked_peer("gluonts", {"start": begin, "pasts": pasts, "history": history.tolist(), **settings})
    bar = _quantile_loss(naive, truth)
    metric = "mean wQuantileLoss"
    if peer is not None:
        peer["accuracy"] = _quantile_loss(np.array(peer["quantiles"]), truth)
    loss = _quantile_loss(ours, truth)
    error = float(np.sqrt(np.mean((np.array([one["mean"] for one in answers]) - truth) ** 2)))
    plain = float(np.sqrt(np.mean((lagged - truth) ** 2)))
    best = bar if peer is None else min(bar, peer["accuracy"] * 1.15)
    text = (
        "last week's values"
        if peer is None
        else "the better of last week's values and 1.15 x GluonTS's DeepAR"
    )
    return [
        row(task, "forecasting-deepar image", metric, loss, seconds, f"{text} ({best:.4f})", loss <= best),
        *peer_row(peer, task, "GluonTS DeepAR", metric),
        row(task, "last week's values", metric, bar, 0.0),
        row(
            task,
            "forecasting-deepar image",
            "RMSE",
            error,
            seconds,
            f"last week's values ({plain:.1f})",
            error <= plain,
        ),
    ]


def _quantile_loss(found: Any, truth: Any) -> float:
    """Mean weighted quantile loss of (days, levels, hours) against (days, hours)."""
    levels = np.arange(1, 10)[None, :, None] / 10
    short = truth[:, None] - found
    losses = 2 * np.maximum(levels * short, (levels - 1) * short).sum(axis=(0, 2))
    return float(losses.mean() / np.abs(truth).sum())


def ntm() -> list[Row]:
    """Ten topics of docstrings beside scikit-learn's LDA: coherence, and words of a document foretold from the others."""
    from sklearn.decomposition import LatentDirichletAllocation

    counts = docstrings(1555)
    cut = counts.shape[0] * 4 // 5
    random = np.random.default_rng(0)
    held = counts[cut:].toarray().astype(np.int64)
    seen = random.binomial(held, 0.5)  # half of the words of each document
    unseen = held - seen
    task = f"NTM 10, {counts.shape[0]} docstrings, {counts.shape[1]} words"
    settings = {"num_topics": 10, "feature_dim": counts.shape[1], "mini_batch_size": 64, "epochs": 100}
    settings |= {"num_patience_epochs": 10}
    channels = {"train": (RECORDIO, {"a.rec": recordio.write_sparse(counts[:cut])})}
    with trained("ntm", settings, channels) as (predictor, seconds, _):
        body = recordio.write_sparse(sparse.csr_matrix(seen.astype(np.float32)))
        weights = np.array([one["topic_weights"] for one in ask(predictor, body, RECORDIO)["predictions"]])
        topics = predictor._network.word_probabilities().detach().numpy().T
    model, taken = timed(
        lambda: LatentDirichletAllocation(10, random_state=0, max_iter=30, doc_topic_prior=0.1).fit(
            counts[:cut]
        )
    )
    theirs = model.components_ / model.components_.sum(axis=1, keepdims=True)
    train = counts[:cut]
    found = [
        ("coherence (NPMI of 10 words)", _coherence(topics, train), _coherence(theirs, train), 1),
        (
            "perplexity of the unseen half",
            _foretold(weights, topics, unseen),
            _foretold(model.transform(seen), theirs, unseen),
            -1,
        ),
    ]
    rows = []
    for metric, ours, other, sign in found:
        bar = other * 0.9 if sign > 0 else other * 1.1
        text = f"at most 10 % worse than LDA ({bar:.4g})"
        rows.append(row(task, "ntm image", metric, ours, seconds, text, sign * ours >= sign * bar))
        rows.append(row(task, "scikit-learn LDA", metric, other, taken))
    return rows


def _coherence(topics: Any, counts: Any) -> float:
    """Mean normalized pointwise mutual information of the pairs of each topic's ten top words, by documents."""
    there = (counts > 0).astype(np.float64)
    values = []
    for topic in topics:
        best = np.argsort(-topic)[:10]
        together = (there[:, best].T @ there[:, best]).toarray() / there.shape[0]
        alone = np.diag(together)
        for first in range(10):
            for second in range(first):
                both = together[first, second]
                values.append(
                    -1.0 if both == 0 else np.log(both / alone[first] / alone[second]) / -np.log(both + 1e-12)
                )
    return float(np.mean(values))


def _foretold(weights: Any, topics: Any, unseen: Any) -> float:
    chance = weights @ topics
    return float(np.exp(-(unseen * np.log(chance + 1e-12)).sum() / unseen.sum()))


def object2vec() -> list[Row]:
    """Drawn ratings of users and items beside biases alone; halves of docstrings beside TF-IDF."""
    from sklearn.linear_model import Ridge

    random = np.random.default_rng(1)
    users, items, count = 300, 200, 40_000
    who, what = random.integers(0, users, count), random.integers(0, items, count)
    tastes = random.normal(0, 0.6, (users, 4)), random.normal(0, 0.6, (items, 4))
    ratings = 3.5 + random.normal(0, 0.4, users)[who] + random.normal(0, 0.4, items)[what]
    ratings += (tastes[0][who] * tastes[1][what]).sum(axis=1) + random.normal(0, 0.3, count)
    cut = count * 4 // 5
    columns = np.stack([who, users + what], axis=1).ravel()
    table = sparse.csr_matrix(
        (np.ones(2 * count), columns, np.arange(0, 2 * count + 1, 2)), shape=(count, users + items)
    )
    model, taken = timed(lambda: Ridge(1.0).fit(table[:cut], ratings[:cut]))
    alone = float(np.sqrt(np.mean((model.predict(table[cut:]) - ratings[cut:]) ** 2)))
    task, settings = "Object2Vec, drawn ratings (noise 0.3)", _pooled(users, items, 1)
    settings |= {"output_layer": "mean_squared_error", "epochs": 20, "mini_batch_size": 128}
    lines = [
        json.dumps({"label": float(ratings[at]), "in0": [int(who[at])], "in1": [int(what[at])]})
        for at in range(count)
    ]
    channels = {
        "train": (LINES, {"a.jsonl": "\n".join(lines[: cut - 3000]).encode()}),
        "validation": (LINES, {"a.jsonl": "\n".join(lines[cut - 3000 : cut]).encode()}),
    }
    with trained("object2vec", settings, channels) as (predictor, seconds, _):
        answers = ask(predictor, "\n".join(lines[cut:]).encode(), LINES)["predictions"]
    found = np.array([one["scores"][0] for one in answers])
    error = float(np.sqrt(np.mean((found - ratings[cut:]) ** 2)))
    bar = f"better than biases ({alone:.3f})"
    return [
        row(task, "object2vec image", "RMSE", error, seconds, bar, error < alone),
        row(task, "biases alone (ridge)", "RMSE", alone, taken),
    ]


def _pooled(first: int, second: int, longest: int) -> dict[str, Any]:
    settings: dict[str, Any] = {"enc_dim": 64, "mlp_dim": 64, "mlp_layers": 1, "learning_rate": 0.003}
    for name, size in (("enc0", first), ("enc1", second)):
        settings |= {f"{name}_vocab_size": size, f"{name}_max_seq_len": longest}
        settings |= {f"{name}_network": "pooled_embedding", f"{name}_token_embedding_dim": 32}
    return settings


def seq2seq() -> list[Row]:
    """Dates written out, turned into figures: `14 march 2021` to `2 0 2 1 - 0 3 - 1 4`."""
    from smstudio_ext.engine.images.deep import records

    random = np.random.default_rng(2)
    days = random.permutation(36_500)[:9_000]
    pairs = [_date_pair(date(1950, 1, 1) + timedelta(days=int(day)), random) for day in days]
    vocabularies = [_vocabulary(pair[side] for pair in pairs) for side in (0, 1)]
    files = {
        f"vocab.{name}.json": json.dumps(ids).encode()
        for name, ids in zip(("src", "trg"), vocabularies, strict=True)
    }

    def encoded(part: list[tuple[list[str], list[str]]]) -> bytes:
        rows = [
            [np.array([ids[token] for token in side]) for ids, side in zip(vocabularies, pair, strict=True)]
            for pair in part
        ]
        return records.write(({"source": source, "target": target}, {}) for source, target in rows)

    settings = {"max_seq_len_source": 12, "max_seq_len_target": 14, "num_embed_source": 48}
    settings |= {"num_embed_target": 48, "rnn_num_hidden": 96, "batch_size": 64, "max_num_epochs": 12}
    settings |= {"learning_rate": 0.003, "checkpoint_frequency_num_batches": 125}
    channels = {
        "train": (RECORDIO, {"a.rec": encoded(pairs[:8000])}),
        "validation": (RECORDIO, {"a.rec": encoded(pairs[8000:8500])}),
        "vocab": (JSON, files),
    }
    with trained("seq2seq", settings, channels) as (predictor, seconds, _):
        request = {"instances": [{"data": " ".join(source)} for source, _ in pairs[8500:]]}
        answers = ask(predictor, json.dumps(request).encode(), JSON)["predictions"]
    right = np.mean(
        [one["target"] == " ".join(pair[1]) for one, pair in zip(answers, pairs[8500:], strict=True)]
    )
    task = "Seq2Seq, 500 unseen dates of 8,000 learnt"
    metric = "sentences without an error"
    return [row(task, "seq2seq image", metric, right, seconds, "0.95", right >= 0.95)]


def _date_pair(day: date, random: np.random.Generator) -> tuple[list[str], list[str]]:
    form = ["%A %d %B %Y", "%B %d %Y", "%d %b %y", "%Y %B %d"][int(random.integers(4))]
    words = day.strftime(form).lower().split()
    digits = [part for word in words for part in (list(word) if word.isdigit() else [word])]
    # Two figures of a year tell no century: the longer forms alone may leave it to the text.
    target = day.strftime("%y-%m-%d") if form.endswith("%y") else day.strftime("%Y-%m-%d")
    return digits, list(target)


def _vocabulary(sides: Iterator[list[str]]) -> dict[str, int]:
    tokens = sorted({token for side in sides for token in side})
    return {token: at for at, token in enumerate(["<pad>", "<unk>", "<s>", "</s>", *tokens])}


def image_classification() -> list[Row]:
    """mnist10k, the best of five epochs by 500 pictures held out of 8,000, beside a plain network of two convolutions."""
    rows = _pictures(20, 5, 0.05, 7500, 0.964)
    pixels, classes = _digits()
    right, seconds = timed(lambda: _plain_network(pixels, classes))
    return [*rows, row(_IMAGE_TASK, "two convolutions in PyTorch, 5 epochs", "accuracy", right, seconds)]


def image_classification_one_epoch() -> list[Row]:
    """mnist10k, a single epoch of all 8,000 pictures: no epoch is chosen, so none is held out."""
    return _pictures(18, 1, 0.01, 8000, 0.947, batch=16)


_IMAGE_TASK = "Image classification, mnist10k 8,000 / 2,000"


def _digits() -> tuple[Any, Any]:
    loaded = np.load(data("mnist10k/mnist10k.npz"))
    order = np.random.default_rng(1729).permutation(len(loaded["y"]))
    return loaded["X"][order], loaded["y"][order]


def _pictures(layers: int, epochs: int, rate: float, learnt: int, bar: float, batch: int = 32) -> list[Row]:
    """Accuracy on the last 2,000 pictures; `validation` are those from 7,500 to 8,000."""
    from smstudio_ext.engine.images.image_classification.pictures import write_rec

    pixels, classes = _digits()
    encoded = [_png(one) for one in pixels]
    labelled = list(zip(encoded, map(float, classes), strict=True))
    channels = {
        "train": ("application/x-recordio", {"a.rec": write_rec(labelled[:learnt])}),
        "validation": ("application/x-recordio", {"a.rec": write_rec(labelled[7500:8000])}),
    }
    settings = {"num_layers": layers, "num_classes": 10, "num_training_samples": learnt}
    settings |= {"image_shape": "1,28,28", "epochs": epochs, "learning_rate": rate, "mini_batch_size": batch}
    with trained("image_classification", settings, channels) as (predictor, seconds, _):
        answers = [ask(predictor, one, "application/x-image") for one in encoded[8000:]]
    right = float((np.argmax(answers, axis=1) == classes[8000:]).mean())
    name = f"image-classification, ResNet-{layers}, {epochs} epoch{'s' if epochs > 1 else ''}"
    return [row(_IMAGE_TASK, name, "accuracy", right, seconds, str(bar), right >= bar)]


def _png(pixels: Any) -> bytes:
    import io

    from PIL import Image

    out = io.BytesIO()
    Image.fromarray(pixels).save(out, "PNG")
    return out.getvalue()


def _plain_network(pixels: Any, classes: Any) -> float:
    import torch
    from torch import nn

    torch.manual_seed(0)
    inputs = torch.from_numpy(pixels.astype(np.float32) / 255)[:, None]
    truth = torch.from_numpy(classes.astype(np.int64))
    network = nn.Sequential(
        nn.Conv2d(1, 16, 5, padding=2),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(16, 32, 5, padding=2),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Linear(1568, 10),
    )
    optimizer = torch.optim.Adam(network.parameters())
    for _ in range(5):
        for rows in torch.randperm(8000).split(64):
            loss = nn.functional.cross_entropy(network(inputs[rows]), truth[rows])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    with torch.no_grad():
        return float((network(inputs[8000:]).argmax(1) == truth[8000:]).float().mean())


TASKS: dict[str, Callable[[], list[Row]]] = {
    "blazingtext": blazingtext,
    "deepar": deepar,
    "ntm": ntm,
    "object2vec": object2vec,
    "seq2seq": seq2seq,
    "image_classification": image_classification,
    "image_classification_one_epoch": image_classification_one_epoch,
}

if __name__ == "__main__":
    main()
