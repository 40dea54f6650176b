"""The model server: a supervised process that loads a model's containers and answers frames on a unix domain socket."""

from __future__ import annotations

import os
import socket
import sys
import time
import traceback
from pathlib import Path
from typing import Any

from smstudio_ext.engine.hosting.chain import Chain, LoadError
from smstudio_ext.engine.hosting.fleet import private_directory
from smstudio_ext.engine.hosting.multi_model import MultiModelCache
from smstudio_ext.engine.runtime.supervisor import notify, read_json, write_json


def serve(
    *,
    containers: list[dict[str, Any]],
    socket_path: str,
    directory: str,
    direct: bool = False,
) -> None:
    """Loads the containers, listens, and answers until SIGTERM. Runs in a process of its own.

    Writes `ready.json` into the directory when it listens, or `failure.json` with a `reason` when a model cannot be
    loaded, and then ends with code 1.

    Args:
        containers: see `Chain.load`.
        socket_path: where to listen; appears once the models are loaded.
        directory: folder of this process; each container's /opt/ml is below its `model` folder.
        direct: containers are called one by one, by name.
    """
    home = Path(directory)
    started = time.monotonic()
    sockets = Path(socket_path + "_")
    target: Chain | MultiModelCache
    try:
        if len(containers) == 1 and containers[0].get("multi_model"):
            target = MultiModelCache.of(containers[0], home / "model", sockets)
        else:
            target = Chain.load(containers, home / "model", sockets, direct=direct)
    except LoadError as error:
        print(f"Container {error.container} could not be loaded: {error}", file=sys.stderr)
        if not error.archive and error.__cause__ is not None:
            traceback.print_exception(error.__cause__)
        failure = {"reason": str(error), "container": error.container, "archive": error.archive}
        write_json(home / "failure.json", failure)
        sys.exit(1)
    from smstudio_ext.engine.hosting.answering import Answering, run

    answering = Answering(target)
    listener = _listen(Path(socket_path))
    print(
        f"Model server ready: {len(containers)} container(s) loaded in {time.monotonic() - started:.2f} s",
        flush=True,
    )
    write_json(home / "ready.json", {"pid": os.getpid()})
    spec = read_json(home / "spec.json") or {}
    notify(spec.get("notify"), {"owner": spec.get("owner"), "event": "ready"})
    well = run(answering, listener)
    target.close()
    if not well:
        sys.exit(1)


def _listen(path: Path) -> socket.socket:
    """A listening socket that appears under its name only when it is ready."""
    private_directory(path.parent)  # the end of another server may just have taken it away
    aside = path.with_name(path.name + "~")
    for stale in (aside, path):
        stale.unlink(missing_ok=True)
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    listener.bind(str(aside))
    os.chmod(aside, 0o600)
    listener.listen(128)
    listener.setblocking(False)
    aside.rename(path)
    return listener
