"""Instances are slots: what an instance type grants, and the queue for this machine's vCPUs and memory."""

from __future__ import annotations

import math
import os
import threading
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from smstudio_ext.engine.errors import ResourceLimitExceeded, ValidationException

Owner = tuple[str, str, str]
"""(kind, region, name) of the resource that holds a slot."""

GIB = 1024

# size -> multiple of the family's `large`
_SIZES = {
    "large": 1,
    "xlarge": 2,
    "2xlarge": 4,
    "4xlarge": 8,
    "8xlarge": 16,
    "9xlarge": 18,
    "10xlarge": 20,
    "12xlarge": 24,
    "16xlarge": 32,
    "18xlarge": 36,
    "24xlarge": 48,
    "32xlarge": 64,
    "48xlarge": 96,
}
_GENERAL = ("large", "xlarge", "2xlarge", "4xlarge", "8xlarge", "12xlarge", "16xlarge", "24xlarge")
_COMPUTE5 = ("large", "xlarge", "2xlarge", "4xlarge", "9xlarge", "12xlarge", "18xlarge", "24xlarge")
# family -> (GiB of memory for each vCPU, sizes); a `large` has 2 vCPUs
_FAMILIES: dict[str, tuple[float, tuple[str, ...]]] = {
    "m4": (4, ("large", "xlarge", "2xlarge", "4xlarge", "10xlarge", "16xlarge")),
    "m5": (4, _GENERAL),
    "m5d": (4, _GENERAL),
    "m6i": (4, (*_GENERAL, "32xlarge")),
    "m6g": (4, ("large", "xlarge", "2xlarge", "4xlarge", "8xlarge", "12xlarge", "16xlarge")),
    "m7i": (4, (*_GENERAL, "48xlarge")),
    "c4": (1.875, ("large", "xlarge", "2xlarge", "4xlarge", "8xlarge")),
    "c5": (2, _COMPUTE5),
    "c5d": (2, _COMPUTE5),
    "c5n": (2.625, ("large", "xlarge", "2xlarge", "4xlarge", "9xlarge", "18xlarge")),
    "c6i": (2, (*_GENERAL, "32xlarge")),
    "c7i": (2, (*_GENERAL, "48xlarge")),
    "r5": (8, _GENERAL),
    "r5d": (8, _GENERAL),
    "r6i": (8, (*_GENERAL, "32xlarge")),
    "g4dn": (4, ("xlarge", "2xlarge", "4xlarge", "8xlarge", "12xlarge", "16xlarge")),
    "g5": (4, ("xlarge", "2xlarge", "4xlarge", "8xlarge", "12xlarge", "16xlarge", "24xlarge", "48xlarge")),
}
_OTHERS: dict[str, tuple[float, int]] = {
    "ml.t2.medium": (2, 4 * GIB),
    "ml.t2.large": (2, 8 * GIB),
    "ml.t2.xlarge": (4, 16 * GIB),
    "ml.t2.2xlarge": (8, 32 * GIB),
    "ml.t3.medium": (2, 4 * GIB),
    "ml.t3.large": (2, 8 * GIB),
    "ml.t3.xlarge": (4, 16 * GIB),
    "ml.t3.2xlarge": (8, 32 * GIB),
    "ml.p2.xlarge": (4, 61 * GIB),
    "ml.p2.8xlarge": (32, 488 * GIB),
    "ml.p2.16xlarge": (64, 732 * GIB),
    "ml.p3.2xlarge": (8, 61 * GIB),
    "ml.p3.8xlarge": (32, 244 * GIB),
    "ml.p3.16xlarge": (64, 488 * GIB),
    "ml.p3dn.24xlarge": (96, 768 * GIB),
    "ml.p4d.24xlarge": (96, 1152 * GIB),
    "ml.p5.48xlarge": (192, 2048 * GIB),
}


@dataclass(frozen=True)
class InstanceType:
    """What AWS's instance type has: vCPUs and memory (MiB)."""

    name: str
    vcpus: float
    memory_mb: int


def _table() -> dict[str, InstanceType]:
    table = {name: InstanceType(name, vcpus, memory) for name, (vcpus, memory) in _OTHERS.items()}
    for family, (per_vcpu, sizes) in _FAMILIES.items():
        for size in sizes:
            name, vcpus = f"ml.{family}.{size}", 2 * _SIZES[size]
            table[name] = InstanceType(name, vcpus, int(vcpus * per_vcpu * GIB))
    return table


INSTANCE_TYPES = _table()


def instance_type(name: str) -> InstanceType:
    """The instance type of that name; types that the table lacks are taken as 2 vCPUs and 8 GiB.

    Raises:
        ValidationException: it is not a name of an ML instance type at all.
    """
    found = INSTANCE_TYPES.get(name)
    if found is not None:
        return found
    if not name.startswith("ml.") or name.count(".") != 2:
        raise ValidationException(
            f"1 validation error detected: Value '{name}' at 'instanceType' failed to satisfy constraint: "
            "Member must be an ML instance type such as ml.m5.large"
        )
    return InstanceType(name, 2, 8 * GIB)


def require_one_instance(name: str, count: int, usage: str) -> None:
    """Refuses more than one instance for a job, in the form of AWS's quota message.

    Args:
        usage: `training job`, `processing job` or `transform job`.

    Raises:
        ResourceLimitExceeded: `count` is above one.
    """
    if count > 1:
        raise ResourceLimitExceeded(
            f"The account-level service limit '{name} for {usage} usage' is 1 Instances, with current utilization of "
            f"0 Instances and a request delta of {count} Instances. This machine runs each job on one instance; "
            "use InstanceCount 1."
        )


@dataclass(frozen=True)
class Slot:
    """A share of this machine that a job asks for in place of what its instance type grants."""

    cpus: float
    memory_mb: int


@dataclass(frozen=True)
class Grant:
    """What an owner holds: vCPUs, memory (MiB) and the numbers of the cores to run on."""

    cpus: float
    memory_mb: int
    cores: tuple[int, ...]


class InstancePool:
    """Grants vCPUs and memory first come, first served; safe from any thread.

    The queue is strict: a big job at its head is never overtaken, so it cannot starve.

    Args:
        cpus: vCPUs to grant together.
        memory_mb: memory to grant together, MiB; 0 takes nine tenths of the machine's.
        granted: called (outside the lock) with each owner whose turn has come; wakes its controller.
    """

    def __init__(
        self, cpus: float, memory_mb: int = 0, granted: Callable[[Owner], None] | None = None
    ) -> None:
        self.cpus = float(cpus)
        self.memory_mb = memory_mb or machine_memory_mb() * 9 // 10
        self.granted = granted
        self._cores = _usable_cores()
        self._load = dict.fromkeys(self._cores, 0.0)
        self._grants: dict[Owner, Grant] = {}
        self._queue: deque[tuple[Owner, float, int]] = deque()
        self._lock = threading.Lock()

    def acquire(self, owner: Owner, cpus: float, memory_mb: int) -> bool:
        """Takes a slot, capped by the machine; False: `owner` is queued and told by `granted`.

        Repeated calls are harmless.
        """
        need = (min(float(cpus), self.cpus), min(int(memory_mb), self.memory_mb))
        with self._lock:
            if owner in self._grants:
                return True
            if all(waiting != owner for waiting, _, _ in self._queue):
                self._queue.append((owner, *need))
            told = self._serve()
            mine = owner in self._grants
        self._tell(one for one in told if one != owner)
        return mine

    def adopt(self, owner: Owner, cpus: float, memory_mb: int) -> None:
        """Books a slot that `owner` held before the engine started, whether it fits or not."""
        with self._lock:
            if owner not in self._grants:
                self._book(owner, min(float(cpus), self.cpus), min(int(memory_mb), self.memory_mb))

    def release(self, owner: Owner) -> None:
        """Gives the slot (or the place in the queue) back; without one it does nothing."""
        with self._lock:
            grant = self._grants.pop(owner, None)
            if grant is not None:
                for core in grant.cores:
                    self._load[core] -= grant.cpus / len(grant.cores)
            self._queue = deque(item for item in self._queue if item[0] != owner)
            told = self._serve()
        self._tell(told)

    def grant_of(self, owner: Owner) -> Grant | None:
        """What `owner` holds now."""
        with self._lock:
            return self._grants.get(owner)

    def usage(self) -> dict[str, float]:
        """vCPUs and memory in use and in all, and how many wait."""
        with self._lock:
            return {
                "cpus": self.cpus,
                "cpus_used": sum(grant.cpus for grant in self._grants.values()),
                "memory_mb": self.memory_mb,
                "memory_mb_used": sum(grant.memory_mb for grant in self._grants.values()),
                "waiting": len(self._queue),
            }

    def _serve(self) -> list[Owner]:
        served: list[Owner] = []
        while self._queue:
            owner, cpus, memory = self._queue[0]
            cpus_left = self.cpus - sum(grant.cpus for grant in self._grants.values())
            memory_left = self.memory_mb - sum(grant.memory_mb for grant in self._grants.values())
            if cpus > cpus_left + 1e-9 or memory > memory_left:
                break
            self._queue.popleft()
            self._book(owner, cpus, memory)
            served.append(owner)
        return served

    def _book(self, owner: Owner, cpus: float, memory: int) -> None:
        count = max(1, min(len(self._cores), math.ceil(cpus)))
        cores = tuple(sorted(sorted(self._cores, key=lambda core: (self._load[core], core))[:count]))
        for core in cores:
            self._load[core] += cpus / count
        self._grants[owner] = Grant(cpus, memory, cores)

    def _tell(self, owners: Iterable[Owner]) -> None:
        if self.granted is not None:
            for owner in owners:
                self.granted(owner)


def machine_memory_mb() -> int:
    """The machine's memory, MiB."""
    return int(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // (1024 * 1024))


def _usable_cores() -> tuple[int, ...]:
    if hasattr(os, "sched_getaffinity"):
        return tuple(sorted(os.sched_getaffinity(0)))
    return tuple(range(os.cpu_count() or 1))
