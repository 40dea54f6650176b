"""The small program around each job process: own session, stamped logs, stop, time and memory limits, `exit.json`.

It outlives the engine and uses the standard library only. It is run either as a program of its own (for commands) or
inside a fork of the warm fork server (for entries).
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import selectors
import signal
import socket
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from smstudio_ext.engine.runtime import cgroups, sandbox
from smstudio_ext.engine.runtime.job_process import become_feeder, become_job
from smstudio_ext.engine.runtime.procfs import (
    boot_id,
    descendants,
    group_members,
    private_memory_mb,
    start_ticks,
)
from smstudio_ext.engine.runtime.volumes import VolumeWatch

LOOK_SECONDS = 0.5
"""How often the memory of a limited process group is looked at."""
ALONE_LOOK_SECONDS = 30.0
"""How often a process that must not outlive the engine for long looks for it."""
DRAIN_SECONDS = 1.0
LONGEST_LINE = 256 * 1024

OUT_OF_MEMORY = "OutOfMemory"
TIMEOUT = "Timeout"
STOPPED = "Stopped"
LOST = "Lost"
COULD_NOT_START = "CouldNotStart"
DISK_FULL = "DiskFull"
INPUT_FAILED = "InputFailed"
ALONE = "Alone"
CLEANUP_SECONDS = 30.0
FEEDER_FAILURE = "feeder-failure"


def write_json(path: Path, value: dict[str, Any], *, durable: bool = True) -> None:
    """Writes a file that is there whole or not at all; unless not `durable` also after a power cut."""
    aside = path.with_name(f".{path.name}.{os.getpid()}.{os.urandom(4).hex()}")
    with aside.open("w") as file:
        json.dump(value, file)
        if durable:
            file.flush()
            os.fsync(file.fileno())
    aside.rename(path)


def read_json(path: Path) -> dict[str, Any] | None:
    """The object in a file that `write_json` wrote, or None."""
    try:
        value = json.loads(path.read_text())
    except (FileNotFoundError, ValueError):
        return None
    return value if isinstance(value, dict) else None


def notify(socket_path: str | None, message: dict[str, Any]) -> None:
    """Tells the engine, if it runs; nobody waits for an answer."""
    if not socket_path:
        return
    directory, name = os.path.split(socket_path)
    with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender:
        sender.setblocking(False)
        with short_path(directory) as short:
            sender.sendto(json.dumps(message).encode(), os.path.join(short, name))


def listens(socket_path: str) -> bool:
    """Whether an engine receives at its socket: the file alone outlives a killed one."""
    directory, name = os.path.split(socket_path)
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as probe, short_path(directory) as short:
            probe.connect(os.path.join(short, name))
    except OSError:
        return False
    return True


@contextlib.contextmanager
def short_path(directory: str) -> Any:
    """A name of `directory` short enough for a socket address (108 bytes on Linux)."""
    if len(directory) < 80 or sys.platform != "linux":
        yield directory
        return
    descriptor = os.open(directory, os.O_PATH | os.O_DIRECTORY)
    try:
        yield f"/proc/self/fd/{descriptor}"
    finally:
        os.close(descriptor)


def supervise(directory: Path, ready: socket.socket | None = None) -> None:
    """Runs the process that `directory/spec.json` describes, to its end.

    A directory serves one process: when another supervisor has it, or had it, this returns at once.

    Args:
        ready: gets one line when the process runs (or why it does not), and is closed.
    """
    lock = os.open(directory / "lock", os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
    try:
        fcntl.lockf(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        _answer(ready, "taken")
        return
    if (directory / "process.json").exists() or (directory / "exit.json").exists():
        _answer(ready, "taken")
        return
    spec = read_json(directory / "spec.json") or {}
    try:
        supervised = _Supervised(directory, spec)
        supervised.start()
    except Exception as error:  # noqa: BLE001 - whatever it is, the controller must hear of it
        text = f"{type(error).__name__}: {error}"
        write_json(
            directory / "exit.json", {"reason": COULD_NOT_START, "message": text, "ended": time.time()}
        )
        notify(spec.get("notify"), {"owner": spec.get("owner"), "event": "exit"})
        _answer(ready, text)
        return
    _answer(ready, "ok")
    supervised.watch()


def _answer(ready: socket.socket | None, text: str) -> None:
    if ready is None:
        return
    with contextlib.suppress(OSError):
        ready.sendall(text.encode() + b"\n")
    ready.close()


@dataclass
class _Ending:
    """Why and when the group is being ended."""

    reason: str
    kill_at: float
    message: str = ""


class _Supervised:
    """One process group under watch."""

    def __init__(self, directory: Path, spec: dict[str, Any]) -> None:
        self.directory = directory
        self.spec = spec
        self.child = 0
        self.status: int | None = None
        self.ending: _Ending | None = None
        self.started = 0.0
        self.peak_mb = 0
        self.feeder = 0
        self.feeder_status: int | None = None
        self.group: Path | None = None
        self.pids_group: Path | None = None
        self._volume: VolumeWatch | None = None
        self._began = 0.0
        self._next_look = 0.0
        self._engine_seen = 0.0
        self._next_engine_look = 0.0
        self._rest = b""
        self._log = -1
        self._pipe = -1
        self._wake = -1

    def start(self) -> None:
        if os.getpid() != os.getsid(0):
            os.setsid()
        sandbox.become_subreaper()
        log_path = Path(self.spec["log_path"])
        log_path.parent.mkdir(parents=True, exist_ok=True)
        self._log = os.open(log_path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
        self._pipe, write_end = os.pipe()
        self._wake, wake_write = os.pipe()
        os.set_blocking(self._wake, False)
        os.set_blocking(wake_write, False)
        os.set_blocking(self._pipe, False)
        signal.signal(signal.SIGCHLD, _nothing)
        signal.signal(signal.SIGTERM, _nothing)
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
        signal.set_wakeup_fd(wake_write, warn_on_full_buffer=False)
        parent = os.getpid()
        self._make_limits()
        self.started, self._began = time.time(), time.monotonic()
        self._engine_seen = self._began
        self.child = os.fork()
        if self.child == 0:
            become_job(self.spec, parent, write_end, self.group, self.pids_group)
        if self.spec.get("feed"):
            self.feeder = os.fork()
            if self.feeder == 0:
                become_feeder(Path(self.spec["feed"]), self.directory / FEEDER_FAILURE, parent, write_end)
        os.close(write_end)
        with contextlib.suppress(OSError):  # the child does it too; whoever comes first
            os.setpgid(self.child, self.child)
        write_json(
            self.directory / "process.json",
            {
                "supervisor": parent,
                "supervisor_ticks": start_ticks(parent),
                "pid": self.child,
                "ticks": start_ticks(self.child),
                "session": os.getsid(0),
                "boot": boot_id(),
                "started": self.started,
                "cgroup": None if self.group is None else str(self.group),
                "pids_cgroup": None if self.pids_group is None else str(self.pids_group),
            },
        )

    def _make_limits(self) -> None:
        if self.spec.get("memory_mb"):
            name = f"smstudio-{os.getpid()}-{os.urandom(4).hex()}"
            self.group = cgroups.make_group(name, int(self.spec["memory_mb"]))
            if self.spec.get("most_processes"):
                self.pids_group = cgroups.limit_processes(name, int(self.spec["most_processes"]), self.group)
        if self.spec.get("volume_mb") and self.spec.get("optml"):
            log = Path(self.spec["log_path"])
            self._volume = VolumeWatch(Path(self.spec["optml"]), int(self.spec["volume_mb"]), log=log)

    def watch(self) -> None:
        """Runs until the process and everything it started have ended; then writes `exit.json`."""
        with selectors.DefaultSelector() as selector:
            selector.register(self._pipe, selectors.EVENT_READ)
            selector.register(self._wake, selectors.EVENT_READ)
            while self.status is None:
                for key, _ in selector.select(self._pause()):
                    if key.fd == self._wake:
                        self._signals()
                    elif not self._copy():
                        selector.unregister(self._pipe)
                self._limits()
        self._end_group()
        self._drain()
        run_cleanup(self.spec.get("cleanup"))
        self._finish()

    def _pause(self) -> float | None:
        now = time.monotonic()
        waits = []
        if self.spec.get("memory_mb") or self._volume is not None:
            waits.append(LOOK_SECONDS)
        if self.spec.get("alone"):
            waits.append(self._next_engine_look - now)
        if self.ending is not None:
            waits.append(self.ending.kill_at - now)
        elif self.spec.get("timeout"):
            waits.append(self._began + self.spec["timeout"] - now)
        return max(0.0, min(waits)) if waits else None

    def _signals(self) -> None:
        with contextlib.suppress(BlockingIOError):
            numbers = os.read(self._wake, 4096)
            if signal.SIGTERM in numbers:
                order = read_json(self.directory / "stop.json") or {}
                self._end(
                    order.get("reason", STOPPED), float(order.get("grace", self.spec.get("grace", 0.0)))
                )
        self._reap()

    def _reap(self) -> bool:
        """Collects children that ended; whether any is left."""
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return False
            if pid == 0:
                return True
            if pid == self.child:
                self.status = status
            elif pid == self.feeder:
                self.feeder_status = status

    def _limits(self) -> None:
        if self.status is not None:
            return
        now = time.monotonic()
        if self.ending is not None:
            if now >= self.ending.kill_at:
                _kill_group(self.child, signal.SIGKILL)
                self.ending.kill_at = now + 1.0
            return
        timeout = self.spec.get("timeout")
        if timeout and now >= self._began + timeout:
            self._end(TIMEOUT, float(self.spec.get("grace", 0.0)))
            return
        if self.spec.get("alone") and now >= self._next_engine_look and self._is_alone(now):
            self._end(ALONE, float(self.spec.get("grace", 0.0)))
            return
        if self.feeder_status is not None:
            self._end(INPUT_FAILED, 0.0, _text(self.directory / FEEDER_FAILURE) or "the feeder was ended")
            return
        limit = self.spec.get("memory_mb")
        if (
            limit and now >= self._next_look
        ):  # each line that the program prints leads here; a look reads all of /proc
            self._next_look = now + LOOK_SECONDS
            pids = {self.child, *descendants(os.getpid())} - {self.feeder}
            used = private_memory_mb(list(pids))
            self.peak_mb = max(self.peak_mb, used)
            if used > limit and self.spec.get("contain"):
                self._end_largest(pids)
            elif used > limit:
                self._end(OUT_OF_MEMORY, 0.0)
                return
        problem = self._volume.problem() if self._volume is not None else None
        if problem:
            self._end(DISK_FULL, 0.0, problem)

    def _end_largest(self, pids: set[int]) -> None:
        """Ends the process with the most memory, never the program itself; the kernel does it where it keeps the limit."""
        others = pids - {self.child}
        if self.group is None and others:
            largest = max(others, key=lambda pid: private_memory_mb([pid]))
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(largest, signal.SIGKILL)

    def _is_alone(self, now: float) -> bool:
        """Whether the engine has been away for too long, or its folder is gone for good."""
        patience = float(self.spec["alone"])
        self._next_engine_look = now + min(ALONE_LOOK_SECONDS, patience / 2)
        if not self.directory.exists():
            return True
        if listens(self.spec["notify"]):
            self._engine_seen = now
        return now - self._engine_seen >= patience

    def _end(self, reason: str, grace: float, message: str = "") -> None:
        """SIGTERM now, SIGKILL to the whole group after `grace`; a second call can only shorten the grace."""
        kill_at = time.monotonic() + grace
        if self.ending is None:
            self.ending = _Ending(reason, kill_at, message)
        else:
            self.ending.kill_at = min(self.ending.kill_at, kill_at)
        _kill_group(self.child, signal.SIGKILL if grace <= 0 else signal.SIGTERM)

    def _end_group(self) -> None:
        """Nothing that the process started stays, also what left its group or its session."""
        for _ in range(200):
            _kill_group(self.child, signal.SIGKILL)
            if not self._reap():  # a subreaper without children has no descendants either
                return
            for pid in descendants(os.getpid()):
                with contextlib.suppress(ProcessLookupError, PermissionError):
                    os.kill(pid, signal.SIGKILL)
            time.sleep(0.01)

    def _copy(self) -> bool:
        """Moves what the process printed to the log; False at the end of it."""
        try:
            data = os.read(self._pipe, 256 * 1024)
        except BlockingIOError:
            return True
        if not data:
            return False
        lines = (self._rest + data).split(b"\n")
        self._rest = lines.pop()
        if len(self._rest) > LONGEST_LINE:
            lines.append(self._rest)
            self._rest = b""
        self._write(lines)
        return True

    def _drain(self) -> None:
        """Reads what is left in the pipe: the group is dead, so its end comes at once."""
        deadline = time.monotonic() + DRAIN_SECONDS
        with selectors.DefaultSelector() as selector:
            selector.register(self._pipe, selectors.EVENT_READ)
            while time.monotonic() < deadline and (selector.select(0.05) or self._left()):
                if not self._copy():
                    break
        if self._rest:
            self._write([self._rest])

    def _left(self) -> bool:
        return bool(group_members(self.child))

    def _write(self, lines: list[bytes]) -> None:
        if not lines:
            return
        stamp = b"%013d " % int(time.time() * 1000)
        data = b"".join(stamp + line[:LONGEST_LINE] + b"\n" for line in lines)
        with contextlib.suppress(OSError):  # a full disk costs log lines, not the job
            os.write(self._log, data)

    def _finish(self) -> None:
        status = self.status or 0
        killed = os.WTERMSIG(status) if os.WIFSIGNALED(status) else None
        reason, message = self._reason(killed)
        if self.group is not None:
            cgroups.remove_group(self.group)
        if self.pids_group not in (None, self.group):
            cgroups.remove_group(self.pids_group)
        result = {
            "code": os.WEXITSTATUS(status) if os.WIFEXITED(status) else None,
            "signal": killed,
            "reason": reason,
            "message": message,
            "started": self.started,
            "ended": time.time(),
            "peak_memory_mb": self.peak_mb,
        }
        with contextlib.suppress(OSError):  # a full disk: the engine finds the lock free and takes it as lost
            # a power cut ends the process's folder of results too: the job is lost with or without this file
            write_json(self.directory / "exit.json", result, durable=False)
        notify(self.spec.get("notify"), {"owner": self.spec.get("owner"), "event": "exit"})

    def _reason(self, killed: int | None) -> tuple[str, str]:
        """Why the process ended, beyond its exit code, with what there is to say about it."""
        if self.ending is not None:
            return self.ending.reason, self.ending.message
        if not self.status:
            return "", ""
        if self.group is None:
            if killed == signal.SIGKILL:
                return OUT_OF_MEMORY, ""  # nobody here sent it: the kernel did
        elif cgroups.kills_in(self.group):
            return (
                OUT_OF_MEMORY,
                "",
            )  # a child of the program may have been the victim, and the program failed of it
        full = self._volume.full() if self._volume is not None else None
        return (DISK_FULL, full) if full else ("", "")


def run_cleanup(command: list[str] | None) -> None:
    """Runs what a program asked for at its end; what it prints, and how it ends, does not matter."""
    if not command:
        return
    import subprocess  # 10 ms that few supervisors need

    with contextlib.suppress(OSError, subprocess.TimeoutExpired):
        subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=CLEANUP_SECONDS,
            check=False,
        )


def _text(path: Path) -> str:
    try:
        return path.read_text()
    except OSError:
        return ""


def _kill_group(group: int, number: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(group, number)


def _nothing(_number: int, _frame: object) -> None:
    """A handler must exist for the wake-up descriptor to be written."""


def main() -> None:
    """Runs the supervisor for `DIRECTORY READY_FD` (its arguments), detached from who started it."""
    if os.fork():
        os._exit(0)
    os.setsid()
    with open(os.devnull, "r+b") as nothing:
        for number in (0, 1, 2):
            os.dup2(nothing.fileno(), number)
    supervise(Path(sys.argv[1]), socket.socket(fileno=int(sys.argv[2])))
    os._exit(0)


if __name__ == "__main__":
    main()
