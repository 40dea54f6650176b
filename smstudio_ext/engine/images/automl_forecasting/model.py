"""The model folder of a forecasting candidate: the schema, and each member's files and weight."""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from smstudio_ext.engine.images.automl_forecasting.kinds import Forecaster, Task, kind_of, tidy
from smstudio_ext.engine.images.automl_forecasting.panel import Panel
from smstudio_ext.engine.images.automl_forecasting.schema import Schema
from smstudio_ext.engine.images.automl_forecasting.steps import Floats

FILE = "forecaster.json"
FORMAT = "smstudio-forecaster/1"


@dataclass(frozen=True)
class Member:
    """One forecaster of a model.

    Attributes:
        name: the candidate that it was trained as, also its folder's name.
    """

    name: str
    algorithm: str
    settings: dict[str, Any] = field(default_factory=dict)
    seed: int = 0
    weight: float = 1.0


def write(folder: Path, schema: Schema, members: Sequence[Member]) -> None:
    """Writes what is not the members' own."""
    folder.mkdir(parents=True, exist_ok=True)
    schema.write(folder)
    document = {"format": FORMAT, "members": [asdict(one) for one in members]}
    (folder / FILE).write_text(json.dumps(document, indent=1), encoding="utf-8")


def members_of(folder: Path) -> list[Member]:
    """The members of a model folder.

    Raises:
        ValueError: it is no model of this image.
    """
    try:
        document = json.loads((folder / FILE).read_text(encoding="utf-8"))
        if document["format"] != FORMAT:
            raise KeyError("format")
        return [Member(**entry) for entry in document["members"]]
    except (OSError, KeyError, TypeError, ValueError) as error:
        raise ValueError(f"The model holds no {FILE} of a forecasting candidate: {error}") from error


def take_over(source: Path, folder: Path, weight: float) -> Member:
    """Copies the one member of a candidate's model into an ensemble's folder."""
    (member,) = members_of(source)
    shutil.copytree(source / member.name, folder / member.name)
    return replace(member, weight=weight)


class Model:
    """A loaded model.

    Raises:
        ValueError, OSError: the folder holds none.
        AlgorithmError: a member's package is not installed.
    """

    def __init__(self, folder: Path) -> None:
        self.schema = Schema.read(folder)
        self._members: list[tuple[Member, Forecaster]] = [
            (one, kind_of(one.algorithm).load(folder / one.name, self.schema))
            for one in members_of(folder)
            if one.weight > 0
        ]

    def forecast(self, panel: Panel) -> Floats:
        """The steps after each series: (series, horizon, levels + 1), the mean last."""
        total: Floats = np.zeros((len(panel.series), self.schema.horizon, len(self.schema.levels) + 1))
        for one, forecaster in self._members:
            task = Task(self.schema, one.settings, one.seed)
            total += one.weight * tidy(forecaster.forecast(panel, task), self.schema)
        return total
