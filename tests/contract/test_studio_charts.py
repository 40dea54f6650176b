"""Charts over trial components, their details, comparison, reports, previews and lineage, against the engine and moto."""

from __future__ import annotations

import io
import json
import math
import secrets
import tarfile
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from smstudio_ext.studio.artifact_preview import preview_artifact
from smstudio_ext.studio.chart_code import chart_code
from smstudio_ext.studio.chart_importance import parameter_importance
from smstudio_ext.studio.chart_series import series_data
from smstudio_ext.studio.experiment_charts import chart_source, summary_data
from smstudio_ext.studio.lineage_graph import lineage_graph
from smstudio_ext.studio.models.experiment_charts import (
    ChartCodeRequest,
    ComponentSet,
    ImportanceRequest,
    SeriesRequest,
    SummaryRequest,
)
from smstudio_ext.studio.models.lineage import LineageQuery
from smstudio_ext.studio.models.trial_details import CompareTrials, PreviewArtifact
from smstudio_ext.studio.problems import BadInput, Missing
from smstudio_ext.studio.trial_details import compare_trials, describe_trial, trial_graphs, trial_stages
from smstudio_ext.studio.trial_reports import trial_reports
from smstudio_ext.studio.trial_settings import trial_settings
from tests.contract.studio_targets import engine_target

if TYPE_CHECKING:
    from smstudio_ext.target import Target
    from tests.conftest import RunningEngine

START = datetime(2026, 3, 1, 12, 0, 5, tzinfo=timezone.utc)
RUNS = 6
POINTS = 40
BUCKET = "studio-charts-tests"


def make_runs(target: Target, *, metrics: bool) -> list[str]:
    """A trial with some components; with metrics where the target keeps them."""
    client = target.client("sagemaker")
    name = f"charts-{secrets.token_hex(4)}"
    client.create_experiment(ExperimentName=name)
    client.create_trial(TrialName=f"{name}-trial", ExperimentName=name)
    runs = []
    for index in range(RUNS):
        run = f"{name}-{index}"
        runs.append(run)
        client.create_trial_component(
            TrialComponentName=run,
            DisplayName=f"run-{index}",
            Status={"PrimaryStatus": "Completed"},
            StartTime=START,
            EndTime=START + timedelta(seconds=30 + index),
            Parameters={
                "eta": {"NumberValue": 0.1 * (index + 1)},
                "booster": {"StringValue": "dart" if index % 2 else "gbtree"},
                "same": {"StringValue": "3"},
            },
            InputArtifacts={"data": {"MediaType": "text/csv", "Value": f"s3://{BUCKET}/rows.csv"}},
        )
        client.associate_trial_component(TrialComponentName=run, TrialName=f"{name}-trial")
        if metrics:
            put_points(target, run, [score(index, step) for step in range(POINTS)])
    return runs


def score(run: int, step: int) -> float:
    return 0.5 + 0.05 * run + 0.3 * (1 - math.exp(-step / 5))


def put_points(target: Target, run: str, values: list[float], first: int = 0) -> None:
    points = [
        {
            "MetricName": "validation:f1",
            "Timestamp": START + timedelta(seconds=10 * (first + step)),
            "Step": first + step,
            "Value": value,
        }
        for step, value in enumerate(values)
    ]
    for start in range(0, len(points), 10):
        answer = target.client("sagemaker-metrics").batch_put_metrics(
            TrialComponentName=run, MetricData=points[start : start + 10]
        )
        assert not answer.get("Errors")


@pytest.fixture(scope="module")
def local(engine: RunningEngine) -> Target:
    return engine_target(engine)


@pytest.fixture(scope="module")
def runs(local: Target) -> list[str]:
    return make_runs(local, metrics=True)


def put(target: Target, key: str, body: bytes) -> str:
    s3 = target.client("s3")
    if BUCKET not in [each["Name"] for each in s3.list_buckets()["Buckets"]]:
        s3.create_bucket(Bucket=BUCKET)
    s3.put_object(Bucket=BUCKET, Key=key, Body=body)
    return f"s3://{BUCKET}/{key}"


def preview(target: Target, uri: str) -> Any:
    return preview_artifact(target, PreviewArtifact(uri=uri))


def test_columns_and_values_of_named_components(place: Target) -> None:
    names = make_runs(place, metrics=False)
    source = ComponentSet(names=names)
    found = chart_source(place, source)
    assert [each.name for each in found.components] == names
    assert {each.status for each in found.components} == {"Completed"}
    assert found.components[0].trial == f"{names[0][:-2]}-trial"
    assert found.components[0].experiment == names[0][:-2]
    columns = {each.id: each for each in found.columns}
    assert columns["Parameters.eta"].numeric
    assert not columns["Parameters.booster"].numeric
    assert columns["Parameters.same"].numeric, "hyperparameters come as texts"
    wanted = ["Parameters.eta", "Parameters.booster", "RunSeconds", "Metrics.none.max"]
    data = summary_data(place, SummaryRequest(source=source, columns=wanted))
    assert data.names == names
    assert data.columns["Parameters.eta"] == pytest.approx([0.1, 0.2, 0.3, 0.4, 0.5, 0.6])
    assert data.columns["Parameters.booster"][:2] == ["gbtree", "dart"]
    assert data.columns["RunSeconds"] == [30 + index for index in range(RUNS)]
    assert data.columns["Metrics.none.max"] == [None] * RUNS


def test_details_and_comparison(place: Target) -> None:
    names = make_runs(place, metrics=False)
    details = describe_trial(place, names[1])
    assert [each.name for each in details.parameters] == ["booster", "eta", "same"]
    assert details.inputs[0].uri == f"s3://{BUCKET}/rows.csv"
    assert details.mappings[0].trial == f"{names[0][:-2]}-trial"
    assert {each.name for each in trial_stages(place, names[1]).stages} == set(names)
    if place.kind == "local":  # moto keeps no lineage
        client = place.client("sagemaker")
        uri = f"s3://{BUCKET}/{names[1]}.json"
        graph = client.create_artifact(
            ArtifactName="matrix", Source={"SourceUri": uri}, ArtifactType="ConfusionMatrix"
        )
        client.add_association(SourceArn=graph["ArtifactArn"], DestinationArn=details.arn)
        found = [(each.name, each.uri, each.graph) for each in trial_graphs(place, names[1]).graphs]
        assert found == [("matrix", uri, "ConfusionMatrix")]
    compared = compare_trials(place, CompareTrials(names=names[:3]))
    assert [each.name for each in compared.components] == names[:3]
    assert trial_settings(place, names[0]).missing
    assert trial_reports(place, names[0]).source is None


def test_metric_summaries_have_studios_suffixes(local: Target, runs: list[str]) -> None:
    source = ComponentSet(names=runs)
    labels = {each.label for each in chart_source(local, source).columns if each.kind == "metric"}
    assert labels == {f"validation:f1_{each}" for each in ("min", "max", "avg", "stddev", "last", "count")}
    columns = ["Metrics.validation:f1.min", "Metrics.validation:f1.max", "Metrics.validation:f1.count"]
    data = summary_data(local, SummaryRequest(source=source, columns=columns))
    assert data.columns[columns[0]] == pytest.approx([score(run, 0) for run in range(RUNS)])
    assert data.columns[columns[1]] == pytest.approx([score(run, POINTS - 1) for run in range(RUNS)])
    assert data.columns[columns[2]] == [POINTS] * RUNS


def test_components_of_a_search(local: Target, runs: list[str]) -> None:
    experiment = runs[0].rpartition("-")[0]
    search = {"Filters": [{"Name": "Parents.ExperimentName", "Operator": "Equals", "Value": experiment}]}
    source = ComponentSet(search=search)
    found = chart_source(local, source)
    assert {each.name for each in found.components} == set(runs)
    assert found.total == RUNS
    data = summary_data(local, SummaryRequest(source=source, columns=["Metrics.validation:f1.last"]))
    by_name = dict(zip(data.names, data.columns["Metrics.validation:f1.last"], strict=True))
    assert by_name[runs[2]] == pytest.approx(score(2, POINTS - 1))
    with pytest.raises(ClientError):
        chart_source(
            local, ComponentSet(search={"Filters": [{"Name": "Status", "Operator": "Like", "Value": "x"}]})
        )


@pytest.mark.parametrize(
    ("dimension", "period", "x", "count"),
    [
        ("Epoch", None, [0, 1, 2], POINTS),
        ("Time", 60, [START.timestamp() - 5 + 60 * minute for minute in range(3)], 7),
        ("Time", None, [START.timestamp() + 10 * step for step in range(3)], POINTS),
        ("Time", 30, [START.timestamp() - 5 + 30 * half for half in range(3)], 14),
        ("Periods from start", 60, [0, 1, 2], 7),
    ],
    ids=["epoch", "minute", "every-value", "half-minute", "periods"],
)
def test_series_over_each_dimension(
    local: Target, runs: list[str], dimension: Any, period: float | None, x: list[float], count: int
) -> None:
    request = SeriesRequest(
        source=ComponentSet(names=runs),
        metric="validation:f1",
        statistic="max",
        dimension=dimension,
        period=period,
    )
    data = series_data(local, request)
    assert [each.name for each in data.series] == runs
    assert data.running == 0
    assert len(data.series[0].x) == count
    assert data.series[0].x[:3] == pytest.approx(x)
    assert data.series[3].y[-1] == pytest.approx(score(3, POINTS - 1))


def test_long_series_keep_their_extremes(local: Target) -> None:
    run = f"long-{secrets.token_hex(4)}"
    local.client("sagemaker").create_trial_component(
        TrialComponentName=run, Status={"PrimaryStatus": "InProgress"}
    )
    values = [math.sin(step / 9) for step in range(900)]
    values[417], values[611] = 50.0, -50.0
    put_points(local, run, values)
    source = ComponentSet(names=[run])
    request = SeriesRequest(source=source, metric="validation:f1", dimension="Epoch", max_points=200)
    data = series_data(local, request)
    assert len(data.series[0].y) <= 200
    assert data.running == 1
    assert max(data.series[0].y) == 50
    assert min(data.series[0].y) == -50
    assert data.series[0].x[0] == 0
    assert data.series[0].x[-1] == 899
    put_points(local, run, [1.5], first=900)
    assert series_data(local, request).series[0].x[-1] == 900, "a live chart sees a new point at once"


def test_sets_outlive_the_deletion_of_some_of_their_components(local: Target) -> None:
    names = make_runs(local, metrics=False)
    client = local.client("sagemaker")
    client.disassociate_trial_component(TrialComponentName=names[0], TrialName=f"{names[0][:-2]}-trial")
    client.delete_trial_component(TrialComponentName=names[0])
    found = chart_source(local, ComponentSet(names=names))
    assert [each.name for each in found.components] == names[1:]
    with pytest.raises(ClientError, match="does not exist"):
        describe_trial(local, names[0])
    with pytest.raises(Missing):
        chart_source(local, ComponentSet(names=[f"{names[0]}-a", f"{names[0]}-b"]))


def test_importance_finds_the_parameter_that_decides(local: Target, runs: list[str]) -> None:
    request = ImportanceRequest(source=ComponentSet(names=runs), target="Metrics.validation:f1.max")
    found = parameter_importance(local, request)
    assert [each.parameter for each in found.items] == ["eta", "booster"]
    assert found.used == RUNS
    assert found.items[0].importance > 0.5
    few = ImportanceRequest(source=ComponentSet(names=runs[:2]), target="Metrics.validation:f1.max")
    assert "at least 4" in (parameter_importance(local, few).note or "")


SUMMARY_COLUMNS = ["Parameters.eta", "Parameters.booster", "Metrics.validation:f1.max"]


@pytest.mark.parametrize(
    "chart",
    [
        {"type": "scatter", "x": "Parameters.eta", "y": "Metrics.validation:f1.max", "logX": True},
        {"type": "parallel", "columns": SUMMARY_COLUMNS, "color": "Metrics.validation:f1.max"},
        {"type": "heat", "x": "Parameters.eta", "y": "RunSeconds", "z": "Metrics.validation:f1.max"},
        {"type": "contour", "x": "Parameters.eta", "y": "RunSeconds", "z": "Metrics.validation:f1.max"},
        {"type": "line", "y": "Metrics.validation:f1.max", "smoothing": 0.5, "color": "Parameters.booster"},
        {"type": "histogram", "x": "Metrics.validation:f1.max"},
        {"type": "importance", "y": "Metrics.validation:f1.max"},
    ],
    ids=["scatter", "parallel", "heat", "contour", "line", "histogram", "importance"],
)
def test_code_for_a_notebook_draws_the_chart(
    local: Target, runs: list[str], chart: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    source = ComponentSet(names=runs)
    series = chart["type"] in ("line", "histogram")
    request = ChartCodeRequest.model_validate(
        {
            "chart": chart,
            "spec": {"mark": "point", "data": {"name": "rows"}},
            "title": "A 'chart'\n# of runs",
            "series": SeriesRequest(source=source, metric="validation:f1", statistic="max")
            if series
            else None,
            "importance": ImportanceRequest(source=source, target=chart["y"])
            if chart["type"] == "importance"
            else None,
            "summary": SummaryRequest(source=source, columns=[*SUMMARY_COLUMNS, "RunSeconds"]),
        }
    )
    code = chart_code(local, request).code
    shown: list[dict[str, Any]] = []
    monkeypatch.setattr("boto3.client", lambda service, region_name: local.client(service))
    monkeypatch.setattr("IPython.display.display", lambda data, raw: shown.append(data))
    exec(compile(code, "cell", "exec"), {})  # the cell as a notebook runs it
    rows = shown[0]["application/vnd.vegalite.v5+json"]["datasets"]["rows"]
    counts = {"scatter": 6, "parallel": 18, "line": 42, "histogram": 42, "importance": 2, "contour": 1302}
    assert len(rows) == counts.get(chart["type"], len(rows))
    assert rows
    if chart["type"] == "line":
        assert rows[0]["c"] == "gbtree"
        assert rows[0]["s"] == pytest.approx(rows[0]["y"])


def test_reports_of_clarify(local: Target) -> None:
    analysis = {
        "version": "1.0",
        "pre_training_bias_metrics": {
            "facets": {
                "Sex": [
                    {
                        "value_or_threshold": "0",
                        "metrics": [
                            {"name": "CI", "description": "Class Imbalance", "value": 0.35},
                            {"name": "KL", "description": "Divergence", "error": "too few rows"},
                        ],
                    }
                ]
            }
        },
        "explanations": {
            "kernel_shap": {"label0": {"global_shap_values": {"age": 0.1, "pay": 0.7}, "expected_value": 0.3}}
        },
    }
    put(local, "clarify/analysis.json", json.dumps(analysis).encode())
    put(local, "clarify/report.html", b"<h1>Report</h1>")
    name = f"clarify-{secrets.token_hex(4)}"
    local.client("sagemaker").create_trial_component(
        TrialComponentName=name, OutputArtifacts={"analysis": {"Value": f"s3://{BUCKET}/clarify/"}}
    )
    found = trial_reports(local, name)
    assert found.source == f"s3://{BUCKET}/clarify/analysis.json"
    assert found.report == f"s3://{BUCKET}/clarify/report.html"
    assert [each.feature for each in found.explanations[0].features] == ["pay", "age"]
    assert [(each.name, each.value, each.error) for each in found.bias] == [
        ("CI", 0.35, None),
        ("KL", None, "too few rows"),
    ]


def test_previews_of_artifacts(place: Target) -> None:
    table = preview(place, put(place, "look/rows.csv", b"a,b\n1,2\n3,x\n"))
    assert (table.kind, table.columns, table.rows) == ("table", ["a", "b"], [["1", "2"], ["3", "x"]])
    page = preview(place, put(place, "look/page.html", b"<script>alert(1)</script><p>x</p>"))
    assert page.kind == "html"
    assert page.text is not None
    data = preview(place, put(place, "look/data.json", b'{"a":[1,2]}'))
    assert data.kind == "json"
    assert json.loads(data.text) == {"a": [1, 2]}
    picture = preview(place, put(place, "look/dot.png", b"\x89PNG\r\n"))
    assert picture.image.startswith("data:image/png;base64,")
    notebook = {
        "cells": [
            {"cell_type": "markdown", "id": "a", "metadata": {}, "source": "# Hello<script>x()</script>"}
        ],
        "metadata": {},
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    shown = preview(place, put(place, "look/book.ipynb", json.dumps(notebook).encode()))
    assert shown.kind == "html"
    assert "Hello" in shown.text
    assert "<script>x" not in shown.text
    folder = preview(place, f"s3://{BUCKET}/look/")
    assert folder.kind == "folder"
    assert "rows.csv" in [each.name for each in folder.files]
    assert preview(place, put(place, "look/blob.bin", b"\x00\xff\xfe")).kind == "none"
    assert preview(place, f"s3://{BUCKET}/nothing-here").note
    with pytest.raises(BadInput):
        preview(place, "https://example.org/x.csv")


def test_previews_of_archives_and_parquet(local: Target) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    stream = io.BytesIO()
    pq.write_table(pa.table({"n": list(range(300))}), stream)
    table = preview(local, put(local, "look/t.parquet", stream.getvalue()))
    assert table.columns == ["n"]
    assert len(table.rows) == 200
    assert not table.whole
    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode="w:gz") as tar:
        info = tarfile.TarInfo("code/inference.py")
        info.size = 5
        tar.addfile(info, io.BytesIO(b"x = 1"))
    found = preview(local, put(local, "look/model.tar.gz", archive.getvalue()))
    assert found.kind == "archive"
    assert [each.name for each in found.files] == ["code/inference.py"]
    broken = preview(local, put(local, "look/broken.tar.gz", b"no archive"))
    assert broken.kind == "none"
    assert broken.note


def test_lineage_of_what_somebody_wrote_down(local: Target) -> None:
    client = local.client("sagemaker")
    mark = secrets.token_hex(4)
    run = client.create_trial_component(TrialComponentName=f"lineage-{mark}")["TrialComponentArn"]
    data, model, other = (
        client.create_artifact(
            ArtifactName=f"{kind}-{mark}",
            ArtifactType=kind,
            Source={"SourceUri": f"s3://{BUCKET}/{kind}-{mark}"},
        )["ArtifactArn"]
        for kind in ("DataSet", "Model", "Report")
    )
    later = client.create_trial_component(TrialComponentName=f"lineage-{mark}-b")["TrialComponentArn"]
    for source, target in ((data, run), (run, model), (data, later), (later, other)):
        client.add_association(SourceArn=source, DestinationArn=target, AssociationType="ContributedTo")
    graph = lineage_graph(local, LineageQuery(arn=run))
    assert {each.arn for each in graph.nodes} == {run, data, model}, "not what else came of the same data"
    assert {(each.source, each.target) for each in graph.edges} == {(data, run), (run, model)}
    start = next(each for each in graph.nodes if each.start)
    assert (start.opens, start.opens_name) == ("TrialComponent", f"lineage-{mark}")
    by_address = lineage_graph(local, LineageQuery(arn=f"s3://{BUCKET}/Model-{mark}", direction="Ascendants"))
    assert {each.arn for each in by_address.nodes} == {run, data, model}
    with pytest.raises(Missing):
        lineage_graph(local, LineageQuery(arn=f"s3://{BUCKET}/unknown-{mark}"))
