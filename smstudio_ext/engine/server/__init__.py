"""HTTP front door: signatures, dispatch, held calls, events, and the engine's life."""

from __future__ import annotations

from pathlib import Path


def companion_dir() -> Path:
    """The folder that holds the start-up hook alone, for PYTHONPATH."""
    return Path(__file__).resolve().parents[2] / "companion" / "path"
