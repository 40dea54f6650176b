"""CPU, memory and GPUs that a notebook asks of a gateway: chosen in the dialog, said by the notebook, or by variables."""

from __future__ import annotations

import json
import os
import re
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

METADATA = "gateway_resources"
"""Member of a notebook's metadata that keeps the choice: `{"cpus": "2", "memory": "4Gi", "gpus": "0"}`."""

_LARGEST_NOTEBOOK = 64 * 2**20
"""Bytes; the metadata of a larger notebook is not looked at."""

_FORMS = {
    "cpus": re.compile(r"\d{1,4}(\.\d{1,3})?|\d{1,7}m"),
    "memory": re.compile(r"\d{1,15}(\.\d{1,3})?(Ki|Mi|Gi|Ti|k|M|G|T)?"),
    "gpus": re.compile(r"\d{1,3}"),
}
_SAY = {
    "cpus": "CPUs are a number, as 2 or 0.5, or thousandths, as 500m.",
    "memory": "Memory is a number with its unit, as 4Gi or 500Mi.",
    "gpus": "GPUs are a whole number.",
}


@dataclass(frozen=True)
class Resources:
    """What a kernel asks for, in Kubernetes' words; empty for what the gateway gives by itself."""

    cpus: str = ""
    memory: str = ""
    gpus: str = ""

    def variables(self) -> dict[str, str]:
        """The variables in which gateways take it."""
        named = {"KERNEL_CPUS": self.cpus, "KERNEL_MEMORY": self.memory, "KERNEL_GPUS": self.gpus}
        return {name: value for name, value in named.items() if value}

    def text(self) -> str:
        """As the toolbar says it: `2 vCPU + 4 GiB`; empty when nothing was asked for."""
        memory = self.memory.replace("Gi", " GiB").replace("Mi", " MiB").replace("Ti", " TiB")
        parts = [f"{self.cpus} vCPU" if self.cpus else "", memory]
        if self.gpus and self.gpus != "0":
            parts.append(f"{self.gpus} GPU")
        return " + ".join(part for part in parts if part)


_choices: dict[str, Resources] = {}
_lock = threading.Lock()


def problems(cpus: str, memory: str, gpus: str) -> list[tuple[str, str]]:
    """(field, what is wrong with it); empty fields are fine."""
    said = {"cpus": cpus, "memory": memory, "gpus": gpus}
    return [(name, _SAY[name]) for name, text in said.items() if text and not _FORMS[name].fullmatch(text)]


def choose(session: str, wanted: Resources) -> None:
    """Notes what the next kernels of a notebook or console ask for.

    Args:
        session: path of the notebook in the file system, or a console's name.
    """
    with _lock:
        _choices[session.strip("/")] = wanted


def forget_choice(session: str) -> None:
    """Drops what was chosen."""
    with _lock:
        _choices.pop(session.strip("/"), None)


def wanted(session: str) -> Resources:
    """What a kernel asks for: chosen, else said by its notebook, else by the variables `KERNEL_CPUS` and so on.

    Args:
        session: path of the notebook in the file system, or a console's name; may be empty.
    """
    with _lock:
        found = _choices.get(session.strip("/"))
    if found is None and session:
        found = _said_by_notebook(Path(session))
    if found is None:
        found = Resources(*(os.environ.get(f"KERNEL_{each}", "") for each in ("CPUS", "MEMORY", "GPUS")))
    return found


def read(said: Any) -> Resources | None:
    """What a notebook's metadata says; None for nothing, or nonsense."""
    if not isinstance(said, Mapping):
        return None
    values = [str(said.get(name) or "").strip() for name in _FORMS]
    return None if problems(*values) else Resources(*values)


def _said_by_notebook(path: Path) -> Resources | None:
    try:
        if path.suffix != ".ipynb" or path.stat().st_size > _LARGEST_NOTEBOOK:
            return None
        return read(json.loads(path.read_text())["metadata"].get(METADATA))
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None
