"""Routes of what runs: instances, apps, kernels, terminals, endpoints and jobs; what they use; shutting them down."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from jupyter_server.auth.decorator import authorized
from tornado.web import authenticated

from smstudio_ext.routes.base import SmStudioHandler
from smstudio_ext.routes.running_sessions import (
    kernel_processes,
    kernel_states,
    list_kernels,
    list_terminals,
    terminal_processes,
)
from smstudio_ext.routes.running_watch import WATCH, RunningWatch

if TYPE_CHECKING:
    from smstudio_ext.studio.usage_ledger import UsageLedger

_LEDGER = "smstudio_usage_ledger"


class RunningHandler(SmStudioHandler):
    """What runs."""

    _track_activity = False  # a panel that looks again and again must not keep an idle server alive

    @authenticated
    @authorized
    async def get(self) -> None:
        """Everything that runs, with its cost so far."""
        kernels = await list_kernels(self.settings, self.session.workers)
        terminals = list_terminals(self.settings)

        def work(request: Any) -> Any:
            from smstudio_ext.studio.running import get_running

            return get_running(
                self.session.switch.current(),
                kernels,
                terminals,
                data_dir=data_dir(self.session.engine),
                ledger=ledger_of(self.settings, self.session.engine),
                part=request.part,
            )

        await self.answer_with("getRunning", work)


class UsageHandler(SmStudioHandler):
    """What everything uses."""

    _track_activity = False

    @authenticated
    @authorized
    async def get(self) -> None:
        """CPU and memory of each kernel, each instance and the machine."""
        pids, states = kernel_processes(self.settings), kernel_states(self.settings)
        terminals = terminal_processes(self.settings)

        def work(request: Any) -> Any:
            from smstudio_ext.routes.running_usage import usage_now

            return usage_now(watch_of(self.settings).reader, pids, terminals, states)

        await self.answer_with("getUsage", work)


class KernelUsageHandler(SmStudioHandler):
    """What one kernel uses."""

    _track_activity = False

    @authenticated
    @authorized
    async def get(self, kernel_id: str) -> None:
        """CPU and memory of the kernel and its instance."""
        pids, terminals = kernel_processes(self.settings), terminal_processes(self.settings)

        def work(request: Any) -> Any:
            from smstudio_ext.routes.running_usage import kernel_usage

            return kernel_usage(watch_of(self.settings).reader, pids, terminals, kernel_id)

        await self.answer_with("getKernelUsage", work)


class ShutdownHandler(SmStudioHandler):
    """Shuts down what runs."""

    @authenticated
    @authorized
    async def post(self) -> None:
        """Shuts down one thing, or all under a heading."""
        from smstudio_ext.routes.running_shutdown import shut_down

        async def work(request: Any) -> Any:
            return await shut_down(
                self.settings,
                self.session.workers,
                self.session.switch.current,
                request.scope,
                request.name,
            )

        await self.answer_later("shutDown", work)
        self.announce("Running", "*", "Changed")


def watch_of(settings: dict[str, Any]) -> RunningWatch:
    """The server's watch over what runs."""
    found: RunningWatch = settings[WATCH]
    return found


def ledger_of(settings: dict[str, Any], engine: Any) -> UsageLedger:
    """The ledger of the data directory."""
    from smstudio_ext.studio.usage_ledger import UsageLedger

    found: UsageLedger | None = settings.get(_LEDGER)
    if found is None:
        found = settings[_LEDGER] = UsageLedger(data_dir(engine))
    return found


def data_dir(engine: Any) -> Path:
    """Where the local engine, and what this server notes beside it, keep their files."""
    return Path(engine.describe()["data_dir"])
