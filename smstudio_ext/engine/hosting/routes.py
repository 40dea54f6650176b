"""Where an invocation goes: endpoints in service, their variants by weight, their servers."""

from __future__ import annotations

import random
import threading
import time
from bisect import bisect_right
from itertools import accumulate
from typing import TYPE_CHECKING

from smstudio_ext.engine.hosting.endpoints import KIND
from smstudio_ext.engine.hosting.fleet import Fleet, Variant, socket_path
from smstudio_ext.engine.hosting.states import SERVING
from smstudio_ext.engine.hosting.unix_client import UnixServerPool

if TYPE_CHECKING:
    from smstudio_ext.engine.settings import Settings
    from smstudio_ext.engine.store import Store
    from smstudio_ext.engine.store.changes import Change


class VariantRoute:
    """The servers of one variant.

    Attributes:
        servers: those that are ready.
        container: name of the container that errors are attributed to.
    """

    def __init__(self, variant: Variant, servers: list[UnixServerPool]) -> None:
        self.name = variant.name
        self.weight = variant.weight
        self.container = variant.containers[0].hostname
        self.servers = servers
        self.size = variant.count
        self._random = variant.routing == "RANDOM"

    def pick(self, avoid: UnixServerPool | None = None) -> UnixServerPool | None:
        """A ready server by the variant's routing strategy, or None."""
        now = time.monotonic()
        servers = [server for server in self.servers if server is not avoid and server.suspect_until <= now]
        if len(servers) <= 1:
            return servers[0] if servers else None
        if self._random:
            return random.choice(servers)
        fewest = min(server.in_flight for server in servers)
        return random.choice([server for server in servers if server.in_flight == fewest])


class EndpointRoute:
    """The variants of one endpoint in service."""

    def __init__(self, variants: list[VariantRoute]) -> None:
        self.variants = {variant.name: variant for variant in variants}
        self._order = variants
        self._bounds = list(accumulate(variant.weight for variant in variants))

    def choose(self) -> VariantRoute | None:
        """A variant by weight; None when every weight is zero."""
        total = self._bounds[-1]
        if total <= 0:
            return None
        if len(self._order) == 1:
            return self._order[0]
        return self._order[bisect_right(self._bounds, random.random() * total)]


class RouteTable:
    """Routes of all endpoints, read from the store when first needed and again after each change.

    `find` belongs to the event loop; changes may come from any thread.
    """

    def __init__(self, store: Store, settings: Settings) -> None:
        self._store = store
        self._settings = settings
        self._routes: dict[tuple[str, str], EndpointRoute | None] = {}
        self._pools: dict[tuple[str, str], dict[str, UnixServerPool]] = {}
        self._changes: dict[tuple[str, str], int] = {}
        self._lock = threading.Lock()
        self._unsubscribe = store.changes.subscribe(self._changed)

    def find(self, region: str, endpoint: str) -> EndpointRoute | None:
        """The route of an endpoint; None when there is none or it is not in service."""
        key = (region, endpoint)
        try:
            return self._routes[key]
        except KeyError:
            return self._read(key)

    def close(self) -> None:
        """Closes every connection."""
        self._unsubscribe()
        for pools in self._pools.values():
            for pool in pools.values():
                pool.close()

    def _read(self, key: tuple[str, str]) -> EndpointRoute | None:
        before = self._changes.get(key, 0)
        resource = self._store.resources.find(KIND, *key)
        old = self._pools.pop(key, {})
        pools: dict[str, UnixServerPool] = {}
        route = None
        if resource is not None and resource.status in SERVING:
            fleet = Fleet.from_json(resource.internal["serving"])
            variants = []
            for variant in fleet.variants:
                paths = [
                    str(socket_path(self._settings, instance))
                    for instance in variant.instances
                    if instance.ready
                ]
                servers = [old.pop(path) if path in old else UnixServerPool(path) for path in paths]
                pools.update(zip(paths, servers, strict=True))
                variants.append(VariantRoute(variant, servers))
            route = EndpointRoute(variants)
        for pool in old.values():
            pool.close()
        if pools:
            self._pools[key] = pools
        with self._lock:
            # Only what is surely the newest is kept; unknown names are not, so that they cannot fill the memory.
            if self._changes.get(key, 0) == before and resource is not None:
                self._routes[key] = route
        return route

    def _changed(self, change: Change) -> None:
        if change.kind != KIND:
            return
        key = (change.region, change.name)
        with self._lock:
            self._changes[key] = self._changes.get(key, 0) + 1
            self._routes.pop(key, None)
