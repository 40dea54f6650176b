"""Makes model, endpoint configuration and endpoint in one go, and takes back what it made when a step fails."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from typing import Any, Protocol

from smstudio_ext.studio.billable import endpoint_bill
from smstudio_ext.studio.cost_consent import confirm_ahead
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
    name = unique_name(form.endpoint_name)
    model: dict[str, Any] = {"ModelName": name, "ExecutionRoleArn": role_arn, "Tags": _tags(form)}
    model |= {"PrimaryContainer": containers[0]} if len(containers) == 1 else {"Containers": containers}
    return _deploy(
        target,
        form,
        name,
        first=lambda: sagemaker.create_model(**model),
        undo=lambda: sagemaker.delete_model(ModelName=name),
    )


def deploy_model_named(target: Target, form: DeployForm, model: str) -> Deployed:
    """Deploys a model that is there to a new endpoint.

    Raises:
        BadInput: with the fields that AWS would refuse.
        Conflict: the endpoint's name is in use.
    """
    return _deploy(target, form, model)


def unique_name(base: str) -> str:
    """A name that nothing has yet, from another one."""
    return f"{base[:_NAME_ROOM].rstrip('-')}-{secrets.token_hex(4)}"


def _deploy(
    target: Target,
    form: DeployForm,
    model: str,
    *,
    first: Callable[[], Any] | None = None,
    undo: Callable[[], Any] | None = None,
) -> Deployed:
    """Makes configuration and endpoint for a model, after `first`; takes all back when a step fails."""
    sagemaker = target.client("sagemaker")
    name = model if first else unique_name(form.endpoint_name)
    config: dict[str, Any] = {
        "EndpointConfigName": name,
        "ProductionVariants": [
            {
                "VariantName": form.variant_name,
                "ModelName": model,
                "InitialInstanceCount": form.instance_count,
                "InstanceType": form.instance_type,
                "InitialVariantWeight": 1.0,
            }
        ],
        "Tags": _tags(form),
    }
    endpoint = {"EndpointName": form.endpoint_name, "EndpointConfigName": name, "Tags": _tags(form)}
    check_request(sagemaker, "CreateEndpoint", endpoint, _FIELDS)
    check_request(sagemaker, "CreateEndpointConfig", config, _FIELDS)
    _check_endpoint_free(sagemaker, form.endpoint_name)
    confirm_ahead(target, "CreateEndpoint", lambda: endpoint_bill(config["ProductionVariants"]))
    made: list[Callable[[], Any]] = []
    try:
        if first is not None and undo is not None:
            first()
            made.append(undo)
        sagemaker.create_endpoint_config(**config)
        made.append(lambda: sagemaker.delete_endpoint_config(EndpointConfigName=name))
        try:
            answer = sagemaker.create_endpoint(**endpoint)
        except KeyboardInterrupt:  # its answer is lost, but perhaps not the endpoint
            made.append(lambda: sagemaker.delete_endpoint(EndpointName=form.endpoint_name))
            raise
    except BaseException:
        _take_back(made)
        raise
    return Deployed(
        endpoint_name=form.endpoint_name,
        endpoint_arn=answer["EndpointArn"],
        endpoint_config_name=name,
        model_name=model,
    )


def _tags(form: DeployForm) -> list[dict[str, str]]:
    return [{"Key": tag.key, "Value": tag.value} for tag in form.tags]


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
