"""The batch transform and models pages' functions against the real engine and against moto."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any

import pytest

from smstudio_ext.routes.errors import failure_of
from smstudio_ext.studio import (
    buckets,
    endpoints_delete,
    model_pages,
    training,
    training_create,
    transform,
    transform_create,
)
from smstudio_ext.studio.changes import take_snapshot
from smstudio_ext.studio.models.data import PeekObject
from smstudio_ext.studio.models.endpoints import DeleteEndpoint
from smstudio_ext.studio.models.model_pages import DeployModel, ListModels
from smstudio_ext.studio.models.training import LogsQuery, TrainingJob
from smstudio_ext.studio.models.training_form import TrainingChannel, TrainingForm
from smstudio_ext.studio.models.transform import ListTransformJobs, ListTransformOutputs, TransformForm
from smstudio_ext.studio.problems import BadInput, Conflict, Missing
from tests.conftest import eventually
from tests.contract.studio_targets import engine_target

if TYPE_CHECKING:
    from smstudio_ext.target import Target
    from tests.conftest import RunningEngine

IMAGE = "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-xgboost:1.7-1"


def unique(prefix: str) -> str:
    return f"{prefix}-{secrets.token_hex(4)}"


def put(target: Target, key: str, body: str) -> str:
    bucket, _ = buckets.ensure_bucket(target, None)
    target.client("s3").put_object(Bucket=bucket, Key=key, Body=body.encode())
    return f"s3://{bucket}/{key}"


def model(target: Target, **container: Any) -> str:
    """A model that nothing has to load."""
    name = unique("model")
    target.client("sagemaker").create_model(
        ModelName=name,
        PrimaryContainer={
            "Image": IMAGE,
            "ModelDataUrl": put(target, "models/nothing.tar.gz", ""),
            "Environment": {"COLOUR": "red"},
            **container,
        },
        ExecutionRoleArn=target.role_arn(),
    )
    return name


def form(target: Target, made: str, **changes: Any) -> TransformForm:
    values: dict[str, Any] = {
        "name": unique("batch"),
        "model_name": made,
        "input_s3_uri": put(target, "batch/rows.csv", "7,0.2,0.1\n8,0.9,0.8\n"),
        "input_filter": "$[1:]",
        "output_filter": "$[0,-1]",
        "join": True,
    }
    return TransformForm.model_validate({**values, **changes})


@pytest.fixture(scope="module")
def trained(engine: RunningEngine) -> tuple[Target, str]:
    """A model that the engine trained: whether two numbers together are above 1."""
    target = engine_target(engine)
    rows = [(a / 20, b / 20) for a in range(20) for b in range(20)]
    uri = put(target, "pairs.csv", "\n".join(f"{int(a + b > 1)},{a},{b}" for a, b in rows))
    job = TrainingForm(
        name=unique("pairs"),
        algorithm="xgboost",
        version="1.7-1",
        hyperparameters={"num_round": "20", "objective": "binary:logistic"},
        channels=[TrainingChannel(name="train", s3_uri=uri, content_type="text/csv")],
    )
    training_create.create_training_job(target, job, None)

    def look() -> TrainingJob | None:
        seen = training.describe_training_job(target, job.name)
        return seen if seen.status == "Completed" else None

    found = eventually(look, timeout=60, what="the training job's end")
    assert found is not None
    return target, model(target, Image=found.image, ModelDataUrl=found.model_s3_uri)


def ended(target: Target, name: str) -> Any:
    def look() -> Any:
        job = transform.describe_transform_job(target, name)
        return job if job.status not in ("InProgress", "Stopping") else None

    return eventually(look, timeout=60, what=f"the end of {name}")


def test_options_come_from_the_model_of_the_service(place: Target) -> None:
    made = model(place)
    options = transform_create.transform_options(place)
    assert made in options.models
    assert options.limits.name.max_length == 63
    assert options.limits.max_environment == 16
    assert "ml.m5.large" in {each.name for each in options.instance_types}
    assert options.output_s3_uri == f"s3://{place.default_bucket()}/transform"


def test_form_makes_a_job_that_is_listed_and_cloned(place: Target) -> None:
    sent = form(
        place,
        model(place),
        max_payload_mb=20,
        strategy="SingleRecord",
        environment={"LEVEL": "3"},
        tags=[{"key": "team", "value": "batch"}],
        further={"ModelClientConfig": {"InvocationsMaxRetries": 2}},
    )
    assert transform_create.plan_transform_job(place, sent).problems == []
    made = transform_create.create_transform_job(place, sent)
    assert made.output_s3_uri == f"s3://{place.default_bucket()}/transform/{sent.name}"
    with pytest.raises(Conflict):
        transform_create.create_transform_job(place, sent)
    found = transform.list_transform_jobs(place, ListTransformJobs(search=sent.name))
    assert [job.name for job in found.items] == [sent.name]
    job = transform.describe_transform_job(place, sent.name)
    assert (job.model_name, job.join, job.split) == (sent.model_name, "Input", "Line")
    copy = transform_create.clone_transform_job(place, sent.name)
    assert copy.name != sent.name
    known = {"name", "output_s3_uri", "further"}
    assert copy.model_dump(exclude=known) == sent.model_dump(exclude=known)
    assert copy.output_s3_uri is None  # a folder of its own, as the first had
    if place.kind == "local":  # moto does not keep ModelClientConfig
        assert copy.further == sent.further
        ended(place, sent.name)


def test_bad_forms_name_their_fields(place: Target) -> None:
    made = model(place)
    for changes, field in (
        ({"name": "a b"}, "name"),
        ({"input_s3_uri": "/data/rows.csv"}, "input_s3_uri"),
        ({"input_s3_uri": ""}, "input_s3_uri"),
        ({"output_s3_uri": "rows"}, "output_s3_uri"),
        ({"instance_count": 0}, "instance_count"),
        ({"instance_type": "ml.none.large"}, "instance_type"),
        ({"max_payload_mb": 101}, "max_payload_mb"),
        ({"input_filter": "[1:]"}, "input_filter"),
        ({"output_filter": "$" + "." * 80}, "output_filter"),
        ({"assemble": "None"}, "assemble"),
        ({"environment": {"1x": "y"}}, "environment.1x"),
        ({"further": {"Nothing": 1}}, "further.Nothing"),
        ({"model_name": "no-such-model"}, "model_name"),
    ):
        bad = form(place, made, **changes)
        with pytest.raises(BadInput) as caught:
            transform_create.create_transform_job(place, bad)
        assert field in dict(caught.value.fields), changes
        assert transform.list_transform_jobs(place, ListTransformJobs(search=bad.name)).items == []


def test_outputs_are_read_from_where_they_were_written(trained: tuple[Target, str]) -> None:
    target, name = trained
    sent = form(target, name)
    other = put(target, f"transform/{sent.name}/older.csv.txt", "not of the job")
    transform_create.create_transform_job(target, sent)
    assert ended(target, sent.name).status == "Completed"
    outputs = transform.list_outputs(target, sent.name, ListTransformOutputs())
    assert [each.name for each in outputs.items] == ["rows.csv.out"]
    assert other not in {each.s3_uri for each in outputs.items}
    start = buckets.peek_object(target, PeekObject(uri=outputs.items[0].s3_uri))
    assert start.whole
    rows = [line.split(",") for line in (start.text or "").split()]
    assert [row[0] for row in rows] == ["7", "8"]
    assert float(rows[0][1]) < 0.5 < float(rows[1][1])
    log = transform.transform_job_logs(target, sent.name, LogsQuery(from_start=True))
    assert all(stream.startswith(f"{sent.name}/") for stream in log.streams)
    with pytest.raises(Missing):
        transform.transform_job_logs(target, sent.name, LogsQuery(stream="another/algo"))
    text = b"".join(transform.transform_log_text(target, sent.name, None)).decode()
    assert all(stream in text for stream in log.streams) or len(log.streams) < 2


def test_model_says_who_uses_it(trained: tuple[Target, str]) -> None:
    target, name = trained
    endpoint = unique("uses")
    made = model_pages.deploy_model(target, name, DeployModel(endpoint_name=endpoint))
    assert made.model_name == name
    try:
        page = model_pages.describe_model(target, name)
        assert model_pages.model_endpoints(target, name).names == [endpoint]
        assert page.containers[0].environment == {"COLOUR": "red"}
        with pytest.raises(Conflict):
            model_pages.deploy_model(target, name, DeployModel(endpoint_name=endpoint))
        eventually(
            lambda: (
                target.client("sagemaker").describe_endpoint(EndpointName=endpoint)["EndpointStatus"]
                != "Creating"
            ),
            timeout=60,
            what="the endpoint",
        )
    finally:
        endpoints_delete.delete_endpoint(target, endpoint, DeleteEndpoint(config=True))
    assert target.client("sagemaker").describe_model(ModelName=name)["ModelName"] == name


def test_models_are_listed_shown_and_deleted(place: Target) -> None:
    name = model(place)
    listed = {each.name for each in model_pages.list_models(place, ListModels(search=name)).items}
    assert listed == {name} if place.kind == "local" else name in listed  # moto does not search models
    assert ("Model", name) in take_snapshot(place).resources
    page = model_pages.describe_model(place, name)
    assert page.containers[0].image == IMAGE
    assert model_pages.model_endpoints(place, name).names == []
    assert model_pages.model_transform_jobs(place, name).names == []
    assert model_pages.delete_model(place, name).name == name
    assert name not in {each.name for each in model_pages.list_models(place, ListModels(search=name)).items}
    with pytest.raises(Exception, match=name) as caught:
        model_pages.describe_model(place, name)
    failure = failure_of(caught.value, local=place.kind == "local")
    assert failure is not None
    assert failure.status == 404


@pytest.mark.parametrize(
    ("body", "text", "whole"),
    [
        (b"", "", True),
        (b"a,b\n", "a,b\n", True),
        (b"\x93NUMPY", None, True),
        (b"x" * 20_000, "x" * 16_384, False),
        (b"row\n" * 10_000, "row\n" * 4096, False),
        ("é".encode() * 10_000, "é" * 8192, False),
        (b"x" + "é".encode() * 10_000, "x" + "é" * 8191, False),
    ],
)
def test_start_of_an_object_is_whole_lines_of_text(
    moto_target: Target, body: bytes, text: str | None, whole: bool
) -> None:
    bucket, _ = buckets.ensure_bucket(moto_target, None)
    moto_target.client("s3").put_object(Bucket=bucket, Key="start", Body=body)
    start = buckets.peek_object(moto_target, PeekObject(uri=f"s3://{bucket}/start"))
    assert (start.text, start.whole, start.size) == (text, whole, len(body))
