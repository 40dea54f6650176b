"""How commands ask before something is created on AWS that costs money."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from smstudio_ext.cli.session import fail

if TYPE_CHECKING:
    from smstudio_ext.studio.models.costs import CostEstimate
    from smstudio_ext.target import Target

Yes = Annotated[bool, typer.Option("--yes", "-y", help="Agree to the cost on AWS; do not ask.")]

Sure = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")]

_HINT = "Say --yes to agree without being asked, or use the local target, where nothing is billed."


def sure(question: str, yes: bool, *, kept: str = "Nothing was deleted.") -> None:
    """Asks before something is done that cannot be undone; a no ends the command.

    Args:
        kept: what is told then.
    """
    if not yes and not typer.confirm(question, err=True):
        fail(kept)


@contextmanager
def asking(place: Target, yes: bool) -> Iterator[None]:
    """Everything inside asks on the terminal for its cost on AWS, or only says it with `--yes`.

    Nothing is asked for what runs on the local engine.
    """
    if place.kind == "local":
        yield
        return
    from smstudio_ext.aws_rules import gate
    from smstudio_ext.studio.cost_consent import Consent

    with gate(Consent(lambda found: _agreed(found, yes), hint=_HINT)):
        yield


def _agreed(found: CostEstimate, yes: bool) -> bool:
    for line in (found.text, *found.notes):
        typer.echo(line, err=True)
    if found.lines:
        typer.echo(f"Prices of {found.prices.region} on demand, list of {found.prices.date}.", err=True)
    if yes:
        return True
    try:
        return typer.confirm("Your AWS account is billed for it. Go on?", err=True)
    except typer.Abort:  # nobody is there to answer
        typer.echo(err=True)
        return False
