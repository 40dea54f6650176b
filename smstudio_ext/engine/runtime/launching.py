"""From an image to what is started: its function in a fork of the warm server, or a command of its own."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from smstudio_ext.engine.errors import ValidationException
from smstudio_ext.engine.images.contract import ClientError, Command, Image, Launch
from smstudio_ext.engine.runtime.processes import ProcessSpec
from smstudio_ext.engine.runtime.programs import load

if TYPE_CHECKING:
    from smstudio_ext.engine.context import EngineContext

Phase = Literal["train", "process", "serve"]
RUN_PROGRAM = "smstudio_ext.engine.runtime.programs:run_program"


def container_command(
    ctx: EngineContext,
    image: Image,
    phase: Phase,
    optml: Path,
    environment: Mapping[str, str],
    *,
    entrypoint: Sequence[str] = (),
    arguments: Sequence[str] = (),
    script: bool = False,
    cpus: float = 0.0,
    memory_mb: int = 0,
    host: str = "",
    addresses: Mapping[str, str] | None = None,
) -> Command:
    """How the container of an image is started.

    Args:
        optml: folder on this machine that the program sees as /opt/ml.
        environment: variables of the container, complete.
        entrypoint, arguments: ContainerEntrypoint and ContainerArguments of the request.
        script: the request names a script of the user's (`sagemaker_program`).
        cpus, memory_mb: what the container is granted.
        host, addresses: which host it is, and where the job's hosts are.

    Raises:
        ValidationException: the image cannot do that.
    """
    if image.starts_by_launch(phase, script=script, entrypoint=bool(entrypoint or arguments)):
        launch = Launch(
            phase=phase,
            image=image,
            optml=optml,
            environment=environment,
            cache=ctx.settings.data_dir / "cache",
            entrypoint=tuple(entrypoint),
            arguments=tuple(arguments),
            cpus=cpus,
            memory_mb=memory_mb,
            host=host,
            addresses=addresses or {},
        )
        try:
            command: Command = load(image.launch or "")(launch)
        except ClientError as error:
            raise ValidationException(error.message) from error
        return command
    if entrypoint:
        return Command(argv=(*entrypoint, *arguments), env={"PATH": path_with_python(environment)})
    program = {"train": image.train, "process": image.process, "serve": image.serve}[phase]
    if program is None or arguments:
        what = "ContainerArguments without ContainerEntrypoint" if arguments else f"the program '{phase}'"
        raise ValidationException(f"The image '{image.uri}' does not have {what}.")
    return Command(entry=RUN_PROGRAM, args={"program": program, "optml": str(optml)}, needs=image.preload)


def apply_command(command: Command, spec: ProcessSpec) -> ProcessSpec:
    """Writes a command into a process specification; its variables are added to those that are there."""
    spec.entry = command.entry
    spec.args = dict(command.args)
    spec.command = list(command.argv) or None
    spec.env = {**spec.env, **command.env}
    spec.cwd = Path(command.cwd) if command.cwd else None
    spec.cleanup = list(command.cleanup)
    spec.needs = list(command.needs)
    return spec


def path_with_python(environment: Mapping[str, str]) -> str:
    """PATH on which `python3` is the interpreter of this package."""
    given = environment.get("PATH") or os.environ.get("PATH") or os.defpath
    return os.pathsep.join([str(Path(sys.executable).parent), given])
