"""What commands share: the data directory option, the engine behind a command, and errors without tracebacks."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

if TYPE_CHECKING:
    from smstudio_ext.target import Target

Data = Annotated[
    Path | None,
    typer.Option(
        help="Data directory of the engine; $SMSTUDIO_HOME or the user's data directory by default."
    ),
]


def fail(message: str, code: int = 1) -> NoReturn:
    """Prints a message on stderr and ends the command."""
    typer.secho(message, fg=typer.colors.RED, err=True)
    raise typer.Exit(code)


@contextmanager
def lifecycle_errors() -> Iterator[None]:
    """Turns the engine's start and stop errors into one line."""
    from smstudio_ext.engine.server import lifecycle

    try:
        yield
    except lifecycle.EngineError as error:
        fail(str(error))


@contextmanager
def aws_errors(target: Target | None = None) -> Iterator[None]:
    """Turns errors of AWS calls and of the form's own checks into one line, and one that says what to do.

    Args:
        target: that was called, for the hints.
    """
    try:
        yield
    except (typer.Exit, typer.Abort):
        raise
    except Exception as error:
        from smstudio_ext.studio.telling import place_of_target, told

        found = told(
            error, place_of_target(target, "terminal"), local=target is None or target.kind == "local"
        )
        if found is not None:
            fail("\n".join([found.message, *([found.hint] if found.hint else [])]))
        if isinstance(error, ValueError):
            fail(str(error))
        raise


def local_target(data: Path | None) -> Target:
    """The local target; starts the engine when it does not run."""
    from smstudio_ext.engine.server import lifecycle
    from smstudio_ext.engine.settings import default_data_dir
    from smstudio_ext.target import LocalEngine, Target

    directory = data or default_data_dir()
    with lifecycle_errors():
        info = lifecycle.read_engine(directory) or lifecycle.start_engine(directory)
    if info is None:
        fail(f"The engine of {directory} did not start.")
    return Target.local(LocalEngine(info.url, info.access_key, info.secret_key, info.region))
