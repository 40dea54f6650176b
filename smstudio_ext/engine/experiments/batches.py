"""BatchPutMetrics and BatchGetMetrics: points in, series out by period and statistic."""

from __future__ import annotations

import itertools
import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import isfinite
from typing import TYPE_CHECKING, Any

import msgspec

from smstudio_ext.engine.errors import AwsError, ValidationException
from smstudio_ext.engine.experiments.metrics import job_series, pack
from smstudio_ext.engine.experiments.naming import COMPONENT

if TYPE_CHECKING:
    import numpy

    from smstudio_ext.engine.experiments.part import Experiments
    from smstudio_ext.engine.store import Resource

    Array = numpy.ndarray[Any, numpy.dtype[numpy.float64]]

Document = dict[str, Any]

TRAINING_NAMESPACE = "/aws/sagemaker/TrainingJobs"
LARGEST_STEP = 2**31 - 1
LONGEST_NAME = 255
LATEST = 253_402_300_799.0
"""9999-12-31T23:59:59Z: clients cannot read later times."""
_PERIODS = {"OneMinute": 60.0, "FiveMinute": 300.0, "OneHour": 3600.0}
_STATISTICS = ("Min", "Max", "Avg", "Count", "StdDev", "Last")


@dataclass(frozen=True)
class Shaping:
    """What the hints of a call ask of its series.

    Attributes:
        period: seconds of a period in place of the query's, 0 for every point; times are then in milliseconds.
        most: points of a series at most, the extremes among them.
    """

    period: float | None = None
    most: int | None = None

    @classmethod
    def of(cls, hints: Mapping[str, str], most: int | None) -> Shaping:
        """Reads `x-smstudio-period`.

        Raises:
            ValidationException: it is no number of seconds.
        """
        text = hints.get("period")
        if text is None:
            return cls(None, most)
        try:
            period = float(text)
        except ValueError:
            period = math.nan
        if not 0 <= period < math.inf:
            raise ValidationException(f"x-smstudio-period must be a number of seconds, not '{text}'.")
        return cls(period, most)


class Datum(
    msgspec.Struct,
    gc=False,
    rename={"metric": "MetricName", "timestamp": "Timestamp", "value": "Value", "step": "Step"},
):
    """A point as BatchPutMetrics sends it; has the members of `summaries.Logged`."""

    metric: str
    timestamp: float
    value: float
    step: int | None = None


class Batch(msgspec.Struct, rename={"component": "TrialComponentName", "data": "MetricData"}):
    """The body of BatchPutMetrics."""

    component: str
    data: list[Datum]


_decode = msgspec.json.Decoder(Batch).decode


def read(body: bytes) -> tuple[Document, Document] | None:
    """The request in a body whose values are all of the usual types, several times as fast as by the model.

    Returns:
        The request, its `MetricData` a list of `Datum`; and the same with the first point alone, as the model has it. None: something
        else is in the body, which the model's own reader takes or words.
    """
    try:
        batch = _decode(body)
    except (msgspec.DecodeError, RecursionError):
        return None
    first = [
        {name: value for name, value in msgspec.to_builtins(one).items() if value is not None}
        for one in batch.data[:1]
    ]
    component = {"TrialComponentName": batch.component}
    return {**component, "MetricData": batch.data}, {**component, "MetricData": first}


def put(experiments: Experiments, region: str, request: Document) -> list[Document]:
    """Keeps the points of a request; what cannot be kept is told by its place, all else is kept.

    Raises:
        ResourceNotFound: there is no such component.
        ValidationException: a point lacks a required member.
    """
    component = request["TrialComponentName"]
    if experiments.metrics.number(region, component) is None:
        component = experiments.components.get(region, component).name
    data = [
        one if isinstance(one, Datum) else _datum(index, one)
        for index, one in enumerate(request["MetricData"])
    ]
    errors: list[Document] = []
    if not _all_good(data):
        good = [_all_good([one]) for one in data]
        errors = [
            {"Code": "VALIDATION_ERROR", "MetricIndex": index} for index, fine in enumerate(good) if not fine
        ]
        data = [one for one, fine in zip(data, good, strict=True) if fine]
    points: dict[str, list[Datum]] = defaultdict(list)
    for one in data:
        points[one.metric].append(one)
    if points:
        experiments.metrics.put(region, component, points)
    return errors


def _all_good(data: Sequence[Datum]) -> bool:
    """Whether every point can be kept."""
    if not data:
        return True
    steps = [one.step for one in data if one.step is not None]
    times = [one.timestamp for one in data]
    names = {one.metric for one in data}
    return (
        all(map(isfinite, times))
        and all(map(isfinite, [one.value for one in data]))
        and min(times) >= 0
        and max(times) <= LATEST
        and (not steps or (min(steps) >= 0 and max(steps) <= LARGEST_STEP))
        and all(0 < len(name) <= LONGEST_NAME for name in names)
    )


def _datum(index: int, given: Document) -> Datum:
    try:
        return Datum(given["MetricName"], given["Timestamp"], float(given["Value"]), given.get("Step"))
    except KeyError as missing:
        raise _null(index, str(missing.args[0])) from None
    except OverflowError:  # an integer beyond what a double holds
        return Datum(given["MetricName"], given["Timestamp"], math.inf, given.get("Step"))


def _null(index: int, member: str) -> ValidationException:
    place = f"metricData.{index + 1}.member.{member[:1].lower()}{member[1:]}"
    return ValidationException(
        f"1 validation error detected: Value null at '{place}' failed to satisfy constraint: Member must not be null"
    )


def get(experiments: Experiments, query: Document, shaping: Shaping) -> Document:
    """One series of BatchGetMetrics; what is wrong with the query is told in its result."""
    try:
        series = _points(experiments, query["ResourceArn"], query["MetricName"])
        x, y = _reduced(series, query, shaping)
    except AwsError as error:
        return {
            "Status": "ValidationError",
            "Message": error.message,
            "XAxisValues": [],
            "MetricValues": [],
        }
    return {"Status": "Complete", "XAxisValues": x, "MetricValues": y}


def _points(experiments: Experiments, arn: str, metric: str) -> Array:
    """All points of a metric, a row each: timestamp, value, step (NaN for none)."""
    import numpy

    component = _component(experiments, arn)
    packed = b""
    if component is not None:
        number = experiments.metrics.number(component.region, component.name)
        if number is not None:
            packed = experiments.metrics.series(number, metric)
    source = arn if component is None else (component.document.get("Source") or {}).get("SourceArn", "")
    job = experiments.store.resources.find_by_arn(source) if ":training-job/" in source else None
    if job is not None:
        dimensions = {"TrainingJobName": job.name}
        packed += pack(job_series(experiments.store, job.region, TRAINING_NAMESPACE, dimensions, metric))
    elif component is None:
        raise ValidationException(f"Resource '{arn}' does not exist, or keeps no metrics.")
    return numpy.frombuffer(packed, dtype="<f8").reshape(-1, 3)


def _component(experiments: Experiments, arn: str) -> Resource | None:
    resources = experiments.store.resources
    found = resources.find_by_arn(arn)
    if found is None or found.kind == COMPONENT:
        return found
    name = experiments.component_of_source(found.region, arn)
    return None if name is None else resources.find(COMPONENT, found.region, name)


def _reduced(points: Array, query: Document, shaping: Shaping) -> tuple[list[int], list[float]]:
    import numpy

    by_step = query["XAxisType"] == "IterationNumber"
    period = shaping.period if shaping.period is not None else _PERIODS.get(query["Period"])
    if by_step and query["Period"] != "IterationNumber":
        raise ValidationException("XAxisType IterationNumber needs Period IterationNumber.")
    timestamps, values = points[:, 0], points[:, 1]
    steps = numpy.where(numpy.isnan(points[:, 2]), numpy.arange(len(points)), points[:, 2])
    unit = 1000.0 if shaping.period is not None else 1.0
    if by_step:
        groups, places = steps, steps
    elif period is None:  # each iteration, at its time
        groups, places = steps, timestamps * unit
    elif period == 0:
        groups, places = numpy.arange(len(points), dtype=float), timestamps * unit
    else:
        groups = numpy.floor(timestamps / period)
        places = groups * period * unit
    inside = numpy.ones(len(points), dtype=bool)
    axis = steps if by_step else timestamps * unit
    for member, compare in (("Start", numpy.greater_equal), ("End", numpy.less_equal)):
        if query.get(member) is not None:
            inside &= compare(axis, query[member])
    x, y = _grouped(timestamps[inside], values[inside], groups[inside], places[inside], query["MetricStat"])
    if shaping.most is not None and len(x) > shaping.most:
        keep = sample(y, shaping.most)
        x, y = x[keep], y[keep]
    return numpy.rint(x).astype("int64").tolist(), y.tolist()


def _grouped(
    timestamps: Array, values: Array, groups: Array, places: Array, statistic: str
) -> tuple[Array, Array]:
    """Places and a statistic of each group of points, by place."""
    import numpy

    if not len(values):
        return places, values
    order = numpy.lexsort((timestamps, groups))  # stable: of equal times the order of arrival
    groups, values, places = groups[order], values[order], places[order]
    starts = numpy.flatnonzero(numpy.r_[True, groups[1:] != groups[:-1]])
    ends = numpy.r_[starts[1:], len(groups)] - 1
    counts = (ends - starts + 1).astype(float)
    if statistic == "Min":
        found = numpy.minimum.reduceat(values, starts)
    elif statistic == "Max":
        found = numpy.maximum.reduceat(values, starts)
    elif statistic == "Last":
        found = values[ends]
    elif statistic == "Count":
        found = counts
    else:
        found = numpy.add.reduceat(values, starts) / counts
        if statistic == "StdDev":
            far = values - numpy.repeat(found, counts.astype(int))
            found = numpy.sqrt(numpy.add.reduceat(far * far, starts) / counts)
    x = places[ends]
    by_place = numpy.argsort(x, kind="stable")
    return x[by_place], found[by_place]


def sample(values: Array, most: int) -> numpy.ndarray[Any, numpy.dtype[numpy.int64]]:
    """Places of at most `most` values that draw the same line: the first, the last, and each stretch's least and greatest."""
    import numpy

    most = max(most, 4)
    edges = numpy.linspace(0, len(values), (most - 2) // 2 + 1).astype(int)
    keep = {0, len(values) - 1}
    for start, end in itertools.pairwise(edges):
        if end > start:
            keep.add(start + int(numpy.argmin(values[start:end])))
            keep.add(start + int(numpy.argmax(values[start:end])))
    return numpy.array(sorted(keep), dtype="int64")
