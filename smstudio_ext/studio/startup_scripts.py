"""Start-up scripts of notebooks: the lifecycle configurations that are attached to the user or the domain."""

from __future__ import annotations

import base64
import binascii
from typing import Any

from smstudio_ext.studio.models.environments import StartupScript, StartupScripts, StartupScriptText
from smstudio_ext.studio.problems import NotOffered
from smstudio_ext.studio.studio_user import studio_user
from smstudio_ext.target import Target

APP_TYPE = "KernelGateway"
AWS_NOTE = "Scripts of an AWS account can be read here, not run: they are made for AWS's images."
"""Why a script of an account cannot be chosen."""

_SETTINGS = f"{APP_TYPE}AppSettings"


def list_startup_scripts(target: Target) -> StartupScripts:
    """What "Start-up script" offers: scripts for KernelGateway apps, the user's own before the domain's.

    A default of the user's goes before the domain's. Of an AWS account they can be read only, so none is the default.
    """
    local = target.kind == "local"
    user = studio_user(target)
    if user is None:
        return StartupScripts(
            items=[],
            domain_id=None,
            user_profile=None,
            note="There is no Studio domain in this region, so no start-up script is attached to one.",
        )
    inherited = user.inherited
    arns = list(dict.fromkeys([*_attached(user.settings), *_attached(inherited)]))
    default = _default(user.settings) or _default(inherited)
    if default and default not in arns:
        arns.insert(0, default)
    return StartupScripts(
        items=[StartupScript(arn=arn, name=_name(arn), default=local and arn == default) for arn in arns],
        domain_id=user.domain_id,
        user_profile=user.profile,
        note=None if local or not arns else AWS_NOTE,
    )


def read_startup_script(target: Target, name: str) -> StartupScriptText:
    """The text of a lifecycle configuration.

    Raises:
        NotOffered: it is not text.
        botocore.exceptions.ClientError: there is none of that name.
    """
    answer = target.client("sagemaker").describe_studio_lifecycle_config(StudioLifecycleConfigName=name)
    try:
        text = base64.b64decode(answer["StudioLifecycleConfigContent"], validate=False).decode()
    except (binascii.Error, UnicodeDecodeError):
        raise NotOffered(f"The script '{name}' is not text in UTF-8, so it cannot be shown.") from None
    return StartupScriptText(
        arn=answer["StudioLifecycleConfigArn"],
        name=answer["StudioLifecycleConfigName"],
        app_type=answer["StudioLifecycleConfigAppType"],
        created=answer["CreationTime"],
        content=text,
    )


def _attached(settings: dict[str, Any]) -> list[str]:
    return list(settings.get(_SETTINGS, {}).get("LifecycleConfigArns", []))


def _default(settings: dict[str, Any]) -> str | None:
    found = settings.get(_SETTINGS, {}).get("DefaultResourceSpec", {}).get("LifecycleConfigArn")
    return str(found) if found else None


def _name(arn: str) -> str:
    return arn.rpartition("/")[2]
