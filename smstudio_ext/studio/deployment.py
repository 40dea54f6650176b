"""Makes model, endpoint configuration and endpoint in one go, and takes back what it made when a step fails."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from typing import Any, Protocol

from smstudio_ext.studio.limits import check_request
from smstudio_ext.studio.models.automl import Deployed
from smstudio_ext.studio.models.base import Tag
from smstudio_ext.studio.models.training import DeployTrainingJob
from smstudio_ext.studio.problems import Conflict
from smstudio_ext.target import Target

_FIELDS = {
    "EndpointName": "endpoint_name",
    "ProductionVariants.InstanceType": "instance_type",
    "ProductionVariants.InitialInstanceCount": "instance_count",
    "ProductionVariants.VariantName": "variant_name",
    "Tags.Key": "tags",
    "Tags.Value": "tags",
    "Tags": "tags",
}
_NAME_ROOM = 54  # of 63: leaves place for a dash and eight characters that make the name unique


class DeployForm(Protocol):
    """What the forms that deploy something have in common."""

    endpoint_name: str
    instance_type: str
    instance_count: int
    variant_name: str
    tags: list[Tag]


def deploy_containers(
    target: Target, form: DeployForm, containers: list[dict[str, Any]], role_arn: str
) -> Deployed:
    """Deploys a model of one or more containers to a new endpoint.

    Raises:
        BadInput: with the fields that AWS would refuse.
        Conflict: the endpoint's name is in use.
    """
    sagemaker = target.client("sagemaker")
    unique = f"{form.endpoint_name[:_NAME_ROOM].rstrip('-')}-{secrets.token_hex(4)}"
    tags = [{"Key": tag.key, "Value": tag.value} for tag in form.tags]
    model: dict[str, Any] = {"ModelName": unique, "ExecutionRoleArn": role_arn, "Tags": tags}
    model |= {"PrimaryContainer": containers[0]} if len(containers) == 1 else {"Containers": containers}
    config = {
        "EndpointConfigName": unique,
        "ProductionVariants": [
            {
                "VariantName": form.variant_name,
                "ModelName": unique,
                "InitialInstanceCount": form.instance_count,
                "InstanceType": form.instance_type,
                "InitialVariantWeight": 1.0,
            }
        ],
        "Tags": tags,
    }
    endpoint = {"EndpointName": form.endpoint_name, "EndpointConfigName": unique, "Tags": tags}
    check_request(sagemaker, "CreateEndpoint", endpoint, _FIELDS)
    check_request(sagemaker, "CreateEndpointConfig", config, _FIELDS)
    _check_endpoint_free(sagemaker, form.endpoint_name)
    undo: list[Callable[[], Any]] = []
    try:
        sagemaker.create_model(**model)
        undo.append(lambda: sagemaker.delete_model(ModelName=unique))
        sagemaker.create_endpoint_config(**config)
        undo.append(lambda: sagemaker.delete_endpoint_config(EndpointConfigName=unique))
        answer = sagemaker.create_endpoint(**endpoint)
    except BaseException:
        _take_back(undo)
        raise
    return Deployed(
        endpoint_name=form.endpoint_name,
        endpoint_arn=answer["EndpointArn"],
        endpoint_config_name=unique,
        model_name=unique,
    )


def deploy_training_job(target: Target, name: str, form: DeployTrainingJob) -> Deployed:
    """Deploys what a training job made: its artifact in its own image, as the SDK's `estimator.deploy()` does.

    Raises:
        Conflict: the job has no model, or the endpoint's name is in use.
    """
    job = target.client("sagemaker").describe_training_job(TrainingJobName=name)
    artifact = job.get("ModelArtifacts", {}).get("S3ModelArtifacts")
    image = job.get("AlgorithmSpecification", {}).get("TrainingImage")
    if job["TrainingJobStatus"] not in ("Completed", "Stopped") or not artifact or not image:
        raise Conflict(
            f"The training job {name!r} is {job['TrainingJobStatus']} and has no model to deploy.",
            hint="Wait until it is completed.",
        )
    container = {
        "Image": serving_image(image),
        "ModelDataUrl": artifact,
        "Environment": serving_environment(target, job),
    }
    return deploy_containers(target, form, [container], job["RoleArn"])


def serving_image(image: str) -> str:
    """The image that serves what an image trained: frameworks of AWS's deep learning containers have two."""
    return image.replace("-training:", "-inference:")


def serving_environment(target: Target, job: dict[str, Any]) -> dict[str, str]:
    """Variables that the SDK gives a model of a script: its program and archive serve, too."""
    from smstudio_ext.studio.training_request import PROGRAM, SUBMIT_DIRECTORY, plain

    parameters = job.get("HyperParameters", {})
    if SUBMIT_DIRECTORY not in parameters:
        return {}
    return {
        "SAGEMAKER_PROGRAM": plain(parameters.get(PROGRAM, "")),
        "SAGEMAKER_SUBMIT_DIRECTORY": plain(parameters[SUBMIT_DIRECTORY]),
        "SAGEMAKER_CONTAINER_LOG_LEVEL": "20",
        "SAGEMAKER_REGION": target.region,
    }


def _check_endpoint_free(sagemaker: Any, name: str) -> None:
    from botocore.exceptions import ClientError

    try:
        sagemaker.describe_endpoint(EndpointName=name)
    except ClientError:
        return  # not found; any other trouble shows in the create call itself
    raise Conflict(
        f"An endpoint named {name!r} exists already.", hint="Choose another name, or delete it first."
    )


def _take_back(undo: list[Callable[[], Any]]) -> None:
    from botocore.exceptions import BotoCoreError, ClientError

    for step in reversed(undo):
        try:
            step()
        except (ClientError, BotoCoreError):
            continue  # the first failure is what the user must see; what is left costs nothing
