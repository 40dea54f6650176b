"""Settings of domains, user profiles and spaces: what they may name, how they are inherited."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from smstudio_ext.engine.errors import ValidationException
from smstudio_ext.engine.studio.names import APP_IMAGE_CONFIG, DOMAIN, IMAGE, LIFECYCLE_CONFIG, Owner

if TYPE_CHECKING:
    from smstudio_ext.engine.context import EngineContext

Document = dict[str, Any]

NO_SCRIPT = "None"
"""What stands for "no start-up script" in place of an ARN."""

_SETTINGS_OF = {
    "JupyterServer": "JupyterServerAppSettings",
    "KernelGateway": "KernelGatewayAppSettings",
    "JupyterLab": "JupyterLabAppSettings",
    "CodeEditor": "CodeEditorAppSettings",
    "TensorBoard": "TensorBoardAppSettings",
    "RSessionGateway": "RSessionAppSettings",
}


def app_settings_member(app_type: str) -> str:
    """The member of settings that is about apps of a type; empty where there is none."""
    return _SETTINGS_OF.get(app_type, "")


def merged(old: Document, new: Document) -> Document:
    """Settings after an update: a member that the update has replaces the old one, the others stay."""
    return {**old, **{key: value for key, value in new.items() if value is not None}}


def effective_settings(ctx: EngineContext, region: str, owner: Owner) -> Document:
    """Settings of a user profile or space over those that it inherits from its domain."""
    domain = ctx.store.resources.find(DOMAIN, region, owner.domain)
    own = ctx.store.resources.find(owner.kind, region, owner.row)
    inherited = (domain.document if domain else {}).get(
        "DefaultUserSettings" if owner.kind == "UserProfile" else "DefaultSpaceSettings"
    )
    settings = (own.document if own else {}).get(
        "UserSettings" if owner.kind == "UserProfile" else "SpaceSettings"
    )
    return _over(inherited or {}, settings or {})


def check_settings(ctx: EngineContext, region: str, settings: Document) -> None:
    """Checks that attached lifecycle configurations, images and image configurations are there.

    Raises:
        ValidationException: one is missing, or is for another type of app.
    """
    for app_type, member in _SETTINGS_OF.items():
        part = settings.get(member) or {}
        arns = list(part.get("LifecycleConfigArns") or ())
        for arn in arns:
            check_script(ctx, arn, app_type)
        default = (part.get("DefaultResourceSpec") or {}).get("LifecycleConfigArn")
        if default and default != NO_SCRIPT:
            check_script(ctx, default, app_type)
            if default not in arns:
                raise ValidationException(
                    f"The default LifecycleConfigArn {default} must also be in LifecycleConfigArns of {member}."
                )
        for custom in part.get("CustomImages") or ():
            _check_image(ctx, region, custom)


def check_script(ctx: EngineContext, arn: str, app_type: str) -> Document:
    """The lifecycle configuration of an ARN, if apps of that type may have it.

    Raises:
        ValidationException: there is none, or it is for another type of app.
    """
    resource = ctx.store.resources.find_by_arn(arn)
    if resource is None or resource.kind != LIFECYCLE_CONFIG:
        raise ValidationException(f"StudioLifecycleConfig [{arn}] does not exist.")
    if resource.document["StudioLifecycleConfigAppType"] != app_type:
        raise ValidationException(
            f"StudioLifecycleConfig [{arn}] is for apps of type "
            f"{resource.document['StudioLifecycleConfigAppType']}, not {app_type}."
        )
    return resource.document


def _check_image(ctx: EngineContext, region: str, custom: Document) -> None:
    if ctx.store.resources.find(IMAGE, region, custom["ImageName"]) is None:
        raise ValidationException(f"Image [{custom['ImageName']}] does not exist.")
    if ctx.store.resources.find(APP_IMAGE_CONFIG, region, custom["AppImageConfigName"]) is None:
        raise ValidationException(f"AppImageConfig [{custom['AppImageConfigName']}] does not exist.")


def _over(inherited: Document, own: Document) -> Document:
    """Own settings over inherited ones; the settings of a type of app are laid over each other member by member."""
    result = dict(inherited)
    for key, value in own.items():
        old = result.get(key)
        result[key] = {**old, **value} if isinstance(old, dict) and isinstance(value, dict) else value
    return result
