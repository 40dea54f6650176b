"""What the hosts of a running training job use, as CloudWatch metrics with AWS's names and dimension `Host`.

https://docs.aws.amazon.com/sagemaker/latest/dg/monitoring-cloudwatch.html: CPUUtilization is 100 for each core in use,
MemoryUtilization and DiskUtilization are shares of the instance's memory and volume.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from smstudio_ext.engine.runtime.jobs import JobFolder, host_folders
from smstudio_ext.engine.runtime.metric_series import Point, write_points
from smstudio_ext.engine.runtime.metrics import TRAINING_NAMESPACE
from smstudio_ext.engine.runtime.procfs import cpu_seconds, descendants, private_memory_mb
from smstudio_ext.engine.runtime.volumes import folder_mb

if TYPE_CHECKING:
    from smstudio_ext.engine.context import EngineContext
    from smstudio_ext.engine.store.resources import Resource

PERCENT = "Percent"
PUBLISH_SECONDS = 10.0


@dataclass
class _Seen:
    at: float
    cpu: float


class HostUtilisation:
    """Measures the hosts of one job; the first look only notes where CPU time stands."""

    def __init__(self) -> None:
        self._seen: dict[str, _Seen] = {}
        self._due: float | None = None

    def look(self, ctx: EngineContext, resource: Resource) -> None:
        """Writes the metrics of every running host when it is time."""
        now = ctx.clock.now()
        if self._due is not None and now < self._due:
            return
        self._due = now + PUBLISH_SECONDS
        for folder in host_folders(resource):
            points = self._points(ctx, resource, folder, now)
            if points:
                dimensions = {"Host": f"{resource.name}/{folder.host}"}
                write_points(ctx.store.database, resource.region, TRAINING_NAMESPACE, dimensions, points)

    def _points(self, ctx: EngineContext, resource: Resource, folder: JobFolder, now: float) -> list[Point]:
        pid = ctx.runner.state(folder.process).pid
        if pid is None:
            return []
        pids = [pid, *descendants(pid)]
        used, before = cpu_seconds(pids), self._seen.get(folder.host)
        self._seen[folder.host] = _Seen(now, used)
        if before is None or now <= before.at:
            return []
        grant = ctx.slots.grant_of(resource.key)
        hosts = len(host_folders(resource))
        memory = (grant.memory_mb if grant else resource.internal["memory_mb"]) / hosts
        points = [
            Point("CPUUtilization", now, 100.0 * max(0.0, used - before.cpu) / (now - before.at), PERCENT),
            Point("MemoryUtilization", now, 100.0 * private_memory_mb(pids) / max(1.0, memory), PERCENT),
        ]
        volume = int(resource.document["ResourceConfig"].get("VolumeSizeInGB") or 0) * 1024
        if volume:
            points.append(Point("DiskUtilization", now, 100.0 * folder_mb(folder.ml) / volume, PERCENT))
        return points
