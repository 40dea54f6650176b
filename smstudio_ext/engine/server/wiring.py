"""Puts the parts of an engine together, starts them and stops them."""

from __future__ import annotations

import threading

from smstudio_ext.engine.clock import Clock, SystemClock
from smstudio_ext.engine.context import EngineContext
from smstudio_ext.engine.experiments.backfill import make_missing
from smstudio_ext.engine.experiments.part import PART as EXPERIMENTS
from smstudio_ext.engine.experiments.part import Experiments
from smstudio_ext.engine.images.own import OwnImages
from smstudio_ext.engine.images.registry import ImageRegistry
from smstudio_ext.engine.lineage import recording
from smstudio_ext.engine.runtime.instances import InstancePool
from smstudio_ext.engine.runtime.joblogs import LogStore
from smstudio_ext.engine.runtime.jobs import sweep_folders
from smstudio_ext.engine.runtime.processes import ProcessRunner
from smstudio_ext.engine.runtime.reconciler import Reconciler
from smstudio_ext.engine.settings import Settings
from smstudio_ext.engine.store import Database, Store
from smstudio_ext.engine.store.objects import ObjectStore


def build_context(settings: Settings, clock: Clock | None = None) -> EngineContext:
    """The parts of an engine over one data directory; nothing runs yet.

    Raises:
        StoreVersionError: a newer version wrote the directory.
        OSError: the directory cannot be written.
    """
    clock = clock or SystemClock()
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    for directory in (settings.jobs_dir, settings.run_dir):
        directory.mkdir(exist_ok=True, mode=0o700)
    database = Database(settings.database_url) if settings.database_url else Database.at(settings.data_dir)
    store = Store(database, clock)
    reconciler = Reconciler(store, clock)
    context = EngineContext(
        settings=settings,
        clock=clock,
        store=store,
        objects=ObjectStore(store, settings.data_dir),
        logs=LogStore(database, clock),
        images=ImageRegistry(own=OwnImages(settings.data_dir / "images")),
        runner=ProcessRunner(settings.run_dir, on_exit=reconciler.wake_owner),
        slots=InstancePool(settings.cpus, settings.memory_mb, reconciler.wake_owner),
        reconciler=reconciler,
    )
    context.parts[EXPERIMENTS] = Experiments(store)
    return context


def start_parts(context: EngineContext) -> None:
    """Takes up every unfinished resource; the fork server loads its libraries and old job folders go meanwhile."""
    context.runner.open()
    context.reconciler.start(context)
    recording.start(context)
    threading.Thread(target=_warm_up, args=(context,), name="warm-up", daemon=True).start()


def stop_parts(context: EngineContext) -> None:
    """Ends what runs in this process; jobs and model servers go on."""
    context.reconciler.close()
    context.runner.close()
    for part in context.parts.values():
        part.close()
    context.objects.close()
    context.store.close()


def _warm_up(context: EngineContext) -> None:
    make_missing(Experiments.of(context))
    context.runner.warm()
    sweep_folders(context)
