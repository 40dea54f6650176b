"""CreateModel and its siblings."""

from __future__ import annotations

from typing import Any

from smstudio_ext.engine.context import Call, EngineContext
from smstudio_ext.engine.hosting import model_uses, models
from smstudio_ext.engine.runtime.listing import list_page
from smstudio_ext.engine.services.registry import operation


@operation("sagemaker", "CreateModel")
def create_model(ctx: EngineContext, call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Makes a model."""
    return {"ModelArn": models.create_model(ctx, call.region, request).arn}


@operation("sagemaker", "DescribeModel")
def describe_model(ctx: EngineContext, call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Describes a model."""
    return models.get_model(ctx, call.region, request["ModelName"]).document


@operation("sagemaker", "ListModels")
def list_models(ctx: EngineContext, call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Lists models."""
    page = list_page(ctx, call.region, models.KIND, request)
    items = [
        {"ModelName": item.name, "ModelArn": item.arn, "CreationTime": item.created} for item in page.items
    ]
    return {"Models": items, "NextToken": page.next_token}


@operation("sagemaker", "DeleteModel")
def delete_model(ctx: EngineContext, call: Call, request: dict[str, Any]) -> None:
    """Takes a model away; warns when endpoints serve it."""
    models.delete_model(ctx, call.region, request["ModelName"])
    model_uses.warn_of_deletion(ctx, call.region, request["ModelName"])
