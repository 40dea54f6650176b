"""The domain and user profile that each region has at its first use, as AWS's Quick start makes them."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Any

from smstudio_ext.engine.arns import partition
from smstudio_ext.engine.settings import ACCOUNT_ID, EXECUTION_ROLE
from smstudio_ext.engine.store.resources import insert_resource
from smstudio_ext.engine.studio import listing
from smstudio_ext.engine.studio.domains import new_domain
from smstudio_ext.engine.studio.members import new_profile
from smstudio_ext.engine.studio.names import DOMAIN

if TYPE_CHECKING:
    from smstudio_ext.engine.context import EngineContext

_FAMILY = "studio-first-use"
_LOCK = threading.Lock()


def ensure_default(ctx: EngineContext, region: str) -> None:
    """Makes the default domain and user profile of a region unless that was ever done, or the region has a domain.

    Who deletes them does not get them again.
    """
    if ctx.store.documents.get(_FAMILY, region) is not None:
        return
    with _LOCK:
        if ctx.store.documents.get(_FAMILY, region) is not None:
            return
        if not listing.any_row(ctx, region, listing.of_kind(DOMAIN)):
            _make(ctx, region)
        mark_used(ctx, region)


def mark_used(ctx: EngineContext, region: str) -> None:
    """Notes that a region needs no default domain any more."""
    ctx.store.documents.put(_FAMILY, region, {"at": ctx.clock.now()})


def _make(ctx: EngineContext, region: str) -> None:
    name = time.strftime("default-%Y%m%dT%H%M%S", time.gmtime(ctx.clock.now()))
    role = f"arn:{partition(region)}:iam::{ACCOUNT_ID}:role/{EXECUTION_ROLE}"
    request: dict[str, Any] = {
        "DomainName": name,
        "AuthMode": "IAM",
        "DefaultUserSettings": {"ExecutionRole": role},
        "DefaultSpaceSettings": {"ExecutionRole": role},
        "AppNetworkAccessType": "PublicInternetOnly",
    }
    domain = new_domain(ctx, region, request)
    bucket = f"sagemaker-studio-{ACCOUNT_ID}-{domain.name.removeprefix('d-')}"
    ctx.objects.create_bucket(bucket, region)
    domain.document["DefaultUserSettings"]["SharingSettings"] = {
        "NotebookOutputOption": "Allowed",
        "S3OutputPath": f"s3://{bucket}/sharing",
    }
    profile = new_profile(ctx, region, domain.name, name, {})
    with ctx.store.database.write() as connection:
        insert_resource(connection, domain)
        insert_resource(connection, profile)
    ctx.store.resources.published([domain, profile])
