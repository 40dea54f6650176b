"""How every kind of job lives: slot, inputs, supervised process, results; each step can be repeated after a crash."""

from __future__ import annotations

import errno
import secrets
import shutil
import threading
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from smstudio_ext.engine.errors import AwsError
from smstudio_ext.engine.runtime.endings import LONGEST_REASON
from smstudio_ext.engine.runtime.instances import Slot, instance_type
from smstudio_ext.engine.runtime.processes import STOPPED, TIMEOUT, ProcessSpec, ProcessState
from smstudio_ext.engine.runtime.reconciler import AGAIN, DONE, WAIT, Next
from smstudio_ext.engine.store.resources import ResourceMissing

if TYPE_CHECKING:
    from smstudio_ext.engine.context import EngineContext
    from smstudio_ext.engine.store.resources import Document, Resource

ACQUIRE, PREPARE, RUN, RESTART, COLLECT = "acquire", "prepare", "run", "restart", "collect"
START_ATTEMPTS = 3
FIRST_HOST = "algo-1"
OTHERS_GRACE = 10.0
"""Seconds that the other hosts have to end when one has failed."""


class JobFailure(Exception):
    """The job ends as Failed; the message is its FailureReason."""


class JobFolder:
    """The folder of one host of a job: `ml` is shown at /opt/ml, `process` belongs to the supervisor.

    Args:
        path: folder of the job, which is that of its first host.
        host: name of the host.
    """

    def __init__(self, path: Path, host: str = FIRST_HOST) -> None:
        self.job = path
        self.host = host
        self.path = path if host == FIRST_HOST else path / "hosts" / host
        self.ml = self.path / "ml"
        self.process = self.path / "process"
        self.scratch = self.path / "scratch"


def new_internals(
    ctx: EngineContext,
    kind: str,
    region: str,
    name: str,
    instance: str,
    slot: Slot | None,
    hosts: Sequence[str] = (),
) -> Document:
    """What a new job's row keeps for its controller.

    Args:
        instance: instance type, whose vCPUs and memory the job waits for.
        slot: asks for this much instead (for all hosts together).
        hosts: instance type of each host, `algo-1` first; one host of type `instance` by default.
    """
    granted = [instance_type(one) for one in hosts or [instance]]
    asked = slot or Slot(sum(one.vcpus for one in granted), sum(one.memory_mb for one in granted))
    place = f"{name}-{secrets.token_hex(4)}"
    several = {"hosts": [f"algo-{number}" for number in range(1, len(granted) + 1)]}
    return {
        **(several if len(granted) > 1 else {}),
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
            if phase == RESTART:
                self._write(ctx, resource, "Downloading", phase=PREPARE)
                return AGAIN
            return self._collect(ctx, resource)
        except ResourceMissing:  # deleted meanwhile
            self._leave(ctx, resource)
            return DONE

    def resume(self, ctx: EngineContext, resource: Resource) -> None:
        """Takes back the slot of a job that had one when the engine ended."""
        if resource.internal["phase"] in (PREPARE, RUN, RESTART):
            ctx.slots.adopt(resource.key, resource.internal["cpus"], resource.internal["memory_mb"])

    @abstractmethod
    def prepare(self, ctx: EngineContext, resource: Resource, folder: JobFolder) -> None:
        """Fills the (empty) folder of one host with the job's inputs.

        Raises:
            JobFailure: an input is at fault.
        """

    @abstractmethod
    def process(self, ctx: EngineContext, resource: Resource, folder: JobFolder) -> ProcessSpec:
        """What to run on one host; directory, log, cores, memory and owner are filled in by the caller.

        Raises:
            AwsError: the program cannot be started.
        """

    @abstractmethod
    def collect(
        self, ctx: EngineContext, resource: Resource, folder: JobFolder, end: ProcessState
    ) -> Document:
        """Stores the results of a job that ended well or was stopped; returns new members of the document.

        Args:
            folder: of the first host; `host_folders` has them all.
            end: of the host that decided how the job ended; `failed_folder` is its folder.

        Raises:
            JobFailure: the process or its results are at fault.
        """

    @abstractmethod
    def enter(self, document: Document, state: str, now: float, message: str = "") -> str:
        """Writes a state (`Pending`, `Downloading`, `Running`, `Uploading`, `Stopping`, `Completed`, `Failed`,
        `Stopped`, `MaxRuntimeExceeded`) into the document in the kind's own terms; returns the row's status."""

    def watch(self, ctx: EngineContext, resource: Resource, folders: list[JobFolder]) -> Next:
        """Called now and then while the processes run; says when it wants to be called again."""
        return WAIT

    def restarts(self, ctx: EngineContext, resource: Resource, end: ProcessState) -> bool:
        """Whether a job whose process ended like this is run once more."""
        return False

    def timeout_state(self, resource: Resource, end: ProcessState) -> str:
        """The state in which a job ends whose process ran out of time."""
        return "MaxRuntimeExceeded"

    def waited_too_long(self, ctx: EngineContext, resource: Resource) -> str | None:
        """The state in which a job ends that has waited for its slot beyond what its owner allows; else None."""
        return None

    def _acquire(self, ctx: EngineContext, resource: Resource) -> Next:
        if resource.internal.get("stop"):
            return self._finish(ctx, resource, "Stopped")
        late = self.waited_too_long(ctx, resource)
        if late is not None:
            return self._finish(ctx, resource, late)
        if not ctx.slots.acquire(resource.key, resource.internal["cpus"], resource.internal["memory_mb"]):
            if not resource.internal.get("pending"):
                self._write(ctx, resource, "Pending", pending=True)
            return WAIT
        self._write(ctx, resource, "Downloading", phase=PREPARE)
        return AGAIN

    def _prepare(self, ctx: EngineContext, resource: Resource) -> Next:
        if resource.internal.get("stop"):
            return self._finish(ctx, resource, "Stopped")
        try:
            shutil.rmtree(resource.internal["folder"], ignore_errors=True)  # of a step that was cut off
            for folder in host_folders(resource):
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
        folders = host_folders(resource)
        states = {folder.host: ctx.runner.state(folder.process) for folder in folders}
        stop = resource.internal.get("stop")
        missing = [folder for folder in folders if states[folder.host].state == "missing"]
        running = [folder for folder in folders if states[folder.host].state == "running"]
        if missing and not stop:
            return self._start(ctx, resource, missing)
        if len(missing) == len(folders):
            return self._finish(ctx, resource, "Stopped")
        if running:
            failed = _decisive(states)
            for folder in running:
                if stop:
                    ctx.runner.stop(folder.process, resource.internal.get("grace"))
                elif failed is not None:
                    ctx.runner.stop(folder.process, OTHERS_GRACE)
            return self.watch(ctx, resource, folders)
        return self._ended(ctx, resource, states)

    def _ended(self, ctx: EngineContext, resource: Resource, states: dict[str, ProcessState]) -> Next:
        """Every host has ended: restart, or go on to the results."""
        ended = {host: state for host, state in states.items() if state.state == "exited"}
        decisive = _decisive(ended) or next(iter(ended))
        chosen = ended[decisive]
        if not resource.internal.get("stop") and self.restarts(ctx, resource, chosen):
            attempt = int(resource.internal.get("attempt", 0)) + 1
            self._write(ctx, resource, "Restarting", phase=RESTART, attempt=attempt)
            return AGAIN
        end = {name: getattr(chosen, name) for name in ("code", "signal", "reason", "message")}
        end["started"] = min((state.started for state in ended.values() if state.started), default=None)
        end["ended"] = max((state.ended for state in ended.values() if state.ended), default=None)
        ctx.slots.release(resource.key)
        self._write(ctx, resource, "Uploading", phase=COLLECT, end=end, ended_host=decisive)
        return AGAIN

    def _start(self, ctx: EngineContext, resource: Resource, folders: list[JobFolder]) -> Next:
        """Starts the processes; a supervisor that cannot start is tried again, then the job fails."""
        try:
            for folder in folders:
                ctx.runner.start(self._specification(ctx, resource, folder))
        except AwsError as error:
            return self._finish(ctx, resource, "Failed", reason=_reason_of(error))
        except OSError as error:
            attempts = int(resource.internal.get("attempts", 0)) + 1
            if attempts >= START_ATTEMPTS or error.errno == errno.ENOSPC:
                return self._finish(ctx, resource, "Failed", reason=_reason_of(error))
            self._write(ctx, resource, None, attempts=attempts)
            raise
        if resource.internal.get("stop"):
            return AGAIN
        return self.watch(ctx, resource, host_folders(resource))

    def _specification(self, ctx: EngineContext, resource: Resource, folder: JobFolder) -> ProcessSpec:
        grant = ctx.slots.grant_of(resource.key)
        hosts = len(resource.internal.get("hosts") or [FIRST_HOST])
        spec = self.process(ctx, resource, folder)
        spec.directory, spec.log_path = folder.process, host_log(resource, folder.host)
        spec.optml, spec.owner = folder.ml, resource.key
        spec.cpus = (grant.cpus if grant else resource.internal["cpus"]) / hosts
        # Images size their threads by the slot and share cores with the engine best unpinned; a program of its own
        # may start as many threads as it sees cores.
        spec.cores = grant.cores if grant and spec.command else ()
        spec.env = {"SM_NUM_CPUS": str(max(1, round(spec.cpus))), **spec.env}
        spec.memory_mb = grant.memory_mb // hosts if grant else 0
        return spec

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
            state = self.timeout_state(resource, end)
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
        discard_folder(Path(resource.internal["folder"]))

    def _write(self, ctx: EngineContext, resource: Resource, state: str | None, **internals: Any) -> None:
        """Writes a state and what the next step needs; a job that is being stopped keeps its state Stopping."""

        def edit(row: Resource) -> None:
            row.internal.update(internals)
            if state is not None and not row.internal.get("stop"):
                row.status = self.enter(row.document, state, ctx.clock.now())

        # after a power cut, when nothing runs, the step is taken again from the one before
        ctx.store.resources.change(*resource.key, edit, durable=False)

    def _open_log(self, ctx: EngineContext, resource: Resource) -> str:
        """Registers the streams of all hosts; returns that of the first."""
        # not the time of this step: one that is taken again must find the same stream
        stream = resource.internal.get("stream") or f"{resource.name}/{FIRST_HOST}-{int(resource.created)}"
        stamp = stream.rpartition("-")[2]
        for folder in host_folders(resource):
            path = host_log(resource, folder.host)
            path.parent.mkdir(parents=True, exist_ok=True)
            ctx.logs.register(resource.region, self.log_group, f"{resource.name}/{folder.host}-{stamp}", path)
        return str(stream)


def discard_folder(path: Path) -> None:
    """Takes a folder away: at once for those who look, its files a little later in a thread of its own.

    What an engine that ends leaves of it is deleted by `sweep_folders` of the next one.
    """
    aside = path.with_name(f"{path.name}~")
    try:
        path.rename(aside)
    except FileNotFoundError:
        return
    except OSError:  # another one is on its way under that name
        aside = path
    threading.Thread(target=shutil.rmtree, args=(aside, True), name="discard", daemon=True).start()


def host_folders(resource: Resource) -> list[JobFolder]:
    """The folders of a job's hosts, `algo-1` first."""
    path = Path(resource.internal["folder"])
    return [JobFolder(path, host) for host in resource.internal.get("hosts") or [FIRST_HOST]]


def failed_folder(resource: Resource) -> JobFolder:
    """The folder of the host that decided how the job ended."""
    return JobFolder(Path(resource.internal["folder"]), resource.internal.get("ended_host", FIRST_HOST))


def host_log(resource: Resource, host: str) -> Path:
    """The log file of one host."""
    path = Path(resource.internal["log"])
    return path if host == FIRST_HOST else path.with_name(f"{path.stem}-{host}.log")


def _decisive(states: dict[str, ProcessState]) -> str | None:
    """The host whose end ends the job: the first that failed, else one that ran out of time; None if all is well."""
    exited = {host: state for host, state in states.items() if state.state == "exited"}
    failed = [
        host for host, state in exited.items() if not state.ok and state.reason not in (STOPPED, TIMEOUT)
    ]
    if failed:
        return min(failed, key=lambda host: exited[host].ended or 0.0)
    for reason in (TIMEOUT, STOPPED):
        for host, state in exited.items():
            if state.reason == reason and not (reason == STOPPED and state.ok):
                return host
    return None


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
