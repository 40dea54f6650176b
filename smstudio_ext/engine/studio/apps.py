"""Apps: created for a user profile or space, described, listed, deleted; ended ones stay known."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, or_

from smstudio_ext.engine.errors import ResourceInUse, ValidationException
from smstudio_ext.engine.runtime.procfs import boot_id
from smstudio_ext.engine.store import tables
from smstudio_ext.engine.store.resources import Page, Resource, ResourceExists, ResourceMissing
from smstudio_ext.engine.studio import listing
from smstudio_ext.engine.studio.members import get_member
from smstudio_ext.engine.studio.names import (
    APP,
    ENDED_APP,
    AppKey,
    app_arn,
    app_key,
    does_not_exist,
    exists,
)
from smstudio_ext.engine.studio.settings import (
    NO_SCRIPT,
    app_settings_member,
    check_script,
    effective_settings,
)
from smstudio_ext.engine.studio.starting import forget_files, new_folder
from smstudio_ext.engine.studio.states import APP as STATES

if TYPE_CHECKING:
    from smstudio_ext.engine.context import EngineContext

Document = dict[str, Any]

SHOWN_SECONDS = 24 * 3600.0
"""How long AWS shows a Deleted app."""

OFFERED = frozenset({"JupyterServer", "KernelGateway", "JupyterLab"})
_DEFAULT_INSTANCE = {"JupyterServer": "system"}
_DEFAULT_IMAGE = {"KernelGateway": "datascience-1.0"}
_IMAGES_ACCOUNT = "081325390199"
"""The account of AWS's own Studio images in us-east-1, the region where the built-in images of this engine are."""


def create_app(ctx: EngineContext, region: str, request: Document, hints: Document) -> Resource:
    """Starts an app.

    Args:
        request: the validated input of CreateApp.
        hints: `environment` (folder of the image's environment) and `folder` (where a start-up script runs).

    Raises:
        ResourceNotFound: there is no such domain, user profile or space.
        ResourceInUse: it is there and not Deleted.
        ValidationException: the type of app is not offered, or its script or image is not there.
    """
    key = app_key(request)
    get_member(ctx, region, key.owner)
    if key.type not in OFFERED:
        raise ValidationException(
            f"Apps of type {key.type} are not offered here; there are {', '.join(sorted(OFFERED))}."
        )
    specification = _specification(ctx, region, key, request.get("ResourceSpec") or {})
    script = specification.get("LifecycleConfigArn")
    if script and script != NO_SCRIPT:
        check_script(ctx, script, key.type)
    now = ctx.clock.now()
    document: Document = {
        "AppArn": app_arn(region, key),
        **key.owner.members,
        "AppType": key.type,
        "AppName": key.name,
        "Status": STATES.initial,
        "CreationTime": now,
        "LastUserActivityTimestamp": now,
        "ResourceSpec": specification,
    }
    if request.get("RecoveryMode"):
        document["RecoveryMode"] = True
    internal: Document = {"boot": boot_id()}
    for hint in ("environment", "folder"):
        if hints.get(hint):
            internal[hint] = hints[hint]
    parent = f"{key.owner.kind}/{key.owner.row}"
    row = Resource(
        APP, region, key.row, document["AppArn"], STATES.initial, now, now, document, internal, parent=parent
    )
    if script and script != NO_SCRIPT and not request.get("RecoveryMode"):
        internal["place"] = new_folder(ctx)
    else:
        set_status(row, "InService")  # nothing to wait for
    created = ctx.store.resources.create(row, request.get("Tags") or (), taken=exists(APP, key.shown))
    ctx.reconciler.wake(*created.key)
    return created


def set_status(resource: Resource, status: str, reason: str = "") -> None:
    """Moves an app to a status."""
    resource.status = resource.document["Status"] = STATES.check(resource.status, status)
    if reason:
        resource.document["FailureReason"] = reason[:1024]


def describe_app(ctx: EngineContext, region: str, request: Document, hints: Document) -> Document:
    """The answer of DescribeApp.

    Args:
        hints: with `history` also apps that were deleted long ago; `created` (seconds) chooses among apps that had
            one name after the other.

    Raises:
        ResourceNotFound: there is none, or none that was deleted within 24 hours.
    """
    key = app_key(request)
    wanted = hints.get("created")
    live = ctx.store.resources.find(APP, region, key.row)
    if live is not None and (wanted is None or _is_of(live, wanted)):
        return {**live.document, "LastHealthCheckTimestamp": ctx.clock.now()}
    ended = listing.every(ctx, region, listing.of_kind(ENDED_APP), listing.within(f"{key.row}@"))
    if wanted is not None:
        ended = [row for row in ended if _is_of(row, wanted)]
    elif hints.get("history") != "all":
        ended = [row for row in ended if row.modified > ctx.clock.now() - SHOWN_SECONDS]
    if not ended:
        raise does_not_exist("App", key.shown)
    return ended[-1].document


def list_apps(ctx: EngineContext, region: str, request: Document, hints: Document) -> Page:
    """One page of apps, the oldest first unless told otherwise.

    Args:
        hints: with `history` = `all` also apps that were deleted more than 24 hours ago.

    Raises:
        ValidationException: a user profile or space without its domain.
    """
    domain = request.get("DomainIdEquals")
    profile, space = request.get("UserProfileNameEquals"), request.get("SpaceNameEquals")
    if (profile or space) and not domain:
        raise ValidationException(
            "DomainIdEquals must be specified when UserProfileNameEquals or SpaceNameEquals is."
        )
    where: list[ColumnElement[bool]] = [listing.of_kind(APP, ENDED_APP)]
    if hints.get("history") != "all":
        table = tables.resources.c
        where.append(or_(table.kind == APP, table.modified > ctx.clock.now() - SHOWN_SECONDS))
    for kind, name in (("UserProfile", profile), ("Space", space)):
        if name:
            where.append(listing.within(f"{domain}/{kind}/{name}/"))
    if domain:
        where.append(listing.within(f"{domain}/"))
    return listing.page(ctx, region, where, request)


def delete_app(ctx: EngineContext, region: str, request: Document) -> None:
    """Starts the end of an app.

    Raises:
        ResourceNotFound: there is none.
        ResourceInUse: it is being deleted already.
    """
    key = app_key(request)

    def edit(resource: Resource) -> None:
        if resource.status == "Deleting":
            raise ResourceInUse(f"App [{key.shown}] is already being deleted.")
        set_status(resource, "Deleting")

    missing = does_not_exist(APP, key.shown)
    resource = ctx.store.resources.change(APP, region, key.row, edit, missing=missing)
    ctx.reconciler.wake(*resource.key)


def end_app(ctx: EngineContext, resource: Resource, ended: float) -> None:
    """Makes an app Deleted: it leaves the place of its name and stays known.

    Args:
        ended: when it ended, seconds since the epoch; its LastHealthCheckTimestamp.
    """
    if resource.status != "Deleting":
        set_status(resource, "Deleting")
    document = {
        **resource.document,
        "Status": STATES.check("Deleting", "Deleted"),
        "LastHealthCheckTimestamp": max(ended, resource.created),
    }
    mark = f"@{resource.created:.3f}"
    row = Resource(
        ENDED_APP,
        resource.region,
        resource.name + mark,
        resource.arn + mark,
        "Deleted",
        resource.created,
        max(ended, resource.created),
        document,
        parent=resource.parent,
        finished=True,
    )
    forget_files(resource)
    with contextlib.suppress(ResourceExists):  # the engine was ended between the two writes
        ctx.store.resources.create(row)
    with contextlib.suppress(ResourceMissing):
        ctx.store.resources.delete(*resource.key)


def key_of(resource: Resource) -> AppKey:
    """Which app a row is."""
    return app_key(resource.document)


def _specification(ctx: EngineContext, region: str, key: AppKey, asked: Document) -> Document:
    """The resource specification of an app over the defaults of its owner and type."""
    settings = effective_settings(ctx, region, key.owner).get(app_settings_member(key.type)) or {}
    specification = {**(settings.get("DefaultResourceSpec") or {}), **asked}
    specification.setdefault("InstanceType", _DEFAULT_INSTANCE.get(key.type, "ml.t3.medium"))
    if key.type in _DEFAULT_IMAGE:
        specification.setdefault(
            "SageMakerImageArn",
            f"arn:aws:sagemaker:{region}:{_IMAGES_ACCOUNT}:image/{_DEFAULT_IMAGE[key.type]}",
        )
    return specification


def _is_of(resource: Resource, created: str) -> bool:
    try:
        return abs(resource.created - float(created)) < 0.002
    except ValueError:
        raise ValidationException("The header x-smstudio-created must be a number of seconds.") from None
