"""`python foreign_kernel.py DATA_DIR ...`: an IPython kernel with the companion, in an interpreter without smstudio_ext.

This file stands alone, as `hook.py` does. `smstudio_ext.cli.foreign` runs it; the variables are set by then.
"""

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import MutableMapping
    from typing import Any

HERE = os.path.dirname(os.path.abspath(__file__))
NOTICE = "SMSTUDIO_KERNEL_NOTICE"
NOTICE_FILE = "SMSTUDIO_NOTICE_FILE"
BASE_PYTHON = "236514542706.dkr.ecr.{region}.amazonaws.com/sagemaker-base-python-310:1.0"


class Follower:
    """Keeps the variables of a kernel at the engine of a data directory, also when it comes back at another address.

    Args:
        directory: the engine's data directory; empty for a kernel that works with an address that was given to it.
    """

    def __init__(self, directory: str, environment: MutableMapping[str, str] = os.environ) -> None:
        self._file = os.path.join(directory, "engine.json") if directory else ""
        self._environment = environment
        self._notice = environment.pop(NOTICE, "")

    def before_cell(self, *_: Any) -> None:
        """Runs before each cell: tells what went wrong at the start, follows an engine that was started again."""
        if self._file:
            self._follow()
        self._notice = f"{self._notice} {self._left()}".strip()
        if self._notice:
            sys.stderr.write(f"smstudio: {self._notice}\n")
            self._notice = ""

    def _left(self) -> str:
        """What the server has to tell since the last cell; it is told once."""
        path = self._environment.get(NOTICE_FILE, "")
        if not path or not os.path.exists(path):
            return ""
        try:
            with open(path, encoding="utf-8") as file:
                text = file.read().strip()
            os.unlink(path)
        except OSError:
            return ""
        return text

    def _follow(self) -> None:
        import json

        try:
            with open(self._file, encoding="utf-8") as file:
                found = json.load(file)
            values = {
                "AWS_ENDPOINT_URL": found["url"],
                "AWS_ACCESS_KEY_ID": found["access_key"],
                "AWS_SECRET_ACCESS_KEY": found["secret_key"],
                "AWS_DEFAULT_REGION": found["region"],
                "AWS_REGION": found["region"],
            }
        except (OSError, ValueError, KeyError, TypeError):
            return  # no engine, or it is starting
        before = self._environment.get("AWS_ENDPOINT_URL")
        if before == values["AWS_ENDPOINT_URL"]:
            return
        hook = os.path.join(HERE, "path")
        rest = [path for path in self._environment.get("PYTHONPATH", "").split(os.pathsep) if path]
        values["PYTHONPATH"] = os.pathsep.join([hook, *(path for path in rest if path != hook)])
        values["SAGEMAKER_INTERNAL_IMAGE_URI"] = BASE_PYTHON.format(region=found["region"])
        values["SAGEMAKER_USER_CONFIG_OVERRIDE"] = os.path.join(HERE, "sagemaker-config.yaml")
        for name in list(self._environment):
            account = name in (
                "AWS_PROFILE",
                "AWS_DEFAULT_PROFILE",
                "AWS_SESSION_TOKEN",
                "AWS_SECURITY_TOKEN",
            )
            if account or name.startswith("AWS_ENDPOINT_URL_"):
                del self._environment[name]
        self._environment.update(values)
        if before:
            self._notice = (
                f"The local engine was started again, at {found['url']}. Clients and sessions that were made before "
                "have its old address: make them anew."
            )


def main() -> None:
    """Runs ipykernel with the arguments after the data directory."""
    # This folder is first on the path because the script lies in it; the notebook's own folder comes there in its place.
    if sys.path and os.path.abspath(sys.path[0]) == HERE:
        del sys.path[0]
    directory = sys.argv.pop(1)
    follower = Follower(directory)
    _companion(local=True if directory else None)

    import logging

    from ipykernel.kernelapp import IPKernelApp

    app: Any = IPKernelApp.instance()
    app.initialize()
    logging.getLogger("botocore.configprovider").setLevel(logging.WARNING)
    if app.shell is not None:
        app.shell.events.register("pre_run_cell", follower.before_cell)
    app.start()


def _companion(local: bool | None) -> None:
    """Installs the hook; where the start-up of this interpreter has done it already, nothing happens."""
    path = os.path.join(HERE, "hook.py")
    namespace: dict[str, Any] = {"__name__": "_smstudio_companion", "__file__": path}
    with open(path, encoding="utf-8") as file:
        exec(compile(file.read(), path, "exec"), namespace)
    namespace["install"](local=local)
    namespace["count_cpus"]()


if __name__ == "__main__":
    main()
