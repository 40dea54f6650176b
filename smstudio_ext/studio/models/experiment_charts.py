"""Models of the charts over trial components: what can be drawn, and what is drawn."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import ConfigDict, Field, model_validator

from smstudio_ext.studio.models.base import Answer, Request, UtcTime

Statistic = Literal["min", "max", "avg", "stddev", "last", "count"]
ColumnKind = Literal["property", "parameter", "metric"]
ChartType = Literal["bar", "histogram", "line", "scatter", "parallel", "box", "heat", "contour", "importance"]
Dimension = Literal["Epoch", "Time", "Periods from start"]

MAX_COMPONENTS = 10_000
"""Components that a chart takes; of more, the newest."""


class ComponentSet(Request):
    """Trial components: named ones, or all that a search finds.

    Attributes:
        search: AWS's SearchExpression; used when there are no names. Empty: every component.
    """

    names: list[str] = Field(default=[], max_length=MAX_COMPONENTS)
    search: dict[str, Any] | None = None

    @model_validator(mode="after")
    def _one_of_them(self) -> ComponentSet:
        if not self.names and self.search is None:
            raise ValueError("needs names or a search")
        return self


class ChartComponent(Answer):
    """One trial component of a chart.

    Attributes:
        type: what made it: Training job, Processing job, Transform job or Others.
    """

    name: str
    display_name: str
    arn: str
    type: str
    status: str
    experiment: str | None
    trial: str | None
    created: UtcTime | None


class ChartColumn(Answer):
    """Something that an axis can show.

    Attributes:
        id: `Parameters.<name>`, `Metrics.<name>.<statistic>`, or a property such as TrialComponentName.
        label: as Studio names it, e.g. `validation:f1_min`.
        count: components that have a value.
    """

    id: str
    label: str
    kind: ColumnKind
    numeric: bool
    count: int


class ChartSource(Answer):
    """What a set of trial components offers to charts.

    Attributes:
        total: components that the set has, of which `components` may be a part.
        metrics: names of the metrics, for time series.
        finer: periods below a minute can be asked for.
    """

    components: list[ChartComponent]
    total: int
    columns: list[ChartColumn]
    metrics: list[str]
    finer: bool


class SummaryRequest(Request):
    """Values of some columns for each component of a set."""

    source: ComponentSet
    columns: list[str] = Field(min_length=1, max_length=60)


class SummaryData(Answer):
    """One list for each column, in the order of `names`; null where a component has no value."""

    names: list[str]
    total: int
    columns: dict[str, list[float | str | None]]


class SeriesRequest(Request):
    """A metric over time for each component of a set.

    Attributes:
        period: seconds that one point stands for; null for every value as it was logged. Ignored for epochs.
        max_points: of all series together; of longer ones the lowest and the highest of each part stay.
    """

    source: ComponentSet
    metric: str = Field(min_length=1, max_length=255)
    statistic: Statistic = "avg"
    dimension: Dimension = "Time"
    period: float | None = Field(default=60, ge=0.001, le=86_400)
    max_points: int = Field(default=12_000, ge=100, le=100_000)


class ChartSeries(Answer):
    """The points of one component.

    Attributes:
        x: epochs, seconds since the epoch (Time), or numbers of periods.
        count: points before sampling.
    """

    name: str
    running: bool
    count: int
    x: list[float]
    y: list[float]


class SeriesData(Answer):
    """Series of a set; components without points are left out.

    Attributes:
        total: components of the set.
        aggregated: the values are of whole minutes, as the target keeps no finer ones.
    """

    series: list[ChartSeries]
    total: int
    running: int
    aggregated: bool


class ImportanceRequest(Request):
    """How much each parameter tells of a column."""

    source: ComponentSet
    target: str = Field(min_length=1, max_length=400)


class ParameterImportance(Answer):
    """Share of one parameter in the target's variance, 0 to 1."""

    parameter: str
    importance: float


class ImportanceData(Answer):
    """Importances by fANOVA, highest first.

    Attributes:
        used: components with the target and all parameters that vary.
        note: why there is nothing, if so.
    """

    items: list[ParameterImportance]
    used: int
    total: int
    note: str | None


class CodeChart(Request):
    """The choices of a chart that decide how its rows are made."""

    model_config = ConfigDict(extra="ignore")

    type: ChartType
    x: str | None = None
    y: str | None = None
    z: str | None = None
    color: str | None = None
    facet: str | None = None
    columns: list[str] = Field(default=[], max_length=60)
    log_x: bool = Field(default=False, alias="logX")
    log_y: bool = Field(default=False, alias="logY")
    smoothing: float = Field(default=0, ge=0, lt=1)


class ChartCodeRequest(Request):
    """A chart to be drawn in a notebook: its choices, one of the requests that give it its data, and its spec.

    Attributes:
        spec: Vega-Lite without data; its data is called `rows`.
    """

    chart: CodeChart
    summary: SummaryRequest | None = None
    series: SeriesRequest | None = None
    importance: ImportanceRequest | None = None
    spec: dict[str, Any]
    title: str = Field(default="", max_length=500)


class ChartCode(Answer):
    """Python for a notebook cell."""

    code: str
