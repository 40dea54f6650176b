"""Metrics with sample weights are those of scikit-learn."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from sklearn import metrics

from smstudio_ext.engine.images import scores
from smstudio_ext.engine.images.automl_ensemble.decisions import decide, evaluate
from smstudio_ext.engine.images.automl_ensemble.table import Outline

RNG = np.random.default_rng(0)
TRUTH = RNG.integers(0, 2, 500)
SCORE = np.clip(TRUTH * 0.3 + RNG.random(500) * 0.7, 0, 1).round(2)
WEIGHTS = RNG.random(500) * 3
NUMBERS = RNG.random(500)
ANSWERS = NUMBERS + RNG.normal(size=500) / 10


def test_weighted_scores_of_probabilities() -> None:
    assert scores.auc(TRUTH, SCORE, WEIGHTS) == pytest.approx(
        metrics.roc_auc_score(TRUTH, SCORE, sample_weight=WEIGHTS)
    )
    assert scores.log_loss(TRUTH, SCORE, WEIGHTS) == pytest.approx(
        metrics.log_loss(TRUTH, np.clip(SCORE, 1e-15, 1 - 1e-15), sample_weight=WEIGHTS)
    )


def test_weighted_scores_of_a_regression() -> None:
    found = scores.regression_scores(NUMBERS, ANSWERS, WEIGHTS)
    assert found["mse"] == pytest.approx(metrics.mean_squared_error(NUMBERS, ANSWERS, sample_weight=WEIGHTS))
    assert found["mae"] == pytest.approx(metrics.mean_absolute_error(NUMBERS, ANSWERS, sample_weight=WEIGHTS))
    assert found["r2"] == pytest.approx(metrics.r2_score(NUMBERS, ANSWERS, sample_weight=WEIGHTS))


@pytest.mark.parametrize(
    ("metric", "judge"),
    [("f1_binary", metrics.f1_score), ("accuracy", metrics.accuracy_score)],
    ids=["f1", "accuracy"],
)
def test_the_threshold_is_the_best_of_all_with_weights(metric: str, judge: Callable[..., Any]) -> None:
    def score(cut: float) -> float:
        return float(judge(TRUTH, cut < SCORE, sample_weight=WEIGHTS))

    found = scores.best_threshold(TRUTH, SCORE, metric, WEIGHTS)
    assert score(found) == pytest.approx(max(score(cut - 0.001) for cut in np.unique(SCORE)))


def test_an_ensembles_metrics_count_the_weights() -> None:
    outline = Outline("BinaryClassification", 2, "F1", {})
    # Rows of class 0 count much more, so fewer rows are called class 1.
    weights = np.where(TRUTH == 0, 20.0, 1.0)
    predicted = SCORE[:, None]
    decision = decide(outline, TRUTH, predicted, weights)
    assert decision.threshold > decide(outline, TRUTH, predicted).threshold + 0.1
    labels = decision.labels(predicted)
    found = evaluate(outline, TRUTH.astype(float), predicted, labels, weights)
    assert found["F1"] == pytest.approx(metrics.f1_score(TRUTH, labels, sample_weight=weights))
    assert found["Accuracy"] == pytest.approx(metrics.accuracy_score(TRUTH, labels, sample_weight=weights))
    assert found["BalancedAccuracy"] == pytest.approx(metrics.balanced_accuracy_score(TRUTH, labels))
