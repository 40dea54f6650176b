"""Why a kernel ended by itself: memory used up, or more processes than it may have."""

from __future__ import annotations

from dataclasses import dataclass

from smstudio_ext.notebooks.limits import GIB, Grant, Group
from smstudio_ext.notebooks.wording import Said

CROWDED_LOOKS = 2
"""Looks in a row at which a kernel had as many processes as it may, before it is ended."""


@dataclass
class Watch:
    """Looks at a kernel from its start to its end.

    Attributes:
        instance_type: of its instance.
        granted: what the instance has here.
        group: the kernel's control group; an empty one tells nothing.
    """

    instance_type: str
    granted: Grant
    group: Group

    def __post_init__(self) -> None:
        self._kills = self.group.memory_kills()
        self._refused = self.group.refused_forks()
        self._crowded = 0

    def crowded(self) -> bool:
        """Looks once; says whether the kernel is one that only makes processes (a fork bomb) and should be ended."""
        running, refused = self.group.processes(), self.group.refused_forks()
        full = running is not None and running >= 0.9 * self.granted.pids and refused > self._refused
        self._crowded = self._crowded + 1 if full else 0
        self._refused = refused
        return self._crowded >= CROWDED_LOOKS

    def memory_used_up(self) -> bool:
        """Whether the system ended a process of the kernel because the instance's memory was used up."""
        return self.group.memory_kills() > self._kills

    def memory_message(self) -> Said:
        """What the notebook's reader is told then."""
        code = "machine-memory" if "memory" in self.granted.capped else "memory"
        return Said(code, (self.instance_type, f"{self.granted.memory / GIB:.3g}"))

    def crowd_message(self) -> Said:
        """What the notebook's reader is told after `crowded`."""
        return Said("processes", (str(self.granted.pids), self.instance_type))
