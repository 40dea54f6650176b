"""Reads what SageMaker puts under /opt/ml for an algorithm: hyperparameters, channels and their files."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from smstudio_ext.engine.images.contract import AlgorithmError


@dataclass(frozen=True)
class Channel:
    """One input channel of a job.

    Attributes:
        content_type: MIME type in lower case without parameters; empty when the job gives none.
        parameters: parameters of the content type, such as `label_size`.
        mode: `File`, `FastFile` or `Pipe`; `channel_streams.parts` hides the difference.
        record_wrapper: `RecordIO` when each object of a Pipe channel comes as one RecordIO record, else `None`.
    """

    name: str
    path: Path
    content_type: str
    parameters: dict[str, str]
    mode: str = "File"
    record_wrapper: str = "None"

    def files(self) -> list[Path]:
        """Data files of the channel in name order; hidden files and `_SUCCESS` markers are left out.

        A Pipe channel has none: one epoch of it is written to the job's disk. Programs that can read on as they go use
        `channel_streams.parts` instead.

        Raises:
            AlgorithmError: the channel holds no file.
        """
        if self.mode == "Pipe":
            from smstudio_ext.engine.images.channel_streams import spool

            return spool(self)
        found = [
            path
            for path in sorted(self.path.rglob("*"))
            if path.is_file() and not path.name.startswith((".", "_SUCCESS"))
        ]
        if not found:
            raise AlgorithmError(
                f"Channel '{self.name}' holds no data: no file under {in_container(self.path)}."
            )
        return found


def in_container(path: Path) -> str:
    """A path below `input/data` as the program of a container sees it, for messages."""
    return f"/opt/ml/input/data/{path.as_posix().rpartition('/input/data/')[2]}"


def read_json(path: Path) -> dict[str, Any]:
    """Reads one configuration file; a missing one is empty."""
    if not path.exists():
        return {}
    loaded: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return loaded


def read_hyperparameters(optml: Path) -> dict[str, str]:
    """Hyperparameters as SageMaker passes them: strings."""
    return {
        name: str(value) for name, value in read_json(optml / "input/config/hyperparameters.json").items()
    }


def read_channels(optml: Path) -> dict[str, Channel]:
    """Channels by name, from inputdataconfig.json and the folders that exist."""
    config = read_json(optml / "input/config/inputdataconfig.json")
    channels = {}
    for name, settings in config.items():
        mode = settings.get("TrainingInputMode", "File")
        content_type, parameters = split_content_type(settings.get("ContentType") or "")
        wrapper = settings.get("RecordWrapperType", "None")
        path = optml / "input/data" / name
        channels[name] = Channel(name, path, content_type, parameters, mode, wrapper)
    return channels


def split_content_type(value: str) -> tuple[str, dict[str, str]]:
    """Splits `text/csv; label_size=1` into the type and its parameters, in lower case."""
    kind, *rest = (part.strip().lower() for part in value.split(";"))
    pairs = (part.partition("=") for part in rest if part)
    return kind, {name.strip(): text.strip() for name, _, text in pairs}


def granted_cpus() -> int:
    """Number of CPUs that this job may use: SM_NUM_CPUS, else the process's affinity."""
    given = os.environ.get("SM_NUM_CPUS", "")
    if given.isdigit() and int(given) > 0:
        return int(given)
    if hasattr(os, "sched_getaffinity"):
        return max(1, len(os.sched_getaffinity(0)))
    return os.cpu_count() or 1
