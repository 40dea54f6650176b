"""Python for a notebook cell that reads what a chart shows, with boto3 alone, and draws it."""

from __future__ import annotations

import json
from typing import Any

from smstudio_ext.studio.component_sets import NAME, STATISTICS, label_of
from smstudio_ext.studio.models.experiment_charts import (
    MAX_COMPONENTS,
    ChartCode,
    ChartCodeRequest,
    ComponentSet,
    ImportanceRequest,
    SeriesRequest,
    SummaryRequest,
)
from smstudio_ext.studio.problems import BadInput
from smstudio_ext.studio.training_code import literal
from smstudio_ext.target import Target

_READ_NAMED = """names = {names}
components = [sagemaker.describe_trial_component(TrialComponentName=name) for name in names]
{parents}"""
_PARENTS_OF_NAMED = """for component in components:
    trials = sagemaker.list_trials(TrialComponentName=component["TrialComponentName"])["TrialSummaries"]
    whole = [sagemaker.describe_trial(TrialName=trial["TrialName"]) for trial in trials]
    component["Parents"] = [{k: trial[k] for k in ("TrialName", "ExperimentName")} for trial in whole]
"""
_READ_SEARCH = """request = {request}
components = []
while len(components) < {most}:
    page = sagemaker.search(**request)
    components += [each["TrialComponent"] for each in page["Results"]]
    if not page.get("NextToken"):
        break
    request["NextToken"] = page["NextToken"]
"""
_VALUE = '''

def value(component, column):
    """A parameter, a statistic of a metric, or a property of a trial component."""
    kind, _, name = column.partition(".")
    if kind == "Parameters":
        found = component.get("Parameters", {}).get(name, {})
        if "NumberValue" in found:
            return found["NumberValue"]
        try:
            return float(found.get("StringValue"))
        except (TypeError, ValueError):
            return found.get("StringValue")
    if kind == "Metrics":
        name, _, statistic = name.rpartition(".")
        return next(
            (each.get(STATISTICS[statistic]) for each in component.get("Metrics", []) if each["MetricName"] == name),
            None,
        )
    if column in ("TrialName", "ExperimentName"):
        return next((each[column] for each in component.get("Parents", [])), None)
    if column == "Status":
        return component.get("Status", {}).get("PrimaryStatus")
    if column == "Type":
        source = component.get("Source", {}).get("SourceType", "")
        return {"SageMakerTrainingJob": "Training job", "SageMakerProcessingJob": "Processing job",
                "SageMakerTransformJob": "Transform job"}.get(source, "Others")
    if column == "RunSeconds":
        if "StartTime" not in component or "EndTime" not in component:
            return None
        return (component["EndTime"] - component["StartTime"]).total_seconds()
    found = component.get(column)
    return found.timestamp() if hasattr(found, "timestamp") else found


'''
_SUMMARY_ROWS = """columns = {columns}
rows = [
    {{"n": component["TrialComponentName"], **{{field: value(component, column) for field, column in columns.items()}}}}
    for component in components
]
rows = [row for row in rows if all(row[field] is not None for field in columns if field in "xyz")]
"""
_PARALLEL_ROWS = """columns = {columns}  # label: column
color = {color}
kept = [each for each in components if all(value(each, column) is not None for column in columns.values())]
rows = []
for label, column in columns.items():
    values = [value(component, column) for component in kept]
    if all(isinstance(each, (int, float)) for each in values):
        low, span = min(values), (max(values) - min(values)) or 1
        places = [(each - low) / span for each in values]
    else:
        order = sorted({{str(each) for each in values}})
        places = [order.index(str(each)) / max(1, len(order) - 1) for each in values]
    for component, each, place in zip(kept, values, places):
        rows.append({{"n": component["TrialComponentName"], "x": label, "y": place, "v": str(each),
                     "c": value(component, color) if color else None}})
"""
_GRID_ROWS = """
points = [row for row in rows if all(isinstance(row[field], (int, float)) for field in "xyz")]
scales = {{"x": (math.log, math.exp) if {log_x} else (float, float), "y": (math.log, math.exp) if {log_y} else (float, float)}}
ends = {{field: (min(to(p[field]) for p in points), max(to(p[field]) for p in points)) for field, (to, _) in scales.items()}}
CELLS = {cells}


def place(point, field):
    low, high = ends[field]
    return (scales[field][0](point[field]) - low) / ((high - low) or 1)


def border(field, index):
    low, high = ends[field]
    return scales[field][1](low + ((high - low) or 1) * index / CELLS)


def cell(i, j, z, count):
    return {{"x": border("x", i), "x2": border("x", i + 1), "y": border("y", j), "y2": border("y", j + 1), "z": z, "count": count}}

"""
_HEAT_ROWS = """
groups = {}
for point in points:
    key = tuple(min(CELLS - 1, int(place(point, field) * CELLS)) for field in "xy")
    groups.setdefault(key, []).append(point["z"])
rows = [cell(i, j, sum(zs) / len(zs), len(zs)) for (i, j), zs in groups.items()] + points
"""
_CONTOUR_ROWS = """
placed = [(place(point, "x"), place(point, "y"), point["z"]) for point in points]
rows = []
for i in range(CELLS):
    for j in range(CELLS):
        x, y = (i + 0.5) / CELLS, (j + 0.5) / CELLS
        near = sorted(((px - x) ** 2 + (py - y) ** 2, z) for px, py, z in placed)[:8]
        weights = [1 / (distance + 1e-4) for distance, _ in near]
        rows.append(cell(i, j, sum(w * z for w, (_, z) in zip(weights, near)) / sum(weights), 0))
rows += points
"""
_SERIES_ROWS = """metrics = boto3.client("sagemaker-metrics", region_name="{region}")
query = {query}
rows = []
for first in range(0, len(components), 100):
    part = components[first : first + 100]
    queries = [{{**query, "ResourceArn": component["TrialComponentArn"]}} for component in part]
    for component, found in zip(part, metrics.batch_get_metrics(MetricQueries=queries)["MetricQueryResults"]):
        points = sorted(zip(found.get("XAxisValues", []), found.get("MetricValues", [])))
        smooth = 0.0
        for index, (x, y) in enumerate(points):
            row = {{"n": component["TrialComponentName"], "x": {x}, "y": y}}
{extra}            rows.append(row)
"""
_IMPORTANCE_ROWS = """import optuna

optuna.logging.set_verbosity(optuna.logging.ERROR)
target = {target}
scored = [each for each in components if value(each, target) is not None]
common = set.intersection(*(set(each.get("Parameters", {{}})) for each in scored))
table = {{name: [value(each, "Parameters." + name) for each in scored] for name in sorted(common)}}
table = {{name: values for name, values in table.items() if len(set(values)) > 1}}
spaces = {{}}
for name, values in table.items():
    if all(isinstance(each, (int, float)) for each in values):
        low, high = float(min(values)), float(max(values))
        spaces[name] = optuna.distributions.FloatDistribution(low, high, log=low > 0 and high / low >= 100)
    else:
        table[name] = [str(each) for each in values]
        spaces[name] = optuna.distributions.CategoricalDistribution(sorted(set(table[name])))
study = optuna.create_study()
for index, each in enumerate(scored):
    parameters = {{name: values[index] for name, values in table.items()}}
    study.add_trial(optuna.trial.create_trial(params=parameters, distributions=spaces, value=value(each, target)))
shares = optuna.importance.get_param_importances(
    study, evaluator=optuna.importance.FanovaImportanceEvaluator(n_trees=48, seed=7)
)
rows = [{{"n": name, "x": share}} for name, share in shares.items()]
"""
_DRAW = """
spec = json.loads({spec})
spec["datasets"] = {{"rows": rows}}
display({{"application/vnd.vegalite.v5+json": spec}}, raw=True)
"""


def chart_code(target: Target, request: ChartCodeRequest) -> ChartCode:
    """Python that draws the chart anew from what the trial components hold then.

    Raises:
        BadInput: the chart asks for no data.
    """
    if request.series is not None:
        body = _series(target, request, request.series)
    elif request.importance is not None:
        body = _importance(request.importance)
    elif request.summary is not None:
        body = _summary(request, request.summary)
    else:
        raise BadInput("The chart lacks an axis; choose it under CHART PROPERTIES first.")
    chosen = request.series or request.importance or request.summary
    assert chosen is not None
    spec = {"$schema": "https://vega.github.io/schema/vega-lite/v5.json", **request.spec}
    title = " ".join(request.title.split())
    head = f"# {title}\nimport json\nimport math\n\nimport boto3\nfrom IPython.display import display\n"
    client = f'\nsagemaker = boto3.client("sagemaker", region_name="{target.region}")\n'
    statistics = f"STATISTICS = {literal(STATISTICS)}\n"
    draw = _DRAW.format(spec=repr(json.dumps(spec, ensure_ascii=False)))
    code = head + client + statistics + _reading(chosen.source, body) + _VALUE + body + draw
    return ChartCode(code=code)


def _reading(source: ComponentSet, body: str) -> str:
    if source.names:
        in_trials = "TrialName" in body or "ExperimentName" in body
        return (
            _READ_NAMED.format(
                names=literal(source.names), parents=_PARENTS_OF_NAMED if in_trials else ""
            ).rstrip("\n")
            + "\n"
        )
    request: dict[str, Any] = {
        "Resource": "ExperimentTrialComponent",
        "SortBy": "CreationTime",
        "SortOrder": "Descending",
        "MaxResults": 100,
    }
    if source.search:
        request["SearchExpression"] = source.search
    return _READ_SEARCH.format(request=literal(request), most=MAX_COMPONENTS)


def _summary(request: ChartCodeRequest, summary: SummaryRequest) -> str:
    chart = request.chart
    if chart.type == "parallel":
        labels = {label_of(column): column for column in chart.columns}
        return _PARALLEL_ROWS.format(columns=literal(labels), color=literal(chart.color))
    asked = {"x": chart.x, "y": chart.y, "z": chart.z, "c": chart.color, "f": chart.facet}
    columns = {field: column for field, column in asked.items() if column in summary.columns}
    rows = _SUMMARY_ROWS.format(columns=literal(columns))
    for field, log in (("x", chart.log_x), ("y", chart.log_y)):
        if log and field in columns:
            rows += f'rows = [row for row in rows if not isinstance(row["{field}"], float) or row["{field}"] > 0]\n'
    if chart.type == "line" and chart.x != NAME:
        rows += 'rows.sort(key=lambda row: (isinstance(row["x"], str), row["x"]))\n'
    if chart.type in ("heat", "contour"):
        cells = 12 if chart.type == "heat" else 36
        rows += _GRID_ROWS.format(log_x=chart.log_x, log_y=chart.log_y, cells=cells)
        rows += _HEAT_ROWS if chart.type == "heat" else _CONTOUR_ROWS
    return rows


def _series(target: Target, request: ChartCodeRequest, series: SeriesRequest) -> str:
    chart = request.chart
    epochs = series.dimension == "Epoch"
    period = {300.0: "FiveMinute", 3600.0: "OneHour"}.get(series.period or 0.0, "OneMinute")
    query = {
        "MetricName": series.metric,
        "MetricStat": STATISTICS[series.statistic],
        "XAxisType": "IterationNumber" if epochs else "Timestamp",
        "Period": "IterationNumber" if epochs else period,
    }
    x = "x"
    if series.dimension == "Time":
        x = "x * 1000 if x < 1e11 else x"
    elif series.dimension == "Periods from start":
        x = f"(x - points[0][0]) / ({series.period or 1:g} * (1 if x < 1e11 else 1000))"
    if chart.type == "histogram":
        x = "y"
    extra = "".join(
        f'            row["{field}"] = value(component, {literal(column)})\n'
        for field, column in (("c", chart.color), ("f", chart.facet))
        if column
    )
    if chart.smoothing and chart.type == "line":
        weight = f"{chart.smoothing:g}"
        extra += f"            smooth = smooth * {weight} + (1 - {weight}) * y\n"
        extra += f'            row["s"] = smooth / (1 - {weight} ** (index + 1))\n'
    return _SERIES_ROWS.format(region=target.region, query=literal(query), x=x, extra=extra)


def _importance(request: ImportanceRequest) -> str:
    return _IMPORTANCE_ROWS.format(target=literal(request.target))
