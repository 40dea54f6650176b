"""REST models of what runs, what it uses, and what it costs."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from smstudio_ext.studio.models.base import Answer, Request, UtcTime

Metered = Literal["Studio", "NotebookInstance", "Endpoint", "Training", "Processing", "Transform"]
"""What AWS bills by the hour of an instance."""

RunningPart = Literal[
    "apps",
    "endpoints",
    "notebook_instances",
    "AutoMLJob",
    "HyperParameterTuningJob",
    "TrainingJob",
    "ProcessingJob",
    "TransformJob",
]
"""A part of what runs that the target lists by itself; jobs by AWS's name of their kind."""

HistoryPart = Literal[
    "apps", "endpoints", "notebook instances", "training jobs", "processing jobs", "transform jobs"
]
"""A part of what is metered that the target is asked about by itself."""

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
        gateway: host of the Jupyter gateway that it runs on; None for one of this machine. It is on no instance.
        connected: false while the connection to that gateway is broken.
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
    gateway: str | None = None
    connected: bool = True


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


class RunningQuery(Request):
    """What of all that runs is asked for.

    Attributes:
        part: only this, with nothing in the other lists; AWS needs a call or more for each. Instances, kernels and terminals
            come with the apps. None: everything.
    """

    part: RunningPart | None = None


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


class KernelState(Answer):
    """What a kernel does: `idle`, `busy`, `starting`..."""

    name: str
    state: str


class UsageNow(Answer):
    """What everything on this machine uses now.

    Attributes:
        states: of this server's kernels.
        machine: this machine as a whole.
    """

    kernels: list[NamedUsage]
    states: list[KernelState]
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


class HistoryQuery(Request):
    """Query of the history.

    Attributes:
        days: today and the days before it.
        timezone: IANA name; days begin at its midnight.
        part: what the target is asked about before the hours are counted; of all else what was noted before counts. None:
            everything.
    """

    days: int = Field(default=30, ge=1, le=366)
    timezone: str = Field(default="UTC", max_length=64)
    part: HistoryPart | None = None


class UsageRow(Answer):
    """What instances of one type did for one purpose on one day.

    Attributes:
        day: ISO 8601.
        hours: of all instances of the type together.
        cost: at the price of the list; None when it is not known.
    """

    day: str
    metered: Metered
    instance_type: str
    hours: float
    hourly: float | None
    cost: float | None


class UsageTotal(Answer):
    """The same over all days."""

    metered: Metered
    instance_type: str
    hours: float
    hourly: float | None
    cost: float | None


class UsageHistory(Answer):
    """Hours and cost per day and type.

    Attributes:
        missing: what could not be counted, and why.
    """

    target: Literal["local", "aws"]
    timezone: str
    days: int
    rows: list[UsageRow]
    totals: list[UsageTotal]
    cost: float
    unpriced: list[str]
    missing: list[str]
    prices: PriceSource


class FetchPrices(Request):
    """Asks AWS's price list for the region's prices; needs AWS credentials with `pricing:GetProducts`."""

    region: str | None = Field(default=None, max_length=64, pattern=r"^[a-z]{2}(-[a-z]+)+-\d{1,2}$")


class PriceRow(Answer):
    """Prices of one type an hour by what it is used for; None where the list has none."""

    instance_type: str
    prices: dict[str, float]


class PriceList(Answer):
    """The price list of a region, as it is used."""

    source: PriceSource
    rows: list[PriceRow]


class PricesQuery(Request):
    """Query of a price list; the chosen target's region by default."""

    region: str | None = Field(default=None, max_length=64, pattern=r"^[a-z]{2}(-[a-z]+)+-\d{1,2}$")


class IdlePolicy(Request):
    """When idle instances of the local target are shut down.

    Attributes:
        timeout_minutes: an instance is shut down after so long without a busy kernel and without CPU use.
        warn_minutes: pages warn so long before.
        terminals: an open image terminal keeps its instance.
        cpu_percent: an instance that uses more of its vCPUs is not idle.
    """

    enabled: bool
    timeout_minutes: float = Field(ge=5, le=525_600)
    warn_minutes: float = Field(ge=0, le=60)
    terminals: bool = True
    cpu_percent: float = Field(default=2.0, ge=0, le=100)


class IdleInstance(Answer):
    """How long an instance has been idle, and when it is shut down for it; None when it is not."""

    name: str
    idle_seconds: float
    left_seconds: float | None


class IdleState(Answer):
    """The policy and the instances that it watches.

    Attributes:
        offered: false against AWS, whose domains have their own idle settings.
    """

    offered: bool
    policy: IdlePolicy
    instances: list[IdleInstance]


class KeepInstance(Request):
    """An idle instance that somebody wants to keep: its idle time begins anew."""

    name: str = Field(max_length=512)


class ScriptLogsQuery(Request):
    """Query of a start-up script's output; `stream` is of `/aws/sagemaker/studio`."""

    stream: str = Field(min_length=1, max_length=512)
    next_token: str | None = Field(default=None, max_length=8192)
    from_start: bool = False
    max_results: int = Field(default=1000, ge=1, le=10000)
