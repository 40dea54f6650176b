"""When an instance is idle, and when it is shut down for it: the policy, and the watch that keeps to it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Literal

from smstudio_ext.notebooks.home import read_json, write_json

SHORTEST_TIMEOUT = 5
LONGEST_TIMEOUT = 525_600
"""Minutes; AWS's own idle shutdown takes 60 to 525,600."""

_FILE = "notebooks/idle.json"


@dataclass(frozen=True)
class Policy:
    """When idle instances are shut down.

    Attributes:
        timeout_minutes: an instance that has been idle for so long is shut down.
        warn_minutes: so long before, pages warn and offer to keep it.
        terminals: an open image terminal keeps its instance, as on AWS; else only what runs in it does, by its CPU time.
        cpu_percent: an instance that uses more of its vCPUs is not idle, whatever its kernels say.
    """

    enabled: bool = False
    timeout_minutes: float = 120.0
    warn_minutes: float = 5.0
    terminals: bool = True
    cpu_percent: float = 2.0


def read_policy(data_dir: Path) -> Policy:
    """The policy of a data directory; the default one where none was set."""
    found = read_json(data_dir / _FILE)
    plain = Policy()
    try:
        return Policy(
            enabled=bool(found.get("enabled", plain.enabled)),
            timeout_minutes=float(found.get("timeout_minutes", plain.timeout_minutes)),
            warn_minutes=float(found.get("warn_minutes", plain.warn_minutes)),
            terminals=bool(found.get("terminals", plain.terminals)),
            cpu_percent=float(found.get("cpu_percent", plain.cpu_percent)),
        )
    except (TypeError, ValueError):  # somebody wrote nonsense into the file: shut nothing down for it
        return plain


def write_policy(data_dir: Path, policy: Policy) -> None:
    """Keeps a policy; all servers of the data directory follow it.

    Raises:
        OSError: the data directory cannot be written.
    """
    write_json(data_dir / _FILE, asdict(policy))


@dataclass(frozen=True)
class Activity:
    """What an instance does at one look.

    Attributes:
        busy: a kernel on it executes something, or an app of it starts.
        marks: anything that is different after something was done on it meanwhile, as times of last activity.
        cpu_percent: of its vCPUs; None when it is not known.
        terminals: open image terminals on it.
    """

    busy: bool
    marks: object = None
    cpu_percent: float | None = None
    terminals: int = 0


@dataclass(frozen=True)
class Verdict:
    """What is to be done about an idle instance.

    Attributes:
        action: `warn` once before it is shut down, `stop`, or `spare`: it was warned of and is in use again.
        idle_seconds: how long it has been idle.
        left_seconds: until it is shut down.
    """

    name: str
    action: Literal["warn", "stop", "spare"]
    idle_seconds: float
    left_seconds: float


@dataclass
class _Seen:
    active: float
    marks: object
    warned: bool = False


@dataclass
class IdleWatch:
    """Follows instances from look to look; times are of a clock that is never set, so that a changed clock stops nothing."""

    _seen: dict[str, _Seen] = field(default_factory=dict)

    def look(self, now: float, policy: Policy, instances: Mapping[str, Activity]) -> list[Verdict]:
        """What is to be done now; an instance that is to stop is told again at each look until it is gone.

        Args:
            now: seconds of a monotonic clock.
            instances: all instances that run, by name.
        """
        for gone in set(self._seen) - set(instances):
            del self._seen[gone]
        return [
            verdict
            for name, activity in instances.items()
            if (verdict := self._judge(now, policy, name, activity)) is not None
        ]

    def keep(self, name: str, now: float) -> None:
        """Somebody wants to keep an instance: its idle time begins anew."""
        if name in self._seen:
            self._seen[name].active = now
            self._seen[name].warned = False

    def idle_seconds(self, now: float) -> dict[str, float]:
        """Instance -> how long it has been idle."""
        return {name: max(0.0, now - seen.active) for name, seen in list(self._seen.items())}

    def _judge(self, now: float, policy: Policy, name: str, activity: Activity) -> Verdict | None:
        seen = self._seen.get(name)
        if seen is None:
            self._seen[name] = _Seen(now, activity.marks)
            return None
        if _active(policy, seen, activity):
            warned, seen.active, seen.marks, seen.warned = seen.warned, now, activity.marks, False
            return Verdict(name, "spare", 0.0, policy.timeout_minutes * 60) if warned else None
        if not policy.enabled:
            seen.warned = False
            return None
        idle = now - seen.active
        left = max(0.0, policy.timeout_minutes * 60 - idle)
        if left <= 0:
            return Verdict(name, "stop", idle, 0.0)
        if left <= policy.warn_minutes * 60 and not seen.warned:
            seen.warned = True
            return Verdict(name, "warn", idle, left)
        return None


def _active(policy: Policy, seen: _Seen, activity: Activity) -> bool:
    return (
        activity.busy
        or activity.marks != seen.marks
        or (activity.cpu_percent is not None and activity.cpu_percent > policy.cpu_percent)
        or (policy.terminals and activity.terminals > 0)
    )
