"""The page of one model of an Autopilot experiment, and making a SageMaker model of it."""

from __future__ import annotations

from typing import Any

from smstudio_ext.studio.automl import candidate_of, job_page
from smstudio_ext.studio.automl_deploy import candidate_containers, candidate_document
from smstudio_ext.studio.buckets import split_s3_uri
from smstudio_ext.studio.limits import check_request
from smstudio_ext.studio.models.automl import AutoMLJob, Candidate
from smstudio_ext.studio.models.automl_pages import (
    Artifact,
    CandidateDetails,
    CreateCandidateModel,
    CreatedCandidateModel,
)
from smstudio_ext.studio.problems import Conflict
from smstudio_ext.target import Target

Document = dict[str, Any]

_REPORT_FILES = 200
_MODEL_FIELDS = {"ModelName": "name", "Tags": "tags", "Tags.Key": "tags", "Tags.Value": "tags"}


def describe_candidate(target: Target, name: str, candidate: str) -> CandidateDetails:
    """The page of a model.

    Raises:
        Missing: the experiment has no such candidate.
    """
    sagemaker = target.client("sagemaker")
    described = sagemaker.describe_auto_ml_job_v2(AutoMLJobName=name)
    job = job_page(described)
    best = job.best_candidate
    document = candidate_document(sagemaker, described, candidate)
    found = candidate_of(document, best_name=best.name if best else None)
    training = _training_job(target, found)
    return CandidateDetails(
        job=name,
        problem_type=job.resolved_problem_type,
        on_table=job.on_table,
        candidate=found,
        training_job=training.get("TrainingJobName"),
        training_image=training.get("AlgorithmSpecification", {}).get("TrainingImage"),
        training_instance=training.get("ResourceConfig", {}).get("InstanceType"),
        hyperparameters=training.get("HyperParameters", {}),
        artifacts=_artifacts(job, found, training, backtest_location(document)),
        reports=report_files(target, found.explainability_s3_uri)
        + report_files(target, found.insights_s3_uri)
        + report_files(target, backtest_location(document), "backtest"),
        security=job.security,
        role_arn=job.role_arn,
        network_isolation=training.get("EnableNetworkIsolation"),
    )


def create_candidate_model(target: Target, name: str, form: CreateCandidateModel) -> CreatedCandidateModel:
    """Makes a model of a candidate's containers, as the SDK's `AutoML.create_model` does.

    Raises:
        BadInput: with the fields that AWS would refuse.
        Missing: the experiment has no such candidate, or none yet.
        Conflict: the name is in use, or the candidate is not finished.
    """
    from botocore.exceptions import ClientError

    sagemaker = target.client("sagemaker")
    job = sagemaker.describe_auto_ml_job_v2(AutoMLJobName=name)
    containers = candidate_containers(candidate_document(sagemaker, job, form.candidate), form.response_keys)
    request: Document = {
        "ModelName": form.name,
        "ExecutionRoleArn": job["RoleArn"],
        "Tags": [{"Key": tag.key, "Value": tag.value} for tag in form.tags],
    }
    request |= {"PrimaryContainer": containers[0]} if len(containers) == 1 else {"Containers": containers}
    network = job.get("SecurityConfig", {}).get("VpcConfig")
    if network:
        request["VpcConfig"] = network
    check_request(sagemaker, "CreateModel", request, _MODEL_FIELDS)
    try:
        sagemaker.describe_model(ModelName=form.name)
    except ClientError:
        pass  # not found; any other trouble shows in the create call itself
    else:
        raise Conflict(f"A model named {form.name!r} exists already.", hint="Choose another name.")
    answer = sagemaker.create_model(**request)
    return CreatedCandidateModel(name=form.name, arn=answer["ModelArn"])


def report_files(target: Target, location: str | None, kind: str = "report") -> list[Artifact]:
    """The files of a report, by name; those of a folder of up to 200."""
    if not location:
        return []
    bucket, key = split_s3_uri(location)
    answer = target.client("s3").list_objects_v2(Bucket=bucket, Prefix=key, MaxKeys=_REPORT_FILES)
    folder = key.rstrip("/")
    return [
        Artifact(
            kind=kind,
            name=found["Key"][len(folder) :].lstrip("/") or found["Key"].rpartition("/")[2],
            s3_uri=f"s3://{bucket}/{found['Key']}",
            folder=False,
            size=found["Size"],
        )
        for found in answer.get("Contents", [])
        if found["Key"] == key or found["Key"].startswith(f"{folder}/")
    ]


def backtest_location(candidate: Document) -> str | None:
    """Where a forecasting candidate's back-test lies."""
    properties = candidate.get("CandidateProperties", {})
    location: str | None = properties.get("CandidateArtifactLocations", {}).get("BacktestResults")
    return location


def _training_job(target: Target, candidate: Candidate) -> Document:
    """The description of the job that fitted the model: the last training job of the candidate's steps."""
    from botocore.exceptions import ClientError

    names = [step.name for step in candidate.steps if step.kind == "TrainingJob"]
    if not names:
        return {}
    try:
        job: Document = target.client("sagemaker").describe_training_job(TrainingJobName=names[-1])
    except ClientError as error:
        if error.response["Error"]["Code"] not in ("ValidationException", "ResourceNotFound"):
            raise
        return {}  # it was deleted; what the candidate itself says remains
    return job


def _artifacts(
    job: AutoMLJob, candidate: Candidate, training: Document, backtest: str | None
) -> list[Artifact]:
    found = [
        Artifact(kind="input", name=channel.channel, s3_uri=channel.s3_uri, folder=False)
        for channel in job.inputs
    ]
    for channel in training.get("InputDataConfig", []):
        uri = channel.get("DataSource", {}).get("S3DataSource", {}).get("S3Uri")
        if uri:
            found.append(
                Artifact(kind="training-input", name=channel["ChannelName"], s3_uri=uri, folder=True)
            )
    found += [
        Artifact(
            kind="model",
            name=container.image.rpartition("/")[2],
            s3_uri=container.model_data_url,
            folder=False,
        )
        for container in candidate.containers
    ]
    for kind, uri in (
        ("candidate-definition", job.candidate_definition_notebook),
        ("data-exploration", job.data_exploration_notebook),
    ):
        if uri:
            found.append(Artifact(kind="notebook", name=kind, s3_uri=uri, folder=False))
    for kind, uri in (
        ("explainability", candidate.explainability_s3_uri),
        ("model-insights", candidate.insights_s3_uri),
        ("backtest", backtest),
    ):
        if uri:
            found.append(Artifact(kind="report", name=kind, s3_uri=uri, folder=True))
    return list({(each.kind, each.s3_uri): each for each in found}.values())
