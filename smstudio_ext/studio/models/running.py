"""REST models of what runs, what it uses, and what it costs."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from smstudio_ext.studio.models.base import Answer, Request, UtcTime

Metered = Literal["Studio", "NotebookInstance", "Endpoint", "Training", "Processing", "Transform"]
"""What AWS bills by the hour of an instance."""

Scope = Literal[
    "instance",
    "app",
    "kernel",
    "terminal",
    "endpoint",
    "job",
    "notebook_instance",
    "instances",
    "apps",
    "kernels",
    "terminals",
]
"""What to shut down: one of a kind by its name, or (plural) all that stand under a heading of the panel."""


class PriceSource(Answer):
    """Where prices are from.

    Attributes:
        region: whose prices they are; another than the target's where its own are not known here.
        exact: whether that is the target's region.
        date: day of the list, ISO 8601.
    """

    source: str
    date: str
    region: str
    exact: bool
    currency: str = "USD"


class RunningKernel(Answer):
    """One kernel of this Jupyter server.

    Attributes:
        id: the kernel's id in Jupyter.
        title: name of the notebook or console.
        path: the notebook's path; empty for a kernel without one.
        kind: what it serves.
        state: Jupyter's execution state.
        app, instance_type: where it was placed; None for a kernel that no SageMaker image started.
        last_activity: of the kernel; None when Jupyter does not know.
    """

    id: str
    session: str | None
    title: str
    path: str
    kind: Literal["notebook", "console", "kernel"]
    kernel_name: str
    display_name: str
    state: str
    app: str | None
    instance_type: str | None
    started: UtcTime | None
    last_activity: UtcTime | None


class RunningTerminal(Answer):
    """One terminal of this Jupyter server.

    Attributes:
        app, instance_type: the image and the instance that it runs in; None for a system terminal.
    """

    name: str
    title: str
    app: str | None
    instance_type: str | None
    last_activity: UtcTime | None


class RunningApp(Answer):
    """One app of SageMaker Studio: an image that runs on an instance.

    Attributes:
        title: name of the image for people.
        seconds: how long it has run.
        failure_reason: why it failed.
        script_logs: CloudWatch Logs stream of its start-up script; None when it has none.
    """

    name: str
    title: str
    domain_id: str
    owner: str
    space: bool
    app_type: str
    status: str
    instance_type: str
    image: str | None
    created: UtcTime
    seconds: float
    failure_reason: str | None = None
    script_logs: str | None = None


class RunningInstance(Answer):
    """One instance: all apps of one user on one instance type.

    Attributes:
        name: owner and type, `alice/ml.t3.medium`.
        started: creation of its first app that still counts.
        seconds: metered so far; the same type is metered once, however many apps and kernels it holds.
        hourly: price an hour; None when it is not known.
        cost: so far.
    """

    name: str
    owner: str
    space: bool
    domain_id: str
    instance_type: str
    description: str
    apps: list[str]
    kernels: list[str]
    terminals: list[str]
    started: UtcTime
    seconds: float
    hourly: float | None
    cost: float | None


class RunningResource(Answer):
    """An endpoint, a job or a notebook instance that runs.

    Attributes:
        kind: AWS's name of the kind, e.g. `Endpoint` or `TrainingJob`.
        instances: `2 x ml.m5.large`, or several with commas.
        started: when its time began to count; None before.
    """

    kind: str
    name: str
    status: str
    instances: str
    started: UtcTime | None
    seconds: float
    hourly: float | None
    cost: float | None


class Running(Answer):
    """What runs now.

    Attributes:
        simulated: the costs are what it would cost on AWS; nobody bills them.
        estimated: the costs are counted from AWS's times and a price list; AWS's bill decides.
        costs: sum of the known costs so far.
        unpriced: instance types whose price is not known; they are in no sum.
        refused: lists that the target did not give, with its reason.
        now: the target's own time.
    """

    target: Literal["local", "aws"]
    simulated: bool
    estimated: bool
    now: UtcTime
    instances: list[RunningInstance]
    apps: list[RunningApp]
    kernels: list[RunningKernel]
    terminals: list[RunningTerminal]
    endpoints: list[RunningResource]
    jobs: list[RunningResource]
    notebook_instances: list[RunningResource]
    costs: float
    hourly: float
    unpriced: list[str]
    refused: list[str]
    prices: PriceSource


class Usage(Answer):
    """What processes use of an instance.

    Attributes:
        cpu_percent: of all vCPUs of the instance, 0 to 100; None at the first look.
        memory_bytes: resident memory.
        memory_percent: of the instance's memory, 0 to 100.
    """

    cpu_percent: float | None
    memory_bytes: int
    memory_percent: float


class KernelUsage(Answer):
    """What one kernel and its instance use.

    Attributes:
        kernel: None when its processes are gone.
        instance: all kernels of the same instance together; None for a kernel without one.
        instance_type: None for a kernel that no SageMaker image started; then the percentages are of this machine.
        vcpus, memory_bytes: what the percentages are of.
    """

    id: str
    kernel: Usage | None
    instance: Usage | None
    instance_type: str | None
    vcpus: float
    memory_bytes: int


class NamedUsage(Answer):
    """Use of something with a name."""

    name: str
    usage: Usage


class UsageNow(Answer):
    """What everything on this machine uses now.

    Attributes:
        machine: this machine as a whole.
    """

    kernels: list[NamedUsage]
    instances: list[NamedUsage]
    machine: Usage
    machine_vcpus: float
    machine_memory_bytes: int


class Shutdown(Request):
    """What to shut down.

    Attributes:
        name: of the one; for `job` the kind and the name, `TrainingJob/a`; not with a plural.
        scope: what it is.
    """

    scope: Scope
    name: str | None = Field(default=None, max_length=512)


class ShutdownItem(Answer):
    """One thing that was shut down, or was not."""

    kind: str
    name: str
    error: str | None = None


class ShutdownResult(Answer):
    """What was shut down; items with an error still run."""

    items: list[ShutdownItem]
