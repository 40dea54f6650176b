"""Changes of the target as events on Jupyter's own bus."""

from __future__ import annotations

from pathlib import Path

CHANGE_SCHEMA = "https://smstudio-ext.readthedocs.io/events/change"
SCHEMA_FILE = Path(__file__).parent / "change.yaml"
