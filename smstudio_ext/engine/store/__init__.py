"""What the engine keeps: resources, tags, metrics and objects, in SQLite (WAL) and files."""

from __future__ import annotations

from smstudio_ext.engine.store.database import Database, StoreVersionError
from smstudio_ext.engine.store.resources import (
    Page,
    Resource,
    ResourceExists,
    ResourceMissing,
    ResourceStore,
    Store,
)

__all__ = [
    "Database",
    "Page",
    "Resource",
    "ResourceExists",
    "ResourceMissing",
    "ResourceStore",
    "Store",
    "StoreVersionError",
]
