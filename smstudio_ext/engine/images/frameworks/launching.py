"""How a container of a framework image is started: always in the job's process, which then becomes the user's program."""

from __future__ import annotations

import os
from typing import Any

from smstudio_ext.engine.images.contract import ClientError, Command, Launch
from smstudio_ext.engine.images.frameworks.images import FRAMEWORKS

ENTRY = "smstudio_ext.engine.images.toolkit.running:run"
SERVE = "smstudio_ext.engine.images.toolkit.serving:serve"

# How package installers reach their index is set up for the engine's user; a job's programs install as that user.
_INSTALLER = ("PIP_", "UV_")
_PROXY = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")

# Python reads these when it starts, and thread pools when they are loaded: a warm process is past both.
_READ_AT_START = ("OMP_", "MKL_", "OPENBLAS_", "NUMEXPR_", "KMP_", "LD_")
_HARMLESS = frozenset({"PYTHONUNBUFFERED", "PYTHONIOENCODING", "PYTHONDONTWRITEBYTECODE", "PYTHONUTF8"})


def launch(launch: Launch) -> Command:
    """The start of a framework container's program.

    Raises:
        ClientError: the image does not serve.
    """
    image = launch.image
    args: dict[str, Any] = {
        "framework": image.name,
        "image": image.uri,
        "optml": str(launch.optml),
        "cache": str(launch.cache),
        "own_interpreter": any(_needs_own_interpreter(name) for name in launch.environment),
    }
    if launch.phase == "serve":
        if not FRAMEWORKS[image.name].serves:
            raise ClientError(f"The image {image.uri} is for training; it cannot serve a model.")
        return Command(entry=SERVE, args=args, env=installer_variables(), socket=True)
    args.update(phase=launch.phase, entrypoint=list(launch.entrypoint), arguments=list(launch.arguments))
    return Command(entry=ENTRY, args=args, env=installer_variables())


def installer_variables() -> dict[str, str]:
    """Variables of this process by which pip and uv find their index."""
    return {
        name: value
        for name, value in os.environ.items()
        if name.startswith(_INSTALLER) or name.upper() in _PROXY
    }


def _needs_own_interpreter(variable: str) -> bool:
    return (variable.startswith("PYTHON") and variable not in _HARMLESS) or variable.startswith(
        _READ_AT_START
    )
