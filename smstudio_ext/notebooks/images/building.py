"""Builds of images: started, followed, cancelled and tried again, by processes that outlive the server."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import smstudio_ext
from smstudio_ext.notebooks.home import environments_dir, read_json, write_json

BuildState = Literal["building", "built", "failed", "cancelled"]

_CANCEL_SECONDS = 10.0


@dataclass(frozen=True)
class Build:
    """The newest build of an image.

    Attributes:
        reason: why it failed; empty otherwise.
        started, ended: seconds since the epoch; `ended` is None while it goes on.
        step: the last line of its log.
    """

    image: str
    state: BuildState
    started: float
    ended: float | None = None
    reason: str = ""
    step: str = ""


def start(image_id: str, *, again: bool = False) -> Build:
    """Starts the build of an image in a process of its own; one that goes on is left alone.

    Args:
        again: also when the image is built.

    Raises:
        LookupError: there is no such image.
        OSError: the folder of environments cannot be written.
    """
    from smstudio_ext.notebooks.images import catalogue, environments

    recipe = catalogue.recipe(image_id)
    if recipe is None:
        raise LookupError(f"There is no image '{image_id}'.")
    going = status(image_id)
    if going is not None and going.state == "building":
        return going
    if environments.interpreter(recipe) is not None and not again:
        return Build(image_id, "built", time.time(), time.time())
    log_file(image_id).parent.mkdir(parents=True, exist_ok=True)
    began = time.time()
    with log_file(image_id).open("w") as log:
        log.write(f"Building {recipe.name} ({image_id})\n")
        log.flush()
        process = subprocess.Popen(
            [sys.executable, "-m", "smstudio_ext.notebooks.images.worker", image_id],
            env=_environment(),
            stdin=subprocess.PIPE,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    _reap.append(process)
    assert process.stdin is not None
    with process.stdin:  # closing it lets the build begin: its end must not be overwritten by this record
        record = {"state": "building", "started": began, "pid": process.pid, "born": _born(process.pid)}
        _write(image_id, record)
        found = status(image_id)
    assert found is not None
    return found


def status(image_id: str) -> Build | None:
    """The newest build of an image; None when there was none, or its record is gone."""
    said = read_json(_record(image_id))
    if "state" not in said:
        return None
    end = read_json(_ending(image_id))
    if end.get("started") == said.get("started"):
        said = {**said, **end}
    elif said["state"] == "building" and not _alive(said):
        end = read_json(_ending(image_id))  # it may have ended between the two looks
        if end.get("started") == said.get("started"):
            said = {**said, **end}
        else:
            said = {
                **said,
                "state": "failed",
                "reason": "Its process ended before the image was whole (see the log).",
            }
    return Build(
        image_id,
        said["state"],
        float(said["started"]),
        said.get("ended"),
        str(said.get("reason") or ""),
        _last_line(image_id),
    )


def cancel(image_id: str) -> bool:
    """Ends a build; what it made so far is taken away.

    Returns:
        Whether one went on.
    """
    said = read_json(_record(image_id))
    if said.get("state") != "building" or not _alive(said):
        return False
    pid = int(said["pid"])
    for number in (signal.SIGTERM, signal.SIGKILL):
        with contextlib.suppress(OSError):
            os.killpg(pid, number)
        deadline = time.monotonic() + _CANCEL_SECONDS
        while _alive(said) and time.monotonic() < deadline:
            time.sleep(0.02)
    end = read_json(_ending(image_id))
    if end.get("started") != said.get("started"):
        finish(image_id, "cancelled")
    sweep()
    return True


def log(image_id: str, offset: int = 0, limit: int = 65536) -> tuple[str, int]:
    """A part of the log of an image's newest build.

    Args:
        offset: byte to begin at, as returned before; 0 for the beginning.
        limit: bytes at most.

    Returns:
        The text and where the next part begins.
    """
    try:
        with log_file(image_id).open("rb") as file:
            file.seek(offset)
            part = file.read(limit)
    except OSError:
        return "", 0
    return part.decode(errors="replace"), offset + len(part)


def finish(image_id: str, state: BuildState, reason: str = "") -> None:
    """Notes how the newest build of an image ended."""
    began = read_json(_record(image_id)).get("started")
    write_json(_ending(image_id), {"state": state, "reason": reason, "started": began, "ended": time.time()})


def log_file(image_id: str) -> Path:
    """The log of the newest build."""
    return _folder() / f"{image_id}.log"


def sweep() -> None:
    """Takes away what builds left whose process is gone."""
    import shutil

    for folder in environments_dir().glob(".new-*"):
        pid = folder.name.rsplit(".", 1)[-1]
        if pid.isdigit() and not _born(int(pid)):
            shutil.rmtree(folder, ignore_errors=True)


_reap: list[subprocess.Popen[bytes]] = []
"""Builds of this process; looking at them collects those that ended."""


def _environment() -> dict[str, str]:
    """The worker finds this package also where it is not installed (a checkout on the path)."""
    root = str(Path(smstudio_ext.__file__).resolve().parents[1])
    rest = [path for path in os.environ.get("PYTHONPATH", "").split(os.pathsep) if path and path != root]
    return {**os.environ, "PYTHONPATH": os.pathsep.join([root, *rest]), "PYTHONUNBUFFERED": "1"}


def _folder() -> Path:
    return environments_dir() / "builds"


def _record(image_id: str) -> Path:
    return _folder() / f"{image_id}.json"


def _ending(image_id: str) -> Path:
    return _folder() / f"{image_id}.end.json"


def _write(image_id: str, content: dict[str, Any]) -> None:
    write_json(_record(image_id), content)


def _alive(said: dict[str, Any]) -> bool:
    for process in list(_reap):
        if process.poll() is not None:
            _reap.remove(process)
    pid = int(said.get("pid") or 0)
    return pid > 0 and _born(pid) == said.get("born") != 0


def _born(pid: int) -> float:
    import psutil

    try:
        process = psutil.Process(pid)
        return 0.0 if process.status() == psutil.STATUS_ZOMBIE else float(process.create_time())
    except psutil.Error:
        return 0.0


def _last_line(image_id: str) -> str:
    try:
        with log_file(image_id).open("rb") as file:
            file.seek(0, os.SEEK_END)
            file.seek(max(0, file.tell() - 2000))
            lines = file.read().decode(errors="replace").splitlines()
    except OSError:
        return ""
    return next((line for line in reversed(lines) if line.strip()), "")
