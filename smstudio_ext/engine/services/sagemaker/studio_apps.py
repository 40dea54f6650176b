"""Apps of Studio at the wire."""

from __future__ import annotations

from typing import Any

from smstudio_ext.engine.context import Call, EngineContext
from smstudio_ext.engine.services.registry import operation
from smstudio_ext.engine.studio import app_controller, apps
from smstudio_ext.engine.studio.defaults import ensure_default

Document = dict[str, Any]

# the reconciler finds the controller by its registration
CONTROLLER = app_controller.AppController

_SHOWN = (
    "DomainId",
    "UserProfileName",
    "SpaceName",
    "AppType",
    "AppName",
    "Status",
    "CreationTime",
    "ResourceSpec",
)


@operation("sagemaker", "CreateApp")
def create_app(ctx: EngineContext, call: Call, request: Document) -> Document:
    """Starts an app."""
    return {"AppArn": apps.create_app(ctx, call.region, request, dict(call.hints)).arn}


@operation("sagemaker", "DescribeApp")
def describe_app(ctx: EngineContext, call: Call, request: Document) -> Document:
    """Describes an app, also one that was deleted lately."""
    return apps.describe_app(ctx, call.region, request, dict(call.hints))


@operation("sagemaker", "ListApps", inline=False)
def list_apps(ctx: EngineContext, call: Call, request: Document) -> Document:
    """Lists apps, those deleted within 24 hours too."""
    ensure_default(ctx, call.region)
    page = apps.list_apps(ctx, call.region, request, dict(call.hints))
    items = [{name: row.document[name] for name in _SHOWN if name in row.document} for row in page.items]
    return {"Apps": items, "NextToken": page.next_token}


@operation("sagemaker", "DeleteApp")
def delete_app(ctx: EngineContext, call: Call, request: Document) -> None:
    """Starts the end of an app."""
    apps.delete_app(ctx, call.region, request)
