"""Where the files of a notebook instance lie."""

from __future__ import annotations

import contextlib
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from smstudio_ext.engine.settings import Settings
    from smstudio_ext.engine.store.resources import Resource

VOLUME = "SageMaker"
"""Folder in the home directory that outlives a stop."""


@dataclass(frozen=True)
class Folders:
    """The folders of one notebook instance.

    Attributes:
        root: everything of the instance but its logs.
        logs: log files; they stay for CloudWatch Logs when the instance is deleted.
    """

    root: Path
    logs: Path

    @property
    def home(self) -> Path:
        """Home directory; all of it but the volume is emptied at a stop."""
        return self.root / "home"

    @property
    def volume(self) -> Path:
        """The ML storage volume: what is kept."""
        return self.home / VOLUME

    @property
    def scratch(self) -> Path:
        """Temporary files, /opt/ml and programs of the instance; emptied at a stop."""
        return self.root / "scratch"

    @property
    def control(self) -> Path:
        """What engine and Jupyter server tell each other: configuration, secret, used links. Mode 0700."""
        return self.root / "control"

    @property
    def made(self) -> Path:
        """Is there once the creation script has run."""
        return self.control / "created"

    def run(self, number: int) -> Path:
        """Folder of one start of the instance's process."""
        return self.root / "runs" / str(number)

    def make(self) -> None:
        """Makes what a start needs."""
        for folder in (self.volume, self.scratch / "tmp", self.scratch / "opt-ml" / "metadata", self.logs):
            folder.mkdir(parents=True, exist_ok=True)
        self.control.mkdir(mode=0o700, exist_ok=True)

    def empty_scratch(self) -> None:
        """Takes away what does not outlive a stop."""
        shutil.rmtree(self.scratch, ignore_errors=True)
        shutil.rmtree(self.root / "runs", ignore_errors=True)
        with contextlib.suppress(FileNotFoundError):
            for entry in list(self.home.iterdir()):
                if entry.name == VOLUME:
                    continue
                if entry.is_dir() and not entry.is_symlink():
                    shutil.rmtree(entry, ignore_errors=True)
                else:
                    entry.unlink(missing_ok=True)

    def remove(self) -> None:
        """Takes everything away but the logs."""
        shutil.rmtree(self.root, ignore_errors=True)


def folders_of(settings: Settings, resource: Resource) -> Folders:
    """The folders of a notebook instance."""
    base = settings.data_dir / "notebook-instances" / resource.region
    place = f"{resource.name}-{resource.internal['id']}"
    return Folders(
        base / place, settings.data_dir / "logs" / "NotebookInstances" / resource.region / resource.name
    )
