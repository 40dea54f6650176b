"""Training program of the forecasting image: one candidate (back-test, then the whole data) or the ensemble of earlier ones."""

from __future__ import annotations

import csv
import json
import math
import tarfile
import time
from pathlib import Path

import numpy as np

from smstudio_ext.engine.images.automl_forecasting import mixture, model, scores
from smstudio_ext.engine.images.automl_forecasting.kinds import Forecaster, Task, kind_of, tidy
from smstudio_ext.engine.images.automl_forecasting.model import Member
from smstudio_ext.engine.images.automl_forecasting.panel import Panel
from smstudio_ext.engine.images.automl_forecasting.schema import Schema
from smstudio_ext.engine.images.automl_forecasting.scores import Truth
from smstudio_ext.engine.images.automl_forecasting.steps import Floats
from smstudio_ext.engine.images.contract import AlgorithmError
from smstudio_ext.engine.images.jobfiles import Channel, read_channels, read_hyperparameters

_BACKTEST_SHARE = 0.55
"""Part of a candidate's time for the back-test; the rest is for learning from all data."""


def train(optml: Path) -> None:
    """Runs the step that hyperparameter `step` names: `model` or `ensemble`.

    Raises:
        AlgorithmError: missing channels or hyperparameters, an algorithm that cannot run, or no time for it.
    """
    begin = time.monotonic()
    given, channels = read_hyperparameters(optml), read_channels(optml)
    if "data" not in channels:
        raise AlgorithmError("The channel 'data' with the prepared series is missing.")
    folder = channels["data"].path
    schema = Schema.read(folder)
    panel = Panel.read(folder, schema.horizon)
    truth = scores.truth_of(panel, schema)
    if given.get("step") == "ensemble":
        forecasts = _ensemble(given, schema, truth, channels.get("models"), optml)
    elif given.get("step") == "model":
        forecasts = _model(given, schema, panel, truth, optml, begin)
    else:
        raise AlgorithmError(f"Hyperparameter step: '{given.get('step', '')}' is not one of model, ensemble.")
    scores.write(optml / "output/data", forecasts)
    found = scores.evaluate(truth, forecasts, schema)
    objective = given.get("objective") or scores.METRICS[0]
    if objective not in found:
        raise AlgorithmError(
            f"The objective {objective} has no value, as every value in the back-test is zero or none of the series changes. Choose "
            "another AutoMLJobObjective."
        )
    _report(optml / "checkpoints", schema, panel, truth, forecasts, found)
    for name, value in found.items():
        print(f"[0]#011validation-{name}:{value!r}", flush=True)


def _model(
    given: dict[str, str], schema: Schema, panel: Panel, truth: Truth, optml: Path, begin: float
) -> Floats:
    """Back-tests a forecaster, fits it to all data and writes it; returns its forecasts of the windows."""
    algorithm, seed = given["algorithm"], int(given.get("seed", "0"))
    settings = json.loads(given.get("settings") or "{}")
    kind = kind_of(algorithm)
    end = _deadline(given, begin)
    middle = end if math.isinf(end) else time.monotonic() + _BACKTEST_SHARE * (end - time.monotonic())
    task = Task(schema, settings, seed, middle)
    earliest = int(truth.back.max())
    past, _ = panel.before(earliest)
    forecasts = _windows(kind.fit(past, task), panel, truth, Task(schema, settings, seed, end))
    final = kind.fit(panel, Task(schema, settings, seed, end))
    member = Member(given["name"], algorithm, settings, seed)
    own = optml / "model" / member.name
    own.mkdir(parents=True)
    final.save(own)
    model.write(optml / "model", schema, [member])
    return forecasts


def _windows(forecaster: Forecaster, panel: Panel, truth: Truth, task: Task) -> Floats:
    """What a forecaster that has seen nothing of any window says of each, from the steps before it."""
    parts = []
    for back in dict.fromkeys(truth.back.tolist()):
        past, begun = panel.before(int(back))
        if not np.array_equal(begun, truth.series[truth.back == back]):
            raise AlgorithmError("The back-test's windows do not fit the series.")
        parts.append(tidy(forecaster.forecast(past, task), task.schema))
    return np.concatenate(parts)


def _deadline(given: dict[str, str], begin: float) -> float:
    """`time.monotonic()` by which to be done: hyperparameter `seconds`, and the moment `until` (seconds since 1970)."""
    end = begin + float(given["seconds"]) if given.get("seconds") else math.inf
    if given.get("until"):
        end = min(end, time.monotonic() + float(given["until"]) - time.time())
    return end


def _ensemble(
    given: dict[str, str], schema: Schema, truth: Truth, channel: Channel | None, optml: Path
) -> Floats:
    """Weighs earlier candidates and packs those with a weight together; returns cross-fitted forecasts."""
    names = [name for name in given.get("inputs", "").split(",") if name]
    if not names or channel is None:
        raise AlgorithmError(
            "An ensemble needs models: hyperparameter inputs or the channel models is empty."
        )
    objective = given.get("objective") or scores.METRICS[0]
    members = [scores.read(_unpack(channel, name, "output.tar.gz", optml)) for name in names]
    weights = mixture.weigh(truth, members, schema, objective)
    chosen = []
    for name, weight in zip(names, weights, strict=True):
        if weight > 0:
            print(f"{weight:.3f} {name}", flush=True)
            chosen.append(
                model.take_over(_unpack(channel, name, "model.tar.gz", optml), optml / "model", float(weight))
            )
    model.write(optml / "model", schema, chosen)
    return mixture.crossfitted(truth, members, schema, objective)


def _unpack(channel: Channel, name: str, file: str, optml: Path) -> Path:
    path = channel.path / name / "output" / file
    if not path.is_file():
        raise AlgorithmError(f"The models channel holds no {file} of training job {name}.")
    folder = optml / "tmp" / name / file.partition(".")[0]
    folder.mkdir(parents=True, exist_ok=True)
    with tarfile.open(path) as archived:
        archived.extractall(folder, filter="data")
    return folder


def _report(
    folder: Path, schema: Schema, panel: Panel, truth: Truth, forecasts: Floats, found: dict[str, float]
) -> None:
    """Writes the back-test for people: the metrics, and actual values beside forecasts."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "accuracy-metrics.json").write_text(json.dumps(found, indent=1), encoding="utf-8")
    levels = [f"p{round(100 * level)}" for level in schema.levels]
    with (folder / "forecasted-values.csv").open("w", newline="", encoding="utf-8") as stream:
        writer = csv.writer(stream)
        writer.writerow([*schema.keys, schema.timestamp, "target_value", *levels, "mean"])
        for row, (at, back) in enumerate(zip(truth.series, truth.back, strict=True)):
            one = panel.series[int(at)]
            first = one.end - int(back)
            times = schema.steps.times(np.arange(first, first + schema.horizon))
            for step, stamp in enumerate(times):
                values = [repr(float(value)) for value in (truth.values[row, step], *forecasts[row, step])]
                writer.writerow([*one.key, str(stamp).replace("T", " "), *values])
