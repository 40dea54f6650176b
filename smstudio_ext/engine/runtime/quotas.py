"""Quotas of the account, from a file in the data directory; without one there are none but the number of hosts of a job.

`<data directory>/quotas.json` holds names of AWS's Service Quotas and numbers, for example
`{"ml.m5.large for training job usage": 2, "ml.p* for endpoint usage": 0, "Number of instances for a training job": 4}`. A `*` in a
name stands for any text; the first name that matches counts. The file is read at each request.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING

from smstudio_ext.engine.errors import ResourceLimitExceeded, ValidationException

if TYPE_CHECKING:
    from smstudio_ext.engine.context import EngineContext
    from smstudio_ext.engine.store.resources import Resource

QUOTAS_FILE = "quotas.json"
INSTANCES_OF_A_JOB = "Number of instances for a training job"
DEFAULT_INSTANCES_OF_A_JOB = 20


def check_quota(
    ctx: EngineContext,
    region: str,
    usage: str,
    wanted: Mapping[str, int],
    *,
    kinds: Iterable[str],
    used_by: Callable[[Resource], Mapping[str, int]] | None = None,
) -> None:
    """Refuses a request that would use more instances than a quota grants.

    Args:
        usage: the end of the quotas' names, e.g. `training job usage` or `endpoint usage`.
        wanted: instance type -> how many the request adds.
        kinds: kinds of resources whose rows (unfinished, of this region) use the quota.
        used_by: instances that a row uses, type -> number; by default its `internal["instances"]`.

    Raises:
        ResourceLimitExceeded: in AWS's words.
        ValidationException: quotas.json cannot be read.
    """
    quotas = read_quotas(ctx.settings.data_dir / QUOTAS_FILE)
    limits = {kind: quota_of(quotas, f"{kind} for {usage}") for kind in wanted}
    if all(limit is None for limit in limits.values()):
        return
    used: Counter[str] = Counter()
    for row in ctx.store.resources.unfinished(tuple(kinds)):
        if row.region == region and row.internal.get("usage", usage) == usage:
            used.update(used_by(row) if used_by is not None else row.internal.get("instances") or {})
    for kind, delta in wanted.items():
        limit = limits[kind]
        if limit is not None and used[kind] + delta > limit:
            raise limit_exceeded(f"{kind} for {usage}", limit, used[kind], delta)


def check_instances_of_a_job(ctx: EngineContext, count: int) -> None:
    """Refuses a training job of more hosts than the quota (20 unless told otherwise).

    Raises:
        ResourceLimitExceeded: in AWS's words.
    """
    limit = quota_of(read_quotas(ctx.settings.data_dir / QUOTAS_FILE), INSTANCES_OF_A_JOB)
    limit = DEFAULT_INSTANCES_OF_A_JOB if limit is None else limit
    if count > limit:
        raise limit_exceeded(INSTANCES_OF_A_JOB, limit, 0, count)


def read_quotas(path: Path) -> dict[str, int]:
    """Quota names and values of a file; empty without one.

    Raises:
        ValidationException: the file cannot be read.
    """
    try:
        given = json.loads(path.read_text(encoding="utf-8"))
        return {str(name): int(value) for name, value in given.items()}
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, TypeError, AttributeError) as error:
        raise ValidationException(
            f"The quotas in {path} cannot be read: expected an object of names and whole numbers ({error})."
        ) from error


def quota_of(quotas: Mapping[str, int], name: str) -> int | None:
    """The value of the first quota whose name (or pattern) is `name`; None without one."""
    for pattern, value in quotas.items():
        if pattern == name or fnmatchcase(name, pattern):
            return value
    return None


def limit_exceeded(name: str, limit: int, used: int, delta: int) -> ResourceLimitExceeded:
    """The error in AWS's words."""
    return ResourceLimitExceeded(
        f"The account-level service limit '{name}' is {limit} Instances, with current utilization of {used} Instances and a "
        f"request delta of {delta} Instances. Please use AWS Service Quotas to request an increase for this quota. If AWS "
        f"Service Quotas is not available, contact AWS support to request an increase for this quota. (This is the local "
        f"engine: quotas are set in {QUOTAS_FILE} of its data directory.)"
    )
