"""The algorithms of text candidates, by the names that the analysis proposes them with."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import xgboost
from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer
from sklearn.linear_model import LogisticRegression, SGDClassifier
from sklearn.naive_bayes import MultinomialNB
from sklearn.pipeline import FeatureUnion, make_pipeline

from smstudio_ext.engine.images.automl_classes.candidates import Kind
from smstudio_ext.engine.images.automl_classes.learning import Algorithm, Estimator, Task
from smstudio_ext.engine.images.automl_text.fasttext import FastText
from smstudio_ext.engine.images.automl_text.texts import read_texts
from smstudio_ext.engine.images.automl_text.topics import Topics
from smstudio_ext.engine.images.contract import AlgorithmError

_COEFFICIENTS = 40_000_000
"""Numbers that a linear model may have: features times classes."""
_MANY_CLASSES = 50


def make(algorithm: str, settings: dict[str, Any]) -> Algorithm[list[str]]:
    """An algorithm by its name.

    Raises:
        AlgorithmError: an unknown name.
    """
    if algorithm == "linear":
        return Estimator(lambda task, classes: _linear(settings, task, classes))
    if algorithm == "naive-bayes":
        return Estimator(lambda task, classes: _naive_bayes(settings, task, classes))
    if algorithm == "boosted-trees":
        return Estimator(lambda task, classes: _boosted_trees(settings, task, classes))
    if algorithm == "fasttext":
        return FastText(settings)
    raise AlgorithmError(f"Hyperparameter algorithm: '{algorithm}' is not offered for text classification.")


def _vectors(settings: dict[str, Any], classes: int, *, weigh: bool = True) -> Any:
    """Counts or weights (tf-idf) of words, of characters, or of both side by side."""
    units: Sequence[str] = settings.get("units", ("words",))
    limit = max(2_000, min(200_000, _COEFFICIENTS // max(1, classes)) // len(units))
    return FeatureUnion([(unit, _vectorizer(unit, settings, limit, weigh=weigh)) for unit in units])


def _vectorizer(unit: str, settings: dict[str, Any], limit: int, *, weigh: bool) -> Any:
    low, high = settings.get(f"{unit}_ngrams", {"words": (1, 2), "characters": (2, 5)}[unit])
    shared: dict[str, Any] = {
        # Texts come normalised.
        "lowercase": False,
        "ngram_range": (int(low), int(high)),
        "max_features": limit,
        "min_df": int(settings.get("min_df", 1)),
    }
    if unit == "words":
        shared |= {"analyzer": "word", "token_pattern": r"(?u)\b\w+\b|[^\w\s]"}
    else:
        shared |= {
            "analyzer": "char_wb" if settings.get("spaced", True) else "char",
            "preprocessor": Cut(int(settings.get("cut", 4_000))),
        }
    if not weigh:
        return CountVectorizer(**shared)
    return TfidfVectorizer(**shared, sublinear_tf=True, dtype=np.float32)


def _linear(settings: dict[str, Any], task: Task, classes: int) -> Any:
    strength = float(settings.get("c", 10.0))
    model: Any
    if classes <= _MANY_CLASSES:
        model = LogisticRegression(C=strength, max_iter=300, random_state=task.seed)
    else:
        # One against the others: the time of a joint model grows with classes times iterations.
        alpha = 1e-4 / strength
        model = SGDClassifier(
            loss="log_loss", alpha=alpha, max_iter=30, n_jobs=task.threads, random_state=task.seed
        )
    return make_pipeline(_vectors(settings, classes), model)


def _naive_bayes(settings: dict[str, Any], task: Task, classes: int) -> Any:
    # Presence, not counts: repeated words say less than the model would believe.
    vectors = _vectors(settings, classes, weigh=False)
    for _, one in vectors.transformer_list:
        one.binary = True
    return make_pipeline(vectors, MultinomialNB(alpha=float(settings.get("alpha", 0.3))))


def _boosted_trees(settings: dict[str, Any], task: Task, classes: int) -> Any:
    topics = Topics(int(settings.get("topics", 128)), random_state=task.seed)
    trees = xgboost.XGBClassifier(
        n_estimators=int(settings.get("rounds", 200 if classes <= 10 else 60)),
        learning_rate=0.1,
        max_depth=int(settings.get("depth", 6)),
        subsample=0.8,
        colsample_bytree=0.5,
        tree_method="hist",
        n_jobs=task.threads,
        random_state=task.seed,
    )
    return make_pipeline(_vectors(settings, 1), topics, trees)


class Cut:
    """Keeps a text's first characters: n-grams of whole books would take longer than they tell."""

    def __init__(self, length: int) -> None:
        self._length = length

    def __call__(self, text: str) -> str:
        return text[: self._length]


TEXT: Kind[list[str]] = Kind("text", make, read_texts)
"""What the training and the inference program need of this kind."""
