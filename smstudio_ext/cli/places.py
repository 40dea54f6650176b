"""Options that every command on resources has: the target, its profile and region, the data directory, JSON."""

from __future__ import annotations

import inspect
import json
import os
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer

from smstudio_ext.cli.options import Json, Profile, Region, TargetKind
from smstudio_ext.cli.session import aws_errors, fail, local_target

if TYPE_CHECKING:
    from pydantic import BaseModel

    from smstudio_ext.target import Target

M = TypeVar("M", bound="BaseModel")

_OPTIONS: dict[str, tuple[Any, Any]] = {
    "target": (TargetKind, "local"),
    "profile": (Profile, None),
    "region": (Region, None),
    "data": (
        Annotated[Path | None, typer.Option(help="Data directory of the engine; $SMSTUDIO_HOME by default.")],
        None,
    ),
    "as_json": (Json, False),
}

TARGET_OPTIONS = tuple(
    ("--json" if name == "as_json" else f"--{name}", option.__metadata__[0].help)
    for name, (option, _default) in _OPTIONS.items()
)
"""How they are spelt, and what the help says of them."""

_WIDE = 160
"""Columns of a table that goes to a file or a pipe."""


class Printer:
    """Prints results as tables for people, or as JSON."""

    def __init__(self, as_json: bool) -> None:
        self.as_json = as_json

    def rows(self, headings: Sequence[str], rows: Iterable[Sequence[Any]], *, empty: str) -> None:
        """A table; in JSON a list of objects whose keys are the headings in lower case."""
        found = [list(row) for row in rows]
        if self.as_json:
            keys = [heading.lower().replace(" ", "_") for heading in headings]
            self.document([dict(zip(keys, row, strict=True)) for row in found])
            return
        if not found:
            typer.echo(empty)
            return
        from rich import box
        from rich.console import Console
        from rich.table import Table

        table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
        for heading in headings:
            # Names are there to be copied: they are never cut.
            table.add_column(heading, no_wrap=heading == "Name", overflow="fold")
        for row in found:
            table.add_row(*[_cell(value) for value in row])
        console = Console()
        if not console.is_terminal:
            console = Console(width=max(console.width, _WIDE))
        console.print(table)

    def items(
        self,
        found: Iterable[M],
        headings: Sequence[str],
        row: Callable[[M], Sequence[Any]],
        *,
        empty: str,
    ) -> None:
        """A table with a row for each thing; in JSON all that is known of them.

        Args:
            row: cells of one.
        """
        if self.as_json:
            self.document([each.model_dump(mode="json") for each in found])
        else:
            self.rows(headings, [row(each) for each in found], empty=empty)

    def facts(self, found: BaseModel, facts: Iterable[tuple[str, Any]]) -> None:
        """What is known of one thing: a table of two columns without what is not known; in JSON all of it."""
        if self.as_json:
            self.document(found.model_dump(mode="json"))
            return
        rows = [[name, value] for name, value in facts if value not in (None, "", [])]
        self.rows(["What", "Value"], rows, empty="")

    def document(self, document: Any) -> None:
        """A whole document, which is JSON for people, too."""
        typer.echo(json.dumps(document, indent=2, default=_plain, ensure_ascii=False))

    def line(self, text: str, **facts: Any) -> None:
        """One sentence; in JSON the facts."""
        if self.as_json:
            self.document(facts)
        else:
            typer.echo(text)


def on_target(command: Callable[..., None]) -> Callable[..., None]:
    """Gives a command the options of the target; it gets the `Target` and a `Printer` before its own arguments."""
    signature = inspect.signature(command, eval_str=True)
    own = list(signature.parameters.values())[2:]
    added = [
        inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=annotation)
        for name, (annotation, default) in _OPTIONS.items()
    ]

    def run(**given: Any) -> None:
        options = {name: given.pop(name) for name in _OPTIONS}
        with aws_errors():
            place = chosen(**{k: v for k, v in options.items() if k != "as_json"})
        with aws_errors(place):
            command(place, Printer(options["as_json"]), **given)

    run.__name__, run.__doc__ = command.__name__, command.__doc__
    parameters = [each.replace(kind=inspect.Parameter.KEYWORD_ONLY) for each in own] + added
    run.__signature__ = signature.replace(parameters=parameters)  # type: ignore[attr-defined]
    run.__annotations__ = {each.name: each.annotation for each in parameters}
    return run


def chosen(
    target: str, profile: str | None = None, region: str | None = None, data: Path | None = None
) -> Target:
    """The target of the options; starts the engine when it is the local one and does not run."""
    from smstudio_ext.target import Target, aws_profiles

    if target == "aws":
        if profile and profile not in aws_profiles():
            fail(f"There is no AWS profile {profile!r}. There are: {', '.join(aws_profiles()) or 'none'}.")
        from smstudio_ext.aws.account import AwsAccount

        return Target.aws(
            profile,
            region,
            read_only=os.environ.get("SMSTUDIO_READ_ONLY") == "1",
            account=AwsAccount(profile, shared_cache=True),
        )
    if data is not None:  # the price list and the notes of usage lie there, too
        os.environ["SMSTUDIO_HOME"] = str(data.expanduser().absolute())
    found = local_target(data)
    if region and region != found.region:
        return found.in_region(region)
    return found


def _cell(value: Any) -> str:
    if value is None:
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list | tuple):
        return ", ".join(_cell(each) for each in value) or "–"
    if isinstance(value, float):
        return f"{value:,.1f}" if abs(value) >= 10 else f"{value:.4g}"
    return value.astimezone().strftime("%Y-%m-%d %H:%M:%S") if isinstance(value, datetime) else str(value)


def _plain(value: Any) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)
