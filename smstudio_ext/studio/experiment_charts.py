"""What charts over trial components draw: columns to choose from, values of columns, series of metrics."""

from __future__ import annotations

from collections import Counter

from smstudio_ext.studio.component_sets import (
    BASIC,
    NAME,
    PROPERTIES,
    STATISTICS,
    Component,
    label_of,
    needed,
    parameter_value,
    read_components,
    reader_of,
    status_of,
    type_of,
)
from smstudio_ext.studio.models.experiment_charts import (
    ChartColumn,
    ChartComponent,
    ChartSource,
    ColumnKind,
    ComponentSet,
    SummaryData,
    SummaryRequest,
)
from smstudio_ext.studio.search import suggestions
from smstudio_ext.target import Target

_LOOKED_AT = 50
"""Components whose values tell which columns hold numbers, where there are many."""


def chart_source(target: Target, wanted: ComponentSet) -> ChartSource:
    """Components of a set, and the columns that they have.

    Raises:
        botocore.exceptions.ClientError: the search was refused, or a name is of no component.
    """
    if wanted.names or target.kind != "local":
        found = read_components(target, wanted)
        columns = _columns(found.components)
    else:
        # Thousands of components with all their values are megabytes: the engine tells the names of columns by itself.
        found = read_components(target, wanted, select=BASIC)
        newest = ComponentSet(names=[each[NAME] for each in found.components[:_LOOKED_AT]])
        columns = _columns(read_components(target, newest).components if newest.names else [])
        if len(found.components) > _LOOKED_AT:
            columns = _with_suggested(target, columns)
    return ChartSource(
        components=[_component(each) for each in found.components],
        total=found.total,
        columns=columns,
        metrics=list(
            dict.fromkeys(each.id[8:].rpartition(".")[0] for each in columns if each.kind == "metric")
        ),
        finer=target.kind == "local",
    )


def summary_data(target: Target, request: SummaryRequest) -> SummaryData:
    """Values of columns for each component of a set.

    Raises:
        botocore.exceptions.ClientError: as of `chart_source`.
    """
    found = read_components(target, request.source, needed(request.columns))
    readers = {column: reader_of(column) for column in request.columns}
    return SummaryData(
        names=[component[NAME] for component in found.components],
        total=found.total,
        columns={
            column: [read(component) for component in found.components] for column, read in readers.items()
        },
    )


def _component(component: Component) -> ChartComponent:
    experiment, trial = PROPERTIES["ExperimentName"][2], PROPERTIES["TrialName"][2]
    in_experiment, in_trial = experiment(component), trial(component)
    return ChartComponent(
        name=component[NAME],
        display_name=component.get("DisplayName") or component[NAME],
        arn=component.get("TrialComponentArn", ""),
        type=type_of(component),
        status=status_of(component),
        experiment=str(in_experiment) if in_experiment else None,
        trial=str(in_trial) if in_trial else None,
        created=component.get("CreationTime"),
    )


def _columns(components: list[Component]) -> list[ChartColumn]:
    parameters: Counter[str] = Counter()
    texts: set[str] = set()
    metrics: Counter[str] = Counter()
    for component in components:
        for name, value in (component.get("Parameters") or {}).items():
            read = parameter_value(value)
            if read is not None:
                parameters[name] += 1
                if isinstance(read, str):
                    texts.add(name)
        metrics.update({each["MetricName"] for each in component.get("Metrics") or []})
    columns = [
        ChartColumn(id=column, label=label, kind="property", numeric=numeric, count=len(components))
        for column, (label, numeric, _, _) in PROPERTIES.items()
    ]
    columns += [
        _column(f"Parameters.{name}", name not in texts, parameters[name]) for name in sorted(parameters)
    ]
    return columns + [
        _column(f"Metrics.{name}.{statistic}", True, metrics[name])
        for name in sorted(metrics)
        for statistic in STATISTICS
    ]


def _column(column: str, numeric: bool, count: int) -> ChartColumn:
    kind: ColumnKind = "metric" if column.startswith("Metrics.") else "parameter"
    return ChartColumn(id=column, label=label_of(column), kind=kind, numeric=numeric, count=count)


def _with_suggested(target: Target, columns: list[ChartColumn]) -> list[ChartColumn]:
    """The columns, and those that only components further down have."""
    known = {each.id for each in columns}
    more = []
    for name in suggestions(target, "ExperimentTrialComponent", "Parameters."):
        more.append(_column(name, True, 0))
    for name in suggestions(target, "ExperimentTrialComponent", "Metrics."):
        metric, _, statistic = name[8:].rpartition(".")
        if statistic.lower() in STATISTICS or statistic in STATISTICS.values():
            name = f"Metrics.{metric}"
        more += [_column(f"{name}.{each}", True, 0) for each in STATISTICS]
    return columns + [each for each in {each.id: each for each in more}.values() if each.id not in known]
