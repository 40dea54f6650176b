"""Shadow variants: they get copies of requests, and nobody waits for their answers."""

from __future__ import annotations

import asyncio
import random
import time
from typing import TYPE_CHECKING

from smstudio_ext.engine.hosting.link import ConnectionBroken, ServerTimeout, ServerUnreachable

if TYPE_CHECKING:
    from smstudio_ext.engine.context import EngineContext
    from smstudio_ext.engine.hosting.invocations import Invocation
    from smstudio_ext.engine.hosting.metrics import InvocationMetrics
    from smstudio_ext.engine.hosting.routes import EndpointRoute, VariantRoute

MOST_COPIES = 64
"""Copies under way at most; beyond, requests are not mirrored, so that a slow shadow costs no memory."""
_TIME_LIMIT = 60.0


class Shadows:
    """Sends copies of requests. Belongs to the event loop."""

    def __init__(self, ctx: EngineContext, metrics: InvocationMetrics) -> None:
        self._ctx = ctx
        self._metrics = metrics
        self._tasks: set[asyncio.Task[None]] = set()

    def mirror(self, invocation: Invocation, route: EndpointRoute) -> None:
        """Sends a copy to each shadow variant whose share of the requests it falls into."""
        for variant, share in route.shadows:
            if random.random() < share and len(self._tasks) < MOST_COPIES:
                task = asyncio.get_running_loop().create_task(self._send(invocation, variant))
                self._tasks.add(task)
                task.add_done_callback(self._tasks.discard)

    async def _send(self, invocation: Invocation, variant: VariantRoute) -> None:
        server = variant.pick()
        if server is None:
            return
        begin, status, seconds = time.perf_counter(), 500, None
        try:
            reply = await server.post(
                invocation.content_type, invocation.accept, invocation.headers, invocation.body, _TIME_LIMIT
            )
            status, seconds = reply.status, time.perf_counter() - begin
        except (ServerUnreachable, ConnectionBroken, ServerTimeout):
            pass  # counted as an error of the shadow variant; its log says more
        self._metrics.record(
            invocation.region,
            invocation.endpoint,
            variant.name,
            config=variant.config,
            status=status,
            instances=variant.size,
            model_seconds=seconds,
            total_seconds=time.perf_counter() - begin,
        )
