"""The quota `<instance type> for endpoint usage`: instances of all endpoints of a region together."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from smstudio_ext.engine.hosting.fleet import Fleet
from smstudio_ext.engine.runtime.quotas import check_quota

if TYPE_CHECKING:
    from smstudio_ext.engine.context import EngineContext
    from smstudio_ext.engine.store.resources import Resource

USAGE = "endpoint usage"


def check_endpoint_quota(ctx: EngineContext, region: str, name: str, fleet: Fleet) -> None:
    """Refuses a fleet that would use more instances than a quota grants; what the endpoint has now does not count.

    Raises:
        ResourceLimitExceeded: in AWS's words.
    """

    def used(row: Resource) -> Counter[str]:
        state = row.internal.get("next") or row.internal.get("serving")
        if row.name == name or state is None:
            return Counter()
        return _instances(Fleet.from_json(state))

    check_quota(ctx, region, USAGE, _instances(fleet), kinds=("Endpoint",), used_by=used)


def _instances(fleet: Fleet) -> Counter[str]:
    counts: Counter[str] = Counter()
    for variant in fleet.all_variants():
        if variant.serverless is None:
            counts[variant.instance_type] += variant.count
    return counts
