"""How an update moves the traffic to the new fleet: AWS's deployment policies as a list of steps."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from smstudio_ext.engine.errors import ValidationException
from smstudio_ext.engine.hosting.fleet import Fleet

if TYPE_CHECKING:
    from smstudio_ext.engine.context import EngineContext

ALARM = "Alarm"
"""Kind of CloudWatch alarms in the store."""
DEFAULT_LIMIT = 8 * 3600.0
"""Seconds that a deployment may take, if it does not say."""


@dataclass(frozen=True)
class Plan:
    """The steps of a deployment.

    Attributes:
        shares: share of the traffic that the new fleet has after each step; the last one is 1.
        waits: seconds to watch the alarms after each step.
        rolling: new servers come in batches and take the place of old ones; else all come up first.
        limit: seconds that the whole deployment may take.
    """

    shares: tuple[float, ...]
    waits: tuple[float, ...]
    rolling: bool
    limit: float

    @property
    def plain(self) -> bool:
        """Everything is exchanged at once, without a wait."""
        return self.shares == (1.0,) and self.waits == (0.0,) and not self.rolling


def plan_of(config: dict[str, Any] | None, wanted: Fleet) -> Plan:
    """The steps that a DeploymentConfig means for a fleet.

    Raises:
        ValidationException: sizes that AWS refuses.
    """
    config = config or {}
    instances = sum(variant.count for variant in wanted.variants)
    rolling = config.get("RollingUpdatePolicy")
    if rolling:
        size = _share(rolling["MaximumBatchSize"], instances, "MaximumBatchSize", 0.5)
        shares = _steps(size)
        limit = float(rolling.get("MaximumExecutionTimeoutInSeconds", DEFAULT_LIMIT))
        return Plan(shares, (float(rolling["WaitIntervalInSeconds"]),) * len(shares), True, limit)
    policy = config.get("BlueGreenUpdatePolicy")
    if not policy:
        return Plan((1.0,), (0.0,), False, DEFAULT_LIMIT)
    routing = policy["TrafficRoutingConfiguration"]
    wait, bake = float(routing["WaitIntervalInSeconds"]), float(policy.get("TerminationWaitInSeconds", 0))
    shares = (1.0,)
    if routing["Type"] == "CANARY":
        if "CanarySize" not in routing:
            raise ValidationException("Traffic routing type CANARY needs a CanarySize.")
        shares = (_share(routing["CanarySize"], instances, "CanarySize", 0.5), 1.0)
    elif routing["Type"] == "LINEAR":
        if "LinearStepSize" not in routing:
            raise ValidationException("Traffic routing type LINEAR needs a LinearStepSize.")
        shares = _steps(_share(routing["LinearStepSize"], instances, "LinearStepSize", 0.5))
    waits = (*(wait for _ in shares[1:]), bake)
    return Plan(shares, waits, False, float(policy.get("MaximumExecutionTimeoutInSeconds", DEFAULT_LIMIT)))


def check_deployment(ctx: EngineContext, region: str, config: dict[str, Any] | None) -> None:
    """Refuses a DeploymentConfig whose alarms are missing or whose policies exclude each other.

    Raises:
        ValidationException: it says so.
    """
    if not config:
        return
    if config.get("BlueGreenUpdatePolicy") and config.get("RollingUpdatePolicy"):
        raise ValidationException(
            "Give either a BlueGreenUpdatePolicy or a RollingUpdatePolicy, and not both."
        )
    if (config.get("AutoRollbackConfiguration") or {}).get("Alarms") and not (
        config.get("BlueGreenUpdatePolicy") or config.get("RollingUpdatePolicy")
    ):
        raise ValidationException(
            "AutoRollbackConfiguration needs a BlueGreenUpdatePolicy or a RollingUpdatePolicy."
        )
    missing = [name for name in alarm_names(config) if ctx.store.resources.find(ALARM, region, name) is None]
    if missing:
        raise ValidationException(
            f"The alarm(s) {', '.join(missing)} of AutoRollbackConfiguration cannot be found in {region}."
        )


def alarm_names(config: dict[str, Any] | None) -> list[str]:
    """Names of the alarms that roll a deployment back."""
    alarms = ((config or {}).get("AutoRollbackConfiguration") or {}).get("Alarms") or ()
    return [alarm["AlarmName"] for alarm in alarms if alarm.get("AlarmName")]


def ringing(ctx: EngineContext, region: str, config: dict[str, Any] | None) -> list[str]:
    """Those alarms of a deployment that are in state ALARM."""
    return [
        name for name in alarm_names(config) if ctx.store.resources.status(ALARM, region, name) == "ALARM"
    ]


def batch_of(wanted: Fleet, share: float) -> set[str]:
    """Ids of the new instances that are up when the new fleet has this share of a rolling deployment."""
    ids: set[str] = set()
    for variant in wanted.all_variants():
        ids.update(instance.id for instance in variant.instances[: math.ceil(variant.count * share - 1e-9)])
    return ids


def surplus_of(serving: Fleet, share: float) -> set[str]:
    """Ids of the old instances that a rolling deployment no longer needs at this share of the new fleet."""
    ids: set[str] = set()
    for variant in serving.all_variants():
        kept = variant.count - math.floor(variant.count * share + 1e-9)
        ids.update(instance.id for instance in variant.instances[kept:])
    return ids


def _share(size: dict[str, Any], instances: int, name: str, most: float) -> float:
    value = size["Value"]
    if size["Type"] == "CAPACITY_PERCENT":
        share, least = value / 100, 0.05
        if not least <= share <= most:
            raise ValidationException(
                f"{name} of type CAPACITY_PERCENT must be between {least:.0%} and {most:.0%}; it is {value}%."
            )
        return float(share)
    if value > instances:
        raise ValidationException(
            f"{name} of {value} instances is more than the {instances} instances of the endpoint."
        )
    return float(value / instances)


def _steps(size: float) -> tuple[float, ...]:
    count = max(1, math.ceil(1 / size - 1e-9))
    return (*(size * number for number in range(1, count)), 1.0)
