"""Kernels that this package brings, as ordinary Jupyter kernelspecs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

KERNELS_DIR = Path(__file__).parent / "kernels"
"""One folder a kernelspec; an installed package has copies in `share/jupyter/kernels`, where every client looks."""

DATA_SCIENCE = "python3-datascience-1.0"
"""Name of the kernelspec "Python 3 (Data Science)": Python 3 of the image `datascience-1.0`."""


def offer_kernels(manager: Any) -> None:
    """Lets a KernelSpecManager find the package's kernels where they were not installed; specs of others go first."""
    folder = str(KERNELS_DIR)
    if folder not in manager.kernel_dirs:
        manager.kernel_dirs = [*manager.kernel_dirs, folder]
