"""Jupyter gateways for the pages: which are set up, what they offer, and what a notebook asks of them."""

from __future__ import annotations

from typing import Literal

from smstudio_ext.notebooks.gateway import config, registry, resources, specs
from smstudio_ext.notebooks.gateway.config import Gateway, GatewayProblem
from smstudio_ext.studio.models.environments import EnvironmentQuery, NotebookEnvironment
from smstudio_ext.studio.models.gateways import (
    AddGateway,
    GatewayOffer,
    GatewayResources,
    Gateways,
    OfferedKernel,
)
from smstudio_ext.studio.problems import BadInput, Missing, Refused


def list_gateways() -> Gateways:
    """Asks all gateways at once what they offer; those that do not answer are there with the reason."""
    return Gateways(items=[_shown(each) for each in specs.offers()], broken=config.broken())


def add_gateway(form: AddGateway) -> GatewayOffer:
    """Sets a gateway up, and asks it what it offers.

    Raises:
        BadInput: it cannot be used: its settings are wrong, or it does not answer with kernels.
    """
    said = {
        "name": form.name.strip(),
        "url": form.url.strip(),
        "token": form.token.get_secret_value().strip() if form.token else "",
        "token_env": form.token_env or "",
        "username": form.username or "",
        "ca_certs": form.ca_certs or "",
    }
    try:
        wanted = config.parse(said)
        offer = specs.offer(wanted)
        if offer.problem:
            raise BadInput(offer.problem, fields=[("url", offer.problem)])
        config.add(said)
    except GatewayProblem as problem:
        raise BadInput(str(problem)) from problem
    return _shown(offer)


def remove_gateway(name: str) -> GatewayOffer:
    """Forgets a gateway and its kernelspecs here; kernels that run there go on.

    Raises:
        Missing: there is none of that name.
        Refused: the Jupyter server's configuration has it.
    """
    found = config.find(name)
    if found is None and not any(f" {name} " in each for each in config.broken()):
        raise Missing(f"There is no gateway {name}.")
    if found is not None and found.fixed:
        raise Refused(f"The gateway {name} is set by the Jupyter server's configuration.")
    try:
        gone = config.remove(name)
    except GatewayProblem as problem:
        raise Missing(str(problem)) from problem
    specs.forget(gone)
    return _shown(specs.Offer(gone, ()))


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
    )


def _token(gateway: Gateway) -> Literal["none", "file", "variable"]:
    if gateway.token_env:
        return "variable"
    return "file" if gateway.token else "none"
