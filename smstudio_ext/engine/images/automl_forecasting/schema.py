"""What a forecasting job was asked for and what its analysis found, as models keep it."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from smstudio_ext.engine.images.automl_forecasting.steps import Floats, Steps

FILE = "schema.json"
DEFAULT_QUANTILES = ("p10", "p50", "p90")
MEDIAN = 0.5


@dataclass(frozen=True)
class Schema:
    """Columns, steps and rules of the data.

    Attributes:
        keys: the item identifier's column and the grouping ones.
        columns: names of the training file's columns, in its order.
        quantiles: those of the answers, such as `p10`.
        aggregation: how several target values of one step become one.
        filling: column -> what fills missing values of it (`middlefill`, `backfill`, `futurefill`, `..._value`).
        covariates: numeric columns whose values in the future are known.
        statics: column with one value for a whole series -> its values in the training data.
        nonnegative: no target is below zero, so no forecast is.
        season: steps of the main season.
    """

    target: str
    timestamp: str
    keys: tuple[str, ...]
    columns: tuple[str, ...]
    horizon: int
    steps: Steps
    quantiles: tuple[str, ...] = DEFAULT_QUANTILES
    aggregation: str = "sum"
    filling: dict[str, dict[str, str]] = field(default_factory=dict)
    covariates: tuple[str, ...] = ()
    statics: dict[str, list[str]] = field(default_factory=dict)
    nonnegative: bool = False
    season: int = 1

    @property
    def levels(self) -> Floats:
        """Quantiles that models forecast, ascending: those of the answers and the median, which scores need."""
        return np.array(sorted({MEDIAN, *(int(name[1:]) / 100 for name in self.quantiles)}))

    @property
    def scored(self) -> Floats:
        """Quantiles whose losses are averaged."""
        return np.array(sorted(int(name[1:]) / 100 for name in self.quantiles))

    @property
    def median(self) -> int:
        """Place of the median in `levels`."""
        return int(np.flatnonzero(self.levels == MEDIAN)[0])

    def write(self, folder: Path) -> None:
        """Puts it into a folder."""
        (folder / FILE).write_text(json.dumps(asdict(self), indent=1, ensure_ascii=False), encoding="utf-8")

    @classmethod
    def read(cls, folder: Path) -> Schema:
        """What `write` wrote.

        Raises:
            OSError, ValueError, KeyError: it is not there or no schema.
        """
        document: dict[str, Any] = json.loads((folder / FILE).read_text(encoding="utf-8"))
        lists = {name: tuple(document[name]) for name in ("keys", "columns", "quantiles", "covariates")}
        return cls(**{**document, **lists, "steps": Steps(**document["steps"])})
