"""Looks after model servers that run but do not answer: health checks, and the end of those that hang."""

from __future__ import annotations

import socket
import time
from typing import TYPE_CHECKING

from smstudio_ext.engine.hosting import frames
from smstudio_ext.engine.hosting.fleet import Instance, attempt_directory, socket_path
from smstudio_ext.engine.hosting.invocations import last_answer

if TYPE_CHECKING:
    from smstudio_ext.engine.context import EngineContext
    from smstudio_ext.engine.hosting.work import EndpointWork
    from smstudio_ext.engine.settings import Settings

PING_SECONDS = 10.0
"""How often servers are asked for their health."""
HANG_SECONDS = 75.0
"""Seconds without an answer, to a health check or an invocation, after which a server is ended and started again: longer than the
60 s that an invocation may take, during which a model that computes may keep its server from answering health checks."""
HUNG = "Hung"

_ANSWER_SECONDS = 2.0
_PART = "hosting.health"


class Health:
    """Since when servers load, and since when they have not answered; lives as long as the engine."""

    def __init__(self) -> None:
        self.loading_since: dict[str, float] = {}
        self.due: dict[tuple[str, str, str], float] = {}
        self.silent_since: dict[str, float] = {}

    def close(self) -> None:
        """Nothing to give back."""


def record(ctx: EngineContext) -> Health:
    """The record of an engine."""
    found = ctx.parts.setdefault(_PART, Health())
    assert isinstance(found, Health)
    return found


def loading_seconds(ctx: EngineContext, instance: Instance) -> float:
    """How long the present start of a server has been seen loading."""
    now = ctx.clock.monotonic()
    return now - record(ctx).loading_since.setdefault(f"{instance.id}-{instance.attempt}", now)


def watch_servers(work: EndpointWork) -> float:
    """Asks an endpoint's ready servers for their health when it is time; seconds until the next time."""
    health = record(work.ctx)
    now, key = work.ctx.clock.monotonic(), work.resource.key
    left = health.due.get(key, now + PING_SECONDS) - now
    health.due.setdefault(key, now + PING_SECONDS)
    if left > 0:
        return left
    health.due[key] = now + PING_SECONDS
    for name in ("serving", "next"):
        fleet = work.fleet(name)
        patience = HANG_SECONDS
        if fleet is not None and fleet.asynchronous is not None:
            patience += 3600.0
        for _, instance in fleet.instances() if fleet else ():
            if not instance.ready or answers(work.ctx.settings, instance):
                health.silent_since.pop(instance.id, None)
                continue
            since = health.silent_since.setdefault(instance.id, now)
            path = str(socket_path(work.ctx.settings, instance))
            heard = last_answer(work.ctx, work.resource.region, work.resource.name, path)
            if min(now - since, time.monotonic() - heard) >= patience:
                del health.silent_since[instance.id]
                directory = attempt_directory(work.servers.directory, instance)
                work.ctx.runner.stop(directory, 0.0, reason=HUNG)
    return PING_SECONDS


def answers(settings: Settings, instance: Instance) -> bool:
    """Whether a server answers a health check within two seconds and is well."""
    reader = frames.FrameReader()
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
            connection.settimeout(_ANSWER_SECONDS)
            connection.connect(str(socket_path(settings, instance)))
            connection.sendall(frames.pack(1, frames.PING))
            while data := connection.recv(4096):
                for frame in reader.feed(data):
                    return frame.code == 200
    except (OSError, ValueError):
        pass
    return False
