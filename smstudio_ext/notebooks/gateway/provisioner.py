"""The kernel provisioner of gateways: starts a kernel there, and a relay process here that stands for it."""

from __future__ import annotations

import asyncio
import contextlib
import getpass
import json
import os
import threading
import time
import uuid
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any, cast

from jupyter_client.provisioning.local_provisioner import LocalProvisioner

from smstudio_ext.notebooks import adopting, provisioner
from smstudio_ext.notebooks.gateway import config, registry, resources
from smstudio_ext.notebooks.gateway.config import Gateway, GatewayProblem
from smstudio_ext.notebooks.gateway.relay import ASKED, Ending
from smstudio_ext.notebooks.gateway.rest import GatewayApi, GatewayError
from smstudio_ext.notebooks.placing import SESSION_NAME
from smstudio_ext.notebooks.wording import lab_locale

_SHUTDOWN_SECONDS = 40.0
"""How long a gateway may take to end a kernel before its relay is killed."""

_NOT_PASSED = frozenset({"KERNEL_ID", "KERNEL_GATEWAY", "KERNEL_LANGUAGE"})


class GatewayProvisioner(LocalProvisioner):
    """Runs kernels of gateways; kernelspecs name it in `metadata.kernel_provisioner`.

    To jupyter_client the relay is the kernel: it has the kernel's sockets, ends when the kernel ends, and outlives a server
    that was killed, as kernels of instances do.
    """

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.gateway_name = ""
        self.resources = resources.Resources()
        self._remote_id = ""
        self._session = ""
        self._adopted: registry.RemoteKernel | None = None
        self._anew = False  # the kernel there has to be started anew before it serves again
        self._restarting = False

    async def pre_launch(self, **kwargs: Any) -> dict[str, Any]:
        """Makes the relay's command; the kernel is started by `launch_kernel`."""
        found = adopting.take(self.kernel_id or "")
        if isinstance(found, registry.RemoteKernel):
            self._adopted = found
            return adopting.reach(self, found, kwargs)
        given = kwargs.get("env")
        environment = given if given is not None else os.environ
        self._session = environment.get(SESSION_NAME, "")
        return await super().pre_launch(**kwargs)

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> Any:
        """Starts the kernel on the gateway, or anew there, then the relay.

        Raises:
            RuntimeError: the gateway does not start it; the message says why.
        """
        if self._adopted is not None:
            return self._take_over(self._adopted)
        try:
            gateway = self._gateway()
            api = GatewayApi(gateway)
            environment = self._variables(gateway, kwargs)
            self._remote_id = await asyncio.to_thread(self._started, api, environment)
        except GatewayProblem as problem:
            raise RuntimeError(str(problem)) from problem
        try:
            return await self._launch_relay(gateway, cmd, kwargs)
        except BaseException:
            await asyncio.to_thread(_end_quietly, api, self._remote_id)
            raise

    def _gateway(self) -> Gateway:
        said = (getattr(self.kernel_spec, "metadata", None) or {}).get("smstudio") or {}
        self.gateway_name = str(said.get("gateway") or "")
        found = config.find(self.gateway_name)
        if found is None:
            raise GatewayProblem(
                config.broken().get(self.gateway_name)
                or f"The gateway {self.gateway_name} of this kernel is not set up here (any more): smstudio gateways list"
            )
        return found

    def _kernel_there(self) -> str:
        return str(self.kernel_spec.metadata["smstudio"]["kernel"])

    def _variables(self, gateway: Gateway, launch: dict[str, Any]) -> dict[str, str]:
        """Variables of the kernel's request. Nothing of the target's: its credentials stay on this machine."""
        self.resources = resources.wanted(self._session)
        passed = {
            name: value
            for name, value in launch["env"].items()
            if name.startswith("KERNEL_") and name not in _NOT_PASSED
        }
        own = {
            "KERNEL_USERNAME": gateway.username
            or passed.get("KERNEL_USERNAME")
            or os.environ.get("JUPYTERHUB_USER")
            or getpass.getuser(),
            "KERNEL_LAUNCH_TIMEOUT": f"{gateway.launch_timeout:g}",
        }
        if launch.get("cwd"):
            own["KERNEL_WORKING_DIR"] = str(launch["cwd"])
        return {**passed, **own, **self.resources.variables(), **gateway.env}

    def _started(self, api: GatewayApi, environment: dict[str, str]) -> str:
        """A fresh kernel there: the one that was, started anew, or a new one. Its id."""
        if self._remote_id:
            alive = api.kernel(self._remote_id) is not None
            if alive and self._anew:
                api.restart(self._remote_id)
            if alive:
                self._anew = True
                return self._remote_id
        self._anew = True
        kernel_id = self.kernel_id or str(uuid.uuid4())
        try:
            return api.start(self._kernel_there(), kernel_id, environment)
        except GatewayProblem as problem:
            # It may start it yet, after this gave up.
            threading.Thread(target=_end_quietly, args=(api, kernel_id), name="gateway-end").start()
            answered = isinstance(problem, GatewayError) and problem.status != 0
            known = _kernels_of(api) if answered else None
            if known is not None and self._kernel_there() not in known:
                raise GatewayProblem(
                    f"The kernel {self._kernel_there()} is not offered by the gateway {api.gateway.name} any more. It offers: "
                    f"{', '.join(sorted(known)) or 'none'}."
                ) from problem
            raise

    async def _launch_relay(self, gateway: Gateway, cmd: list[str], launch: dict[str, Any]) -> Any:
        said = {
            "gateway": {**asdict(replace(gateway, token=gateway.secret, token_env="")), "env": {}},
            "kernel_id": self._remote_id,
            "locale": lab_locale(),
            "state_file": str(registry.state_file(self.kernel_id or "")),
        }
        with contextlib.suppress(OSError):
            registry.state_file(self.kernel_id or "").unlink()
        if self._kept():
            launch.setdefault("independent", True)
        reading, writing = os.pipe()
        try:
            with os.fdopen(writing, "wb") as pipe:
                pipe.write(json.dumps(said).encode())
            info = await super().launch_kernel(cmd, stdin=reading, **launch)
        finally:
            os.close(reading)
        self._record(gateway)
        return info

    def _record(self, gateway: Gateway) -> None:
        assert self.process is not None
        try:
            registry.record(
                registry.RemoteKernel(
                    kernel_id=self.kernel_id or "",
                    pid=self.process.pid,
                    app_name=None,
                    image="",
                    instance_type="",
                    cgroup=None,
                    started=time.time(),
                    kernel_name=str(getattr(self.parent, "kernel_name", "")),
                    session=self._session,
                    connection_file=os.path.abspath(str(getattr(self.parent, "connection_file", ""))),
                    server=os.getpid(),
                    kept=self._kept(),
                    gateway=gateway.name,
                    host=gateway.host,
                    remote_id=self._remote_id,
                    resources=self.resources.text(),
                )
            )
        except OSError as error:
            self.log.warning(
                "The kernel %s is not in the registry of running kernels: %s", self.kernel_id, error
            )

    def _kept(self) -> bool:
        """Whether the relay outlives its server, which then finds it again: not in a script that runs a notebook."""
        of_server = type(getattr(self.parent, "parent", None)).__module__.startswith("jupyter_server")
        return bool(provisioner.hook("survive")) and of_server

    def _take_over(self, one: registry.RemoteKernel) -> Any:
        self._adopted = None
        self.process = cast(Any, adopting.AdoptedProcess(one))
        self.pid = self.pgid = one.pid
        self.cwd = str(Path(one.session).parent) if one.session else os.getcwd()
        self.gateway_name, self._remote_id, self._session = one.gateway, one.remote_id, one.session
        self._anew = True
        registry.record(replace(one, server=os.getpid()))
        return self.connection_info

    async def poll(self) -> int | None:
        """None while the relay runs; tells why the kernel there ended, once."""
        status = await super().poll()
        kernel_id = self.kernel_id or ""
        found = registry.state(kernel_id) if self.process is not None else registry.State("connected")
        if found.state == "ended" and found.said is not None:
            registry.write_state(registry.state_file(kernel_id), registry.State("ended"))
            self.log.error("Kernel %s: %s", kernel_id, found.said)
            tell = provisioner.hook("ended")
            if tell is not None:
                tell(kernel_id, found.said)
            if found.code == Ending.RESTARTED.value:
                self._anew = False  # it is fresh already
        return status

    def get_shutdown_wait_time(self, recommended: float = 5.0) -> float:
        """Seconds: the kernel's end on the gateway is waited for."""
        return max(recommended, _SHUTDOWN_SECONDS)

    async def wait(self) -> int | None:
        """Waits for the relay's end."""
        code = await super().wait()
        if code == ASKED and not self._restarting:
            self._remote_id = ""  # it has ended the kernel there
        return code

    async def shutdown_requested(self, restart: bool = False) -> None:
        """Notes whether the kernel is to be started anew."""
        self._restarting = restart

    async def cleanup(self, restart: bool = False) -> None:
        """Sees that the kernel on the gateway is gone, also where its relay was killed."""
        await super().cleanup(restart=restart)
        if restart:
            return
        registry.forget(self.kernel_id or "")
        found = config.find(self.gateway_name) if self._remote_id else None
        if found is not None:
            with contextlib.suppress(GatewayProblem):
                await asyncio.to_thread(_end_quietly, GatewayApi(found), self._remote_id)
        self._remote_id = ""

    def resolve_path(self, path_str: str) -> str | None:
        """None: the kernel's files are on another machine."""
        return None


def _end_quietly(api: GatewayApi, kernel_id: str) -> None:
    with contextlib.suppress(GatewayProblem):
        api.end(kernel_id)


def _kernels_of(api: GatewayApi) -> set[str] | None:
    """Names of the kernels that a gateway offers; None when it does not say."""
    try:
        return set(api.kernelspecs())
    except GatewayProblem:
        return None
