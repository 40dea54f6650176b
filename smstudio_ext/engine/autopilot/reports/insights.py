"""Program of the model insights report: how good the best candidate is on rows that it has not seen."""

from __future__ import annotations

import tarfile
import time
from pathlib import Path

import numpy as np

from smstudio_ext.engine.autopilot.reports.pipeline import CandidatePipeline, unpack_models
from smstudio_ext.engine.autopilot.reports.quality import measure
from smstudio_ext.engine.autopilot.reports.quality_report import write_report
from smstudio_ext.engine.autopilot.reports.task import Cells, Task, take
from smstudio_ext.engine.images import heldout
from smstudio_ext.engine.images.contract import AlgorithmError
from smstudio_ext.engine.images.heldout import HeldOut
from smstudio_ext.engine.images.sklearn_automl.labels import LabelEncoder

MOST_ROWS, FEWEST_ROWS, HURRIED_ROWS = 100_000, 5_000, 1_000
_PROBED_ROWS = 500
# Of the time, this much goes to predicting; the rest to measuring, drawing and writing.
_SHARE = 0.5


def run(optml: Path) -> None:
    """Writes `processing/output/model_insights/{statistics.json,report.*}`.

    Raises:
        AlgorithmError: the models or data cannot be read.
    """
    task = Task.read(optml)
    found = _stored(task.root / "input/held-out")
    source = "cross-validation: each row is predicted by the fold model that had not seen it"
    if found is None:
        found = _predicted(task)
        source = "the validation data, which the model has not seen"
    quality = measure(task, found, source)
    output = task.root / "output/model_insights"
    output.mkdir(parents=True, exist_ok=True)
    write_report(output, quality)
    print(f"{len(found.truth)} rows measured, from {source}.", flush=True)


def _stored(folder: Path) -> HeldOut | None:
    for archive in sorted(folder.glob("*.tar.gz")):
        with tarfile.open(archive) as opened:
            names = [one for one in opened.getnames() if Path(one).name == heldout.NAME]
            if names:
                opened.extract(names[0], folder, filter="data")
                return HeldOut.read(folder / names[0])
    return None


def _predicted(task: Task) -> HeldOut:
    left = task.clock(_SHARE)
    cells, labels = task.cells("validation", MOST_ROWS)
    truth = LabelEncoder(task.classes).encode(labels)
    known = ~np.isnan(truth)
    if not known.any():
        raise AlgorithmError("No row of the validation data has a target value.")
    folders = unpack_models(task.root / "input/models", len(task.containers))
    pipeline = CandidatePipeline(task.containers, folders, task.classes, decide=bool(task.classes))
    cells = [column[known] for column in cells]
    truth = truth[known]
    fewest = FEWEST_ROWS if task.deadline is None else HURRIED_ROWS
    rows = _affordable(pipeline, cells, left(), fewest)
    cells, truth = [column[:rows] for column in cells], truth[:rows]
    folds = np.zeros(len(truth), dtype=np.int64)
    if not task.classes:
        return HeldOut(truth, pipeline.predict(cells), folds)
    answers, predicted = pipeline.decide(cells)
    return HeldOut(truth, answers[:, 1] if len(task.classes) == 2 else answers, folds, predicted)


def _affordable(pipeline: CandidatePipeline, cells: Cells, seconds: float, fewest: int) -> int:
    """How many rows can be predicted in so many seconds, but not fewer than `fewest`."""
    rows = len(cells[0])
    if rows <= fewest:
        return rows
    probe = take(cells, np.arange(_PROBED_ROWS))
    pipeline.predict(probe)
    start = time.perf_counter()
    pipeline.predict(probe)
    speed = _PROBED_ROWS / max(1e-4, time.perf_counter() - start)
    return int(min(rows, max(fewest, speed * seconds)))
