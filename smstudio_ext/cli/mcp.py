"""`smstudio mcp`: a Model Context Protocol server on standard input and output, for AI assistants."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from importlib import import_module
from typing import TYPE_CHECKING, Annotated, Any

import typer

from smstudio_ext.cli.options import Profile
from smstudio_ext.cli.session import fail

if TYPE_CHECKING:
    from mcp.server import MCPServer

_INSTRUCTIONS = (
    "Amazon SageMaker on the user's own machine (target local) or in their AWS account (target aws). "
    "Ask sagemaker_status first. On AWS, what you start costs money: ask the user before."
)


def mcp(
    write: Annotated[
        bool, typer.Option("--write", help="Also offer tools that start, stop, deploy and delete.")
    ] = False,
    target: Annotated[str, typer.Option(help="local or aws.")] = "local",
    profile: Profile = None,
    region: Annotated[str | None, typer.Option(help="Region.")] = None,
) -> None:
    """Serve SageMaker's tools to an AI assistant over standard input and output; read-only unless --write is given."""
    from smstudio_ext.magics.failure import MagicFailure
    from smstudio_ext.magics.place import PLACE

    if target not in ("local", "aws"):
        fail(f"--target is local or aws, not {target!r}.", code=2)
    try:
        PLACE.choose("aws" if target == "aws" else "local", profile=profile, region=region)
    except MagicFailure as error:
        fail("\n".join([error.message, *([error.hint] if error.hint else [])]))
    server(write=write).run("stdio")


def server(*, write: bool) -> MCPServer:
    """The server with its tools."""
    try:
        from mcp.server import MCPServer
        from mcp.types import ToolAnnotations
    except ImportError:
        fail("This needs the package mcp, version 2: pip install 'smstudio-ext[mcp]'")
    from smstudio_ext import __version__, assistants

    made = MCPServer("SageMaker Studio", instructions=_INSTRUCTIONS, version=__version__)
    reading = set(assistants.tool_specs(write=False))
    for spec in assistants.tool_specs(write=write):
        module, _, name = spec.partition(":")
        made.add_tool(
            _telling(getattr(import_module(module), name)),
            annotations=ToolAnnotations(
                read_only_hint=spec in reading, destructive_hint=name.endswith(("stop", "delete_endpoint"))
            ),
        )
    return made


def _telling(function: Callable[..., Any]) -> Callable[..., Any]:
    """A tool whose failures reach the assistant: the server keeps the text of all other exceptions to itself."""
    from mcp.server.mcpserver.exceptions import ToolError

    from smstudio_ext.magics.failure import MagicFailure

    @wraps(function)
    def told(*args: Any, **kwargs: Any) -> Any:
        try:
            return function(*args, **kwargs)
        except MagicFailure as error:
            raise ToolError(error.message) from None

    return told
