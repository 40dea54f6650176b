"""Kernels that outlived their Jupyter server: found again by the next one, with their notebooks."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import uuid
from pathlib import Path
from typing import Any

from smstudio_ext.notebooks import placing
from smstudio_ext.notebooks.gateway import registry
from smstudio_ext.notebooks.placing import Placement

_wanted: dict[str, Placement] = {}
"""Kernels that this process is taking over: their provisioners do not start a process."""


def take(kernel_id: str) -> Placement | None:
    """The running kernel that a provisioner is to take over instead of starting one; asked once."""
    return _wanted.pop(kernel_id, None)


async def find_again(server: Any) -> list[str]:
    """Takes over the kernels of servers that have ended.

    Args:
        server: the Jupyter server (`ServerApp`).

    Returns:
        Ids of the kernels.
    """
    found: list[str] = []
    manager = server.kernel_manager
    for each in [*placing.placements(), *registry.remotes()]:
        if not each.kept or each.kernel_id in manager or _serves(each) or not _reachable(each):
            continue
        try:
            await _adopt(server, each)
        except Exception:
            _wanted.pop(each.kernel_id, None)
            server.log.exception("The running kernel %s could not be taken over.", each.kernel_id)
            continue
        found.append(each.kernel_id)
        server.log.info(
            "Found the running kernel %s (%s) again.", each.kernel_id, each.session or each.kernel_name
        )
    return found


def let_go(manager: Any) -> int:
    """Lets the kernels of instances run on when this server ends; the next one finds them.

    Args:
        manager: of the server's kernels.

    Returns:
        How many.
    """
    gone = 0
    for kernel_id in list(manager.list_kernel_ids()):
        kernel = manager.get_kernel(kernel_id)
        one = placing.placement(kernel_id) or registry.remote(kernel_id)
        if one is None or not one.kept:
            continue
        manager.stop_watching_activity(kernel_id)
        manager.stop_buffering(kernel_id)
        kernel.stop_restarter()
        kernel._connection_file_written = False  # else it is deleted with the manager
        manager.remove_kernel(kernel_id)
        placing.leave(kernel_id)
        registry.leave(kernel_id)
        gone += 1
    return gone


async def _adopt(server: Any, one: Placement) -> None:
    _wanted[one.kernel_id] = one
    environment = {**os.environ}
    if one.session:
        environment[placing.SESSION_NAME] = one.session
    await server.kernel_manager.start_kernel(
        kernel_id=one.kernel_id,
        kernel_name=one.kernel_name,
        env=environment,
        **({"cwd": str(Path(one.session).parent)} if Path(one.session).is_file() else {}),
    )
    root = Path(server.kernel_manager.root_dir).resolve()
    path = Path(one.session)
    if path.suffix == ".ipynb" and path.is_file() and path.resolve().is_relative_to(root):
        relative = path.resolve().relative_to(root).as_posix()
        await server.session_manager.save_session(
            str(uuid.uuid4()), path=relative, name=path.name, type="notebook", kernel_id=one.kernel_id
        )


def _serves(one: Placement) -> bool:
    """Whether the server that started the kernel still runs."""
    return one.server == os.getpid() or placing.started_at(one.server) == one.server_born != 0


def _reachable(one: Placement) -> bool:
    try:
        return "shell_port" in json.loads(Path(one.connection_file).read_text())
    except (OSError, ValueError, TypeError):
        return False


def reach(provisioner: Any, one: Placement, launch: dict[str, Any]) -> dict[str, Any]:
    """What a provisioner's `pre_launch` does for a kernel that runs: the manager learns how to reach it.

    Args:
        provisioner: a LocalProvisioner.
        launch: arguments of the launch.

    Returns:
        Arguments of a launch without a command.
    """
    manager: Any = provisioner.parent
    manager.connection_file = one.connection_file
    manager.load_connection_file()
    manager._connection_file_written = True  # it is deleted when the kernel is shut down
    provisioner.ports_cached = True  # a restart keeps the ports
    provisioner.connection_info = manager.get_connection_info()
    for name in ("extra_arguments", "transport_encryption"):
        launch.pop(name, None)
    return {**launch, "cmd": []}


class AdoptedProcess:
    """A kernel's process that another process started; has what LocalProvisioner needs of a Popen."""

    stdin = stdout = stderr = None

    def __init__(self, one: Placement) -> None:
        self.pid = one.pid
        self._one = one

    def poll(self) -> int | None:
        """None while it runs; its exit code went to another process, so 1 stands for any."""
        return None if placing.runs(self._one) else 1

    def wait(self) -> int:
        """Its exit code; it has ended when this is asked."""
        return self.poll() or 0

    def send_signal(self, number: int) -> None:
        """Sends a signal while it runs."""
        if self.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, number)

    def kill(self) -> None:
        """Ends it at once."""
        self.send_signal(signal.SIGKILL)

    def terminate(self) -> None:
        """Asks it to end."""
        self.send_signal(signal.SIGTERM)
