"""IPython magics: SageMaker from a cell, on the local engine or AWS; importable without the server."""

from __future__ import annotations

from typing import Any

__all__ = ["load_ipython_extension", "unload_ipython_extension"]


def load_ipython_extension(shell: Any) -> None:
    """Registers the magics (`%load_ext smstudio_ext`); boto3 and the learning libraries load on first use.

    Args:
        shell: the `InteractiveShell`.
    """
    from smstudio_ext.magics import catalogue

    catalogue.register(shell)


def unload_ipython_extension(shell: Any) -> None:
    """Takes the magics away again (`%unload_ext smstudio_ext`)."""
    from smstudio_ext.magics import catalogue

    catalogue.withdraw(shell)
