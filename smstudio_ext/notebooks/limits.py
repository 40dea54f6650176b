"""What an instance type grants its kernels on this machine, and the control groups that hold them to it."""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import signal
import time
from dataclasses import dataclass, field
from pathlib import Path

from smstudio_ext.notebooks.instance_types import Machine, instance_type, this_machine

ROOT = Path("/sys/fs/cgroup")
GIB = 2**30
PIDS_PER_VCPU = 512
"""Processes and threads that a kernel may have for each vCPU; ten times what a notebook with many workers uses."""

_PERIOD = 100_000
"""Microseconds over which the CPU time of a group is counted; the kernel's own default."""

_CONTROLLERS = ("memory", "cpu", "cpuacct", "pids")


@dataclass(frozen=True)
class Grant:
    """What an instance has here.

    Attributes:
        vcpus: CPUs that all its kernels share.
        memory: bytes that they share.
        pids: processes and threads that one kernel may have.
        capped: what the type has more of than the machine: `vcpu`, `memory`, `gpu`.
    """

    vcpus: float
    memory: int
    pids: int
    capped: tuple[str, ...] = ()


def grant(name: str, machine: Machine | None = None) -> Grant:
    """What an instance of a type gets on this machine: the type's size, or the machine's where that is smaller.

    Raises:
        LookupError: there is no such type.
    """
    found = instance_type(name)
    if found is None:
        raise LookupError(f"There is no instance type '{name}'.")
    machine = machine or this_machine()
    vcpus = min(float(found.vcpus), float(machine.vcpus))
    memory = int(min(found.memory_gib, machine.memory_gib) * GIB)
    return Grant(vcpus, memory, int(max(1.0, vcpus) * PIDS_PER_VCPU), found.lacks(machine))


@dataclass(frozen=True)
class Group:
    """A control group: one folder a controller with version 1, one folder for all with version 2.

    Attributes:
        folders: controller -> folder. With version 2 all are the same.
    """

    folders: dict[str, Path] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.folders)

    @property
    def places(self) -> list[Path]:
        """Its folders, each once."""
        return list(dict.fromkeys(self.folders.values()))

    def child(self, name: str) -> Group:
        """A group within this one, made if need be; what cannot be made is left out."""
        made: dict[str, Path] = {}
        for controller, folder in self.folders.items():
            with contextlib.suppress(OSError):
                (folder / name).mkdir(exist_ok=True)
                made[controller] = folder / name
        return Group(made)

    def limit(
        self, *, vcpus: float | None = None, memory: int | None = None, pids: int | None = None
    ) -> set[str]:
        """Sets limits; none of a kind leaves it as it is.

        Returns:
            The kinds that the kernel took: `cpu`, `memory`, `pids`.
        """
        kept: set[str] = set()
        if vcpus is not None:
            quota = int(vcpus * _PERIOD)
            if self._write("cpu", "cpu.cfs_quota_us", str(quota)) or self._write(
                "cpu", "cpu.max", f"{quota} {_PERIOD}"
            ):
                kept.add("cpu")
        if memory is not None:
            if self._write("memory", "memory.limit_in_bytes", str(memory)) or self._write(
                "memory", "memory.max", str(memory)
            ):
                kept.add("memory")
            # Without swap beyond it: a notebook that thrashes is worse than one that ends with a reason.
            self._write("memory", "memory.memsw.limit_in_bytes", str(memory))
            self._write("memory", "memory.swap.max", "0")
        if pids is not None and self._write("pids", "pids.max", str(pids)):
            kept.add("pids")
        return kept

    def enter(self, pid: int) -> set[str]:
        """Moves a process into the group; its children from now on are there too.

        Returns:
            The controllers that took it.
        """
        took: set[str] = set()
        for folder in self.places:
            with contextlib.suppress(OSError):
                (folder / "cgroup.procs").write_text(str(pid))
                took |= {controller for controller, place in self.folders.items() if place == folder}
        return took

    def members(self) -> list[int]:
        """The processes of the group itself, without those of groups within it."""
        found: set[int] = set()
        for folder in self.places:
            with contextlib.suppress(OSError, ValueError):
                found |= {int(line) for line in (folder / "cgroup.procs").read_text().split()}
        return sorted(found)

    def kill(self) -> None:
        """Ends every process of the group, also those that left the kernel's session."""
        for _ in range(
            100
        ):  # a fork bomb goes on forking while it is being shot at; the limit of pids ends that
            members = self.members()
            if not members:
                return
            for pid in members:
                with contextlib.suppress(OSError):
                    os.kill(pid, signal.SIGKILL)
            time.sleep(0.005)

    def remove(self) -> bool:
        """Takes the empty group away; processes that have just been killed may hold it for a moment."""
        gone = True
        for folder in self.places:
            for _ in range(40):
                try:
                    folder.rmdir()
                except FileNotFoundError:
                    break
                except OSError:
                    time.sleep(0.005)
                else:
                    break
            else:
                gone = False
        return gone

    def memory_kills(self) -> int:
        """How many of its processes the kernel ended because memory was used up."""
        return self._event("memory", ("memory.events", "memory.oom_control"), "oom_kill")

    def refused_forks(self) -> int:
        """How often a process of it could not be made because there were too many."""
        return self._event("pids", ("pids.events",), "max")

    def memory_used(self) -> int | None:
        """Bytes in use, page cache included; None where nobody counts."""
        return self._number("memory", ("memory.current", "memory.usage_in_bytes"))

    def cpu_seconds(self) -> float | None:
        """CPU time used so far, with groups within it; None where nobody counts."""
        nanoseconds = self._number("cpuacct", ("cpuacct.usage",))
        if nanoseconds is not None:
            return nanoseconds / 1e9
        microseconds = self._event("cpu", ("cpu.stat",), "usage_usec")
        return microseconds / 1e6 if microseconds else None

    def processes(self) -> int | None:
        """Processes and threads, with groups within it; None where nobody counts."""
        return self._number("pids", ("pids.current",))

    def _write(self, controller: str, name: str, text: str) -> bool:
        folder = self.folders.get(controller)
        if folder is None or not (folder / name).exists():
            return False
        try:
            (folder / name).write_text(text)
        except OSError:
            return False
        return True

    def _number(self, controller: str, names: tuple[str, ...]) -> int | None:
        folder = self.folders.get(controller)
        for name in names:
            if folder is not None:
                with contextlib.suppress(OSError, ValueError):
                    return int((folder / name).read_text())
        return None

    def _event(self, controller: str, names: tuple[str, ...], wanted: str) -> int:
        folder = self.folders.get(controller)
        for name in names:
            if folder is not None:
                with contextlib.suppress(OSError, ValueError):
                    for line in (folder / name).read_text().splitlines():
                        key, _, value = line.partition(" ")
                        if key == wanted:
                            return int(value)
        return 0


def instance_group(name: str) -> Group:
    """The group of an instance below this process's own groups; an empty one where none may be made.

    Version 1 needs writable hierarchies (root, mostly), version 2 a delegated group (as systemd gives a user's services).
    """
    made: dict[str, Path] = {}
    for controller, parent in _parents().items():
        folder = parent / name
        try:
            folder.mkdir(exist_ok=True)
        except OSError:
            continue
        made[controller] = folder
    group = Group(made)
    for folder in group.places:
        if (folder / "cgroup.subtree_control").exists():
            for controller in ("cpu", "memory", "pids"):
                with contextlib.suppress(OSError):
                    (folder / "cgroup.subtree_control").write_text(f"+{controller}")
    return group


def group_name(text: str) -> str:
    """A name for a folder of a control group."""
    return re.sub(r"[^A-Za-z0-9_-]+", "-", text).strip("-")


def _parents() -> dict[str, Path]:
    """Controller -> the folder below which groups may be made."""
    try:
        lines = Path("/proc/self/cgroup").read_text().splitlines()
    except OSError:
        return {}  # macOS
    found: dict[str, Path] = {}
    for line in lines:
        number, controllers, path = line.split(":", 2)
        for controller in controllers.split(","):
            if controller in _CONTROLLERS:
                for place in (ROOT / controllers, ROOT / controller):
                    folder = _outside(place / path.strip("/"))
                    if folder.is_dir() and os.access(folder, os.W_OK):
                        found[controller] = folder
                        break
        if number == "0" and not controllers and not found:
            found.update(_delegated(path))
    return found


def _outside(folder: Path) -> Path:
    """The folder above groups of ours: a server that itself runs in a kernel does not nest instances."""
    for parent in (folder, *folder.parents):
        if parent.name.startswith("smstudio-"):
            return parent.parent
    return folder


def _delegated(path: str) -> dict[str, Path]:
    base = ROOT if (ROOT / "cgroup.controllers").exists() else ROOT / "unified"
    place = _outside(base / path.strip("/"))
    for candidate in (place, *place.parents):
        if candidate == base.parent:
            return {}
        try:
            open_to_children = (candidate / "cgroup.subtree_control").read_text().split()
        except OSError:
            continue
        if "memory" in open_to_children and os.access(candidate, os.W_OK):
            return {name: candidate for name in ("memory", "cpu", "pids") if name in open_to_children}
    return {}


def confine_alone(pid: int, granted: Grant) -> set[str]:
    """Limits one process (and its later children, each for itself) where no control group can.

    Returns:
        The kinds that are kept: `memory` (address space of each process), nothing where the system has no such limits.
    """
    kept: set[str] = set()
    try:
        import resource

        _, hard = resource.prlimit(pid, resource.RLIMIT_AS)
        resource.prlimit(pid, resource.RLIMIT_AS, (granted.memory, hard))
        kept.add("memory")
    except (ImportError, AttributeError, OSError, ValueError):
        pass  # macOS, or the process is gone
    return kept


def salt_of(instance_type: str) -> int:
    """Which CPUs an instance has where the machine has more: all that runs on it gets the same ones."""
    return int(hashlib.sha256(instance_type.encode()).hexdigest()[:4], 16)


def pin(pid: int, vcpus: float, salt: int = 0) -> set[str]:
    """Lets a process and its later children run on as many CPUs as the instance has, where the machine has more.

    Args:
        salt: which CPUs; the same for all kernels of an instance.
    """
    if not hasattr(os, "sched_setaffinity"):
        return set()
    try:
        usable = sorted(os.sched_getaffinity(0))
        count = max(1, int(vcpus))
        if count >= len(usable):
            return {"affinity"}
        first = (salt * count) % len(usable)
        chosen = [usable[(first + step) % len(usable)] for step in range(count)]
        os.sched_setaffinity(pid, chosen)
    except OSError:
        return set()
    return {"affinity"}
