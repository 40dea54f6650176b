"""Program of the explainability report: how much each column moves the best candidate's answers, overall and row by row."""

from __future__ import annotations

import csv
import json
import math
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from smstudio_ext.engine.autopilot.reports import shapley
from smstudio_ext.engine.autopilot.reports.explanation_report import Findings, write_report
from smstudio_ext.engine.autopilot.reports.pipeline import Array, CandidatePipeline, unpack_models
from smstudio_ext.engine.autopilot.reports.task import Cells, Task, take

BACKGROUND = 24
"""Rows that stand for "nothing known", and pairs of walks at most."""
PLAYERS = 60
"""Columns that get values of their own; beyond them the weakest share one."""
MOST_ROWS, FEWEST_ROWS = 400, 40
FEWEST_PAIRS, HURRIED_ROWS = 8, 12
_POOL = 240
_PROBE = 256
_PROBED_ROWS = 24
_SLOW = 0.15
_SEARCH = 0.35
_WANTED, _LONGEST = 20_000, 12.0
# Of the time, this much goes to the walks; the rest to loading, looking for active columns, drawing and writing.
_SHARE = 0.7


@dataclass(frozen=True)
class _Plan:
    rows: int
    pairs: int


def run(optml: Path) -> None:
    """Writes `processing/output/{analysis.json,report.*,out_shap/*.csv}`; what it reads is in docs/autopilot-internals.md.

    Raises:
        AlgorithmError: the models or data cannot be read.
    """
    task = Task.read(optml)
    left = task.clock(_SHARE)
    output = task.root / "output/explainability"
    output.mkdir(parents=True, exist_ok=True)
    folders = unpack_models(task.root / "input/models", len(task.containers))
    pipeline = CandidatePipeline(task.containers, folders, task.classes)

    def predict(cells: shapley.Cells) -> Array:
        answers = pipeline.predict(cells)
        # Of two classes one says it all.
        return answers[:, 1] if len(task.classes) == 2 else answers

    rows, labels = task.cells("validation", MOST_ROWS)
    pool, _ = task.cells("train", _POOL)
    started = time.monotonic()
    background = _background(predict(pool), pool, task.seed)
    speed = _speed(predict, pool, time.monotonic() - started)
    answers = _affordable(speed, left(), hurry=task.deadline is not None)
    players = _players(predict, pool, task.seed, answers)
    plan = _plan(len(rows[0]), len(players), (1 - _SEARCH) * answers, hurry=task.deadline is not None)
    rows, labels = [column[: plan.rows] for column in rows], labels[: plan.rows]
    background = [column[: plan.pairs] for column in background]
    started = time.monotonic()

    def go_on(done: int) -> bool:
        # Another pair must fit into the time that is left; without a deadline a few are made in any case.
        enough = done >= FEWEST_PAIRS or task.deadline is not None
        return not enough or left() > (time.monotonic() - started) / done

    if players:
        found = shapley.explain(predict, rows, background, players, task.seed, go_on)
    else:
        found = _nothing(predict(rows))
    findings = Findings(task, found, players, len(rows[0]), _names(task))
    _write_analysis(output, task, findings)
    _write_values(output / "out_shap", task, findings, rows, labels, background)
    write_report(output, findings)
    print(
        f"{findings.rows} rows explained by {found.pairs} pairs of walks over {len(players)} columns; "
        f"{speed:,.0f} rows a second.",
        flush=True,
    )


def _background(answers: Array, pool: Cells, seed: int) -> Cells:
    """Rows spread evenly over the range of the model's answers, in random order."""
    order = (
        np.argsort(answers)
        if answers.ndim == 1
        else np.lexsort((answers.max(axis=1), answers.argmax(axis=1)))
    )
    count = min(BACKGROUND, len(order))
    chosen = order[((np.arange(count) + 0.5) * len(order) / count).astype(int)]
    return take(pool, np.random.default_rng(seed).permutation(chosen))


def _speed(predict: shapley.Predict, pool: Cells, first: float) -> float:
    """Rows a second; measured anew on more rows unless the first answer took long."""
    if first > _SLOW:
        return len(pool[0]) / first
    times = -(-_PROBE * 4 // len(pool[0]))
    cells = [np.tile(column, times) for column in pool]
    start = time.perf_counter()
    predict(cells)
    return len(cells[0]) / max(1e-4, time.perf_counter() - start)


def _affordable(speed: float, seconds: float, *, hurry: bool) -> float:
    """How many rows the model may be asked for: slow models of wide tables get more time where there is no deadline."""
    answers = speed * max(0.2, seconds)
    return answers if hurry else max(answers, min(_WANTED, speed * _LONGEST))


def _players(predict: shapley.Predict, pool: Cells, seed: int, answers: float) -> list[list[int]]:
    width = len(pool)
    search = _SEARCH * answers
    # Halving looks at each active column some times over.
    rows = int(min(_PROBED_ROWS, len(pool[0]), max(3, search / (3 * min(width, 128)))))
    probe = take(pool, np.arange(rows))
    most = int(min(PLAYERS, max(6, (1 - _SEARCH) * answers / (2 * FEWEST_PAIRS * HURRIED_ROWS))))
    allowed = search if width > 128 else math.inf
    return shapley.find_players(predict, probe, shapley.contrasts(probe, pool, seed), most, answers=allowed)


def _plan(rows: int, players: int, evaluations: float, *, hurry: bool) -> _Plan:
    """As many rows as the time allows with all pairs; with fewer pairs when even few rows would take too long.

    Args:
        hurry: there is a deadline: fewer rows, so that the background still has some.
    """
    walk = 2 * max(1, players - 1)
    wanted = int(evaluations / (walk * BACKGROUND))
    if wanted >= FEWEST_ROWS:
        return _Plan(min(rows, MOST_ROWS, wanted), BACKGROUND)
    pairs = max(FEWEST_PAIRS, min(BACKGROUND, int(evaluations / (walk * FEWEST_ROWS))))
    few = max(HURRIED_ROWS, int(evaluations / (walk * FEWEST_PAIRS))) if hurry else FEWEST_ROWS
    return _Plan(min(rows, FEWEST_ROWS, few), pairs)


def _nothing(answers: Array) -> shapley.Explanation:
    wide = answers[:, None] if answers.ndim == 1 else answers
    return shapley.Explanation(np.zeros((len(wide), 0, wide.shape[1])), wide.mean(axis=0), wide, 0)


def _names(task: Task) -> list[str]:
    # Clarify calls the only output of a model label0.
    return task.classes if len(task.classes) > 2 else ["label0"]


def _write_analysis(output: Path, task: Task, findings: Findings) -> None:
    importance = findings.importance()
    labels = {
        name: {
            "global_shap_values": {
                feature: float(importance[at, number]) for at, feature in enumerate(task.features)
            },
            "expected_value": float(findings.explanation.expected[number]),
        }
        for number, name in enumerate(findings.names)
    }
    document = {"version": "1.0", "explanations": {"kernel_shap": labels}}
    (output / "analysis.json").write_text(
        json.dumps(document, indent=1, ensure_ascii=False) + "\n", encoding="utf-8"
    )


def _write_values(
    folder: Path, task: Task, findings: Findings, rows: Cells, labels: list[str], background: Cells
) -> None:
    folder.mkdir(exist_ok=True)
    values = findings.by_feature()
    header = [f"{feature}_{name}" for name in findings.names for feature in task.features]
    flat = values.transpose(0, 2, 1).reshape(len(values), -1)
    with (folder / "out.csv").open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(header)
        writer.writerows([f"{value:.8g}" for value in line] for line in flat)
    answers = findings.explanation.answers
    _write_cells(folder / "rows.csv", task, rows, labels, findings.names, answers)
    with (folder / "baseline.csv").open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(task.features)
        writer.writerows(zip(*background, strict=True))


def _write_cells(
    path: Path, task: Task, rows: Cells, labels: list[str], names: list[str], answers: npt.NDArray[np.float64]
) -> None:
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow([*task.features, task.target, *(f"answer_{name}" for name in names)])
        for cells, label, answer in zip(zip(*rows, strict=True), labels, answers, strict=True):
            writer.writerow([*cells, label, *(f"{value:.8g}" for value in answer)])
