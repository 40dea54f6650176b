"""How a kernel of an image is started: its image built first, its interpreter, its variables."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import MutableMapping
from typing import Any

from smstudio_ext.notebooks.images import building, catalogue, environments

ENGINE_PYTHON = "SMSTUDIO_ENGINE_PYTHON"
"""Variable that names the interpreter of an engine that the kernel starts: not the image's."""

NOTICE = "SMSTUDIO_KERNEL_NOTICE"
"""Variable with what the kernel shall tell in its first cell."""

_LOOK_SECONDS = 0.2


async def ready_image(image_id: str, log: Any, *, named: bool = True) -> catalogue.Image | None:
    """The image, built first where it is not.

    Args:
        log: logger that gets the steps of a build.
        named: the kernelspec names the image; one that does not runs as it is.

    Returns:
        None for a kernelspec that names no image.

    Raises:
        RuntimeError: it is gone or cannot be built; the message says why.
    """
    recipe = catalogue.recipe(image_id)
    if recipe is None:
        if named:
            raise RuntimeError(
                f"The image {image_id} of this kernel is not there any more. Choose another environment for the notebook."
            )
        return None
    if (
        recipe is None
        or recipe.kind in ("host", "kernelspec")
        or environments.interpreter(recipe) is not None
    ):
        return catalogue.image(image_id)
    lack = recipe.lacks()
    if lack:
        raise RuntimeError(f"The image {recipe.name} cannot run on this machine: {lack}")
    build = await asyncio.to_thread(building.start, image_id)
    step = ""
    while build is not None and build.state == "building":
        if build.step != step:
            step = build.step
            log.info("Image %s: %s", recipe.name, step)
        await asyncio.sleep(_LOOK_SECONDS)
        build = building.status(image_id) or build
    found = catalogue.image(image_id)
    if found is None or found.state != "built":
        reason = (build.reason if build else "") or "The build was cancelled."
        if recipe.spare and build is not None and build.state == "failed":
            log.warning("The image %s was not built; its kernel runs without it: %s", recipe.name, reason)
            return found
        raise RuntimeError(f"The image {recipe.name} was not built. {reason}")
    return found


def command(image_id: str, given: list[str], environment: MutableMapping[str, str]) -> list[str]:
    """The command of a kernel: `given` with the image's interpreter in the place of Jupyter's.

    Args:
        given: as the kernelspec says it; Jupyter's own interpreter stands where it says `python`.
        environment: of the kernel; programs that a cell starts (`!pip`) become those of the image.
    """
    recipe = catalogue.recipe(image_id)
    python = environments.interpreter(recipe) if recipe else None
    if recipe is not None and python is None and recipe.spare:
        said = (
            f"The image {recipe.name} could not be built, so this kernel runs with Jupyter's own packages, "
            f"which are newer. With a network: smstudio images build {recipe.id}"
        )
        environment[NOTICE] = f"{environment.get(NOTICE, '')} {said}".strip()
    if recipe is None or python is None or given[:1] != [sys.executable] or recipe.kind == "host":
        return given
    if recipe.kind == "layer":
        _enter(environment, str(python.parent), os.path.dirname(sys.executable))
        environment[ENGINE_PYTHON] = sys.executable
        return [str(python), *given[1:]]
    arguments = given[given.index("-f") :] if "-f" in given else []
    return [sys.executable, "-m", "smstudio_ext.cli.foreign", str(python), *arguments]


def _enter(environment: MutableMapping[str, str], *folders: str) -> None:
    environment["PATH"] = os.pathsep.join([*folders, environment.get("PATH") or os.defpath])
    environment["VIRTUAL_ENV"] = os.path.dirname(folders[0])
    environment.pop("PYTHONHOME", None)
