"""Where an invocation goes: endpoints in service, their variants by weight, their servers."""

from __future__ import annotations

import asyncio
import contextlib
import random
import threading
import time
from bisect import bisect_right
from itertools import accumulate
from pathlib import Path
from typing import TYPE_CHECKING, Any

from smstudio_ext.engine.hosting.endpoints import KIND
from smstudio_ext.engine.hosting.fleet import Fleet, Variant, endpoint_directory, socket_path
from smstudio_ext.engine.hosting.link import ServerLink
from smstudio_ext.engine.hosting.states import SERVING

if TYPE_CHECKING:
    from smstudio_ext.engine.settings import Settings
    from smstudio_ext.engine.store import Store
    from smstudio_ext.engine.store.changes import Change
    from smstudio_ext.engine.store.resources import Resource

Key = tuple[str, str]
"""(region, name) of an endpoint."""


class VariantRoute:
    """The servers of one variant in one fleet.

    Attributes:
        config: the endpoint configuration that it is of.
        servers: those that are ready.
        container: name of the container that errors are attributed to.
        size: how many servers it is to have.
        containers: names of its containers where they are called one by one; else empty.
        models: s3:// prefix of a multi-model variant's models.
        serverless: ServerlessConfig of a serverless variant.
    """

    def __init__(self, variant: Variant, servers: list[ServerLink], config: str) -> None:
        self.name = variant.name
        self.config = config
        self.weight = variant.weight
        self.container = variant.containers[0].hostname
        self.servers = servers
        self.size = variant.count
        self.containers = [one.hostname for one in variant.containers] if variant.direct else []
        self.models = next((one.models for one in variant.containers if one.models is not None), None)
        self.serverless = variant.serverless
        self.plain = not self.containers and self.models is None and self.serverless is None
        self._random = variant.routing == "RANDOM"

    def pick(self, avoid: ServerLink | None = None, session: str | None = None) -> ServerLink | None:
        """A ready server by the variant's routing strategy, or None.

        Args:
            session: requests of one session go to the same server while the servers stay.
        """
        now = time.monotonic()
        servers = self.servers
        if len(servers) == 1 and avoid is None:
            return servers[0] if servers[0].suspect_until <= now else None
        servers = [server for server in servers if server is not avoid and server.suspect_until <= now]
        if len(servers) <= 1:
            return servers[0] if servers else None
        if session is not None:
            return max(servers, key=lambda server: hash((server.path, session)))
        if self._random:
            return random.choice(servers)
        fewest = min(server.in_flight for server in servers)
        return random.choice([server for server in servers if server.in_flight == fewest])


class EndpointRoute:
    """The variants of one endpoint in service.

    Args:
        variants: each with its share of the traffic (any positive scale).

    Attributes:
        shadows: shadow variants, with the share of requests that each gets a copy of.
        capture: DataCaptureConfig, while capture is on.
        asynchronous: AsyncInferenceConfig of an asynchronous endpoint.
        directory: the endpoint's folder.
        plain: nothing but a choice among variants is to be done for a request.
    """

    def __init__(
        self,
        variants: list[tuple[VariantRoute, float]],
        *,
        shadows: list[tuple[VariantRoute, float]] | None = None,
        capture: dict[str, Any] | None = None,
        asynchronous: dict[str, Any] | None = None,
        directory: Path | None = None,
    ) -> None:
        self.shadows = shadows or []
        self.capture = capture
        self.asynchronous = asynchronous
        self.directory = directory
        self.variants = [variant for variant, _ in variants]
        self._shares = [share for _, share in variants]
        self._bounds = list(accumulate(self._shares))
        self.plain = (
            not self.shadows
            and capture is None
            and asynchronous is None
            and all(variant.plain for variant in self.variants)
        )

    def choose(self) -> VariantRoute | None:
        """A variant by weight; None when every weight is zero."""
        total = self._bounds[-1]
        if total <= 0:
            return None
        if len(self.variants) == 1:
            return self.variants[0]
        return self.variants[bisect_right(self._bounds, random.random() * total)]

    def named(self, name: str) -> VariantRoute | None:
        """The variant of that name; while an update moves the traffic, the old or the new one by their shares."""
        found = [at for at, variant in enumerate(self.variants) if variant.name == name]
        if not found:
            return None
        weights = [self._shares[at] for at in found]
        if len(found) > 1 and sum(weights) > 0:
            return self.variants[random.choices(found, weights)[0]]
        return self.variants[found[0]]

    def links(self) -> list[ServerLink]:
        """The servers of all variants."""
        return [server for variant in self.variants for server in variant.servers]


class RouteTable:
    """Routes of all endpoints, read from the store when first needed and again after each change.

    `find` and `changed` belong to the event loop; changes may come from any thread.
    """

    def __init__(self, store: Store, settings: Settings) -> None:
        self._store = store
        self._settings = settings
        self._routes: dict[Key, EndpointRoute | None] = {}
        self._pools: dict[Key, dict[str, ServerLink]] = {}
        self._changes: dict[Key, int] = {}
        self._waiters: dict[Key, list[tuple[asyncio.AbstractEventLoop, asyncio.Event]]] = {}
        self._lock = threading.Lock()
        self._unsubscribe = store.changes.subscribe(self._changed)

    def find(self, region: str, endpoint: str) -> EndpointRoute | None:
        """The route of an endpoint; None when there is none or it is not in service."""
        key = (region, endpoint)
        try:
            return self._routes[key]
        except KeyError:
            return self._read(key)

    def known(self, key: Key) -> EndpointRoute | None:
        """The route if it is at hand; asks nobody."""
        return self._routes.get(key)

    def heard(self, key: Key, path: str) -> float:
        """`time.monotonic()` of the last answer that the server at a path gave; 0 when none is known."""
        link = self._pools.get(key, {}).get(path)
        return 0.0 if link is None else link.heard

    async def changed(self, region: str, endpoint: str, timeout: float) -> None:
        """Waits until the endpoint's row changes, or the time is over."""
        event = asyncio.Event()
        waiter = (asyncio.get_running_loop(), event)
        with self._lock:
            self._waiters.setdefault((region, endpoint), []).append(waiter)
        try:
            with contextlib.suppress(asyncio.TimeoutError):
                await asyncio.wait_for(event.wait(), timeout)
        finally:
            with self._lock:
                waiters = self._waiters[region, endpoint]
                waiters.remove(waiter)
                if not waiters:
                    del self._waiters[region, endpoint]

    def close(self) -> None:
        """Closes every connection."""
        self._unsubscribe()
        for pools in self._pools.values():
            for pool in pools.values():
                pool.close()

    def _read(self, key: Key) -> EndpointRoute | None:
        before = self._changes.get(key, 0)
        resource = self._store.resources.find(KIND, *key)
        old = self._pools.pop(key, {})
        pools: dict[str, ServerLink] = {}
        route = None
        if resource is not None and resource.status in SERVING:
            route = self._route(resource, old, pools)
        for pool in old.values():
            pool.close()
        if pools:
            self._pools[key] = pools
        with self._lock:
            # Only what is surely the newest is kept; unknown names are not, so that they cannot fill the memory.
            if self._changes.get(key, 0) == before and resource is not None:
                self._routes[key] = route
        return route

    def _route(
        self, resource: Resource, old: dict[str, ServerLink], pools: dict[str, ServerLink]
    ) -> EndpointRoute:
        def variant_route(variant: Variant, fleet: Fleet) -> VariantRoute:
            paths = [
                str(socket_path(self._settings, instance)) for instance in variant.instances if instance.ready
            ]
            for path in paths:
                if path not in pools:
                    pools[path] = old.pop(path) if path in old else ServerLink(path)
            return VariantRoute(variant, [pools[path] for path in paths], fleet.config)

        serving = Fleet.from_json(resource.internal["serving"])
        share = float((resource.internal.get("deployment") or {}).get("share", 0.0))
        variants = [
            (variant_route(variant, serving), part)
            for variant, part in _shares(serving.variants, 1.0 - share)
        ]
        if share > 0 and resource.internal.get("next"):
            coming = Fleet.from_json(resource.internal["next"])
            variants += [
                (variant_route(variant, coming), part) for variant, part in _shares(coming.variants, share)
            ]
        weight = serving.variants[0].weight or 1.0
        return EndpointRoute(
            variants,
            shadows=[
                (variant_route(shadow, serving), min(1.0, shadow.weight / weight))
                for shadow in serving.shadows
            ],
            capture=serving.capture,
            asynchronous=serving.asynchronous,
            directory=endpoint_directory(
                self._settings, resource.region, resource.name, resource.internal["id"]
            ),
        )

    def _changed(self, change: Change) -> None:
        if change.kind != KIND:
            return
        key = (change.region, change.name)
        with self._lock:
            self._changes[key] = self._changes.get(key, 0) + 1
            self._routes.pop(key, None)
            waiters = list(self._waiters.get(key, ()))
        for loop, event in waiters:
            with contextlib.suppress(RuntimeError):  # the loop has just ended
                loop.call_soon_threadsafe(event.set)


def _shares(variants: list[Variant], share: float) -> list[tuple[Variant, float]]:
    """Each variant's part of all traffic, when its fleet has `share` of it."""
    total = sum(variant.weight for variant in variants)
    return [(variant, share * variant.weight / total if total > 0 else 0.0) for variant in variants]
