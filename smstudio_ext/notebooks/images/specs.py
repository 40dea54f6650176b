"""Kernelspecs of built images, in the user's Jupyter folder, where JupyterLab, nbclient and papermill find them."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path
from typing import Any

from smstudio_ext.notebooks.images.recipes import Kernel, Recipe
from smstudio_ext.notebooks.kernelspecs import KERNELS_DIR, SDK3_LOGOS

PROVISIONER = "smstudio-provisioner"

_SPEC = "kernel.json"
_OLD_NAMES = {"SMSTUDIO_SDK_V1": "1", "SAGEMAKER_SUPPRESS_V2_WARNING": "1"}


def spec_of(recipe: Recipe, kernel: Kernel) -> dict[str, Any]:
    """The content of `kernel.json`; the provisioner puts the image's interpreter in the place of `python`."""
    metadata = {
        "smstudio": {"image": recipe.id},
        "kernel_provisioner": {"provisioner_name": PROVISIONER},
    }
    if recipe.kernelspec:
        given = json.loads((Path(recipe.kernelspec) / _SPEC).read_text())
        argv = [str(word).replace("{resource_dir}", recipe.kernelspec) for word in given["argv"]]
        return {
            **given,
            "argv": ["python", "-m", "smstudio_ext.cli.within", *argv],
            "display_name": display_name(recipe, kernel),
            "metadata": {**(given.get("metadata") or {}), **metadata},
        }
    code = [f"--IPKernelApp.exec_lines={recipe.code}"] if recipe.code and kernel is recipe.kernels[0] else []
    return {
        "argv": ["python", "-m", "smstudio_ext.cli.kernel", "-f", "{connection_file}", *code],
        "display_name": display_name(recipe, kernel),
        "language": kernel.language,
        "kernel_protocol_version": "5.5",
        "env": dict(_OLD_NAMES) if recipe.old_names else {},
        "metadata": {"debugger": True, "supported_encryption": ["curve"], **metadata},
    }


def spec_of_catalogue(kernel_name: str) -> Any:
    """The kernelspec (jupyter_client's KernelSpec) of a kernel that has no folder: named as in the real Studio, or unbuilt.

    Returns:
        None for a kernel that is not in the catalogue.
    """
    from jupyter_client.kernelspec import KernelSpec

    from smstudio_ext.notebooks.images import catalogue

    name = catalogue.kernel_matching(kernel_name) or kernel_name
    for recipe in catalogue.recipes():
        for kernel in recipe.kernels:
            if kernel.name == name and not recipe.kernelspec:
                return KernelSpec(resource_dir=_resources(kernel), **spec_of(recipe, kernel))
    return None


def _resources(kernel: Kernel) -> str:
    for folder in (kernels_folder() / kernel.name, KERNELS_DIR / kernel.name):
        if folder.is_dir():
            return str(folder)
    return ""


def has_specs(recipe: Recipe) -> bool:
    """Whether the kernelspecs of an image are there."""
    return all((kernels_folder() / kernel.name / _SPEC).is_file() for kernel in recipe.kernels)


def display_name(recipe: Recipe, kernel: Kernel) -> str:
    """As in Studio: `Python 3 (Data Science)`."""
    return kernel.display_name if kernel.name == "conda_python3" else f"{kernel.display_name} ({recipe.name})"


def kernels_folder() -> Path:
    """Jupyter's folder of the user's kernelspecs."""
    from jupyter_core.paths import jupyter_data_dir

    return Path(jupyter_data_dir()) / "kernels"


def write_specs(recipe: Recipe) -> list[Path]:
    """Writes the kernelspecs of an image that the package does not bring along; those of others stay.

    Raises:
        OSError: the folder cannot be written.
    """
    made: list[Path] = []
    for kernel in recipe.kernels:
        folder = kernels_folder() / kernel.name
        if (KERNELS_DIR / kernel.name).is_dir() or (folder.exists() and not _ours(folder)):
            continue
        folder.mkdir(parents=True, exist_ok=True)
        for logo in Path(recipe.kernelspec).glob("logo-*") if recipe.kernelspec else SDK3_LOGOS.iterdir():
            shutil.copyfile(logo, folder / logo.name)
        aside = folder / f".{_SPEC}.{os.getpid()}"
        aside.write_text(json.dumps(spec_of(recipe, kernel), indent=2) + "\n")
        aside.replace(folder / _SPEC)  # without this file it is no kernelspec
        made.append(folder)
    return made


def remove_specs(recipe: Recipe) -> list[Path]:
    """Takes the kernelspecs of an image away that were written here.

    Raises:
        OSError: one cannot be deleted.
    """
    gone: list[Path] = []
    for kernel in recipe.kernels:
        folder = kernels_folder() / kernel.name
        if folder.is_dir() and _ours(folder):
            (folder / _SPEC).unlink(missing_ok=True)  # first: half a kernelspec is none
            shutil.rmtree(folder)
            gone.append(folder)
    return gone


def _ours(folder: Path) -> bool:
    try:
        content = json.loads((folder / _SPEC).read_text())
        return "smstudio" in content["metadata"]
    except FileNotFoundError:
        return True  # its writing was cut off
    except (OSError, ValueError, KeyError, TypeError):
        return False
