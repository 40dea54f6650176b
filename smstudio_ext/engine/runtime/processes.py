"""Starts, watches and stops supervised processes that outlive the engine."""

from __future__ import annotations

import contextlib
import fcntl
import json
import logging
import os
import signal
import socket
import struct
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal

import smstudio_ext
from smstudio_ext.engine.runtime import forkserver, supervisor
from smstudio_ext.engine.runtime.cgroups import end_members, remove_group
from smstudio_ext.engine.runtime.procfs import boot_id, group_members

logger = logging.getLogger("smstudio.engine.processes")

Owner = tuple[str, str, str]
NOTIFY_SOCKET = "notify.sock"
START_ATTEMPTS = 4

LOST = supervisor.LOST
OUT_OF_MEMORY = supervisor.OUT_OF_MEMORY
TIMEOUT = supervisor.TIMEOUT
STOPPED = supervisor.STOPPED
COULD_NOT_START = supervisor.COULD_NOT_START
DISK_FULL = supervisor.DISK_FULL
INPUT_FAILED = supervisor.INPUT_FAILED

# what of the engine's own environment a job's process gets
_PASSED_ON = (
    "HOME", "LANG", "LANGUAGE", "LC_ALL", "LC_CTYPE", "LD_LIBRARY_PATH", "LOGNAME", "PATH", "PYTHONHOME", "PYTHONPATH",
    "SSL_CERT_DIR", "SSL_CERT_FILE", "TEMP", "TMP", "TMPDIR", "TZ", "USER", "VIRTUAL_ENV",
)  # fmt: skip
_BOOT = "import sys; sys.path.insert(0, sys.argv.pop(1)); from smstudio_ext.engine.runtime.supervisor import main; main()"


@dataclass
class ProcessSpec:
    """What to run, and how.

    Attributes:
        directory: `spec.json`, `process.json` and `exit.json` live here; one process a directory.
        log_path: stdout and stderr, each line stamped (see `joblogs`).
        entry: `package.module:function`, called as `function(**args)` in a fork of the warm fork server.
        args: JSON object for `entry`.
        needs: modules of the fork server's that `entry` uses: while the server still loads, it starts when these are there. Empty for all.
        command: or a program of its own and its arguments.
        env: added to a small environment (PATH, HOME, locale); not the engine's.
        optml: shown at /opt/ml where namespaces allow; always in SAGEMAKER_BASE_DIR.
        home: home directory, shown at /home/ec2-user where namespaces allow (only with `optml`).
        cpus: size of thread pools.
        cores: numbers of the cores to run on; empty for any.
        memory_mb: the group is ended when its private memory grows beyond; 0 for no limit.
        contain: beyond `memory_mb` only the largest process is ended and the program itself goes on.
        most_processes: how many processes and threads there may be at once, where the kernel can count them; 0 for any number.
        volume_mb: the group is ended when the files of `optml` grow beyond; 0 for no limit. Temporary files go there too.
        feed: plans of `pipes.write_plans`; a feeder beside the process serves them.
        hosts_file: shown at /etc/hosts where namespaces allow.
        hostname: name of the host that the process sees; empty for this machine's.
        cleanup: a command that the supervisor runs when the process has ended.
        timeout: seconds; the group is stopped then.
        grace: seconds between SIGTERM and SIGKILL.
        alone: seconds that the process may go on while no engine runs; None for as long as it likes.
        owner: (kind, region, name) of the resource whose controller is woken at the end.
    """

    directory: Path
    log_path: Path
    entry: str | None = None
    args: dict[str, Any] = field(default_factory=dict)
    needs: Sequence[str] = ()
    command: list[str] | None = None
    env: Mapping[str, str] = field(default_factory=dict)
    cwd: Path | None = None
    optml: Path | None = None
    home: Path | None = None
    cpus: float = 1.0
    cores: Sequence[int] = ()
    memory_mb: int = 0
    contain: bool = False
    most_processes: int = 0
    volume_mb: int = 0
    feed: Path | None = None
    hosts_file: Path | None = None
    hostname: str = ""
    cleanup: Sequence[str] = ()
    timeout: float | None = None
    grace: float = 30.0
    alone: float | None = None
    owner: Owner | None = None


@dataclass(frozen=True)
class ProcessState:
    """Where a process is.

    Attributes:
        state: `missing` (never started), `running` or `exited`.
        pid: of the process itself, while it runs and is known.
        code: exit code; None when a signal ended it or it was lost.
        reason: empty for an ordinary end; else Timeout, Stopped, OutOfMemory, DiskFull, InputFailed, Lost or CouldNotStart.
        started, ended: epoch seconds.
    """

    state: Literal["missing", "running", "exited"]
    pid: int | None = None
    code: int | None = None
    signal: int | None = None
    reason: str = ""
    message: str = ""
    started: float | None = None
    ended: float | None = None

    @property
    def ok(self) -> bool:
        """It ended by itself with exit code 0."""
        return self.state == "exited" and self.code == 0 and self.reason in ("", STOPPED)


MISSING = ProcessState("missing")


class ProcessRunner:
    """Runs processes under supervisors; safe from any thread.

    Args:
        run_dir: sockets of this engine.
        preload: modules that the fork server loads.
        on_exit: called with the owner when one of its processes ends (from the runner's thread).
    """

    def __init__(
        self,
        run_dir: Path,
        *,
        preload: Sequence[str] = forkserver.DEFAULT_PRELOAD,
        on_exit: Callable[[Owner], None] | None = None,
    ) -> None:
        self.run_dir = run_dir
        self.on_exit = on_exit
        self._preload = list(preload)
        self._lock = threading.Lock()
        self._starting: set[Path] = set()
        self._lease: socket.socket | None = None
        self._server: subprocess.Popen[bytes] | None = None
        self._notices: socket.socket | None = None
        self._listener: threading.Thread | None = None

    def open(self) -> None:
        """Listens for the ends of processes."""
        self.run_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
        path = self.run_dir / NOTIFY_SOCKET
        path.unlink(missing_ok=True)
        self._notices = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        with supervisor.short_path(str(self.run_dir)) as short:
            self._notices.bind(os.path.join(short, NOTIFY_SOCKET))
        os.chmod(path, 0o600)
        self._listener = threading.Thread(target=self._listen, name="process-notices", daemon=True)
        self._listener.start()

    def close(self, *, keep_fork_server: bool = False) -> None:
        """Stops listening; processes go on. The fork server ends unless kept (then it ends after a while)."""
        if self._notices is not None:
            supervisor.notify(str(self.run_dir / NOTIFY_SOCKET), {"event": "close"})
            if self._listener is not None:
                self._listener.join(5)
            self._notices.close()
            self._notices = None
            (self.run_dir / NOTIFY_SOCKET).unlink(missing_ok=True)
        with self._lock:
            self._drop_lease()
            if not keep_fork_server:
                self._end_server()

    def warm(self) -> None:
        """Starts the fork server unless it runs; returns at once, before it has loaded its modules."""
        with self._lock:
            self._ensure_server()

    def start(self, spec: ProcessSpec) -> None:
        """Starts the process unless its directory has, or had, one.

        Raises:
            OSError: the supervisor could not be started; calling again is right.
        """
        directory = spec.directory
        if self.state(directory).state != "missing":
            return
        with self._lock:
            if directory in self._starting:
                return
            self._starting.add(directory)
        try:
            directory.mkdir(parents=True, exist_ok=True)
            supervisor.write_json(directory / "spec.json", self._spec(spec), durable=False)
            answer = (
                self._start_entry(directory, list(spec.needs))
                if spec.entry is not None
                else self._start_command(directory)
            )
            if answer == "":
                raise OSError(f"the supervisor of {directory.name} ended before its process ran")
        finally:
            with self._lock:
                self._starting.discard(directory)

    def state(self, directory: Path) -> ProcessState:
        """Where the process of a directory is; needs nothing of the engine that started it."""
        ended = _read_exit(directory)
        if ended is not None:
            return ended
        if not (directory / "spec.json").exists():
            return MISSING
        holder = _lock_holder(directory / "lock")
        process = supervisor.read_json(directory / "process.json")
        if holder is not None:
            known = process or {}
            return ProcessState("running", pid=known.get("pid"), started=known.get("started"))
        if process is None:
            with self._lock:
                starting = directory in self._starting
            return ProcessState("running") if starting else _read_exit(directory) or MISSING
        ended = _read_exit(directory)  # it may have been written since the first look
        if ended is not None:
            return ended
        _end_orphans(process)
        supervisor.run_cleanup((supervisor.read_json(directory / "spec.json") or {}).get("cleanup"))
        return ProcessState(
            "exited", reason=LOST, message="its supervisor was ended", started=process.get("started")
        )

    def stop(self, directory: Path, grace: float | None = None, *, reason: str = STOPPED) -> None:
        """SIGTERM to the group, SIGKILL after `grace` seconds (the specification's by default); returns at once."""
        holder = _lock_holder(directory / "lock")
        if holder is None:
            return
        order: dict[str, Any] = {"reason": reason}
        if grace is not None:
            order["grace"] = grace
        supervisor.write_json(directory / "stop.json", order)
        with contextlib.suppress(ProcessLookupError):
            os.kill(holder, signal.SIGTERM)

    def fork_server_facts(self) -> dict[str, Any]:
        """pid, fingerprint and private memory (MiB) of the fork server; waits until it has loaded its modules."""
        with self._lock:
            self._ensure_server()
        with forkserver.connect(self.run_dir) as connection:
            facts: dict[str, Any] = json.loads(forkserver.request(connection, {"op": "hello"}) or "{}")
        return facts

    def _spec(self, spec: ProcessSpec) -> dict[str, Any]:
        value = asdict(spec)
        env = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
        env["PYTHONUNBUFFERED"] = "1"
        if spec.optml is not None:
            env["SAGEMAKER_BASE_DIR"] = str(spec.optml)
        env.update(spec.env)
        del value["needs"]
        value.update(
            env=env,
            threads=max(1, round(spec.cpus)),
            cores=list(spec.cores),
            cleanup=list(spec.cleanup),
            notify=str(self.run_dir / NOTIFY_SOCKET),
        )
        for name in ("directory", "log_path", "cwd", "optml", "home", "feed", "hosts_file"):
            value[name] = None if value[name] is None else str(value[name])
        return value

    def _start_entry(self, directory: Path, needs: list[str]) -> str:
        message = {"op": "start", "directory": str(directory), "needs": needs}
        for attempt in range(START_ATTEMPTS):
            with self._lock:
                if attempt:
                    self._drop_lease()  # the server died meanwhile: look again, start another
                self._ensure_server()
            try:
                with forkserver.connect(self.run_dir) as connection:
                    answer = forkserver.request(connection, message)
            except OSError:
                if attempt == START_ATTEMPTS - 1:
                    raise
                continue
            if answer:
                return answer
        return ""

    def _start_command(self, directory: Path) -> str:
        root = str(Path(smstudio_ext.__file__).parent.parent)
        ours, theirs = socket.socketpair()
        with ours, theirs:
            command = [sys.executable, "-I", "-S", "-c", _BOOT, root, str(directory), str(theirs.fileno())]
            starter = subprocess.Popen(
                command,
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                start_new_session=True,
            )
            theirs.close()
            starter.wait()
            ours.settimeout(60)
            with ours.makefile("r") as lines:
                return lines.readline().strip()

    def _ensure_server(self) -> None:
        """Has a fork server of this code running and leased; call with the lock held."""
        if self._lease is not None and not _closed(self._lease):
            return
        self._drop_lease()
        if not self._reattach():
            self._spawn_server()
        self._lease = forkserver.connect(self.run_dir)
        self._lease.sendall(b'{"op": "lease"}\n')
        self._lease.setblocking(False)

    def _end_server(self) -> None:
        """Ends the fork server, also while it is still loading; its children go on."""
        if self._server is not None and self._server.poll() is None:
            self._server.terminate()
            self._server.wait(10)
            return
        with contextlib.suppress(OSError), forkserver.connect(self.run_dir, 5.0) as connection:
            connection.sendall(b'{"op": "quit"}\n')

    def _drop_lease(self) -> None:
        if self._lease is not None:
            self._lease.close()
            self._lease = None

    def _reattach(self) -> bool:
        """Whether the server of an engine before this one still runs and has our code; another is told to quit."""
        if self._server is not None and self._server.poll() is not None:
            return False
        try:
            with forkserver.connect(self.run_dir, 30.0) as connection:
                facts = json.loads(forkserver.request(connection, {"op": "hello"}) or "{}")
            if facts.get("fingerprint") == forkserver.fingerprint():
                return True
            with forkserver.connect(self.run_dir, 30.0) as connection:
                connection.sendall(b'{"op": "quit"}\n')
        except (OSError, ValueError):
            pass  # none listens there
        return False

    def _spawn_server(self) -> None:
        self.run_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
        listener = forkserver.listen(self.run_dir)
        # OpenBLAS starts threads at import, and threads do not survive a fork: one thread is none besides the main one.
        # OpenMP's threads must not spin while they wait: beside other busy processes that costs a factor of ten.
        env = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
        # pandas brings pyarrow, whose allocator would run a thread of its own.
        env |= {
            "OPENBLAS_NUM_THREADS": "1",
            "OMP_WAIT_POLICY": "PASSIVE",
            "JE_ARROW_MALLOC_CONF": "background_thread:false",
        }
        root = str(Path(smstudio_ext.__file__).parent.parent)
        env["PYTHONPATH"] = os.pathsep.join(filter(None, [root, env.get("PYTHONPATH", "")]))
        with listener, (self.run_dir / "forkserver.log").open("ab") as log:
            self._server = subprocess.Popen(
                [sys.executable, "-m", forkserver.__name__, str(listener.fileno()), *self._preload],
                pass_fds=[listener.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=env,
                start_new_session=True,
            )

    def _listen(self) -> None:
        assert self._notices is not None
        while True:
            try:
                message = json.loads(self._notices.recv(65536))
            except (OSError, ValueError):
                if self._notices is None or self._notices.fileno() < 0:
                    return
                continue
            if message.get("event") == "close":
                return
            owner = message.get("owner")
            if owner and self.on_exit is not None:
                self.on_exit((str(owner[0]), str(owner[1]), str(owner[2])))


def _read_exit(directory: Path) -> ProcessState | None:
    value = supervisor.read_json(directory / "exit.json")
    if value is None:
        return None
    return ProcessState(
        "exited",
        code=value.get("code"),
        signal=value.get("signal"),
        reason=value.get("reason", ""),
        message=value.get("message", ""),
        started=value.get("started"),
        ended=value.get("ended"),
    )


def _lock_holder(path: Path) -> int | None:
    """The process that holds the supervisor's lock; asking does not touch the lock."""
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CLOEXEC)
    except OSError:
        return None
    try:
        if sys.platform == "linux":
            layout, pid_at, type_at = "hhqqi", 4, 0
            query = struct.pack(layout, fcntl.F_WRLCK, os.SEEK_SET, 0, 0, 0)
        else:  # BSD and macOS order the members the other way round
            layout, pid_at, type_at = "qqihh", 2, 3
            query = struct.pack(layout, 0, 0, 0, fcntl.F_WRLCK, os.SEEK_SET)
        answer = struct.unpack(layout, fcntl.fcntl(descriptor, fcntl.F_GETLK, query))
        return None if answer[type_at] == fcntl.F_UNLCK else int(answer[pid_at])
    except OSError:
        return None
    finally:
        os.close(descriptor)


def _end_orphans(process: dict[str, Any]) -> None:
    """Kills what a killed supervisor left of its group (the group's and session's numbers cannot be reused meanwhile)."""
    if process.get("boot") != boot_id():
        return
    for pid in group_members(int(process["pid"]), int(process["session"])):
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.kill(pid, signal.SIGKILL)
    for name in ("cgroup", "pids_cgroup"):
        if process.get(name):
            end_members(Path(process[name]))  # what left the session is still in the group
            remove_group(Path(process[name]))


def _closed(connection: socket.socket) -> bool:
    try:
        return connection.recv(1, socket.MSG_DONTWAIT | socket.MSG_PEEK) == b""
    except BlockingIOError:
        return False
    except OSError:
        return True
