"""User profiles and spaces: those who have apps in a domain."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any

from smstudio_ext.engine.errors import ResourceInUse, ValidationException
from smstudio_ext.engine.store.resources import Resource
from smstudio_ext.engine.studio import listing
from smstudio_ext.engine.studio.domains import get_domain
from smstudio_ext.engine.studio.names import (
    APP,
    SPACE,
    USER_PROFILE,
    Owner,
    does_not_exist,
    exists,
    profile_arn,
    space_arn,
)
from smstudio_ext.engine.studio.settings import check_settings, merged

if TYPE_CHECKING:
    from smstudio_ext.engine.context import EngineContext

Document = dict[str, Any]
_FIRST_UID = 200005
"""AWS numbers the home folders of users from here."""


def new_profile(ctx: EngineContext, region: str, domain: str, name: str, request: Document) -> Resource:
    """The row of a new user profile, not yet written."""
    arn = profile_arn(region, domain, name)
    now = ctx.clock.now()
    document: Document = {
        **{key: value for key, value in request.items() if key != "Tags"},
        "DomainId": domain,
        "UserProfileName": name,
        "UserProfileArn": arn,
        "HomeEfsFileSystemUid": str(_FIRST_UID + secrets.randbelow(1_000_000)),
        "Status": "InService",
        "CreationTime": now,
        "LastModifiedTime": now,
        "UserSettings": request.get("UserSettings") or {},
    }
    row = f"{domain}/{name}"
    return Resource(
        USER_PROFILE,
        region,
        row,
        arn,
        "InService",
        now,
        now,
        document,
        parent=f"Domain/{domain}",
        finished=True,
    )


def create_profile(ctx: EngineContext, region: str, request: Document) -> Resource:
    """Makes a user profile.

    Raises:
        ResourceNotFound: there is no such domain.
        ResourceInUse: one of that name is there.
        ValidationException: settings name what is not there, or single sign-on is asked of a domain without it.
    """
    domain = get_domain(ctx, region, request["DomainId"])
    if request.get("SingleSignOnUserValue") and domain.document.get("AuthMode") != "SSO":
        raise ValidationException(
            "SingleSignOnUserValue can only be specified for a domain with AuthMode SSO."
        )
    check_settings(ctx, region, request.get("UserSettings") or {})
    row = new_profile(ctx, region, domain.name, request["UserProfileName"], request)
    return _create(ctx, row, request)


def create_space(ctx: EngineContext, region: str, request: Document) -> Resource:
    """Makes a space.

    Raises:
        ResourceNotFound: there is no such domain, or its owner does not exist.
        ResourceInUse: one of that name is there.
        ValidationException: settings name what is not there, or a private space has no owner.
    """
    domain = get_domain(ctx, region, request["DomainId"]).name
    check_settings(ctx, region, request.get("SpaceSettings") or {})
    sharing = (request.get("SpaceSharingSettings") or {}).get("SharingType")
    owner = (request.get("OwnershipSettings") or {}).get("OwnerUserProfileName")
    if bool(sharing) != bool(owner):
        raise ValidationException("OwnershipSettings and SpaceSharingSettings must be specified together.")
    if owner:
        get_profile(ctx, region, domain, owner)
    name = request["SpaceName"]
    arn = space_arn(region, domain, name)
    now = ctx.clock.now()
    document: Document = {
        **{key: value for key, value in request.items() if key != "Tags"},
        "SpaceArn": arn,
        "HomeEfsFileSystemUid": str(_FIRST_UID + secrets.randbelow(1_000_000)),
        "Status": "InService",
        "CreationTime": now,
        "LastModifiedTime": now,
        "SpaceSettings": request.get("SpaceSettings") or {},
    }
    row = Resource(
        SPACE,
        region,
        f"{domain}/{name}",
        arn,
        "InService",
        now,
        now,
        document,
        parent=f"Domain/{domain}",
        finished=True,
    )
    return _create(ctx, row, request)


def get_profile(ctx: EngineContext, region: str, domain: str, name: str) -> Resource:
    """The user profile.

    Raises:
        ResourceNotFound: there is none.
    """
    return get_member(ctx, region, Owner(domain, "UserProfile", name))


def get_member(ctx: EngineContext, region: str, owner: Owner) -> Resource:
    """The user profile or space.

    Raises:
        ResourceNotFound: there is none.
    """
    missing = does_not_exist(owner.kind, owner.row)
    return ctx.store.resources.get(owner.kind, region, owner.row, missing=missing)


def update_member(
    ctx: EngineContext, region: str, owner: Owner, settings: Document, others: Document
) -> Resource:
    """Changes the settings of a user profile or space; settings that the request does not name stay.

    Args:
        others: further members of the document that the request sets.

    Raises:
        ResourceNotFound: there is none.
        ValidationException: settings name what is not there.
    """
    check_settings(ctx, region, settings)
    member = "UserSettings" if owner.kind == "UserProfile" else "SpaceSettings"

    def edit(resource: Resource) -> None:
        resource.document[member] = merged(resource.document.get(member) or {}, settings)
        resource.document.update({key: value for key, value in others.items() if value is not None})
        resource.document["LastModifiedTime"] = ctx.clock.now()

    missing = does_not_exist(owner.kind, owner.row)
    return ctx.store.resources.change(owner.kind, region, owner.row, edit, missing=missing)


def delete_member(ctx: EngineContext, region: str, owner: Owner) -> None:
    """Takes a user profile or space away.

    Raises:
        ResourceNotFound: there is none.
        ResourceInUse: it has apps, or is the owner of a space.
    """
    get_member(ctx, region, owner)
    prefix = f"{owner.domain}/{owner.kind}/{owner.name}/"
    if listing.any_row(ctx, region, listing.of_kind(APP), listing.within(prefix)):
        raise ResourceInUse(
            f"Unable to delete {owner.kind} {owner.row} because App(s) are associated with it."
        )
    if owner.kind == "UserProfile":
        for space in listing.every(ctx, region, listing.of_kind(SPACE), listing.within(f"{owner.domain}/")):
            if (space.document.get("OwnershipSettings") or {}).get("OwnerUserProfileName") == owner.name:
                raise ResourceInUse(
                    f"Unable to delete UserProfile {owner.row} because Space(s) are associated with it."
                )
    missing = does_not_exist(owner.kind, owner.row)
    ctx.store.resources.delete(owner.kind, region, owner.row, missing=missing)


def _create(ctx: EngineContext, row: Resource, request: Document) -> Resource:
    return ctx.store.resources.create(row, request.get("Tags") or (), taken=exists(row.kind, row.name))
