"""Everything that the data exploration report is written from, worked out once."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from smstudio_ext.engine.autopilot.exploration.power import prediction_power
from smstudio_ext.engine.autopilot.exploration.rows import Duplicates, anomaly_scores, find_duplicates
from smstudio_ext.engine.autopilot.exploration.sample import Sample, read_sample
from smstudio_ext.engine.autopilot.exploration.shape import Shape, shape_of

Array = npt.NDArray[np.float64]
Document = dict[str, Any]

MEASURED_COLUMNS = 400
"""Columns that are looked at closely; of wider tables the first ones that are used."""
CORRELATED = 10


@dataclass(frozen=True)
class Correlations:
    """Pearson correlations of the most predictive numeric columns."""

    names: list[str]
    values: Array


@dataclass(frozen=True)
class Facts:
    """What is known of the data.

    Attributes:
        job: name of the Autopilot job.
        analysis: content of `analysis.json`.
        columns: its `Columns` by name, the target left out.
        features: columns that candidates learn from, in file order.
        power: prediction power of the measured columns.
        shapes: of the target (regression) and the measured numeric columns.
        anomalies: Isolation Forest's score of each row of the sample.
    """

    job: str
    analysis: Document
    sample: Sample
    columns: dict[str, Document]
    features: list[str]
    power: dict[str, float]
    shapes: dict[str, Shape]
    duplicates: Duplicates
    anomalies: Array
    correlations: Correlations

    @property
    def target(self) -> str:
        """The target column."""
        return str(self.analysis["Target"])

    @property
    def rows(self) -> int:
        """Rows of the input."""
        return int(self.analysis.get("TotalRows") or self.analysis["Rows"])

    @property
    def read(self) -> int:
        """Rows that the analysis read; fewer than `rows` when it sampled them."""
        return int(self.analysis["Rows"])

    @property
    def by_power(self) -> list[str]:
        """Measured columns, the most predictive first."""
        return sorted(self.power, key=lambda name: -self.power[name])

    def missing_share(self, name: str) -> float:
        """Share of a column's cells that hold no value."""
        return float(self.columns[name]["Missing"]) / max(1, self.read)


def work_out(job: str, analysis: Document, preprocessed: Path, seed: int = 0) -> Facts:
    """Reads the sample and measures it.

    Args:
        preprocessed: see `sample.read_sample`.
        seed: for what is drawn at random.
    """
    sample = read_sample(preprocessed, analysis)
    target, weight = analysis["Target"], analysis.get("SampleWeight")
    columns = {one["Name"]: one for one in analysis["Columns"] if one["Name"] != target}
    features = [
        name
        for name, one in columns.items()
        if one.get("Used", one["Type"] not in ("id", "constant"))
        and name != weight
        and name in sample.columns
    ]
    measured = features[:MEASURED_COLUMNS]
    power = prediction_power(sample, measured, seed)
    shapes = {
        name: shape
        for name in measured
        if sample.kinds.get(name) == "numeric"
        for shape in [shape_of(sample.numbers(name))]
        if shape is not None
    }
    if not sample.classes:
        shape = shape_of(sample.target)
        if shape is not None:
            shapes[target] = shape
    return Facts(
        job,
        analysis,
        sample,
        columns,
        features,
        power,
        shapes,
        find_duplicates(sample),
        anomaly_scores(sample, measured, seed),
        _correlate(sample, power),
    )


def _correlate(sample: Sample, power: dict[str, float]) -> Correlations:
    ordered = sorted(power, key=lambda name: -power[name])
    names = [name for name in ordered if sample.kinds.get(name) == "numeric"]
    names = [name for name in names if np.nanstd(sample.numbers(name)) > 0][:CORRELATED]
    if len(names) < 2:
        return Correlations(names, np.ones((len(names), len(names))))
    table = np.column_stack([sample.numbers(name) for name in names])
    # Two columns are compared on the rows in which both have a value.
    masked = np.ma.corrcoef(np.ma.masked_invalid(table), rowvar=False)  # type: ignore[no-untyped-call]
    return Correlations(names, np.asarray(masked.filled(0.0), dtype=float))
