"""Starts, finds and stops the engine of a data directory; cheap to import, for the command line and the Jupyter server."""

from __future__ import annotations

import contextlib
import fcntl
import itertools
import json
import os
import select
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from smstudio_ext.engine.server.notebook_limits import PYTHON

ENGINE_FILE = "engine.json"
LOCK_FILE = "engine.lock"
LOG_FILE = "engine.log"
_RECORDS = ("jobs/**/process.json", "notebook-instances/*/*/runs/*/process.json")
"""Where supervised processes are recorded."""
START_TIMEOUT = 120.0  # a busy machine is no failure; an engine that ends says so at once

BESIDE = ("notebooks", "studio", "prices.json")
"""What the Jupyter side makes in a data directory, maybe before its engine first starts."""
BASE_PYTHON = "236514542706.dkr.ecr.{region}.amazonaws.com/sagemaker-base-python-310:1.0"
"""Image of Studio's kernels for the SDK's remote functions, in AWS's own registry."""


class EngineError(Exception):
    """The engine could not be started or stopped; the message says why and what to do."""


class EngineHeld(EngineError):
    """Another engine works on this data directory."""


@dataclass(frozen=True)
class EngineInfo:
    """Where an engine answers and with which credentials."""

    url: str
    access_key: str
    secret_key: str
    region: str
    pid: int
    version: str


def start_engine(
    data_dir: Path | str, port: int | None = None, foreground: bool = False, wait: bool = True
) -> EngineInfo:
    """Starts the engine of a data directory in a session of its own.

    Args:
        port: None takes a free one.
        foreground: run in this process until it is stopped.
        wait: return when the engine answers; else as soon as it has its address.

    Raises:
        EngineHeld: an engine works on this directory already.
        EngineError: it did not start; the message says why.
    """
    directory = Path(data_dir).expanduser().absolute()
    if foreground:
        from smstudio_ext.engine.server.main import serve

        serve(directory, port or 0)
        raise SystemExit(0)
    try:
        directory.mkdir(parents=True, exist_ok=True)
        log = (directory / LOG_FILE).open("ab")
    except OSError as error:
        raise EngineError(f"The data directory {directory} cannot be written: {error.strerror}.") from error
    reading, writing = os.pipe()
    python = os.environ.get(PYTHON) or sys.executable
    command = [
        python,
        "-m",
        "smstudio_ext.engine.server",
        "--data",
        str(directory),
        "--port",
        str(port or 0),
    ]
    environment = {**os.environ, "PYTHONPATH": _python_path()}
    if environment.pop(PYTHON, None):
        environment.pop("VIRTUAL_ENV", None)
    try:
        with log:
            process = subprocess.Popen(
                [*command, "--ready-fd", str(writing)],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=directory,
                env=environment,
                pass_fds=(writing,),
                start_new_session=True,
            )
    finally:
        os.close(writing)
    try:
        answer = _first_line(reading, START_TIMEOUT)
    finally:
        os.close(reading)
    if answer is None:
        if process.poll() is None:
            process.kill()
        raise EngineError(
            f"The engine did not start within {START_TIMEOUT:.0f} s. See {directory / LOG_FILE}."
        )
    if not answer:
        code = process.wait()
        raise EngineError(f"The engine ended at its start (exit code {code}). See {directory / LOG_FILE}.")
    message = json.loads(answer)
    if "error" in message:
        process.wait()
        raise (EngineHeld if message.get("held") else EngineError)(message["error"])
    _reap_later(process)
    return EngineInfo(**message)


def read_engine(data_dir: Path | str) -> EngineInfo | None:
    """The engine that runs on a data directory, or None."""
    directory = Path(data_dir).expanduser().absolute()
    if lock_holder(directory) is None:
        return None
    try:
        content = json.loads((directory / ENGINE_FILE).read_text())
        return EngineInfo(**{name: content[name] for name in EngineInfo.__dataclass_fields__})
    except (OSError, ValueError, KeyError, TypeError):
        return None  # it is starting: the file is written when it answers


def stop_engine(data_dir: Path | str, timeout: float = 15.0) -> bool:
    """Stops the engine of a data directory; running jobs go on and are taken up by the next one.

    Returns:
        Whether one ran.

    Raises:
        EngineError: it does not end.
    """
    directory = Path(data_dir).expanduser().absolute()
    pid = lock_holder(directory)
    if pid is None:
        return False
    _signal(pid, signal.SIGTERM)
    deadline = time.monotonic() + timeout
    while lock_holder(directory) == pid:
        if time.monotonic() > deadline:
            _signal(pid, signal.SIGKILL)  # safe: everything acknowledged is on disk
            deadline = time.monotonic() + 5
            while lock_holder(directory) == pid:
                if time.monotonic() > deadline:
                    raise EngineError(f"The engine (process {pid}) on {directory} does not end.")
                time.sleep(0.02)
            break
        time.sleep(0.02)
    return True


def reset_engine(data_dir: Path | str) -> None:
    """Stops the engine and deletes everything that it keeps: jobs, endpoints, buckets, credentials.

    Raises:
        EngineError: the directory is not one of an engine, or something in it still runs.
    """
    directory = Path(data_dir).expanduser().absolute()
    if not directory.exists():
        return
    others = [entry for entry in directory.iterdir() if entry.name not in BESIDE]
    if others and not (directory / LOCK_FILE).exists():
        raise EngineError(f"{directory} is not a data directory of smstudio_ext; nothing was deleted.")
    stop_engine(directory)
    _stop_supervised(directory)
    with contextlib.ExitStack() as stack:
        stack.enter_context(hold(directory))
        for entry in directory.iterdir():
            if entry.name == LOCK_FILE:
                continue
            if entry.is_dir() and not entry.is_symlink():
                shutil.rmtree(entry)
            else:
                entry.unlink()


def engine_environment(info: EngineInfo) -> dict[str, str]:
    """The variables that make boto3, the AWS CLI and the SageMaker SDK of any interpreter use the engine."""
    companion = Path(__file__).resolve().parents[2] / "companion"
    hook = str(companion / "path")
    rest = [path for path in os.environ.get("PYTHONPATH", "").split(os.pathsep) if path and path != hook]
    return {
        "AWS_ENDPOINT_URL": info.url,
        "AWS_ACCESS_KEY_ID": info.access_key,
        "AWS_SECRET_ACCESS_KEY": info.secret_key,
        "AWS_DEFAULT_REGION": info.region,
        "AWS_REGION": info.region,
        # As in Studio's kernels: the image of the SDK's remote functions, whose own default knows two Pythons only.
        "SAGEMAKER_INTERNAL_IMAGE_URI": BASE_PYTHON.format(region=info.region),
        "SAGEMAKER_USER_CONFIG_OVERRIDE": str(companion / "sagemaker-config.yaml"),
        "PYTHONPATH": os.pathsep.join([hook, *rest]),
    }


@contextlib.contextmanager
def hold(directory: Path) -> Iterator[None]:
    """Holds the lock of a data directory.

    The lock is one of the process (POSIX record lock), so children that are forked from the engine do not keep it
    alive after its end.

    Raises:
        EngineHeld: another process has it.
    """
    file = (directory / LOCK_FILE).open("a+")
    with file:
        # A look by `lock_holder` takes the lock for a moment: try for as long as such a look may last.
        for attempt in range(10):
            try:
                fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except OSError:
                if attempt == 9:
                    file.seek(0)
                    raise EngineHeld(
                        f"Another engine (process {file.read().strip() or 'unknown'}) works on {directory}. "
                        "Stop it with `smstudio engine stop`, or choose another directory with --data."
                    ) from None
                time.sleep(0.01)
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        yield


def lock_holder(directory: Path) -> int | None:
    """The process that holds a data directory, or None."""
    path = directory / LOCK_FILE
    try:
        with path.open("r+") as file:
            try:
                fcntl.lockf(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except OSError:
                text = file.read().strip()
                return int(text) if text.isdigit() else -1
    except OSError:
        return None
    return None


def write_engine_file(directory: Path, content: dict[str, object]) -> None:
    """Writes `engine.json` (mode 0600) in one step."""
    path = directory / ENGINE_FILE
    aside = directory / f".{ENGINE_FILE}.{os.getpid()}"
    descriptor = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        json.dump(content, file)
        file.flush()
        os.fsync(file.fileno())
    aside.replace(path)


def as_json(info: EngineInfo) -> dict[str, object]:
    """The members of an engine's address."""
    return asdict(info)


def _first_line(descriptor: int, timeout: float) -> bytes | None:
    """What the other end writes up to its close or a newline; None when the time is over."""
    deadline = time.monotonic() + timeout
    text = b""
    while not text.endswith(b"\n"):
        left = deadline - time.monotonic()
        if left <= 0 or not select.select([descriptor], [], [], left)[0]:
            return None
        piece = os.read(descriptor, 65536)
        if not piece:
            break
        text += piece
    return text


def _python_path() -> str:
    """Lets the engine import the package from where this process has it."""
    root = str(Path(__file__).resolve().parents[3])
    rest = [piece for piece in os.environ.get("PYTHONPATH", "").split(os.pathsep) if piece and piece != root]
    return os.pathsep.join([root, *rest])


def _signal(pid: int, number: int) -> None:
    if pid > 0:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, number)


def _reap_later(process: subprocess.Popen[bytes]) -> None:
    """The engine outlives the caller: no warning at exit, no zombie while the caller lives."""
    import threading

    threading.Thread(target=process.wait, daemon=True, name="engine-reaper").start()


def _stop_supervised(directory: Path, timeout: float = 5.0) -> None:
    """Kills job and model-server processes that outlived their engine, with their supervisors, and waits for their end.

    A recorded process is touched only while boot and start time are those of the record: its number may belong to
    another program by now.
    """
    from smstudio_ext.engine.runtime.cgroups import end_members
    from smstudio_ext.engine.runtime.procfs import boot_id, group_members, start_ticks

    alive: list[int] = []
    groups: list[Path] = []
    for record in itertools.chain.from_iterable(directory.glob(pattern) for pattern in _RECORDS):
        try:
            content = json.loads(record.read_text())
            known = [
                (int(content["supervisor"]), int(content["supervisor_ticks"])),
                (int(content["pid"]), int(content["ticks"])),
            ]
        except (OSError, ValueError, KeyError, TypeError):
            continue  # cut by a crash: nothing was started from it
        if content.get("boot") == boot_id():
            groups += [Path(content["cgroup"])] if content.get("cgroup") else []
            alive += [pid for pid, ticks in known if start_ticks(pid) == ticks and group_members(pid)]
    for pid in alive:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(pid, signal.SIGKILL)
    for group in groups:  # what left its process group is still in its control group
        end_members(group)
    deadline = time.monotonic() + timeout
    while time.monotonic() < deadline and any(group_members(pid) for pid in alive):
        time.sleep(0.02)
