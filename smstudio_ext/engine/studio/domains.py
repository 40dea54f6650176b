"""Domains: made by a user or at the first use of a region, changed, deleted when nothing is in them."""

from __future__ import annotations

import secrets
import shutil
import string
from pathlib import Path
from typing import TYPE_CHECKING, Any

from smstudio_ext.engine.errors import ResourceInUse, ValidationException
from smstudio_ext.engine.store.resources import Resource
from smstudio_ext.engine.studio import listing
from smstudio_ext.engine.studio.names import DOMAIN, SPACE, USER_PROFILE, does_not_exist, domain_arn, exists
from smstudio_ext.engine.studio.settings import check_settings, merged

if TYPE_CHECKING:
    from smstudio_ext.engine.context import EngineContext

Document = dict[str, Any]

STUDIO_PATH = "/_smstudio/studio/"
"""Where an engine serves the addresses of domains."""

_KEPT_ON_UPDATE = (
    "AppNetworkAccessType",
    "AppSecurityGroupManagement",
    "SubnetIds",
    "TagPropagation",
    "VpcId",
    "HomeEfsFileSystemCreation",
)
_ID_LETTERS = string.ascii_lowercase + string.digits


def new_domain(ctx: EngineContext, region: str, request: Document) -> Resource:
    """The row of a new domain, not yet written.

    Args:
        request: the validated input of CreateDomain.
    """
    domain = "d-" + "".join(secrets.choice(_ID_LETTERS) for _ in range(12))
    now = ctx.clock.now()
    document: Document = {
        "HomeEfsFileSystemId": f"fs-{secrets.token_hex(8)}0",
        "AppNetworkAccessType": "PublicInternetOnly",
        "TagPropagation": "DISABLED",
        **{key: value for key, value in request.items() if key not in ("Tags", "HomeEfsFileSystemKmsKeyId")},
        "DomainArn": domain_arn(region, domain),
        "DomainId": domain,
        "Status": "InService",
        "CreationTime": now,
        "LastModifiedTime": now,
    }
    return Resource(
        DOMAIN, region, domain, document["DomainArn"], "InService", now, now, document, finished=True
    )


def create_domain(ctx: EngineContext, region: str, request: Document) -> Resource:
    """Makes a domain.

    Raises:
        ResourceInUse: a domain of that name is there.
        ValidationException: settings name what is not there.
    """
    name = request["DomainName"]
    taken = {row.document["DomainName"].lower() for row in every_domain(ctx, region)}
    if name.lower() in taken:
        raise exists(DOMAIN, name)
    if request.get("AppNetworkAccessType") == "VpcOnly" and not (
        request.get("VpcId") and request.get("SubnetIds")
    ):
        raise ValidationException(
            "VpcId and SubnetIds must be specified when AppNetworkAccessType is VpcOnly."
        )
    for member in ("DefaultUserSettings", "DefaultSpaceSettings"):
        check_settings(ctx, region, request.get(member) or {})
    return ctx.store.resources.create(new_domain(ctx, region, request), request.get("Tags") or ())


def every_domain(ctx: EngineContext, region: str) -> list[Resource]:
    """All domains of a region, oldest first."""
    return listing.every(ctx, region, listing.of_kind(DOMAIN))


def get_domain(ctx: EngineContext, region: str, domain: str) -> Resource:
    """The domain.

    Raises:
        ResourceNotFound: there is none.
    """
    return ctx.store.resources.get(DOMAIN, region, domain, missing=does_not_exist(DOMAIN, domain))


def url_of(ctx: EngineContext, domain: str) -> str:
    """The address of a domain at this engine; a presigned URL signs in there."""
    return f"{ctx.url}{STUDIO_PATH}{domain}"


def update_domain(ctx: EngineContext, region: str, request: Document) -> Resource:
    """Changes a domain; settings that the request does not name stay.

    Raises:
        ResourceNotFound: there is none.
        ValidationException: settings name what is not there.
    """
    for member in ("DefaultUserSettings", "DefaultSpaceSettings"):
        check_settings(ctx, region, request.get(member) or {})

    def edit(resource: Resource) -> None:
        document = resource.document
        for member in ("DefaultUserSettings", "DefaultSpaceSettings"):
            if request.get(member) is not None:
                document[member] = merged(document.get(member) or {}, request[member])
        if request.get("DomainSettingsForUpdate") is not None:
            document["DomainSettings"] = merged(
                document.get("DomainSettings") or {}, request["DomainSettingsForUpdate"]
            )
        for member in _KEPT_ON_UPDATE:
            if request.get(member) is not None:
                document[member] = request[member]
        document["LastModifiedTime"] = ctx.clock.now()

    domain = request["DomainId"]
    return ctx.store.resources.change(DOMAIN, region, domain, edit, missing=does_not_exist(DOMAIN, domain))


def delete_domain(ctx: EngineContext, region: str, domain: str, *, keep_home: bool = True) -> None:
    """Takes a domain away.

    Args:
        keep_home: leave the home folders of its users.

    Raises:
        ResourceNotFound: there is none.
        ResourceInUse: it has user profiles or spaces.
    """
    get_domain(ctx, region, domain)
    for kind, words in ((USER_PROFILE, "UserProfile(s)"), (SPACE, "Space(s)")):
        if listing.any_row(ctx, region, listing.of_kind(kind), listing.within(f"{domain}/")):
            raise ResourceInUse(f"Unable to delete Domain {domain} because {words} are associated with it.")
    ctx.store.resources.delete(DOMAIN, region, domain, missing=does_not_exist(DOMAIN, domain))
    if not keep_home:
        shutil.rmtree(homes_of(ctx, domain), ignore_errors=True)


def homes_of(ctx: EngineContext, domain: str) -> Path:
    """Where the home folders of the users of a domain are: its file system."""
    return ctx.settings.data_dir / "studio" / "homes" / domain
