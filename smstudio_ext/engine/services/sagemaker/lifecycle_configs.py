"""Studio's lifecycle configurations at the wire."""

from __future__ import annotations

from typing import Any

from smstudio_ext.engine.context import Call, EngineContext
from smstudio_ext.engine.services.registry import operation
from smstudio_ext.engine.studio import listing, scripts
from smstudio_ext.engine.studio.names import LIFECYCLE_CONFIG

Document = dict[str, Any]
_SHOWN = (
    "StudioLifecycleConfigArn",
    "StudioLifecycleConfigName",
    "StudioLifecycleConfigAppType",
    "CreationTime",
    "LastModifiedTime",
)


@operation("sagemaker", "CreateStudioLifecycleConfig")
def create_studio_lifecycle_config(ctx: EngineContext, call: Call, request: Document) -> Document:
    """Makes a lifecycle configuration."""
    return {"StudioLifecycleConfigArn": scripts.create_script(ctx, call.region, request).arn}


@operation("sagemaker", "DescribeStudioLifecycleConfig")
def describe_studio_lifecycle_config(ctx: EngineContext, call: Call, request: Document) -> Document:
    """Describes a lifecycle configuration with its script."""
    return scripts.get_script(ctx, call.region, request["StudioLifecycleConfigName"]).document


@operation("sagemaker", "ListStudioLifecycleConfigs")
def list_studio_lifecycle_configs(ctx: EngineContext, call: Call, request: Document) -> Document:
    """Lists lifecycle configurations, the newest first unless told otherwise."""
    filters = [
        listing.of_kind(LIFECYCLE_CONFIG),
        *listing.name_contains(request.get("NameContains")),
        *listing.times(request, modified="ModifiedTime"),
        *listing.member_is("StudioLifecycleConfigAppType", request.get("AppTypeEquals")),
    ]
    page = listing.page(ctx, call.region, filters, request, descending=True)
    items = [{name: row.document[name] for name in _SHOWN} for row in page.items]
    return {"StudioLifecycleConfigs": items, "NextToken": page.next_token}


@operation("sagemaker", "DeleteStudioLifecycleConfig")
def delete_studio_lifecycle_config(ctx: EngineContext, call: Call, request: Document) -> None:
    """Takes a lifecycle configuration away."""
    scripts.delete_script(ctx, call.region, request["StudioLifecycleConfigName"])
