"""Domains, user profiles and spaces of Studio at the wire."""

from __future__ import annotations

from typing import Any

from smstudio_ext.engine.context import Call, EngineContext
from smstudio_ext.engine.services.registry import operation
from smstudio_ext.engine.store.resources import Resource
from smstudio_ext.engine.studio import domains, listing, members
from smstudio_ext.engine.studio.defaults import ensure_default, mark_used
from smstudio_ext.engine.studio.names import DOMAIN, SPACE, USER_PROFILE, Owner

Document = dict[str, Any]


@operation("sagemaker", "CreateDomain")
def create_domain(ctx: EngineContext, call: Call, request: Document) -> Document:
    """Makes a domain; a region where one was made needs no default one."""
    domain = domains.create_domain(ctx, call.region, request)
    mark_used(ctx, call.region)
    return {"DomainArn": domain.arn, "DomainId": domain.name, "Url": domains.url_of(ctx, domain.name)}


@operation("sagemaker", "DescribeDomain", inline=False)
def describe_domain(ctx: EngineContext, call: Call, request: Document) -> Document:
    """Describes a domain."""
    ensure_default(ctx, call.region)
    domain = domains.get_domain(ctx, call.region, request["DomainId"])
    return {**domain.document, "Url": domains.url_of(ctx, domain.name)}


@operation("sagemaker", "ListDomains", inline=False)
def list_domains(ctx: EngineContext, call: Call, request: Document) -> Document:
    """Lists domains; a region that was never used gets one first."""
    ensure_default(ctx, call.region)
    page = listing.page(ctx, call.region, [listing.of_kind(DOMAIN)], request)
    shown = ("DomainArn", "DomainId", "DomainName", "Status", "CreationTime", "LastModifiedTime")
    items = [{**_members(row, shown), "Url": domains.url_of(ctx, row.name)} for row in page.items]
    return {"Domains": items, "NextToken": page.next_token}


@operation("sagemaker", "UpdateDomain")
def update_domain(ctx: EngineContext, call: Call, request: Document) -> Document:
    """Changes a domain."""
    return {"DomainArn": domains.update_domain(ctx, call.region, request).arn}


@operation("sagemaker", "DeleteDomain")
def delete_domain(ctx: EngineContext, call: Call, request: Document) -> None:
    """Takes a domain away; home folders of its users stay unless told otherwise."""
    keep = (request.get("RetentionPolicy") or {}).get("HomeEfsFileSystem", "Retain") == "Retain"
    domains.delete_domain(ctx, call.region, request["DomainId"], keep_home=keep)


@operation("sagemaker", "CreateUserProfile")
def create_user_profile(ctx: EngineContext, call: Call, request: Document) -> Document:
    """Makes a user profile."""
    return {"UserProfileArn": members.create_profile(ctx, call.region, request).arn}


@operation("sagemaker", "DescribeUserProfile")
def describe_user_profile(ctx: EngineContext, call: Call, request: Document) -> Document:
    """Describes a user profile."""
    return members.get_profile(ctx, call.region, request["DomainId"], request["UserProfileName"]).document


@operation("sagemaker", "ListUserProfiles", inline=False)
def list_user_profiles(ctx: EngineContext, call: Call, request: Document) -> Document:
    """Lists user profiles."""
    ensure_default(ctx, call.region)
    page = listing.page(
        ctx,
        call.region,
        _filters(USER_PROFILE, request, "UserProfileNameContains"),
        request,
    )
    shown = ("DomainId", "UserProfileName", "Status", "CreationTime", "LastModifiedTime")
    return {"UserProfiles": [_members(row, shown) for row in page.items], "NextToken": page.next_token}


@operation("sagemaker", "UpdateUserProfile")
def update_user_profile(ctx: EngineContext, call: Call, request: Document) -> Document:
    """Changes the settings of a user profile."""
    owner = Owner(request["DomainId"], "UserProfile", request["UserProfileName"])
    changed = members.update_member(ctx, call.region, owner, request.get("UserSettings") or {}, {})
    return {"UserProfileArn": changed.arn}


@operation("sagemaker", "DeleteUserProfile")
def delete_user_profile(ctx: EngineContext, call: Call, request: Document) -> None:
    """Takes a user profile away."""
    members.delete_member(
        ctx, call.region, Owner(request["DomainId"], "UserProfile", request["UserProfileName"])
    )


@operation("sagemaker", "CreateSpace")
def create_space(ctx: EngineContext, call: Call, request: Document) -> Document:
    """Makes a space."""
    return {"SpaceArn": members.create_space(ctx, call.region, request).arn}


@operation("sagemaker", "DescribeSpace")
def describe_space(ctx: EngineContext, call: Call, request: Document) -> Document:
    """Describes a space."""
    owner = Owner(request["DomainId"], "Space", request["SpaceName"])
    space = members.get_member(ctx, call.region, owner)
    return {**space.document, "Url": domains.url_of(ctx, owner.domain)}


@operation("sagemaker", "ListSpaces", inline=False)
def list_spaces(ctx: EngineContext, call: Call, request: Document) -> Document:
    """Lists spaces."""
    ensure_default(ctx, call.region)
    page = listing.page(ctx, call.region, _filters(SPACE, request, "SpaceNameContains"), request)
    return {"Spaces": [_space(row) for row in page.items], "NextToken": page.next_token}


@operation("sagemaker", "UpdateSpace")
def update_space(ctx: EngineContext, call: Call, request: Document) -> Document:
    """Changes the settings or the shown name of a space."""
    owner = Owner(request["DomainId"], "Space", request["SpaceName"])
    others = {"SpaceDisplayName": request.get("SpaceDisplayName")}
    changed = members.update_member(ctx, call.region, owner, request.get("SpaceSettings") or {}, others)
    return {"SpaceArn": changed.arn}


@operation("sagemaker", "DeleteSpace")
def delete_space(ctx: EngineContext, call: Call, request: Document) -> None:
    """Takes a space away."""
    members.delete_member(ctx, call.region, Owner(request["DomainId"], "Space", request["SpaceName"]))


def _filters(kind: str, request: Document, contains: str) -> list[Any]:
    filters: list[Any] = [listing.of_kind(kind)]
    if request.get("DomainIdEquals"):
        filters.append(listing.within(f"{request['DomainIdEquals']}/"))
    return filters + listing.own_name_contains(request.get(contains))


def _space(row: Resource) -> Document:
    document = row.document
    shown = ("DomainId", "SpaceName", "Status", "CreationTime", "LastModifiedTime", "SpaceDisplayName")
    summary = _members(row, shown)
    settings = document.get("SpaceSettings") or {}
    summary["SpaceSettingsSummary"] = {
        key: settings[key] for key in ("AppType", "SpaceStorageSettings", "RemoteAccess") if key in settings
    }
    if document.get("SpaceSharingSettings"):
        summary["SpaceSharingSettingsSummary"] = document["SpaceSharingSettings"]
    if document.get("OwnershipSettings"):
        summary["OwnershipSettingsSummary"] = document["OwnershipSettings"]
    return summary


def _members(row: Resource, names: tuple[str, ...]) -> Document:
    return {name: row.document[name] for name in names if name in row.document}
