"""Model servers as processes: artifacts made ready, started, looked at, stopped."""

from __future__ import annotations

import contextlib
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from smstudio_ext.engine.hosting.containers import CLEANUP
from smstudio_ext.engine.hosting.fleet import (
    Container,
    Instance,
    Variant,
    attempt_directory,
    endpoint_directory,
    socket_path,
)
from smstudio_ext.engine.hosting.models import container_spec
from smstudio_ext.engine.hosting.sources import ModelDataMissing, fetch
from smstudio_ext.engine.runtime.instances import instance_type
from smstudio_ext.engine.runtime.jobs import job_environment
from smstudio_ext.engine.runtime.processes import ProcessSpec, ProcessState
from smstudio_ext.engine.runtime.supervisor import read_json, run_cleanup

if TYPE_CHECKING:
    from smstudio_ext.engine.context import EngineContext
    from smstudio_ext.engine.store.resources import Resource

ENTRY = "smstudio_ext.engine.hosting.server:serve"
LOG_GROUP = "/aws/sagemaker/Endpoints"
MODELS = "models"
"""Folder of the models of a multi-model endpoint, among its artifacts."""
NOTICES = "notices.log"
"""File in an endpoint's folder with what the engine has to say about it; stays for CloudWatch Logs as servers' logs do."""
__all__ = [
    "ENTRY",
    "LOG_GROUP",
    "MODELS",
    "NOTICES",
    "EndpointServers",
    "ModelDataMissing",
    "ServerState",
    "capacity",
    "log_group",
]
_STOP_GRACE = 10.0
_ALONE = 900.0
"""An engine that starts again within these seconds finds its servers at work; after them nobody will ask for them."""


@dataclass(frozen=True)
class ServerState:
    """What a model server's present start does.

    Attributes:
        phase: `absent` (never started), `loading`, `ready` or `ended`.
        reason: why it ended, for the FailureReason.
        hopeless: another start would end the same way (the model cannot be loaded).
        started: when the process was started, seconds since the epoch.
    """

    phase: Literal["absent", "loading", "ready", "ended"]
    reason: str = ""
    hopeless: bool = False
    started: float | None = None


class EndpointServers:
    """The model servers of one endpoint."""

    def __init__(self, ctx: EngineContext, resource: Resource) -> None:
        self._ctx = ctx
        self._resource = resource
        self.directory = endpoint_directory(
            ctx.settings, resource.region, resource.name, resource.internal["id"]
        )

    def fetch_models(self, variant: Variant) -> None:
        """Keeps a variant's model data in the endpoint's folder, so that it outlives a change in S3.

        Raises:
            ModelDataMissing: an object is gone, or the disk is full.
        """
        for container in variant.containers:
            for source in container.artifacts():
                if source["archive"] is not None:
                    target = self.directory / "artifacts" / source["archive"]
                    fetch(
                        self._ctx.objects, source["model_data"], source["layout"], target, container.hostname
                    )

    def state(self, variant: Variant, instance: Instance) -> ServerState:
        """What the present start of an instance does."""
        directory = attempt_directory(self.directory, instance)
        process = self._ctx.runner.state(directory)
        if process.state == "running":
            phase: Literal["ready", "loading"] = "ready" if (directory / "ready.json").exists() else "loading"
            return ServerState(phase, started=process.started)
        if process.state == "missing":
            return ServerState("absent")
        failure = read_json(directory / "failure.json")
        if failure is not None:
            return ServerState("ended", _load_failure(variant, failure), hopeless=True)
        return ServerState("ended", _ping_failure(variant, _ending(process)))

    def start(self, variant: Variant, instance: Instance) -> None:
        """Starts the present attempt of an instance; repeating it is harmless."""
        directory = attempt_directory(self.directory, instance)
        log_path = self.directory / instance.id / "server.log"
        region, name = self._resource.region, self._resource.name
        directory.mkdir(parents=True, exist_ok=True)
        self._ctx.logs.register(region, log_group(name), f"{variant.name}/{instance.id}", log_path)
        cpus, memory_mb = capacity(variant)
        self._ctx.runner.start(
            ProcessSpec(
                directory=directory,
                log_path=log_path,
                entry=ENTRY,
                args={
                    "containers": [self._container(container, memory_mb) for container in variant.containers],
                    "socket_path": str(socket_path(self._ctx.settings, instance)),
                    "directory": str(directory),
                    "direct": variant.direct,
                },
                env=_environment(self._ctx, region, variant),
                cpus=cpus,
                memory_mb=memory_mb,
                grace=_STOP_GRACE,
                alone=_ALONE,
                owner=self._resource.key,
            )
        )

    def stopped(self, instance: Instance, *, grace: float) -> bool:
        """Tells a server to stop (again); True once it is gone, with its socket and its process folder.

        Args:
            grace: seconds for requests that it is answering.
        """
        directory = attempt_directory(self.directory, instance)
        if self._ctx.runner.state(directory).state == "running":
            self._ctx.runner.stop(directory, grace)
            return False
        path = socket_path(self._ctx.settings, instance)
        _remove_sockets(path)
        with contextlib.suppress(OSError):  # others still listen there
            path.parent.rmdir()
        for path in directory.parent.glob("run-*"):
            _clean_up(path)
            shutil.rmtree(path, ignore_errors=True)
        return True

    def restart(self, variant: Variant, instance: Instance, *, before: int) -> None:
        """Starts the present attempt of an instance and takes away what is left of the one before."""
        old = Instance(instance.id, attempt=before)
        _remove_sockets(socket_path(self._ctx.settings, old))
        _clean_up(attempt_directory(self.directory, old))
        shutil.rmtree(attempt_directory(self.directory, old) / "model", ignore_errors=True)
        self.start(variant, instance)

    def remove(self) -> None:
        """Takes the endpoint's artifacts and process folders away; log files stay for CloudWatch Logs."""
        if not self.directory.exists():
            return
        for entry in list(self.directory.iterdir()):
            if entry.name == NOTICES:
                continue
            if not entry.name.startswith("i-"):
                shutil.rmtree(entry, ignore_errors=True)
                continue
            for part in list(entry.iterdir()):
                if part.is_dir():
                    shutil.rmtree(part, ignore_errors=True)

    def drop_artifacts(self, keep: list[Variant]) -> None:
        """Takes model data away that no variant of `keep` needs."""
        wanted = {
            source["archive"]
            for variant in keep
            for container in variant.containers
            for source in container.artifacts()
        }
        for path in (self.directory / "artifacts").glob("*"):
            if path.name in wanted or path.name == MODELS:
                continue
            if path.is_dir():
                shutil.rmtree(path, ignore_errors=True)
            else:
                path.unlink(missing_ok=True)

    def startup_failure(self, variant: Variant) -> str:
        """FailureReason of a server that did not load its model in time."""
        return _ping_failure(variant, f"It did not start within {variant.startup_timeout:g} seconds.")

    def _container(self, container: Container, memory_mb: int) -> dict[str, Any]:
        artifacts, cache = self.directory / "artifacts", self._ctx.settings.data_dir / "cache"
        spec = container_spec(container, artifacts, cache)
        if container.models is not None:
            spec["multi_model"] = {"keep": container.keep_models, "memory_mb": memory_mb}
        return spec


def _clean_up(directory: Path) -> None:
    """Runs what the programs of an ended server asked for, if the server could not do it itself."""
    for path in directory.glob(f"model/*/{CLEANUP}"):
        run_cleanup((read_json(path) or {}).get("argv"))
        path.unlink(missing_ok=True)


def _remove_sockets(path: Path) -> None:
    """A server's socket, and those of its containers' programs."""
    path.unlink(missing_ok=True)
    shutil.rmtree(f"{path}_", ignore_errors=True)


def log_group(endpoint: str) -> str:
    """The CloudWatch log group of an endpoint."""
    return f"{LOG_GROUP}/{endpoint}"


def capacity(variant: Variant) -> tuple[float, int]:
    """vCPUs and memory (MiB) of one model server; serverless ones get vCPUs in proportion to their memory, as on AWS."""
    if variant.serverless is not None:
        memory = int(variant.serverless["MemorySizeInMB"])
        return max(1.0, round(6 * memory / 6144)), memory
    granted = instance_type(variant.instance_type)
    return granted.vcpus, granted.memory_mb


def _environment(ctx: EngineContext, region: str, variant: Variant) -> dict[str, str]:
    """The process's environment; each container's own variables reach it through `serve`'s `env`."""
    values = {**job_environment(ctx, region), "SAGEMAKER_REGION": region}
    if len(variant.containers) == 1:
        values.update(variant.containers[0].environment)
    return values


def _load_failure(variant: Variant, failure: dict[str, Any]) -> str:
    name = failure["container"]
    if not failure["archive"]:
        return _ping_failure(variant, failure["reason"], name)
    url = next((container.model_data for container in variant.containers if container.hostname == name), "")
    return (
        f'Failed to extract model data archive for container "{name}" from URL "{url}". Please ensure that the object '
        f"located at the URL is a valid tar.gz archive. {failure['reason']}"
    )


def _ping_failure(variant: Variant, reason: str, container: str | None = None) -> str:
    """AWS's sentence for a model server that does not come up, and why it did not."""
    return (
        f"The {container or variant.containers[0].hostname} container for production variant {variant.name} did not "
        f"pass the ping health check. Please check CloudWatch logs for this endpoint. {reason}"
    )


def _ending(process: ProcessState) -> str:
    if process.reason:
        return f"The model server was ended: {process.reason} {process.message}".rstrip()
    if process.signal:
        return f"The model server was ended by signal {process.signal}."
    return f"The model server ended with exit code {process.code}."
