"""`smstudio gateways`: the Jupyter gateways whose kernels notebooks and scripts can choose."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from smstudio_ext.cli.options import Json
from smstudio_ext.cli.places import Printer
from smstudio_ext.cli.session import Data, fail

Name = Annotated[str, typer.Argument(help="Name of the gateway: letters, digits, '-' and '_'.")]

app = typer.Typer(
    help="Jupyter gateways (Enterprise Gateway, Kernel Gateway, other Jupyter servers) whose kernels notebooks can choose.",
    no_args_is_help=True,
)


@app.command("list")
def list_(data: Data = None, as_json: Json = False) -> None:
    """List the gateways with what they offer now; their kernelspecs are brought up to date."""
    from smstudio_ext.studio.gateways import list_gateways

    _use(data)
    found = list_gateways()
    printer = Printer(as_json)
    if as_json:
        printer.document(found.model_dump())
    else:
        printer.rows(
            ["Name", "Address", "Token", "Server", "Kernels", "State"],
            [
                (
                    each.name,
                    each.url,
                    {"none": "none", "file": "set", "variable": "from a variable"}[each.token],
                    each.version or "",
                    len(each.kernels),
                    each.problem or "answers",
                )
                for each in found.items
            ],
            empty="There are no gateways. Add one: smstudio gateways add NAME URL",
        )
        for each in found.items:
            if each.warning:
                typer.echo(f"{each.name}: {each.warning}", err=True)
        for broken in found.broken:
            typer.echo(broken.problem, err=True)
    if found.broken or any(each.problem for each in found.items):
        raise typer.Exit(1)


@app.command()
def kernels(name: Name, data: Data = None, as_json: Json = False) -> None:
    """List the kernels of a gateway, by the names that papermill, nbclient and JupyterLab know here."""
    from smstudio_ext.notebooks.gateway import config, specs

    _use(data)
    found = config.find(name) or _missing(name)
    offer = specs.offer(found)
    if offer.problem:
        fail(offer.problem)
    Printer(as_json).rows(
        ["Name", "On the gateway", "Display name", "Language"],
        [(each.name, each.there, each.display_name, each.language) for each in offer.kernels],
        empty="It offers no kernels.",
    )


@app.command()
def add(
    name: Name,
    url: Annotated[str, typer.Argument(help="Its address, e.g. https://gateway.example.org:8888")],
    token_env: Annotated[
        str, typer.Option(help="Variable that holds the token wherever kernels are started from.")
    ] = "",
    token_stdin: Annotated[
        bool, typer.Option("--token-stdin", help="Read the token from standard input; else it is asked for.")
    ] = False,
    no_token: Annotated[bool, typer.Option("--no-token", help="The gateway asks for no token.")] = False,
    auth_scheme: Annotated[str, typer.Option(help="First word of the Authorization header.")] = "token",
    username: Annotated[str, typer.Option(help="Sent as KERNEL_USERNAME; your own by default.")] = "",
    ca_certs: Annotated[Path | None, typer.Option(help="File with the authorities to believe.")] = None,
    client_cert: Annotated[Path | None, typer.Option(help="File with your own certificate.")] = None,
    client_key: Annotated[Path | None, typer.Option(help="File with its key.")] = None,
    insecure: Annotated[
        bool, typer.Option("--insecure", help="Do not check its certificate (for trials only).")
    ] = False,
    launch_timeout: Annotated[
        float, typer.Option(help="Seconds that a kernel may take to start there.")
    ] = 60.0,
    env: Annotated[
        list[str] | None, typer.Option(help="NAME=VALUE that every kernel gets, e.g. KERNEL_NAMESPACE=team.")
    ] = None,
    replace: Annotated[bool, typer.Option("--replace", help="Change one of that name.")] = False,
    data: Data = None,
) -> None:
    """Set a gateway up, and check that it answers; the token goes into a file that only you can read."""
    from smstudio_ext.notebooks.gateway import config, specs

    _use(data)
    said: dict[str, Any] = {
        "name": name,
        "url": url,
        "token_env": token_env,
        "auth_scheme": auth_scheme,
        "username": username,
        "ca_certs": _absolute(ca_certs),
        "client_cert": _absolute(client_cert),
        "client_key": _absolute(client_key),
        "validate_cert": not insecure,
        "launch_timeout": launch_timeout,
        "env": _pairs(env or []),
    }
    if config.find(name) is not None and not replace:
        fail(f"There is a gateway {name} already. --replace changes it.")
    if token_stdin:
        said["token"] = sys.stdin.readline().strip()
    elif not token_env and not no_token:
        said["token"] = typer.prompt("Token", hide_input=True, default="", show_default=False)
    try:
        made = config.parse(said)
        offer = specs.offer(made)
        if offer.problem:
            fail(f"{offer.problem} Nothing was set up.")
        config.add(said, replace=replace)
    except config.GatewayProblem as problem:
        fail(str(problem))
    typer.echo(f"{name}: {len(offer.kernels)} kernels on {made.host}.")
    unsafe = config.exposed(made)
    if unsafe:
        typer.echo(unsafe, err=True)


@app.command()
def remove(name: Name, data: Data = None) -> None:
    """Forget a gateway and its kernelspecs here; kernels that run there go on."""
    from smstudio_ext.notebooks.gateway import config, specs

    _use(data)
    try:
        specs.forget(config.remove(name))
    except config.GatewayProblem as problem:
        fail(str(problem))
    typer.echo(f"{name}: forgotten.")


def _missing(name: str) -> Any:
    fail(f"There is no gateway {name}. `smstudio gateways list` names those there are.")


def _absolute(path: Path | None) -> str:
    return str(path.expanduser().absolute()) if path else ""


def _pairs(said: list[str]) -> dict[str, str]:
    found = {}
    for each in said:
        name, mark, value = each.partition("=")
        if not mark or not name:
            fail(f"--env takes NAME=VALUE, not {each!r}.")
        found[name] = value
    return found


def _use(data: Path | None) -> None:
    if data:
        os.environ["SMSTUDIO_HOME"] = str(data.expanduser().absolute())
