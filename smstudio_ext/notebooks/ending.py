"""Ends kernels from outside of their Jupyter server: through the server that has them, else the process itself."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import time
import urllib.error
import urllib.request
from collections.abc import Iterable
from typing import Any

from smstudio_ext.notebooks.gateway import registry
from smstudio_ext.notebooks.placing import Placement, forget, placements
from smstudio_ext.studio.models.running import ShutdownItem

_SECONDS = 10.0
_GRACE = 3.0
_GATEWAY_GRACE = 30.0
"""A relay first has its gateway end the kernel there."""


def end_kernels(kernel_ids: Iterable[str]) -> list[ShutdownItem]:
    """Ends kernels that stand in the registry; goes on when one cannot be ended.

    A kernel that was only killed would be started again by its server, so the server is asked first.
    """
    wanted = set(kernel_ids)
    places = [place for place in [*placements(), *registry.remotes()] if place.kernel_id in wanted]
    servers = _servers() if places else {}
    return [_end(place, servers) for place in places]


def _end(place: Placement, servers: dict[int, dict[str, Any]]) -> ShutdownItem:
    server = servers.get(place.server)
    problem: str | None = None
    if server is not None:
        problem = _ask(server, place.kernel_id)
        if problem is None:
            return ShutdownItem(kind="Kernel", name=place.kernel_id)
    there = isinstance(place, registry.RemoteKernel)
    if not _kill(place.pid, _GATEWAY_GRACE if there else _GRACE):
        return ShutdownItem(kind="Kernel", name=place.kernel_id, error=problem or "It does not end.")
    (registry.forget if there else forget)(place.kernel_id)
    return ShutdownItem(kind="Kernel", name=place.kernel_id)


def _servers() -> dict[int, dict[str, Any]]:
    """Process -> address and token of the user's Jupyter servers that run."""
    from jupyter_server.serverapp import list_running_servers

    return {int(server["pid"]): server for server in list_running_servers()}


def _ask(server: dict[str, Any], kernel_id: str) -> str | None:
    """Has a server shut a kernel down; what went wrong, or None."""
    request = urllib.request.Request(
        f"{server['url']}api/kernels/{kernel_id}",
        method="DELETE",
        headers={"Authorization": f"token {server.get('token', '')}"},
    )
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))  # it is on this machine
    try:
        with opener.open(request, timeout=_SECONDS):
            return None
    except urllib.error.HTTPError as error:
        if error.code == 404:  # it has just ended
            return None
        with contextlib.suppress(ValueError, OSError):
            return str(json.loads(error.read()).get("message") or error)
        return str(error)
    except OSError as error:
        return str(error)


def _kill(pid: int, grace: float) -> bool:
    """Ends a process: asks it, then forces it after a grace; whether it is gone."""
    for number, seconds in ((signal.SIGTERM, grace), (signal.SIGKILL, _GRACE)):
        try:
            os.kill(pid, number)
        except ProcessLookupError:
            return True
        except PermissionError:
            return False
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            if not _alive(pid):
                return True
            time.sleep(0.05)
    return not _alive(pid)


def _alive(pid: int) -> bool:
    import psutil

    try:
        return bool(psutil.Process(pid).status() != psutil.STATUS_ZOMBIE)
    except psutil.Error:
        return False
