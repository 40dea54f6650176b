"""Notebook instances, their lifecycle configurations and code repositories at the wire."""

from __future__ import annotations

from typing import Any

from smstudio_ext.engine.context import Call, EngineContext
from smstudio_ext.engine.notebook_instances import (
    configs,
    controller,
    instances,
    links,
    listing,
    repositories,
)
from smstudio_ext.engine.runtime.listing import list_page
from smstudio_ext.engine.services.registry import operation

Document = dict[str, Any]

# the reconciler finds the controller by its registration
CONTROLLER = controller.NotebookInstanceController

_IN_LIST = ("NotebookInstanceName", "NotebookInstanceArn", "NotebookInstanceStatus", "Url", "InstanceType", "CreationTime", "LastModifiedTime", "NotebookInstanceLifecycleConfigName", "DefaultCodeRepository", "AdditionalCodeRepositories")  # fmt: skip


@operation("sagemaker", "CreateNotebookInstance")
def create_notebook_instance(ctx: EngineContext, call: Call, request: Document) -> Document:
    """Starts the creation of a notebook instance."""
    return {"NotebookInstanceArn": instances.create_instance(ctx, call.region, request).arn}


@operation("sagemaker", "DescribeNotebookInstance", settles=("NotebookInstance", "NotebookInstanceName"))
def describe_notebook_instance(ctx: EngineContext, call: Call, request: Document) -> Document:
    """Describes a notebook instance."""
    return instances.get_instance(ctx, call.region, request["NotebookInstanceName"]).document


@operation("sagemaker", "ListNotebookInstances")
def list_notebook_instances(ctx: EngineContext, call: Call, request: Document) -> Document:
    """Lists notebook instances."""
    page = listing.list_instances(ctx, call.region, request)
    items = [{key: item.document[key] for key in _IN_LIST if key in item.document} for item in page.items]
    return {"NotebookInstances": items, "NextToken": page.next_token}


@operation("sagemaker", "UpdateNotebookInstance")
def update_notebook_instance(ctx: EngineContext, call: Call, request: Document) -> Document:
    """Starts a change of a notebook instance's settings."""
    instances.update_instance(ctx, call.region, request)
    return {}


@operation("sagemaker", "StartNotebookInstance")
def start_notebook_instance(ctx: EngineContext, call: Call, request: Document) -> None:
    """Starts a stopped notebook instance."""
    instances.start_instance(ctx, call.region, request["NotebookInstanceName"])


@operation("sagemaker", "StopNotebookInstance")
def stop_notebook_instance(ctx: EngineContext, call: Call, request: Document) -> None:
    """Starts to stop a notebook instance."""
    instances.stop_instance(ctx, call.region, request["NotebookInstanceName"])


@operation("sagemaker", "DeleteNotebookInstance")
def delete_notebook_instance(ctx: EngineContext, call: Call, request: Document) -> None:
    """Starts to take a notebook instance away."""
    instances.delete_instance(ctx, call.region, request["NotebookInstanceName"])


@operation("sagemaker", "CreatePresignedNotebookInstanceUrl")
def create_presigned_notebook_instance_url(ctx: EngineContext, call: Call, request: Document) -> Document:
    """Makes a link that opens a notebook instance once."""
    resource = instances.get_instance(ctx, call.region, request["NotebookInstanceName"])
    session = request.get("SessionExpirationDurationInSeconds")
    return {"AuthorizedUrl": links.authorized_url(ctx, resource, session, call.source_ip)}


@operation("sagemaker", "CreateNotebookInstanceLifecycleConfig")
def create_lifecycle_config(ctx: EngineContext, call: Call, request: Document) -> Document:
    """Makes a lifecycle configuration."""
    return {"NotebookInstanceLifecycleConfigArn": configs.create_config(ctx, call.region, request).arn}


@operation("sagemaker", "DescribeNotebookInstanceLifecycleConfig")
def describe_lifecycle_config(ctx: EngineContext, call: Call, request: Document) -> Document:
    """Describes a lifecycle configuration."""
    return configs.get_config(ctx, call.region, request["NotebookInstanceLifecycleConfigName"]).document


@operation("sagemaker", "ListNotebookInstanceLifecycleConfigs")
def list_lifecycle_configs(ctx: EngineContext, call: Call, request: Document) -> Document:
    """Lists lifecycle configurations."""
    page = list_page(ctx, call.region, configs.KIND, request)
    wanted = ("NotebookInstanceLifecycleConfigName", "NotebookInstanceLifecycleConfigArn", "CreationTime", "LastModifiedTime")  # fmt: skip
    items = [{key: item.document[key] for key in wanted} for item in page.items]
    return {"NotebookInstanceLifecycleConfigs": items, "NextToken": page.next_token}


@operation("sagemaker", "UpdateNotebookInstanceLifecycleConfig")
def update_lifecycle_config(ctx: EngineContext, call: Call, request: Document) -> Document:
    """Changes the scripts of a lifecycle configuration."""
    configs.update_config(ctx, call.region, request)
    return {}


@operation("sagemaker", "DeleteNotebookInstanceLifecycleConfig")
def delete_lifecycle_config(ctx: EngineContext, call: Call, request: Document) -> None:
    """Takes a lifecycle configuration away."""
    configs.delete_config(ctx, call.region, request["NotebookInstanceLifecycleConfigName"])


@operation("sagemaker", "CreateCodeRepository")
def create_code_repository(ctx: EngineContext, call: Call, request: Document) -> Document:
    """Makes a code repository."""
    return {"CodeRepositoryArn": repositories.create_repository(ctx, call.region, request).arn}


@operation("sagemaker", "DescribeCodeRepository")
def describe_code_repository(ctx: EngineContext, call: Call, request: Document) -> Document:
    """Describes a code repository."""
    return repositories.get_repository(ctx, call.region, request["CodeRepositoryName"]).document


@operation("sagemaker", "ListCodeRepositories")
def list_code_repositories(ctx: EngineContext, call: Call, request: Document) -> Document:
    """Lists code repositories."""
    page = list_page(ctx, call.region, repositories.KIND, request)
    return {"CodeRepositorySummaryList": [item.document for item in page.items], "NextToken": page.next_token}


@operation("sagemaker", "UpdateCodeRepository")
def update_code_repository(ctx: EngineContext, call: Call, request: Document) -> Document:
    """Changes the secret of a code repository."""
    return {"CodeRepositoryArn": repositories.update_repository(ctx, call.region, request).arn}


@operation("sagemaker", "DeleteCodeRepository")
def delete_code_repository(ctx: EngineContext, call: Call, request: Document) -> None:
    """Takes a code repository away."""
    repositories.delete_repository(ctx, call.region, request["CodeRepositoryName"])
