"""Models over boto3: list, page, delete, deploy."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from smstudio_ext.studio.deployment import deploy_model_named
from smstudio_ext.studio.listing import list_request
from smstudio_ext.studio.models.automl import Deployed
from smstudio_ext.studio.models.base import Accepted
from smstudio_ext.studio.models.model_pages import (
    DeployModel,
    ListModels,
    Model,
    ModelContainer,
    ModelPage,
    ModelSummary,
    ModelUsers,
)
from smstudio_ext.target import Target

_LOOKED_AT = 100
"""Endpoints, and running transform jobs, that are looked through for uses of a model, newest first."""
_AT_ONCE = 8


def list_models(target: Target, query: ListModels) -> ModelPage:
    """One page of the models list."""
    request = list_request(query)
    if request is None:
        return ModelPage(items=[], next_token=None)
    answer = target.client("sagemaker").list_models(**request)
    return ModelPage(
        items=[
            ModelSummary(
                name=model["ModelName"],
                arn=model["ModelArn"],
                status="Created",
                created=model["CreationTime"],
                modified=model["CreationTime"],
            )
            for model in answer.get("Models", [])
        ],
        next_token=answer.get("NextToken"),
    )


def describe_model(target: Target, name: str) -> Model:
    """A model's page."""
    sagemaker = target.client("sagemaker")
    model = sagemaker.describe_model(ModelName=name)
    containers = model.get("Containers") or [model["PrimaryContainer"]]
    return Model(
        name=model["ModelName"],
        arn=model["ModelArn"],
        created=model["CreationTime"],
        role_arn=model.get("ExecutionRoleArn"),
        network_isolation=bool(model.get("EnableNetworkIsolation")),
        execution=model.get("InferenceExecutionConfig", {}).get("Mode", "Serial"),
        containers=[_container(container) for container in containers],
    )


def delete_model(target: Target, name: str) -> Accepted:
    """Deletes a model; its artifact in S3 stays."""
    target.client("sagemaker").delete_model(ModelName=name)
    return Accepted(name=name)


def deploy_model(target: Target, name: str, form: DeployModel) -> Deployed:
    """Makes an endpoint for a model."""
    target.client("sagemaker").describe_model(ModelName=name)
    return deploy_model_named(target, form, name)


def _container(container: dict[str, Any]) -> ModelContainer:
    source = container.get("ModelDataSource", {}).get("S3DataSource", {})
    return ModelContainer(
        hostname=container.get("ContainerHostname"),
        image=container.get("Image"),
        model_data_url=container.get("ModelDataUrl") or source.get("S3Uri"),
        mode=container.get("Mode", "SingleModel"),
        environment=container.get("Environment", {}),
        model_package=container.get("ModelPackageName"),
    )


def model_endpoints(target: Target, name: str) -> ModelUsers:
    """Endpoints whose configuration names the model, among the newest ones."""
    sagemaker = target.client("sagemaker")
    newest = {"SortBy": "CreationTime", "SortOrder": "Descending", "MaxResults": _LOOKED_AT}
    names = [one["EndpointName"] for one in sagemaker.list_endpoints(**newest).get("Endpoints", [])]
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        endpoints = pool.map(lambda each: _there(sagemaker.describe_endpoint, EndpointName=each), names)
        configs = {
            endpoint["EndpointName"]: endpoint["EndpointConfigName"]
            for endpoint in endpoints
            if endpoint.get("EndpointConfigName")
        }
        different = list(dict.fromkeys(configs.values()))
        described = pool.map(
            lambda each: _there(sagemaker.describe_endpoint_config, EndpointConfigName=each), different
        )
        using = {config for config, found in zip(different, described, strict=True) if _names(found, name)}
    return ModelUsers(names=[endpoint for endpoint, config in configs.items() if config in using])


def _names(config: dict[str, Any], model: str) -> bool:
    variants = config.get("ProductionVariants", []) + config.get("ShadowProductionVariants", [])
    return any(variant.get("ModelName") == model for variant in variants)


def model_transform_jobs(target: Target, name: str) -> ModelUsers:
    """Transform jobs in progress that use the model, among the newest ones."""
    sagemaker = target.client("sagemaker")
    running = {
        "StatusEquals": "InProgress",
        "SortBy": "CreationTime",
        "SortOrder": "Descending",
        "MaxResults": _LOOKED_AT,
    }
    jobs = [
        one["TransformJobName"]
        for one in sagemaker.list_transform_jobs(**running).get("TransformJobSummaries", [])
    ]
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        described = pool.map(
            lambda each: _there(sagemaker.describe_transform_job, TransformJobName=each), jobs
        )
        return ModelUsers(
            names=[job for job, found in zip(jobs, described, strict=True) if found.get("ModelName") == name]
        )


def _there(describe: Callable[..., dict[str, Any]], **who: str) -> dict[str, Any]:
    """A description; empty when what it is of was deleted since it was listed."""
    from botocore.exceptions import ClientError

    try:
        return describe(**who)
    except ClientError as error:
        if error.response["Error"]["Code"] in ("ValidationException", "ResourceNotFound"):
            return {}
        raise
