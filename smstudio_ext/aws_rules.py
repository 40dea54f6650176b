"""Rules that hold for every call to an AWS account: what read-only forbids, whose cost is confirmed, our tag."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, Protocol

TAG = {"Key": "smstudio:created-by", "Value": "smstudio_ext"}
"""Put on every resource that is created in an account, unless the request has as many tags as AWS takes."""

_MOST_TAGS = 50
_READS = ("Describe", "List", "Get", "Search", "BatchGet", "Query", "Head", "Lookup", "Filter")
_HARMLESS = frozenset(
    {"InvokeEndpoint", "GetObject", "AssumeRole", "StartDeviceAuthorization", "CreateToken", "RegisterClient"}
)
"""Operations that change nothing in the account although their names do not begin like reading."""

BILLABLE = frozenset(
    {
        "CreateApp",
        "CreateAutoMLJob",
        "CreateAutoMLJobV2",
        "CreateCluster",
        "CreateCompilationJob",
        "CreateEndpoint",
        "CreateHyperParameterTuningJob",
        "CreateInferenceRecommendationsJob",
        "CreateLabelingJob",
        "CreateMlflowTrackingServer",
        "CreateMonitoringSchedule",
        "CreateNotebookInstance",
        "CreateOptimizationJob",
        "CreateProcessingJob",
        "CreateTrainingJob",
        "CreateTransformJob",
        "PutScheduledAction",
        "RegisterScalableTarget",
        "StartNotebookInstance",
        "StartPipelineExecution",
        "UpdateEndpoint",
        "UpdateEndpointWeightsAndCapacities",
    }
)
"""Operations of SageMaker (and of its scaling) that begin to cost money."""

NO_QUESTIONS = "SMSTUDIO_CONFIRM_COSTS"
"""Environment variable: `0` lets everything be created without a confirmation of its cost."""


class ReadOnlyTarget(ValueError):
    """The target is protected: nothing may be created, changed, stopped or deleted.

    Attributes:
        operation: AWS's name of what was refused.
    """

    def __init__(self, operation: str) -> None:
        super().__init__(f"{operation} was not sent: this AWS target is read-only.")
        self.operation = operation
        self.hint = "Uncheck Read-only beside the target to allow changes."


class UnconfirmedCost(ValueError):
    """Something that costs money was not created, as nobody has confirmed its cost.

    Attributes:
        operation: AWS's name of what was not sent.
        estimate: what it would cost (`studio.models.costs.CostEstimate`); None when nobody could be asked.
        token: confirms this estimate when the same is asked for again; None where there is no such way.
        hint: what to do.
    """

    hint = "Confirm the cost, or choose the local target, where nothing is billed."

    def __init__(
        self, operation: str, estimate: Any = None, token: str | None = None, *, hint: str | None = None
    ) -> None:
        cost = f" {estimate.text}" if estimate is not None else ""
        super().__init__(f"{operation} was not sent: its cost is not confirmed.{cost}")
        self.operation = operation
        self.estimate = estimate
        self.token = token
        self.hint = hint or self.hint


class CostGate(Protocol):
    """Lets billable operations pass whose cost somebody has confirmed."""

    def check(self, client: Any, operation: str, request: dict[str, Any]) -> None:
        """Raises `UnconfirmedCost` unless it is confirmed or costs nothing."""

    def ahead(self, bill: Any, operation: str, region: str) -> None:
        """The same for a request that is still to come, by what it will be billed for (`studio.billable.Bill`)."""


_gate: ContextVar[CostGate | None] = ContextVar("smstudio_cost_gate", default=None)
_everywhere: list[CostGate] = []


@contextmanager
def gate(found: CostGate) -> Iterator[None]:
    """Everything inside asks this gate."""
    before = _gate.set(found)
    try:
        yield
    finally:
        _gate.reset(before)


def gate_everywhere(found: CostGate) -> None:
    """Whatever this process does outside of another gate asks this one, as a kernel's magics and their objects do."""
    _everywhere[:] = [found]


def current_gate() -> CostGate | None:
    """The gate that holds here."""
    return _gate.get() or (_everywhere[0] if _everywhere else None)


def costs_are_confirmed() -> bool:
    """Whether somebody must confirm costs; an operator may have said that nobody must."""
    return os.environ.get(NO_QUESTIONS) != "0"


def keep_rules(client: Any, *, read_only: bool) -> None:
    """Makes a boto3 client keep the rules.

    Args:
        read_only: refuse every operation that may change something, before it is sent.
    """
    if read_only:
        client.meta.events.register("before-parameter-build.*.*", _refuse)
    client.meta.events.register("provide-client-params.sagemaker.*", _with_tag)

    def ask(params: dict[str, Any], model: Any, **_: Any) -> None:
        if model.name in BILLABLE and costs_are_confirmed():
            found = current_gate()
            if found is None:
                raise UnconfirmedCost(model.name)
            found.check(client, model.name, params)

    for service in ("sagemaker", "application-autoscaling"):
        client.meta.events.register(f"before-parameter-build.{service}.*", ask)


def changes_something(operation: str) -> bool:
    """Whether an operation may change something in an account, by its name."""
    return not operation.startswith(_READS) and operation not in _HARMLESS


def _refuse(model: Any, **_: Any) -> None:
    if changes_something(model.name):
        raise ReadOnlyTarget(model.name)


def _with_tag(params: dict[str, Any], model: Any, **_: Any) -> dict[str, Any] | None:
    """The request with our tag; None leaves it as it is."""
    if not model.name.startswith("Create") or "Tags" not in model.input_shape.members:
        return None
    tags = params.get("Tags") or []
    if len(tags) >= _MOST_TAGS or any(tag.get("Key") == TAG["Key"] for tag in tags):
        return None
    return {**params, "Tags": [*tags, TAG]}
