"""The training and tuning pages' functions against the real engine and against moto."""

from __future__ import annotations

import random
import secrets
import tarfile
from datetime import datetime, timedelta, timezone
from io import BytesIO
from typing import TYPE_CHECKING, Any

import pytest

from smstudio_ext.routes.errors import failure_of
from smstudio_ext.studio import (
    buckets,
    deployment,
    endpoints_delete,
    training,
    training_create,
    training_metrics,
    tuning,
    tuning_create,
)
from smstudio_ext.studio.changes import take_snapshot
from smstudio_ext.studio.models.endpoints import DeleteEndpoint
from smstudio_ext.studio.models.training import DeployTrainingJob, ListTrainingJobs
from smstudio_ext.studio.models.training_form import TrainingChannel, TrainingForm, TrainingScript
from smstudio_ext.studio.models.tuning import ListTrials, ListTuningJobs, TuneRangeForm, TuningForm
from smstudio_ext.studio.problems import BadInput, Conflict
from tests.conftest import eventually
from tests.contract.studio_targets import engine_target

if TYPE_CHECKING:
    from pathlib import Path

    from smstudio_ext.target import Target
    from tests.conftest import RunningEngine


def unique(prefix: str) -> str:
    return f"{prefix}-{secrets.token_hex(4)}"


def xgboost_form(target: Target, **changes: Any) -> TrainingForm:
    numbers = random.Random(5)
    rows = [(numbers.random(), numbers.random()) for _ in range(300)]
    bucket, _ = buckets.ensure_bucket(target, None)
    body = "\n".join(f"{int(a + b > 1)},{a:.4f},{b:.4f}" for a, b in rows)
    target.client("s3").put_object(Bucket=bucket, Key="numbers.csv", Body=body.encode())
    values: dict[str, Any] = {
        "name": unique("form"),
        "algorithm": "xgboost",
        "version": "1.7-1",
        "hyperparameters": {"num_round": "30", "objective": "binary:logistic", "eval_metric": "auc,logloss"},
        "channels": [
            TrainingChannel(name=name, s3_uri=f"s3://{bucket}/numbers.csv", content_type="text/csv")
            for name in ("train", "validation")
        ],
    }
    return TrainingForm.model_validate({**values, **changes})


def ended(target: Target, name: str) -> Any:
    def look() -> Any:
        job = training.describe_training_job(target, name)
        return job if job.status not in ("InProgress", "Stopping") else None

    return eventually(look, timeout=60, what=f"the end of {name}")


def test_options_name_images_and_limits(place: Target) -> None:
    options = training_create.training_options(place)
    assert options.limits.name.max_length == 63
    assert options.limits.max_channels == 20
    assert options.output_s3_uri == f"s3://{place.default_bucket()}/training"
    xgboost = next(each for each in options.algorithms if each.name == "xgboost")
    assert xgboost.offered
    assert xgboost.versions[0].image.endswith(f"sagemaker-xgboost:{xgboost.versions[0].version}")
    assert options.role_arn == place.role_arn()


def test_form_makes_a_job_that_lists_filter(place: Target) -> None:
    form = xgboost_form(place, tags=[{"key": "team", "value": "forms"}])
    made = training_create.create_training_job(place, form, None)
    assert made.name == form.name
    now = datetime.now(timezone.utc)
    found = training.list_training_jobs(
        place, ListTrainingJobs(search=form.name, created_after=now - timedelta(hours=1))
    )
    assert [job.name for job in found.items] == [form.name]
    if place.kind == "local":  # moto does not filter by time
        old = ListTrainingJobs(search=form.name, created_before=now - timedelta(hours=1))
        assert training.list_training_jobs(place, old).items == []
    job = training.describe_training_job(place, form.name)
    assert job.hyperparameters["num_round"] == "30"
    assert [channel.channel for channel in job.inputs] == ["train", "validation"]
    with pytest.raises(Conflict):
        training_create.create_training_job(place, form, None)
    copy = training_create.clone_training_job(place, form.name)
    assert copy.name != form.name
    assert copy.hyperparameters == form.hyperparameters
    assert copy.channels == form.channels
    assert [tag.model_dump() for tag in copy.tags] == [{"key": "team", "value": "forms"}]
    assert training_create.plan_training_job(place, copy).problems == []


def test_bad_form_sends_nothing(place: Target) -> None:
    form = xgboost_form(place, hyperparameters={"num_round": "none"})
    with pytest.raises(BadInput) as caught:
        training_create.create_training_job(place, form, None)
    assert "hyperparameters.num_round" in dict(caught.value.fields)
    assert training.list_training_jobs(place, ListTrainingJobs(search=form.name)).items == []


def test_script_is_packed_and_sent(place: Target, tmp_path: Path) -> None:
    folder = tmp_path / "work"
    (folder / "__pycache__").mkdir(parents=True)
    (folder / "train.py").write_text("print('loss=1.5')\n")
    (folder / "__pycache__" / "train.pyc").write_bytes(b"x")
    (folder / "outside").symlink_to("/etc/passwd")
    form = xgboost_form(
        place,
        source="script",
        algorithm=None,
        framework="sklearn",
        version="1.2-1",
        script=TrainingScript(path="work"),
        hyperparameters={"depth": "3"},
    )
    with pytest.raises(BadInput) as caught:
        training_create.create_training_job(place, form, folder)
    assert "script.entry_point" in dict(caught.value.fields)
    form.script = TrainingScript(path="work", entry_point="train.py")
    training_create.create_training_job(place, form, folder)
    job = training.describe_training_job(place, form.name)
    assert (job.entry_point, job.source_s3_uri) == (
        "train.py",
        f"s3://{place.default_bucket()}/{form.name}/source/sourcedir.tar.gz",
    )
    packed = b"".join(buckets.read_object(place, job.source_s3_uri or ""))
    with tarfile.open(fileobj=BytesIO(packed)) as archive:
        assert archive.getnames() == ["train.py"]
    copy = training_create.clone_training_job(place, form.name)
    assert copy.script == TrainingScript(s3_uri=job.source_s3_uri, entry_point="train.py")


@pytest.mark.parametrize(
    ("metric", "defined"), [("test:dcg", True), ("validation:auc", False)], ids=["defined", "undefined"]
)
def test_metrics_come_from_cloudwatch_where_there_is_no_log(
    moto_target: Target, metric: str, defined: bool
) -> None:
    """Moto gives each job the one definition of `test:dcg`; of a job without any CloudWatch is asked what it has."""
    form = xgboost_form(moto_target)
    training_create.create_training_job(moto_target, form, None)
    now = datetime.now(timezone.utc)
    asked: list[str] = []
    target = moto_target.in_region(moto_target.region)  # with clients of its own
    target.client("cloudwatch").meta.events.register(
        "before-call", lambda model, **_: asked.append(model.name)
    )

    def undefined(parsed: dict[str, Any], **_: Any) -> None:
        parsed["AlgorithmSpecification"].pop("MetricDefinitions")

    if not defined:
        target.client("sagemaker").meta.events.register("after-call.sagemaker.DescribeTrainingJob", undefined)
    moto_target.client("cloudwatch").put_metric_data(
        Namespace=training_metrics.NAMESPACE,
        MetricData=[
            {
                "MetricName": metric,
                "Dimensions": [{"Name": "TrainingJobName", "Value": form.name}],
                "Timestamp": now,
                "Value": value,
            }
            for value in (0.5, 0.7)
        ],
    )
    found = training_metrics.training_metrics(target, form.name)
    assert (found.source, found.period_seconds) == ("cloudwatch", 60)
    series = {each.name: each for each in found.metrics}
    assert [round(point.value, 6) for point in series[metric].points] == [0.6]
    assert ("ListMetrics" in asked) != defined


def test_engine_job_is_measured_read_and_deployed(engine: RunningEngine) -> None:
    target = engine_target(engine)
    form = xgboost_form(target)
    training_create.create_training_job(target, form, None)
    job = ended(target, form.name)
    assert job.status == "Completed", job.failure_reason
    assert job.can_deploy
    found = training_metrics.training_metrics(target, form.name)
    assert found.source == "log"
    series = {each.name: each for each in found.metrics}
    assert {name: each.count for name, each in series.items()} == dict.fromkeys(
        ("train:auc", "train:logloss", "validation:auc", "validation:logloss"), 30
    )
    assert [point.step for point in series["train:auc"].points] == list(range(1, 31))
    final = {metric.name: metric.value for metric in job.metrics}
    assert series["validation:logloss"].points[-1].value == pytest.approx(final["validation:logloss"])
    text = b"".join(training.log_text(target, form.name, None)).decode()
    assert "[29]#011train-auc" in text
    assert text.splitlines()[0].startswith("20")
    endpoint = unique("form")
    made = deployment.deploy_training_job(target, form.name, DeployTrainingJob(endpoint_name=endpoint))
    assert made.endpoint_name == endpoint
    endpoints = target.client("sagemaker")
    eventually(
        lambda: endpoints.describe_endpoint(EndpointName=endpoint)["EndpointStatus"] == "InService",
        timeout=60,
        what="the endpoint",
    )
    answer = target.client("sagemaker-runtime").invoke_endpoint(
        EndpointName=endpoint, Body=b"0.9,0.9", ContentType="text/csv"
    )
    assert float(answer["Body"].read()) > 0.5
    endpoints_delete.delete_endpoint(target, endpoint, DeleteEndpoint(config=True, models=True))


def test_job_that_runs_has_nothing_to_deploy(engine: RunningEngine) -> None:
    target = engine_target(engine)
    form = xgboost_form(target, hyperparameters={"num_round": "1000000"})
    training_create.create_training_job(target, form, None)
    with pytest.raises(Conflict):
        deployment.deploy_training_job(target, form.name, DeployTrainingJob(endpoint_name="never"))
    training.stop_training_job(target, form.name)
    assert ended(target, form.name).status == "Stopped"


def test_tuning_form_finds_the_best_trial(engine: RunningEngine) -> None:
    target = engine_target(engine)
    form = TuningForm(
        name=unique("tune"),
        strategy="Random",
        objective="validation:logloss",
        direction="Minimize",
        max_jobs=3,
        random_seed=1,
        ranges=[
            TuneRangeForm(name="eta", kind="Continuous", min="0.1", max="0.5", scaling="Logarithmic"),
            TuneRangeForm(name="max_depth", kind="Integer", min="1", max="4"),
            TuneRangeForm(name="booster", kind="Categorical", values=["gbtree", "dart"]),
        ],
        training=xgboost_form(
            target,
            name="",
            hyperparameters={"num_round": "5", "objective": "binary:logistic", "eval_metric": "logloss"},
        ),
    )
    tuning_create.create_tuning_job(target, form, None)

    def look() -> Any:
        job = tuning.describe_tuning_job(target, form.name)
        return job if job.status not in ("InProgress", "Stopping") else None

    job = eventually(look, timeout=90, what="the end of the tuning job")
    assert (job.status, job.counters.completed) == ("Completed", 3), job.failure_reason
    first = tuning.list_trials(target, form.name, ListTrials(max_results=2))
    rest = tuning.list_trials(target, form.name, ListTrials(max_results=2, next_token=first.next_token))
    trials = first.items + rest.items
    assert len({trial.name for trial in trials}) == 3
    scores = [trial.objective for trial in trials if trial.objective is not None]
    assert job.best is not None
    assert job.best.objective == min(scores)
    assert set(trials[0].hyperparameters) == {"eta", "max_depth", "booster"}
    assert [(each.name, each.kind) for each in job.definitions[0].ranges] == [
        ("max_depth", "Integer"),
        ("eta", "Continuous"),
        ("booster", "Categorical"),
    ]
    listed = tuning.list_tuning_jobs(target, ListTuningJobs(search=form.name))
    assert [(each.name, each.counters.completed, each.max_jobs) for each in listed.items] == [
        (form.name, 3, 3)
    ]
    copy = tuning_create.clone_tuning_job(target, form.name)
    assert {each.name for each in copy.ranges} == {"eta", "max_depth", "booster"}
    assert copy.further == {}
    assert tuning_create.plan_tuning_job(target, copy).problems == []
    around = tuning_create.tune_training_job(target, trials[0].name)
    assert around.training.channels == form.training.channels
    assert ("HyperParameterTuningJob", form.name) in take_snapshot(target).resources
    with pytest.raises(Conflict):
        tuning_create.create_tuning_job(target, form, None)


def test_moto_shows_its_tuning_jobs_and_says_what_it_does_not_offer(moto_target: Target) -> None:
    form = TuningForm(
        name=unique("tune"),
        objective="validation:auc",
        direction="Maximize",
        ranges=[TuneRangeForm(name="eta", kind="Continuous", min="0.1", max="0.5")],
        training=xgboost_form(moto_target, name=""),
    )
    tuning_create.create_tuning_job(moto_target, form, None)
    listed = tuning.list_tuning_jobs(moto_target, ListTuningJobs(search=form.name))
    assert [each.name for each in listed.items] == [form.name]
    page = tuning.describe_tuning_job(moto_target, form.name)
    assert (page.objective, page.direction, page.strategy) == ("validation:auc", "Maximize", "Bayesian")
    assert page.definitions[0].ranges[0].max == "0.5"
    with pytest.raises(Exception) as caught:  # which one is what the mapper must know
        tuning.list_trials(moto_target, form.name, ListTrials())
    found = failure_of(caught.value, local=False)
    assert found is not None
    assert (found.status, found.code) == (501, "NotOffered")
    assert "ListTrainingJobsForHyperParameterTuningJob is not offered by this target" in found.message
