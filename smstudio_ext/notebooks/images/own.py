"""Images of the user's own: made from packages' lists, environments, interpreters or kernelspecs that are there."""

from __future__ import annotations

from smstudio_ext.notebooks.images.recipes import Recipe


def own_recipes() -> list[Recipe]:
    """The user's images, by name."""
    return []
