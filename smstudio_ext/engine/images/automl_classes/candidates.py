"""Training steps of a text or picture job: one candidate, or the weighted mean of several."""

from __future__ import annotations

import json
import shutil
import tarfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, TypeVar

import numpy as np

from smstudio_ext.engine.images.automl_classes.card import Card, read_classes
from smstudio_ext.engine.images.automl_classes.learning import Algorithm, Array, Codes, Task
from smstudio_ext.engine.images.automl_classes.measuring import report
from smstudio_ext.engine.images.automl_ensemble import combining
from smstudio_ext.engine.images.automl_ensemble.table import Outline
from smstudio_ext.engine.images.contract import AlgorithmError
from smstudio_ext.engine.images.folds import make_folds
from smstudio_ext.engine.images.jobfiles import granted_cpus, read_channels, read_hyperparameters

X = TypeVar("X")

WEIGHTED = "weighted-ensemble"
_ANSWERS = "answers.npy"
_FOLDS = 5
_DAY = 24 * 3600


@dataclass(frozen=True)
class Kind(Generic[X]):
    """What text and pictures differ in.

    Attributes:
        name: `text` or `pictures`.
        make: an algorithm by its name and settings.
        read: rows and class codes of a folder that the analysis wrote.
    """

    name: str
    make: Callable[[str, dict[str, Any]], Algorithm[X]]
    read: Callable[[Path], tuple[X, Codes]]

    def algorithm(self, name: str, settings: dict[str, Any]) -> Algorithm[X]:
        """An algorithm, or the mean of several."""
        if name == WEIGHTED:
            return Weighted(
                [self.make(part["Algorithm"], part["Settings"]) for part in settings["Parts"]],
                [float(part["Weight"]) for part in settings["Parts"]],
            )
        return self.make(name, settings)

    def load(self, folder: Path) -> tuple[Card, Algorithm[X]]:
        """The candidate of a model folder.

        Raises:
            ValueError: it is none of this kind.
        """
        card = Card.read(folder, self.name)
        try:
            found = self.algorithm(card.algorithm, card.settings)
        except AlgorithmError as error:
            raise ValueError(str(error)) from error
        found.load(folder)
        return card, found


class Weighted(Generic[X]):
    """The weighted mean of several trained algorithms' probabilities."""

    def __init__(self, parts: list[Algorithm[X]], weights: list[float]) -> None:
        self._parts = parts
        self._weights = weights

    def fit(self, rows: X, codes: Codes, task: Task) -> None:
        """See `Algorithm`."""
        for part in self._parts:
            part.fit(rows, codes, task)

    def predict(self, rows: X) -> Array:
        """See `Algorithm`."""
        return np.asarray(
            np.average([part.predict(rows) for part in self._parts], axis=0, weights=self._weights)
        )

    def save(self, folder: Path) -> None:
        """See `Algorithm`."""
        for number, part in enumerate(self._parts):
            part.save(folder / str(number))

    def load(self, folder: Path) -> None:
        """See `Algorithm`."""
        for number, part in enumerate(self._parts):
            part.load(folder / str(number))


def train_step(optml: Path, kind: Kind[X]) -> None:
    """Runs the step that hyperparameter `step` names: `model` or `ensemble` (docs/autopilot-text-image.md).

    Raises:
        AlgorithmError: missing channels or hyperparameters, or an unknown algorithm.
    """
    begin = time.monotonic()
    given, channels = read_hyperparameters(optml), read_channels(optml)
    if "data" not in channels:
        raise AlgorithmError("Missing required channel: data")
    data = channels["data"].path
    facts = read_classes(data)
    classes: list[str] = facts.pop("Classes")
    step = given.get("step", "model")
    if step == "model":
        card = _model(given, data, kind, classes, facts, optml, begin)
    elif step == "ensemble":
        if "models" not in channels:
            raise AlgorithmError("Missing required channel: models")
        card = _ensemble(given, data, channels["models"].path, kind, classes, facts, optml)
    else:
        raise AlgorithmError(f"Hyperparameter step: '{step}' is not one of model, ensemble.")
    card.write(optml / "model")


def _model(
    given: dict[str, str],
    data: Path,
    kind: Kind[X],
    classes: list[str],
    facts: dict[str, Any],
    optml: Path,
    begin: float,
) -> Card:
    """Trains one candidate and measures it on the validation rows."""
    name, settings = given.get("algorithm", ""), json.loads(given.get("settings") or "{}")
    candidate = kind.algorithm(name, settings)
    rows, codes = kind.read(data / "train")
    until = begin + _seconds(given)
    task = Task(len(codes), len(classes), int(given.get("seed") or 0), granted_cpus(), until, facts)
    print(f"{name}: {len(codes)} training rows, {len(classes)} classes.", flush=True)
    candidate.fit(rows, codes, task)
    candidate.save(optml / "model")
    held, truth = kind.read(data / "validation")
    answers = candidate.predict(held)
    _leave(optml, answers)
    report(optml / "output/data", truth, answers, classes, lambda: candidate.predict(held[:1]))  # type: ignore[index]
    return Card(kind.name, name, settings, classes, facts)


def _seconds(given: dict[str, str]) -> float:
    """Time for the model: hyperparameter `seconds`, and until the moment `until` (seconds since 1970) at most."""
    found = float(given.get("seconds") or _DAY)
    if given.get("until"):
        found = min(found, float(given["until"]) - time.time())
    return max(0.0, found)


def _ensemble(
    given: dict[str, str],
    data: Path,
    models: Path,
    kind: Kind[X],
    classes: list[str],
    facts: dict[str, Any],
    optml: Path,
) -> Card:
    """Weighs earlier candidates; the score comes from weights that have not seen a row."""
    names = [name for name in given.get("inputs", "").split(",") if name]
    if not names:
        raise AlgorithmError("An ensemble needs models: hyperparameter inputs is empty.")
    held, truth = kind.read(data / "validation")
    answers = [np.load(_unpacked(models, name, "output.tar.gz", optml) / _ANSWERS) for name in names]
    outline = Outline("MulticlassClassification", len(classes), "Accuracy", {})
    narrow = [one[:, 1:] if outline.width == 1 else one for one in answers]
    weights = combining.weigh(outline, truth.astype(np.float64), narrow)
    folds = make_folds(truth, _FOLDS, stratified=True, seed=int(given.get("seed") or 0))
    honest = combining.crossfitted(outline, truth.astype(np.float64), narrow, folds)
    if outline.width == 1:
        honest = np.column_stack([1 - honest, honest])
    parts: list[dict[str, Any]] = []
    for name, weight in zip(names, weights.tolist(), strict=True):
        if weight <= 0:
            continue
        print(f"{weight:.3f} {name}", flush=True)
        folder = _unpacked(models, name, "model.tar.gz", optml)
        card = Card.read(folder, kind.name)
        shutil.copytree(folder, optml / "model" / str(len(parts)))
        parts.append({"Algorithm": card.algorithm, "Settings": card.settings, "Weight": weight, "From": name})
    settings = {"Parts": parts}
    mean = kind.algorithm(WEIGHTED, settings)
    mean.load(optml / "model")
    _leave(optml, honest)
    report(optml / "output/data", truth, honest, classes, lambda: mean.predict(held[:1]))  # type: ignore[index]
    return Card(kind.name, WEIGHTED, settings, classes, facts)


def _leave(optml: Path, answers: Array) -> None:
    """Leaves the predictions for the validation rows where an ensemble finds them."""
    folder = optml / "output/data"
    folder.mkdir(parents=True, exist_ok=True)
    np.save(folder / _ANSWERS, answers.astype(np.float32), allow_pickle=False)


def _unpacked(models: Path, name: str, file: str, optml: Path) -> Path:
    path = models / name / "output" / file
    if not path.is_file():
        raise AlgorithmError(f"The models channel holds no {file} of training job {name}.")
    folder = optml / "tmp" / name / file.partition(".")[0]
    folder.mkdir(parents=True, exist_ok=True)
    with tarfile.open(path) as archived:
        archived.extractall(folder, filter="data")
    return folder
