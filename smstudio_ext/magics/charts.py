"""What `%sm_chart` draws: Vega-Lite as the pages' charts are, over the same data."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from smstudio_ext.magics.failure import MagicFailure

if TYPE_CHECKING:
    from smstudio_ext.target import Target

VEGA_LITE = "application/vnd.vegalite.v5+json"
_SCHEMA = "https://vega.github.io/schema/vega-lite/v5.json"
_WIDTH, _HEIGHT = 520, 260
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
    if bool(given.x) != bool(given.y):
        raise MagicFailure("A scatter needs both --x and --y.")
    source = _source(target, given, names)
    if given.x:
        return _scatter(target, source, given.x, given.y)
    if given.metric:
        return _lines(target, source, given.metric, given.dimension)
    known = _columns(target, source)
    raise MagicFailure(
        "Name a metric (--metric), or two columns (--x, --y).",
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
        {"x": x * scale, "y": y, "n": series.name}
        for series in data.series
        for x, y in zip(series.x, series.y, strict=True)
    ]
    x = {"field": "x", "type": "temporal" if dimension == "Time" else "quantitative", "title": dimension}
    spec = _framed(
        rows,
        {
            "mark": {"type": "line", "strokeWidth": 1.5, "tooltip": True},
            "encoding": {
                "x": x,
                "y": _axis("y", metric),
                "color": {"field": "n", "type": "nominal", "title": "Trial component"},
            },
        },
    )
    return Chart(spec, f"Chart of {metric}: {len(data.series)} trial components, {len(rows)} points")


def _scatter(target: Target, source: Any, x: str, y: str) -> Chart:
    from smstudio_ext.studio.experiment_charts import summary_data
    from smstudio_ext.studio.models.experiment_charts import SummaryRequest

    data = summary_data(target, SummaryRequest(source=source, columns=[x, y]))
    rows = [
        {"x": first, "y": second, "n": name}
        for name, first, second in zip(data.names, data.columns[x], data.columns[y], strict=True)
        if first is not None and second is not None
    ]
    if not rows:
        known = _columns(target, source)
        raise MagicFailure(
            f"No component has both {x} and {y}.", hint=f"There are: {', '.join(known) or 'none yet'}."
        )
    spec = _framed(
        rows,
        {
            "mark": {"type": "point", "filled": True, "size": 46, "opacity": 0.8},
            "encoding": {
                "x": _axis("x", x, rows),
                "y": _axis("y", y, rows),
                "tooltip": [{"field": "n", "title": "Trial component"}, {"field": "x"}, {"field": "y"}],
            },
        },
    )
    return Chart(spec, f"Chart of {y} over {x}: {len(rows)} trial components")


def _axis(field: str, title: str, rows: list[dict[str, Any]] | None = None) -> dict[str, Any]:
    number = rows is None or all(isinstance(row[field], int | float) for row in rows)
    found: dict[str, Any] = {
        "field": field,
        "type": "quantitative" if number else "nominal",
        "title": _plain(title),
    }
    return found | ({"scale": {"zero": False}} if number else {})


def _plain(title: str) -> str:
    """A title without what Vega-Lite would take for the end of a text in its expressions."""
    return title.replace('"', "").replace("'", "").replace("\\", "")


def _framed(rows: list[dict[str, Any]], view: dict[str, Any]) -> dict[str, Any]:
    return {"$schema": _SCHEMA, "width": _WIDTH, "height": _HEIGHT, "data": {"values": rows}, **view}
