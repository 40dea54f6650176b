"""The experiments list and the Trial Component List against the real engine, and against moto where it has them."""

from __future__ import annotations

import csv
import io
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from smstudio_ext.studio import (
    component_export,
    component_groups,
    components,
    experiment_members,
    experiments,
)
from smstudio_ext.studio.models.components import (
    ComponentQuery,
    ComponentScope,
    ExportQuery,
    GroupsQuery,
    NamesQuery,
    RowsQuery,
)
from smstudio_ext.studio.models.experiments import (
    BrowseQuery,
    ColumnFilter,
    RemoveComponents,
)
from smstudio_ext.studio.problems import BadInput
from smstudio_ext.studio.search import suggestions
from smstudio_ext.target import LocalEngine, Target
from tests.contract.experiment_runs import F1, RUNS, Runs, condition, make_trial, unique

if TYPE_CHECKING:
    from pathlib import Path

    from tests.conftest import RunningEngine


def test_browse_experiments_and_trials(place: Target) -> None:
    experiment, trial = unique("browse"), unique("trial")
    make_trial(place, experiment, trial)
    page = experiments.browse_experiments(place, BrowseQuery(search=experiment))
    assert [each.name for each in page.items] == [experiment]
    entry = page.items[0]
    assert (entry.kind, entry.type, entry.automl_job) == ("Experiment", "Experiment", None)
    inside = experiments.browse_experiments(place, BrowseQuery(experiment=experiment))
    assert [(each.kind, each.name) for each in inside.items] == [("ExperimentTrial", trial)]


def test_trial_component_list_of_a_trial(place: Target) -> None:
    experiment, trial, name = unique("list"), unique("trial"), unique("component")
    make_trial(place, experiment, trial)
    sagemaker = place.client("sagemaker")
    sagemaker.create_trial_component(
        TrialComponentName=name,
        Status={"PrimaryStatus": "Completed"},
        Parameters={"eta": {"NumberValue": 0.25}, "booster": {"StringValue": "dart"}},
    )
    sagemaker.associate_trial_component(TrialComponentName=name, TrialName=trial)
    found = components.list_component_rows(
        place,
        RowsQuery(
            query=ComponentQuery(scope=ComponentScope(kind="trial", names=[trial])),
            columns=["Parameters.eta", "Parameters.booster", "Parameters.none"],
        ),
    )
    assert [row.name for row in found.rows] == [name]
    assert found.rows[0].cells == [0.25, "dart", None]
    assert (found.rows[0].status, found.rows[0].type) == ("Completed", "Others")


def test_the_table_of_a_target_without_hints(moto_target: Target) -> None:
    """What the table does on AWS: no offsets, no groups, no column names beyond the rows that were read."""
    experiment, trial = unique("plain"), unique("trial")
    make_trial(moto_target, experiment, trial)
    sagemaker = moto_target.client("sagemaker")
    names = [f"{trial}-run-{number}" for number in range(6)]
    for number, name in enumerate(names):
        sagemaker.create_trial_component(
            TrialComponentName=name,
            Status={"PrimaryStatus": "Completed"},
            Parameters={"depth": {"NumberValue": number % 2}},
        )
        sagemaker.associate_trial_component(TrialComponentName=name, TrialName=trial)
    query = ComponentQuery(scope=ComponentScope(kind="trial", names=[trial]))
    columns = components.list_component_columns(moto_target, query)
    assert [(each.id, each.numeric, each.here) for each in columns.columns] == [
        ("Parameters.depth", True, True)
    ]
    assert not columns.complete
    assert set(components.list_component_names(moto_target, NamesQuery(query=query)).names) == set(names)
    groups = component_groups.group_components(moto_target, GroupsQuery(query=query, by="Parameters.depth"))
    assert sorted((group.label, group.count) for group in groups.groups) == [("0", 3), ("1", 3)]
    exported = b"".join(component_export.export_components(moto_target, ExportQuery(query=query)))
    assert len(exported.decode().splitlines()) == 1 + len(names)
    done = experiment_members.remove_components(moto_target, RemoveComponents(trial=trial, names=names[:2]))
    assert (sorted(done.done), done.failed) == (names[:2], [])
    left = components.list_component_rows(moto_target, RowsQuery(query=query))
    assert sorted(row.name for row in left.rows) == names[2:]


def test_a_denied_call_for_column_names_leaves_the_columns_of_the_rows(runs: Runs) -> None:
    from botocore.exceptions import ClientError

    def answer(code: str) -> None:
        from botocore.stub import Stubber

        with Stubber(runs.target.client("sagemaker")) as stubber:
            stubber.add_client_error("get_search_suggestions", code, "no", http_status_code=400)
            assert suggestions(runs.target, "ExperimentTrialComponent", "Metrics.") == []

    answer("AccessDeniedException")
    with pytest.raises(ClientError, match="ExpiredTokenException"):
        answer("ExpiredTokenException")


def test_unassigned_are_counted_and_listed(runs: Runs) -> None:
    page = experiments.browse_experiments(runs.target, BrowseQuery())
    assert page.unassigned is not None
    assert page.unassigned >= RUNS // 5
    found = components.list_component_rows(
        runs.target,
        RowsQuery(
            query=ComponentQuery(scope=ComponentScope(kind="unassigned"), search=f"{runs.experiment}-run")
        ),
    )
    assert {row.name for row in found.rows} == set(runs.names[::5])
    assert all(row.experiments == row.trials == [] for row in found.rows)


def test_columns_are_those_of_the_components(runs: Runs) -> None:
    found = components.list_component_columns(runs.target, runs.query())
    here = {column.id: column for column in found.columns if column.here}
    assert set(here) == {F1, "Parameters.eta", "Parameters.depth", "Parameters.note", "InputArtifacts.train"}
    assert here["Parameters.eta"].numeric
    assert not here["Parameters.note"].numeric
    assert here[F1].category == "Metrics"
    assert found.complete


def test_sort_page_and_cells(runs: Runs) -> None:
    columns = [f"{F1}.Last", f"{F1}.Min", f"{F1}.Count", "Parameters.note", "InputArtifacts.train"]
    found = runs.rows(columns, sort_by=f"{F1}.Max", descending=True)
    assigned = [name for number, name in enumerate(runs.names) if number % 5]
    assert [row.name for row in found.rows] == assigned[::-1]
    assert (found.total, found.random_access) == (len(assigned), True)
    assert found.rows[0].cells == [
        pytest.approx(0.242),
        pytest.approx(0.24),
        3.0,
        "<img src=x onerror=alert(1)> \u202eעברית",
        "s3://data/24.csv",
    ]
    later = runs.rows(columns, 15, sort_by=f"{F1}.Max", descending=True)
    assert [row.name for row in later.rows] == assigned[::-1][15:]
    assert runs.rows(offset=1000).rows == []


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ([condition("Parameters.eta", "GreaterThan", "0.2")], 4),
        (
            [
                condition("Parameters.eta", "GreaterThan", "0.1"),
                condition("Parameters.eta", "LessThan", "0.15"),
            ],
            4,
        ),
        ([condition(f"{F1}.Max", "LessThanOrEqualTo", "0.043")], 4),
        ([condition("Status.PrimaryStatus", "In", "Failed,Stopped")], 10),
        ([condition("Source.SourceType", "NotExists")], 20),
        ([condition("Source.SourceType", "Equals", "SageMakerTrainingJob")], 0),
        ([condition("InputArtifacts.train", "Contains", "/24.")], 1),
        ([condition("Parents.TrialName", "Contains", "-second")], 10),
        ([condition("CreationTime", "GreaterThanOrEqualTo", "2001-01-01T00:00:00.000Z")], 20),
        ([condition("Parameters.none", "Exists")], 0),
        ([condition("Parameters.eta", "GreaterThan", str(number / 1000)) for number in range(30)], 18),
    ],
    ids=[
        "number",
        "range",
        "metric",
        "discrete",
        "no-type",
        "type",
        "artifact",
        "trial",
        "date",
        "exists",
        "thirty-filters",
    ],
)
def test_filters(runs: Runs, filters: list[ColumnFilter], expected: int) -> None:
    assert runs.rows(filters=filters).total == expected


def test_search_finds_parts_of_names(runs: Runs) -> None:
    assert runs.rows(search=f"{runs.experiment}-shown-24").total == 1
    assert runs.rows(search="no such run").total == 0


def test_names_of_a_range(runs: Runs) -> None:
    query = runs.query(sort_by="TrialComponentName", descending=False)
    found = components.list_component_names(runs.target, NamesQuery(query=query, offset=2, limit=5))
    assigned = [name for number, name in enumerate(runs.names) if number % 5]
    assert found.names == assigned[2:7]
    assert found.complete
    everything = components.list_component_names(runs.target, NamesQuery(query=query))
    assert everything.names == assigned
    assert everything.complete


@pytest.mark.parametrize(
    ("by", "groups"),
    [
        ("Parents.TrialName", {10}),
        ("Parameters.depth", {10}),
        ("Status.PrimaryStatus", {10}),
        ("Source.SourceType", {20}),
        ("Parameters.none", {20}),
    ],
)
def test_groups_and_their_rows(runs: Runs, by: str, groups: set[int]) -> None:
    found = component_groups.group_components(
        runs.target, GroupsQuery(query=runs.query(), by=by, metrics=[f"{F1}.Last"])
    )
    assert {group.count for group in found.groups} == groups
    assert found.rows == 20
    assert found.complete
    for group in found.groups:
        inside = runs.rows([f"{F1}.Last"], filters=[group.filter])
        assert inside.total == group.count
        values = [row.cells[0] for row in inside.rows]
        assert (group.metrics[0].lowest, group.metrics[0].highest) == (min(values), max(values))


def test_export_as_csv_and_parquet(runs: Runs, tmp_path: Path) -> None:
    import polars

    order = {"sort_by": "TrialComponentName", "descending": False}
    chosen = [f"{F1}.Max", "Parameters.note"]
    text = b"".join(
        component_export.export_components(
            runs.target, ExportQuery(query=runs.query(**order), columns=chosen, names=runs.names[:4])
        )
    ).decode()
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [row["TrialComponentName"] for row in rows] == runs.names[1:4]
    assert float(rows[0][f"{F1}.Max"]) == pytest.approx(0.012)
    assert rows[0]["Parameters.note"].startswith("<img")
    path = tmp_path / "runs.parquet"
    path.write_bytes(
        b"".join(
            component_export.export_components(
                runs.target, ExportQuery(query=runs.query(**order), format="parquet")
            )
        )
    )
    table = polars.read_parquet(path)
    assert table.height == 20
    assert table[f"{F1}.Max"].dtype == polars.Float64
    assert table["Parameters.note"].dtype == polars.String
    assert table["Parameters.eta"].to_list() == [number / 100 for number in range(RUNS) if number % 5]


def test_pandas_code_reads_the_same_table(runs: Runs, engine: RunningEngine) -> None:
    query = runs.query(sort_by=f"{F1}.Max", descending=True)
    code = component_export.pandas_code(
        runs.target, ExportQuery(query=query, columns=[f"{F1}.Max", "Parameters.note"])
    ).code
    program = code.rstrip().removesuffix("runs") + "print(runs.to_csv(index=False))"
    printed = subprocess.run(
        [sys.executable, "-c", program], env=engine.environment(), capture_output=True, text=True, check=True
    ).stdout
    rows = list(csv.DictReader(io.StringIO(printed)))
    shown = runs.rows([f"{F1}.Max"], sort_by=f"{F1}.Max", descending=True).rows
    assert [row["TrialComponentName"] for row in rows] == [row.name for row in shown]
    assert [float(row[f"{F1}.Max"]) for row in rows] == [row.cells[0] for row in shown]


def test_bad_filters_are_refused_before_they_are_sent(runs: Runs) -> None:
    with pytest.raises(BadInput, match="no value"):
        runs.rows(filters=[condition("Parameters.eta", "Equals")])
    with pytest.raises(BadInput, match="No trial"):
        runs.rows(scope=ComponentScope(kind="trial"))
    aws = Target.aws(None, "us-east-1")
    many = ComponentQuery(filters=[condition("Parameters.eta", "Exists")] * 21)
    with pytest.raises(BadInput, match="at most 20 filters"):
        components.list_component_rows(aws, RowsQuery(query=many))


def test_hints_do_not_leak_into_other_calls(engine: RunningEngine) -> None:
    from smstudio_ext.studio.search import hints

    info = engine.info
    target = Target.local(LocalEngine(info.url, info.access_key, info.secret_key, info.region))
    sagemaker = target.client("sagemaker")
    name = unique("hinted")
    sagemaker.create_trial_component(TrialComponentName=name, Parameters={"eta": {"NumberValue": 1}})
    where = {"Filters": [{"Name": "TrialComponentName", "Operator": "Equals", "Value": name}]}

    def found() -> dict[str, Any]:
        answer = sagemaker.search(Resource="ExperimentTrialComponent", SearchExpression=where)
        return answer["Results"][0]["TrialComponent"]  # type: ignore[no-any-return]

    with hints(sagemaker, select=["TrialComponentName"]):
        assert set(found()) == {"TrialComponentName"}
    assert "Parameters" in found()
