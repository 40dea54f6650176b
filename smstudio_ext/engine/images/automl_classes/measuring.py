"""Scores of a classifier on rows that it has not seen: metric lines and the confusion matrix."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from smstudio_ext.engine.images import scores

Array = npt.NDArray[np.float64]
Codes = npt.NDArray[np.int64]

REPORT = "evaluation.json"
_SHOWN = 20
_REPEATS = 7


def measure(truth: Codes, answers: Array) -> dict[str, float]:
    """Every score of predictions.

    Args:
        truth: (rows,) class codes.
        answers: (rows, classes) probabilities.
    """
    matrix = scores.confusion(truth, answers.argmax(axis=1), answers.shape[1])
    return {
        "Accuracy": scores.accuracy(matrix),
        "BalancedAccuracy": scores.balanced_accuracy(matrix),
        "F1macro": scores.f1_macro(matrix),
        "LogLoss": scores.log_loss(truth, answers),
        "PrecisionMacro": scores.precision_macro(matrix),
        "RecallMacro": scores.recall_macro(matrix),
    }


def evaluation(truth: Codes, answers: Array, classes: Sequence[str]) -> dict[str, Any]:
    """The confusion matrix (a row a true class) and each class's rows, precision and recall."""
    matrix = scores.confusion(truth, answers.argmax(axis=1), len(classes))
    right, asked, said = np.diag(matrix), matrix.sum(axis=1), matrix.sum(axis=0)
    return {
        "Rows": len(truth),
        "Classes": [
            {
                "Label": label,
                "Rows": int(asked[at]),
                "Precision": float(right[at] / said[at]) if said[at] else None,
                "Recall": float(right[at] / asked[at]) if asked[at] else None,
            }
            for at, label in enumerate(classes)
        ],
        "ConfusionMatrix": matrix.tolist(),
    }


def report(
    folder: Path, truth: Codes, answers: Array, classes: Sequence[str], one: Callable[[], object]
) -> None:
    """Prints the metrics and leaves `evaluation.json` in the job's `output/data`.

    Args:
        folder: the job's `output/data`.
        one: a prediction for one request, whose time is taken.
    """
    folder.mkdir(parents=True, exist_ok=True)
    found = measure(truth, answers)
    found["InferenceLatency"] = _latency(one)
    for name, value in sorted(found.items()):
        print(f"[0]#011validation-{name}:{value!r}", flush=True)
    document = {"Metrics": found, **evaluation(truth, answers, classes)}
    (folder / REPORT).write_text(json.dumps(document, ensure_ascii=False), encoding="utf-8")
    if len(classes) <= _SHOWN:
        _show(document)


def _show(document: dict[str, Any]) -> None:
    print("Confusion matrix of the validation rows (a line a true class):", flush=True)
    for entry, counts in zip(document["Classes"], document["ConfusionMatrix"], strict=True):
        print(f"  {entry['Label'][:30]}: {' '.join(map(str, counts))}", flush=True)


def _latency(one: Callable[[], object]) -> float:
    """Median seconds of a prediction for one request."""
    taken = []
    for _ in range(_REPEATS):
        begin = time.perf_counter()
        one()
        taken.append(time.perf_counter() - begin)
    return float(np.median(taken))
