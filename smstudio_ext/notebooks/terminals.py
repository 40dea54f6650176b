"""Terminals in images: a shell with the image's programs first on its path, on an instance that holds it to its size."""

from __future__ import annotations

import os
import sys
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from smstudio_ext.notebooks import apps, placing
from smstudio_ext.notebooks.home import local_engine
from smstudio_ext.notebooks.images import catalogue, environments
from smstudio_ext.notebooks.limits import Group, confine_alone, grant, group_name, pin, salt_of
from smstudio_ext.notebooks.provisioner import shared_group
from smstudio_ext.notebooks.recording import SCRIPT_SECONDS

MARK = "smstudio_image"
"""Attribute of a terminal of the Jupyter server that holds its `ImageTerminal`."""

_ENGINE_SECONDS = 30.0


@dataclass
class ImageTerminal:
    """Where a terminal runs.

    Attributes:
        app: name of the KernelGateway app that it counts to; None until the engine recorded it.
        script: start-up script of an app that is made for it, as in `placing.Choice`.
        group: its control group; an empty one where none may be made.
    """

    image: str
    instance_type: str
    app: str | None = None
    script: str | None = None
    group: Group | None = None


@dataclass(frozen=True)
class Prepared:
    """A terminal that can be opened.

    Attributes:
        environment: variables over those of the server.
    """

    terminal: ImageTerminal
    environment: dict[str, str]


def prepare(image_id: str, instance_type: str, *, startup_script: str | None = None) -> Prepared:
    """Finds what a terminal of an image needs; with a start-up script, makes its app and waits for the script.

    Args:
        startup_script: ARN of the lifecycle configuration of an app that is made; `NO_SCRIPT` for none.

    Raises:
        LookupError: there is no such image or instance type, or the image is not built.
        AppFailed: the start-up script failed.
    """
    recipe = catalogue.recipe(image_id)
    if recipe is None:
        raise LookupError(f"There is no image '{image_id}'.")
    python = environments.interpreter(recipe)
    if python is None:
        raise LookupError(f"The image {recipe.name} is not built.")
    grant(instance_type)
    terminal = ImageTerminal(image_id, instance_type, script=startup_script)
    if startup_script and startup_script != placing.NO_SCRIPT:
        app = apps.ensure_app(
            image_id, instance_type, lifecycle_config_arn=startup_script, wait=_ENGINE_SECONDS
        )
        if app is None:
            raise apps.AppFailed(
                "Start-up scripts are run by the local engine, which does not run: smstudio engine start"
            )
        terminal.app = apps.wait_in_service(app, SCRIPT_SECONDS).name
    return Prepared(terminal, _environment(python, image_id, instance_type))


def open_terminal(manager: Any, prepared: Prepared, *, cwd: str, target: dict[str, str | None]) -> str:
    """Opens a terminal in a Jupyter server; called from its event loop.

    Args:
        manager: the server's terminal manager.
        cwd: folder of the file system.
        target: variables of the target that pages show; None for one to be empty.

    Returns:
        The terminal's name.
    """
    sweep(manager)
    shell = [part for part in manager.shell_command if part != "-l"]  # a login shell would forget the path
    before = manager.extra_env
    manager.extra_env = {
        **(before or {}),
        **prepared.environment,
        **{name: value or "" for name, value in target.items()},
    }
    try:
        name = str(manager.create(cwd=cwd, shell_command=shell)["name"])
    finally:
        manager.extra_env = before
    made = manager.terminals[name]
    _place(made.ptyproc.pid, prepared.terminal, name)
    setattr(made, MARK, prepared.terminal)
    if prepared.terminal.app is None:
        threading.Thread(
            target=_record, args=(prepared.terminal,), name=f"app-of-terminal-{name}", daemon=True
        ).start()
    return name


def image_terminal(made: Any) -> ImageTerminal | None:
    """Where a terminal of the Jupyter server runs; None for a system terminal."""
    found = getattr(made, MARK, None)
    return found if isinstance(found, ImageTerminal) else None


def engine_variables() -> dict[str, str | None]:
    """Variables with which programs reach the local engine; empty while it does not run."""
    engine = local_engine()
    if engine is None:
        return {}
    return {
        "AWS_ENDPOINT_URL": engine.url,
        "AWS_ACCESS_KEY_ID": engine.access_key,
        "AWS_SECRET_ACCESS_KEY": engine.secret_key,
        "AWS_SESSION_TOKEN": None,
        "AWS_DEFAULT_REGION": engine.region,
        "AWS_REGION": engine.region,
    }


_groups: dict[str, Group] = {}
"""Control groups of terminals by their names; those of ended ones are taken away at the next opening."""


def sweep(manager: Any) -> None:
    """Takes the control groups away whose terminals have ended."""
    for name in [each for each in _groups if each not in manager.terminals]:
        group = _groups.pop(name)
        group.kill()
        group.remove()


def _environment(python: Path, image_id: str, instance_type: str) -> dict[str, str]:
    folders = [str(python.parent)]
    host = os.path.dirname(sys.executable)
    if host not in folders:
        folders.append(host)
    return {
        "PATH": os.pathsep.join([*folders, os.environ.get("PATH") or os.defpath]),
        "VIRTUAL_ENV": str(python.parent.parent),
        "SMSTUDIO_IMAGE": image_id,
        "SMSTUDIO_INSTANCE_TYPE": instance_type,
    }


def _place(pid: int, terminal: ImageTerminal, name: str) -> None:
    granted = grant(terminal.instance_type)
    shared = shared_group(terminal.instance_type)
    limits = shared.limit(vcpus=granted.vcpus, memory=granted.memory)
    own = shared.child(group_name(f"terminal-{os.getpid()}-{name}"))
    own.limit(pids=granted.pids)
    if "memory" not in limits & own.enter(pid):
        confine_alone(pid, granted)
    pin(pid, granted.vcpus, salt_of(terminal.instance_type))
    terminal.group = _groups[name] = own


def _record(terminal: ImageTerminal) -> None:
    try:
        app = apps.ensure_app(
            terminal.image, terminal.instance_type, lifecycle_config_arn=terminal.script, wait=_ENGINE_SECONDS
        )
    except (apps.AppFailed, OSError):
        return  # the terminal works all the same; the page of what runs shows it without an app
    if app is not None:
        terminal.app = app.name
