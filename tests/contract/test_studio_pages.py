"""The pages' functions against the real engine and against moto: the same code, two servers."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

import pytest
from botocore.exceptions import ClientError

from smstudio_ext.routes.errors import Failure, failure_of
from smstudio_ext.studio import (
    automl,
    automl_create,
    automl_deploy,
    buckets,
    endpoints,
    endpoints_delete,
    options,
    training,
)
from smstudio_ext.studio.changes import differences, take_snapshot
from smstudio_ext.studio.data import preview_s3
from smstudio_ext.studio.models.automl import CreateAutoMLJob, DeployCandidate, ListAutoMLJobs, ListCandidates
from smstudio_ext.studio.models.data import ListObjects, PreviewRequest, PutSample
from smstudio_ext.studio.models.endpoints import DeleteEndpoint, ListEndpoints
from smstudio_ext.studio.models.training import ListTrainingJobs, LogsQuery
from smstudio_ext.studio.problems import BadInput, Missing

if TYPE_CHECKING:
    from collections.abc import Callable

    from smstudio_ext.target import Target


def unique(prefix: str) -> str:
    return f"{prefix}-{secrets.token_hex(4)}"


def failure(work: Callable[[], object], target: Target) -> Failure:
    with pytest.raises(Exception) as caught:  # which one is what the mapper must know
        work()
    found = failure_of(caught.value, local=target.kind == "local")
    assert found is not None, repr(caught.value)
    return found


def churn_form(target: Target, name: str, /, **changes: object) -> CreateAutoMLJob:
    location = buckets.put_sample_data(target, "churn", PutSample())
    values: dict[str, object] = {
        "name": name,
        "input_s3_uri": location.s3_uri,
        "target": "Churn?",
        "problem_type": "BinaryClassification",
        "objective": "F1",
        "max_candidates": 2,
    }
    return CreateAutoMLJob.model_validate({**values, **changes})


def test_options_come_from_the_service_model(place: Target) -> None:
    found = options.get_options(place)
    assert found.limits.automl_job_name.max_length == 32
    assert found.defaults.bucket == place.default_bucket()
    assert found.limits.row_limit_enforced == (place.kind == "aws")
    assert found.defaults.role_arn == place.role_arn()


def test_sample_goes_to_the_default_bucket_and_is_previewed(place: Target) -> None:
    location = buckets.put_sample_data(place, "churn", PutSample())
    assert location.bucket == place.default_bucket()
    assert place.default_bucket() in [bucket.name for bucket in buckets.list_buckets(place).items]
    page = buckets.list_objects(place, ListObjects(bucket=location.bucket, prefix="samples/"))
    assert "churn.csv" in [found.name for found in page.objects]
    preview = preview_s3(place, PreviewRequest(source=location.s3_uri, sample_rows=3))
    assert (preview.row_count, preview.row_count_exact, preview.header) == (3333, True, True)
    assert preview.columns[-1].name == "Churn?"
    assert preview.columns[-1].kind == "boolean"
    assert len(preview.rows) == 3
    assert preview.warnings == []


def test_missing_things_are_not_found(place: Target) -> None:
    calls: list[Callable[[], object]] = [
        lambda: automl.describe_automl_job(place, "nowhere"),
        lambda: automl.stop_automl_job(place, "nowhere"),
        lambda: training.describe_training_job(place, "nowhere"),
        lambda: endpoints.describe_endpoint(place, "nowhere"),
        lambda: endpoints_delete.delete_endpoint(place, "nowhere", DeleteEndpoint()),
        lambda: buckets.list_objects(place, ListObjects(bucket="nobodys-bucket-of-all")),
        lambda: preview_s3(place, PreviewRequest(source=f"s3://{place.default_bucket()}/no/such/thing.csv")),
        lambda: buckets.put_sample_data(place, "mars", PutSample()),
        lambda: buckets.put_sample_data(place, "churn", PutSample(bucket="nobodys-bucket-of-all")),
    ]
    buckets.ensure_bucket(place, None)
    for call in calls:
        found = failure(call, place)
        assert found.status == 404, found
        assert found.message


def test_logs_of_a_job_that_never_wrote_are_empty(place: Target) -> None:
    page = training.training_job_logs(place, "nowhere", LogsQuery())
    assert (page.lines, page.streams, page.at_end) == ([], [], True)


def test_created_job_is_listed_found_and_described(place: Target) -> None:
    name = unique("listed")
    form = churn_form(place, name, tags=[{"key": "team", "value": "churn"}], complete=place.kind == "aws")
    created = automl_create.create_automl_job(place, form)
    assert created.output_s3_uri == f"s3://{place.default_bucket()}/autopilot/{name}"
    page = automl.list_automl_jobs(place, ListAutoMLJobs(search=name))
    assert [job.name for job in page.items] == [name]
    assert automl.list_automl_jobs(place, ListAutoMLJobs(search="no_such!name")).items == []
    job = automl.describe_automl_job(place, name)
    assert (job.target, job.problem_type, job.objective) == ("Churn?", "BinaryClassification", "F1")
    assert job.limits.max_candidates == 2
    assert job.inputs[0].s3_uri == form.input_s3_uri
    assert job.stages[0].label == "Analyzing Data"
    assert failure(lambda: automl_create.create_automl_job(place, form), place).status == 409


def test_changes_between_two_looks_are_seen(place: Target) -> None:
    before = take_snapshot(place)
    name = unique("noticed")
    automl_create.create_automl_job(place, churn_form(place, name, complete=place.kind == "aws"))
    now = take_snapshot(place)
    assert ("AutoMLJob", name) in [(change.kind, change.name) for change in differences(before, now)]
    gone = [change for change in differences(now, before) if change.name == name]
    assert [change.deleted for change in gone] == [True]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"name": "x" * 33}, "name"),
        ({"name": "has space"}, "name"),
        ({"name": ""}, "name"),
        ({"target": ""}, "target"),
        ({"input_s3_uri": "/home/me/churn.csv"}, "input_s3_uri"),
        ({"max_candidates": 0}, "max_candidates"),
        ({"max_candidates": 751}, "max_candidates"),
        ({"max_runtime_per_training_job_seconds": 0}, "max_runtime_per_training_job_seconds"),
        ({"max_job_runtime_seconds": 31 * 24 * 3600}, "max_job_runtime_seconds"),
        ({"objective": "MSE"}, "objective"),
        ({"problem_type": "Auto"}, "objective"),
        ({"validation_fraction": 1.0}, "validation_fraction"),
        ({"validation_fraction": 0.2, "validation_s3_uri": "s3://some-bucket/v.csv"}, "validation_fraction"),
        ({"algorithms": ["xgboost"]}, "algorithms"),
        ({"algorithms": ["fastai"], "mode": "HYPERPARAMETER_TUNING"}, "algorithms"),
        ({"role_arn": "me"}, "role_arn"),
        ({"security_group_ids": ["sg-1"]}, "subnets"),
        ({"sample_weight": "not a name"}, "sample_weight"),
        ({"complete": False, "auto_deploy": {}}, "auto_deploy"),
    ],
)
def test_forms_that_aws_would_refuse_name_the_field(
    moto_target: Target, changes: dict[str, object], field: str
) -> None:
    with pytest.raises(BadInput) as caught:
        automl_create.create_automl_job(moto_target, churn_form(moto_target, unique("bad"), **changes))
    assert field in dict(caught.value.fields)


def test_output_bucket_of_someone_else_is_missing(place: Target) -> None:
    form = churn_form(place, unique("nobucket"), output_s3_uri="s3://nobodys-bucket-of-all/out")
    with pytest.raises(Missing):
        automl_create.create_automl_job(place, form)


def test_lists_of_training_jobs_and_endpoints_answer(place: Target) -> None:
    assert training.list_training_jobs(place, ListTrainingJobs(search="no-such-job")).items == []
    assert endpoints.list_endpoints(place, ListEndpoints(search="no-such-endpoint")).items == []


def test_moto_does_not_offer_the_leaderboard(moto_target: Target) -> None:
    name = unique("board")
    automl_create.create_automl_job(moto_target, churn_form(moto_target, name))
    found = failure(lambda: automl.list_candidates(moto_target, name, ListCandidates()), moto_target)
    assert (found.status, found.code) == (501, "NotOffered")
    assert "ListCandidatesForAutoMLJob is not offered by this target" in found.message


def test_candidate_is_deployed_and_deleted_with_what_only_it_uses(moto_target: Target) -> None:
    name, endpoint = unique("deployed"), unique("endpoint")
    automl_create.create_automl_job(moto_target, churn_form(moto_target, name))
    made = automl_deploy.deploy_candidate(moto_target, name, DeployCandidate(endpoint_name=endpoint))
    page = endpoints.describe_endpoint(moto_target, endpoint)
    assert page.config_name == made.endpoint_config_name
    assert page.variants[0].model_name == made.model_name
    assert page.variants[0].instance_type == "ml.m5.large"
    again = failure(
        lambda: automl_deploy.deploy_candidate(moto_target, name, DeployCandidate(endpoint_name=endpoint)),
        moto_target,
    )
    assert again.status == 409
    everything = DeleteEndpoint(config=True, models=True, dry_run=True)
    plan = endpoints_delete.delete_endpoint(moto_target, endpoint, everything)
    assert (plan.config, plan.models, plan.done) == (made.endpoint_config_name, [made.model_name], False)
    assert endpoints.describe_endpoint(moto_target, endpoint).name == endpoint
    done = endpoints_delete.delete_endpoint(moto_target, endpoint, DeleteEndpoint(config=True, models=True))
    assert (done.models, done.kept, done.done) == ([made.model_name], [], True)
    assert failure(lambda: endpoints.describe_endpoint(moto_target, endpoint), moto_target).status == 404
    assert made.model_name not in model_names(moto_target)


def test_shared_parts_are_kept_when_an_endpoint_is_deleted(moto_target: Target) -> None:
    name, endpoint, other = unique("shared"), unique("endpoint"), unique("endpoint")
    automl_create.create_automl_job(moto_target, churn_form(moto_target, name))
    made = automl_deploy.deploy_candidate(moto_target, name, DeployCandidate(endpoint_name=endpoint))
    sagemaker = moto_target.client("sagemaker")
    sagemaker.create_endpoint(EndpointName=other, EndpointConfigName=made.endpoint_config_name)
    sagemaker.create_endpoint_config(
        EndpointConfigName=other,
        ProductionVariants=[
            {
                "VariantName": "v",
                "ModelName": made.model_name,
                "InstanceType": "ml.m5.large",
                "InitialInstanceCount": 1,
            }
        ],
    )
    done = endpoints_delete.delete_endpoint(moto_target, endpoint, DeleteEndpoint(config=True, models=True))
    assert (done.config, done.models) == (None, [])
    assert any(other in text and "endpoint configuration" in text for text in done.kept)
    assert any(made.model_name in text for text in done.kept)
    assert made.model_name in model_names(moto_target)


def test_failed_deployment_takes_back_what_it_made(moto_target: Target) -> None:
    name = unique("undone")
    automl_create.create_automl_job(moto_target, churn_form(moto_target, name))
    sagemaker = moto_target.client("sagemaker")
    models, configs = model_names(moto_target), sagemaker.list_endpoint_configs()["EndpointConfigs"]

    def refuse(**_: object) -> None:
        raise ClientError(
            {
                "Error": {"Code": "ResourceLimitExceeded", "Message": "Too many endpoints."},
                "ResponseMetadata": {"HTTPStatusCode": 400},
            },
            "CreateEndpoint",
        )

    sagemaker.meta.events.register("before-call.sagemaker.CreateEndpoint", refuse)
    try:
        found = failure(
            lambda: automl_deploy.deploy_candidate(
                moto_target, name, DeployCandidate(endpoint_name=unique("e"))
            ),
            moto_target,
        )
    finally:
        sagemaker.meta.events.unregister("before-call.sagemaker.CreateEndpoint", refuse)
    assert (found.status, found.code) == (400, "ResourceLimitExceeded")
    assert "quota" in (found.hint or "")
    assert model_names(moto_target) == models
    assert sagemaker.list_endpoint_configs()["EndpointConfigs"] == configs


@pytest.mark.parametrize(
    ("form", "field"),
    [
        ({"endpoint_name": "x" * 64}, "endpoint_name"),
        ({"endpoint_name": "under_score"}, "endpoint_name"),
        ({"endpoint_name": "fine", "instance_type": "ml.huge"}, "instance_type"),
        ({"endpoint_name": "fine", "instance_count": 0}, "instance_count"),
        ({"endpoint_name": "fine", "response_keys": ["mood"]}, "response_keys"),
    ],
)
def test_bad_deployments_name_the_field(moto_target: Target, form: dict[str, object], field: str) -> None:
    name = unique("bad")
    automl_create.create_automl_job(moto_target, churn_form(moto_target, name))
    with pytest.raises(BadInput) as caught:
        automl_deploy.deploy_candidate(moto_target, name, DeployCandidate.model_validate(form))
    assert field in dict(caught.value.fields)


def model_names(target: Target) -> list[str]:
    return [model["ModelName"] for model in target.client("sagemaker").list_models()["Models"]]
