"""Training program of the ensembling image: one step of a job (features, one model, a stack or the weighted ensemble)."""

from __future__ import annotations

import json
import tarfile
import time
from pathlib import Path
from typing import Any

import numpy as np

from smstudio_ext.engine.images.automl_ensemble import archive, calibration, combining
from smstudio_ext.engine.images.automl_ensemble.archive import Index, Member
from smstudio_ext.engine.images.automl_ensemble.decisions import (
    Decision,
    decide,
    evaluate,
    honest_labels,
)
from smstudio_ext.engine.images.automl_ensemble.features import make_table
from smstudio_ext.engine.images.automl_ensemble.kinds import kind_of
from smstudio_ext.engine.images.automl_ensemble.learning import FEWEST_ROWS, bag
from smstudio_ext.engine.images.automl_ensemble.table import FILE, Table, Wide
from smstudio_ext.engine.images.contract import AlgorithmError
from smstudio_ext.engine.images.heldout import HeldOut
from smstudio_ext.engine.images.jobfiles import Channel, granted_cpus, read_channels, read_hyperparameters

_FOREVER = 24 * 3600.0
_TIMED = 7
_CACHES = 4 << 20
"""Numbers of 8 bytes that push a model out of the processor's caches, as a server's other work does."""


def train(optml: Path) -> None:
    """Runs the step that hyperparameter `step` names: `features`, `model` or `ensemble` (docs/autopilot-internals.md).

    Raises:
        AlgorithmError: missing channels or hyperparameters, or no time for the model.
    """
    begin = time.monotonic()
    given = read_hyperparameters(optml)
    channels = read_channels(optml)
    model = optml / "model"
    step = given.get("step", "")
    if step == "features":
        make_table(
            channels,
            model,
            objective=given["objective"],
            folds=int(given.get("folds", "5")),
            weight=given.get("sample_weight", ""),
            seed=int(given.get("seed", "0")),
        )
        return
    if step not in ("model", "ensemble"):
        raise AlgorithmError(f"Hyperparameter step: '{step}' is not one of features, model, ensemble.")
    source = channels["features"].path
    table = Table.load(source / FILE)
    names = [name for name in given.get("inputs", "").split(",") if name]
    inputs = _Inputs(channels.get("models"), names, table, optml / "tmp")
    if step == "model":
        _model(given, table, inputs, source, model, begin)
    else:
        _ensemble(given, table, inputs, source, model)


class _Inputs:
    """Earlier candidates of the job by the names of their training jobs.

    Attributes:
        held: (rows, width) predictions for rows of the table that the candidate has not seen; NaN for others.
        costs: seconds for one row of each of its bags.
    """

    def __init__(self, channel: Channel | None, names: list[str], table: Table, scratch: Path) -> None:
        self._channel = channel
        self._scratch = scratch
        self.costs: dict[str, dict[str, float]] = {}
        self.held = {name: self._held(name, table) for name in names}

    def members(self, name: str, model: Path) -> list[Member]:
        """Copies a candidate's models into the folder `model`; returns its members, the last of which answers."""
        folder = self._unpack(name, "model.tar.gz")
        found = Index.read(folder).members
        archive.copy_members(folder, model, found)
        return found

    def _held(self, name: str, table: Table) -> Wide:
        folder = self._unpack(name, "output.tar.gz")
        self.costs[name] = archive.load_costs(folder)
        return archive.load_held(folder, len(table.y))

    def _unpack(self, name: str, file: str) -> Path:
        path = self._channel.path / name / "output" / file if self._channel else Path()
        if not path.is_file():
            raise AlgorithmError(f"The models channel holds no {file} of training job {name}.")
        folder = self._scratch / name / file.partition(".")[0]
        folder.mkdir(parents=True, exist_ok=True)
        with tarfile.open(path) as archived:
            archived.extractall(folder, filter="data")
        return folder


def _model(
    given: dict[str, str], table: Table, inputs: _Inputs, source: Path, model: Path, begin: float
) -> None:
    algorithm, name = given["algorithm"], given["name"]
    settings: dict[str, Any] = json.loads(given.get("settings") or "{}")
    kind, features = kind_of(algorithm), table.x.shape[1]
    names = list(inputs.held)
    if names:
        table = Table(
            table.outline,
            archive.stacked(table.x, [inputs.held[one] for one in names], table.outline),
            table.y,
            table.folds,
            table.weights,
        )
    found = bag(
        kind,
        table,
        settings,
        seconds=_seconds(given, begin),
        threads=granted_cpus(),
        seed=int(given.get("seed", "0")),
        say=lambda text: print(text, flush=True),
    )
    member = archive.save_bag(model, name, algorithm, settings, found)
    temperature, honest, whole = _calibrated(table, found.held)
    fed: list[Member] = []
    feeders: list[str] = []
    for one in names:
        own = [Member(**{**vars(entry), "weight": 0.0}) for entry in inputs.members(one, model)]
        fed += own
        feeders.append(own[-1].name)
    member = Member(**{**vars(member), "inputs": feeders, "temperature": temperature})
    _finish(table, honest, whole, [*fed, member], source, model, features)


def _calibrated(table: Table, held: Wide) -> tuple[float, Wide, Wide]:
    """A model's temperature, and its held-out predictions at those of the other folds and at its own."""
    rows = np.isfinite(held).all(axis=1)
    truth, counted = table.y[rows], None if table.weights is None else table.weights[rows]
    temperature = calibration.fit(table.outline, truth, held[rows], counted)
    honest, whole = held.copy(), held.copy()
    honest[rows] = calibration.crossfitted(table.outline, truth, held[rows], table.folds[rows], counted)
    whole[rows] = calibration.apply(table.outline, held[rows], temperature)
    return temperature, honest, whole


def _seconds(given: dict[str, str], begin: float) -> float:
    """Time for the model: hyperparameter `seconds`, and until the moment `until` (seconds since 1970) at most."""
    found = float(given.get("seconds") or _FOREVER) - (time.monotonic() - begin)
    if given.get("until"):
        found = min(found, float(given["until"]) - time.time())
    return max(0.0, found)


def _ensemble(given: dict[str, str], table: Table, inputs: _Inputs, source: Path, model: Path) -> None:
    if not inputs.held:
        raise AlgorithmError("An ensemble needs models: hyperparameter inputs is empty.")
    names = _measured_together(inputs.held, table)
    rows = np.all([np.isfinite(inputs.held[name]).all(axis=1) for name in names], axis=0)
    held = [inputs.held[name][rows] for name in names]
    truth, folds = table.y[rows], table.folds[rows]
    counted = None if table.weights is None else table.weights[rows]
    chosen = combining.affordable(table.outline, truth, held, [inputs.costs[name] for name in names], counted)
    names, held = [names[at] for at in chosen], [held[at] for at in chosen]
    weights = combining.weigh(table.outline, truth, held, counted)
    honest = np.full((len(rows), table.outline.width), np.nan)
    honest[rows] = combining.crossfitted(table.outline, truth, held, folds, counted)
    whole = np.full_like(honest, np.nan)
    whole[rows] = combining.mixed(held, weights)
    # The weights have not seen the other rows: what members there are speaks for them, so that scores are of the same rows.
    others = combining.filled([inputs.held[name][~rows] for name in names], weights)
    honest[~rows] = whole[~rows] = others
    members: dict[str, Member] = {}
    for name, weight in zip(names, weights, strict=True):
        if weight <= 0:
            continue
        own = inputs.members(name, model)
        for entry in own:
            share = float(weight) * entry.weight + (
                members[entry.name].weight if entry.name in members else 0
            )
            members[entry.name] = Member(**{**vars(entry), "weight": share})
        print(f"{weight:.3f} {own[-1].name}", flush=True)
    _finish(table, honest, whole, list(members.values()), source, model, table.x.shape[1])


def _measured_together(held: dict[str, Wide], table: Table) -> list[str]:
    """Candidates that have predictions for enough of the same rows; those for the fewest rows go first."""
    names = sorted(held, key=lambda name: -int(np.isfinite(held[name]).all(axis=1).sum()))
    whole = int(np.isfinite(held[names[0]]).all(axis=1).sum())
    kept: list[str] = []
    rows = table.folds >= 0
    for name in names:
        both = rows & np.isfinite(held[name]).all(axis=1)
        if int(both.sum()) >= min(whole, max(FEWEST_ROWS, whole // 5)):
            kept.append(name)
            rows = both
    return [name for name in held if name in kept]


def _finish(
    table: Table, honest: Wide, whole: Wide, members: list[Member], source: Path, model: Path, features: int
) -> None:
    """Writes the rest of the model folder and prints the metrics.

    Args:
        honest: held-out predictions that scores are computed from.
        whole: held-out predictions as the finished model mixes them, by which labels are decided.
        features: number of features of a row, without other members' predictions.
    """
    model.mkdir(parents=True, exist_ok=True)
    outline = table.outline
    classes = json.loads((source / "classes.json").read_text("utf-8"))
    rows = np.isfinite(honest).all(axis=1)
    truth, predicted, folds = table.y[rows], honest[rows], table.folds[rows]
    weights = None if table.weights is None else table.weights[rows]
    codes = truth.astype(np.int64)
    decision = Decision() if outline.regression else decide(outline, codes, whole[rows], weights)
    Index(outline, classes, decision, members, features).write(model)
    (model / archive.TRANSFORMER).write_bytes((source / archive.TRANSFORMER).read_bytes())
    labels = None if outline.regression else honest_labels(outline, codes, predicted, folds, weights)
    archive.save_held(model.parent / "output/data", honest)
    HeldOut(
        truth,
        predicted[:, 0] if outline.width == 1 else predicted,
        folds,
        labels,
        weights,
    ).write(model.parent / "output/data")
    found = evaluate(outline, truth, predicted, labels, weights)
    costs = _costs(model, table)
    archive.save_costs(model.parent / "output/data", costs)
    found["InferenceLatency"] = sum(costs.values())
    for name, value in found.items():
        print(f"[0]#011validation-{name}:{value!r}", flush=True)


def _costs(model: Path, table: Table) -> dict[str, float]:
    """Median seconds of each member's prediction for one row, of another row each time and with caches that others used."""
    ensemble = archive.Ensemble(model)
    others = np.zeros(_CACHES)
    taken: list[dict[str, float]] = []
    for at in np.linspace(0, len(table.x) - 1, _TIMED).astype(np.int64):
        others += 1
        taken.append({})
        ensemble.predict(table.x[at : at + 1, : ensemble.index.features], taken[-1])
    return {name: float(np.median([one[name] for one in taken])) for name in taken[0]}
