"""`smstudio endpoints update`, `traffic` and `tags`: what of an endpoint changes while it goes on answering."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from smstudio_ext.cli.consent import Yes, asking
from smstudio_ext.cli.endpoint_scaling import one_variant
from smstudio_ext.cli.options import EndpointName
from smstudio_ext.cli.pairs import number, pairs, whole
from smstudio_ext.cli.places import Printer, on_target
from smstudio_ext.cli.session import fail

if TYPE_CHECKING:
    from smstudio_ext.studio.models.hosting import CaptureForm, PolicyKind, VariantChange
    from smstudio_ext.target import Target
else:
    Target = Any

Wait = Annotated[bool, typer.Option("--wait/--no-wait", help="Wait until it is in service again.")]

_POLICIES: dict[str, PolicyKind] = {
    "all-at-once": "ALL_AT_ONCE",
    "canary": "CANARY",
    "linear": "LINEAR",
    "rolling": "ROLLING",
}
_MEMBERS = {
    "model": "model_name",
    "instance": "instance_type",
    "count": "instance_count",
    "weight": "weight",
}


def install(app: typer.Typer) -> None:
    """Adds the commands to the group."""
    for command in (update, traffic, tags):
        app.command()(on_target(command))


def update(
    place: Target,
    printer: Printer,
    name: EndpointName,
    config: Annotated[
        str | None,
        typer.Option(help="A configuration that is there; else a new one is made with the changes."),
    ] = None,
    changes: Annotated[
        list[str] | None,
        typer.Option(
            "--set",
            help="VARIANT.MEMBER=VALUE, or MEMBER=VALUE where there is one variant; members: model, instance, count, "
            "weight. May repeat.",
        ),
    ] = None,
    add: Annotated[list[str] | None, typer.Option(help="VARIANT=MODEL: a new variant. May repeat.")] = None,
    remove: Annotated[list[str] | None, typer.Option(help="Variant to take away. May repeat.")] = None,
    capture: Annotated[
        int | None,
        typer.Option(min=0, max=100, help="Capture so many percent of requests and answers; 0: none."),
    ] = None,
    capture_to: Annotated[
        str | None, typer.Option(help="s3:// address; the default bucket otherwise.")
    ] = None,
    policy: Annotated[
        Literal["all-at-once", "canary", "linear", "rolling"], typer.Option(help="How traffic moves.")
    ] = "all-at-once",
    size: Annotated[int, typer.Option(help="Percent of the canary, of a step, of a batch.")] = 10,
    instances: Annotated[bool, typer.Option("--instances", help="--size counts instances.")] = False,
    bake: Annotated[int, typer.Option(help="Seconds to wait after each shift.")] = 0,
    alarm: Annotated[
        list[str] | None, typer.Option(help="CloudWatch alarm that rolls the update back. May repeat.")
    ] = None,
    retain: Annotated[
        bool, typer.Option("--retain", help="Keep the weights and instance counts that it has now.")
    ] = False,
    wait: Wait = True,
    yes: Yes = False,
) -> None:
    """Move an endpoint to another configuration without downtime."""
    from smstudio_ext.studio.endpoint_update import update_endpoint
    from smstudio_ext.studio.models.hosting import UpdateEndpoint, UpdatePolicy

    if not (config or changes or add or remove or capture is not None):
        fail("Nothing is to be changed: say --config, --set, --add, --remove or --capture.", code=2)
    form = UpdateEndpoint(
        config_name=config,
        variants=_variants(place, name, changes, add, remove),
        capture=_capture(capture, capture_to),
        policy=UpdatePolicy(
            kind=_POLICIES[policy],
            size=size,
            size_kind="INSTANCE_COUNT" if instances else "CAPACITY_PERCENT",
            wait_seconds=bake,
            alarms=alarm or [],
        ),
        retain=retain,
    )
    with asking(place, yes):
        begun = update_endpoint(place, name, form)
    status = settled(place, name) if wait else "Updating"
    printer.line(
        f"Endpoint {name}: {status}, configuration {begun.config_name}",
        status=status,
        **begun.model_dump(mode="json"),
    )


def traffic(
    place: Target,
    printer: Printer,
    name: EndpointName,
    weight: Annotated[list[str] | None, typer.Option(help="VARIANT=WEIGHT. May repeat.")] = None,
    instances: Annotated[
        list[str] | None, typer.Option(help="VARIANT=COUNT: how many instances. May repeat.")
    ] = None,
    wait: Wait = True,
    yes: Yes = False,
) -> None:
    """Shift traffic among variants, or change their instance counts, without a new configuration."""
    from smstudio_ext.studio.endpoint_traffic import change_traffic
    from smstudio_ext.studio.models.hosting import ChangeTraffic, VariantTraffic

    weights, counts = pairs(weight, "--weight"), pairs(instances, "--instances")
    if not weights and not counts:
        fail("Nothing is to be changed: say --weight or --instances.", code=2)
    form = ChangeTraffic(
        variants=[
            VariantTraffic(
                name=variant,
                weight=number(weights[variant], "--weight") if variant in weights else None,
                instances=whole(counts[variant], "--instances") if variant in counts else None,
            )
            for variant in dict.fromkeys([*weights, *counts])
        ]
    )
    with asking(place, yes):
        change_traffic(place, name, form)
    status = settled(place, name) if wait else "Updating"
    printer.line(f"Endpoint {name}: {status}", name=name, status=status)


def tags(
    place: Target,
    printer: Printer,
    name: EndpointName,
    changes: Annotated[list[str] | None, typer.Option("--set", help="KEY=VALUE. May repeat.")] = None,
    remove: Annotated[list[str] | None, typer.Option(help="Key to take away. May repeat.")] = None,
) -> None:
    """List the tags of an endpoint, or change them."""
    from smstudio_ext.studio.endpoints import endpoint_tags, set_endpoint_tags
    from smstudio_ext.studio.models.base import Tag
    from smstudio_ext.studio.models.endpoints import SetTags

    found = {tag.key: tag.value for tag in endpoint_tags(place, name).tags}
    wanted = {key: value for key, value in found.items() if key not in (remove or ())}
    wanted |= pairs(changes, "--set")
    if wanted != found:
        set_endpoint_tags(
            place, name, SetTags(tags=[Tag(key=key, value=value) for key, value in wanted.items()])
        )
    printer.rows(["Key", "Value"], sorted(wanted.items()), empty="It has no tags.")


def _variants(
    place: Target, name: str, changes: list[str] | None, add: list[str] | None, remove: list[str] | None
) -> list[VariantChange]:
    from smstudio_ext.studio.models.hosting import VariantChange

    found: dict[str, dict[str, Any]] = {}
    for variant, model in pairs(add, "--add").items():
        found[variant] = {"name": variant, "new": True, "model_name": model}
    for variant in remove or ():
        found[variant] = {"name": variant, "remove": True}
    for key, value in pairs(changes, "--set").items():
        variant, _, word = key.rpartition(".")
        if word not in _MEMBERS:
            fail(f"--set takes the members {', '.join(_MEMBERS)}, not {word!r}.", code=2)
        variant = variant or one_variant(place, name, None)
        change = found.setdefault(variant, {"name": variant})
        change[_MEMBERS[word]] = (
            whole(value, f"--set {word}")
            if word == "count"
            else number(value, f"--set {word}")
            if word == "weight"
            else value
        )
    return [VariantChange(**change) for change in found.values()]


def _capture(percent: int | None, destination: str | None) -> CaptureForm | None:
    from smstudio_ext.studio.models.hosting import CaptureForm

    if percent is None:
        return None
    if percent == 0:
        return CaptureForm(enabled=False)
    return CaptureForm(enabled=True, sampling_percentage=percent, destination_s3_uri=destination)


def settled(place: Target, name: str) -> str:
    """The endpoint's status once it changes no more; the command ends when it cannot be asked then."""
    from smstudio_ext.studio.waiting import in_service, settling

    try:
        *_, (found, _) = settling(place, name)
    except KeyboardInterrupt:
        fail(f"{name} goes on without this command.", code=130)
    in_service(found)
    return str(found["EndpointStatus"])
