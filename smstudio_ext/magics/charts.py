"""What `%sm_chart` draws: Vega-Lite as the pages' charts are, over the same data."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from smstudio_ext.magics import chart_specs
from smstudio_ext.magics.failure import MagicFailure

if TYPE_CHECKING:
    from smstudio_ext.target import Target

VEGA_LITE = "application/vnd.vegalite.v5+json"
_SCHEMA = "https://vega.github.io/schema/vega-lite/v5.json"
_PREFIXES = ("Parameters.", "Metrics.")


class Chart:
    """A Vega-Lite chart; Lab draws it, elsewhere its rows are counted in a text.

    Attributes:
        spec: the whole chart with its data, as the format's specification has it.
    """

    def __init__(self, spec: dict[str, Any], text: str) -> None:
        self.spec = spec
        self._text = text

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        return {VEGA_LITE: self.spec, "text/plain": self._text}

    def __repr__(self) -> str:
        return self._text


def chart(target: Target, given: Any, names: dict[str, Any]) -> Chart:
    """The chart that the magic's arguments ask for.

    Raises:
        MagicFailure: there is nothing to draw.
    """
    if given.y and not given.x:
        raise MagicFailure("A scatter needs --x, too; --x alone draws a histogram.")
    source = _source(target, given, names)
    if given.x:
        return _summary(target, source, given.x, given.y)
    if given.metric:
        return _lines(target, source, given.metric, given.dimension)
    known = _columns(target, source)
    raise MagicFailure(
        "Name a metric (--metric), one column (--x), or two (--x, --y).",
        hint=f"There are: {', '.join(known) or 'none yet'}.",
    )


def _source(target: Target, given: Any, names: dict[str, Any]) -> Any:
    """The trial components: named ones, or those of an experiment."""
    from smstudio_ext.magics.experiments import CHOSEN
    from smstudio_ext.studio.models.experiment_charts import ComponentSet

    if given.what:
        return ComponentSet(names=[name for each in given.what for name in _names_of(target, each, names)])
    experiment = given.experiment or CHOSEN.experiment
    if not experiment:
        raise MagicFailure("Name runs or jobs, or an experiment: --experiment NAME")
    where = {"Name": "Parents.ExperimentName", "Operator": "Equals", "Value": experiment}
    return ComponentSet(search={"Filters": [where]})


def _names_of(target: Target, text: str, names: dict[str, Any]) -> list[str]:
    """Trial components of a variable (a run, or a job of the magics) or of a name."""
    from smstudio_ext.magics.experiments import Run

    value = names.get(text)
    if isinstance(value, Run):
        return [value.name]
    name = getattr(value, "name", None)
    if name is None:
        return [text]
    source = f"arn:aws:sagemaker:{target.region}:{target.identity()['Account']}:training-job/{name}"
    found = target.client("sagemaker").list_trial_components(SourceArn=source, MaxResults=1)
    return [each["TrialComponentName"] for each in found.get("TrialComponentSummaries", [])] or [str(name)]


def _columns(target: Target, source: Any) -> list[str]:
    from smstudio_ext.studio.experiment_charts import chart_source

    found = chart_source(target, source)
    return [column.id for column in found.columns if column.id.startswith(_PREFIXES)][:20]


def _lines(target: Target, source: Any, metric: str, dimension: str) -> Chart:
    from smstudio_ext.studio.chart_series import series_data
    from smstudio_ext.studio.models.experiment_charts import SeriesRequest

    words = {"Epoch": "Epoch", "Time": "Time", "Periods": "Periods from start"}
    request = SeriesRequest.model_validate(
        {"source": source, "metric": metric, "dimension": words[dimension], "period": None}
    )
    data = series_data(target, request)
    if not data.series:
        known = _columns(target, source)
        raise MagicFailure(
            f"No component has the metric {metric!r}.", hint=f"There are: {', '.join(known) or 'none yet'}."
        )
    scale = 1000 if dimension == "Time" else 1
    rows = [
        {"n": series.name, "x": x * scale, "y": y}
        for series in data.series
        for x, y in zip(series.x, series.y, strict=True)
    ]
    names = [series.name for series in data.series]
    spec = chart_specs.lines(metric, words[dimension], names=names, rows=len(rows))
    return _chart(spec, rows, f"Chart of {metric}: {len(data.series)} trial components, {len(rows)} points")


def _summary(target: Target, source: Any, x: str, y: str | None) -> Chart:
    """A scatter of two columns, or a histogram of one."""
    from smstudio_ext.studio.experiment_charts import summary_data
    from smstudio_ext.studio.models.experiment_charts import SummaryRequest

    columns = [x, y] if y else [x]
    data = summary_data(target, SummaryRequest(source=source, columns=columns))
    rows = [
        {"n": name, **dict(zip("xy", values, strict=False))}
        for name, *values in zip(data.names, *[data.columns[each] for each in columns], strict=True)
        if None not in values
    ]
    if not rows:
        known = _columns(target, source)
        raise MagicFailure(
            f"No component has {' and '.join(columns)}.", hint=f"There are: {', '.join(known) or 'none yet'}."
        )
    numeric = [
        each
        for each, field in zip(columns, "xy", strict=False)
        if all(isinstance(row[field], int | float) for row in rows)
    ]
    if y is None:
        return _chart(
            chart_specs.histogram(x, numeric=numeric), rows, f"Histogram of {x}: {len(rows)} trial components"
        )
    spec = chart_specs.scatter(x, y, numeric=numeric, names=data.names, rows=len(rows))
    return _chart(spec, rows, f"Chart of {y} over {x}: {len(rows)} trial components")


def _chart(spec: dict[str, Any], rows: list[dict[str, Any]], text: str) -> Chart:
    return Chart({"$schema": _SCHEMA, **spec, "datasets": {"rows": rows}}, text)
