"""Puts the parts of an engine together."""

from __future__ import annotations

import importlib
import logging
from typing import Any

from smstudio_ext.engine.clock import Clock, SystemClock
from smstudio_ext.engine.context import EngineContext
from smstudio_ext.engine.settings import Settings
from smstudio_ext.engine.store import Database, Store


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
    reconciler = _part("runtime.reconciler", "Reconciler", store, clock)
    granted = reconciler.wake_owner if reconciler is not None else None
    return EngineContext(
        settings=settings,
        clock=clock,
        store=store,
        objects=_part("store.objects", "ObjectStore", store, settings.data_dir),
        logs=_part("runtime.joblogs", "LogStore", database, clock),
        images=_part("images.registry", "ImageRegistry"),
        runner=_part("runtime.processes", "ProcessRunner", settings),
        slots=_part("runtime.instances", "InstancePool", settings.cpus, settings.memory_mb, granted),
        reconciler=reconciler,
    )


def _part(module: str, name: str, *arguments: Any) -> Any:
    # First minutes only: rooms land one after the other.
    try:
        return getattr(importlib.import_module(f"smstudio_ext.engine.{module}"), name)(*arguments)
    except (ImportError, TypeError, AttributeError, SyntaxError, NameError) as error:
        logging.getLogger(__name__).warning("part %s.%s is not there yet: %r", module, name, error)
        return None
