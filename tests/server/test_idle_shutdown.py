"""The idle policy at work: a real kernel on a real engine, with a clock that the test steps."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from smstudio_ext.app import EngineOfDirectory
from smstudio_ext.notebooks.idle import Policy, write_policy
from smstudio_ext.notebooks.kernelspecs import offer_kernels
from smstudio_ext.notebooks.placing import placements
from smstudio_ext.routes.running_watch import RunningWatch
from smstudio_ext.routes.session import StudioSession
from smstudio_ext.studio.running_apps import list_apps
from smstudio_ext.target_switch import TargetSwitch
from tests.conftest import RunningEngine, eventually

KERNEL = "python3-python-3.6"


class Stand:
    """The parts of a Jupyter server that the watch works with; `hours` is its clock."""

    def __init__(self, data_dir: Path) -> None:
        from jupyter_client.kernelspec import KernelSpecManager
        from jupyter_server.services.kernels.kernelmanager import AsyncMappingKernelManager
        from jupyter_server.services.sessions.sessionmanager import SessionManager

        specs = KernelSpecManager()
        offer_kernels(specs)
        self.kernels = AsyncMappingKernelManager(kernel_spec_manager=specs, default_kernel_name=KERNEL)
        self.settings: dict[str, Any] = {
            "kernel_manager": self.kernels,
            "kernel_spec_manager": specs,
            "session_manager": SessionManager(kernel_manager=self.kernels),
        }
        self.told: list[dict[str, Any]] = []
        engine = EngineOfDirectory(str(data_dir), autostart=False)
        self.session = StudioSession(
            TargetSwitch(engine.find), engine, root_dir=None, announce=self.told.append
        )
        self.hours = 0.0
        self.watch = RunningWatch(self.settings, self.session, clock=lambda: self.hours * 3600)

    def verdicts(self, instance: str) -> list[str]:
        """What pages were told of an idle instance."""
        return [
            change["status"]
            for change in self.told
            if (change["kind"], change["name"]) == ("IdleInstance", instance)
        ]

    async def ready(self, kernel_id: str) -> None:
        """Waits until a kernel has said all that it says at its start: that counts as activity."""
        kernel = self.kernels.get_kernel(kernel_id)
        client = kernel.client()
        client.start_channels()
        await client.wait_for_ready(timeout=120)
        client.stop_channels()


@pytest.fixture
async def stand(engine: RunningEngine, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Stand]:
    monkeypatch.setenv("SMSTUDIO_HOME", str(engine.data_dir))
    made = Stand(engine.data_dir)
    yield made
    await made.kernels.shutdown_all(now=True)
    write_policy(engine.data_dir, Policy())
    made.session.close()


async def test_an_idle_instance_is_warned_of_kept_and_shut_down(stand: Stand, engine: RunningEngine) -> None:
    policy = Policy(enabled=True, timeout_minutes=60, warn_minutes=5, cpu_percent=100)
    write_policy(engine.data_dir, policy)
    kernel = await stand.kernels.start_kernel(kernel_name=KERNEL)
    placed = eventually(
        lambda: [each for each in placements() if each.kernel_id == kernel and each.app_name],
        what="the kernel's app",
    )
    target = stand.watch._local_target()

    def app() -> str:
        found = {each.name: each.status for each in list_apps(target)}
        return found.get(placed[0].app_name or "", "Deleted")

    eventually(lambda: app() == "InService", what="the app in service")
    await stand.ready(kernel)
    name = f"{placed[0].user_profile}/ml.t3.medium"
    await stand.watch.round()
    while not stand.verdicts(name):  # messages of the kernel's start may still come in
        stand.hours += 56 / 60
        await stand.watch.round()
    assert stand.verdicts(name) == ["Warning"]
    assert name in stand.watch.idle_instances()

    stand.watch.keep(name)
    stand.hours += 50 / 60
    await stand.watch.round()
    assert stand.verdicts(name) == ["Warning"]
    assert app() == "InService"

    stand.hours += 11 / 60
    await stand.watch.round()
    assert stand.verdicts(name) == ["Warning", "Stopped"]
    assert stand.kernels.list_kernel_ids() == []
    eventually(lambda: app() == "Deleted", what="the app's end")
