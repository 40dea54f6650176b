"""What a job process sees and may use: /opt/ml in a mount namespace, cores, limits. Standard library only.

It runs in the child between fork and the job's own code, so it must stay free of threads and heavy imports.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import resource
import socket
import sys
from collections.abc import Callable
from pathlib import Path

OPT_ML = Path("/opt/ml")
HOME = Path("/home/ec2-user")
"""Home directory of a notebook instance on AWS."""

_CLONE_NEWNS = 0x00020000
_CLONE_NEWUSER = 0x10000000
_CLONE_NEWUTS = 0x04000000
_MS_BIND = 4096
_MS_REC = 16384
_MS_PRIVATE = 1 << 18
_MNT_DETACH = 2
_PR_SET_PDEATHSIG = 1
_PR_SET_CHILD_SUBREAPER = 36

THREAD_VARIABLES = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "POLARS_MAX_THREADS")


class SandboxUnavailable(OSError):
    """/opt/ml cannot be bound on this machine; the message says why."""


def bind_opt_ml(directory: Path) -> None:
    """Shows `directory` at /opt/ml to this process and its children only.

    As root a mount namespace is enough; others get a user namespace too, in which their ids stay the same. Call it in a
    process with one thread.

    Raises:
        SandboxUnavailable: no Linux, or the kernel (or AppArmor) refuses unprivileged namespaces.
    """
    if sys.platform != "linux":
        raise SandboxUnavailable(f"mount namespaces do not exist on {sys.platform}")
    libc = ctypes.CDLL(None, use_errno=True)
    uid, gid = os.getuid(), os.getgid()
    try:
        if uid != 0 or libc.unshare(_CLONE_NEWNS) != 0:
            _call(libc.unshare, _CLONE_NEWUSER | _CLONE_NEWNS)
            _map_ids(uid, gid)
        _mount(libc, "none", "/", None, _MS_REC | _MS_PRIVATE)
        # opened now: the folder may itself be below /opt, which is covered next
        target = os.open(directory, os.O_PATH | os.O_DIRECTORY)
        try:
            if not OPT_ML.is_dir():
                _make_place(libc, OPT_ML, directory.parent / "opt")
            _mount(libc, f"/proc/self/fd/{target}", str(OPT_ML), None, _MS_BIND | _MS_REC)
        finally:
            os.close(target)
    except OSError as error:
        raise SandboxUnavailable(str(error)) from error


def show_home(directory: Path) -> None:
    """Shows `directory` at /home/ec2-user; call it after `bind_opt_ml`.

    Raises:
        OSError: the kernel refuses, or there is no /home.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    target = os.open(directory, os.O_PATH | os.O_DIRECTORY)
    try:
        if not HOME.is_dir():
            _make_place(libc, HOME, directory.parent / "other-homes")
        _mount(libc, f"/proc/self/fd/{target}", str(HOME), None, _MS_BIND | _MS_REC)
    finally:
        os.close(target)


def show_hosts(hosts_file: Path, hostname: str) -> None:
    """Shows `hosts_file` at /etc/hosts and gives this process a host name; call it after `bind_opt_ml`.

    Raises:
        OSError: the kernel refuses, or there is no /etc/hosts.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    _mount(libc, str(hosts_file), "/etc/hosts", None, _MS_BIND)
    if hostname:
        _call(libc.unshare, _CLONE_NEWUTS)
        socket.sethostname(hostname)


def limit_file_size(megabytes: int) -> None:
    """No file of this process may grow beyond: writing fails with EFBIG, as on a full volume."""
    size = megabytes * 1024 * 1024
    with contextlib.suppress(ValueError, OSError):  # a lower limit is in force
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))


def _map_ids(uid: int, gid: int) -> None:
    with contextlib.suppress(FileNotFoundError):  # kernels before 3.19 have no setgroups file
        Path("/proc/self/setgroups").write_text("deny")
    Path("/proc/self/uid_map").write_text(f"{uid} {uid} 1")
    Path("/proc/self/gid_map").write_text(f"{gid} {gid} 1")


def _make_place(libc: ctypes.CDLL, place: Path, old: Path) -> None:
    """Covers the parent of `place` by a tmpfs that shows its old entries and an empty folder at `place`.

    Args:
        old: a folder for the meantime; made if it is not there.
    """
    parent = place.parent
    if not parent.is_dir():
        raise SandboxUnavailable(f"there is no {parent} to bind {place} in; create the folder {place}")
    old.mkdir(exist_ok=True)
    _mount(libc, str(parent), str(old), None, _MS_BIND | _MS_REC)
    # reached by its descriptor: `old` itself may be below the parent, which is covered next
    kept = os.open(old, os.O_PATH | os.O_DIRECTORY)
    try:
        _mount(libc, "tmpfs", str(parent), "tmpfs", 0)
        shown = Path(f"/proc/self/fd/{kept}")
        for entry in shown.iterdir():
            again = parent / entry.name
            if entry.is_symlink():
                again.symlink_to(os.readlink(entry))
            elif entry.is_dir():
                again.mkdir()
                _mount(libc, str(entry), str(again), None, _MS_BIND | _MS_REC)
            else:
                again.touch()
                _mount(libc, str(entry), str(again), None, _MS_BIND)
    finally:
        os.close(kept)
    place.mkdir()
    with contextlib.suppress(OSError):  # covered, when the folder was below the parent
        _call(libc.umount2, os.fsencode(old), _MNT_DETACH)


def _mount(libc: ctypes.CDLL, source: str, target: str, kind: str | None, flags: int) -> None:
    _call(
        libc.mount,
        os.fsencode(source),
        os.fsencode(target),
        None if kind is None else kind.encode(),
        ctypes.c_ulong(flags),
        None,
    )


def _call(function: Callable[..., int], *arguments: object) -> None:
    if function(*arguments) != 0:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code))


def become_subreaper() -> None:
    """Lets processes whose parents died become children of this one (Linux), so that it can end them."""
    _prctl(_PR_SET_CHILD_SUBREAPER, 1)


def die_with_parent(parent: int) -> None:
    """Ends this process when its parent ends, however that happens (Linux)."""
    import signal

    _prctl(_PR_SET_PDEATHSIG, int(signal.SIGKILL))
    if os.getppid() != parent:  # it ended before the call
        os._exit(1)


def _prctl(option: int, value: int) -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(option, value, 0, 0, 0)


def limit_cores(cores: list[int], threads: int) -> dict[str, str]:
    """Runs this process on `cores` only (where the system can) and returns variables that size thread pools."""
    if cores and hasattr(os, "sched_setaffinity"):
        with contextlib.suppress(OSError):  # a core went away: run wherever the kernel lets us
            os.sched_setaffinity(0, cores)
    return {name: str(max(1, threads)) for name in THREAD_VARIABLES} | {"OMP_WAIT_POLICY": "PASSIVE"}


def prefer_as_oom_victim() -> None:
    """Asks the kernel, when memory runs out, to end this process rather than the engine."""
    with contextlib.suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("500")
