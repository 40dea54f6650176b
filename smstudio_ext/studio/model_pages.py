"""Models over boto3: list, page, delete, deploy."""

from __future__ import annotations

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
)
from smstudio_ext.target import Target

_LOOKED_AT = 100
"""Endpoints that are looked through for uses of a model, newest first."""


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
        endpoints=_users(sagemaker, name),
        transform_jobs=_running_transform_jobs(sagemaker, name),
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


def _users(sagemaker: Any, name: str) -> list[str]:
    """Endpoints whose configuration names the model, among the newest ones."""
    from botocore.exceptions import ClientError

    found = []
    newest = {"SortBy": "CreationTime", "SortOrder": "Descending", "MaxResults": _LOOKED_AT}
    uses: dict[str, bool] = {}
    for endpoint in sagemaker.list_endpoints(**newest).get("Endpoints", []):
        try:
            config = sagemaker.describe_endpoint(EndpointName=endpoint["EndpointName"]).get(
                "EndpointConfigName"
            )
            if config is not None and config not in uses:
                described = sagemaker.describe_endpoint_config(EndpointConfigName=config)
                uses[config] = any(
                    v.get("ModelName") == name for v in described.get("ProductionVariants", [])
                )
        except ClientError:
            continue  # deleted between two calls
        if config is not None and uses.get(config):
            found.append(endpoint["EndpointName"])
    return found


def _running_transform_jobs(sagemaker: Any, name: str) -> list[str]:
    """Transform jobs in progress that use the model, among the newest ones."""
    from botocore.exceptions import ClientError

    found = []
    running = {"StatusEquals": "InProgress", "SortBy": "CreationTime", "MaxResults": _LOOKED_AT}
    for job in sagemaker.list_transform_jobs(**running).get("TransformJobSummaries", []):
        try:
            described = sagemaker.describe_transform_job(TransformJobName=job["TransformJobName"])
        except ClientError:
            continue  # deleted between two calls
        if described["ModelName"] == name:
            found.append(job["TransformJobName"])
    return found
