"""What a request to AWS will cost: the instances it asks for, how long they run at most, and today's prices."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from smstudio_ext.notebooks.home import data_dir
from smstudio_ext.studio.models.costs import CostEstimate, CostItem, CostLine, EstimateRequest
from smstudio_ext.studio.models.running import Metered
from smstudio_ext.studio.prices import PriceTable, price_table
from smstudio_ext.target import Target

Document = dict[str, Any]

DAY = 86400
"""Seconds that a training or processing job may run when its request says nothing; AWS's default."""

_APPS_WITHOUT_INSTANCE = frozenset({"JupyterServer"})
"""Apps that run on AWS's own instance (`system`), which is not billed."""


@dataclass(frozen=True)
class Bill:
    """What will be billed.

    Attributes:
        notes: what the items do not say.
    """

    items: tuple[CostItem, ...] = ()
    notes: tuple[str, ...] = field(default=())


def bill_of(client: Any, operation: str, request: Document) -> Bill | None:
    """What a request will be billed for; None when it costs nothing more than what runs already, or names nothing at all.

    Args:
        client: of the request's service, to look up what the request only names.
    """
    found = _BILLS.get(operation)
    if found is None:
        return Bill(notes=(f"How many instances {operation} will use is not known before.",))
    from botocore.exceptions import ClientError

    try:
        return found(client, request)
    except ClientError as error:
        if not error.response["Error"]["Code"].startswith("AccessDenied"):
            raise
        return Bill(
            notes=(f"What it uses may not be looked up: {error.response['Error'].get('Message', '')}",)
        )


def estimate(bill: Bill, region: str, *, operation: str = "", simulated: bool = False) -> CostEstimate:
    """A bill at the newest prices that are known for a region."""
    prices = price_table(region, data_dir())
    lines = [_line(item, prices) for item in bill.items]
    unknown = sorted({line.instance_type or "?" for line in lines if line.hourly is None and line.count})
    priced = bool(lines) and not unknown
    hourly = sum((line.hourly or 0.0) * line.count for line in lines) if priced else None
    limited = priced and all(line.cost is not None for line in lines)
    cost = sum(line.cost or 0.0 for line in lines) if limited else None
    found = CostEstimate(
        operation=operation,
        simulated=simulated,
        lines=lines,
        hourly=hourly,
        cost=cost,
        unknown=unknown,
        text="",
        notes=list(bill.notes),
        prices=prices.source,
    )
    found.text = sentence(found)
    if not prices.source.exact and lines:
        found.notes.append(
            f"No prices of {region} are known here: these are those of {prices.source.region}. "
            "`smstudio config prices` fetches or reads AWS's own."
        )
    return found


def estimate_items(target: Target, request: EstimateRequest) -> CostEstimate:
    """What the instances of a form will cost with the target."""
    return estimate(Bill(tuple(request.items)), target.region, simulated=target.kind == "local")


def estimate_request(target: Target, operation: str, request: Document) -> CostEstimate | None:
    """What a request to SageMaker will cost with the target, while its form is being filled in."""
    bill = bill_of(target.client("sagemaker"), operation, request)
    if bill is None:
        return None
    return estimate(bill, target.region, operation=operation, simulated=target.kind == "local")


def sentence(found: CostEstimate) -> str:
    """An estimate in one sentence: what at most, or what an hour, and for what."""
    if not found.lines:
        return "What it will cost is not known before."
    what = " + ".join(
        f"{line.count:,} × {line.instance_type or 'an instance that AWS chooses'}" for line in found.lines
    )
    if found.unknown:
        return (
            f"What it will cost is not known: no price of {', '.join(found.unknown)} is known here ({what})."
        )
    if found.cost is not None:
        longest = max(line.seconds or 0.0 for line in found.lines)
        return (
            f"At most {usd(found.cost)}: {what} for up to {duration(longest)}, {usd(found.hourly)} an hour."
        )
    return f"{usd(found.hourly)} an hour until it ends or somebody ends it: {what}."


def usd(value: float | None) -> str:
    """A sum for people: cents, or as many digits as a small sum needs."""
    if value is None:
        return "? USD"
    return f"{value:,.2f} USD" if value >= 1 or value == 0 else f"{value:.3g} USD"


def duration(seconds: float) -> str:
    """A duration for people, rounded: `45 s`, `30 min`, `24 h`."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:,.4g} h"


def _line(item: CostItem, prices: PriceTable) -> CostLine:
    hourly = prices.price(item.metered, item.instance_type) if item.instance_type else None
    seconds = None if item.seconds is None else item.seconds * item.times / min(item.parallel, item.times)
    # times x seconds are billed however many run side by side.
    billed = None if item.seconds is None else item.seconds * item.times * item.count
    return CostLine(
        metered=item.metered,
        instance_type=item.instance_type,
        count=item.count * min(item.parallel, item.times),
        hourly=hourly,
        seconds=seconds,
        cost=None if hourly is None or billed is None else hourly * billed / 3600,
    )


def _training(_client: Any, request: Document) -> Bill:
    return Bill(tuple(_cluster(request)), _spot_notes(request))


def _cluster(definition: Document, times: int = 1, parallel: int = 1) -> list[CostItem]:
    """Instances of a training job's request, or of a tuning job's definition of its trials."""
    resources: Document = (
        definition.get("ResourceConfig") or definition.get("HyperParameterTuningResourceConfig") or {}
    )
    groups = resources.get("InstanceGroups") or resources.get("InstanceConfigs") or [resources]
    stopping = definition.get("StoppingCondition", {})
    seconds = stopping.get("MaxRuntimeInSeconds", DAY) + resources.get("KeepAlivePeriodInSeconds", 0)
    return [
        CostItem(
            metered="Training",
            instance_type=group.get("InstanceType"),
            count=group.get("InstanceCount", 1),
            times=times,
            parallel=parallel,
            seconds=seconds,
        )
        for group in groups
    ]


def _spot_notes(*definitions: Document) -> tuple[str, ...]:
    if any(each.get("EnableManagedSpotTraining") for each in definitions):
        return ("Managed spot training costs less: the prices are those on demand.",)
    return ()


def _tuning(_client: Any, request: Document) -> Bill:
    config = request.get("HyperParameterTuningJobConfig", {})
    limits = config.get("ResourceLimits", {})
    times = limits.get("MaxNumberOfTrainingJobs") or 1
    parallel = limits.get("MaxParallelTrainingJobs") or 1
    definitions = request.get("TrainingJobDefinitions") or [request.get("TrainingJobDefinition", {})]
    # Each definition may get every trial, so the dearest of them bounds the cost.
    items = _dearest([_cluster(each, times, parallel) for each in definitions])
    notes = list(_spot_notes(*definitions))
    if len(definitions) > 1:
        notes.append("The jobs' definitions differ: counted as if all trials were of the dearest one.")
    whole = limits.get("MaxRuntimeInSeconds")
    if whole:
        items = [_within(item, whole) for item in items]
    return Bill(tuple(items), tuple(notes))


def _dearest(clusters: list[list[CostItem]]) -> list[CostItem]:
    """The dearest of several; any region's prices order them, and what has none counts as the dearest."""
    if len(clusters) == 1:
        return clusters[0]
    prices = price_table("us-east-1")

    def cost(items: list[CostItem]) -> float:
        return sum(
            (prices.price(item.metered, item.instance_type or "") or float("inf"))
            * item.count
            * (item.seconds or 0)
            for item in items
        )

    return max(clusters, key=cost)


def _within(item: CostItem, whole: float) -> CostItem:
    """An item whose jobs all end after so many seconds: not more than all that fit side by side into that time."""
    most = whole * min(item.parallel, item.times)
    if (item.seconds or 0) * item.times <= most:
        return item
    side = min(item.parallel, item.times)
    return item.model_copy(update={"times": side, "parallel": side, "seconds": whole})


def _processing(_client: Any, request: Document) -> Bill:
    cluster = request.get("ProcessingResources", {}).get("ClusterConfig", {})
    return Bill(
        (
            CostItem(
                metered="Processing",
                instance_type=cluster.get("InstanceType"),
                count=cluster.get("InstanceCount", 1),
                seconds=request.get("StoppingCondition", {}).get("MaxRuntimeInSeconds", DAY),
            ),
        )
    )


def _transform(_client: Any, request: Document) -> Bill:
    resources = request.get("TransformResources", {})
    item = CostItem(
        metered="Transform",
        instance_type=resources.get("InstanceType"),
        count=resources.get("InstanceCount", 1),
    )
    return Bill((item,), ("A batch transform job ends with its data; AWS has no limit of its time.",))


def _autopilot(_client: Any, request: Document) -> Bill:
    config: Document = request.get("AutoMLJobConfig") or next(
        iter(request.get("AutoMLProblemTypeConfig", {}).values()), {}
    )
    criteria = config.get("CompletionCriteria", {})
    limits = [
        f"after {duration(criteria['MaxAutoMLJobRuntimeInSeconds'])}"
        if criteria.get("MaxAutoMLJobRuntimeInSeconds")
        else "",
        f"with {criteria['MaxCandidates']} candidates" if criteria.get("MaxCandidates") else "",
    ]
    told = " or ".join(each for each in limits if each)
    return Bill(
        notes=(
            "AWS chooses the instances of an Autopilot job and does not tell them before.",
            f"It ends {told} at the latest." if told else "Nothing in the request limits it but AWS itself.",
        )
    )


def endpoint_bill(variants: list[Document]) -> Bill:
    """What the production and shadow variants of an endpoint's configuration will be billed for."""
    items, notes = [], []
    for variant in variants:
        if variant.get("ServerlessConfig"):
            notes.append(
                f"The serverless variant {variant.get('VariantName')} is billed by its requests, which nobody knows before."
            )
            continue
        if not variant.get("InstanceType"):
            notes.append(
                f"The variant {variant.get('VariantName')} names no instance type: its price is not known."
            )
            continue
        items.append(
            CostItem(
                metered="Endpoint",
                instance_type=variant["InstanceType"],
                count=variant.get("InitialInstanceCount", 1),
            )
        )
        most = variant.get("ManagedInstanceScaling", {}).get("MaxInstanceCount")
        if most:
            notes.append(f"It may grow to {most} instances by itself.")
    return Bill(tuple(items), tuple(notes))


def config_bill(client: Any, config_name: str) -> Bill:
    """The same of a configuration that is there."""
    config = client.describe_endpoint_config(EndpointConfigName=config_name)
    return endpoint_bill([*config.get("ProductionVariants", []), *config.get("ShadowProductionVariants", [])])


def _endpoint(client: Any, request: Document) -> Bill | None:
    name = request.get("EndpointConfigName")
    return config_bill(client, name) if name else None  # without it botocore refuses the request


def _capacities(client: Any, request: Document) -> Bill | None:
    """Only instances that are added cost more."""
    wanted = {
        each["VariantName"]: each["DesiredInstanceCount"]
        for each in request.get("DesiredWeightsAndCapacities", [])
        if each.get("DesiredInstanceCount") is not None and "VariantName" in each
    }
    if not wanted or "EndpointName" not in request:
        return None
    found = client.describe_endpoint(EndpointName=request["EndpointName"])
    now = {
        each["VariantName"]: each.get("DesiredInstanceCount", each.get("CurrentInstanceCount", 0))
        for each in found.get("ProductionVariants", [])
    }
    config = client.describe_endpoint_config(EndpointConfigName=found["EndpointConfigName"])
    types = {each["VariantName"]: each.get("InstanceType") for each in config.get("ProductionVariants", [])}
    items = [
        CostItem(metered="Endpoint", instance_type=types.get(name), count=count - now.get(name, 0))
        for name, count in wanted.items()
        if count > now.get(name, 0)
    ]
    return Bill(tuple(items), ("These are added to what runs already.",)) if items else None


def _scaling(_client: Any, request: Document) -> Bill | None:
    action = request.get("ScalableTargetAction", request)  # of a schedule, or of the limits themselves
    most = action.get("MaxCapacity") or action.get("MinCapacity")
    if request.get("ServiceNamespace") != "sagemaker" or most is None:
        return None
    name = str(request.get("ResourceId", "")).split("/")
    return Bill(
        notes=(
            f"The variant {name[-1]} of {name[1] if len(name) > 1 else 'the endpoint'} may grow to {most} instances by "
            "itself; each is billed as long as it runs.",
        )
    )


def variant_bill(client: Any, endpoint: str, variant: str, most: int) -> Bill:
    """What a variant costs an hour when it has grown to its limit."""
    config_name = client.describe_endpoint(EndpointName=endpoint)["EndpointConfigName"]
    config = client.describe_endpoint_config(EndpointConfigName=config_name)
    found = [each for each in config.get("ProductionVariants", []) if each["VariantName"] == variant]
    bill = endpoint_bill([{**each, "InitialInstanceCount": most} for each in found])
    return Bill(bill.items, (*bill.notes, "That is with as many instances as it may grow to by itself."))


def _notebook(_client: Any, request: Document) -> Bill:
    return _notebook_bill(request.get("InstanceType"), request.get("VolumeSizeInGB", 5))


def _start_notebook(client: Any, request: Document) -> Bill | None:
    if "NotebookInstanceName" not in request:
        return None
    found = client.describe_notebook_instance(NotebookInstanceName=request["NotebookInstanceName"])
    return _notebook_bill(found.get("InstanceType"), found.get("VolumeSizeInGB", 5))


def _notebook_bill(instance_type: str | None, gigabytes: int) -> Bill:
    return Bill(
        (CostItem(metered="NotebookInstance", instance_type=instance_type),),
        (f"Its volume of {gigabytes} GB is billed until the notebook instance is deleted.",),
    )


def _app(_client: Any, request: Document) -> Bill | None:
    if request.get("AppType") in _APPS_WITHOUT_INSTANCE:
        return None
    instance_type = request.get("ResourceSpec", {}).get("InstanceType")
    if instance_type == "system":
        return None
    if not instance_type:
        return Bill(
            notes=("The app runs on the default instance type of its domain, which is billed by the hour.",)
        )
    return Bill(
        (CostItem(metered="Studio", instance_type=instance_type),),
        ("Apps of the same user on the same instance type share one instance.",),
    )


_BILLS: dict[str, Callable[[Any, Document], Bill | None]] = {
    "CreateTrainingJob": _training,
    "CreateHyperParameterTuningJob": _tuning,
    "CreateProcessingJob": _processing,
    "CreateTransformJob": _transform,
    "CreateAutoMLJob": _autopilot,
    "CreateAutoMLJobV2": _autopilot,
    "CreateEndpoint": _endpoint,
    "UpdateEndpoint": _endpoint,
    "UpdateEndpointWeightsAndCapacities": _capacities,
    "PutScheduledAction": _scaling,
    "RegisterScalableTarget": _scaling,
    "CreateNotebookInstance": _notebook,
    "StartNotebookInstance": _start_notebook,
    "CreateApp": _app,
}


def metered_name(metered: Metered) -> str:
    """What is metered, for people."""
    return {"NotebookInstance": "Notebook instance", "Endpoint": "Endpoint"}.get(metered, metered)
