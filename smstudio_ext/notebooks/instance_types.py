"""Instance types of Studio's notebooks: what each has, which start fast, and whether this machine can hold them."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

Family = Literal["General purpose", "Compute optimized", "Memory optimized", "Accelerated computing"]
Lack = Literal["vcpu", "memory", "gpu"]

DEFAULT_CPU = "ml.t3.medium"
"""Type that a notebook gets whose image needs no GPU, unless another is chosen."""

DEFAULT_GPU = "ml.g4dn.xlarge"
"""Type that a notebook gets whose image needs a GPU, unless another is chosen."""

FAST_LAUNCH = frozenset({DEFAULT_CPU, "ml.m5.large", "ml.c5.large", DEFAULT_GPU})
"""Types that AWS calls "Fast launch": made to start in under two minutes."""

_GENERAL: Family = "General purpose"
_COMPUTE: Family = "Compute optimized"
_MEMORY: Family = "Memory optimized"
_ACCELERATED: Family = "Accelerated computing"

_VCPUS = {
    "large": 2,
    "xlarge": 4,
    "2xlarge": 8,
    "4xlarge": 16,
    "8xlarge": 32,
    "9xlarge": 36,
    "10xlarge": 40,
    "12xlarge": 48,
    "16xlarge": 64,
    "18xlarge": 72,
    "24xlarge": 96,
    "48xlarge": 192,
}
_FIVE = "large xlarge 2xlarge 4xlarge 8xlarge 12xlarge 16xlarge 24xlarge"
# (family, group, GiB of memory for each vCPU, sizes, offered in Studio); from AWS's public tables of instance types
_FAMILIES: tuple[tuple[str, Family, float, str, bool], ...] = (
    ("m5", _GENERAL, 4, _FIVE, True),
    ("m5d", _GENERAL, 4, _FIVE, True),
    ("m4", _GENERAL, 4, "xlarge 2xlarge 4xlarge 10xlarge 16xlarge", False),
    ("c5", _COMPUTE, 2, "large xlarge 2xlarge 4xlarge 9xlarge 12xlarge 18xlarge 24xlarge", True),
    ("c5d", _COMPUTE, 2, "xlarge 2xlarge 4xlarge 9xlarge 18xlarge", False),
    ("c4", _COMPUTE, 1.875, "xlarge 2xlarge 4xlarge", False),
    ("r5", _MEMORY, 8, _FIVE, True),
    ("g4dn", _ACCELERATED, 4, "xlarge 2xlarge 4xlarge 8xlarge 12xlarge 16xlarge", True),
    ("g5", _ACCELERATED, 4, "xlarge 2xlarge 4xlarge 8xlarge 12xlarge 16xlarge 24xlarge 48xlarge", True),
)
_GPUS = {"12xlarge": 4, "24xlarge": 4, "48xlarge": 8}
# (name, group, vCPUs, GiB, GPUs, offered in Studio)
_SINGLE: tuple[tuple[str, Family, int, float, int, bool], ...] = (
    ("ml.t3.medium", _GENERAL, 2, 4, 0, True),
    ("ml.t3.large", _GENERAL, 2, 8, 0, True),
    ("ml.t3.xlarge", _GENERAL, 4, 16, 0, True),
    ("ml.t3.2xlarge", _GENERAL, 8, 32, 0, True),
    ("ml.t2.medium", _GENERAL, 2, 4, 0, False),
    ("ml.t2.large", _GENERAL, 2, 8, 0, False),
    ("ml.t2.xlarge", _GENERAL, 4, 16, 0, False),
    ("ml.t2.2xlarge", _GENERAL, 8, 32, 0, False),
    ("ml.c4.8xlarge", _COMPUTE, 36, 60, 0, False),
    ("ml.p2.xlarge", _ACCELERATED, 4, 61, 1, False),
    ("ml.p2.8xlarge", _ACCELERATED, 32, 488, 8, False),
    ("ml.p2.16xlarge", _ACCELERATED, 64, 732, 16, False),
    ("ml.p3.2xlarge", _ACCELERATED, 8, 61, 1, True),
    ("ml.p3.8xlarge", _ACCELERATED, 32, 244, 4, True),
    ("ml.p3.16xlarge", _ACCELERATED, 64, 488, 8, True),
    ("ml.p3dn.24xlarge", _ACCELERATED, 96, 768, 8, True),
)


@dataclass(frozen=True)
class Machine:
    """What this machine gives to instances: vCPUs, memory (GiB) and GPUs."""

    vcpus: int
    memory_gib: float
    gpus: int


@dataclass(frozen=True)
class InstanceType:
    """What AWS's instance type has.

    Attributes:
        memory_gib: memory in GiB.
        family: AWS's group of it.
        fast_launch: whether AWS calls it "Fast launch".
        studio: whether Studio's notebooks offer it; the others are of notebook instances only.
    """

    name: str
    vcpus: int
    memory_gib: float
    gpus: int
    family: Family
    fast_launch: bool
    studio: bool

    def lacks(self, machine: Machine) -> tuple[Lack, ...]:
        """What the machine has less of than the type."""
        short: list[Lack] = []
        if self.vcpus > machine.vcpus:
            short.append("vcpu")
        if self.memory_gib > machine.memory_gib:
            short.append("memory")
        if self.gpus > machine.gpus:
            short.append("gpu")
        return tuple(short)

    def fits(self, machine: Machine) -> bool:
        """Whether the machine has all that the type has."""
        return not self.lacks(machine)

    def text(self) -> str:
        """The type as Studio's toolbar says it, e.g. `2 vCPU + 4 GiB` or `4 vCPU + 16 GiB + 1 GPU`."""
        gpus = f" + {self.gpus} GPU" if self.gpus else ""
        return f"{self.vcpus} vCPU + {self.memory_gib:g} GiB{gpus}"


def _table() -> dict[str, InstanceType]:
    found = [
        InstanceType(name, vcpus, memory, gpus, group, name in FAST_LAUNCH, studio)
        for name, group, vcpus, memory, gpus, studio in _SINGLE
    ]
    for family, group, gib, sizes, studio in _FAMILIES:
        for size in sizes.split():
            name, vcpus = f"ml.{family}.{size}", _VCPUS[size]
            gpus = _GPUS.get(size, 1) if group == _ACCELERATED else 0
            found.append(InstanceType(name, vcpus, vcpus * gib, gpus, group, name in FAST_LAUNCH, studio))
    return {each.name: each for each in found}


INSTANCE_TYPES = _table()
"""Name -> instance type."""


def instance_type(name: str) -> InstanceType | None:
    """The instance type of that name; None for one that the table lacks."""
    return INSTANCE_TYPES.get(name)


def studio_types() -> list[InstanceType]:
    """The types that Studio's notebooks offer, those of "Fast launch" and the smallest first."""
    offered = (each for each in INSTANCE_TYPES.values() if each.studio)
    return sorted(offered, key=lambda each: (not each.fast_launch, each.gpus, each.vcpus, each.memory_gib))


def default_type(*, gpu: bool) -> str:
    """The type that a notebook gets when nobody chose one.

    Args:
        gpu: whether the image needs a GPU.
    """
    return DEFAULT_GPU if gpu else DEFAULT_CPU


def this_machine() -> Machine:
    """What this process may use of its machine: its CPU affinity, its cgroup's memory limit, NVIDIA's GPUs."""
    vcpus = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return Machine(vcpus, _memory_bytes() / 2**30, _gpus())


_CGROUP_LIMITS = ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes")


def _memory_bytes(limits: Iterable[str] = _CGROUP_LIMITS) -> int:
    total = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    for path in limits:
        try:
            text = Path(path).read_text().strip()
        except OSError:
            continue
        if text.isdigit():  # cgroup v2 says `max` where there is no limit
            total = min(total, int(text))
    return total


def _gpus(folder: str = "/proc/driver/nvidia/gpus") -> int:
    try:
        return len(os.listdir(folder))
    except OSError:
        return 0
