"""Which domain a command is about."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from smstudio_ext.cli.session import fail

if TYPE_CHECKING:
    from smstudio_ext.target import Target

DomainOption = Annotated[
    str | None,
    typer.Option("--domain", help="Name or id of the domain; may be left out where there is one."),
]


def domain_named(place: Target, given: str | None) -> str:
    """Id of the domain that is meant, by its name or id; the command ends when there is none, or several."""
    from smstudio_ext.studio.domains import list_domains

    found = list_domains(place).items
    fitting = [each for each in found if given in (None, each.id, each.name)]
    if len(fitting) == 1:
        return fitting[0].id
    names = ", ".join(f"{each.name} ({each.id})" for each in found)
    if not found:
        fail("There is no domain. Create one: smstudio domains create")
    fail(
        f"There is no domain {given}. There are: {names}."
        if given and not fitting
        else f"Which domain is meant? There are: {names}.",
        code=1 if given and not fitting else 2,
    )
