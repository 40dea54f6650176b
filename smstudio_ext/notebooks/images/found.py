"""Kernels of R and Scala that are on this machine, offered as images."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from smstudio_ext.notebooks.images.recipes import Kernel, Recipe

_LANGUAGES = {"r": "R", "scala": "Scala"}


def found_recipes() -> list[Recipe]:
    """One image a kernelspec of these languages; kernelspecs that were written for images are left out."""
    found: list[Recipe] = []
    for name, folder in sorted(_kernelspecs().items()):
        try:
            content = json.loads((Path(folder) / "kernel.json").read_text())
            language = _LANGUAGES.get(str(content["language"]).lower())
            ours = "smstudio" in (content.get("metadata") or {})
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            continue
        if language is None or ours:
            continue
        image = f"{language.lower()}-{name}".lower()
        display = str(content.get("display_name") or name)
        found.append(
            Recipe(
                image,
                f"{language} on this machine",
                "kernelspec",
                (Kernel(f"studio-{image}", display, language.lower()),),
                (language,),
                kernelspec=str(folder),
                description=f"The kernel {display} of {folder}, on an instance.",
            )
        )
    return found


def _kernelspecs() -> dict[str, Any]:
    from jupyter_client.kernelspec import KernelSpecManager

    return dict(KernelSpecManager().find_kernel_specs())
