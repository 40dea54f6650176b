"""Where the Jupyter side keeps what belongs to notebooks, and how it finds the local engine without importing it."""

from __future__ import annotations

import contextlib
import json
import os
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from smstudio_ext.target import LocalEngine


def data_dir() -> Path:
    """The data directory of the local engine: `$SMSTUDIO_HOME`, else the platform's user data directory."""
    given = os.environ.get("SMSTUDIO_HOME")
    if given:
        return Path(given).expanduser().absolute()
    import platformdirs

    return Path(platformdirs.user_data_dir("smstudio", appauthor=False))


def notebooks_dir() -> Path:
    """Folder of what kernels leave there: placements, endings, groups."""
    return data_dir() / "notebooks"


def environments_dir() -> Path:
    """Folder of the images' environments, shared by all data directories: `$SMSTUDIO_ENVIRONMENTS`, else the user's cache."""
    given = os.environ.get("SMSTUDIO_ENVIRONMENTS")
    if given:
        return Path(given).expanduser().absolute()
    import platformdirs

    return Path(platformdirs.user_cache_dir("smstudio", appauthor=False)) / "environments"


def local_engine() -> LocalEngine | None:
    """The engine that the data directory names; it may have ended without saying so."""
    from smstudio_ext.target import LocalEngine

    found = read_json(data_dir() / "engine.json")
    try:
        return LocalEngine(found["url"], found["access_key"], found["secret_key"], found["region"])
    except (KeyError, TypeError):
        return None


@lru_cache(maxsize=2)
def sagemaker_client(engine: LocalEngine) -> Any:
    """The boto3 client of an engine, kept: making one takes longer than what is asked of it when a kernel starts."""
    from smstudio_ext.target import Target

    return Target.local(engine).client("sagemaker")


def read_json(path: Path) -> dict[str, Any]:
    """The object in a file; an empty one where there is none, or half of one."""
    try:
        content = json.loads(path.read_text())
    except (OSError, ValueError):
        return {}
    return content if isinstance(content, dict) else {}


def write_json(path: Path, content: dict[str, Any]) -> None:
    """Writes a file that others see whole or not at all.

    Raises:
        OSError: it cannot be written; the old one is still there.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    aside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        aside.write_text(json.dumps(content, indent=1) + "\n")
        aside.replace(path)
    except OSError:
        with contextlib.suppress(OSError):
            aside.unlink()
        raise
