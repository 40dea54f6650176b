"""User profiles and spaces of a domain over boto3, and the addresses that sign them in."""

from __future__ import annotations

from typing import Any

from smstudio_ext.studio.models.base import Accepted
from smstudio_ext.studio.models.domains import CreateProfile, CreateSpace, PresignDomain, PresignedUrl
from smstudio_ext.studio.problems import BadInput
from smstudio_ext.target import Target


def create_profile(target: Target, domain_id: str, form: CreateProfile) -> Accepted:
    """Makes a user profile; without a role it has the domain's."""
    request: dict[str, Any] = {"DomainId": domain_id, "UserProfileName": form.name}
    if form.execution_role:
        request["UserSettings"] = {"ExecutionRole": form.execution_role}
    target.client("sagemaker").create_user_profile(**request)
    return Accepted(name=form.name)


def delete_profile(target: Target, domain_id: str, name: str) -> Accepted:
    """Takes a user profile away; its apps must be gone."""
    target.client("sagemaker").delete_user_profile(DomainId=domain_id, UserProfileName=name)
    return Accepted(name=name)


def create_space(target: Target, domain_id: str, form: CreateSpace) -> Accepted:
    """Makes a space.

    Raises:
        BadInput: a private space without an owner.
    """
    if form.sharing == "Private" and not form.owner:
        text = "A private space needs the user profile that owns it."
        raise BadInput(text, fields=[("owner", text)])
    request: dict[str, Any] = {"DomainId": domain_id, "SpaceName": form.name}
    if form.owner:
        request["OwnershipSettings"] = {"OwnerUserProfileName": form.owner}
        request["SpaceSharingSettings"] = {"SharingType": form.sharing}
    settings: dict[str, Any] = {}
    if form.app_type:
        settings["AppType"] = form.app_type
    if form.volume_gb:
        settings["SpaceStorageSettings"] = {"EbsStorageSettings": {"EbsVolumeSizeInGb": form.volume_gb}}
    if settings:
        request["SpaceSettings"] = settings
    target.client("sagemaker").create_space(**request)
    return Accepted(name=form.name)


def delete_space(target: Target, domain_id: str, name: str) -> Accepted:
    """Takes a space away; its apps must be gone."""
    target.client("sagemaker").delete_space(DomainId=domain_id, SpaceName=name)
    return Accepted(name=name)


def presign_domain(target: Target, domain_id: str, form: PresignDomain) -> PresignedUrl:
    """An address that opens the domain for a user profile, once, within its time."""
    request: dict[str, Any] = {
        "DomainId": domain_id,
        "UserProfileName": form.user,
        "ExpiresInSeconds": form.expires_in_seconds,
        "SessionExpirationDurationInSeconds": form.session_seconds,
    }
    if form.space:
        request["SpaceName"] = form.space
    answer = target.client("sagemaker").create_presigned_domain_url(**request)
    return PresignedUrl(url=answer["AuthorizedUrl"], expires_in_seconds=form.expires_in_seconds)
