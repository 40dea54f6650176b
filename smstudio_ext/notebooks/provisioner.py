"""The kernel provisioner: starts a kernel in its image and places it on an instance that holds it to its size."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import os
import time
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

from jupyter_client.provisioning.local_provisioner import LocalProvisioner

from smstudio_ext.notebooks import adopting, launching, notices, placing
from smstudio_ext.notebooks.endings import Watch
from smstudio_ext.notebooks.home import data_dir
from smstudio_ext.notebooks.limits import (
    Grant,
    Group,
    confine_alone,
    grant,
    group_name,
    instance_group,
    pin,
    salt_of,
)
from smstudio_ext.notebooks.recording import Recorder
from smstudio_ext.notebooks.wording import Said, lab_locale

NOTICE = "SMSTUDIO_KERNEL_NOTICE"
"""Variable that carries what the first cell of a new kernel has to tell."""

CPU_COUNT = "PYTHON_CPU_COUNT"
"""Variable that says what `os.cpu_count()` answers: to Python 3.13 itself, to older ones by the kernel's start."""

_HOOKS: dict[str, Any] = {}
"""What a Jupyter server with the extension adds: `survive` (kernels outlive it), `ended` (callback), `environment`."""


def connect(**hooks: Any) -> None:
    """Sets what the server extension adds to kernels that this process starts.

    Args:
        hooks: `survive`: bool; `environment`: function() -> variables of the target, None for one to drop; `ended`:
            function(kernel_id, said) when a kernel ended for a reason that its user should read; `told`: the same
            for one that goes on.
    """
    _HOOKS.clear()
    _HOOKS.update(hooks)


def hook(name: str) -> Any:
    """What `connect` set under a name; None without a server's extension."""
    return _HOOKS.get(name)


class StudioProvisioner(LocalProvisioner):
    """Runs kernels of the catalogue's images; kernelspecs name it in `metadata.kernel_provisioner`."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.instance_type = ""
        self.app_name: str | None = None
        self.group = Group()
        self.limits: set[str] = set()
        self._granted: Grant | None = None
        self._session = ""
        self._choice: placing.Choice | None = None
        self._recorder: Recorder | None = None
        self._watch: Watch | None = None
        self._adopted: placing.Placement | None = None
        self._ending = ""

    @property
    def image(self) -> str:
        """Id of the image, from the kernelspec; the kernelspec's language where it names none."""
        return str(self._named_image() or getattr(self.kernel_spec, "language", "") or "kernel")

    def _named_image(self) -> str | None:
        metadata = getattr(self.kernel_spec, "metadata", None) or {}
        said = metadata.get("smstudio", {}).get("image")
        return str(said) if said else None

    async def pre_launch(self, **kwargs: Any) -> dict[str, Any]:
        """Sees that the image is built, chooses the instance type, and makes command and variables of the kernel.

        Raises:
            RuntimeError: the image cannot be built, or its start-up script failed; the message says why.
        """
        self._adopted = adopting.take(self.kernel_id or "")
        if self._adopted is not None:
            return self._adopt(kwargs)
        given = kwargs.get("env")
        self._session = (given if given is not None else os.environ).get(placing.SESSION_NAME, "")
        named = self._named_image() is not None
        image = await launching.ready_image(self.image, self.log, named=named)
        self._choice = placing.wanted(self._session, gpu=bool(image and image.gpu))
        self.instance_type = self._choice.instance_type
        self._granted = grant(self.instance_type)
        if self._choice.awaits_script:
            self._recorder = self._new_recorder()
            await self._recorder.started()
        kwargs = await super().pre_launch(**kwargs)
        self._prepare(kwargs["env"])
        kwargs["cmd"] = launching.command(self.image, list(kwargs["cmd"]), kwargs["env"])
        return kwargs

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> Any:
        """Starts the process and moves it to its instance."""
        if self._adopted is not None:
            return self._take_over(self._adopted)
        self.group = self._own_group()
        if self._kept():
            kwargs.setdefault("independent", True)  # else ipykernel ends itself with its server
        info = await super().launch_kernel(cmd, **kwargs)
        self._place(kwargs)
        return info

    def _prepare(self, environment: dict[str, str]) -> None:
        extra = _HOOKS.get("environment")
        for name, value in (extra() if extra else {}).items():
            if value is None:
                environment.pop(name, None)
            else:
                environment[name] = value
        environment["SMSTUDIO_INSTANCE_TYPE"] = self.instance_type
        assert self._granted is not None
        if self._granted.vcpus < (os.cpu_count() or 1):
            environment[CPU_COUNT] = str(max(1, int(self._granted.vcpus)))
        environment[notices.FILE] = str(notices.place(self.kernel_id or ""))
        environment.pop(NOTICE, None)
        if self._ending:
            environment[NOTICE] = self._ending
            self._ending = ""

    def _own_group(self) -> Group:
        """The kernel's group in that of its instance, which all its kernels share; limits are set again each time."""
        assert self._granted is not None
        shared = shared_group(self.instance_type)
        self.limits = shared.limit(vcpus=self._granted.vcpus, memory=self._granted.memory)
        own = shared.child(group_name(self.kernel_id or "kernel"))
        self.limits |= own.limit(pids=self._granted.pids)
        return own

    def _place(self, launch: dict[str, Any]) -> None:
        assert self._granted is not None
        assert self.process is not None
        pid = self.process.pid
        took = self.group.enter(pid)
        self.limits &= took
        if "memory" not in self.limits:
            self.limits |= confine_alone(pid, self._granted)
        self.limits |= pin(pid, self._granted.vcpus, salt_of(self.instance_type))
        with contextlib.suppress(OSError):  # the kernel ends before the server does
            Path(f"/proc/{pid}/oom_score_adj").write_text("500")
        self._watch = Watch(self.instance_type, self._granted, self.group)
        folder = self.group.folders.get("memory") or next(iter(self.group.places), None)
        found = placing.Placement(
            kernel_id=self.kernel_id or "",
            pid=pid,
            app_name=self.app_name,
            image=self.image,
            instance_type=self.instance_type,
            cgroup=str(folder) if folder else None,
            started=time.time(),
            kernel_name=str(getattr(self.parent, "kernel_name", "")),
            session=self._session,
            connection_file=os.path.abspath(str(getattr(self.parent, "connection_file", ""))),
            server=os.getpid(),
            limits=tuple(sorted(self.limits)),
            groups={controller: str(place) for controller, place in self.group.folders.items()},
            kept=self._kept(),
        )
        try:
            placing.record(found)
        except OSError as error:
            self.log.warning(
                "The kernel %s is not in the registry of running kernels: %s", self.kernel_id, error
            )
        if self._recorder is None:
            self._recorder = self._new_recorder()
        self._recorder.note(self.kernel_id or "")

    def _new_recorder(self) -> Recorder:
        assert self._choice is not None
        return Recorder(self.image, self._choice, self.log, self._know_app, self._tell)

    def _tell(self, said: Said) -> None:
        """Tells the notebook of a kernel that runs: its next cell does, and pages that show it do at once."""
        self.log.warning("Kernel %s: %s", self.kernel_id, said)
        notices.leave(self.kernel_id or "", said.in_language(lab_locale()))
        told = _HOOKS.get("told")
        if told is not None:
            told(self.kernel_id or "", said)

    def _know_app(self, name: str) -> None:
        self.app_name = name

    def _kept(self) -> bool:
        """Whether the kernel outlives its server, which then finds it again: not a script that runs a notebook."""
        of_server = type(getattr(self.parent, "parent", None)).__module__.startswith("jupyter_server")
        return bool(_HOOKS.get("survive")) and of_server

    def _adopt(self, launch: dict[str, Any]) -> dict[str, Any]:
        """What `pre_launch` does for a kernel that runs: the manager learns how to reach it."""
        assert self._adopted is not None
        return adopting.reach(self, self._adopted, launch)

    def _take_over(self, one: placing.Placement) -> Any:
        self._adopted = None
        self.process = cast(Any, adopting.AdoptedProcess(one))
        self.pid = self.pgid = one.pid  # a kernel leads a group of its own
        self.cwd = str(Path(one.session).parent) if one.session else os.getcwd()
        self.instance_type, self.app_name, self._session = one.instance_type, one.app_name, one.session
        self.limits, self.group = (
            set(one.limits),
            Group({name: Path(place) for name, place in one.groups.items()}),
        )
        self._granted = grant(one.instance_type)
        self._watch = Watch(self.instance_type, self._granted, self.group)
        placing.record(replace(one, server=os.getpid()))
        return self.connection_info

    async def poll(self) -> int | None:
        """None while the kernel runs; ends one that only makes processes; notes why one ended."""
        status = await super().poll()
        watch = self._watch
        if watch is None or self.process is None:
            return status
        if status is None:
            if watch.crowded():
                self._note_ending(watch.crowd_message())
                await asyncio.to_thread(self.group.kill)
        elif watch.memory_used_up():
            self._note_ending(watch.memory_message())
        return status

    def _note_ending(self, said: Said) -> None:
        self._watch = None
        self._ending = said.in_language(lab_locale())
        self.log.error("Kernel %s: %s", self.kernel_id, said)
        ended = _HOOKS.get("ended")
        if ended is not None:
            ended(self.kernel_id or "", said)

    async def cleanup(self, restart: bool = False) -> None:
        """Ends what the kernel left running and takes it out of the registry."""
        await super().cleanup(restart=restart)
        self._recorder = None
        if self.group:
            await asyncio.to_thread(self.group.kill)
        if not restart:
            placing.forget(self.kernel_id or "")
            notices.forget(self.kernel_id or "")
            if self.group:
                await asyncio.to_thread(_remove, self.group)

    async def get_provisioner_info(self) -> dict[str, Any]:
        """What another process needs to take the kernel over, with its app and instance type."""
        info = await super().get_provisioner_info()
        info.update(
            image=self.image,
            instance_type=self.instance_type,
            app_name=self.app_name,
            limits=sorted(self.limits),
            groups={controller: str(place) for controller, place in self.group.folders.items()},
        )
        return info

    async def load_provisioner_info(self, provisioner_info: dict[str, Any]) -> None:
        """Takes over what `get_provisioner_info` said."""
        await super().load_provisioner_info(provisioner_info)
        self.instance_type = provisioner_info["instance_type"]
        self.app_name = provisioner_info["app_name"]
        self.limits = set(provisioner_info["limits"])
        self.group = Group({name: Path(place) for name, place in provisioner_info["groups"].items()})


def shared_group(instance_type: str) -> Group:
    """The control group of an instance, which all its kernels and image terminals share; made when there is none."""
    return _running_instance(instance_type) or instance_group(_instance_name(instance_type))


def _instance_name(instance_type: str) -> str:
    """One instance a type and user: the data directory stands for the machine's user, JupyterHub's name for its own."""
    owner = f"{data_dir()}\0{os.environ.get('JUPYTERHUB_USER', '')}"
    return group_name(f"smstudio-{hashlib.sha256(owner.encode()).hexdigest()[:8]}-{instance_type}")


def _running_instance(instance_type: str) -> Group:
    """The group of the instance as another server, in another group of its own, made it."""
    for each in placing.placements():
        if each.instance_type == instance_type and each.groups:
            folders = {name: Path(place).parent for name, place in each.groups.items()}
            if all(folder.is_dir() for folder in folders.values()):
                return Group(folders)
    return Group()


def _remove(group: Group) -> None:
    group.remove()
    for folder in group.places:
        with contextlib.suppress(OSError):
            folder.parent.rmdir()  # the instance's own, when that was its last kernel


__all__ = ["NOTICE", "StudioProvisioner", "connect", "hook", "shared_group"]
