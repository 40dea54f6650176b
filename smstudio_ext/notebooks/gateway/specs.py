"""Kernelspecs of gateways' kernels, in the user's Jupyter folder, where JupyterLab, nbclient and papermill find them."""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from smstudio_ext.notebooks.gateway import config
from smstudio_ext.notebooks.gateway.config import Gateway, GatewayProblem
from smstudio_ext.notebooks.gateway.rest import GatewayApi

PROVISIONER = "smstudio-gateway-provisioner"
PREFIX = "gateway-"

_SPEC = "kernel.json"
_MOST_ASKED = 8


@dataclass(frozen=True)
class GatewayKernel:
    """A kernel of a gateway.

    Attributes:
        name: of its kernelspec here.
        there: its name on the gateway.
        display_name: as the gateway says it.
    """

    name: str
    there: str
    display_name: str
    language: str


@dataclass(frozen=True)
class Offer:
    """What a gateway offers now.

    Attributes:
        kernels: what it offered last, where it does not answer.
        problem: why it cannot be used; empty when it can.
        version: of its server; empty when it does not say.
        sized: whether it passes CPU, memory and GPUs on; a plain Jupyter server does not.
    """

    gateway: Gateway
    kernels: tuple[GatewayKernel, ...]
    problem: str = ""
    version: str = ""
    sized: bool = True


def offers(wanted: Iterable[Gateway] | None = None) -> list[Offer]:
    """Asks gateways what they offer, all at once, and puts their kernelspecs here; those of gateways that went are taken away.

    Args:
        wanted: all that are set up by default.
    """
    asked = list(config.gateways() if wanted is None else wanted)
    if not asked:
        found = []
    else:
        with ThreadPoolExecutor(max_workers=min(_MOST_ASKED, len(asked))) as pool:
            found = list(pool.map(offer, asked))
    if wanted is None:
        _drop_others({each.name for each in asked})
    return found


def offer(gateway: Gateway, *, keep: bool = True) -> Offer:
    """Asks one gateway what it offers.

    Args:
        keep: whether its kernelspecs are put here, too.
    """
    try:
        api = GatewayApi(gateway)
        about = api.about()
        specs = api.kernelspecs()
        sized = "gateway_version" in about or not api.has_files()
    except GatewayProblem as failure:
        return Offer(gateway, tuple(known(gateway)) if keep else (), problem=str(failure))
    made = [
        GatewayKernel(
            kernel_name(gateway, there),
            there,
            str(spec.get("display_name") or there),
            str(spec.get("language") or ""),
        )
        for there, spec in sorted(specs.items())
    ]
    problem = ""
    try:
        if keep:
            write(gateway, [(each, specs[each.there]) for each in made])
    except OSError as error:
        problem = f"{error.filename} cannot be written: {error.strerror}."
    version = about.get("gateway_version") or about.get("version") or ""
    return Offer(gateway, tuple(made), problem, str(version), sized=sized)


def known(gateway: Gateway) -> list[GatewayKernel]:
    """The kernels of a gateway whose kernelspecs are here."""
    found = []
    for folder in sorted(folder_of_kernels().glob(f"{PREFIX}*")):
        spec = _ours(folder)
        if spec is not None and spec["metadata"]["smstudio"]["gateway"] == gateway.name:
            said = spec["metadata"]["smstudio"]
            found.append(GatewayKernel(folder.name, said["kernel"], said["display_name"], spec["language"]))
    return found


def gateway_of(kernel: str) -> dict[str, Any] | None:
    """What the kernelspec of a gateway's kernel says of it: `gateway`, `host`, `kernel`, `display_name`; None for others."""
    if not kernel.startswith(PREFIX) or "/" in kernel:
        return None
    spec = _ours(folder_of_kernels() / kernel)
    return None if spec is None else dict(spec["metadata"]["smstudio"])


def kernel_name(gateway: Gateway, there: str) -> str:
    """The name of a gateway's kernel here."""
    return PREFIX + re.sub(r"[^a-z0-9._-]", "-", f"{gateway.name}-{there}".lower())


def write(gateway: Gateway, kernels: list[tuple[GatewayKernel, dict[str, Any]]]) -> None:
    """Writes the kernelspecs of a gateway, and takes away those of kernels that it does not offer any more.

    Raises:
        OSError: the folder cannot be written.
    """
    for kernel, said in kernels:
        folder = folder_of_kernels() / kernel.name
        content = _spec(gateway, kernel, said)
        if folder.exists() and _ours(folder) is None and (folder / _SPEC).exists():
            continue  # somebody else's of that name
        if _ours(folder) == content:
            continue
        folder.mkdir(parents=True, exist_ok=True)
        aside = folder / f".{_SPEC}.{os.getpid()}"
        aside.write_text(json.dumps(content, indent=2) + "\n")
        aside.replace(folder / _SPEC)
    names = {kernel.name for kernel, _ in kernels}
    for each in known(gateway):
        if each.name not in names:
            _remove(folder_of_kernels() / each.name)


def forget(gateway: Gateway) -> None:
    """Takes the kernelspecs of a gateway away."""
    for each in known(gateway):
        _remove(folder_of_kernels() / each.name)


def _drop_others(names: set[str]) -> None:
    """Takes away the kernelspecs of gateways of this data directory that are not set up any more."""
    for folder in folder_of_kernels().glob(f"{PREFIX}*"):
        spec = _ours(folder)
        if spec is None:
            continue
        said = spec["metadata"]["smstudio"]
        if said["gateway"] not in names and said.get("home") == _home():
            _remove(folder)


def _home() -> str:
    from smstudio_ext.notebooks.home import data_dir

    return str(data_dir())


def folder_of_kernels() -> Path:
    """Jupyter's folder of the user's kernelspecs."""
    from jupyter_core.paths import jupyter_data_dir

    return Path(jupyter_data_dir()) / "kernels"


def _spec(gateway: Gateway, kernel: GatewayKernel, said: dict[str, Any]) -> dict[str, Any]:
    metadata = said.get("metadata") if isinstance(said.get("metadata"), dict) else {}
    return {
        "argv": ["python", "-m", "smstudio_ext.notebooks.gateway.relay", "-f", "{connection_file}"],
        "display_name": f"{kernel.display_name.removesuffix(' (ipykernel)')} (Gateway {gateway.name})",
        "language": kernel.language,
        "interrupt_mode": "message",
        "env": {},
        "metadata": {
            "debugger": bool(metadata.get("debugger")) if metadata else False,
            "supported_encryption": ["curve"],
            "kernel_provisioner": {"provisioner_name": PROVISIONER},
            "smstudio": {
                "gateway": gateway.name,
                "host": gateway.host,
                "kernel": kernel.there,
                "display_name": kernel.display_name,
                "home": _home(),
            },
        },
    }


def _ours(folder: Path) -> dict[str, Any] | None:
    """The content of a kernelspec that was written here for a gateway; None for others."""
    try:
        content = json.loads((folder / _SPEC).read_text())
        said = content["metadata"]["smstudio"]
        if not all(isinstance(said[key], str) for key in ("gateway", "host", "kernel", "display_name")):
            return None
        return content if isinstance(content["language"], str) else None
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _remove(folder: Path) -> None:
    (folder / _SPEC).unlink(missing_ok=True)  # first: half a kernelspec is none
    shutil.rmtree(folder, ignore_errors=True)
