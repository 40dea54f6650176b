"""Amazon SageMaker Studio inside any JupyterLab: local engine or AWS behind the same pages."""

from __future__ import annotations

try:
    from smstudio_ext._version import __version__
except ImportError:  # a source tree that was never built
    __version__ = "0.0.0"

__all__ = ["__version__"]


def _jupyter_labextension_paths() -> list[dict[str, str]]:
    return [{"src": "labextension", "dest": "smstudio-ext"}]


def _jupyter_server_extension_points() -> list[dict[str, object]]:
    from smstudio_ext.app import SmStudioApp

    return [{"module": "smstudio_ext", "app": SmStudioApp}]


def load_ipython_extension(shell: object) -> None:
    """`%load_ext smstudio_ext`: the magics."""
    from smstudio_ext import magics

    magics.load_ipython_extension(shell)


def unload_ipython_extension(shell: object) -> None:
    """`%unload_ext smstudio_ext`."""
    from smstudio_ext import magics

    magics.unload_ipython_extension(shell)
