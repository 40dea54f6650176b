"""Metrics, curves and files of Autopilot's reports."""

from __future__ import annotations

import json
import re
from pathlib import Path

import nbformat
import numpy as np
import pytest
from sklearn import metrics

from smstudio_ext.engine.autopilot.reports import charts
from smstudio_ext.engine.autopilot.reports.document import Document, Figure, Heading, Notice, Table, Text
from smstudio_ext.engine.autopilot.reports.markup import to_html, to_notebook
from smstudio_ext.engine.autopilot.reports.pages import write_pdf
from smstudio_ext.engine.autopilot.reports.quality import make_curves, measure
from smstudio_ext.engine.autopilot.reports.quality_json import statistics
from smstudio_ext.engine.autopilot.reports.quality_report import quality_document, write_report
from smstudio_ext.engine.autopilot.reports.task import Task
from smstudio_ext.engine.autopilot.reports.text import escape, number, percent
from smstudio_ext.engine.images.heldout import HeldOut

NASTY = "<b>a|b</b> $x$ _y_ `z`\n[k](l)"


def task(problem: str, objective: str, classes: list[str]) -> Task:
    return Task("job", "job-001", problem, objective, [], classes, "y", [], 0, 3.0, None, Path("/nowhere"))


def binary(rows: int = 400, folds: int = 4) -> HeldOut:
    generator = np.random.default_rng(3)
    truth = (generator.random(rows) < 0.3).astype(float)
    answers = np.clip(0.35 * truth + generator.random(rows) * 0.6, 0, 1).round(2)
    return HeldOut(truth, answers, np.arange(rows) % folds, (answers > 0.5).astype(np.int64))


def several(rows: int = 300, classes: int = 4) -> HeldOut:
    generator = np.random.default_rng(4)
    truth = generator.integers(0, classes, rows)
    answers = generator.random((rows, classes)) + 1.2 * np.eye(classes)[truth]
    answers /= answers.sum(axis=1, keepdims=True)
    return HeldOut(truth.astype(float), answers, np.zeros(rows, dtype=np.int64), answers.argmax(axis=1))


def test_metrics_are_means_over_the_folds() -> None:
    held = binary()
    found = measure(task("BinaryClassification", "F1", ["no", "yes"]), held, "folds").metrics
    by_fold = [
        metrics.f1_score(held.truth[held.folds == fold], np.asarray(held.predicted)[held.folds == fold])
        for fold in range(4)
    ]
    assert found["F1"].value == pytest.approx(np.mean(by_fold))
    assert found["F1"].deviation == pytest.approx(np.std(by_fold, ddof=1))
    assert set(found) == {"Accuracy", "AUC", "BalancedAccuracy", "F1", "LogLoss", "Precision", "Recall"}


def test_without_folds_the_rows_are_resampled() -> None:
    held = several()
    found = measure(task("MulticlassClassification", "Accuracy", list("abcd")), held, "validation").metrics
    share = metrics.accuracy_score(held.truth, held.predicted)
    assert found["Accuracy"].value == pytest.approx(share)
    assert found["Accuracy"].deviation == pytest.approx(np.sqrt(share * (1 - share) / 300), rel=0.5)


def test_curves_are_those_of_scikit_learn() -> None:
    held = binary()
    truth = held.truth.astype(np.int64)
    curves = make_curves(truth, held.answers)
    false_rate, true_rate, _ = metrics.roc_curve(truth, held.answers, drop_intermediate=False)
    assert np.allclose(curves.roc[0], false_rate)
    assert np.allclose(curves.roc[1], true_rate)
    assert curves.auc == pytest.approx(metrics.roc_auc_score(truth, held.answers))
    assert curves.average_precision == pytest.approx(metrics.average_precision_score(truth, held.answers))
    across, up = curves.lift
    assert across[-1] == 1
    assert up[-1] == pytest.approx(1)
    assert curves.gain[1][-1] == 1


def test_long_curves_are_thinned_and_keep_their_ends() -> None:
    generator = np.random.default_rng(0)
    curves = make_curves((generator.random(5000) < 0.5).astype(np.int64), generator.random(5000))
    assert len(curves.roc[0]) <= 202
    assert (curves.roc[0][0], curves.roc[1][-1], curves.gain[0][-1]) == (0, 1, 1)


def test_statistics_have_the_form_of_model_quality_statistics() -> None:
    quality = measure(task("BinaryClassification", "F1", ["no", "yes"]), binary(), "folds")
    found = json.loads(json.dumps(statistics(quality)))["binary_classification_metrics"]
    assert set(found["f1"]) == {"value", "standard_deviation"}
    assert set(found["confusion_matrix"]) == {"no", "yes"}
    assert sum(sum(row.values()) for row in found["confusion_matrix"].values()) == 400
    curve = found["receiver_operating_characteristic_curve"]
    assert len(curve["false_positive_rates"]) == len(curve["true_positive_rates"])
    for name in ("precision_recall_curve", "gain_curve", "lift_curve", "f0_5", "f2", "false_positive_rate"):
        assert name in found
    assert found["recall"]["value"] != found["recall_best_constant_classifier"]["value"] == 0


def test_many_classes_and_regression_have_all_parts(tmp_path: Path) -> None:
    wide = measure(
        task("MulticlassClassification", "Accuracy", [f"c{n}" for n in range(20)]), several(600, 20), "v"
    )
    headings = [b.text for s in quality_document(wide).sections for b in s if isinstance(b, Heading)]
    assert "Confusion matrix" in headings
    assert len(statistics(wide)["multiclass_classification_metrics"]["one_vs_rest"]) == 20
    generator = np.random.default_rng(0)
    truth = generator.normal(size=200)
    held = HeldOut(truth, truth + generator.normal(size=200), np.arange(200) % 5)
    line = measure(task("Regression", "MSE", []), held, "folds")
    write_report(tmp_path, line)
    assert {path.name for path in tmp_path.iterdir()} == {
        "statistics.json",
        "report.ipynb",
        "report.html",
        "report.pdf",
    }
    found = json.loads((tmp_path / "statistics.json").read_text())["regression_metrics"]
    assert found["mse"]["value"] == pytest.approx(1, rel=0.4)
    assert sum(found["residuals"]["histogram"]["counts"]) == 200
    nbformat.validate(nbformat.read(tmp_path / "report.ipynb", 4))  # type: ignore[no-untyped-call]
    assert (tmp_path / "report.pdf").read_bytes().startswith(b"%PDF")


def test_held_out_predictions_survive_their_file(tmp_path: Path) -> None:
    held = several()
    held.write(tmp_path / "data")
    back = HeldOut.read(tmp_path / "data/held-out.npz")
    assert np.allclose(back.answers, held.answers, atol=1e-6)
    assert back.predicted is not None
    assert (back.predicted == held.predicted).all()
    assert back.weights is None


def test_text_of_the_data_stays_text_everywhere(tmp_path: Path) -> None:
    document = Document("Title")
    picture = charts.bars([NASTY, "b"], [1, 2], NASTY, "x")
    document.add(
        Heading("One"),
        Text(f"- **{escape(NASTY)}**"),
        Table(["", NASTY], [[NASTY, "1"]], row_titles=True),
        Notice("high", NASTY, escape(NASTY), (escape(NASTY),)),
        Figure("bars", picture, NASTY),
    )
    html = to_html(document)
    assert "<b>" not in html
    assert "<em>" not in html
    assert "$x$" not in re.sub(r'alt="[^"]*"', "", html)
    assert html.count("<table") == 1
    notebook = to_notebook(document)
    nbformat.validate(nbformat.from_dict(notebook))  # type: ignore[no-untyped-call]
    assert list(notebook["cells"][0]["attachments"]) == ["bars.png"]
    write_pdf(document, tmp_path / "x.pdf")
    assert (tmp_path / "x.pdf").stat().st_size > 1000


def test_numbers_are_short() -> None:
    assert [number(one) for one in (3.0, 1234567.0, 0.123456, 1e-9, float("nan"), None)] == [
        "3", "1,234,567", "0.12346", "1e-09", "–", "–",
    ]  # fmt: skip
    assert [percent(one) for one in (0, 0.5, 0.00001)] == ["0.00%", "50.00%", "<0.01%"]


def test_held_out_predictions_of_large_data_are_a_sample(tmp_path: Path) -> None:
    rows = 300_000
    truth = np.arange(rows, dtype=float) % 5
    answers = np.eye(5)[truth.astype(np.int64)]
    HeldOut(truth, answers, np.arange(rows) % 3, truth.astype(np.int64)).write(tmp_path)
    back = HeldOut.read(tmp_path / "held-out.npz")
    assert len(back.truth) == 200_000
    assert (back.answers.argmax(axis=1) == back.truth).all()
    assert set(back.folds) == {0, 1, 2}


def test_strange_class_names_stay_text(tmp_path: Path) -> None:
    classes = ["<i>no</i>", "$yes$ |*x*|"]
    quality = measure(task("BinaryClassification", "F1", classes), binary(), "folds")
    write_report(tmp_path, quality)
    page = (tmp_path / "report.html").read_text()
    assert "<i>no</i>" not in page
    assert "$yes$" not in page
    assert "<em>x" not in page
