"""Experiments, trials and trial components in the store: rules, automatic components, metric summaries, news."""

from __future__ import annotations

import json
import math
import random
import statistics
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from smstudio_ext.engine.context import Call, EngineContext
from smstudio_ext.engine.errors import ResourceLimitExceeded, ResourceNotFound, ValidationException
from smstudio_ext.engine.experiments import batches, entities, listing
from smstudio_ext.engine.experiments.backfill import make_missing
from smstudio_ext.engine.experiments.batches import sample
from smstudio_ext.engine.experiments.jobs import parameter
from smstudio_ext.engine.experiments.metrics import BLOCK, unpack
from smstudio_ext.engine.experiments.naming import EXPERIMENT, TRIAL
from smstudio_ext.engine.experiments.news import METRICS_KIND
from smstudio_ext.engine.experiments.part import Experiments
from smstudio_ext.engine.experiments.summaries import Point, Summary
from smstudio_ext.engine.protocol import models
from smstudio_ext.engine.protocol.shapes import reader
from smstudio_ext.engine.runtime.metrics import TRAINING_NAMESPACE, MetricPoint, append_series
from smstudio_ext.engine.server.wiring import build_context
from smstudio_ext.engine.services.sagemaker.search import search
from smstudio_ext.engine.settings import Settings
from smstudio_ext.engine.store import Resource
from smstudio_ext.engine.store.changes import Change
from smstudio_ext.engine.store.resources import insert_resource
from tests.conftest import eventually

REGION = "us-east-1"


@pytest.fixture
def ctx(tmp_path: Path) -> Iterator[EngineContext]:
    made = build_context(Settings(tmp_path / "data"))
    yield made
    for part in made.parts.values():
        part.close()
    made.objects.close()
    made.store.close()


@pytest.fixture
def experiments(ctx: EngineContext) -> Experiments:
    return Experiments.of(ctx)


def component(experiments: Experiments, name: str, **members: Any) -> Resource:
    return experiments.components.create(REGION, {"TrialComponentName": name, **members}, {})


def experiment(ctx: EngineContext, name: str = "e", trial: str = "t") -> None:
    entities.create_experiment(ctx.store, REGION, {"ExperimentName": name}, {})
    entities.create_trial(ctx.store, REGION, {"TrialName": trial, "ExperimentName": name}, {})


def described(experiments: Experiments, name: str) -> dict[str, Any]:
    return listing.describe_component(experiments, REGION, name)


def read(output: object) -> dict[str, Any]:
    """What an operation answers, as members or as the body itself."""
    found = json.loads(output) if isinstance(output, bytes) else output
    assert isinstance(found, dict)
    return found


def test_names_are_unique_and_found_in_any_case_of_letters(
    ctx: EngineContext, experiments: Experiments
) -> None:
    experiment(ctx, "Exp", "Trial")
    component(experiments, "Run")
    with pytest.raises(ValidationException, match="already exists"):
        entities.create_experiment(ctx.store, REGION, {"ExperimentName": "exp"}, {})
    with pytest.raises(ValidationException, match="already exists"):
        component(experiments, "RUN")
    assert experiments.components.get(REGION, "rUN").name == "Run"
    with pytest.raises(ResourceNotFound, match="does not exist"):
        entities.find_entity(ctx.store.resources, EXPERIMENT, "eu-west-1", "Exp")


def test_nothing_is_deleted_that_something_is_in(ctx: EngineContext, experiments: Experiments) -> None:
    experiment(ctx)
    component(experiments, "c", Parameters={"a": {"NumberValue": 1.0}})
    experiments.components.associate(REGION, "c", "t")
    experiments.components.associate(REGION, "c", "t")
    with pytest.raises(ValidationException, match="still has trials, such as 't'"):
        entities.delete_entity(ctx.store, EXPERIMENT, REGION, "e")
    with pytest.raises(ValidationException, match="still has trial components, such as 'c'"):
        entities.delete_entity(ctx.store, TRIAL, REGION, "t")
    with pytest.raises(ValidationException, match="is associated with trial 't'"):
        experiments.components.delete(REGION, "c")
    experiments.components.disassociate(REGION, "c", "t")
    with pytest.raises(ResourceNotFound):
        experiments.components.disassociate(REGION, "c", "t")
    experiments.components.delete(REGION, "c")
    entities.delete_entity(ctx.store, TRIAL, REGION, "t")
    entities.delete_entity(ctx.store, EXPERIMENT, REGION, "e")
    with ctx.store.database.read() as connection:
        for table in ("trial_components", "trial_members", "component_properties", "tags"):
            assert connection.exec_driver_sql(f"SELECT count(*) FROM {table}").scalar_one() == 0, table


def test_a_trial_cannot_be_made_in_an_experiment_that_is_gone(ctx: EngineContext) -> None:
    gone = entities.new_trial(REGION, {"TrialName": "t"}, "gone", 1.0, {})
    with pytest.raises(ResourceNotFound, match="experiment/gone"):
        ctx.store.resources.create(gone)
    assert ctx.store.resources.find(TRIAL, REGION, "t") is None


def test_maps_are_merged_and_bounded(experiments: Experiments) -> None:
    component(experiments, "c", Parameters={"a": {"NumberValue": 1.0}, "b": {"StringValue": "x"}})
    change = {"Parameters": {"c": {"NumberValue": 2.0}}, "ParametersToRemove": ["a"], "DisplayName": "shown"}
    document = experiments.components.update(REGION, "c", change, {}).document
    assert document["Parameters"] == {"b": {"StringValue": "x"}, "c": {"NumberValue": 2.0}}
    assert document["DisplayName"] == "shown"
    many = {f"p{number}": {"NumberValue": 1.0} for number in range(299)}
    with pytest.raises(ResourceLimitExceeded, match="300"):
        experiments.components.update(REGION, "c", {"Parameters": many}, {})
    assert len(experiments.components.get(REGION, "c").document["Parameters"]) == 2
    for value in (math.nan, math.inf):
        with pytest.raises(ValidationException, match="finite"):
            component(experiments, "d", Parameters={"a": {"NumberValue": value}})


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("8", {"NumberValue": 8.0}),
        ("1e-3", {"NumberValue": 0.001}),
        ("nan", {"StringValue": "nan"}),
        ("1_0", {"StringValue": "1_0"}),
        ('"adam"', {"StringValue": '"adam"'}),
        ("<script>alert(1)</script>", {"StringValue": "<script>alert(1)</script>"}),
    ],
)
def test_a_hyperparameter_is_a_number_where_it_looks_like_one(text: str, expected: dict[str, Any]) -> None:
    assert parameter(text) == expected


def test_summaries_are_those_of_all_points() -> None:
    rng = random.Random(0)
    values = [1e9 + rng.random() for _ in range(1000)]
    summary = Summary()
    for start in range(0, 1000, 7):
        summary.add(Point(float(start), value) for value in values[start : start + 7])
    assert summary.count == 1000
    assert summary.mean == pytest.approx(statistics.fmean(values), rel=1e-13)
    assert summary.deviation == pytest.approx(statistics.pstdev(values), rel=1e-6)
    assert (summary.minimum, summary.maximum, summary.last) == (min(values), max(values), values[-1])


def test_the_last_value_is_that_of_the_latest_time_then_step() -> None:
    summary = Summary()
    summary.add([Point(2.0, 20.0, 5), Point(2.0, 30.0, 4), Point(1.0, 10.0, 9)])
    assert (summary.last, summary.last_time, summary.last_step) == (20.0, 2.0, 5)
    summary.add([Point(2.0, 21.0, 5)])
    assert summary.last == 21.0


@pytest.mark.parametrize(
    "values",
    [(1e200, -1e200, 1.0), (1.7e308, -1.7e308, 1.7e308), (5e-324, 0.0)],
    ids=["squares", "ends", "least"],
)
def test_metrics_that_diverge_stay_numbers(
    experiments: Experiments, ctx: EngineContext, values: tuple[float, ...]
) -> None:
    component(experiments, "c")
    for value in values:
        experiments.metrics.put(REGION, "c", {"loss": [Point(1.0, value)]})
    call = Call("sagemaker", "Search", REGION, "0", "key", "id")
    (found,) = read(search(ctx, call, {"Resource": "ExperimentTrialComponent"}))["Results"]
    (metric,) = found["TrialComponent"]["Metrics"]
    assert (metric["Min"], metric["Max"]) == (min(values), max(values))
    assert all(math.isfinite(metric[name]) for name in ("Avg", "StdDev", "Last"))


def test_a_batch_that_diverges_is_counted_as_its_points_are() -> None:
    batch, single = Summary(), Summary()
    points = [Point(float(at), value) for at, value in enumerate((1.7e308, -1.7e308, 1e200, 3.0, -1e150))]
    batch.add(points)
    for point in points:
        single.add([point])
    for found in (batch, single):
        assert all(math.isfinite(number) for number in (found.mean, found.deviation))
        assert (found.count, found.minimum, found.maximum, found.last) == (5, -1.7e308, 1.7e308, -1e150)


POINT = {"MetricName": "loss", "Timestamp": 1.5, "Value": 2.0, "Step": 3}


@pytest.mark.parametrize(
    ("change", "usual"),
    [
        ({}, True),
        ({"Step": None, "Value": 7, "Unknown": [1, {"a": "b"}]}, True),
        ({"MetricName": '\u640d\u5931 <b>\\"\u202e'}, True),
        ({"Value": "NaN"}, False),
        ({"Value": 10**400}, False),
        ({"Timestamp": "2026-01-01T00:00:00Z"}, False),
        ({"Step": 3.0}, False),
        ({"MetricName": 5}, False),
        ({"Value": None}, False),
        ({"Value": float("nan")}, False),
    ],
    ids="plain members script nan huge iso step name missing literal".split(),
)
def test_the_quick_reader_takes_what_is_usual_as_the_model_reads_it(
    change: dict[str, Any], usual: bool
) -> None:
    body = json.dumps({"TrialComponentName": "c", "MetricData": [{**POINT, **change}, POINT]}).encode()
    found = batches.read(body)
    assert (found is not None) == usual
    if found is not None:
        api = models.load("sagemaker-metrics")
        operation = api.operation("BatchPutMetrics") if api is not None else None
        assert operation is not None
        assert operation.input_shape is not None
        by_model = reader(operation.input_shape)(json.loads(body))
        request, checked = found
        assert checked == {**by_model, "MetricData": by_model["MetricData"][:1]}
        assert [
            {member: value for member, value in msgspec.to_builtins(one).items() if value is not None}
            for one in request["MetricData"]
        ] == by_model["MetricData"]


@pytest.mark.parametrize(
    "body",
    [b"", b"[]", b"{", b'{"MetricData": []}', b"[" * 100_000],
    ids=["empty", "list", "half", "nameless", "deep"],
)
def test_the_quick_reader_leaves_what_is_no_request_to_the_model(body: bytes) -> None:
    assert batches.read(body) is None


def test_every_point_is_kept_however_it_comes(experiments: Experiments, ctx: EngineContext) -> None:
    component(experiments, "c")
    number = experiments.metrics.number(REGION, "c")
    assert number is not None
    sent: list[Point] = []
    for size in [1] * 600 + [5, 1000, 1, 300, 2, 1]:
        points = [Point(float(len(sent) + more), float(more), len(sent) + more) for more in range(size)]
        experiments.metrics.put(REGION, "c", {"loss": points})
        sent += points
    assert list(unpack(experiments.metrics.series(number, "loss"))) == sent
    (found,) = described(experiments, "c")["Metrics"]
    assert (found["Count"], found["Last"]) == (len(sent), 0.0)
    with ctx.store.database.read() as connection:
        rows = connection.exec_driver_sql("SELECT count(*) FROM component_points").scalar_one()
    assert rows < 600 / BLOCK + BLOCK


def test_sixteen_writers_at_once_lose_nothing(experiments: Experiments) -> None:
    component(experiments, "c")

    def write(writer: int) -> None:
        for step in range(20):
            points = {"shared": [Point(1.0, float(writer), step)], f"own-{writer}": [Point(1.0, 1.0, step)]}
            experiments.metrics.put(REGION, "c", points)

    threads = [threading.Thread(target=write, args=(writer,)) for writer in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    counts = {row["MetricName"]: row["Count"] for row in described(experiments, "c")["Metrics"]}
    assert counts == {"shared": 320, **{f"own-{writer}": 20 for writer in range(16)}}
    number = experiments.metrics.number(REGION, "c")
    assert number is not None
    assert len(list(unpack(experiments.metrics.series(number, "shared")))) == 320


def test_a_log_that_is_read_anew_counts_once(experiments: Experiments) -> None:
    component(experiments, "job-aws-training-job")
    name = "job-aws-training-job"
    experiments.metrics.put(REGION, name, {"loss": [Point(1.0, 9.0)]})
    read = [("loss", 2.0, 1.0), ("loss", 3.0, 2.0), ("auc", 2.0, 0.5)]
    experiments.metrics.count_job_points(REGION, name, read, anew=True)
    experiments.metrics.count_job_points(REGION, name, [*read, ("loss", 4.0, 3.0)], anew=True)
    experiments.metrics.count_job_points(REGION, name, [("auc", 5.0, 0.75)], anew=False)
    found = {row["MetricName"]: row for row in described(experiments, name)["Metrics"]}
    assert (found["loss"]["Count"], found["loss"]["Max"], found["loss"]["Last"]) == (4, 9.0, 3.0)
    assert (found["auc"]["Count"], found["auc"]["Last"]) == (2, 0.75)


def test_news_of_metrics_come_at_once_and_then_seldom(ctx: EngineContext, experiments: Experiments) -> None:
    component(experiments, "c")
    told: list[str] = []

    def listen(change: Change) -> None:
        if change.kind == METRICS_KIND:
            told.append(change.name)

    ctx.store.changes.subscribe(listen)
    experiments.metrics.put(REGION, "c", {"loss": [Point(1.0, 1.0)]})
    assert told == ["c"]
    for step in range(50):
        experiments.metrics.put(REGION, "c", {"loss": [Point(1.0, 1.0, step)]})
    eventually(lambda: len(told) >= 2, what="the word at the end of the rest")
    assert len(told) < 20


def test_sampling_keeps_the_ends_and_the_extremes() -> None:
    import numpy

    values = numpy.sin(numpy.arange(10_000) / 50)
    values[1234], values[7777] = 99.0, -99.0
    kept = sample(values, 200)
    assert len(kept) <= 200
    assert {0, 9999, 1234, 7777} <= set(kept.tolist())


def training_job(name: str, **members: Any) -> Resource:
    document = {
        "TrainingJobName": name,
        "AlgorithmSpecification": {"TrainingImage": "image:1"},
        "ResourceConfig": {"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 5},
        "HyperParameters": {"eta": "0.1", "objective": "reg:squarederror"},
        "TrainingJobStatus": "InProgress",
        "SecondaryStatus": "Starting",
        "CreationTime": 1.0,
        "InputDataConfig": [
            {
                "ChannelName": "train",
                "ContentType": "text/csv; label_size=0",
                "DataSource": {"S3DataSource": {"S3Uri": "s3://b/train"}},
            }
        ],
        **members,
    }
    arn = f"arn:aws:sagemaker:{REGION}:000000000000:training-job/{name.lower()}"
    return Resource("TrainingJob", REGION, name, arn, "InProgress", 1.0, 1.0, document)


def test_a_job_without_experiment_makes_an_unassigned_component(
    ctx: EngineContext, experiments: Experiments
) -> None:
    ctx.store.resources.create(training_job("Job-1"))
    found = described(experiments, "Job-1-aws-training-job")
    assert found["Source"]["SourceType"] == "SageMakerTrainingJob"
    assert found["Parameters"]["eta"] == {"NumberValue": 0.1}
    assert found["Parameters"]["SageMaker.InstanceType"] == {"StringValue": "ml.m5.large"}
    assert found["InputArtifacts"] == {"train": {"MediaType": "text/csv", "Value": "s3://b/train"}}
    assert listing.list_trials(ctx.store, REGION, {"TrialComponentName": "job-1-aws-training-job"}) == {
        "TrialSummaries": []
    }

    def complete(job: Resource) -> None:
        job.status = "Completed"
        job.document.update(
            SecondaryStatus="Completed",
            TrainingEndTime=9.0,
            ModelArtifacts={"S3ModelArtifacts": "s3://b/m.tar.gz"},
        )

    experiments.components.update(
        REGION, "job-1-aws-training-job", {"Parameters": {"note": {"StringValue": "mine"}}}, {}
    )
    ctx.store.resources.change("TrainingJob", REGION, "Job-1", complete)
    found = described(experiments, "Job-1-aws-training-job")
    assert found["Status"] == {
        "PrimaryStatus": "Completed",
        "Message": "Status: Completed, secondary status: Completed, failure reason: .",
    }
    assert found["OutputArtifacts"] == {"SageMaker.ModelArtifact": {"Value": "s3://b/m.tar.gz"}}
    assert found["Parameters"]["note"] == {"StringValue": "mine"}
    assert found["EndTime"] == 9.0


def test_a_job_goes_where_its_experiment_config_says(ctx: EngineContext, experiments: Experiments) -> None:
    experiment(ctx)
    config = {"ExperimentName": "E", "TrialName": "T", "TrialComponentDisplayName": "Shown"}
    ctx.store.resources.create(training_job("one", ExperimentConfig=config))
    ctx.store.resources.create(training_job("two", ExperimentConfig={"ExperimentName": "e"}))
    for missing in ({"ExperimentName": "none"}, {"TrialName": "none"}):
        with pytest.raises(ResourceNotFound):
            ctx.store.resources.create(training_job("three", ExperimentConfig=missing))
    assert ctx.store.resources.find("TrainingJob", REGION, "three") is None
    in_trial = listing.list_components(ctx.store, REGION, {"TrialName": "t"})["TrialComponentSummaries"]
    assert [row["DisplayName"] for row in in_trial] == ["Shown"]
    trials = listing.list_trials(ctx.store, REGION, {"ExperimentName": "e"})["TrialSummaries"]
    assert {row["TrialName"] for row in trials} == {"t", "two-aws-trial"}


def test_an_autopilot_job_is_an_experiment_with_a_trial_a_job(
    ctx: EngineContext, experiments: Experiments
) -> None:
    arn = f"arn:aws:sagemaker:{REGION}:000000000000:automl-job/churn"
    job = Resource("AutoMLJob", REGION, "Churn", arn, "InProgress", 1.0, 1.0, {"AutoMLJobName": "Churn"})
    ctx.store.resources.create(job)
    child = training_job("Churn-dpp0-001", AutoMLJobArn=arn)
    child.parent = "HyperParameterTuningJob/Churn-tune"
    ctx.store.resources.create(child)
    found = entities.find_entity(ctx.store.resources, EXPERIMENT, REGION, "Churn-aws-auto-ml-job")
    assert found.document["Source"] == {"SourceArn": arn, "SourceType": "SageMakerAutoMLJob"}
    trials = listing.list_trials(ctx.store, REGION, {"ExperimentName": found.name})["TrialSummaries"]
    assert [row["TrialName"] for row in trials] == ["Churn-dpp0-001-aws-trial"]
    inside = listing.list_components(ctx.store, REGION, {"ExperimentName": found.name})
    assert [row["TrialComponentName"] for row in inside["TrialComponentSummaries"]] == [
        "Churn-dpp0-001-aws-training-job"
    ]


def test_a_component_that_was_deleted_does_not_come_back(
    ctx: EngineContext, experiments: Experiments
) -> None:
    ctx.store.resources.create(training_job("job"))
    experiments.components.delete(REGION, "job-aws-training-job")
    ctx.store.resources.change("TrainingJob", REGION, "job", lambda job: setattr(job, "status", "Stopped"))
    with pytest.raises(ResourceNotFound):
        described(experiments, "job-aws-training-job")


def test_jobs_of_an_older_version_get_their_components_once(
    ctx: EngineContext, experiments: Experiments
) -> None:
    job = training_job("old", ExperimentConfig={"ExperimentName": "never-made"})
    job.document["FinalMetricDataList"] = [{"MetricName": "loss", "Value": 2.0, "Timestamp": 2.0}]
    with ctx.store.database.write() as connection:
        insert_resource(connection, job)
    points = [MetricPoint("loss", 1.0, 3.0), MetricPoint("loss", 2.0, 2.0)]
    append_series(ctx.store.database, REGION, TRAINING_NAMESPACE, {"TrainingJobName": "old"}, points)
    ctx.store.resources.create(training_job("new"))
    assert make_missing(experiments) == 1
    (metric,) = described(experiments, "old-aws-training-job")["Metrics"]
    assert (metric["Count"], metric["Max"], metric["Last"]) == (2, 3.0, 2.0)
    experiments.components.delete(REGION, "old-aws-training-job")
    assert make_missing(experiments) == 0


@pytest.mark.parametrize(
    ("name", "operator", "value", "expected"),
    [
        ("HyperParameters.eta", "LessThan", "0.2", ["a"]),
        ("HyperParameters.eta", "Equals", "0.10", ["a"]),
        ("HyperParameters.objective", "GreaterThan", "0", []),
        ("AlgorithmSpecification.TrainingImage", "Contains", "IMAGE", ["a", "b"]),
        ("ResourceConfig.InstanceCount", "Equals", "1", ["a", "b"]),
        ("InputDataConfig.DataSource.S3DataSource.S3Uri", "Equals", "s3://b/train", ["a", "b"]),
        ("InputDataConfig.ChannelName", "NotEquals", "train", []),
        ("Metrics.loss", "GreaterThan", "0.5", ["b"]),
        ("Metrics.loss", "NotExists", None, ["a"]),
        ("EnableManagedSpotTraining", "Equals", "true", ["b"]),
        ("CreationTime", "Equals", "1970-01-01T00:00:01Z", ["a", "b"]),
        ("TrainingJobStatus", "In", "InProgress,Failed", ["a", "b"]),
    ],
)
def test_jobs_are_found_by_what_is_in_their_documents(
    ctx: EngineContext, name: str, operator: str, value: str | None, expected: list[str]
) -> None:
    metric = {"MetricName": "loss", "Value": 0.75, "Timestamp": 1.0}
    more: dict[str, Any] = {"FinalMetricDataList": [metric], "EnableManagedSpotTraining": True}
    ctx.store.resources.create(training_job("a"))
    ctx.store.resources.create(training_job("b", HyperParameters={"eta": "0.3"}, **more))
    condition = {"Name": name, "Operator": operator} | ({} if value is None else {"Value": value})
    call = Call("sagemaker", "Search", REGION, "0", "key", "id")

    def found(resource: str, **given: Any) -> list[dict[str, Any]]:
        request = {"Resource": resource, "SearchExpression": {"Filters": [given]}, "SortBy": "CreationTime"}
        output = search(ctx, call, {**request, "SortOrder": "Ascending"})
        results: list[dict[str, Any]] = read(output)["Results"]
        return results

    assert [row["TrainingJob"]["TrainingJobName"] for row in found("TrainingJob", **condition)] == expected
    if name.startswith("Metrics."):
        return
    of_component = {**condition, "Name": f"SourceDetail.TrainingJob.{name}"}
    rows = found("ExperimentTrialComponent", **of_component)
    assert [
        row["TrialComponent"]["SourceDetail"]["TrainingJob"]["TrainingJobName"] for row in rows
    ] == expected


def test_nested_filters_hold_for_one_element(ctx: EngineContext) -> None:
    ctx.store.resources.create(training_job("a"))
    call = Call("sagemaker", "Search", REGION, "0", "key", "id")
    for uri, expected in (("s3://b/train", 1), ("s3://other", 0)):
        filters = [
            {"Name": "InputDataConfig.ChannelName", "Operator": "Equals", "Value": "train"},
            {"Name": "InputDataConfig.DataSource.S3DataSource.S3Uri", "Operator": "Equals", "Value": uri},
        ]
        nested = {"NestedPropertyName": "InputDataConfig", "Filters": filters}
        output = search(
            ctx, call, {"Resource": "TrainingJob", "SearchExpression": {"NestedFilters": [nested]}}
        )
        assert read(output)["TotalHits"]["Value"] == expected
