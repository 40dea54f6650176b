"""Lifecycle configurations: shell scripts that run when an app starts. They are made and deleted, never changed."""

from __future__ import annotations

import base64
import binascii
from typing import TYPE_CHECKING, Any

from smstudio_ext.engine.errors import ResourceInUse, ValidationException
from smstudio_ext.engine.store.resources import Resource
from smstudio_ext.engine.studio import listing
from smstudio_ext.engine.studio.names import (
    APP,
    DOMAIN,
    LIFECYCLE_CONFIG,
    SPACE,
    USER_PROFILE,
    does_not_exist,
    exists,
    lifecycle_config_arn,
)

if TYPE_CHECKING:
    from smstudio_ext.engine.context import EngineContext

Document = dict[str, Any]


def create_script(ctx: EngineContext, region: str, request: Document) -> Resource:
    """Makes a lifecycle configuration.

    Raises:
        ResourceInUse: one of that name is there.
        ValidationException: the content is not base64 of a text.
    """
    name = request["StudioLifecycleConfigName"]
    script_text(request["StudioLifecycleConfigContent"])
    arn = lifecycle_config_arn(region, name)
    now = ctx.clock.now()
    document: Document = {
        **{key: value for key, value in request.items() if key != "Tags"},
        "StudioLifecycleConfigArn": arn,
        "CreationTime": now,
        "LastModifiedTime": now,
    }
    row = Resource(LIFECYCLE_CONFIG, region, name, arn, "Created", now, now, document, finished=True)
    return ctx.store.resources.create(row, request.get("Tags") or (), taken=exists(LIFECYCLE_CONFIG, name))


def script_text(content: str) -> str:
    """The script of a configuration's content.

    Raises:
        ValidationException: it is not base64 of UTF-8 text.
    """
    try:
        return base64.b64decode("".join(content.split()), validate=True).decode("utf-8")
    except (binascii.Error, UnicodeDecodeError):
        raise ValidationException(
            "StudioLifecycleConfigContent must be the script in base64, and the script must be UTF-8 text."
        ) from None


def get_script(ctx: EngineContext, region: str, name: str) -> Resource:
    """The lifecycle configuration.

    Raises:
        ResourceNotFound: there is none.
    """
    missing = does_not_exist(LIFECYCLE_CONFIG, name)
    return ctx.store.resources.get(LIFECYCLE_CONFIG, region, name, missing=missing)


def delete_script(ctx: EngineContext, region: str, name: str) -> None:
    """Takes a lifecycle configuration away.

    Raises:
        ResourceNotFound: there is none.
        ResourceInUse: it is attached to something, or an app was started with it and is not Deleted.
    """
    arn = get_script(ctx, region, name).arn
    for resource in listing.every(ctx, region, listing.of_kind(APP)):
        if (resource.document.get("ResourceSpec") or {}).get("LifecycleConfigArn") == arn:
            raise ResourceInUse(
                f"Unable to delete {LIFECYCLE_CONFIG} [{name}] because App [{resource.document['AppName']}] uses it."
            )
    for resource in listing.every(ctx, region, listing.of_kind(DOMAIN, USER_PROFILE, SPACE)):
        if arn in attached_scripts(resource.document):
            raise ResourceInUse(
                f"Unable to delete {LIFECYCLE_CONFIG} [{name}] because it is attached to {resource.kind} [{resource.name}]."
            )
    ctx.store.resources.delete(LIFECYCLE_CONFIG, region, name, missing=does_not_exist(LIFECYCLE_CONFIG, name))


def attached_scripts(document: Document) -> set[str]:
    """ARNs of all scripts that the settings of a domain, user profile or space name."""
    found: set[str] = set()
    for member in ("DefaultUserSettings", "DefaultSpaceSettings", "UserSettings", "SpaceSettings"):
        for part in (document.get(member) or {}).values():
            if isinstance(part, dict):
                found.update(part.get("LifecycleConfigArns") or ())
                found.add((part.get("DefaultResourceSpec") or {}).get("LifecycleConfigArn") or "")
    return found
