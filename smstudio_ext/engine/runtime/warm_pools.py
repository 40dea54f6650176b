"""Warm pools of training jobs: KeepAlivePeriodInSeconds, WarmPoolStatus, and the cache that is handed from job to job.

Processes start here from a warm server anyway, and a pool keeps no slot from other jobs. What a pool really keeps is
`/opt/ml/sagemaker/warmpoolcache`: the next job that matches finds there what the last one left
(https://docs.aws.amazon.com/sagemaker/latest/dg/train-warm-pools.html).
"""

from __future__ import annotations

import json
import math
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

from smstudio_ext.engine.errors import ValidationException
from smstudio_ext.engine.runtime.jobs import JobFolder, host_folders

if TYPE_CHECKING:
    from smstudio_ext.engine.context import EngineContext
    from smstudio_ext.engine.store.resources import Resource

Document = dict[str, Any]
FAMILY = "warm-pool"
KIND = "TrainingJob"
CACHE = ("sagemaker", "warmpoolcache")

# a job matches a pool when these members are the same
_MATCHED = ("RoleArn", "VpcConfig", "EnableNetworkIsolation", "EnableInterContainerTrafficEncryption")
_MATCHED_RESOURCES = ("InstanceType", "InstanceCount", "InstanceGroups", "VolumeSizeInGB", "VolumeKmsKeyId")


def keep_alive(document: Document) -> int:
    """KeepAlivePeriodInSeconds of a job; 0 for none."""
    return int(document["ResourceConfig"].get("KeepAlivePeriodInSeconds") or 0)


def take_pool(ctx: EngineContext, region: str, document: Document) -> str | None:
    """Gives a new job the pool that matches, if there is one; returns the folder of its cache.

    The job that left the pool is shown as Reused from then on.
    """
    now = ctx.clock.now()
    for pool in _pools(ctx, region):
        if now >= pool["until"] or pool["signature"] != _signature(document):
            continue
        if not ctx.store.documents.delete(FAMILY, _key(region, pool["job"])):
            continue  # another job was first
        _set_status(ctx, region, pool, "Reused", now, reused_by=document["TrainingJobName"])
        return str(pool["cache"])
    return None


def open_pool(ctx: EngineContext, resource: Resource) -> Document:
    """Makes a completed job's pool; returns its WarmPoolStatus."""
    now = ctx.clock.now()
    cache = ctx.settings.data_dir / "warm-pools" / Path(resource.internal["folder"]).name
    cache.mkdir(parents=True, exist_ok=True)
    for folder in host_folders(resource):
        kept, place = cache_folder(folder), cache / folder.host
        if kept.is_dir() and not place.exists():
            shutil.move(str(kept), place)
    pool = {
        "job": resource.name,
        "region": resource.region,
        "signature": _signature(resource.document),
        "since": now,
        "until": now + keep_alive(resource.document),
        "cache": str(cache),
    }
    ctx.store.documents.put(FAMILY, _key(resource.region, resource.name), pool)
    return {"Status": "Available", "ResourceRetainedBillableTimeInSeconds": 0}


def fill_cache(cache: str | None, folder: JobFolder) -> None:
    """Makes /opt/ml/sagemaker/warmpoolcache of a host, with what the job before left there."""
    target = cache_folder(folder)
    target.parent.mkdir(parents=True, exist_ok=True)
    if cache is not None and (Path(cache) / folder.host).is_dir():
        shutil.move(str(Path(cache) / folder.host), target)
    target.mkdir(exist_ok=True)


def settle_pools(ctx: EngineContext, region: str) -> None:
    """Ends the pools whose time is over."""
    now = ctx.clock.now()
    for pool in _pools(ctx, region):
        if now >= pool["until"] and ctx.store.documents.delete(FAMILY, _key(region, pool["job"])):
            _set_status(ctx, region, pool, "Terminated", pool["until"])
            shutil.rmtree(pool["cache"], ignore_errors=True)


def extend_pool(ctx: EngineContext, resource: Resource, seconds: int) -> None:
    """Sets a new KeepAlivePeriodInSeconds, counted from the job's end; 0 ends the pool.

    Raises:
        ValidationException: the job has no pool that is available.
    """
    with ctx.store.documents.changing(FAMILY, _key(resource.region, resource.name)) as pool:
        if pool is not None:
            pool["until"] = pool["since"] + seconds
    if pool is None:
        raise ValidationException(
            "The request was rejected because the training job has no warm pool in status Available."
        )
    settle_pools(ctx, resource.region)


def shown_status(ctx: EngineContext, resource: Resource) -> Document | None:
    """WarmPoolStatus as of now: the time that an available pool has been kept grows."""
    status: Document | None = resource.document.get("WarmPoolStatus")
    if status is None or status["Status"] != "Available":
        return status
    since = resource.document["TrainingEndTime"]
    return {**status, "ResourceRetainedBillableTimeInSeconds": max(0, math.floor(ctx.clock.now() - since))}


def cache_folder(folder: JobFolder) -> Path:
    """The cache of a host of a running job."""
    return folder.ml.joinpath(*CACHE)


def _pools(ctx: EngineContext, region: str) -> list[Document]:
    return [pool for pool in ctx.store.documents.all(FAMILY) if pool["region"] == region]


def _set_status(
    ctx: EngineContext, region: str, pool: Document, status: str, now: float, *, reused_by: str | None = None
) -> None:
    def edit(row: Resource) -> None:
        row.document["WarmPoolStatus"] = {
            "Status": status,
            "ResourceRetainedBillableTimeInSeconds": max(0, math.ceil(now - pool["since"])),
            **({"ReusedByJob": reused_by} if reused_by else {}),
        }

    if ctx.store.resources.find(KIND, region, pool["job"]) is not None:
        ctx.store.resources.change(KIND, region, pool["job"], edit)


def _signature(document: Document) -> str:
    resources = document["ResourceConfig"]
    facts = [document.get(name) or None for name in _MATCHED]
    return json.dumps([facts, [resources.get(name) or None for name in _MATCHED_RESOURCES]], sort_keys=True)


def _key(region: str, job: str) -> str:
    return f"{region}/{job.lower()}"
