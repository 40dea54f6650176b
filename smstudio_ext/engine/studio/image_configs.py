"""How an own image runs as an app: its kernels and its file system (AppImageConfig)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from smstudio_ext.engine.errors import ValidationException
from smstudio_ext.engine.store.resources import Resource
from smstudio_ext.engine.studio.names import APP_IMAGE_CONFIG, app_image_config_arn, does_not_exist, exists

if TYPE_CHECKING:
    from smstudio_ext.engine.context import EngineContext

Document = dict[str, Any]
CONFIGS = ("KernelGatewayImageConfig", "JupyterLabAppImageConfig", "CodeEditorAppImageConfig")
_USERS = {(1000, 100), (0, 0)}
_FILE_SYSTEM = {"MountPath": "/home/sagemaker-user", "DefaultUid": 1000, "DefaultGid": 100}


def create_config(ctx: EngineContext, region: str, request: Document) -> Resource:
    """Makes a configuration.

    Raises:
        ResourceInUse: one of that name is there.
        ValidationException: it is for several types of app, or for a user that images cannot have.
    """
    name = request["AppImageConfigName"]
    arn = app_image_config_arn(region, name)
    now = ctx.clock.now()
    document: Document = {
        "AppImageConfigArn": arn,
        "AppImageConfigName": name,
        "CreationTime": now,
        "LastModifiedTime": now,
        **_checked(request),
    }
    row = Resource(APP_IMAGE_CONFIG, region, name, arn, "Created", now, now, document, finished=True)
    return ctx.store.resources.create(row, request.get("Tags") or (), taken=exists(APP_IMAGE_CONFIG, name))


def get_config(ctx: EngineContext, region: str, name: str) -> Resource:
    """The configuration.

    Raises:
        ResourceNotFound: there is none.
    """
    missing = does_not_exist(APP_IMAGE_CONFIG, name)
    return ctx.store.resources.get(APP_IMAGE_CONFIG, region, name, missing=missing)


def update_config(ctx: EngineContext, region: str, request: Document) -> Resource:
    """Changes a configuration.

    Raises:
        ResourceNotFound: there is none.
        ValidationException: see `create_config`.
    """
    name, configs = request["AppImageConfigName"], _checked(request)

    def edit(resource: Resource) -> None:
        if configs:
            for member in CONFIGS:
                resource.document.pop(member, None)
        resource.document.update(configs)
        resource.document["LastModifiedTime"] = ctx.clock.now()

    missing = does_not_exist(APP_IMAGE_CONFIG, name)
    return ctx.store.resources.change(APP_IMAGE_CONFIG, region, name, edit, missing=missing)


def delete_config(ctx: EngineContext, region: str, name: str) -> None:
    """Takes a configuration away.

    Raises:
        ResourceNotFound: there is none.
    """
    ctx.store.resources.delete(APP_IMAGE_CONFIG, region, name, missing=does_not_exist(APP_IMAGE_CONFIG, name))


def _checked(request: Document) -> Document:
    """The configurations of a request with AWS's defaults filled in."""
    given = {member: request[member] for member in CONFIGS if request.get(member) is not None}
    if len(given) > 1:
        raise ValidationException(f"Only one of {', '.join(CONFIGS)} can be specified.")
    for member, config in given.items():
        system = {**_FILE_SYSTEM, **(config.get("FileSystemConfig") or {})}
        if (system["DefaultUid"], system["DefaultGid"]) not in _USERS:
            raise ValidationException(
                "DefaultUid and DefaultGid of FileSystemConfig must be 1000 and 100, or 0 and 0."
            )
        given[member] = {**config, "FileSystemConfig": system}
    return given
