"""The explainability report as a document, and its notebook, HTML page and PDF."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from smstudio_ext.engine.autopilot.reports import charts
from smstudio_ext.engine.autopilot.reports.document import (
    Document,
    Figure,
    Heading,
    Table,
    Text,
)
from smstudio_ext.engine.autopilot.reports.files import write_files
from smstudio_ext.engine.autopilot.reports.shapley import Explanation
from smstudio_ext.engine.autopilot.reports.task import Task
from smstudio_ext.engine.autopilot.reports.text import escape, number

Array = npt.NDArray[np.float64]

_SHOWN = 20
_STACKED = 12


@dataclass(frozen=True)
class Findings:
    """What the explainability program found.

    Attributes:
        players: columns (positions among the features) that were switched together; only the last may hold several.
        rows: how many rows were explained.
        names: outputs of the model: class names, or `label0`.
    """

    task: Task
    explanation: Explanation
    players: list[list[int]]
    rows: int
    names: list[str]

    def by_feature(self) -> Array:
        """(rows, features, outputs); columns that are one player share its value evenly, inactive ones have 0."""
        values = self.explanation.values
        out = np.zeros((len(values), len(self.task.features), values.shape[2]))
        for player, columns in enumerate(self.players):
            for column in columns:
                out[:, column] = values[:, player] / len(columns)
        return out

    def importance(self) -> Array:
        """Mean absolute Shapley value: (features, outputs)."""
        return np.asarray(np.abs(self.by_feature()).mean(axis=0))


def write_report(output: Path, findings: Findings) -> None:
    """Writes `report.ipynb`, `report.html` and `report.pdf`."""
    write_files(explanation_document(findings), findings.task, output)


def explanation_document(findings: Findings) -> Document:
    """The report's text, tables and pictures."""
    task = findings.task
    document = Document("SageMaker Autopilot Explainability Report")
    document.add(Text(_introduction(findings)), Heading("Global importance"), *_global(findings))
    if len(findings.names) > 1:
        for at, name in enumerate(findings.names[:_STACKED]):
            document.add(*_class_section(findings, at, name))
        if len(findings.names) > _STACKED:
            document.add(Text(f"`analysis.json` holds the other {len(findings.names) - _STACKED} classes."))
    document.add(*_row_section(findings))
    document.add(Heading("Method"), Text(_method(findings, task)))
    return document


def _introduction(findings: Findings) -> str:
    task = findings.task
    what = {
        "BinaryClassification": f"the probability of the class **{escape(task.classes[1])}**"
        if task.classes
        else "",
        "MulticlassClassification": "the probability of each class",
        "Regression": "the predicted value",
    }[task.problem]
    return (
        f"Model **{escape(task.candidate)}** of the AutoML job **{escape(task.job)}**, target **{escape(task.target)}** "
        f"({task.problem}). The report says how much each column of the data moves {what}. A column's importance is its mean "
        f"absolute SHAP value over **{findings.rows}** rows of the validation data."
    )


def _ordered(findings: Findings) -> npt.NDArray[np.int64]:
    return np.argsort(-findings.importance().sum(axis=1), kind="stable")


def _global(findings: Findings) -> list[Text | Table | Figure]:
    importance = findings.importance()
    order = _ordered(findings)
    shown = [int(at) for at in order[:_SHOWN]]
    features = findings.task.features
    names = [features[at] for at in shown]
    series = None
    if len(findings.names) > 1:
        strongest = np.argsort(-importance.sum(axis=0), kind="stable")[:_STACKED]
        series = {findings.names[at]: importance[shown, at].tolist() for at in strongest}
    picture = charts.bars(
        names,
        importance[shown].sum(axis=1).tolist(),
        "Mean absolute SHAP value",
        "mean |SHAP value|" if series is None else "mean |SHAP value|, by class",
        series=series,
    )
    whole = float(importance.sum()) or 1.0
    rows = [
        [features[at], number(float(importance[at].sum())), f"{importance[at].sum() / whole * 100:.1f}%"]
        for at in shown
    ]
    blocks: list[Text | Table | Figure] = [
        Figure("global-importance", picture, f"Bars of the importance of {len(shown)} columns."),
        Table(["Column", "Mean |SHAP value|", "Share"], rows, row_titles=True),
    ]
    if len(order) > _SHOWN:
        blocks.append(
            Text(f"The {_SHOWN} most important of {len(order)} columns are shown; `analysis.json` holds all.")
        )
    return blocks


def _class_section(findings: Findings, at: int, name: str) -> list[Heading | Text | Table]:
    importance = findings.importance()[:, at]
    order = np.argsort(-importance, kind="stable")[:8]
    features = findings.task.features
    rows = [[features[place], number(float(importance[place]))] for place in order if importance[place] > 0]
    return [
        Heading(f"Class {escape(name)}", 3),
        Text(
            f"Mean predicted probability of the background rows: {number(float(findings.explanation.expected[at]))}."
        ),
        Table(["Column", "Mean |SHAP value|"], rows, row_titles=True),
    ]


def _row_section(findings: Findings) -> list[Heading | Text | Table]:
    """The rows with the lowest and the highest answers, and what made them so."""
    values = findings.by_feature()
    answers = findings.explanation.answers
    features = findings.task.features
    order = np.argsort(answers[:, -1 if len(findings.names) == 1 else 0], kind="stable")
    chosen = [int(at) for at in dict.fromkeys([*order[::-1][:3], *order[:2]])]
    rows = []
    for at in chosen:
        output = int(answers[at].argmax()) if len(findings.names) > 1 else 0
        strongest = np.argsort(-np.abs(values[at, :, output]), kind="stable")[:4]
        parts = [f"{features[place]}: {values[at, place, output]:+.4g}" for place in strongest]
        label = findings.names[output] if len(findings.names) > 1 else number(float(answers[at, 0]))
        rows.append([str(at), label, number(float(answers[at, output])), "; ".join(parts)])
    return [
        Heading("Single rows"),
        Text(
            "For each explained row the values add up to the model's answer less the expected value "
            f"({', '.join(number(float(one)) for one in findings.explanation.expected[:6])}). `out_shap/out.csv` holds them, "
            "`out_shap/rows.csv` the rows themselves in the same order."
        ),
        Table(["Row", "Predicted", "Answer", "Strongest SHAP values"], rows, row_titles=True),
    ]


def _method(findings: Findings, task: Task) -> str:
    inactive = len(task.features) - sum(len(one) for one in findings.players)
    together = len(findings.players[-1]) if findings.players and len(findings.players[-1]) > 1 else 0
    lines = [
        "SHAP values are estimated by antithetic permutation sampling: the model answers rows in which ever more columns are "
        "switched from those of a background row to those of the explained row, in random orders and their reverses. The model "
        "is only asked for answers, as by Kernel SHAP, through all of its containers, so values belong to the columns of the "
        "input data whatever the feature engineering makes of them.",
        "",
        f"- Rows explained: {findings.rows}, from the validation data.",
        f"- Background rows, spread over the model's answers on training data: {findings.explanation.pairs} "
        "(`out_shap/baseline.csv`).",
        f"- Orders tried for each row: {2 * findings.explanation.pairs}.",
        f"- Columns that changed no answer when their cells were exchanged for other values, and so have the value 0: {inactive}.",
    ]
    if together:
        lines.append(
            f"- The {together} weakest active columns were switched together and share their value evenly."
        )
    return "\n".join(lines)
