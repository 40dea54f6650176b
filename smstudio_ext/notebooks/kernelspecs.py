"""Kernels that this package brings, as ordinary Jupyter kernelspecs."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path
from typing import Any

KERNELS_DIR = Path(__file__).parent / "kernels"
"""One folder a kernelspec; an installed package has copies in `share/jupyter/kernels`, where every client looks."""

DATA_SCIENCE = "python3-datascience-1.0"
"""Name of the kernelspec "Python 3 (Data Science)": Python 3 of the image `datascience-1.0`."""

BASE_PYTHON = "python3-python-3.6"
"""Name of the kernelspec "Python 3 (Base Python)": Python 3 of the image `python-3.6`; here the same kernel."""

SDK3 = "python3-sagemaker-sdk-3"
"""Name of the kernelspec of SageMaker SDK v3, which is there only after `smstudio kernel add sdk3`."""

SDK3_PACKAGES = Path(__file__).parent / "sdk3.txt"
"""The packages of that kernel, pinned."""

SDK3_LOGOS = Path(__file__).parent / "sdk3-logos"

_SPEC = "kernel.json"


class SpecProblem(Exception):
    """A kernelspec cannot be written or removed; the message says why."""


def offer_kernels(manager: Any) -> None:
    """Lets a KernelSpecManager find the package's kernels where they were not installed; specs of others go first.

    It also finds kernels by their name in notebooks of the real Studio, and those of images that are not built yet: their
    provisioner builds them.
    """
    folder = str(KERNELS_DIR)
    if folder in manager.kernel_dirs:
        return
    manager.kernel_dirs = [*manager.kernel_dirs, folder]
    ask = manager.get_kernel_spec

    def get_kernel_spec(kernel_name: str) -> Any:
        from jupyter_client.kernelspec import NoSuchKernel

        try:
            return ask(kernel_name)
        except NoSuchKernel:
            from smstudio_ext.notebooks.images.specs import spec_of_catalogue

            found = spec_of_catalogue(kernel_name)
            if found is None:
                raise
            return found

    manager.get_kernel_spec = get_kernel_spec


def sdk3_spec(launcher: list[str], python: Path, sdk: str, environment: Path | None) -> dict[str, Any]:
    """The content of `kernel.json` of the SDK v3.

    Args:
        launcher: command that finds the engine and then becomes the kernel.
        python: the kernel's interpreter.
        sdk: version of the SDK there.
        environment: folder that was made for the kernel; None for an interpreter of the user's.
    """
    return {
        "argv": [*launcher, str(python), "-f", "{connection_file}"],
        "display_name": "Python 3 (SageMaker SDK v3)",
        "language": "python",
        "kernel_protocol_version": "5.5",
        "metadata": {
            "debugger": True,
            "supported_encryption": ["curve"],
            "kernel_provisioner": {"provisioner_name": "smstudio-provisioner"},
            "smstudio": {
                "image": "sagemaker-sdk-3",
                "kernel": "sdk3",
                "python": str(python),
                "sdk": sdk,
                "environment": str(environment) if environment else None,
            },
        },
    }


def write_spec(kernels: Path, spec: dict[str, Any]) -> Path:
    """Writes the kernelspec of the SDK v3 with its logos; Jupyter sees it when it is whole.

    Args:
        kernels: Jupyter's folder of kernelspecs.

    Raises:
        SpecProblem: a kernel of another's has that name, or the folder cannot be written.
    """
    folder = kernels / SDK3
    if folder.exists() and read_spec(kernels) is None:
        raise SpecProblem(
            f"{folder} is a kernel that smstudio did not write; nothing was changed. "
            f"Remove it (jupyter kernelspec remove {SDK3}) and try again."
        )
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for logo in SDK3_LOGOS.iterdir():
            shutil.copyfile(logo, folder / logo.name)
        aside = folder / f".{_SPEC}.{os.getpid()}"
        aside.write_text(json.dumps(spec, indent=2) + "\n")
        aside.replace(folder / _SPEC)  # without this file it is no kernelspec
    except OSError as error:
        raise SpecProblem(f"{error.filename or folder} cannot be written: {error.strerror}.") from error
    return folder


def read_spec(kernels: Path) -> dict[str, Any] | None:
    """What `smstudio` noted in the SDK v3's kernelspec of a folder; None where there is none of its own.

    A folder without `kernel.json` is one whose writing was cut off: an empty note.
    """
    folder = kernels / SDK3
    try:
        content = json.loads((folder / _SPEC).read_text())
    except FileNotFoundError:
        return {} if folder.is_dir() else None
    except (OSError, ValueError):
        return None
    note = content.get("metadata", {}).get("smstudio") if isinstance(content, dict) else None
    return {**note, "argv": content.get("argv") or []} if isinstance(note, dict) else None


def remove_spec(kernels: Path) -> None:
    """Takes the SDK v3's kernelspec out of a folder.

    Raises:
        SpecProblem: it cannot be deleted.
    """
    try:
        (kernels / SDK3 / _SPEC).unlink(missing_ok=True)  # first: half a kernelspec is none
        shutil.rmtree(kernels / SDK3)
    except OSError as error:
        raise SpecProblem(f"{error.filename} cannot be deleted: {error.strerror}.") from error
