"""`python -m smstudio_ext.cli.kernel`: an IPython kernel whose AWS calls go to the local engine; kernelspecs start it."""

from __future__ import annotations

import logging
import os
import sys
from pathlib import Path
from typing import Any

from smstudio_ext.companion import hook

TARGET = "SMSTUDIO_TARGET"
"""Variable: `local` (the default) takes the engine; `aws` leaves credentials and addresses as they are."""

NOTICE = "SMSTUDIO_KERNEL_NOTICE"
"""Variable that carries what the first cell has to tell."""

NOTICE_FILE = "SMSTUDIO_NOTICE_FILE"
"""Variable that names a file with what a later cell has to tell."""

_FOREIGN = (
    "AWS_PROFILE",
    "AWS_DEFAULT_PROFILE",
    "AWS_SESSION_TOKEN",
    "AWS_SECURITY_TOKEN",
    "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS",
)
"""Variables of an AWS account that would lead calls past the engine."""


def main() -> None:
    """Prepares this process, then runs ipykernel with the arguments of the command line."""
    _leave_folder_off_path()
    hook.count_cpus()
    surroundings = Surroundings()
    surroundings.prepare()
    # The SDK companion: this interpreter started before it had the engine's address.
    hook.install(local=True if surroundings.follows else None)

    from ipykernel.kernelapp import IPKernelApp

    app: Any = IPKernelApp.instance()
    app.initialize()
    # The SDK shows INFO messages; which address each client took from the environment is not news here.
    logging.getLogger("botocore.configprovider").setLevel(logging.WARNING)
    if app.shell is not None:
        app.shell.events.register("pre_run_cell", surroundings.before_cell)
    app.start()


class Surroundings:
    """The environment variables of a kernel: set at its start, renewed when the engine comes back at another address.

    Attributes:
        follows: the kernel works with the engine of the data directory (not with an address that somebody gave it).
        notice: what the next cell has to tell; empty when there is nothing.
    """

    def __init__(self, environment: Any = os.environ) -> None:
        self._environment = environment
        self.follows = False
        self.notice = environment.pop(NOTICE, "")

    def prepare(self) -> None:
        """Finds the engine (starts it when it does not run) and sets the variables of `smstudio engine env`."""
        given = self._environment
        if given.get(TARGET, "local") == "aws" or given.get("AWS_ENDPOINT_URL"):
            return  # whoever set them meant them
        self.follows = True
        from smstudio_ext.engine.server import lifecycle

        try:
            self._set(_engine(given))
        except lifecycle.EngineError as error:
            said = f"The local engine did not start, so AWS calls of this notebook will fail: {error}"
            self.notice = f"{self.notice} {said}".strip()

    def before_cell(self, *_: Any) -> None:
        """Runs before each cell: tells what went wrong at the start, follows an engine that was started again."""
        if self.follows:
            self._follow()
        self.notice = f"{self.notice} {left_notice(self._environment)}".strip()
        if self.notice:
            print(f"smstudio: {self.notice}", file=sys.stderr)
            self.notice = ""

    def _follow(self) -> None:
        from smstudio_ext.engine.server import lifecycle
        from smstudio_ext.engine.settings import default_data_dir

        found = lifecycle.read_engine(default_data_dir())
        if found is None or found.url == self._environment.get("AWS_ENDPOINT_URL"):
            return
        moved = "AWS_ENDPOINT_URL" in self._environment
        self._set(found)
        if moved:
            self.notice = (
                f"The local engine was started again, at {found.url}. Clients and sessions that were made before "
                "have its old address: make them anew."
            )

    def _set(self, engine: Any) -> None:
        from smstudio_ext.engine.server import lifecycle

        for name in list(self._environment):
            if name in _FOREIGN or name.startswith("AWS_ENDPOINT_URL_"):
                del self._environment[name]
        self._environment.update(lifecycle.engine_environment(engine))


def left_notice(environment: Any) -> str:
    """What the server has to tell since the last cell (`notebooks.notices`); it is told once."""
    path = environment.get(NOTICE_FILE, "")
    if not path or not os.path.exists(path):
        return ""
    try:
        text = Path(path).read_text(encoding="utf-8").strip()
        Path(path).unlink()
    except OSError:
        return ""  # another kernel process of the same notebook was quicker
    return text


def _engine(environment: Any) -> Any:
    """The running engine, started when there is none; its jobs must not inherit what is meant for this kernel."""
    from smstudio_ext.engine.server import lifecycle
    from smstudio_ext.engine.settings import default_data_dir

    directory = default_data_dir()
    found = lifecycle.read_engine(directory)
    if found is not None:
        return found
    shim = environment.pop(hook.VERSION_1, None)
    try:
        return lifecycle.start_engine(directory)
    except lifecycle.EngineHeld:
        found = _soon(directory)  # somebody else starts it right now
        if found is None:
            raise
        return found
    finally:
        if shim is not None:
            environment[hook.VERSION_1] = shim


def _soon(directory: Path, timeout: float = 20.0) -> Any:
    import time

    from smstudio_ext.engine.server import lifecycle

    deadline = time.monotonic() + timeout
    while (found := lifecycle.read_engine(directory)) is None and time.monotonic() < deadline:
        time.sleep(0.1)
    return found


def _leave_folder_off_path() -> None:
    """As ipykernel's own launcher does: files of the notebook's folder must not hide modules while the kernel loads."""
    if sys.path and (sys.path[0] == "" or Path(sys.path[0]) == Path.cwd()):
        del sys.path[0]


if __name__ == "__main__":
    main()
