"""Which kernel runs where: the choice of a notebook's instance type, and the registry of the kernels that run."""

from __future__ import annotations

import contextlib
import json
import os
import threading
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from smstudio_ext.notebooks.home import notebooks_dir, read_json, write_json
from smstudio_ext.notebooks.instance_types import default_type, instance_type

SESSION_NAME = "JPY_SESSION_NAME"
"""Variable in which a Jupyter server tells a kernel the path of its notebook."""

INSTANCE_TYPE = "SMSTUDIO_INSTANCE_TYPE"
"""Variable that chooses the instance type of kernels without a notebook that says one (nbclient, papermill)."""

NO_SCRIPT = "None"
"""Stands for "No script" in place of an ARN, as in AWS's API: also no default one of the user's or the domain's."""

_LARGEST_NOTEBOOK = 64 * 2**20
"""Bytes; the metadata of a larger notebook is not looked at."""

_NEAR_SECONDS = 2.0


_Placed = TypeVar("_Placed", bound="Placement")


@dataclass(frozen=True)
class Placement:
    """A kernel that runs on an instance.

    Attributes:
        pid: its main process.
        app_name: the KernelGateway app that it counts to; None until (or unless) the engine recorded it.
        image: id in the catalogue.
        cgroup: folder of its own control group with the memory controller, or of any where there is none; None without.
        started: seconds since the epoch.
        user_profile, domain_id: whose app it is; None while `app_name` is.
        kernel_name: its kernelspec.
        session: path of the notebook or name of the console; empty without.
        connection_file: how clients reach it.
        server: process that started it.
        limits: what holds it to the instance's size: `cpu`, `memory`, `pids`, `affinity`.
        groups: controller -> folder of its own control group.
        kept: it outlives its server, and the next server finds it again.
        born, server_born: when its process and its server's started, seconds since the epoch; numbers of processes are
            given again.
    """

    kernel_id: str
    pid: int
    app_name: str | None
    image: str
    instance_type: str
    cgroup: str | None
    started: float
    user_profile: str | None = None
    domain_id: str | None = None
    kernel_name: str = ""
    session: str = ""
    connection_file: str = ""
    server: int = 0
    limits: tuple[str, ...] = ()
    groups: dict[str, str] = field(default_factory=dict)
    kept: bool = False
    born: float = 0.0
    server_born: float = 0.0

    @classmethod
    def of(cls: type[_Placed], content: dict[str, Any]) -> _Placed | None:
        """What a file of the registry says; None when a member that is needed is missing, as in a file cut short."""
        try:
            values = {name: content[name] for name in cls.__dataclass_fields__ if name in content}
            values["limits"] = tuple(values.get("limits") or ())
            return cls(**values)
        except TypeError:
            return None


@dataclass(frozen=True)
class Choice:
    """What somebody chose for a notebook before its kernel starts.

    Attributes:
        lifecycle_config_arn: start-up script; `NO_SCRIPT` for none; None when nobody chose, so that a default one runs.
    """

    instance_type: str
    lifecycle_config_arn: str | None = None

    @property
    def awaits_script(self) -> bool:
        """Whether somebody chose a script, for which the kernel then waits; it does not wait for a default one."""
        return self.lifecycle_config_arn not in (None, NO_SCRIPT)


_choices: dict[str, Choice] = {}
_lock = threading.Lock()


def choose(path: str, chosen: str, *, lifecycle_config_arn: str | None = None) -> None:
    """Notes the instance type for the next kernels of a notebook or console.

    Args:
        path: of the notebook, as the server's file browser shows it or in the file system; or a console's name.
        chosen: the instance type.
        lifecycle_config_arn: a start-up script that has to end before the first kernel of the app starts; `NO_SCRIPT` for
            none, None for the default one.

    Raises:
        LookupError: there is no such type.
    """
    if instance_type(chosen) is None:
        raise LookupError(f"There is no instance type '{chosen}'.")
    with _lock:
        _choices[path.strip("/")] = Choice(chosen, lifecycle_config_arn)


def chosen(session: str) -> Choice | None:
    """What was chosen for a session (the value of `JPY_SESSION_NAME`)."""
    name = session.strip("/")
    with _lock:
        found = _choices.get(name)
        if found is None:
            endings = [path for path in _choices if name.endswith(f"/{path}")]
            found = _choices[max(endings, key=len)] if endings else None
    return found


def forget_choice(path: str) -> None:
    """Drops what was chosen for a notebook or console."""
    with _lock:
        _choices.pop(path.strip("/"), None)


def wanted(session: str, *, gpu: bool) -> Choice:
    """The instance type of a kernel: what was chosen, else what its notebook says, else the default.

    Args:
        session: path of the notebook in the file system, or a console's name; may be empty.
        gpu: whether the image needs a GPU.
    """
    found = chosen(session) if session else None
    if found is not None:
        return found
    for name in (_said_by_notebook(Path(session)) if session else None, os.environ.get(INSTANCE_TYPE)):
        if name and instance_type(name) is not None:
            return Choice(name)
    return Choice(default_type(gpu=gpu))


def record(placement: Placement) -> None:
    """Writes a kernel into the registry.

    Raises:
        OSError: the data directory cannot be written.
    """
    content = {
        **asdict(placement),
        "born": started_at(placement.pid),
        "server_born": started_at(placement.server),
    }
    write_json(_file(placement.kernel_id), content)


def note_app(kernel_id: str, app_name: str, domain_id: str, user_profile: str) -> None:
    """Notes the app of a kernel that is still in the registry."""
    found = read_json(_file(kernel_id))
    if found:
        found.update(app_name=app_name, domain_id=domain_id, user_profile=user_profile)
        with contextlib.suppress(OSError):
            write_json(_file(kernel_id), found)


def leave(kernel_id: str) -> None:
    """Notes that a kernel's server lets it go: the next one may take it over though this one still runs for a moment."""
    found = read_json(_file(kernel_id))
    if found:
        with contextlib.suppress(OSError):
            write_json(_file(kernel_id), {**found, "server": 0, "server_born": 0.0})


def forget(kernel_id: str) -> None:
    """Takes a kernel out of the registry."""
    with contextlib.suppress(OSError):
        _file(kernel_id).unlink()


def placement(kernel_id: str) -> Placement | None:
    """A kernel of the registry that runs."""
    found = Placement.of(read_json(_file(kernel_id)))
    return found if found is not None and runs(found) else None


def placements() -> list[Placement]:
    """The kernels that run on instances of this data directory, whichever server started them, oldest first.

    Files of kernels that have ended are taken away.
    """
    found: list[Placement] = []
    for path in _folder().glob("*.json"):
        each = Placement.of(read_json(path))
        if each is None or not runs(each):
            with contextlib.suppress(OSError):
                path.unlink()
            continue
        found.append(each)
    return sorted(found, key=lambda each: each.started)


def _folder() -> Path:
    return notebooks_dir() / "placements"


def _file(kernel_id: str) -> Path:
    return _folder() / f"{kernel_id}.json"


def runs(found: Placement) -> bool:
    """Whether a kernel's process is there, and not another one with its number."""
    born = started_at(found.pid)
    return born > 0 and (not found.born or abs(born - found.born) < _NEAR_SECONDS)


def started_at(pid: int) -> float:
    """When a process started, seconds since the epoch; 0 when there is none, or it only waits to be collected."""
    import psutil

    try:
        process = psutil.Process(pid)
        with process.oneshot():
            return 0.0 if process.status() == psutil.STATUS_ZOMBIE else float(process.create_time())
    except psutil.Error:
        return 0.0


def _said_by_notebook(path: Path) -> str | None:
    try:
        if path.suffix != ".ipynb" or path.stat().st_size > _LARGEST_NOTEBOOK:
            return None
        said = json.loads(path.read_text())["metadata"].get("instance_type")
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None
    return said if isinstance(said, str) else None
