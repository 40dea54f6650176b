"""Start-up scripts (Studio's lifecycle configurations) over boto3: list, text, create, attach, delete."""

from __future__ import annotations

import base64
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from smstudio_ext.studio.domains import attached_scripts, optional_pages, pages, settings_member
from smstudio_ext.studio.models.base import Accepted
from smstudio_ext.studio.models.studio_assets import (
    AttachScript,
    CreateScript,
    DomainAttachments,
    Script,
    ScriptList,
    ScriptPlace,
    ScriptRow,
)
from smstudio_ext.studio.problems import BadInput
from smstudio_ext.target import Target

Document = dict[str, Any]
LONGEST = 16384
"""Characters of a script in base64."""
_AT_ONCE = 8
_DEFAULT_INSTANCE = {"KernelGateway": "ml.t3.medium", "JupyterServer": "system"}


def list_scripts(target: Target) -> ScriptList:
    """All lifecycle configurations, newest first."""
    rows = pages(target, "list_studio_lifecycle_configs", "StudioLifecycleConfigs")
    return ScriptList(
        items=[
            ScriptRow(
                name=row["StudioLifecycleConfigName"],
                arn=row["StudioLifecycleConfigArn"],
                app_type=row["StudioLifecycleConfigAppType"],
                created=row["CreationTime"],
            )
            for row in rows
        ]
    )


def domain_attachments(target: Target, domain_id: str) -> DomainAttachments:
    """Which scripts a domain and its users have.

    Raises:
        botocore.exceptions.ClientError: there is no such domain.
    """
    sagemaker = target.client("sagemaker")
    domain = sagemaker.describe_domain(DomainId=domain_id)
    users = [
        row["UserProfileName"]
        for row in optional_pages(target, "list_user_profiles", "UserProfiles", DomainIdEquals=domain_id)
    ]
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        described = pool.map(
            lambda user: sagemaker.describe_user_profile(DomainId=domain_id, UserProfileName=user), users
        )
        settings = [(None, domain.get("DefaultUserSettings") or {})] + [
            (user, found.get("UserSettings") or {}) for user, found in zip(users, described, strict=True)
        ]
    return DomainAttachments(
        places=[
            ScriptPlace(
                arn=script.arn,
                domain_id=domain_id,
                domain_name=domain.get("DomainName") or domain_id,
                user=user,
                default=script.default,
            )
            for user, found in settings
            for script in attached_scripts(found)
        ]
    )


def describe_script(target: Target, name: str) -> Script:
    """A lifecycle configuration with its text."""
    found = target.client("sagemaker").describe_studio_lifecycle_config(StudioLifecycleConfigName=name)
    return Script(
        name=found["StudioLifecycleConfigName"],
        arn=found["StudioLifecycleConfigArn"],
        app_type=found["StudioLifecycleConfigAppType"],
        created=found["CreationTime"],
        text=base64.b64decode(found["StudioLifecycleConfigContent"]).decode("utf-8", "replace"),
    )


def create_script(target: Target, form: CreateScript) -> Accepted:
    """Makes a lifecycle configuration.

    Raises:
        BadInput: the script is too long.
    """
    content = base64.b64encode(form.text.encode()).decode()
    if len(content) > LONGEST:
        text = (
            f"The script has {len(content):,} characters in base64; AWS takes {LONGEST:,}. Move parts of it to a file "
            "that it downloads."
        )
        raise BadInput(text, fields=[("text", text)])
    target.client("sagemaker").create_studio_lifecycle_config(
        StudioLifecycleConfigName=form.name,
        StudioLifecycleConfigContent=content,
        StudioLifecycleConfigAppType=form.app_type,
    )
    return Accepted(name=form.name)


def delete_script(target: Target, name: str) -> Accepted:
    """Takes a lifecycle configuration away; it must not be attached."""
    target.client("sagemaker").delete_studio_lifecycle_config(StudioLifecycleConfigName=name)
    return Accepted(name=name)


def attach_script(target: Target, name: str, form: AttachScript) -> Accepted:
    """Attaches a script to a domain or user profile, or detaches it; says which one runs by default."""
    sagemaker = target.client("sagemaker")
    script = sagemaker.describe_studio_lifecycle_config(StudioLifecycleConfigName=name)
    arn, app_type = script["StudioLifecycleConfigArn"], script["StudioLifecycleConfigAppType"]
    key: Document = {"DomainId": form.domain_id}
    if form.user is None:
        settings = sagemaker.describe_domain(**key).get("DefaultUserSettings") or {}
    else:
        key["UserProfileName"] = form.user
        settings = sagemaker.describe_user_profile(**key).get("UserSettings") or {}
    part = _attached(settings.get(settings_member(app_type)) or {}, arn, app_type, form)
    changed = {settings_member(app_type): part}
    if form.user is None:
        sagemaker.update_domain(**key, DefaultUserSettings=changed)
    else:
        sagemaker.update_user_profile(**key, UserSettings=changed)
    return Accepted(name=name)


def _attached(part: Document, arn: str, app_type: str, form: AttachScript) -> Document:
    """The settings of a type of app after a script was attached or detached."""
    part = dict(part)
    others = [each for each in part.get("LifecycleConfigArns") or () if each != arn]
    part["LifecycleConfigArns"] = [*others, arn] if form.attached else others
    specification = dict(part.get("DefaultResourceSpec") or {})
    if form.attached and form.default:
        specification["LifecycleConfigArn"] = arn
        specification.setdefault("InstanceType", _DEFAULT_INSTANCE.get(app_type, "ml.t3.medium"))
    elif specification.get("LifecycleConfigArn") == arn:
        del specification["LifecycleConfigArn"]
    if specification:
        part["DefaultResourceSpec"] = specification
    else:
        part.pop("DefaultResourceSpec", None)
    return part
