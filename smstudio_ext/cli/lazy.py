"""Commands whose modules load when they are used: the help of `smstudio` needs none of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib import import_module
from typing import TYPE_CHECKING, Any

import typer
from typer.core import TyperCommand, TyperGroup

if TYPE_CHECKING:
    from typer.core import TyperGroup as Group


@dataclass(frozen=True)
class Listed:
    """A command as the help lists it.

    Attributes:
        place: module of this package whose `app` is a group of commands; or module and function, `cost:cost`.
        help: the first sentence of its own help.
        settings: of its context.
    """

    place: str
    help: str
    settings: Mapping[str, Any] = field(default_factory=dict)


def lazy_group(listed: Mapping[str, Listed]) -> type[Group]:
    """A class of groups with these commands.

    Args:
        listed: name -> command, in the order of the help.
    """

    class Lazy(TyperGroup):
        """Loads a command when it is asked for."""

        def __init__(self, **attributes: Any) -> None:
            super().__init__(**attributes)
            for name, each in listed.items():
                self.commands[name] = TyperCommand(name, help=each.help)
            self._loaded: dict[str, Any] = {}
            self._only_listed = False

        def get_command(self, ctx: Any, cmd_name: str) -> Any:
            """The command itself, with its options; what the table says of it, while commands are listed."""
            if cmd_name not in listed:
                return None
            if self._only_listed:
                return self.commands[cmd_name]
            if cmd_name not in self._loaded:
                self._loaded[cmd_name] = _load(cmd_name, listed[cmd_name])
            return self._loaded[cmd_name]

        def format_commands(self, ctx: Any, formatter: Any) -> None:
            """Lists them in the help."""
            with self._listing():
                super().format_commands(ctx, formatter)

        def shell_complete(self, ctx: Any, incomplete: str) -> Any:
            """Completes their names."""
            with self._listing():
                return super().shell_complete(ctx, incomplete)

        @contextmanager
        def _listing(self) -> Iterator[None]:
            self._only_listed = True
            try:
                yield
            finally:
                self._only_listed = False

    return Lazy


def _load(name: str, listed: Listed) -> Any:
    module, _, function = listed.place.partition(":")
    found = import_module(f"smstudio_ext.cli.{module}")
    holder = typer.Typer(rich_markup_mode=None, pretty_exceptions_enable=False, add_completion=False)
    if function:
        holder.command(name, context_settings=dict(listed.settings))(getattr(found, function))
    else:
        holder.add_typer(found.app, name=name)
    return typer.main.get_group(holder).commands[name]
