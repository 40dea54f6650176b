"""Jupyter gateways for the pages: which are set up, what they offer, and what a notebook asks of them."""

from __future__ import annotations

from typing import Any, Literal
from urllib.parse import urlsplit

from smstudio_ext.notebooks.gateway import config, registry, resources, specs
from smstudio_ext.notebooks.gateway.config import Gateway, GatewayProblem
from smstudio_ext.studio.models.environments import EnvironmentQuery, NotebookEnvironment
from smstudio_ext.studio.models.gateways import (
    AddGateway,
    BrokenGateway,
    GatewayOffer,
    GatewayResources,
    Gateways,
    GatewaySettings,
    OfferedKernel,
)
from smstudio_ext.studio.problems import BadInput, Missing, Refused


def list_gateways() -> Gateways:
    """Asks all gateways at once what they offer; those that do not answer are there with the reason."""
    broken = [BrokenGateway(name=name, problem=problem) for name, problem in config.broken().items()]
    return Gateways(items=[_shown(each) for each in specs.offers()], broken=broken)


def describe_gateway(name: str) -> GatewayOffer:
    """Asks one gateway what it offers now.

    Raises:
        Missing: there is none of that name.
    """
    return _shown(specs.offer(_known(name)))


def try_gateway(form: AddGateway) -> GatewayOffer:
    """Asks a gateway that need not be set up what it offers; keeps nothing.

    Raises:
        BadInput: its settings cannot be used.
    """
    try:
        return _shown(specs.offer(config.parse(_said(form, config.find(form.name.strip()))), keep=False))
    except GatewayProblem as problem:
        raise BadInput(str(problem)) from problem


def add_gateway(form: AddGateway) -> GatewayOffer:
    """Sets a gateway up, and asks it what it offers.

    Raises:
        BadInput: it cannot be used: its settings are wrong, or it does not answer with kernels.
    """
    name = form.name.strip()
    if config.find(name) is not None:
        problem = f"There is a gateway {name} already."
        raise BadInput(problem, fields=[("name", problem)])
    return _set_up(_said(form, None))


def update_gateway(name: str, form: AddGateway) -> GatewayOffer:
    """Changes a gateway's settings, and asks it what it offers; kernels that run there go on.

    Raises:
        Missing: there is none of that name.
        Refused: the Jupyter server's configuration has it.
        BadInput: it cannot be used so.
    """
    before = _known(name)
    if before.fixed:
        raise Refused(f"The gateway {name} is set by the Jupyter server's configuration.")
    if form.name.strip() != name:
        problem = "A gateway keeps its name, which is part of its kernels' names: add another one."
        raise BadInput(problem, fields=[("name", problem)])
    return _set_up(_said(form, before), replace=True)


def remove_gateway(name: str) -> GatewayOffer:
    """Forgets a gateway and its kernelspecs here; kernels that run there go on.

    Raises:
        Missing: there is none of that name.
        Refused: the Jupyter server's configuration has it.
    """
    found = config.find(name)
    if found is not None and found.fixed:
        raise Refused(f"The gateway {name} is set by the Jupyter server's configuration.")
    try:
        gone = config.remove(name)
    except GatewayProblem as problem:
        raise Missing(str(problem)) from problem
    specs.forget(gone)
    return _shown(specs.Offer(gone, ()))


def _known(name: str) -> Gateway:
    found = config.find(name)
    if found is None:
        raise Missing(f"There is no gateway {name}.")
    return found


def _said(form: AddGateway, before: Gateway | None) -> dict[str, Any]:
    """What a form says, as the file has it.

    Args:
        before: the gateway of that name as it is set up; None for none.

    Raises:
        BadInput: the token is to be kept, and there is none, or it would go to another host.
    """
    token = form.token.get_secret_value().strip() if form.token else ""
    if form.keep_token and not token:
        token = _kept_token(form.url.strip(), before)
    said = form.model_dump(exclude={"token", "keep_token"}, exclude_none=True)
    return {**said, "name": form.name.strip(), "url": form.url.strip(), "token": token}


def _kept_token(url: str, before: Gateway | None) -> str:
    if before is None or before.fixed or not before.token:
        problem = "No token is kept for it: type it."
        raise BadInput(problem, fields=[("token", problem)])
    if _origin(url) != _origin(before.url):
        # A page must not be able to have a token sent to where it likes.
        problem = "The address is another one: type the token again."
        raise BadInput(problem, fields=[("token", problem)])
    return before.token


def _origin(url: str) -> tuple[str, str]:
    try:
        parts = urlsplit(url)
    except ValueError:
        return ("", "")
    return (parts.scheme, parts.netloc)


def _set_up(said: dict[str, Any], *, replace: bool = False) -> GatewayOffer:
    """Asks a gateway, and writes its settings when it answers."""
    try:
        offer = specs.offer(config.parse(said), keep=False)
        if offer.problem:
            raise BadInput(offer.problem, fields=[("url", offer.problem)])
        return _shown(specs.offer(config.add(said, replace=replace)))
    except GatewayProblem as problem:
        raise BadInput(str(problem)) from problem


def choose_resources(session_name: str, wanted: GatewayResources | None) -> None:
    """Notes what a session's next kernel asks of its gateway.

    Raises:
        BadInput: a value has not the form that gateways take.
    """
    if wanted is None:
        resources.forget_choice(session_name)
        return
    values = [wanted.cpus.strip(), wanted.memory.strip(), wanted.gpus.strip()]
    wrong = resources.problems(*values)
    if wrong:
        raise BadInput(wrong[0][1], fields=wrong)
    resources.choose(session_name, resources.Resources(*values))


def environment_there(query: EnvironmentQuery, kernel: str, session_name: str) -> NotebookEnvironment | None:
    """What a notebook on a gateway's kernel runs on; None for other kernels.

    Args:
        kernel: name of the kernelspec.
        session_name: absolute path of the notebook; empty for none.
    """
    said = specs.gateway_of(kernel)
    if said is None:
        return None
    running = registry.remote(query.kernel_id) if query.kernel_id else None
    asked = resources.wanted(session_name)
    host = running.host if running else str(said["host"])
    broken = registry.state(running.kernel_id) if running else None
    return NotebookEnvironment(
        image=None,
        image_name=None,
        state=None,
        kernel=kernel,
        kernel_text=f"{said['display_name']} (Gateway {said['gateway']})",
        instance_type=None,
        instance_text=(running.resources if running else asked.text()) or f"Gateway {host}",
        placed=False,
        app=None,
        warning=str(broken.said) if broken and broken.said else None,
        gateway=str(said["gateway"]),
        gateway_host=host,
        resources=GatewayResources(cpus=asked.cpus, memory=asked.memory, gpus=asked.gpus),
    )


def _shown(offer: specs.Offer) -> GatewayOffer:
    gateway = offer.gateway
    return GatewayOffer(
        name=gateway.name,
        host=gateway.host,
        url=gateway.url,
        kernels=[
            OfferedKernel(name=each.name, display_name=each.display_name, language=each.language)
            for each in offer.kernels
        ],
        problem=offer.problem or None,
        warning=config.exposed(gateway) or None,
        version=offer.version or None,
        sized=offer.sized,
        fixed=gateway.fixed,
        token=_token(gateway),
        settings=None if gateway.fixed else _settings(gateway),
    )


def _settings(gateway: Gateway) -> GatewaySettings:
    return GatewaySettings(
        token_env=gateway.token_env,
        auth_scheme=gateway.auth_scheme,
        username=gateway.username,
        ca_certs=gateway.ca_certs,
        client_cert=gateway.client_cert,
        client_key=gateway.client_key,
        validate_cert=gateway.validate_cert,
        launch_timeout=gateway.launch_timeout,
        env=dict(gateway.env),
    )


def _token(gateway: Gateway) -> Literal["none", "file", "variable"]:
    if gateway.token_env:
        return "variable"
    return "file" if gateway.token else "none"
