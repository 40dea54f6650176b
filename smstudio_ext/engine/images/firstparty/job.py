"""Opens a training job of one of Amazon's algorithms: settings, channels, hosts and log in one object."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from smstudio_ext.engine.images.contract import AlgorithmError
from smstudio_ext.engine.images.firstparty.hosts import Hosts
from smstudio_ext.engine.images.firstparty.log import TrainingLog
from smstudio_ext.engine.images.firstparty.parameters import Parameter, read_parameters
from smstudio_ext.engine.images.jobfiles import Channel, read_channels, read_hyperparameters, read_json

MODEL_NAME = "model_algo-1"


@dataclass
class Job:
    """One host's view of a training job.

    Attributes:
        values: hyperparameters with defaults; `auto` is None.
        channels: input channels by name; `train` is there.
    """

    optml: Path
    values: dict[str, Any]
    channels: dict[str, Channel]
    hosts: Hosts
    log: TrainingLog

    def save(self, content: bytes, name: str = MODEL_NAME) -> None:
        """Writes a file of the model; only the first host does."""
        if self.hosts.leads:
            folder = self.optml / "model"
            folder.mkdir(parents=True, exist_ok=True)
            (folder / name).write_bytes(content)


def open_job(
    optml: Path,
    algorithm: str,
    declared: Sequence[Parameter],
    *,
    channels: tuple[str, ...] = ("train", "test"),
    distributed: bool = True,
) -> Job:
    """Reads a job's configuration and waits for its other hosts.

    Args:
        algorithm: name for the log, for example `AWS/KMeansWebscale`.
        channels: channels that the algorithm knows; `train` is required.
        distributed: the algorithm can use several hosts.

    Raises:
        AlgorithmError: bad hyperparameters, an unknown or missing channel, several hosts where only one can work.
    """
    given = read_hyperparameters(optml)
    hosts = read_json(optml / "input/config/resourceconfig.json").get("hosts") or ["algo-1"]
    current = read_json(optml / "input/config/resourceconfig.json").get("current_host") or "algo-1"
    log = TrainingLog(algorithm, current)
    values = read_parameters(given, declared)
    log.configuration(given, values)
    found = read_channels(optml)
    check_channels(found, channels)
    if len(hosts) > 1 and not distributed:
        raise AlgorithmError(
            f"{algorithm} trains on a single instance only; the job asks for {len(hosts)}. Set InstanceCount to 1."
        )
    return Job(optml, values, found, Hosts.of_job(optml), log)


def check_channels(found: dict[str, Channel], known: tuple[str, ...]) -> None:
    """Refuses jobs without train channel or with unknown ones, with the containers' text.

    Raises:
        AlgorithmError: as said.
    """
    head = (
        "Unable to initialize the algorithm. Failed to validate input data configuration. (caused by ValidationError)"
        "\n\nCaused by: "
    )
    if "train" not in found:
        raise AlgorithmError(f"{head}'train' is a required property")
    extra = [name for name in found if name not in (*known, "model", "checkpoints")]
    if extra:
        raise AlgorithmError(
            f"{head}Additional properties are not allowed ({', '.join(repr(name) for name in extra)} "
            f"{'was' if len(extra) == 1 else 'were'} unexpected)"
        )
