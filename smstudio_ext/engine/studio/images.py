"""Own images: a name with versions, each made of something on this machine."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

from smstudio_ext.engine.errors import ResourceInUse, ValidationException
from smstudio_ext.engine.store.resources import Resource
from smstudio_ext.engine.studio import listing
from smstudio_ext.engine.studio.image_sources import NoImageSource, find_source, freeze
from smstudio_ext.engine.studio.names import (
    DOMAIN,
    IMAGE,
    IMAGE_VERSION,
    SPACE,
    USER_PROFILE,
    does_not_exist,
    exists,
    image_arn,
    image_version_arn,
)

if TYPE_CHECKING:
    from smstudio_ext.engine.context import EngineContext

Document = dict[str, Any]
_DESCRIBED = (
    "VendorGuidance",
    "JobType",
    "MLFramework",
    "ProgrammingLang",
    "Processor",
    "Horovod",
    "ReleaseNotes",
)


def create_image(ctx: EngineContext, region: str, request: Document) -> Resource:
    """Makes an image without versions.

    Raises:
        ResourceInUse: one of that name is there.
    """
    name = request["ImageName"]
    arn = image_arn(region, name)
    now = ctx.clock.now()
    document: Document = {
        **{key: value for key, value in request.items() if key != "Tags"},
        "ImageArn": arn,
        "ImageStatus": "CREATED",
        "CreationTime": now,
        "LastModifiedTime": now,
    }
    row = Resource(IMAGE, region, name, arn, "CREATED", now, now, document, {"versions": 0}, finished=True)
    return ctx.store.resources.create(row, request.get("Tags") or (), taken=exists(IMAGE, name))


def get_image(ctx: EngineContext, region: str, name: str) -> Resource:
    """The image.

    Raises:
        ResourceNotFound: there is none.
    """
    return ctx.store.resources.get(IMAGE, region, name, missing=does_not_exist(IMAGE, name))


def update_image(ctx: EngineContext, region: str, request: Document) -> Resource:
    """Changes what an image says of itself.

    Raises:
        ResourceNotFound: there is none.
    """

    def edit(resource: Resource) -> None:
        for member in request.get("DeleteProperties") or ():
            resource.document.pop(member, None)
        for member in ("Description", "DisplayName", "RoleArn"):
            if request.get(member) is not None:
                resource.document[member] = request[member]
        resource.document["LastModifiedTime"] = ctx.clock.now()

    name = request["ImageName"]
    return ctx.store.resources.change(IMAGE, region, name, edit, missing=does_not_exist(IMAGE, name))


def delete_image(ctx: EngineContext, region: str, name: str) -> None:
    """Takes an image and its versions away; what they were made of stays.

    Raises:
        ResourceNotFound: there is none.
        ResourceInUse: a domain, user profile or space names it.
    """
    get_image(ctx, region, name)
    for resource in listing.every(ctx, region, listing.of_kind(DOMAIN, USER_PROFILE, SPACE)):
        if name in attached_images(resource.document):
            raise ResourceInUse(
                f"Unable to delete Image [{name}] because it is attached to {resource.kind} [{resource.name}]."
            )
    for version in versions_of(ctx, region, name):
        ctx.store.resources.delete(*version.key)
    ctx.store.resources.delete(IMAGE, region, name)
    shutil.rmtree(_folder(ctx, region, name), ignore_errors=True)


def attached_images(document: Document) -> set[str]:
    """Names of all own images that the settings of a domain, user profile or space name."""
    found: set[str] = set()
    for member in ("DefaultUserSettings", "DefaultSpaceSettings", "UserSettings", "SpaceSettings"):
        for part in (document.get(member) or {}).values():
            if isinstance(part, dict):
                found.update(custom["ImageName"] for custom in part.get("CustomImages") or ())
    return found


def versions_of(ctx: EngineContext, region: str, name: str) -> list[Resource]:
    """All versions of an image, oldest first."""
    return listing.every(ctx, region, listing.of_kind(IMAGE_VERSION), listing.within(f"{name}/"))


def create_version(ctx: EngineContext, region: str, request: Document) -> Resource:
    """Makes the next version of an image; a call with the same client token makes none anew.

    Raises:
        ResourceNotFound: there is no such image.
    """
    name = request["ImageName"]
    for version in versions_of(ctx, region, name):
        if version.internal.get("token") == request["ClientToken"]:
            return version
    with ctx.store.resources.changing(IMAGE, region, name, missing=does_not_exist(IMAGE, name)) as image:
        image.internal["versions"] += 1
        number = int(image.internal["versions"])
    now = ctx.clock.now()
    arn = image_version_arn(region, name, number)
    document: Document = {
        **{key: request[key] for key in _DESCRIBED if key in request},
        "BaseImage": request["BaseImage"],
        "ImageArn": image.arn,
        "ImageVersionArn": arn,
        "ImageVersionStatus": "CREATED",
        "Version": number,
        "CreationTime": now,
        "LastModifiedTime": now,
    }
    try:
        source = find_source(request["BaseImage"])
        document["ContainerImage"] = str(freeze(source, _folder(ctx, region, name) / str(number)))
    except NoImageSource as error:
        document |= {"ImageVersionStatus": "CREATE_FAILED", "FailureReason": str(error)[:1024]}
    except OSError as error:
        reason = f"{request['BaseImage']} cannot be read: {error.strerror or error}."
        document |= {"ImageVersionStatus": "CREATE_FAILED", "FailureReason": reason[:1024]}
    aliases = list(dict.fromkeys(request.get("Aliases") or ()))
    for alias in aliases:
        _take_alias(ctx, region, name, alias)
    internal = {"token": request["ClientToken"], "aliases": aliases}
    row = Resource(
        IMAGE_VERSION, region, f"{name}/{number:08d}", arn, document["ImageVersionStatus"], now, now, document,
        internal, parent=f"Image/{name}", finished=True,
    )  # fmt: skip
    return ctx.store.resources.create(row)


def get_version(ctx: EngineContext, region: str, request: Document) -> Resource:
    """The version that a request names by number or alias; the newest by default.

    Raises:
        ResourceNotFound: there is none.
        ValidationException: it names a number and an alias.
    """
    name, number, alias = request["ImageName"], request.get("Version"), request.get("Alias")
    if number is not None and alias:
        raise ValidationException("Version and Alias cannot be specified together.")
    get_image(ctx, region, name)
    found = versions_of(ctx, region, name)
    if number is not None:
        found = [row for row in found if row.document["Version"] == number]
    elif alias:
        found = [row for row in found if alias in row.internal["aliases"]]
    if not found:
        raise does_not_exist(
            "ImageVersion", f"{name}/{alias or (number if number is not None else 'latest')}"
        )
    return found[-1]


def update_version(ctx: EngineContext, region: str, request: Document) -> Resource:
    """Changes aliases and descriptions of a version.

    Raises:
        ResourceNotFound: there is none.
    """
    version = get_version(ctx, region, request)
    added = list(request.get("AliasesToAdd") or ())
    for alias in added:
        _take_alias(ctx, region, request["ImageName"], alias)

    def edit(resource: Resource) -> None:
        gone = set(request.get("AliasesToDelete") or ())
        kept = [alias for alias in resource.internal["aliases"] if alias not in gone]
        resource.internal["aliases"] = list(dict.fromkeys([*kept, *added]))
        resource.document.update({key: request[key] for key in _DESCRIBED if request.get(key) is not None})
        resource.document["LastModifiedTime"] = ctx.clock.now()

    return ctx.store.resources.change(*version.key, edit)


def delete_version(ctx: EngineContext, region: str, request: Document) -> None:
    """Takes a version away.

    Raises:
        ResourceNotFound: there is none.
    """
    version = get_version(ctx, region, request)
    ctx.store.resources.delete(*version.key)
    shutil.rmtree(
        _folder(ctx, region, request["ImageName"]) / str(version.document["Version"]), ignore_errors=True
    )


def _take_alias(ctx: EngineContext, region: str, name: str, alias: str) -> None:
    """An alias names one version: the one that had it loses it."""
    for version in versions_of(ctx, region, name):
        if alias in version.internal["aliases"]:
            ctx.store.resources.change(*version.key, lambda row: row.internal["aliases"].remove(alias))


def _folder(ctx: EngineContext, region: str, name: str) -> Path:
    return ctx.settings.data_dir / "studio" / "images" / region / name
