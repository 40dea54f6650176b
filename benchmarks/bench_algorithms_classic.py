"""Quality and time of the classic algorithms' images beside scikit-learn and faiss on the same rows, in one process.

Run: `python benchmarks/bench_algorithms_classic.py [--only kmeans lda]`. Data: `$SMSTUDIO_BENCH_DATA` (default `../shared/data`
beside the repository): `bank_clean`, `mnist10k`, `letter`, `nyc_taxi_ts`; ratings are drawn, and the corpus of LDA are the docstrings
of the scientific Python packages that are installed. The images' times hold reading and decoding their RecordIO file.
"""

from __future__ import annotations

import argparse
import contextlib
import importlib
import inspect
import io
import json
import os
import re
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from scipy import sparse

from smstudio_ext.engine.images import scores
from smstudio_ext.formats import mxnet, recordio

ROOT = Path(__file__).resolve().parent.parent
RESULTS = Path(__file__).resolve().parent / "results" / "algorithms_classic.json"
RECORDIO = "application/x-recordio-protobuf"

Row = dict[str, Any]


def main() -> None:
    """Runs the benchmark, prints a markdown table and writes the results."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", nargs="*", default=list(TASKS), choices=list(TASKS))
    rows: list[Row] = []
    chosen = parser.parse_args().only
    for name in chosen:
        rows += TASKS[name]()
    print("| task | program | metric | value | bar | seconds |\n| --- | --- | --- | --- | --- | --- |")
    for row in rows:
        print(
            "| "
            + " | ".join(
                str(row.get(key, "")) for key in ("task", "program", "metric", "value", "bar", "seconds")
            )
            + " |"
        )
    if len(chosen) == len(TASKS):
        RESULTS.write_text(json.dumps({"cores": os.cpu_count(), "results": rows}, indent=1) + "\n")


def data(name: str) -> Path:
    """A file of the data folder."""
    return Path(os.environ.get("SMSTUDIO_BENCH_DATA", ROOT.parent / "shared" / "data")) / name


@contextlib.contextmanager
def trained(image: str, settings: dict[str, Any], **channels: bytes) -> Iterator[tuple[Any, float, Path]]:
    """Runs an image's training program on RecordIO channels; gives its predictor, the seconds and the model's file."""
    package = f"smstudio_ext.engine.images.{image}"
    train = importlib.import_module(f"{package}.train").train
    with tempfile.TemporaryDirectory() as directory:
        root = Path(directory)
        (root / "input/config").mkdir(parents=True)
        (root / "input/config/hyperparameters.json").write_text(
            json.dumps({k: str(v) for k, v in settings.items()})
        )
        config = {name: {"TrainingInputMode": "File", "ContentType": RECORDIO} for name in channels}
        (root / "input/config/inputdataconfig.json").write_text(json.dumps(config))
        for name, content in channels.items():
            (root / "input/data" / name).mkdir(parents=True)
            (root / "input/data" / name / "part").write_bytes(content)
        begin = time.perf_counter()
        with contextlib.redirect_stdout(io.StringIO()):
            train(root)
        seconds = time.perf_counter() - begin
        predictor = importlib.import_module(f"{package}.serve").load(root / "model", {})
        yield predictor, seconds, root / "model/model_algo-1"


def ask(predictor: Any, rows: Any) -> list[Row]:
    """Answers of a predictor to dense or sparse rows."""
    body = recordio.write_sparse(rows) if sparse.issparse(rows) else recordio.write_dense(rows)
    answer = json.loads(predictor.invoke(body, RECORDIO, "application/json")[0])
    return list(next(iter(answer.values())))


def row(task: str, program: str, metric: str, value: float, seconds: float, bar: str = "") -> Row:
    """One line of the table."""
    return {
        "task": task,
        "program": program,
        "metric": metric,
        "value": round(float(value), 4),
        "bar": bar,
        "seconds": round(seconds, 2),
    }


def timed(function: Callable[[], Any]) -> tuple[Any, float]:
    """A result and its seconds."""
    begin = time.perf_counter()
    return function(), time.perf_counter() - begin


def linear_learner() -> list[Row]:
    """Logistic regression of bank_clean."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    frame = pd.read_csv(data("bank_clean/bank_clean.csv")).drop(columns="y_no").astype(np.float32)
    labels = frame.pop("y_yes").to_numpy()
    features = frame.to_numpy()
    split = json.loads(data("bank_clean/split.json").read_text())
    train = np.array(split["train"])
    test = np.setdiff1d(np.arange(len(features)), train)
    truth = labels[test].astype(np.int64)
    found = []
    with trained(
        "linear_learner",
        {"predictor_type": "binary_classifier", "feature_dim": features.shape[1], "mini_batch_size": 200},
        train=recordio.write_dense(features[train], labels[train]),
    ) as (predictor, seconds, _):
        answers = ask(predictor, features[test])
        chance = np.array([one["score"] for one in answers])
        hard = np.array([one["predicted_label"] for one in answers])
        found.append(
            row(
                "logistic bank_clean",
                "linear-learner image",
                "AUC",
                scores.auc(truth, chance),
                seconds,
                "0.7591",
            )
        )
        found.append(
            row(
                "logistic bank_clean",
                "linear-learner image",
                "accuracy",
                (hard == truth).mean(),
                seconds,
                "0.8989",
            )
        )
    model = make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000))
    _, seconds = timed(lambda: model.fit(features[train], labels[train]))
    chance = model.predict_proba(features[test])[:, 1]
    found.append(row("logistic bank_clean", "scikit-learn", "AUC", scores.auc(truth, chance), seconds))
    found.append(
        row("logistic bank_clean", "scikit-learn", "accuracy", ((chance > 0.5) == truth).mean(), seconds)
    )
    return found


def digits() -> tuple[Any, Any]:
    """mnist10k in seeded order, pixels from 0 to 1."""
    loaded = np.load(data("mnist10k/mnist10k.npz"))
    order = np.random.default_rng(0).permutation(len(loaded["y"]))
    pixels = loaded["X"].reshape(len(order), -1).astype(np.float32) / 255
    return pixels[order], loaded["y"][order].astype(np.float32)


def kmeans() -> list[Row]:
    """Ten clusters of mnist10k."""
    from sklearn.cluster import KMeans

    pixels, _ = digits()
    task = "k-means 10, mnist10k"
    found = []
    with trained("kmeans", {"k": 10, "feature_dim": 784}, train=recordio.write_dense(pixels)) as (
        predictor,
        seconds,
        _,
    ):
        value = np.mean([one["distance_to_cluster"] ** 2 for one in ask(predictor, pixels)])
        found.append(
            row(
                task,
                "kmeans image",
                "mean squared distance",
                value,
                seconds,
                "38.85 (faiss), 39.00 (scikit-learn)",
            )
        )
    model, seconds = timed(lambda: KMeans(10, n_init=10, random_state=0).fit(pixels))
    found.append(
        row(task, "scikit-learn, 10 starts", "mean squared distance", model.inertia_ / len(pixels), seconds)
    )
    if importlib.util.find_spec("faiss"):
        faiss = importlib.import_module("faiss")
        model = faiss.Kmeans(784, 10, niter=50, nredo=5, seed=1)
        _, seconds = timed(lambda: model.train(pixels))
        value = float(model.index.search(pixels, 1)[0].mean())
        found.append(row(task, "faiss, 5 starts", "mean squared distance", value, seconds))
    return found


def pca() -> list[Row]:
    """Fifty components of mnist10k."""
    from sklearn.decomposition import PCA

    pixels, _ = digits()
    task = "PCA 50, mnist10k"
    total = ((pixels - pixels.mean(axis=0)) ** 2).sum()
    found = []
    for mode in ("regular", "randomized"):
        settings = {"num_components": 50, "feature_dim": 784, "mini_batch_size": 500, "algorithm_mode": mode}
        with trained("pca", settings, train=recordio.write_dense(pixels)) as (_, seconds, file):
            stored: Any = mxnet.read(file.read_bytes())
            found.append(
                row(
                    task,
                    f"pca image, {mode}",
                    "explained variance",
                    (stored["s"] ** 2).sum() / total,
                    seconds,
                    "0.828",
                )
            )
    for solver in ("full", "randomized"):
        model, seconds = timed(lambda solver=solver: PCA(50, svd_solver=solver, random_state=0).fit(pixels))
        found.append(
            row(
                task,
                f"scikit-learn, {solver}",
                "explained variance",
                model.explained_variance_ratio_.sum(),
                seconds,
            )
        )
    return found


def knn() -> list[Row]:
    """Five neighbours on mnist10k and letter, four fifths of the rows as sample."""
    loaded = np.load(data("mnist10k/mnist10k.npz"))
    pixels = loaded["X"].reshape(len(loaded["y"]), -1).astype(np.float32) / 255
    classes = loaded["y"].astype(np.float32)
    order = np.random.default_rng(1729).permutation(len(classes))
    frame = pd.read_csv(data("letter/letter.csv"))
    letters = frame.iloc[:, 1:].to_numpy(np.float32)
    codes = frame.iloc[:, 0].map(ord).to_numpy(np.float32) - ord("A")
    train = np.array(json.loads(data("letter/split.json").read_text())["train"])
    split = np.concatenate([train, np.setdiff1d(np.arange(len(codes)), train)])
    return [
        *neighbours("mnist10k", pixels[order], classes[order], "0.949"),
        *neighbours("letter", letters[split], codes[split], "0.947"),
    ]


def neighbours(name: str, features: Any, labels: Any, bar: str) -> list[Row]:
    """Accuracy of k-NN 5 on the last fifth; seconds hold building the index and answering."""
    from sklearn.neighbors import KNeighborsClassifier

    cut = len(features) * 4 // 5
    task = f"k-NN 5, {name}"
    settings = {"feature_dim": features.shape[1], "k": 5, "predictor_type": "classifier", "sample_size": cut}
    with trained("knn", settings, train=recordio.write_dense(features[:cut], labels[:cut])) as (
        predictor,
        seconds,
        _,
    ):
        answers, more = timed(lambda: ask(predictor, features[cut:]))
        right = np.mean([one["predicted_label"] for one in answers] == labels[cut:])
    found = [row(task, "knn image", "accuracy", right, seconds + more, bar)]
    model = KNeighborsClassifier(5)
    predicted, seconds = timed(lambda: model.fit(features[:cut], labels[:cut]).predict(features[cut:]))
    return [*found, row(task, "scikit-learn", "accuracy", (predicted == labels[cut:]).mean(), seconds)]


def factorization_machines() -> list[Row]:
    """Ratings with tastes of four dimensions and noise of 0.3, against user and item biases alone."""
    from sklearn.linear_model import Ridge

    generator = np.random.default_rng(1)
    users, items, rows = 1000, 500, 100_000
    who, what = generator.integers(0, users, rows), generator.integers(0, items, rows)
    tastes = generator.normal(0, 0.6, (users, 4)), generator.normal(0, 0.6, (items, 4))
    ratings = 3.5 + generator.normal(0, 0.4, users)[who] + generator.normal(0, 0.4, items)[what]
    ratings = (
        ratings + (tastes[0][who] * tastes[1][what]).sum(axis=1) + generator.normal(0, 0.3, rows)
    ).astype(np.float32)
    columns = np.stack([who, users + what], axis=1).ravel()
    table = sparse.csr_matrix(
        (np.ones(2 * rows, dtype=np.float32), columns, np.arange(0, 2 * rows + 1, 2)),
        shape=(rows, users + items),
    )
    cut = rows * 4 // 5
    task = "FM, drawn ratings (noise 0.3)"
    model, seconds = timed(lambda: Ridge(1.0).fit(table[:cut], ratings[:cut]))
    alone = np.sqrt(np.mean((model.predict(table[cut:]) - ratings[cut:]) ** 2))
    settings = {
        "feature_dim": users + items,
        "num_factors": 8,
        "predictor_type": "regressor",
        "epochs": 20,
        "mini_batch_size": 500,
        "factors_lr": 0.01,
        "linear_lr": 0.01,
        "factors_init_sigma": 0.1,
    }
    train = recordio.write_sparse(table[:cut], ratings[:cut])
    with trained("factorization_machines", settings, train=train) as (predictor, taken, _):
        found = np.array([one["score"] for one in ask(predictor, table[cut:])])
    error = np.sqrt(np.mean((found - ratings[cut:]) ** 2))
    return [
        row(task, "factorization-machines image", "RMSE", error, taken, f"better than biases ({alone:.3f})"),
        row(task, "biases alone (ridge)", "RMSE", alone, seconds),
    ]


DOCUMENTED = (
    "numpy numpy.linalg numpy.random numpy.fft scipy.stats scipy.signal scipy.sparse scipy.linalg scipy.special scipy.optimize "
    "scipy.interpolate scipy.ndimage scipy.spatial scipy.cluster.hierarchy sklearn.linear_model sklearn.cluster sklearn.metrics "
    "sklearn.decomposition sklearn.ensemble sklearn.preprocessing sklearn.model_selection sklearn.datasets pandas"
).split()
"""Modules whose docstrings serve as a corpus."""


def labelled_docstrings() -> tuple[list[str], list[str]]:
    """Long docstrings of NumPy, SciPy, scikit-learn and pandas, in seeded order, and the module of each."""
    texts: dict[str, tuple[str, str]] = {}
    for name in DOCUMENTED:
        module = importlib.import_module(name)
        for attribute in dir(module):
            owner = getattr(module, attribute, None)
            if attribute.startswith("_") or owner is None:
                continue
            members = [(attribute, owner)]
            if inspect.isclass(owner):
                members += [
                    (f"{attribute}.{one}", getattr(owner, one, None)) for one in dir(owner) if one[0] != "_"
                ]
            for _, value in members:
                text = getattr(value, "__doc__", None)
                if isinstance(text, str) and len(text.split()) > 60:
                    texts.setdefault(text[:200], (text, name))
    chosen = [texts[key] for key in sorted(texts)]
    np.random.default_rng(0).shuffle(chosen)  # type: ignore[arg-type]
    cleaned = [re.sub(r"[^a-z ]+", " ", text.lower()) for text, _ in chosen]
    return cleaned, [name for _, name in chosen]


def docstrings(documents: int) -> Any:
    """Word counts of docstrings."""
    from sklearn.feature_extraction.text import CountVectorizer

    words = CountVectorizer(min_df=3, stop_words="english", token_pattern=r"[a-z]{3,}")
    return words.fit_transform(labelled_docstrings()[0][:documents]).astype(np.float32)


def lda() -> list[Row]:
    """Ten topics of docstrings; perplexity of the held-out fifth, by one bound for all programs."""
    from sklearn.decomposition import LatentDirichletAllocation

    from smstudio_ext.engine.images.lda.variational import per_word_bound

    counts = docstrings(1555)
    cut = counts.shape[0] * 4 // 5
    task = f"LDA 10, {counts.shape[0]} docstrings, {counts.shape[1]} words"
    found = []
    settings = {"num_topics": 10, "feature_dim": counts.shape[1], "mini_batch_size": cut, "alpha0": 1.0}
    with trained("lda", settings, train=recordio.write_sparse(counts[:cut])) as (_, seconds, file):
        stored: Any = mxnet.read(file.read_bytes())
        value = np.exp(-per_word_bound(counts[cut:], stored[0].astype(float), stored[1].astype(float)))
        found.append(row(task, "lda image", "perplexity", value, seconds, "no worse than scikit-learn"))
    for method in ("batch", "online"):
        model = LatentDirichletAllocation(10, learning_method=method, random_state=0, doc_topic_prior=0.1)
        _, seconds = timed(lambda model=model: model.fit(counts[:cut]))
        beta = model.components_ / model.components_.sum(axis=1, keepdims=True)
        value = np.exp(-per_word_bound(counts[cut:], np.full(10, 0.1), beta))
        found.append(row(task, f"scikit-learn, {method}", "perplexity", value, seconds))
    return found


EVENTS = (
    ("2014-11-01", "2014-11-02"),
    ("2014-11-27", "2014-11-28"),
    ("2014-12-24", "2014-12-26"),
    ("2014-12-31", "2015-01-01"),
    ("2015-01-26", "2015-01-28"),
)
"""Labelled anomalies of nyc_taxi: marathon, Thanksgiving, Christmas, New Year, blizzard (Numenta Anomaly Benchmark)."""


def randomcutforest() -> list[Row]:
    """Days of nyc_taxi with the strangest shingles of 48 half hours."""
    frame = pd.read_csv(data("nyc_taxi_ts/nyc_taxi_ts.csv"))
    shingles = np.lib.stride_tricks.sliding_window_view(frame["value"].to_numpy(np.float32), 48)
    settings = {"feature_dim": 48, "num_trees": 50, "num_samples_per_tree": 512}
    with trained("randomcutforest", settings, train=recordio.write_dense(shingles)) as (
        predictor,
        seconds,
        _,
    ):
        answers, more = timed(lambda: ask(predictor, shingles))
    days = pd.to_datetime(frame["timestamp"]).dt.strftime("%Y-%m-%d").to_numpy()
    best: dict[str, float] = {}
    for at, one in enumerate(answers):
        day = days[at + 24]  # the middle of the shingle
        best[day] = max(best.get(day, 0.0), one["score"])
    top = sorted(best, key=lambda day: -best[day])[:12]
    hit = sum(any(first <= day <= last for day in top) for first, last in EVENTS)
    return [
        row(
            "RCF nyc_taxi, shingle 48",
            "randomcutforest image",
            "events in the top 12 days (of 5)",
            hit,
            seconds + more,
            "3",
        )
    ]


TASKS: dict[str, Callable[[], list[Row]]] = {
    "linear_learner": linear_learner,
    "kmeans": kmeans,
    "pca": pca,
    "knn": knn,
    "factorization_machines": factorization_machines,
    "lda": lda,
    "randomcutforest": randomcutforest,
}

if __name__ == "__main__":
    main()
