"""What model servers use of their instances, and what waits for asynchronous ones, as CloudWatch metrics once a minute."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from smstudio_ext.engine.hosting import async_store
from smstudio_ext.engine.hosting.fleet import Fleet, Instance, Variant, attempt_directory
from smstudio_ext.engine.hosting.metrics import NAMESPACE
from smstudio_ext.engine.hosting.servers import capacity
from smstudio_ext.engine.runtime.metric_series import Point, write_points
from smstudio_ext.engine.runtime.procfs import descendants, private_memory_mb

if TYPE_CHECKING:
    from smstudio_ext.engine.hosting.work import EndpointWork

INSTANCE_NAMESPACE = "/aws/sagemaker/Endpoints"
PERCENT = "Percent"
PUBLISH_SECONDS = 60.0
VOLUME_GB = 30
"""Disk of an instance, GiB, for DiskUtilization."""

_PART = "hosting.utilisation"


class Utilisation:
    """CPU time that servers had used when last looked at; lives as long as the engine."""

    def __init__(self) -> None:
        self.due: dict[tuple[str, str, str], float] = {}
        self.cpu: dict[str, tuple[int, float, float]] = {}

    def close(self) -> None:
        """Nothing to give back."""


def publish_utilisation(work: EndpointWork) -> float:
    """Writes an endpoint's metrics when it is time; seconds until the next time."""
    state = work.ctx.parts.setdefault(_PART, Utilisation())
    assert isinstance(state, Utilisation)
    now, key = work.ctx.clock.monotonic(), work.resource.key
    if key not in state.due:
        _measure(work, state, write=False)  # CPU time is told from here on
        state.due[key] = now + PUBLISH_SECONDS
    left = state.due[key] - now
    if left > 0:
        return left
    state.due[key] = now + PUBLISH_SECONDS
    _measure(work, state, write=True)
    serving = work.fleet("serving")
    if serving is not None and serving.asynchronous is not None:
        _backlog(work, serving)
    return PUBLISH_SECONDS


def _measure(work: EndpointWork, state: Utilisation, *, write: bool) -> None:
    serving = work.fleet("serving")
    for variant in serving.all_variants() if serving else ():
        points: list[Point] = []
        for instance in variant.instances:
            if instance.ready:
                points += _instance_points(work, state, variant, instance)
        if write:
            dimensions = {"EndpointName": work.resource.name, "VariantName": variant.name}
            database = work.ctx.store.database
            write_points(database, work.resource.region, INSTANCE_NAMESPACE, dimensions, points)


def _instance_points(
    work: EndpointWork, state: Utilisation, variant: Variant, instance: Instance
) -> list[Point]:
    directory = attempt_directory(work.servers.directory, instance)
    pid = work.ctx.runner.state(directory).pid
    if pid is None:
        return []
    pids = [pid, *descendants(pid)]
    now, used = work.ctx.clock.monotonic(), sum(map(_cpu_seconds, pids))
    _, memory_mb = capacity(variant)
    points = [
        Point("MemoryUtilization", work.now, 100.0 * private_memory_mb(pids) / memory_mb, PERCENT),
        Point("DiskUtilization", work.now, 100.0 * _folder_size(directory) / (VOLUME_GB << 30), PERCENT),
    ]
    before = state.cpu.get(instance.id)
    state.cpu[instance.id] = (pid, now, used)
    if before is not None and before[0] == pid and now > before[1]:
        share = 100.0 * max(0.0, used - before[2]) / (now - before[1])
        points.append(Point("CPUUtilization", work.now, share, PERCENT))
    return points


def _backlog(work: EndpointWork, serving: Fleet) -> None:
    """Metrics of an asynchronous endpoint's queue; `PerInstance` ones count a missing instance as one, as AWS does."""
    waiting = async_store.count(work.ctx, work.resource.region, work.resource.name)
    instances = sum(len(variant.instances) for variant in serving.variants)
    points = [
        Point("ApproximateBacklogSize", work.now, float(waiting), "Count"),
        Point("ApproximateBacklogSizePerInstance", work.now, waiting / max(1, instances), "Count"),
        Point("HasBacklogWithoutCapacity", work.now, float(waiting > 0 and instances == 0), "Count"),
    ]
    dimensions = {"EndpointName": work.resource.name}
    write_points(work.ctx.store.database, work.resource.region, NAMESPACE, dimensions, points)


def _cpu_seconds(pid: int) -> float:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / float(os.sysconf("SC_CLK_TCK"))


def _folder_size(directory: Path) -> int:
    total = 0
    for folder, _, names in os.walk(directory):
        for name in names:
            try:
                total += os.lstat(os.path.join(folder, name)).st_size
            except OSError:
                continue
    return total
