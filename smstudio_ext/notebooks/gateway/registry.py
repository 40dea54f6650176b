"""The kernels of gateways that run for this user: which relay process stands for which kernel there, and how it goes."""

from __future__ import annotations

import contextlib
from dataclasses import asdict, dataclass
from pathlib import Path

from smstudio_ext.notebooks.home import notebooks_dir, read_json, write_json
from smstudio_ext.notebooks.placing import Placement, runs, started_at
from smstudio_ext.notebooks.wording import TEXTS, Said


@dataclass(frozen=True)
class RemoteKernel(Placement):
    """A kernel that runs on a gateway; `pid` is its relay's, and it is on no instance.

    Attributes:
        gateway: name of the gateway.
        host: of the gateway.
        remote_id: the kernel's id there.
        resources: what it asked for, as the toolbar says it; empty for nothing.
    """

    gateway: str = ""
    host: str = ""
    remote_id: str = ""
    resources: str = ""


@dataclass(frozen=True)
class State:
    """How the connection to a kernel goes.

    Attributes:
        state: `connected`, `reconnecting` or `ended`.
        code, values: what there is to say of it (`wording.Said`); an empty code for nothing.
    """

    state: str
    code: str = ""
    values: tuple[str, ...] = ()

    @property
    def said(self) -> Said | None:
        """What there is to say; None for nothing."""
        return Said(self.code, self.values) if self.code in TEXTS else None


def record(kernel: RemoteKernel) -> None:
    """Writes a kernel into the registry.

    Raises:
        OSError: the data directory cannot be written.
    """
    content = {**asdict(kernel), "born": started_at(kernel.pid), "server_born": started_at(kernel.server)}
    write_json(_file(kernel.kernel_id), content)


def leave(kernel_id: str) -> None:
    """Notes that a kernel's server lets it go; the next one may take it over."""
    found = read_json(_file(kernel_id))
    if found:
        with contextlib.suppress(OSError):
            write_json(_file(kernel_id), {**found, "server": 0, "server_born": 0.0})


def forget(kernel_id: str) -> None:
    """Takes a kernel out of the registry."""
    for path in (_file(kernel_id), state_file(kernel_id)):
        with contextlib.suppress(OSError):
            path.unlink()


def remote(kernel_id: str) -> RemoteKernel | None:
    """A kernel of the registry whose relay runs."""
    found = RemoteKernel.of(read_json(_file(kernel_id)))
    return found if found is not None and runs(found) else None


def remotes() -> list[RemoteKernel]:
    """The kernels whose relays run, oldest first; files of others are taken away."""
    found: list[RemoteKernel] = []
    for path in _folder().glob("*.json"):
        each = RemoteKernel.of(read_json(path))
        if each is None or not runs(each):
            with contextlib.suppress(OSError):
                path.unlink()
            continue
        found.append(each)
    return sorted(found, key=lambda each: each.started)


def state_file(kernel_id: str) -> Path:
    """Where a kernel's relay says how the connection goes."""
    return _folder() / f"{kernel_id}.state"


def state(kernel_id: str) -> State:
    """How the connection to a kernel goes; `connected` when nothing is said."""
    said = read_json(state_file(kernel_id))
    values = tuple(str(each) for each in said.get("values") or ())
    return State(str(said.get("state") or "connected"), str(said.get("code") or ""), values)


def write_state(path: Path, new: State) -> None:
    """Says how a connection goes; a full disk does not end a kernel."""
    with contextlib.suppress(OSError):
        write_json(path, asdict(new))


def _folder() -> Path:
    return notebooks_dir() / "gateway-kernels"


def _file(kernel_id: str) -> Path:
    return _folder() / f"{kernel_id}.json"
