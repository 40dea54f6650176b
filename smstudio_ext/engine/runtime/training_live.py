"""What is done for a training job while it runs: its metrics and its use of the hosts become series, its checkpoints objects."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

from smstudio_ext.engine.experiments.jobs import component_of
from smstudio_ext.engine.experiments.part import Experiments
from smstudio_ext.engine.runtime.folder_sync import FolderSync
from smstudio_ext.engine.runtime.joblogs import LogEvent, read_forward
from smstudio_ext.engine.runtime.jobs import JobFolder, host_folders, host_log
from smstudio_ext.engine.runtime.metric_files import MetricFiles
from smstudio_ext.engine.runtime.metrics import (
    TRAINING_NAMESPACE,
    MetricPoint,
    MetricReader,
    append_series,
    final_values,
    replace_series,
)
from smstudio_ext.engine.runtime.training_utilisation import HostUtilisation
from smstudio_ext.engine.store.objects import parse_s3_uri

if TYPE_CHECKING:
    from smstudio_ext.engine.context import EngineContext
    from smstudio_ext.engine.store.resources import Resource

Document = dict[str, Any]
OPT_ML = "/opt/ml"
LOOK_SECONDS = 1.0
SYNC_SECONDS = 5.0
CHECKPOINTS = f"{OPT_ML}/checkpoints"
_PART = "training.live"

# member of the request -> (its S3 member, its default folder); stored while the job runs
_SYNCED = {
    "CheckpointConfig": ("S3Uri", CHECKPOINTS),
    "TensorBoardOutputConfig": ("S3OutputPath", f"{OPT_ML}/output/tensorboard"),
    "DebugHookConfig": ("S3OutputPath", f"{OPT_ML}/output/tensors"),
}


class LiveTraining:
    """The running training jobs that this engine follows; one an engine, kept in `EngineContext.parts`."""

    def __init__(self) -> None:
        self._jobs: dict[tuple[str, str, str], _Follower] = {}
        self._lock = threading.Lock()

    @staticmethod
    def of(ctx: EngineContext) -> LiveTraining:
        """That of an engine."""
        part = ctx.parts.setdefault(_PART, LiveTraining())
        assert isinstance(part, LiveTraining)
        return part

    def look(self, ctx: EngineContext, resource: Resource) -> float:
        """Follows a job; returns after how many seconds to look again."""
        return self._follower(ctx, resource).look(ctx, resource)

    def finish(self, ctx: EngineContext, resource: Resource) -> Document:
        """Writes the rest of the metrics and the rest of the synced folders; returns FinalMetricDataList, if there is any.

        Raises:
            JobFailure: a bucket is gone.
        """
        follower = self._follower(ctx, resource)
        self.forget(resource)
        return follower.finish(ctx)

    def forget(self, resource: Resource) -> None:
        """Ends following; harmless when the job is not followed."""
        with self._lock:
            self._jobs.pop(resource.key, None)

    def close(self) -> None:
        """Nothing is held."""

    def _follower(self, ctx: EngineContext, resource: Resource) -> _Follower:
        with self._lock:
            found = self._jobs.get(resource.key)
            if found is None or found.folder != resource.internal["folder"]:
                found = self._jobs[resource.key] = _Follower(ctx, resource)
            return found


class _Follower:
    """Follows one job; stepped by one thread at a time."""

    def __init__(self, ctx: EngineContext, resource: Resource) -> None:
        self.folder = resource.internal["folder"]
        self._region = resource.region
        self._dimensions = {"TrainingJobName": resource.name}
        self._component = component_of(resource.kind, resource.name)
        definitions = resource.document["AlgorithmSpecification"].get("MetricDefinitions") or []
        self._reader = MetricReader({d["Name"]: d["Regex"] for d in definitions}) if definitions else None
        self._logs = [host_log(resource, folder.host) for folder in host_folders(resource)]
        self._positions: dict[Path, int] | None = None  # unknown until the first look
        self._last: list[MetricPoint] = []
        self._syncs = synced_folders(ctx, resource)
        self._synced = ctx.clock.now()
        self._utilisation = HostUtilisation()
        self._files = MetricFiles(
            resource.region, self._component, [folder.ml for folder in host_folders(resource)]
        )

    def look(self, ctx: EngineContext, resource: Resource) -> float:
        self._utilisation.look(ctx, resource)
        self._files.look(ctx)
        if self._reader is not None:
            self._read(ctx, self._reader)
        if self._syncs and ctx.clock.now() >= self._synced + SYNC_SECONDS:
            self._synced = ctx.clock.now()
            for sync in self._syncs:
                sync.look()
        return SYNC_SECONDS if self._reader is None else LOOK_SECONDS

    def finish(self, ctx: EngineContext) -> Document:
        for sync in self._syncs:
            sync.finish()
        self._files.look(ctx)
        if self._reader is None:
            return {}
        self._read(ctx, self._reader)
        final = [{"MetricName": p.name, "Value": p.value, "Timestamp": p.timestamp} for p in self._last]
        return {"FinalMetricDataList": final} if final else {}

    def _read(self, ctx: EngineContext, reader: MetricReader) -> None:
        first = self._positions is None
        positions = dict(self._positions or dict.fromkeys(self._logs, 0))
        points: list[MetricPoint] = []
        for log in self._logs:
            events, positions[log] = _new_events(log, positions[log])
            points += reader.points(events)
        counted = [(point.name, point.timestamp, point.value) for point in points]
        Experiments.of(ctx).metrics.count_job_points(self._region, self._component, counted, anew=first)
        if first:  # an engine before this one may have written some
            replace_series(ctx.store.database, self._region, TRAINING_NAMESPACE, self._dimensions, points)
        elif points:
            append_series(ctx.store.database, self._region, TRAINING_NAMESPACE, self._dimensions, points)
        self._positions = positions
        self._last = final_values(sorted([*self._last, *points], key=lambda point: point.timestamp))


def _new_events(log: Path, position: int) -> tuple[list[LogEvent], int]:
    events: list[LogEvent] = []
    while True:
        page = read_forward(log, position)
        events += page.events
        if page.end == position:
            return events, position
        position = page.end


def synced_paths(document: Document) -> list[str]:
    """The folders below /opt/ml that are stored while the job runs."""
    configs = [(document.get(member) or {}, uri, default) for member, (uri, default) in _SYNCED.items()]
    return [config.get("LocalPath") or default for config, uri, default in configs if config.get(uri)]


def synced_folders(ctx: EngineContext, resource: Resource) -> list[FolderSync]:
    """The folders of a job's hosts that are stored while it runs."""
    syncs = []
    for member, (uri, default) in _SYNCED.items():
        config = resource.document.get(member)
        if not config or not config.get(uri):
            continue
        location = parse_s3_uri(config[uri])
        if member != "CheckpointConfig":
            location = location.child(resource.name)
        for folder in host_folders(resource):
            local = local_folder(folder, config.get("LocalPath") or default)
            syncs.append(FolderSync(ctx.objects, local, location))
    return syncs


def local_folder(folder: JobFolder, path: str) -> Path:
    """Where a path below /opt/ml is on this machine."""
    return folder.ml.joinpath(*path.rstrip("/").split("/")[3:])
