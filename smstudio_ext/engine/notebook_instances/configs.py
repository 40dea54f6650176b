"""Lifecycle configurations of notebook instances: scripts for the creation and for each start."""

from __future__ import annotations

import base64
import binascii
from typing import TYPE_CHECKING, Any

from smstudio_ext.engine.arns import sagemaker_arn
from smstudio_ext.engine.errors import ValidationException
from smstudio_ext.engine.store.resources import Resource

if TYPE_CHECKING:
    from smstudio_ext.engine.context import EngineContext

KIND = "NotebookInstanceLifecycleConfig"
HOOKS = ("OnCreate", "OnStart")


def create_config(ctx: EngineContext, region: str, request: dict[str, Any]) -> Resource:
    """Writes a new lifecycle configuration.

    Raises:
        ValidationException: the name is taken, or a script is not base64.
    """
    name = request["NotebookInstanceLifecycleConfigName"]
    arn = sagemaker_arn(KIND, region, name)
    now = ctx.clock.now()
    document: dict[str, Any] = {
        "NotebookInstanceLifecycleConfigName": name,
        "NotebookInstanceLifecycleConfigArn": arn,
        "CreationTime": now,
        "LastModifiedTime": now,
        **_scripts(request),
    }
    resource = Resource(KIND, region, name, arn, "InService", now, now, document, finished=True)
    taken = ValidationException(
        f"Unable to create Notebook Instance Lifecycle Config {arn}. (Details: Notebook Instance Lifecycle "
        "Config already exists.)"
    )
    return ctx.store.resources.create(resource, request.get("Tags") or (), taken=taken)


def get_config(ctx: EngineContext, region: str, name: str, verb: str = "describe") -> Resource:
    """The lifecycle configuration.

    Args:
        verb: what is being done, for the message.

    Raises:
        ValidationException: there is none.
    """
    return ctx.store.resources.get(KIND, region, name, missing=_missing(region, name, verb))


def update_config(ctx: EngineContext, region: str, request: dict[str, Any]) -> None:
    """Changes scripts; instances run the new ones at their next start.

    Raises:
        ValidationException: there is none of that name, or a script is not base64.
    """
    name = request["NotebookInstanceLifecycleConfigName"]
    scripts = _scripts(request)
    missing = _missing(region, name, "update")
    with ctx.store.resources.changing(KIND, region, name, missing=missing) as resource:
        resource.document.update(scripts)
        resource.document["LastModifiedTime"] = ctx.clock.now()


def delete_config(ctx: EngineContext, region: str, name: str) -> None:
    """Takes a lifecycle configuration away; instances that name it fail at their next start.

    Raises:
        ValidationException: there is none.
    """
    ctx.store.resources.delete(KIND, region, name, missing=_missing(region, name, "delete"))


def script_of(config: Resource, hook: str) -> str:
    """The text of a script as base64, empty for none."""
    return next((str(script.get("Content", "")) for script in config.document.get(hook) or ()), "")


def _scripts(request: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for hook in HOOKS:
        if request.get(hook) is None:
            continue
        for script in request[hook]:
            try:
                base64.b64decode(script.get("Content", ""), validate=True)
            except (binascii.Error, ValueError):
                raise ValidationException(
                    f"The content of {hook} must be a base64-encoded shell script."
                ) from None
        found[hook] = request[hook]
    return found


def _missing(region: str, name: str, verb: str) -> ValidationException:
    arn = sagemaker_arn(KIND, region, name)
    return ValidationException(
        f"Unable to {verb} Notebook Instance Lifecycle Config '{arn}'. (Details: Notebook Instance Lifecycle Config "
        "does not exist.)"
    )
