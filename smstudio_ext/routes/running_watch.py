"""The server's watch over what runs: tells pages of kernels that come and go, keeps to the idle policy, ends orphans."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from smstudio_ext.routes.running_sessions import (
    kernel_processes,
    list_terminals,
    shut_down_kernels,
    shut_down_terminals,
    terminal_processes,
)

if TYPE_CHECKING:
    from smstudio_ext.notebooks.idle import Activity, IdleWatch, Policy
    from smstudio_ext.notebooks.placing import Placement
    from smstudio_ext.notebooks.usage import Readings, UsageReader
    from smstudio_ext.routes.session import StudioSession
    from smstudio_ext.studio.running_apps import App
    from smstudio_ext.target import LocalEngine, Target

log = logging.getLogger(__name__)
T = TypeVar("T")

WATCH = "smstudio_running_watch"
"""Name of the watch among the server's settings."""

SEEN_SECONDS = 0.3
"""Between two looks at kernels and terminals while a page is visible."""
UNSEEN_SECONDS = 2.0
"""The same while none is: nobody has to be told, only the next round may be due."""
ROUND_SECONDS = 15.0
"""Between two rounds for idle instances and orphans."""


class RunningWatch:
    """One task of the server, for as long as it runs.

    Args:
        settings: what the server's handlers share.
        clock: monotonic seconds.
    """

    def __init__(
        self,
        settings: dict[str, Any],
        session: StudioSession,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._settings = settings
        self._session = session
        self._clock = clock
        self._task: asyncio.Task[None] | None = None
        self._due = 0.0
        self._idle: IdleWatch | None = None
        self._reader: UsageReader | None = None
        self._target: tuple[LocalEngine, Target] | None = None

    @property
    def reader(self) -> UsageReader:
        """The server's reader of use."""
        from smstudio_ext.notebooks.usage import UsageReader

        if self._reader is None:
            self._reader = UsageReader()
        return self._reader

    @property
    def idle(self) -> IdleWatch:
        """The server's watch over idle instances."""
        from smstudio_ext.notebooks.idle import IdleWatch

        if self._idle is None:
            self._idle = IdleWatch()
        return self._idle

    def start(self) -> None:
        """Begins; from the event loop. Once is enough."""
        if self._task is None or self._task.done():
            self._task = asyncio.get_running_loop().create_task(self._watch())

    async def close(self) -> None:
        """Ends the task."""
        if self._task:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    def keep(self, instance: str) -> None:
        """Somebody wants to keep an idle instance."""
        self.idle.keep(instance, self._clock())

    def idle_instances(self) -> dict[str, float]:
        """Instance -> seconds for which it has been idle."""
        return self.idle.idle_seconds(self._clock())

    def notice(self, change: dict[str, Any]) -> None:
        """A change that pages are told of: after an app's, kernels may have lost theirs."""
        if change.get("kind") == "App" and change.get("status") in ("Deleting", "Deleted"):
            self._due = self._clock()

    async def _watch(self) -> None:
        before: object = None
        self._due = self._clock() + ROUND_SECONDS
        while True:
            seen = self._session.presence.anyone
            await asyncio.sleep(SEEN_SECONDS if seen else UNSEEN_SECONDS)
            try:
                now = self._marks()
                if before is not None and now != before and seen:
                    self._tell("Running", "*", "Changed")
                before = now
                if self._clock() >= self._due:
                    self._due = self._clock() + ROUND_SECONDS
                    await self.round()
            except Exception:  # whatever went wrong, the watch goes on
                log.warning("Watching kernels failed; trying again.", exc_info=True)
                await asyncio.sleep(UNSEEN_SECONDS)

    async def round(self) -> None:
        """Ends kernels whose app was shut down elsewhere, and instances that have been idle for too long."""
        if not await self._run(self._worth_a_round):
            return
        # Kernels first: an app that a kernel is known to be on was there before the list was made.
        pids, shells = kernel_processes(self._settings), terminal_processes(self._settings)
        readings = await self._run(lambda: self.reader.read(pids, shells))
        apps = await self._run(self._live_apps)
        if apps is None:
            return
        await self._end_orphans(readings, apps)
        await self._stop_idle(readings, apps)

    async def _end_orphans(self, readings: Readings, apps: list[App]) -> None:
        alive = {app.name for app in apps}
        manager = self._settings["kernel_manager"]
        orphans = [
            place.kernel_id
            for place in readings.places.values()
            if place.app_name and place.app_name not in alive and place.kernel_id in manager
        ]
        if orphans:
            log.info("Shutting down kernels whose app was shut down: %s", ", ".join(orphans))
            await shut_down_kernels(self._settings, orphans)

    async def _stop_idle(self, readings: Readings, apps: list[App]) -> None:
        from smstudio_ext.notebooks.idle import read_policy

        policy: Policy = await self._run(lambda: read_policy(self._data_dir()))
        activities = self._activities(readings, apps)
        for verdict in self.idle.look(self._clock(), policy, activities):
            if verdict.action == "stop":
                log.info("Shutting down %s: idle for %.0f s", verdict.name, verdict.idle_seconds)
                self._tell("IdleInstance", verdict.name, "Stopped", f"{verdict.idle_seconds:.0f}")
                await self._stop_instance(verdict.name, readings, apps)
            else:
                status = "Warning" if verdict.action == "warn" else "Spared"
                self._tell("IdleInstance", verdict.name, status, f"{verdict.left_seconds:.0f}")

    async def _stop_instance(self, name: str, readings: Readings, apps: list[App]) -> None:
        from smstudio_ext.studio.running import shut_down_apps

        mine = [app for app in apps if f"{app.owner}/{app.instance_type}" == name]
        names = {app.name for app in mine}
        manager = self._settings["kernel_manager"]
        here = [
            place.kernel_id
            for place in readings.places.values()
            if place.app_name in names and place.kernel_id in manager
        ]
        await shut_down_kernels(self._settings, here)
        await shut_down_terminals(
            self._settings, [each.name for each in list_terminals(self._settings) if each.app in names]
        )
        # Kernels of other servers on the same data end there, in their next round.
        await self._run(lambda: shut_down_apps(self._local_target(), mine))
        self._tell("Running", "*", "Changed")

    def _activities(self, readings: Readings, apps: list[App]) -> dict[str, Activity]:
        from smstudio_ext.notebooks.idle import Activity

        manager = self._settings["kernel_manager"]
        terminals = list_terminals(self._settings)
        places: dict[str, list[Placement]] = {}
        for place in readings.places.values():
            places.setdefault(place.app_name or "", []).append(place)
        found: dict[str, Activity] = {}
        groups: dict[str, list[App]] = {}
        for app in apps:
            if app.metered and app.app_type != "JupyterServer":
                groups.setdefault(f"{app.owner}/{app.instance_type}", []).append(app)
        for name, members in groups.items():
            mine = [place for app in members for place in places.get(app.name, [])]
            kernels = [manager.get_kernel(place.kernel_id) for place in mine if place.kernel_id in manager]
            use = readings.instances.get(name)
            found[name] = Activity(
                busy=any(getattr(kernel, "execution_state", "") == "busy" for kernel in kernels)
                or any(app.status == "Pending" for app in members),
                marks=(
                    sorted(place.kernel_id for place in mine),
                    [str(getattr(kernel, "last_activity", "")) for kernel in kernels],
                ),
                cpu_percent=use.cpu_percent if use else None,
                terminals=sum(1 for each in terminals if each.app in {app.name for app in members}),
            )
        return found

    def _marks(self) -> object:
        """Everything whose change pages are told of at once; cheap enough to look at three times a second."""
        terminals = self._settings.get("terminal_manager")
        manager = self._settings["kernel_manager"]
        return (
            frozenset(manager.list_kernel_ids()),
            frozenset(terminals.terminals) if terminals is not None else None,
            _modified(_placements_dir()),
        )

    def _worth_a_round(self) -> bool:
        """Whether there may be an instance that somebody wants to be looked after."""
        from smstudio_ext.notebooks.idle import read_policy

        if self._session.engine.find() is None:
            return False
        try:
            placed = any(_placements_dir().iterdir())
        except OSError:
            placed = False
        return placed or read_policy(self._data_dir()).enabled

    def _live_apps(self) -> list[App] | None:
        """Apps of the local engine that hold instances; None when it does not tell."""
        from botocore.exceptions import BotoCoreError, ClientError

        from smstudio_ext.studio.running_apps import list_apps

        try:
            return [app for app in list_apps(self._local_target()) if app.status in ("Pending", "InService")]
        except (ClientError, BotoCoreError):
            return None

    def _local_target(self) -> Target:
        """The local engine as kernels see it, whatever target pages show."""
        from smstudio_ext.target import EngineAway, Target

        engine = self._session.engine.find()
        if engine is None:
            raise EngineAway("The local engine does not run.")
        if self._target is None or self._target[0] != engine:
            self._target = (engine, Target.local(engine))
        return self._target[1]

    def _data_dir(self) -> Path:
        return Path(str(self._session.engine.describe()["data_dir"]))

    def _tell(self, kind: str, name: str, status: str, detail: str = "") -> None:
        self._session.announce(
            {"kind": kind, "name": name, "status": status, "secondary_status": detail, "region": ""}
        )

    async def _run(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._session.workers, work)


def _placements_dir() -> Path:
    from smstudio_ext.notebooks.home import notebooks_dir

    return notebooks_dir() / "placements"


def _modified(folder: Path) -> int:
    """When files of a folder last came, went or were replaced, in nanoseconds; 0 without the folder."""
    try:
        return folder.stat().st_mtime_ns
    except OSError:
        return 0
