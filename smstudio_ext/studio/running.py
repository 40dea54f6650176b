"""What runs now and what it has cost so far: instances, apps, kernels, terminals, endpoints, jobs."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime, timezone
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar
from weakref import WeakKeyDictionary

from smstudio_ext.studio.metering import InstanceTime, Span, instance_times
from smstudio_ext.studio.models.running import (
    Metered,
    Running,
    RunningApp,
    RunningInstance,
    RunningKernel,
    RunningPart,
    RunningResource,
    RunningTerminal,
    ShutdownItem,
)
from smstudio_ext.studio.prices import PriceTable, price_table
from smstudio_ext.studio.running_apps import App, delete_app, list_apps
from smstudio_ext.studio.running_resources import (
    Held,
    delete_endpoint,
    list_endpoints,
    list_jobs,
    list_notebook_instances,
    stop_job,
    stop_notebook_instance,
)
from smstudio_ext.studio.usage_ledger import UsageLedger, place_of
from smstudio_ext.target import Target

if TYPE_CHECKING:
    from smstudio_ext.notebooks.placing import Placement

T = TypeVar("T")

_AHEAD: WeakKeyDictionary[Target, tuple[float, float]] = WeakKeyDictionary()
"""Target -> when its time was asked for (monotonic), and by how many seconds it is ahead of this machine's."""
_AHEAD_SECONDS = 600.0
_CLOSE_SECONDS = 2.0
"""Dates of answers have whole seconds, and take a moment to come."""


def get_running(
    target: Target,
    kernels: Iterable[RunningKernel] = (),
    terminals: Iterable[RunningTerminal] = (),
    *,
    data_dir: Path | None = None,
    now: float | None = None,
    ledger: UsageLedger | None = None,
    part: RunningPart | None = None,
) -> Running:
    """What runs now.

    Args:
        part: only this of it; see `RunningQuery`.
        kernels, terminals: of the Jupyter server.
        data_dir: where a newer price list may be.
        now: the target's time, seconds since the epoch; the clock's by default.
        ledger: where to note what is metered; it also knows of clocks that were set meanwhile.
    """
    refused: list[str] = []
    with_apps = part in (None, "apps")
    kernels, terminals = list(kernels) if with_apps else [], list(terminals) if with_apps else []
    book = _Book(ledger, _place(target) if ledger else "")
    apps: list[App] | None = None
    endpoints: list[Held] | None = None
    jobs: list[Held] | None = None
    notebook_instances: list[Held] | None = None
    if with_apps:
        apps = _listed(lambda: list_apps(target, history=True, ended_at=book.known_ends()), "apps", refused)
    if part in (None, "endpoints"):
        endpoints = _listed(lambda: list_endpoints(target), "endpoints", refused)
    if part not in ("apps", "endpoints", "notebook_instances"):
        jobs = _listed(lambda: list_jobs(target, part), "jobs" if part is None else f"{part}s", refused)
    if part in (None, "notebook_instances"):
        notebook_instances = _listed(lambda: list_notebook_instances(target), "notebook instances", refused)
    prices = price_table(target.region, data_dir)
    now = target_time(target) if now is None else now
    unpriced: set[str] = set()
    instances = [
        _instance(each, apps or [], kernels, terminals, prices, unpriced)
        for each in instance_times(book.noted("Studio", app_spans(apps or []), known=apps is not None), now)
        if each.running
    ]
    held = {
        name: [_resource(each, prices, now, unpriced) for each in found or []]
        for name, found in (
            ("endpoints", book.with_past(endpoints, "Endpoint")),
            ("jobs", jobs),
            ("notebooks", book.with_past(notebook_instances, "NotebookInstance")),
        )
    }
    everything: list[RunningInstance | RunningResource] = [
        *instances,
        *held["endpoints"],
        *held["jobs"],
        *held["notebooks"],
    ]
    return Running(
        target=target.kind,
        simulated=target.kind == "local",
        estimated=target.kind == "aws",
        now=_time(now),
        instances=instances,
        apps=[running_app(app, now) for app in apps or [] if app.status != "Deleted"],
        kernels=kernels,
        terminals=terminals,
        endpoints=held["endpoints"],
        jobs=held["jobs"],
        notebook_instances=held["notebooks"],
        costs=sum(each.cost or 0.0 for each in everything),
        hourly=sum(each.hourly or 0.0 for each in everything),
        unpriced=sorted(unpriced),
        refused=refused,
        prices=prices.source,
    )


def target_time(target: Target) -> float:
    """The target's own time, seconds since the epoch: this machine's clock may be wrong, and AWS writes the times.

    Asked for once in ten minutes, by the date of an answer; the machine's time where there is none.
    """
    if target.kind == "local":
        return time.time()
    known = _AHEAD.get(target)
    if known is None or time.monotonic() - known[0] > _AHEAD_SECONDS:
        known = _AHEAD[target] = (time.monotonic(), _seconds_ahead(target))
    return time.time() + known[1]


def _seconds_ahead(target: Target) -> float:
    from email.utils import parsedate_to_datetime

    from botocore.exceptions import BotoCoreError, ClientError

    try:
        answer = target.client("sts").get_caller_identity()
        date = answer["ResponseMetadata"]["HTTPHeaders"]["date"]
        ahead = parsedate_to_datetime(date).timestamp() - time.time()
    except (ClientError, BotoCoreError, KeyError, TypeError, ValueError):
        return 0.0
    return ahead if abs(ahead) > _CLOSE_SECONDS else 0.0


class _Book:
    """The ledger at one place; does nothing without one."""

    def __init__(self, ledger: UsageLedger | None, place: str) -> None:
        self._ledger = ledger if place else None
        self._at = place

    def known_ends(self) -> Callable[[App], float | None]:
        """Tells when an app ended, if that was noted."""
        if self._ledger is None:
            return lambda app: None
        ends = {
            (span.owner, span.name, round(span.started, 2)): span.ended
            for span in self._ledger.spans(self._at)
            if span.metered == "Studio"
        }
        return lambda app: ends.get((f"{app.domain_id}/{app.owner}", app.name, round(app.created, 2)))

    def noted(self, metered: Metered, spans: list[Span], *, known: bool) -> list[Span]:
        """The same spans with all that touch one that still runs, corrected where the clock was set while they ran.

        Args:
            known: `spans` has all that run; else the target did not tell, and nothing is noted.
        """
        if self._ledger is None or not known:
            return spans
        self._ledger.note(self._at, spans, complete=(metered,))
        since = min((span.started for span in spans if span.ended is None), default=None)
        return self._ledger.chain(self._at, metered, since) if since is not None else []

    def with_past(self, found: list[Held] | None, metered: Metered) -> list[Held] | None:
        """The same with the times when they had other numbers of instances."""
        if self._ledger is None or found is None:
            return found
        past: dict[str, list[Span]] = {}
        for span in self.noted(metered, [span for held in found for span in held.spans], known=True):
            past.setdefault(span.owner, []).append(span)
        return [
            replace(
                held,
                spans=tuple(
                    span
                    for span in past.get(held.name, [])
                    if held.started is not None and span.started >= held.started - 1
                ),
            )
            for held in found
        ]


def _place(target: Target) -> str:
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        return place_of(target)
    except (ClientError, BotoCoreError):  # without the right to ask who one is, nothing is noted
        return ""


def app_spans(apps: Iterable[App]) -> list[Span]:
    """Times of apps that AWS meters; an ended app of which nobody knows when it ended counts nothing."""
    return [
        Span("Studio", f"{app.domain_id}/{app.owner}", app.name, app.instance_type, app.created, app.ended)
        for app in apps
        if app.metered and (app.live or app.ended is not None)
    ]


def running_app(app: App, now: float) -> RunningApp:
    """The app as pages show it."""
    return RunningApp(
        name=app.name,
        title=image_title(app.image) if app.image else app.app_type,
        domain_id=app.domain_id,
        owner=app.owner,
        space=app.space,
        app_type=app.app_type,
        status=app.status,
        instance_type=app.instance_type,
        image=app.image,
        created=_time(app.created),
        seconds=max(0.0, now - app.created),
        failure_reason=app.failure_reason,
        script_logs=app.script_logs,
    )


def image_title(image: str) -> str:
    """Name of an image for people, e.g. `Data Science`; its id where the catalogue does not have it."""
    from smstudio_ext.notebooks.images.catalogue import recipe

    found = recipe(image)
    return found.name if found else image


def placed_kernel(place: Placement) -> RunningKernel:
    """A kernel of the registry, for those who have no Jupyter server to ask."""
    return RunningKernel(
        id=place.kernel_id,
        session=None,
        title=place.session.rpartition("/")[2] or place.kernel_name or place.kernel_id,
        path=place.session,
        kind="notebook" if place.session.endswith(".ipynb") else "kernel",
        kernel_name=place.kernel_name,
        display_name=place.kernel_name,
        state="running",
        app=place.app_name,
        instance_type=place.instance_type or None,
        started=_time(place.started),
        last_activity=None,
        gateway=getattr(place, "host", None),
    )


def shut_down_apps(target: Target, apps: Iterable[App]) -> list[ShutdownItem]:
    """Shuts apps down; goes on when one cannot be."""
    return [_tried("App", app.name, lambda app=app: delete_app(target, app)) for app in apps]  # type: ignore[misc]


def shut_down_resource(target: Target, kind: str, name: str) -> ShutdownItem:
    """Deletes an endpoint, or stops a job or a notebook instance."""
    if kind == "Endpoint":
        return _tried(kind, name, lambda: delete_endpoint(target, name))
    if kind == "NotebookInstance":
        return _tried(kind, name, lambda: stop_notebook_instance(target, name))
    return _tried(kind, name, lambda: stop_job(target, kind, name))


def _tried(kind: str, name: str, act: Callable[[], None]) -> ShutdownItem:
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        act()
    except ClientError as error:
        return ShutdownItem(kind=kind, name=name, error=error.response["Error"].get("Message", str(error)))
    except (BotoCoreError, KeyError) as error:
        return ShutdownItem(kind=kind, name=name, error=str(error))
    return ShutdownItem(kind=kind, name=name)


def _listed(load: Callable[[], list[T]], what: str, refused: list[str]) -> list[T] | None:
    """A list, or none and the reason: what one may not see must not hide the rest."""
    from botocore.exceptions import ClientError

    try:
        return load()
    except ClientError as error:
        refused.append(f"{what}: {error.response['Error'].get('Message') or error}")
        return None


def _instance(
    found: InstanceTime,
    apps: list[App],
    kernels: list[RunningKernel],
    terminals: list[RunningTerminal],
    prices: PriceTable,
    unpriced: set[str],
) -> RunningInstance:
    from smstudio_ext.notebooks.instance_types import instance_type

    domain_id, _, owner = found.owner.partition("/")
    mine = [
        app
        for app in apps
        if app.live
        and (app.domain_id, app.owner, app.instance_type) == (domain_id, owner, found.instance_type)
    ]
    names = {app.name for app in mine}
    price = prices.price("Studio", found.instance_type)
    if price is None:
        unpriced.add(found.instance_type)
    described = instance_type(found.instance_type)
    return RunningInstance(
        name=f"{owner}/{found.instance_type}",
        owner=owner,
        space=any(app.space for app in mine),
        domain_id=domain_id,
        instance_type=found.instance_type,
        description=described.text() if described else "",
        apps=[app.name for app in mine],
        kernels=[kernel.id for kernel in kernels if kernel.app in names],
        terminals=[terminal.name for terminal in terminals if terminal.app in names],
        started=_time(found.started),
        seconds=found.seconds,
        hourly=price,
        cost=None if price is None else price * found.seconds / 3600,
    )


def _resource(held: Held, prices: PriceTable, now: float, unpriced: set[str]) -> RunningResource:
    hourly, cost, known = 0.0, 0.0, bool(held.spans)
    for span in held.spans:
        price = prices.price(span.metered, span.instance_type)
        if price is None:
            unpriced.add(span.instance_type)
            known = False
            continue
        hourly += price * span.count if span.ended is None else 0.0
        cost += price * span.count * (span.until(now) - span.started) / 3600
    return RunningResource(
        kind=held.kind,
        name=held.name,
        status=held.status,
        instances=", ".join(
            f"{span.count} x {span.instance_type}" for span in held.spans if span.ended is None
        ),
        started=_time(held.started) if held.started is not None else None,
        seconds=max(0.0, now - held.started) if held.started is not None else 0.0,
        hourly=hourly if known else None,
        cost=cost if known else None,
    )


def _time(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, timezone.utc)
