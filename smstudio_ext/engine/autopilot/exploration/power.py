"""Prediction power of single columns: how well a small model of that column alone predicts the target, from 0 to 1."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from smstudio_ext.engine.autopilot.exploration.sample import Sample
from smstudio_ext.engine.images import scores
from smstudio_ext.engine.images.folds import make_folds

Array = npt.NDArray[np.float64]
Codes = npt.NDArray[np.int64]

BINS = 32
_SMOOTHING = 5.0
_TERMS = 300
_TEXT_ROWS = 3000


def prediction_power(sample: Sample, names: list[str], seed: int = 0) -> dict[str, float]:
    """Power of each column, measured on the 20 % of the rows that its model has not seen.

    A column's values (numbers in 32 bins of equal size) predict the mean target or the class shares of their training rows. Two
    classes: 2 AUC - 1. More: balanced accuracy, chance taken as 0. Regression: R². Never below 0.
    """
    known = ~np.isnan(sample.target)
    target = sample.target[known]
    if len(target) < 10:
        return dict.fromkeys(names, 0.0)
    held = make_folds(target, 5, stratified=bool(sample.classes), seed=seed) == 0
    if held.all() or not held.any():
        return dict.fromkeys(names, 0.0)
    score = _Score(target, held, len(sample.classes))
    found = {}
    for name in names:
        kind = sample.kinds.get(name)
        if kind in ("text", "sequence"):
            found[name] = _text_power(sample, name, known, score)
        else:
            found[name] = score.of(_bins(sample, name, known, held))
    return found


class _Score:
    """Scores the answers of bins for the held-out rows."""

    def __init__(self, target: Array, held: npt.NDArray[np.bool_], classes: int) -> None:
        self.target, self.held, self.classes = target, held, classes
        self.train, self.truth = target[~held], target[held]
        self.prior = (
            np.bincount(self.train.astype(np.int64), minlength=classes) / len(self.train) if classes else None
        )

    def of(self, codes: Codes) -> float:
        """Power of a column whose rows carry these codes."""
        train, held = codes[~self.held], codes[self.held]
        size = int(codes.max()) + 1
        counts = np.bincount(train, minlength=size)
        if self.prior is None:
            sums = np.bincount(train, weights=self.train, minlength=size)
            means = (sums + _SMOOTHING * self.train.mean()) / (counts + _SMOOTHING)
            return self.judge(means[held])
        table = np.bincount(train * self.classes + self.train.astype(np.int64), minlength=size * self.classes)
        shares = table.reshape(size, self.classes) + _SMOOTHING * self.prior
        return self.judge((shares / (counts + _SMOOTHING)[:, None])[held])

    def judge(self, answers: Array) -> float:
        """Power of (rows,) values or (rows, classes) shares."""
        if self.prior is None:
            return max(0.0, scores.regression_scores(self.truth, answers)["r2"])
        truth = self.truth.astype(np.int64)
        if self.classes == 2:
            area = scores.auc(truth, answers[:, 1])
            return max(0.0, 2 * area - 1) if area == area else 0.0
        chosen = (answers / np.maximum(self.prior, 1e-12)).argmax(axis=1)
        right = scores.balanced_accuracy(scores.confusion(truth, chosen, self.classes))
        chance = 1 / self.classes
        return max(0.0, (right - chance) / (1 - chance))


def _bins(sample: Sample, name: str, known: npt.NDArray[np.bool_], held: npt.NDArray[np.bool_]) -> Codes:
    if sample.kinds.get(name) in ("numeric", "datetime"):
        values = sample.numbers(name)[known]
        present = values[~held & ~np.isnan(values)]
        if not len(present):
            return np.zeros(len(values), dtype=np.int64)
        edges = np.unique(np.quantile(present, np.linspace(0, 1, BINS + 1)[1:-1]))
        codes = np.searchsorted(edges, values, side="left").astype(np.int64)
        codes[np.isnan(values)] = len(edges) + 1
        return codes
    return sample.codes(name)[0][known]


def _text_power(sample: Sample, name: str, known: npt.NDArray[np.bool_], score: _Score) -> float:
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import Ridge

    texts = sample.columns[name][known].tolist()
    train = [text for text, out in zip(texts, score.held, strict=True) if not out][:_TEXT_ROWS]
    try:
        words = TfidfVectorizer(max_features=_TERMS, token_pattern=r"(?u)\b\w+\b").fit(train)
    except ValueError:  # no word at all
        return 0.0
    wanted = score.train[:_TEXT_ROWS]
    if score.prior is not None:
        wanted = np.eye(score.classes)[wanted.astype(np.int64)]
    model = Ridge(alpha=1.0).fit(words.transform(train), wanted)
    held = [text for text, out in zip(texts, score.held, strict=True) if out]
    return score.judge(np.asarray(model.predict(words.transform(held)), dtype=float))
