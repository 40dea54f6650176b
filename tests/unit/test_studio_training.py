"""The training and tuning forms: catalogue, requests, checks, code, clones; no server but botocore's models."""

from __future__ import annotations

import ast
import json
from datetime import datetime, timezone
from typing import Any

import pytest

from smstudio_ext.engine.errors import AwsError
from smstudio_ext.engine.images.registry import ImageRegistry
from smstudio_ext.engine.images.tunable import declared
from smstudio_ext.studio import algorithms, image_uris, training_code, training_request
from smstudio_ext.studio.cloudwatch import thinned
from smstudio_ext.studio.job_logs import streams_text
from smstudio_ext.studio.models.training_form import (
    Hyperparameter,
    MetricDefinition,
    TrainingChannel,
    TrainingForm,
    TrainingScript,
)
from smstudio_ext.studio.models.tuning import TuneRangeForm, TuningForm
from smstudio_ext.studio.training_check import value_problem
from smstudio_ext.studio.training_create import plan_training_job
from smstudio_ext.studio.training_metrics import LogMetrics, log_values
from smstudio_ext.studio.tuning_create import plan_tuning_job
from smstudio_ext.target import Target

ROLE = "arn:aws:iam::123456789012:role/Training"


@pytest.fixture
def target(monkeypatch: pytest.MonkeyPatch) -> Target:
    """An AWS account that nobody calls: only its clients' models are read."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    monkeypatch.delenv("AWS_PROFILE", raising=False)
    found = Target.aws(None, "eu-west-1", ROLE, endpoint_url="http://127.0.0.1:9")
    monkeypatch.setattr(found, "default_bucket", lambda: "sagemaker-eu-west-1-123456789012")
    return found


def form(**changes: Any) -> TrainingForm:
    values: dict[str, Any] = {
        "name": "job",
        "algorithm": "xgboost",
        "version": "1.7-1",
        "hyperparameters": {"num_round": "10", "objective": "binary:logistic"},
        "channels": [{"name": "train", "s3_uri": "s3://bucket/train.csv", "content_type": "text/csv"}],
    }
    return TrainingForm.model_validate({**values, **changes})


def test_images_are_those_of_the_sdk_in_the_targets_region() -> None:
    newest = image_uris.image_versions("xgboost", "eu-west-1")[0]
    assert newest.image == f"141502667606.dkr.ecr.eu-west-1.amazonaws.com/sagemaker-xgboost:{newest.version}"
    oldest = image_uris.image_versions("xgboost", "us-east-1")[-1]
    assert oldest.image == "811284229777.dkr.ecr.us-east-1.amazonaws.com/xgboost:1"
    sklearn = image_uris.image_versions("sklearn", "us-east-1", python=True)
    assert sklearn[0].image.endswith("-cpu-py3")
    assert image_uris.image_versions("linear-learner", "cn-north-1")[0].image.endswith(
        ".dkr.ecr.cn-north-1.amazonaws.com.cn/linear-learner:1"
    )
    assert image_uris.image_versions("no-such-table", "us-east-1") == []


def test_every_image_names_its_algorithm_again(target: Target) -> None:
    for name in algorithms.catalogue():
        for version in image_uris.image_versions(algorithms.catalogue()[name]["config"], "eu-west-1"):
            assert algorithms.algorithm_of_image(version.image) == (name, version.version)
    image = algorithms.image_of(target, "sklearn", "1.2-1", framework=True)
    assert algorithms.framework_of_image(image) == ("sklearn", "1.2-1")
    assert algorithms.algorithm_of_image("111122223333.dkr.ecr.eu-west-1.amazonaws.com/mine:1") is None


@pytest.mark.parametrize("name", sorted(algorithms.catalogue()))
def test_catalogue_agrees_with_the_engines_algorithm(name: str) -> None:
    """What the form offers, the engine's image of the algorithm accepts: names, defaults and the ends of its ranges."""
    uri = image_uris.image_versions(algorithms.catalogue()[name]["config"], "us-east-1")[0].image
    try:
        image = ImageRegistry(discover=False).resolve(uri)
    except AwsError:
        pytest.skip("the engine does not offer this algorithm")
    assert image.train is not None
    known = declared(image)
    unknown = [each.name for each in algorithms.hyperparameters_of(name) if each.name not in known]
    assert unknown == []
    for each in algorithms.hyperparameters_of(name):
        values = [each.default, *(each.choices if each.kind in ("choice", "boolean") else ())]
        for value in filter(None, values):
            known[each.name].read(value)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"name": "has space"}, "name"),
        ({"name": "x" * 64}, "name"),
        ({"name": ""}, "name"),
        ({"algorithm": None}, "algorithm"),
        ({"algorithm": "magic"}, "algorithm"),
        ({"source": "image"}, "image"),
        ({"source": "image", "image": "i" * 256}, "image"),
        ({"source": "script"}, "framework"),
        ({"source": "script", "framework": "sklearn"}, "script.path"),
        (
            {"source": "script", "framework": "sklearn", "script": {"s3_uri": "s3://b-c/a.tar.gz"}},
            "script.entry_point",
        ),
        ({"hyperparameters": {"objective": "binary:logistic"}}, "hyperparameters.num_round"),
        ({"hyperparameters": {"num_round": "ten"}}, "hyperparameters.num_round"),
        ({"hyperparameters": {"num_round": "0"}}, "hyperparameters.num_round"),
        ({"hyperparameters": {"num_round": "1", "eta": "1.5"}}, "hyperparameters.eta"),
        ({"hyperparameters": {"num_round": "1", "objective": "best"}}, "hyperparameters.objective"),
        ({"hyperparameters": {"num_round": "1", "depth": "3"}}, "hyperparameters.depth"),
        ({"hyperparameters": {"num_round": "1", "eval_metric": "x" * 2501}}, "hyperparameters.eval_metric"),
        ({"channels": []}, "channels"),
        ({"channels": [{"name": "validation", "s3_uri": "s3://bucket/x"}]}, "channels"),
        ({"channels": [{"name": "train", "s3_uri": "/home/me/x.csv"}]}, "channels.0.s3_uri"),
        ({"channels": [{"name": "train", "s3_uri": ""}]}, "channels.0.s3_uri"),
        ({"channels": [{"name": "tr ain", "s3_uri": "s3://bucket/x"}]}, "channels.0.name"),
        ({"channels": [{"name": "train", "s3_uri": "s3://bucket/x"}] * 2}, "channels.1.name"),
        ({"instance_type": "ml.huge"}, "instance_type"),
        ({"instance_count": 0}, "instance_count"),
        ({"volume_gb": 0}, "volume_gb"),
        ({"max_runtime_seconds": 0}, "max_runtime_seconds"),
        ({"spot": True, "max_wait_seconds": 5}, "max_wait_seconds"),
        ({"output_s3_uri": "elsewhere"}, "output_s3_uri"),
        ({"role_arn": "me"}, "role_arn"),
        ({"environment": {"1BAD": "x"}}, "environment.1BAD"),
        ({"environment": {"A": "x" * 513}}, "environment.A"),
        ({"metric_definitions": [{"name": "a", "regex": "("}]}, "metric_definitions"),
        ({"metric_definitions": [{"name": "a", "regex": "loss"}]}, "metric_definitions"),
        ({"metric_definitions": [{"name": "a", "regex": "(.)"}] * 2}, "metric_definitions"),
        ({"tags": [{"key": "a", "value": "1"}, {"key": "a", "value": "2"}]}, "tags"),
        ({"further": {"VpcConfig": {"Subnets": ["subnet-1"]}}}, "further.VpcConfig.SecurityGroupIds"),
        ({"further": {"VpcConfig": "none"}}, "further.VpcConfig"),
        ({"further": {"NoSuchMember": 1}}, "further.NoSuchMember"),
    ],
)
def test_what_would_be_refused_names_its_field(target: Target, changes: dict[str, Any], field: str) -> None:
    found = plan_training_job(target, form(**changes)).problems
    assert field in [each.field for each in found], found


def test_good_form_has_no_problems_and_code_that_is_python(target: Target) -> None:
    plan = plan_training_job(
        target, form(tags=[{"key": "team", "value": ""}], environment={"A": 'say "hi"\n'})
    )
    assert plan.problems == []
    assert plan.request["OutputDataConfig"] == {
        "S3OutputPath": "s3://sagemaker-eu-west-1-123456789012/training"
    }
    for code in (plan.boto3, plan.sdk_v2, plan.sdk_v3):
        ast.parse(code)
    namespace: dict[str, Any] = {}
    sent: dict[str, Any] = {}

    class Client:
        def create_training_job(self, **request: Any) -> None:
            sent.update(request)

    lines = [line for line in plan.boto3.splitlines() if not line.startswith(("import", "sagemaker ="))]
    exec("\n".join(lines), {"sagemaker": Client()}, namespace)  # our own text, with a stand-in for the client
    assert sent == plan.request


def test_script_is_told_as_the_sdk_tells_it(target: Target) -> None:
    script = form(
        source="script",
        framework="sklearn",
        version="1.2-1",
        script={"path": "work/train.py"},
        hyperparameters={"depth": "3"},
        metric_definitions=[{"name": "loss", "regex": "loss=([0-9.]+)"}],
    )
    plan = plan_training_job(target, script)
    assert plan.problems == []
    parameters = plan.request["HyperParameters"]
    assert json.loads(parameters["sagemaker_program"]) == "train.py"
    assert (
        json.loads(parameters["sagemaker_submit_directory"])
        == "s3://sagemaker-eu-west-1-123456789012/job/source/sourcedir.tar.gz"
    )
    assert parameters["depth"] == "3"
    assert 'entry_point="train.py"' in plan.sdk_v2
    assert 'source_dir="work"' in plan.sdk_v2
    assert "from sagemaker.sklearn import SKLearn" in plan.sdk_v2
    assert 'framework_version="1.2-1"' in plan.sdk_v2
    assert "with_metric_definitions" in plan.sdk_v3


def test_clone_is_the_form_that_made_the_job(target: Target) -> None:
    first = form(
        spot=True,
        max_wait_seconds=90_000,
        environment={"A": "1"},
        further={"VpcConfig": {"SecurityGroupIds": ["sg-1"], "Subnets": ["subnet-1"]}},
        channels=[
            {
                "name": "train",
                "s3_uri": "s3://bucket/a",
                "compression": "Gzip",
                "input_mode": "Pipe",
                "shuffle_seed": 3,
            }
        ],
    )
    request = plan_training_job(target, first).request
    described = {
        **request,
        "EnableNetworkIsolation": False,
        "CreationTime": datetime.now(timezone.utc),
        "TrainingJobStatus": "Completed",
        "OutputDataConfig": {"KmsKeyId": "", "CompressionType": "GZIP", **request["OutputDataConfig"]},
    }
    described["AlgorithmSpecification"]["MetricDefinitions"] = [{"Name": "x", "Regex": "(.)"}]
    copy = training_request.form_of_job(target, described, name="copy")
    assert copy.further == first.further
    again = plan_training_job(target, copy)
    assert again.problems == []
    wanted = {**request, "TrainingJobName": "copy"}
    wanted["AlgorithmSpecification"] = {
        key: value for key, value in wanted["AlgorithmSpecification"].items() if key != "MetricDefinitions"
    }
    assert again.request == wanted


def test_clone_of_a_script_keeps_its_archive(target: Target) -> None:
    script = form(
        source="script", framework="pytorch", version="2.6.0", script={"path": "train.py"}, hyperparameters={}
    )
    request = plan_training_job(target, script).request
    copy = training_request.form_of_job(target, request, name="copy")
    assert (copy.source, copy.framework, copy.version) == ("script", "pytorch", "2.6.0")
    assert copy.script == TrainingScript(
        s3_uri="s3://sagemaker-eu-west-1-123456789012/job/source/sourcedir.tar.gz", entry_point="train.py"
    )
    assert copy.hyperparameters == {}


def test_names_of_copies_do_not_grow() -> None:
    now = datetime(2026, 11, 21, 7, 8, 9, tzinfo=timezone.utc)
    once = training_request.copy_name("x" * 63, now, 63)
    assert once == f"{'x' * 46}-copy-1121-070809"[:63]
    assert training_request.copy_name(once, now, 63) == once
    assert len(training_request.copy_name("y" * 32, now, 32)) == 32


def tuning(**changes: Any) -> TuningForm:
    values: dict[str, Any] = {
        "name": "tuning",
        "objective": "validation:auc",
        "direction": "Maximize",
        "ranges": [{"name": "eta", "kind": "Continuous", "min": "0.1", "max": "0.5"}],
        "training": form(name=""),
    }
    return TuningForm.model_validate({**values, **changes})


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"name": "x" * 33}, "name"),
        ({"objective": ""}, "objective"),
        ({"ranges": []}, "ranges"),
        ({"ranges": [{"name": "eta", "kind": "Continuous", "min": "0.5", "max": "0.1"}]}, "ranges.0"),
        ({"ranges": [{"name": "eta", "kind": "Continuous", "min": "low", "max": "0.1"}]}, "ranges.0"),
        ({"ranges": [{"name": "eta", "kind": "Continuous", "min": "0", "max": "2"}]}, "ranges.0"),
        ({"ranges": [{"name": "eta", "kind": "Integer", "min": "0.1", "max": "1"}]}, "ranges.0"),
        ({"ranges": [{"name": "depth", "kind": "Integer", "min": "1", "max": "2"}]}, "ranges.0"),
        ({"ranges": [{"name": "booster", "kind": "Categorical", "values": []}]}, "ranges.0"),
        (
            {
                "ranges": [
                    {"name": "alpha", "kind": "Continuous", "min": "0", "max": "1", "scaling": "Logarithmic"}
                ]
            },
            "ranges.0",
        ),
        ({"strategy": "Grid"}, "ranges.0"),
        ({"max_jobs": None}, "max_jobs"),
        ({"max_jobs": 2, "max_parallel": 3}, "max_parallel"),
        ({"max_runtime_seconds": 60}, "max_runtime_seconds"),
        ({"max_not_improving": 1}, "max_not_improving"),
        ({"warm_start": "TransferLearning"}, "parents"),
        ({"training": form(name="", channels=[])}, "training.channels"),
        ({"training": form(name="", hyperparameters={})}, "training.hyperparameters.num_round"),
        ({"training": form(name="", source="image", image="mine:1")}, "training.metric_definitions"),
    ],
)
def test_tuning_forms_that_would_be_refused_name_the_field(
    target: Target, changes: dict[str, Any], field: str
) -> None:
    found = plan_tuning_job(target, tuning(**changes)).problems
    assert field in [each.field for each in found], found


def test_tuned_hyperparameters_are_not_static(target: Target) -> None:
    plan = plan_tuning_job(
        target,
        tuning(
            ranges=[TuneRangeForm(name="num_round", kind="Integer", min="5", max="20")],
            target_value=0.9,
            warm_start="IdenticalDataAndAlgorithm",
            parents=["older"],
        ),
    )
    assert plan.problems == []
    definition = plan.request["TrainingJobDefinition"]
    assert definition["StaticHyperParameters"] == {"objective": "binary:logistic"}
    assert "TrainingJobName" not in definition
    assert plan.request["HyperParameterTuningJobConfig"]["ParameterRanges"] == {
        "IntegerParameterRanges": [
            {"Name": "num_round", "MinValue": "5", "MaxValue": "20", "ScalingType": "Auto"}
        ]
    }
    for code in (plan.boto3, plan.sdk_v2, plan.sdk_v3):
        ast.parse(code)
    assert "# Not in this script, but in the request: TuningJobCompletionCriteria" in plan.sdk_v2


@pytest.mark.parametrize(
    ("declared", "value", "wrong"),
    [
        ({"kind": "integer", "min": 1}, "1", False),
        ({"kind": "integer", "min": 1}, "1.5", True),
        ({"kind": "number", "min": 0, "max": 1}, "1e-3", False),
        ({"kind": "number", "min": 0, "max": 1}, "nan", True),
        ({"kind": "number", "default": "auto"}, "auto", False),
        ({"kind": "choice", "choices": ["a", "b"]}, "c", True),
        ({"kind": "boolean"}, "yes", True),
        ({"kind": "text"}, "anything", False),
    ],
)
def test_values_are_checked_by_kind(declared: dict[str, Any], value: str, wrong: bool) -> None:
    problem = value_problem(Hyperparameter.model_validate({"name": "p", **declared}), value)
    assert bool(problem) == wrong, problem


def test_metrics_are_found_in_lines_of_every_shape() -> None:
    reader = LogMetrics(
        {"auc": r"auc:([0-9.]+)", "fifth": r"epoch 5 (\d+)", "bad": "(", "loss": r"loss=([-0-9.e]+|nan)"}
    )
    lines = [
        "[1] auc:0.5",
        "[22] auc:0.75",
        "epoch 4 1",
        "epoch 5 2",
        "loss=1e-3 auc:0.8",
        "loss=nan",
        "nothing",
    ]
    found = [value for line in lines for value in reader.read(line)]
    assert found == [("auc", 0.5), ("auc", 0.75), ("fifth", 2.0), ("auc", 0.8), ("loss", 0.001)]


def test_thinning_keeps_peaks_and_ends() -> None:
    values = [(float(n), 1000.0 if n == 5555 else float(n % 7)) for n in range(10_000)]
    kept = thinned(values, 100)
    assert len(kept) <= 100
    assert (kept[0][0], kept[-1][0]) == (1, 10_000)
    assert max(value for _, _, value in kept) == 1000.0
    assert [step for step, _, _ in kept] == sorted(step for step, _, _ in kept)
    assert thinned(values[:3], 100) == [(1, 0.0, 0.0), (2, 1.0, 1.0), (3, 2.0, 2.0)]


def test_long_values_are_broken_into_lines() -> None:
    text = training_code.literal({"a": ["x" * 40, "y" * 40], "b": training_code.Call("F", 1, two="z" * 70)})
    assert ast.parse(text.replace("F(", "dict("), mode="eval")
    assert max(map(len, text.splitlines())) < 100


def test_models_refuse_what_they_do_not_know() -> None:
    with pytest.raises(ValueError, match="nane"):
        TrainingForm.model_validate({"nane": "x"})
    assert MetricDefinition(name="a", regex="(.)").name == "a"
    assert TrainingChannel(name="a", s3_uri="s3://b/c").data_type == "S3Prefix"


class OneStream:
    """CloudWatch Logs with one stream that grows; counts what is read."""

    class meta:
        endpoint_url = "http://logs"

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.told = 0
        self.broken = False
        self.grows = False
        self.now = datetime.now(timezone.utc).timestamp() * 1000 + 60_000

    def client(self, _: str) -> OneStream:
        return self

    def describe_log_streams(self, **_: Any) -> dict[str, Any]:
        return {"logStreams": [{"logStreamName": "job/algo-1-1"}]}

    def get_log_events(self, *, nextToken: str = "f/0", endTime: float = 2e15, **_: Any) -> dict[str, Any]:
        if self.broken:
            raise RuntimeError("expired")
        if self.grows:
            self.lines.append("later")
        start = int(nextToken[2:])
        found = self.lines[start : start + 3]
        self.told += len(found)
        return {
            "events": [
                {"timestamp": 1000, "message": line}
                for line in found
                if line != "later" or endTime > self.now
            ],
            "nextForwardToken": f"f/{start + len(found)}",
        }


def test_log_of_a_running_job_is_read_on_not_anew() -> None:
    logs: Any = OneStream()
    job = {"TrainingJobName": "job", "TrainingJobArn": "arn:job", "CreationTime": 1}

    def look() -> list[float]:
        values, truncated = log_values(logs, job, {"loss": "loss=([0-9.]+)"})
        assert not truncated
        return [value for _, value in values.get("loss", [])]

    assert look() == []
    logs.lines += [f"loss={n}" for n in range(5)]
    assert look() == [0, 1, 2, 3, 4]
    assert look() == [0, 1, 2, 3, 4]
    assert logs.told == 5
    logs.lines += ["no metric", "loss=9"]
    assert look() == [0, 1, 2, 3, 4, 9]
    assert logs.told == 7
    logs.broken = True  # e.g. a token that is too old
    with pytest.raises(RuntimeError):
        look()
    logs.broken = False
    assert look() == [0, 1, 2, 3, 4, 9]
    assert logs.told == 14


def test_log_that_is_too_long_is_left_to_cloudwatch(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("smstudio_ext.studio.training_metrics.MAX_EVENTS", 4)
    logs: Any = OneStream()
    logs.lines = [f"loss={n}" for n in range(9)]
    job = {"TrainingJobName": "job", "TrainingJobArn": "arn:long", "CreationTime": 1}
    for _ in range(2):
        assert log_values(logs, job, {"loss": "loss=([0-9.]+)"}) == ({}, True)
    assert logs.told == 6


def test_text_of_a_log_that_grows_has_an_end() -> None:
    logs = OneStream()
    logs.lines = [f"line {n}" for n in range(7)]
    logs.grows = True
    text = b"".join(streams_text(logs, "group", ["job/algo-1-1"])).decode()
    assert [line.partition(" ")[2] for line in text.splitlines()] == [f"line {n}" for n in range(7)]
