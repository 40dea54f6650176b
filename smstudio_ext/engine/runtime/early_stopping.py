"""Early stopping of trials: the objective values that a running training job prints, and AWS's median rule."""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Sequence
from pathlib import Path

from smstudio_ext.engine.runtime.joblogs import iterate_events
from smstudio_ext.engine.runtime.metrics import MetricReader
from smstudio_ext.engine.store import Resource

MINIMUM_OF_OTHERS = 3
"""With fewer earlier trials at the same epoch a median says nothing."""
MINIMUM_OF_VALUES = 3
"""The first values of a trial are noise."""


class ObjectiveSeries:
    """The values of one metric in the log of a training job, read on from where the last look ended.

    Args:
        expression: regular expression of the metric; AWS takes each value that it finds for an epoch.
    """

    def __init__(self, log: Path, metric: str, expression: str) -> None:
        self._log = log
        self._reader = MetricReader({metric: expression})
        self._position = 0
        self.values: list[float] = []

    @classmethod
    def of(cls, job: Resource, metric: str) -> ObjectiveSeries | None:
        """The series of a training job, or None when it has no such metric."""
        definitions = job.document["AlgorithmSpecification"].get("MetricDefinitions") or []
        for definition in definitions:
            if definition["Name"] == metric:
                return cls(Path(job.internal["log"]), metric, definition["Regex"])
        return None

    def read(self) -> list[float]:
        """All values so far."""
        events = list(iterate_events(self._log, self._position))
        if events:
            self._position = events[-1].end
            self.values.extend(point.value for point in self._reader.points(events))
        return self.values


def behind_median(values: Sequence[float], others: Iterable[Sequence[float]], *, maximize: bool) -> bool:
    """Whether a trial is to be stopped: its latest value is worse than the median of the earlier trials' running averages.

    Source: "Stop Training Jobs Early" of the SageMaker Developer Guide: for each earlier training job the average of the
    objective metric up to the same epoch, and of these the median.

    Args:
        values: of the running trial, one an epoch.
        others: values of earlier trials; those that did not come so far do not count.
    """
    epoch = len(values)
    if epoch < MINIMUM_OF_VALUES:
        return False
    averages = [statistics.fmean(other[:epoch]) for other in others if len(other) >= epoch]
    if len(averages) < MINIMUM_OF_OTHERS:
        return False
    median = statistics.median(averages)
    return values[-1] < median if maximize else values[-1] > median
