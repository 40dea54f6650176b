"""How every kind of job lives: slot, inputs, supervised process, results; each step can be repeated after a crash."""

from __future__ import annotations

import errno
import math
import secrets
import shutil
from abc import ABC, abstractmethod
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from smstudio_ext.engine.errors import AwsError
from smstudio_ext.engine.runtime.instances import Slot, instance_type
from smstudio_ext.engine.runtime.processes import (
    COULD_NOT_START,
    LOST,
    OUT_OF_MEMORY,
    STOPPED,
    TIMEOUT,
    ProcessSpec,
    ProcessState,
)
from smstudio_ext.engine.runtime.reconciler import AGAIN, DONE, WAIT, Next
from smstudio_ext.engine.store.resources import ResourceMissing

if TYPE_CHECKING:
    from smstudio_ext.engine.context import EngineContext
    from smstudio_ext.engine.store.resources import Document, Resource

ACQUIRE, PREPARE, RUN, COLLECT = "acquire", "prepare", "run", "collect"
LONGEST_REASON = 1024
START_ATTEMPTS = 3


class JobFailure(Exception):
    """The job ends as Failed; the message is its FailureReason."""


class JobFolder:
    """The folder of one job: `ml` is shown at /opt/ml, `process` belongs to the supervisor."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.ml = path / "ml"
        self.process = path / "process"
        self.scratch = path / "scratch"


def new_internals(
    ctx: EngineContext, kind: str, region: str, name: str, instance: str, slot: Slot | None
) -> Document:
    """What a new job's row keeps for its controller.

    Args:
        instance: instance type, whose vCPUs and memory the job waits for.
        slot: asks for this much instead.
    """
    grants = instance_type(instance)
    asked = slot or Slot(grants.vcpus, grants.memory_mb)
    place = f"{name}-{secrets.token_hex(4)}"
    return {
        "phase": ACQUIRE,
        "folder": str(ctx.settings.jobs_dir / kind / region / place),
        "log": str(ctx.settings.data_dir / "logs" / kind / region / f"{place}.log"),
        "instance": instance,
        "cpus": asked.cpus,
        "memory_mb": asked.memory_mb,
    }


def job_environment(ctx: EngineContext, region: str) -> dict[str, str]:
    """Variables by which a job's own AWS calls reach this engine."""
    variables = {
        "AWS_REGION": region,
        "AWS_DEFAULT_REGION": region,
        "AWS_ACCESS_KEY_ID": ctx.settings.access_key,
        "AWS_SECRET_ACCESS_KEY": ctx.settings.secret_key,
    }
    if ctx.url:
        variables["AWS_ENDPOINT_URL"] = ctx.url
    return variables


class JobController(ABC):
    """Moves one kind of job through its phases; subclasses say what is particular to the kind."""

    kind: ClassVar[str]
    log_group: ClassVar[str]

    def step(self, ctx: EngineContext, resource: Resource) -> Next:
        """One step of a job; see `runtime.reconciler.Controller`."""
        phase = resource.internal["phase"]
        try:
            if phase == ACQUIRE:
                return self._acquire(ctx, resource)
            if phase == PREPARE:
                return self._prepare(ctx, resource)
            if phase == RUN:
                return self._run(ctx, resource)
            return self._collect(ctx, resource)
        except ResourceMissing:  # deleted meanwhile
            self._leave(ctx, resource)
            return DONE

    def resume(self, ctx: EngineContext, resource: Resource) -> None:
        """Takes back the slot of a job that had one when the engine ended."""
        if resource.internal["phase"] in (PREPARE, RUN):
            ctx.slots.adopt(resource.key, resource.internal["cpus"], resource.internal["memory_mb"])

    @abstractmethod
    def prepare(self, ctx: EngineContext, resource: Resource, folder: JobFolder) -> None:
        """Fills the (empty) folder with the job's inputs.

        Raises:
            JobFailure: an input is at fault.
        """

    @abstractmethod
    def process(self, ctx: EngineContext, resource: Resource, folder: JobFolder) -> ProcessSpec:
        """What to run; directory, log, cores, memory and owner are filled in by the caller."""

    @abstractmethod
    def collect(
        self, ctx: EngineContext, resource: Resource, folder: JobFolder, end: ProcessState
    ) -> Document:
        """Stores the results of a process that ended well or was stopped; returns new members of the document.

        Raises:
            JobFailure: the process or its results are at fault.
        """

    @abstractmethod
    def enter(self, document: Document, state: str, now: float, message: str = "") -> str:
        """Writes a state (`Pending`, `Downloading`, `Running`, `Uploading`, `Stopping`, `Completed`, `Failed`,
        `Stopped`, `MaxRuntimeExceeded`) into the document in the kind's own terms; returns the row's status."""

    def _acquire(self, ctx: EngineContext, resource: Resource) -> Next:
        if resource.internal.get("stop"):
            return self._finish(ctx, resource, "Stopped")
        if not ctx.slots.acquire(resource.key, resource.internal["cpus"], resource.internal["memory_mb"]):
            if not resource.internal.get("pending"):
                self._write(ctx, resource, "Pending", pending=True)
            return WAIT
        self._write(ctx, resource, "Downloading", phase=PREPARE)
        return AGAIN

    def _prepare(self, ctx: EngineContext, resource: Resource) -> Next:
        if resource.internal.get("stop"):
            return self._finish(ctx, resource, "Stopped")
        folder = JobFolder(Path(resource.internal["folder"]))
        try:
            shutil.rmtree(folder.path, ignore_errors=True)  # of a step that was cut off
            folder.ml.mkdir(parents=True)
            self.prepare(ctx, resource, folder)
            stream = self._open_log(ctx, resource)
        except JobFailure as failure:
            return self._finish(ctx, resource, "Failed", reason=str(failure))
        except (AwsError, OSError) as error:
            return self._finish(ctx, resource, "Failed", reason=_reason_of(error))
        self._write(ctx, resource, "Running", phase=RUN, stream=stream)
        return AGAIN

    def _run(self, ctx: EngineContext, resource: Resource) -> Next:
        folder = JobFolder(Path(resource.internal["folder"]))
        state = ctx.runner.state(folder.process)
        stop = resource.internal.get("stop")
        if state.state == "missing":
            if stop:
                return self._finish(ctx, resource, "Stopped")
            return self._start(ctx, resource, folder)
        if state.state == "running":
            if stop:
                ctx.runner.stop(folder.process, resource.internal.get("grace"))
            return WAIT
        end = {
            name: getattr(state, name) for name in ("code", "signal", "reason", "message", "started", "ended")
        }
        ctx.slots.release(resource.key)
        self._write(ctx, resource, "Uploading", phase=COLLECT, end=end)
        return AGAIN

    def _start(self, ctx: EngineContext, resource: Resource, folder: JobFolder) -> Next:
        """Starts the process; a supervisor that cannot start is tried again, then the job fails."""
        grant = ctx.slots.grant_of(resource.key)
        try:
            spec = self.process(ctx, resource, folder)
            spec.directory, spec.log_path = folder.process, Path(resource.internal["log"])
            spec.optml, spec.owner = folder.ml, resource.key
            spec.cpus = grant.cpus if grant else resource.internal["cpus"]
            # Images size their threads by the slot and share cores with the engine best unpinned; a program of its own
            # may start as many threads as it sees cores.
            spec.cores = grant.cores if grant and spec.command else ()
            spec.env = {"SM_NUM_CPUS": str(max(1, round(spec.cpus))), **spec.env}
            spec.memory_mb = grant.memory_mb if grant else 0
            ctx.runner.start(spec)
        except OSError as error:
            attempts = int(resource.internal.get("attempts", 0)) + 1
            if attempts >= START_ATTEMPTS or error.errno == errno.ENOSPC:
                return self._finish(ctx, resource, "Failed", reason=_reason_of(error))
            self._write(ctx, resource, None, attempts=attempts)
            raise
        return AGAIN if resource.internal.get("stop") else WAIT

    def _collect(self, ctx: EngineContext, resource: Resource) -> Next:
        folder = JobFolder(Path(resource.internal["folder"]))
        end = ProcessState("exited", **resource.internal["end"])
        try:
            members = self.collect(ctx, resource, folder, end)
        except JobFailure as failure:
            return self._finish(ctx, resource, "Failed", reason=str(failure))
        except (AwsError, OSError) as error:
            return self._finish(ctx, resource, "Failed", reason=_reason_of(error))
        state = "Completed"
        if end.reason == TIMEOUT:
            state = "MaxRuntimeExceeded"
        elif resource.internal.get("stop") and not end.ok:
            state = "Stopped"
        elif resource.internal.get("stop"):
            state = "Stopped" if end.reason == STOPPED else "Completed"
        return self._finish(ctx, resource, state, members=members)

    def _finish(
        self,
        ctx: EngineContext,
        resource: Resource,
        state: str,
        *,
        reason: str | None = None,
        members: Document | None = None,
    ) -> Next:
        def edit(row: Resource) -> None:
            now = ctx.clock.now()
            row.document.update(members or {})
            if reason is not None:
                row.document["FailureReason"] = reason[:LONGEST_REASON]
            row.status = self.enter(row.document, state, now, reason or "")
            row.finished = True

        ctx.store.resources.change(*resource.key, edit)
        self._leave(ctx, resource)
        return DONE

    def _leave(self, ctx: EngineContext, resource: Resource) -> None:
        ctx.slots.release(resource.key)
        shutil.rmtree(resource.internal["folder"], ignore_errors=True)

    def _write(self, ctx: EngineContext, resource: Resource, state: str | None, **internals: Any) -> None:
        """Writes a state and what the next step needs; a job that is being stopped keeps its state Stopping."""

        def edit(row: Resource) -> None:
            row.internal.update(internals)
            if state is not None and not row.internal.get("stop"):
                row.status = self.enter(row.document, state, ctx.clock.now())

        ctx.store.resources.change(*resource.key, edit)

    def _open_log(self, ctx: EngineContext, resource: Resource) -> str:
        path = Path(resource.internal["log"])
        path.parent.mkdir(parents=True, exist_ok=True)
        stream = resource.internal.get("stream") or f"{resource.name}/algo-1-{int(ctx.clock.now())}"
        ctx.logs.register(resource.region, self.log_group, stream, path)
        return stream


def request_stop(
    ctx: EngineContext, resource: Resource, enter: Callable[[Document, str, float], str], grace: float
) -> None:
    """Asks a running job to stop: writes Stopping and wakes its controller; a finished one stays as it is."""

    def edit(row: Resource) -> None:
        if not row.finished and not row.internal.get("stop"):
            row.internal.update(stop=True, grace=grace)
            row.status = enter(row.document, "Stopping", ctx.clock.now())

    ctx.store.resources.change(*resource.key, edit)
    ctx.reconciler.wake(*resource.key)


def failure_of(end: ProcessState, folder: JobFolder, instance: str, memory_mb: int) -> str | None:
    """FailureReason of a process that ended, in AWS's form; None when it ended well or was asked to."""
    if end.ok or end.reason in (STOPPED, TIMEOUT):
        return None
    if end.reason == OUT_OF_MEMORY:
        return (
            f"ClientError: Out of memory: the job needed more than it was granted ({memory_mb} MiB, {instance}). Please "
            "use an instance type with more memory, or reduce the size of training data processed on an instance., "
            "exit code: 137"
        )
    if end.reason in (LOST, COULD_NOT_START):
        detail = f" ({end.message})" if end.message else ""
        return f"InternalServerError: The process of the job was lost{detail}. Please create the job again."
    code = end.code if end.code is not None else 128 + (end.signal or 0)
    with suppress(OSError):
        told = (folder.ml / "output" / "failure").read_text("utf-8", "replace").strip()
        if told:
            kind = "ClientError" if code == 2 else "AlgorithmError"
            return f"{kind}: {told[: LONGEST_REASON - 60]}, exit code: {code}"
    return f"AlgorithmError: , exit code: {code}"


def whole_seconds(start: float | None, end: float | None) -> int:
    """Seconds from start to end, rounded up as AWS bills them."""
    return 0 if start is None or end is None else max(1, math.ceil(end - start))


def sweep_folders(
    ctx: EngineContext, kinds: tuple[str, ...] = ("TrainingJob", "TransformJob", "ProcessingJob")
) -> int:
    """Deletes folders of jobs that ended while an engine was being killed; returns how many."""
    # Folders first: one made after this has its row already, so it is not in the list.
    found = [path for kind in kinds for path in (ctx.settings.jobs_dir / kind).glob("*/*")]
    used = {row.internal.get("folder") for row in ctx.store.resources.unfinished(kinds)}
    idle = [path for path in found if str(path) not in used]
    for path in idle:
        shutil.rmtree(path, ignore_errors=True)
    return len(idle)


def _reason_of(error: AwsError | OSError) -> str:
    if isinstance(error, AwsError):
        side = "ClientError" if error.status < 500 else "InternalServerError"
        return f"{side}: {error.message}"
    if error.errno == errno.ENOSPC:
        return "InternalServerError: No space left on the device of the data directory. Free some space and create the job again."
    return f"InternalServerError: {error.strerror or error}"
