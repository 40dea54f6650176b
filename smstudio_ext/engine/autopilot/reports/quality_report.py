"""The model insights report as a document, and its files."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import numpy.typing as npt

from smstudio_ext.engine.autopilot.reports import charts
from smstudio_ext.engine.autopilot.reports.document import Block, Document, Figure, Heading, Table, Text
from smstudio_ext.engine.autopilot.reports.files import write_files
from smstudio_ext.engine.autopilot.reports.quality import Curves, Quality
from smstudio_ext.engine.autopilot.reports.quality_json import statistics
from smstudio_ext.engine.autopilot.reports.text import escape, number, percent

Array = npt.NDArray[np.float64]

CONFUSION_CLASSES = 15
"""Classes that a confusion matrix shows; the others are put together."""
_CURVES = 10
_POINTS = 2000
_DIAGONAL = ([0.0, 1.0], [0.0, 1.0], "no skill")


def write_report(output: Path, quality: Quality) -> None:
    """Writes `statistics.json`, `report.ipynb`, `report.html` and `report.pdf`."""
    text = json.dumps(statistics(quality), indent=1, ensure_ascii=False, allow_nan=False, default=float)
    (output / "statistics.json").write_text(text + "\n", encoding="utf-8")
    write_files(quality_document(quality), quality.task, output)


def quality_document(quality: Quality) -> Document:
    """The report's text, tables and pictures."""
    document = Document("SageMaker Autopilot Model Insights Report")
    document.add(*_details(quality))
    document.add(*_metrics(quality))
    if quality.task.classes:
        document.add(*_confusion(quality))
        if quality.curves:
            for section in _curve_sections(quality):
                document.add(*section)
    else:
        for section in _residual_sections(quality):
            document.add(*section)
    return document


def _details(quality: Quality) -> list[Block]:
    task = quality.task
    rows = [
        ["AutoML job", task.job],
        ["Candidate", task.candidate],
        ["Target column", task.target],
        ["Problem type", task.problem],
        ["Objective metric", task.objective],
        ["Rows measured", number(len(quality.held.truth))],
    ]
    return [
        Heading("Autopilot job details"),
        Table(["", "Value"], rows, row_titles=True),
        Text(
            f"All figures come from {quality.source}. Because this candidate was chosen for its score among many, its score is "
            "a little better than what new data will show."
        ),
    ]


def _metrics(quality: Quality) -> list[Block]:
    objective = quality.task.objective
    ordered = sorted(quality.metrics, key=lambda name: name != objective)
    rows = [
        [
            f"{name} (objective)" if name == objective else name,
            number(quality.metrics[name].value),
            number(quality.metrics[name].deviation),
            number(quality.constant[name]),
        ]
        for name in ordered
    ]
    what = "most frequent class" if quality.task.classes else "mean of the target"
    return [
        Heading("Metrics table"),
        Table(["Metric name", "Value", "Standard deviation", "Constant answer"], rows, row_titles=True),
        Text(
            f"Standard deviation: {quality.spread}. Constant answer: what always answering the {what} (or the classes' shares as "
            "probabilities) reaches; a useful model is clearly better."
        ),
    ]


def _confusion(quality: Quality) -> list[Block]:
    counts, names = _grouped(quality.confusion, quality.task.classes)
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    picture = charts.matrix(
        shares, names, names, "Confusion matrix", "Predicted label", "True label", form="{:.0%}"
    )
    blocks: list[Block] = [
        Heading("Confusion matrix"),
        Figure("confusion-matrix", picture, "Share of each true class's rows by predicted class."),
    ]
    if len(names) <= CONFUSION_CLASSES + 1:
        rows = [
            [name, *(number(int(value)) for value in line)] for name, line in zip(names, counts, strict=True)
        ]
        blocks.append(Table(["True \\ predicted", *names], rows, row_titles=True))
    per_class = _class_rows(quality)
    if len(quality.task.classes) > 2:
        blocks.append(Table(["Class", "Rows", "Precision", "Recall", "F1"], per_class[:30], row_titles=True))
    if len(quality.task.classes) > CONFUSION_CLASSES:
        blocks.append(
            Text(
                f"The {CONFUSION_CLASSES} most frequent of {len(quality.task.classes)} classes are shown, the others together; "
                "`statistics.json` holds all."
            )
        )
    return blocks


def _class_rows(quality: Quality) -> list[list[str]]:
    matrix = quality.confusion
    hits, true, guessed = np.diag(matrix), matrix.sum(axis=1), matrix.sum(axis=0)
    rows = []
    for code in np.argsort(-true, kind="stable"):
        precision = hits[code] / max(1, guessed[code])
        recall = hits[code] / max(1, true[code])
        f1 = 2 * hits[code] / max(1, guessed[code] + true[code])
        name = quality.task.classes[code]
        rows.append([name, number(int(true[code])), *(number(float(one)) for one in (precision, recall, f1))])
    return rows


def _grouped(matrix: npt.NDArray[np.int64], classes: list[str]) -> tuple[npt.NDArray[np.int64], list[str]]:
    if len(classes) <= CONFUSION_CLASSES:
        return matrix, classes
    order = np.argsort(-matrix.sum(axis=1), kind="stable")
    kept = np.sort(order[:CONFUSION_CLASSES])
    rest = order[CONFUSION_CLASSES:]
    size = len(kept) + 1
    out = np.zeros((size, size), dtype=np.int64)
    out[:-1, :-1] = matrix[np.ix_(kept, kept)]
    out[:-1, -1] = matrix[np.ix_(kept, rest)].sum(axis=1)
    out[-1, :-1] = matrix[np.ix_(rest, kept)].sum(axis=0)
    out[-1, -1] = matrix[np.ix_(rest, rest)].sum()
    return out, [*(classes[at] for at in kept), f"{len(rest)} others"]


def _curve_sections(quality: Quality) -> list[list[Block]]:
    shown = _most_frequent(quality)
    several = len(quality.task.classes) > 2
    of = "Each class is set against all others." if several else f"Class **{escape(next(iter(shown)))}**."
    roc = charts.curves(
        {f"{name}: AUC {one.auc:.3f}": one.roc[:2] for name, one in shown.items()},
        "Receiver operating characteristic",
        "False positive rate",
        "True positive rate",
        reference=_DIAGONAL,
    )
    prior = next(iter(shown.values())).prior
    precision = charts.curves(
        {
            f"{name}: AUPRC {one.average_precision:.3f}": one.precision_recall[:2]
            for name, one in shown.items()
        },
        "Precision-recall curve",
        "Recall",
        "Precision",
        reference=None if several else ([0.0, 1.0], [prior, prior], "no skill"),
    )
    return [
        [
            Heading("Area under the receiver operating characteristic curve"),
            Text(
                f"{of} True positive rate against false positive rate over all thresholds; the area is 0.5 without skill, 1 at best."
            ),
            Figure("roc-curve", roc, "ROC curve."),
        ],
        [
            Heading("Precision-recall curve"),
            Text("Says more than the ROC curve when the class is rare."),
            Figure("precision-recall-curve", precision, "Precision-recall curve."),
        ],
        _gain_section(shown),
    ]


def _gain_section(shown: dict[str, Curves]) -> list[Block]:
    gain = charts.curves(
        {name: one.gain for name, one in shown.items()},
        "Gain curve",
        "Share of rows, highest scores first",
        "Share of the class found",
        reference=_DIAGONAL,
    )
    lift = charts.curves(
        {name: one.lift for name, one in shown.items()},
        "Lift curve",
        "Share of rows, highest scores first",
        "Lift",
        reference=([0.0, 1.0], [1.0, 1.0], "no skill"),
    )
    tenth = {name: float(np.interp(0.1, *one.gain)) for name, one in shown.items()}
    best = max(tenth, key=lambda name: tenth[name])
    return [
        Heading("Gain curve and lift curve"),
        Text(
            f"Of all rows of class **{escape(best)}**, the tenth of the rows with the highest scores holds "
            f"**{percent(tenth[best])}** ({number(tenth[best] / 0.1)} times as many as a random tenth)."
        ),
        Figure("gain-curve", gain, "Gain curve."),
        Figure("lift-curve", lift, "Lift curve."),
    ]


def _most_frequent(quality: Quality) -> dict[str, Curves]:
    ordered = sorted(quality.curves, key=lambda name: -quality.curves[name].prior)
    kept = set(ordered[:_CURVES])
    return {name: curve for name, curve in quality.curves.items() if name in kept}


def _residual_sections(quality: Quality) -> list[list[Block]]:
    truth, answers, residuals = quality.held.truth, quality.held.answers, quality.residuals
    generator = np.random.default_rng(quality.task.seed)
    rows = generator.permutation(len(truth))[:_POINTS]
    spread = float(residuals.std()) or 1.0
    standard = residuals / spread
    far = float((np.abs(standard) > 3).mean())
    return [
        [
            Heading("Actual against predicted"),
            Figure(
                "actual-predicted",
                charts.points(
                    truth[rows],
                    answers[rows],
                    "Actual against predicted",
                    "Actual",
                    "Predicted",
                    diagonal=True,
                ),
                "Predicted over actual values; a perfect model's points lie on the line.",
            ),
        ],
        [
            Heading("Standardized residual plot"),
            Text(
                f"Residuals (predicted less actual) divided by their standard deviation, {number(spread)}. "
                f"**{percent(far)}** of the rows lie beyond 3 (0.27% if residuals were normal)."
            ),
            Figure(
                "standardized-residuals",
                charts.points(
                    answers[rows],
                    standard[rows],
                    "Standardized residuals",
                    "Predicted",
                    "Residual / deviation",
                    diagonal=False,
                ),
                "Standardised residuals over predicted values.",
            ),
        ],
        _residual_histogram(residuals, standard),
    ]


def _residual_histogram(residuals: Array, standard: Array) -> list[Block]:
    counts, edges = np.histogram(
        np.clip(standard, -6, 6), bins=min(60, max(8, len(standard) // 15)), density=True
    )
    return [
        Heading("Residual histogram"),
        Text(
            f"Mean residual {number(float(residuals.mean()))}, median {number(float(np.median(residuals)))}."
        ),
        Figure(
            "residual-histogram",
            charts.histogram(
                counts,
                edges,
                "Residuals / standard deviation",
                "Residual / deviation",
                bell=(float(standard.mean()), 1.0),
            ),
            "Histogram of the standardised residuals with a normal density.",
        ),
    ]
