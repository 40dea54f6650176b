"""The images that notebooks can choose: those of the package and the user's own, and what state each is in."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from smstudio_ext.notebooks.images import building, environments, names, own, specs
from smstudio_ext.notebooks.images.found import found_recipes
from smstudio_ext.notebooks.images.recipes import Kernel, Recipe, builtin_recipes

State = Literal["built", "unbuilt", "building", "failed", "unavailable"]

DEFAULT = "datascience-1.0"
"""The image that a notebook gets when nothing is chosen."""


@dataclass(frozen=True)
class Image:
    """An image of the catalogue.

    Attributes:
        id: last part of its ARN.
        name: as in Studio's pickers: `Data Science`.
        kernels: its kernels; their names are those of kernelspecs.
        gpu: whether it is made for instances with a GPU.
        packages: what people look for in it.
        state: `built`, `unbuilt` (made at first use), `building`, `failed` or `unavailable` (on this machine).
        reason: why it failed or is not available; empty otherwise.
        source: `smstudio`, or `own` for an image of the user's.
    """

    id: str
    name: str
    kernels: tuple[Kernel, ...]
    gpu: bool
    packages: tuple[str, ...]
    state: State
    reason: str = ""
    source: Literal["smstudio", "own"] = "smstudio"
    description: str = ""


def recipes() -> list[Recipe]:
    """What all images are made of: the package's, then the user's own."""
    return [*builtin_recipes(), *found_recipes(), *own.own_recipes()]


def recipe(image_id: str) -> Recipe | None:
    """What an image is made of; None for one that is not in the catalogue."""
    for source in (builtin_recipes, own.own_recipes, found_recipes):
        found = next((each for each in source() if each.id == image_id), None)
        if found is not None:
            return found
    return None


def images() -> list[Image]:
    """All images, in the order of the pickers; asks the engine for the user's own."""
    own.refresh()
    return [_describe(each) for each in recipes()]


def image(image_id: str) -> Image | None:
    """One image; None when it is not in the catalogue."""
    found = recipe(image_id)
    return _describe(found) if found else None


def image_of_kernel(kernel_name: str) -> Image | None:
    """The image that a kernelspec belongs to."""
    for each in recipes():
        if any(kernel.name == kernel_name for kernel in each.kernels):
            return _describe(each)
    return None


def matching(studio_kernel: str) -> Image | None:
    """The image that a kernel's name in the real Studio's form means here; None for other names and unknown images."""
    found = kernel_matching(studio_kernel)
    return image_of_kernel(found) if found else None


def kernel_matching(studio_kernel: str) -> str | None:
    """The kernelspec that stands for a kernel of the real Studio; None for other names and unknown images."""
    said = names.split_studio_name(studio_kernel)
    if said is None:
        return None
    kernel, image_id = said
    found = recipe(image_id) or recipe(names.builtin_image(image_id) or "")
    if found is None:
        return None
    spark = kernel.lower().startswith(("pyspark", "spark"))
    fits = [each for each in found.kernels if each.name.startswith("pyspark") == spark]
    return (fits or found.kernels)[0].name


def interpreter(image_id: str) -> Path | None:
    """The Python of an image's kernels; None while it is not built."""
    found = recipe(image_id)
    return environments.interpreter(found) if found else None


def _describe(found: Recipe) -> Image:
    state, reason = _state(found)
    return Image(
        found.id,
        found.name,
        found.kernels,
        found.gpu,
        found.packages,
        state,
        reason,
        found.source,
        found.description,
    )


def _state(found: Recipe) -> tuple[State, str]:
    lack = found.lacks()
    if lack:
        return "unavailable", lack
    if found.kind == "host":
        return "built", ""
    if found.kind == "kernelspec":
        return ("built", "") if specs.has_specs(found) else ("unbuilt", "")
    if found.kind == "interpreter":
        there = environments.interpreter(found) is not None
        return ("built", "") if there else ("unavailable", f"Its interpreter {found.python} is gone.")
    if environments.interpreter(found) is not None:
        return "built", ""
    build = building.status(found.id)
    if build is not None and build.state in ("building", "failed"):
        return build.state, build.reason
    return "unbuilt", ""
