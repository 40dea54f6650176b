"""The command `smstudio` (also `jupyter smstudio`)."""

from __future__ import annotations


def main() -> None:
    """Entry point of the console script."""
    from smstudio_ext.cli.app import app

    app()
