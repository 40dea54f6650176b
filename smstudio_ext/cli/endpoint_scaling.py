"""`smstudio endpoints scaling`: how the variants of an endpoint scale by themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from smstudio_ext.cli.consent import Yes, asking
from smstudio_ext.cli.options import EndpointName
from smstudio_ext.cli.places import Printer, on_target
from smstudio_ext.cli.session import fail

if TYPE_CHECKING:
    from smstudio_ext.studio.models.hosting import VariantScaling
    from smstudio_ext.target import Target
else:
    Target = Any

app = typer.Typer(
    help="How variants scale by themselves: show, set, schedule, take away.", no_args_is_help=True
)

Variant = Annotated[str | None, typer.Option(help="Production variant; may be left out where there is one.")]


@app.command()
@on_target
def show(
    place: Target,
    printer: Printer,
    name: EndpointName,
    history: Annotated[bool, typer.Option("--history", help="What scaling did lately instead.")] = False,
) -> None:
    """Show limits, policies and schedules of every variant."""
    from smstudio_ext.studio.endpoint_scaling import endpoint_scaling

    found = endpoint_scaling(place, name)
    if printer.as_json:
        printer.document(found.model_dump(mode="json"))
        return
    if history:
        rows = [
            [each.variant, done.time, done.status, done.description, done.cause]
            for each in found.variants
            for done in each.activities
        ]
        printer.rows(["Variant", "Time", "Status", "What", "Why"], rows, empty="Scaling did nothing yet.")
    else:
        headings = ["Variant", "Least", "Most", "By", "Name", "What"]
        rows = [[each.variant, each.min, each.max, *way] for each in found.variants for way in _ways(each)]
        printer.rows(headings, rows, empty="It has no variants.")
    for each in found.variants:
        if each.activities_problem:
            typer.echo(f"{each.variant}: its history is not told: {each.activities_problem}", err=True)


@app.command("set")
@on_target
def set_(
    place: Target,
    printer: Printer,
    name: EndpointName,
    variant: Variant = None,
    least: Annotated[int, typer.Option("--min", min=0, help="Fewest instances.")] = 1,
    most: Annotated[int, typer.Option("--max", min=1, help="Most instances.")] = 2,
    # --target is the local engine or AWS in every command
    invocations: Annotated[
        float, typer.Option(help="Invocations per instance and minute that it keeps to.")
    ] = 70.0,
    scale_in_cooldown: Annotated[int, typer.Option(min=0, help="Seconds.")] = 300,
    scale_out_cooldown: Annotated[int, typer.Option(min=0, help="Seconds.")] = 300,
    only_out: Annotated[bool, typer.Option("--only-out", help="Never take instances away.")] = False,
    yes: Yes = False,
) -> None:
    """Let a variant scale with its invocations (target tracking)."""
    from smstudio_ext.studio.endpoint_scaling import set_scaling
    from smstudio_ext.studio.models.hosting import SetScaling

    chosen = one_variant(place, name, variant)
    form = SetScaling(
        variant=chosen,
        min=least,
        max=most,
        target=invocations,
        scale_in_cooldown=scale_in_cooldown,
        scale_out_cooldown=scale_out_cooldown,
        disable_scale_in=only_out,
    )
    with asking(place, yes):
        set_scaling(place, name, form)
    printer.line(
        f"The variant {chosen} scales between {least} and {most} instances.",
        name=name,
        **form.model_dump(mode="json"),
    )


@app.command()
@on_target
def stop(place: Target, printer: Printer, name: EndpointName, variant: Variant = None) -> None:
    """End the scaling of a variant with all its policies; it keeps the instances that it has."""
    from smstudio_ext.studio.endpoint_scaling import stop_scaling
    from smstudio_ext.studio.models.hosting import StopScaling

    chosen = one_variant(place, name, variant)
    stop_scaling(place, name, StopScaling(variant=chosen))
    printer.line(f"The variant {chosen} scales no more.", name=name, variant=chosen)


@app.command("remove-policy")
@on_target
def remove_policy(
    place: Target,
    printer: Printer,
    name: EndpointName,
    policy: Annotated[str, typer.Argument(help="Name of the policy.")],
    variant: Variant = None,
) -> None:
    """Take one scaling policy away; the limits of the variant stay."""
    from smstudio_ext.studio import endpoint_scaling
    from smstudio_ext.studio.models.hosting import RemovePolicy

    chosen = one_variant(place, name, variant)
    endpoint_scaling.remove_policy(place, name, RemovePolicy(variant=chosen, policy=policy))
    printer.line(f"The policy {policy} is gone.", name=name, variant=chosen, policy=policy)


@app.command()
@on_target
def schedule(
    place: Target,
    printer: Printer,
    name: EndpointName,
    action: Annotated[str, typer.Argument(help="Name of the action; one that is there is replaced.")],
    when: Annotated[str, typer.Argument(help="cron(fields), rate(value unit) or at(yyyy-mm-ddThh:mm:ss).")],
    least: Annotated[int | None, typer.Option("--min", min=0, help="Fewest instances from then on.")] = None,
    most: Annotated[int | None, typer.Option("--max", min=0, help="Most instances from then on.")] = None,
    timezone: Annotated[str | None, typer.Option(help="IANA name; UTC otherwise.")] = None,
    variant: Variant = None,
    yes: Yes = False,
) -> None:
    """Give a scaling variant other limits at certain times."""
    from smstudio_ext.studio.endpoint_scaling import set_schedule
    from smstudio_ext.studio.models.hosting import SetSchedule

    chosen = one_variant(place, name, variant)
    form = SetSchedule(variant=chosen, name=action, schedule=when, timezone=timezone, min=least, max=most)
    with asking(place, yes):
        set_schedule(place, name, form)
    facts = {**form.model_dump(mode="json"), "name": name, "action": action}
    printer.line(f"The action {action} is set: {when}", **facts)


@app.command()
@on_target
def unschedule(
    place: Target,
    printer: Printer,
    name: EndpointName,
    action: Annotated[str, typer.Argument(help="Name of the scheduled action.")],
    variant: Variant = None,
) -> None:
    """Take a scheduled action away."""
    from smstudio_ext.studio.endpoint_scaling import remove_schedule
    from smstudio_ext.studio.models.hosting import RemoveSchedule

    chosen = one_variant(place, name, variant)
    remove_schedule(place, name, RemoveSchedule(variant=chosen, name=action))
    printer.line(f"The action {action} is gone.", name=name, variant=chosen, action=action)


def one_variant(place: Target, endpoint: str, given: str | None) -> str:
    """The production variant that is meant; the command ends when there are several and none was named."""
    from smstudio_ext.studio.endpoint_traffic import variant_names

    if given:
        return given
    found = variant_names(place.client("sagemaker"), endpoint)
    if len(found) != 1:
        fail(f"{endpoint} has the variants {', '.join(found)}: name one with --variant.", code=2)
    return found[0]


def _ways(found: VariantScaling) -> list[list[str | None]]:
    """By what a variant scales: kind, name and what it does, of each policy and schedule."""
    ways: list[list[str | None]] = [
        ["policy", each.name, each.kind if each.target is None else f"{each.metric} at {each.target:g}"]
        for each in found.policies
    ]
    for action in found.schedules:
        limits = [
            f"{word} {value}"
            for word, value in (("least", action.min), ("most", action.max))
            if value is not None
        ]
        what = f"{action.schedule} {action.timezone or 'UTC'}: {', '.join(limits)}"
        ways.append(["schedule", action.name, what])
    return ways or [[None, None, None]]
