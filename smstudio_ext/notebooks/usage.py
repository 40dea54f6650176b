"""What kernels and instances use of CPU and memory, read so that reading costs next to nothing."""

from __future__ import annotations

import contextlib
import os
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from smstudio_ext.notebooks.instance_types import Machine, this_machine
from smstudio_ext.notebooks.limits import grant
from smstudio_ext.notebooks.placing import Placement, placements

SHORTEST = 0.5
"""Seconds between two looks at the system: whoever asks sooner gets the last answer again."""

PLACEMENTS_SECONDS = 5.0
"""Seconds after which the registry of kernels is read again even if no kernel came or went."""

_GIB = 2**30


@dataclass(frozen=True)
class Use:
    """What processes use.

    Attributes:
        cpu_percent: of the vCPUs that they may use together, 0 to 100; None at the first look.
        memory_bytes: memory that only they hold: without the cache of files.
        memory_percent: of the memory that they may use together, 0 to 100.
    """

    cpu_percent: float | None
    memory_bytes: int
    memory_percent: float


@dataclass(frozen=True)
class Size:
    """What percentages are of: vCPUs, and memory in bytes."""

    vcpus: float
    memory: int


@dataclass(frozen=True)
class Readings:
    """One look.

    Attributes:
        kernels: kernel id -> use; a kernel whose processes are gone is missing.
        instances: `owner/type` -> use of all its kernels together.
        on: kernel id -> its instance, for kernels on one.
        machine: use of this machine by everybody.
        places: kernel id -> where it was placed.
        at: when, by the reader's clock.
    """

    kernels: dict[str, Use]
    instances: dict[str, Use]
    on: dict[str, str]
    machine: Use
    size: Size
    places: dict[str, Placement]
    at: float


@dataclass
class _Seen:
    """Processor time of something at one look, for the difference at the next one."""

    at: float
    seconds: float
    percent: float | None = None


@dataclass(frozen=True)
class _Raw:
    """Processor seconds since the start, and bytes."""

    cpu: float
    memory: int


@dataclass
class UsageReader:
    """Reads use; one for each server. Safe to use from many threads.

    Kernels in a control group of their own cost two small files a look; for others the table of processes is read once,
    whatever their number.
    """

    clock: Callable[[], float] = time.monotonic
    registry: Callable[[], list[Placement]] = placements
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _last: Readings | None = None
    _seen: dict[str, _Seen] = field(default_factory=dict)
    _places: tuple[float, list[Placement]] = (float("-inf"), [])
    _size: Size | None = None

    def read(
        self, kernels: Mapping[str, int] | None = None, others: Mapping[int, str] | None = None
    ) -> Readings:
        """Use of all placed kernels and of others.

        Args:
            kernels: kernel id -> process, of kernels of this server; those that were placed on an instance count there.
            others: process -> type of the user's instance on which it counts too, as shells of image terminals.
        """
        with self._lock:
            now = self.clock()
            last = self._last
            known = last is not None and set(kernels or ()) <= set(last.kernels)
            if last is not None and known and now - last.at < SHORTEST:
                return last
            self._last = self._look(now, kernels or {}, others or {})
            return self._last

    def forget_placements(self) -> None:
        """Has the next look read the registry of kernels anew."""
        with self._lock:
            self._places = (float("-inf"), [])
            self._last = None

    def _look(self, now: float, kernels: Mapping[str, int], others: Mapping[int, str]) -> Readings:
        size = self._machine_size()
        places = {place.kernel_id: place for place in self._registry(now, kernels)}
        pids = {**kernels, **{name: place.pid for name, place in places.items()}}
        raw = _read_all({**pids, **{_other(pid): pid for pid in others}}, places)
        found: dict[str, Use] = {}
        sums: dict[str, list[str]] = {}
        owners = {place.instance_type: place.user_profile for place in places.values() if place.user_profile}
        on = {
            # before the engine has told whose a kernel's app is, it counts on the user's instance of its type
            name: f"{place.user_profile or owners.get(place.instance_type, '')}/{place.instance_type}"
            for name, place in places.items()
        }
        known = {_type(name): name for name in on.values()}
        on.update({_other(pid): known.get(kind, f"/{kind}") for pid, kind in others.items()})
        for name, each in raw.items():
            limit = size_of(_type(on[name]), size) if name in on else size
            found[name] = self._use(name, now, each, limit)
            if name in on:
                sums.setdefault(on[name], []).append(name)
        instances = {
            name: _together([found[each] for each in members], size_of(_type(name), size))
            for name, members in sums.items()
        }
        found = {name: use for name, use in found.items() if name in pids}
        machine = self._use("", now, _machine_raw(), size)
        self._seen = {name: seen for name, seen in self._seen.items() if name in raw or not name}
        return Readings(found, instances, on, machine, size, places, now)

    def _registry(self, now: float, kernels: Mapping[str, int]) -> list[Placement]:
        read, known = self._places
        names = {place.kernel_id for place in known}
        stale = (
            now - read > PLACEMENTS_SECONDS
            or any(name not in names for name in kernels)
            or any(place.app_name is None for place in known)
        )
        if stale or any(not Path(f"/proc/{place.pid}").exists() for place in known if os.name == "posix"):
            known = self.registry()
            self._places = (now, known)
        return known

    def _machine_size(self) -> Size:
        if self._size is None:
            machine: Machine = this_machine()
            self._size = Size(float(machine.vcpus), int(machine.memory_gib * _GIB))
        return self._size

    def _use(self, name: str, now: float, raw: _Raw, size: Size) -> Use:
        before = self._seen.get(name)
        percent: float | None = None
        if before is not None and now > before.at:
            used = max(0.0, raw.cpu - before.seconds)  # less than before: a kernel that was started anew
            percent = min(100.0, 100 * used / (now - before.at) / size.vcpus)
        self._seen[name] = _Seen(now, raw.cpu, percent)
        return Use(percent, raw.memory, min(100.0, 100 * raw.memory / size.memory))


def _other(pid: int) -> str:
    return f"process {pid}"


def _type(instance: str) -> str:
    """Instance type in the name of an instance."""
    return instance.rpartition("/")[2]


def size_of(instance_type: str, machine: Size) -> Size:
    """What kernels on a type may use here: no more than the machine has."""
    try:
        granted = grant(instance_type)
    except LookupError:
        return machine
    return Size(granted.vcpus, granted.memory)


def _together(uses: Iterable[Use], size: Size) -> Use:
    uses = list(uses)
    percents = [use.cpu_percent for use in uses if use.cpu_percent is not None]
    memory = sum(use.memory_bytes for use in uses)
    return Use(
        min(100.0, sum(percents)) if percents else None, memory, min(100.0, 100 * memory / size.memory)
    )


def _read_all(pids: Mapping[str, int], places: Mapping[str, Placement]) -> dict[str, _Raw]:
    found: dict[str, _Raw] = {}
    rest: dict[str, int] = {}
    for name, pid in pids.items():
        place = places.get(name)
        grouped = _read_group(place.groups) if place and place.groups else None
        if grouped is not None:
            found[name] = grouped
        else:
            rest[name] = pid
    if rest:
        found.update(_read_trees(rest))
    return found


def _read_group(folders: Mapping[str, str]) -> _Raw | None:
    """Use of a control group; None where it does not count both, or is gone."""
    try:
        cpu = _group_seconds(folders)
        memory = _group_memory(Path(folders["memory"]))
    except (OSError, KeyError, ValueError):
        return None
    return _Raw(cpu, memory)


def _group_seconds(folders: Mapping[str, str]) -> float:
    if "cpuacct" in folders:  # version 1
        return int((Path(folders["cpuacct"]) / "cpuacct.usage").read_text()) / 1e9
    for line in (Path(folders["cpu"]) / "cpu.stat").read_text().splitlines():
        if line.startswith("usage_usec"):
            return int(line.split()[1]) / 1e6
    raise ValueError("cpu.stat does not say how much was used")


def _group_memory(folder: Path) -> int:
    """Bytes in use without the cache of files that the kernel would give back at once."""
    new = folder / "memory.current"
    used = int((new if new.exists() else folder / "memory.usage_in_bytes").read_text())
    for line in (folder / "memory.stat").read_text().splitlines():
        name, _, value = line.partition(" ")
        if name in ("total_inactive_file", "inactive_file"):
            idle = int(value)
            if name == "total_inactive_file" or new.exists():
                return max(0, used - idle)
    return used


def _read_trees(pids: Mapping[str, int]) -> dict[str, _Raw]:
    """Use of processes with all their children, from one look at the table of processes."""
    table = _process_table()
    children: dict[int, list[int]] = {}
    for pid, (parent, _, _) in table.items():
        children.setdefault(parent, []).append(pid)
    found: dict[str, _Raw] = {}
    for name, root in pids.items():
        if root not in table:
            continue
        cpu, memory, waiting = 0.0, 0, [root]
        while waiting:
            pid = waiting.pop()
            cpu += table[pid][1]
            memory += table[pid][2]
            waiting += children.get(pid, ())
        found[name] = _Raw(cpu, memory)
    return found


def _process_table() -> dict[int, tuple[int, float, int]]:
    """Process -> parent, processor seconds, resident bytes."""
    if not Path("/proc/self/stat").exists():
        return _slow_process_table()
    tick, page = os.sysconf("SC_CLK_TCK"), os.sysconf("SC_PAGE_SIZE")
    table: dict[int, tuple[int, float, int]] = {}
    for name in os.listdir("/proc"):
        if not name.isdigit():
            continue
        with contextlib.suppress(OSError, IndexError, ValueError):  # it has just ended
            with open(f"/proc/{name}/stat", "rb") as file:
                # the name of the program may hold blanks and parentheses; fields are counted behind the last one
                fields = file.read().rpartition(b")")[2].split()
            seconds = (int(fields[11]) + int(fields[12]) + int(fields[13]) + int(fields[14])) / tick
            table[int(name)] = (int(fields[1]), seconds, int(fields[21]) * page)
    return table


def _slow_process_table() -> dict[int, tuple[int, float, int]]:
    """The same where there is no /proc, as on macOS."""
    import psutil

    table: dict[int, tuple[int, float, int]] = {}
    for process in psutil.process_iter(["ppid", "cpu_times", "memory_info"]):
        times, memory = process.info["cpu_times"], process.info["memory_info"]
        if times and memory:
            table[process.pid] = (process.info["ppid"] or 0, times.user + times.system, memory.rss)
    return table


def _machine_raw() -> _Raw:
    import psutil

    times, memory = psutil.cpu_times(), psutil.virtual_memory()
    idle = times.idle + getattr(times, "iowait", 0.0)
    # guest time is counted in user time already
    whole = sum(times) - getattr(times, "guest", 0.0) - getattr(times, "guest_nice", 0.0)
    return _Raw(whole - idle, memory.total - memory.available)
