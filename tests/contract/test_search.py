"""Search, experiments and metrics over the wire with unmodified boto3: what AWS's API says, on a real engine."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import quote

import pytest
from botocore.exceptions import ClientError

from tests.conftest import RunningEngine

REGION = "eu-central-1"
"""A region that no other test uses: searches here see only what these tests made."""
COMPONENT = "ExperimentTrialComponent"
ARABIC = "\u0645\u0631\u062d\u0628\u0627"
HTML = "<img src=x onerror=alert(1)>"


@pytest.fixture(scope="module")
def sagemaker(engine: RunningEngine) -> Any:
    client = engine.client("sagemaker", REGION)
    metrics = engine.client("sagemaker-metrics", REGION)
    for experiment in ("exp-a", "exp-b"):
        client.create_experiment(ExperimentName=experiment, Tags=[{"Key": "team", "Value": experiment[-1]}])
        client.create_trial(TrialName=f"{experiment}-trial", ExperimentName=experiment)
    for number in range(25):
        name = f"run-{number:02d}"
        parameters: dict[str, Any] = {
            "eta": {"NumberValue": number / 100},
            "optimizer": {"StringValue": "Adam" if number % 2 else "sgd"},
        }
        if number < 5:
            parameters["rare.one"] = {"StringValue": f"{number}"}
        client.create_trial_component(
            TrialComponentName=name,
            DisplayName=f"Run-number-{number}",
            Status={"PrimaryStatus": "Completed" if number % 3 else "Failed"},
            Parameters=parameters,
            InputArtifacts={"train": {"Value": f"s3://data/{number}", "MediaType": "text/csv"}},
            MetadataProperties={"CommitId": f"c{number}"},
            Tags=[{"Key": "owner", "Value": "me" if number < 3 else "you"}],
        )
        if number < 20:
            trial = "exp-a-trial" if number < 12 else "exp-b-trial"
            client.associate_trial_component(TrialComponentName=name, TrialName=trial)
        if number % 5 == 0:
            data = [
                {
                    "MetricName": "val.loss",
                    "Timestamp": 1_700_000_000 + step,
                    "Step": step,
                    "Value": number - step,
                }
                for step in range(3)
            ]
            metrics.batch_put_metrics(TrialComponentName=name, MetricData=data)
    return client


@pytest.fixture
def metrics(engine: RunningEngine, sagemaker: Any) -> Any:
    return engine.client("sagemaker-metrics", REGION)


def one(name: str, operator: str = "Equals", value: str | None = None) -> dict[str, str]:
    given = {"Name": name, "Operator": operator}
    return given if value is None else {**given, "Value": value}


def search(client: Any, *filters: dict[str, str], **members: Any) -> dict[str, Any]:
    if filters:
        members["SearchExpression"] = {"Filters": list(filters)}
    answer: dict[str, Any] = client.search(**{"Resource": COMPONENT, "MaxResults": 100, **members})
    return answer


def numbers(answer: dict[str, Any]) -> list[int]:
    return [int(found["TrialComponent"]["TrialComponentName"].split("-")[1]) for found in answer["Results"]]


@contextmanager
def hints(client: Any, **values: str) -> Iterator[None]:
    def add(params: dict[str, Any], **_: Any) -> None:
        params["headers"].update(
            {f"x-smstudio-{name.replace('_', '-')}": value for name, value in values.items()}
        )

    client.meta.events.register("before-call", add, unique_id="test-hints")
    try:
        yield
    finally:
        client.meta.events.unregister("before-call", unique_id="test-hints")


def refused(call: Callable[..., Any], **members: Any) -> str:
    with pytest.raises(ClientError) as error:
        call(**members)
    assert error.value.response["Error"]["Code"] == "ValidationException"
    message: str = error.value.response["Error"]["Message"]
    return message


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (one("Parameters.eta", "GreaterThan", "0.2"), {21, 22, 23, 24}),
        (one("Parameters.eta", "LessThanOrEqualTo", "0.01"), {0, 1}),
        (one("Parameters.eta", "Equals", "0.07"), {7}),
        (one("Parameters.eta", "In", "0.07, 0.08"), {7, 8}),
        (one("Parameters.optimizer", "Contains", "ADA"), set(range(1, 25, 2))),
        (one("Parameters.rare.one", "Exists"), set(range(5))),
        (one("Parameters.rare.one", "NotExists"), set(range(5, 25))),
        (one("Parameters.rare.one", "NotEquals", "3"), set(range(25)) - {3}),
        (one("Parameters.nobody", "Exists"), set()),
        (one("Metrics.val.loss", "GreaterThan", "10"), {15, 20}),
        (one("metrics.val.loss.max", "GreaterThanOrEqualTo", "10"), {10, 15, 20}),
        (one("Metrics.val.loss.Count", "Equals", "3"), {0, 5, 10, 15, 20}),
        (one("Metrics.val.loss", "NotExists"), set(range(25)) - {0, 5, 10, 15, 20}),
        (one("Parents.ExperimentName", "Equals", "exp-b"), set(range(12, 20))),
        (one("Parents.TrialName", "NotEquals", "exp-a-trial"), set(range(12, 25))),
        (one("Parents.ExperimentName", "NotExists"), set(range(20, 25))),
        (one("TrialComponentName", "In", 'run-01,"run-02",none'), {1, 2}),
        (one("DisplayName", "Contains", "number-2"), {2, 20, 21, 22, 23, 24}),
        (one("Status.PrimaryStatus", "Equals", "Failed"), set(range(0, 25, 3))),
        (one("Tags.owner", "Equals", "me"), {0, 1, 2}),
        (one("Tags.owner", "NotExists"), set()),
        (one("InputArtifacts.train", "Contains", "/2"), {2, 20, 21, 22, 23, 24}),
        (one("MetadataProperties.CommitId", "Equals", "c7"), {7}),
        (one("MetadataProperties.CommitId", "NotEquals", "c7"), set(range(25)) - {7}),
        (one("InputArtifacts.train.MediaType", "Equals", "text/csv"), set(range(25))),
        (one("CreationTime", "GreaterThan", "2020-01-01T00:00:00Z"), set(range(25))),
        (one("CreationTime", "LessThan", "2020-01-01T00:00:00Z"), set()),
        (one("EndTime", "NotExists"), set(range(25))),
        (one("CreatedBy.IamIdentity.Arn", "Contains", "assumed-role"), set(range(25))),
    ],
    ids=lambda given: "-".join(given.values()).replace("/", "_") if isinstance(given, dict) else "",
)
def test_a_filter_finds_what_it_says(sagemaker: Any, given: dict[str, str], expected: set[int]) -> None:
    answer = search(sagemaker, given)
    assert set(numbers(answer)) == expected
    assert answer["TotalHits"] == {"Value": len(expected), "Relation": "EqualTo"}


def test_expressions_nest(sagemaker: Any) -> None:
    expression = {
        "Operator": "Or",
        "Filters": [one("TrialComponentName", "Equals", "run-24")],
        "NestedFilters": [
            {
                "NestedPropertyName": "Parents",
                "Filters": [
                    one("Parents.ExperimentName", "Equals", "exp-a"),
                    one("Parents.TrialName", "Equals", "exp-b-trial"),
                ],
            }
        ],
        "SubExpressions": [
            {
                "Operator": "And",
                "Filters": [
                    one("Parameters.eta", "LessThan", "0.1"),
                    one("Parameters.optimizer", "Equals", "Adam"),
                ],
            }
        ],
    }
    assert set(numbers(search(sagemaker, SearchExpression=expression))) == {1, 3, 5, 7, 9, 24}


def test_twenty_one_filters_are_fine_here(sagemaker: Any) -> None:
    many = [one("Parameters.eta", "GreaterThan", "0.2")] * 30
    assert set(numbers(search(sagemaker, *many))) == {21, 22, 23, 24}


@pytest.mark.parametrize("descending", [True, False], ids=["descending", "ascending"])
@pytest.mark.parametrize(
    "key",
    [
        "Metrics.val.loss.Max",
        "Parameters.rare.one",
        "Parameters.eta",
        "Parents.TrialName",
        "CreationTime",
        "Tags.owner",
    ],
)
def test_pages_hold_every_row_once_and_rows_without_a_value_last(
    sagemaker: Any, key: str, descending: bool
) -> None:
    order = "Descending" if descending else "Ascending"
    found: list[int] = []
    members = {"SortBy": key, "SortOrder": order, "MaxResults": 4}
    answer = search(sagemaker, **members)
    found += numbers(answer)
    while "NextToken" in answer:
        answer = search(sagemaker, NextToken=answer["NextToken"], **members)
        found += numbers(answer)
    assert sorted(found) == list(range(25))
    if key == "Metrics.val.loss.Max":
        assert found[:5] == ([20, 15, 10, 5, 0] if descending else [0, 5, 10, 15, 20])
    if key == "Parameters.eta":
        assert found == sorted(range(25), reverse=descending)
    if key == "Parents.TrialName":
        assert set(found[20:]) == set(range(20, 25))
    whole = numbers(search(sagemaker, SortBy=key, SortOrder=order))
    assert whole == found
    with hints(sagemaker, offset="7"):
        assert numbers(search(sagemaker, SortBy=key, SortOrder=order, MaxResults=6)) == found[7:13]


def test_a_token_stays_right_while_rows_are_written(engine: RunningEngine) -> None:
    client = engine.client("sagemaker", "eu-west-3")
    for number in range(10):
        client.create_trial_component(
            TrialComponentName=f"run-{number}", Parameters={"a": {"NumberValue": float(number)}}
        )
    members = {"SortBy": "Parameters.a", "SortOrder": "Ascending", "MaxResults": 5}
    first = search(client, **members)
    assert numbers(first) == [0, 1, 2, 3, 4]
    client.create_trial_component(TrialComponentName="run-99", Parameters={"a": {"NumberValue": 0.5}})
    client.delete_trial_component(TrialComponentName="run-3")
    second = search(client, NextToken=first["NextToken"], **members)
    assert numbers(second) == [5, 6, 7, 8, 9]


@pytest.mark.parametrize(
    ("members", "words"),
    [
        ({"SearchExpression": {"Filters": [one("Nope", "Equals", "1")]}}, "Unknown property name: Nope"),
        ({"SearchExpression": {"Filters": [one("DisplayName")]}}, "Value is required"),
        ({"SearchExpression": {"Filters": [one("DisplayName", "Exists", "x")]}}, "Value is not allowed"),
        ({"SearchExpression": {"Filters": [one("CreationTime", "GreaterThan", "soon")]}}, "is not a time"),
        ({"SearchExpression": {"Filters": [one("Metrics.val.loss", "GreaterThan", "x")]}}, "is not a number"),
        ({"SearchExpression": {"Filters": [one("Metrics.val.loss", "Contains", "1")]}}, "is for text"),
        ({"SearchExpression": {"SubExpressions": [{"Operator": "And"}]}}, "at least one filter"),
        (
            {
                "SearchExpression": {
                    "NestedFilters": [
                        {"NestedPropertyName": "DisplayName", "Filters": [one("DisplayName", "Exists")]}
                    ]
                }
            },
            "properties that are lists",
        ),
        ({"SortBy": "Nope"}, "Unknown property name"),
        ({"NextToken": "forged"}, "Invalid NextToken"),
        ({"NextToken": "WyJ4IiwgMCwgMSwgMl0="}, "Invalid NextToken"),
        ({"MaxResults": 10_001}, "at most 10000"),
        ({"Resource": "ModelPackage"}, "not offered yet"),
    ],
    ids=[
        "property", "no-value", "value", "time", "number", "contains", "empty", "nested", "sort", "forged", "alien",
        "page", "resource",
    ],
)  # fmt: skip
def test_a_malformed_search_is_refused_in_words(sagemaker: Any, members: dict[str, Any], words: str) -> None:
    assert words in refused(sagemaker.search, **{"Resource": COMPONENT, **members})


def test_a_token_of_another_search_is_refused(sagemaker: Any) -> None:
    token = search(sagemaker, MaxResults=3)["NextToken"]
    assert "another search" in refused(
        sagemaker.search, Resource=COMPONENT, NextToken=token, SortBy="DisplayName"
    )


def test_other_resources_are_searched_by_their_documents(sagemaker: Any) -> None:
    found = search(sagemaker, one("Tags.team", "Equals", "a"), Resource="Experiment")["Results"]
    assert [row["Experiment"]["ExperimentName"] for row in found] == ["exp-a"]
    assert found[0]["Experiment"]["Tags"] == [{"Key": "team", "Value": "a"}]
    trials = search(sagemaker, one("ExperimentName", "Equals", "exp-b"), Resource="ExperimentTrial")[
        "Results"
    ]
    assert [row["Trial"]["TrialName"] for row in trials] == ["exp-b-trial"]
    for resource in ("TrainingJob", "HyperParameterTuningJob", "Model", "Endpoint"):
        assert search(sagemaker, Resource=resource)["TotalHits"]["Value"] == 0
    shared = search(sagemaker, CrossAccountFilterOption="CrossAccount")
    assert shared["TotalHits"]["Value"] == 0


def test_a_selection_holds_only_what_is_asked(sagemaker: Any) -> None:
    asked = ["TrialComponentName", "Metrics.val.loss.Max", "Parameters.rare.one", "Parents"]
    with hints(sagemaker, select=",".join(quote(path, safe="") for path in asked)):
        answer = search(sagemaker, one("TrialComponentName", "Equals", "run-00"))
    assert answer["Results"] == [
        {
            "TrialComponent": {
                "TrialComponentName": "run-00",
                "Metrics": [{"MetricName": "val.loss", "Max": 0.0}],
                "Parameters": {"rare.one": {"StringValue": "0"}},
                "Parents": [{"TrialName": "exp-a-trial", "ExperimentName": "exp-a"}],
            }
        }
    ]


def test_suggestions_name_every_parameter_and_metric(sagemaker: Any) -> None:
    def suggested(hint: str) -> list[str]:
        query = {"PropertyNameQuery": {"PropertyNameHint": hint}}
        found = sagemaker.get_search_suggestions(Resource=COMPONENT, SuggestionQuery=query)
        return [row["PropertyName"] for row in found["PropertyNameSuggestions"]]

    assert {"Parameters.eta", "Parameters.optimizer", "Parameters.rare.one"} <= set(suggested("Parameters."))
    assert suggested("metrics.") == ["Metrics.val.loss"]
    assert "Metrics.val.loss.StdDev" in suggested("Metrics.val.loss.")
    assert "Tags.owner" in suggested("Tags.")
    assert "Status.PrimaryStatus" in suggested("Status")


def test_names_in_any_script_and_markup_come_back_as_they_are(sagemaker: Any, metrics: Any) -> None:
    name = "strange-names"
    sagemaker.create_trial_component(
        TrialComponentName=name,
        Parameters={ARABIC: {"StringValue": HTML}},
        Tags=[{"Key": "k", "Value": ARABIC}],
    )
    metrics.batch_put_metrics(
        TrialComponentName=name, MetricData=[{"MetricName": HTML, "Timestamp": 1_700_000_000, "Value": 1.0}]
    )
    described = sagemaker.describe_trial_component(TrialComponentName=name)
    assert described["Parameters"] == {ARABIC: {"StringValue": HTML}}
    assert [row["MetricName"] for row in described["Metrics"]] == [HTML]
    found = search(sagemaker, one(f"Parameters.{ARABIC}", "Contains", "onerror"), SortBy=f"Metrics.{HTML}")
    assert [row["TrialComponent"]["TrialComponentName"] for row in found["Results"]] == [name]
    sagemaker.delete_trial_component(TrialComponentName=name)
    for bad in ("x" * 121, "has space", HTML):
        message = refused(sagemaker.create_trial_component, TrialComponentName=bad)
        assert "trialComponentName" in message


def test_metrics_come_back_by_period_and_statistic(sagemaker: Any, metrics: Any) -> None:
    sagemaker.create_trial_component(TrialComponentName="series")
    start = 1_700_000_040
    data = [
        {"MetricName": "loss", "Timestamp": start + step * 10, "Step": step, "Value": float(step % 7)}
        for step in range(1000)
    ]
    assert "Errors" not in metrics.batch_put_metrics(TrialComponentName="series", MetricData=data)
    bad = [
        {"MetricName": "loss", "Timestamp": start, "Value": float("nan")},
        {**data[0], "Step": 1000},
        {**data[0], "Value": float("-inf")},
        {**data[0], "Timestamp": -5},
    ]
    errors = metrics.batch_put_metrics(TrialComponentName="series", MetricData=bad)["Errors"]
    assert errors == [{"Code": "VALIDATION_ERROR", "MetricIndex": place} for place in (0, 2, 3)]
    arn = sagemaker.describe_trial_component(TrialComponentName="series")["TrialComponentArn"]

    def query(**members: Any) -> dict[str, Any]:
        plain = {"MetricName": "loss", "ResourceArn": arn, "MetricStat": "Avg", "Period": "OneMinute"}
        found = metrics.batch_get_metrics(MetricQueries=[{**plain, "XAxisType": "Timestamp", **members}])
        result: dict[str, Any] = found["MetricQueryResults"][0]
        return result

    minutes = query(End=start + 119)
    assert minutes["XAxisValues"] == [start, start + 60]
    assert minutes["MetricValues"] == [pytest.approx((0 + 1 + 2 + 3 + 4 + 5 + 0) / 7), pytest.approx(16 / 6)]
    steps = query(XAxisType="IterationNumber", Period="IterationNumber", MetricStat="Last", Start=5, End=8)
    assert (steps["XAxisValues"], steps["MetricValues"]) == ([5, 6, 7, 8], [5.0, 6.0, 0.0, 1.0])
    assert query(MetricStat="Count", Period="OneHour")["MetricValues"][-1] > 0
    assert query(XAxisType="IterationNumber")["Status"] == "ValidationError"
    assert query(ResourceArn=arn + "-none")["Status"] == "ValidationError"
    assert query(MetricName="none") == {"Status": "Complete", "XAxisValues": [], "MetricValues": []}
    with hints(metrics, period="0", max_points="20"):
        every = query()
    assert len(every["XAxisValues"]) <= 20
    assert (min(every["MetricValues"]), max(every["MetricValues"])) == (0.0, 6.0)
    assert every["XAxisValues"][0] == start * 1000
    sagemaker.delete_trial_component(TrialComponentName="series")


def test_sixteen_clients_at_once_lose_nothing(engine: RunningEngine, sagemaker: Any) -> None:
    sagemaker.create_trial_component(TrialComponentName="crowd")

    def write(writer: int) -> None:
        client = engine.client("sagemaker-metrics", REGION)
        for call in range(5):
            data = [
                {"MetricName": "shared", "Timestamp": 1_700_000_000 + call, "Step": writer, "Value": 1.0}
                for _ in range(10)
            ]
            client.batch_put_metrics(TrialComponentName="crowd", MetricData=data)

    threads = [threading.Thread(target=write, args=(writer,)) for writer in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    (found,) = sagemaker.describe_trial_component(TrialComponentName="crowd")["Metrics"]
    assert found["Count"] == 16 * 5 * 10
    sagemaker.delete_trial_component(TrialComponentName="crowd")


def test_metrics_of_a_component_that_is_gone_are_refused(metrics: Any) -> None:
    with pytest.raises(ClientError) as error:
        metrics.batch_put_metrics(
            TrialComponentName="gone", MetricData=[{"MetricName": "x", "Timestamp": 1, "Value": 1.0}]
        )
    assert error.value.response["Error"]["Code"] == "ResourceNotFound"


@pytest.mark.parametrize(
    ("by", "sizes"),
    [
        ("Parameters.optimizer", {"sgd": 13, "Adam": 12}),
        ("Parents.ExperimentName", {"exp-a": 12, "exp-b": 8, None: 5}),
        ("Status.PrimaryStatus", {"Completed": 16, "Failed": 9}),
    ],
)
def test_group_hint_counts_and_sums_up_where_the_rows_are(
    sagemaker: Any, by: str, sizes: dict[str | None, int]
) -> None:
    member, _, name = by.partition(".")

    def value_of(component: dict[str, Any]) -> str | None:
        inside = component.get(member, {})
        if member == "Parents":
            return inside[0][name] if inside else None
        found = inside.get(name)
        told: str | None = found["StringValue"] if isinstance(found, dict) else found
        return told

    mine = [one("TrialComponentName", "Contains", "run-")]
    with hints(sagemaker, group=by, select="Metrics.val.loss.Max"):
        answer = search(sagemaker, *mine)
    found = [each["TrialComponent"] for each in answer["Results"]]
    counts = {value_of(each): each["Metrics"][0]["Count"] for each in found}
    assert counts == sizes
    assert answer["TotalHits"]["Value"] == sum(sizes.values()) == 25
    for each in found:
        condition = one(by, "Equals", value_of(each)) if value_of(each) else one(by, "NotExists")
        rows = search(sagemaker, *mine, condition)["Results"]
        highest = [metric["Max"] for row in rows for metric in row["TrialComponent"].get("Metrics", [])]
        told = each["Metrics"][1]
        assert (told["MetricName"], told["Count"]) == ("val.loss.Max", len(highest))
        assert (told.get("Min"), told.get("Max")) == (min(highest, default=None), max(highest, default=None))


def test_group_hint_of_a_property_without_groups_is_refused(sagemaker: Any) -> None:
    with (
        hints(sagemaker, group="CreationTime"),
        pytest.raises(ClientError, match="x-smstudio-group cannot be"),
    ):
        search(sagemaker)
