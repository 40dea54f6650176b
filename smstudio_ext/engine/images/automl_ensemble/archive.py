"""The model folder of an ensembling candidate: the features' transformer, the members' models and how they are mixed."""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import joblib
import numpy as np

from smstudio_ext.engine.images.automl_ensemble import calibration
from smstudio_ext.engine.images.automl_ensemble.decisions import Decision
from smstudio_ext.engine.images.automl_ensemble.kinds import kind_of
from smstudio_ext.engine.images.automl_ensemble.learning import Bag, Model
from smstudio_ext.engine.images.automl_ensemble.table import Floats, Outline, Wide

FORMAT = "smstudio-ensemble/1"
INDEX = "ensemble.json"
TRANSFORMER = "transformer.joblib"
HELD = "oof.npz"
COSTS = "costs.json"


@dataclass(frozen=True)
class Member:
    """One bag of models in an ensemble.

    Attributes:
        name: for example `LightGBM-BAG-L1-t1`.
        algorithm: as AlgorithmsConfig names it.
        settings: hyperparameters of its own.
        files: its models, by fold, within the folder.
        weight: its part of the answer; 0 for one that only feeds others.
        inputs: names of the members whose predictions are further features of this one (a stack).
        temperature: how much less sure its probabilities are made (`calibration`).
    """

    name: str
    algorithm: str
    settings: dict[str, Any]
    files: list[str]
    weight: float = 1.0
    inputs: list[str] = field(default_factory=list)
    temperature: float = 1.0


@dataclass(frozen=True)
class Index:
    """The content of `ensemble.json`; members come after those that they take inputs from.

    Attributes:
        classes: names in the order of their codes; empty for regression.
        features: number of features of a row.
    """

    outline: Outline
    classes: list[str]
    decision: Decision
    members: list[Member]
    features: int

    def write(self, folder: Path) -> None:
        """Writes `ensemble.json`."""
        document = {"format": FORMAT, **asdict(self)}
        (folder / INDEX).write_text(json.dumps(document, indent=1, ensure_ascii=False) + "\n", "utf-8")

    @classmethod
    def read(cls, folder: Path) -> Index:
        """Reads `ensemble.json`.

        Raises:
            ValueError: it is not there, or of another format.
        """
        path = folder / INDEX
        if not path.is_file():
            raise ValueError(f"The model archive holds no {INDEX}.")
        found = json.loads(path.read_text("utf-8"))
        if found.get("format") != FORMAT:
            raise ValueError(f"{INDEX} has format {found.get('format')}; this version reads {FORMAT}.")
        outline = dict(found["outline"])
        outline["categories"] = {int(at): size for at, size in outline["categories"].items()}
        decision = found["decision"]
        return cls(
            Outline(**outline),
            list(found["classes"]),
            Decision(decision["threshold"], tuple(decision["factors"])),
            [Member(**member) for member in found["members"]],
            int(found["features"]),
        )


class Ensemble:
    """A loaded model folder; predicts from the table's features. Use from one thread at a time.

    Raises:
        ValueError: the folder is none of an ensembling candidate.
        AlgorithmError: a member's library is not installed.
    """

    def __init__(self, folder: Path) -> None:
        self.index = Index.read(folder)
        outline = self.index.outline
        self._models: dict[str, list[Model]] = {}
        for member in self.index.members:
            kind = kind_of(member.algorithm)
            self._models[member.name] = [kind.load(folder / file, outline) for file in member.files]

    def predict(self, x: Floats, taken: dict[str, float] | None = None) -> Wide:
        """(rows, features) -> (rows, width).

        Args:
            taken: is given the seconds that each member takes.
        """
        found: dict[str, Wide] = {}
        total = np.zeros((len(x), self.index.outline.width))
        for member in self.index.members:
            begin = time.perf_counter()
            rows = stacked(x, [found[name] for name in member.inputs], self.index.outline)
            models = self._models[member.name]
            mean = np.mean([model.predict(rows) for model in models], axis=0)
            found[member.name] = calibration.apply(self.index.outline, mean, member.temperature)
            if member.weight:
                total += member.weight * found[member.name]
            if taken is not None:
                taken[member.name] = time.perf_counter() - begin
        return total


def stacked(x: Floats, inputs: Sequence[Wide], outline: Outline) -> Floats:
    """Features with other members' predictions on the right: logits of probabilities, numbers as they are."""
    if not inputs:
        return x
    more = np.hstack(list(inputs))
    if not outline.regression:
        clipped = np.clip(more, 1e-5, 1 - 1e-5)
        more = np.log(clipped / (1 - clipped))
    return np.hstack([x, more]).astype(np.float32)


def save_bag(folder: Path, name: str, algorithm: str, settings: dict[str, Any], found: Bag) -> Member:
    """Writes the models of a bag below `folder` and returns its entry of the index."""
    place = folder / name
    place.mkdir(parents=True, exist_ok=True)
    suffix = kind_of(algorithm).suffix
    files = []
    for fold, model in enumerate(found.models):
        file = f"{name}/fold-{fold}{suffix}"
        model.save(folder / file, found.rounds)
        files.append(file)
    return Member(name, algorithm, settings, files)


def copy_members(source: Path, folder: Path, members: Iterable[Member]) -> None:
    """Takes members' model files over into another folder."""
    for member in members:
        for file in member.files:
            target = folder / file
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source / file, target)


def save_held(folder: Path, held: Wide) -> None:
    """Writes predictions for rows that the predicting models had not seen, for stacks and ensembles.

    Args:
        folder: `output/data` of the training job.
        held: (rows, width), NaN for rows without one.
    """
    folder.mkdir(parents=True, exist_ok=True)
    rows = np.flatnonzero(np.isfinite(held).all(axis=1))
    with (folder / HELD).open("wb") as stream:
        np.savez(stream, rows=rows.astype(np.int32), held=held[rows].astype(np.float32))


def load_held(folder: Path, rows: int) -> Wide:
    """Reads what `save_held` wrote: (rows, width)."""
    with np.load(folder / HELD, allow_pickle=False) as found:
        held = np.full((rows, found["held"].shape[1]), np.nan)
        held[found["rows"]] = found["held"]
    return held


def save_costs(folder: Path, costs: Mapping[str, float]) -> None:
    """Writes the seconds that each member takes for one row, for ensembles that have to be quick.

    Args:
        folder: `output/data` of the training job.
    """
    folder.mkdir(parents=True, exist_ok=True)
    (folder / COSTS).write_text(json.dumps(costs), "utf-8")


def load_costs(folder: Path) -> dict[str, float]:
    """Reads what `save_costs` wrote; empty where an earlier version wrote none."""
    path = folder / COSTS
    return dict(json.loads(path.read_text("utf-8"))) if path.is_file() else {}


def save_transformer(folder: Path, transformer: Any) -> None:
    """Writes the features' transformer."""
    joblib.dump(transformer, folder / TRANSFORMER)


def load_transformer(folder: Path) -> Any:
    """Reads the features' transformer.

    Raises:
        ValueError: there is none.
    """
    path = folder / TRANSFORMER
    if not path.is_file():
        raise ValueError(f"The model archive holds no {TRANSFORMER}.")
    return joblib.load(path)
