"""What every operation and controller of one running engine works with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from smstudio_ext.engine.clock import Clock
    from smstudio_ext.engine.images.registry import ImageRegistry
    from smstudio_ext.engine.runtime.instances import InstancePool
    from smstudio_ext.engine.runtime.joblogs import LogStore
    from smstudio_ext.engine.runtime.processes import ProcessRunner
    from smstudio_ext.engine.runtime.reconciler import Reconciler
    from smstudio_ext.engine.settings import Settings
    from smstudio_ext.engine.store import Store
    from smstudio_ext.engine.store.objects import ObjectStore


@dataclass
class EngineContext:
    """The parts of a running engine, made once by `engine.server.main`.

    Attributes:
        url: address under which clients (and jobs) reach the engine, e.g. `http://127.0.0.1:4566`.
        parts: what a domain package makes once an engine, by a name of its own (`hosting.router`).
    """

    settings: Settings
    clock: Clock
    store: Store
    objects: ObjectStore
    logs: LogStore
    images: ImageRegistry
    runner: ProcessRunner
    slots: InstancePool
    reconciler: Reconciler
    url: str = ""
    parts: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Call:
    """Who calls, and from where: the part of a request that is not its input."""

    service: str
    operation: str
    region: str
    account: str
    access_key: str
    request_id: str
    user_agent: str = ""
    hints: Mapping[str, str] = field(default_factory=dict)
    """Optional headers `x-smstudio-*` without that prefix; AWS ignores them, here they spare work."""
    source_ip: str = ""
    """Address from which the request came; empty where it is unknown."""
