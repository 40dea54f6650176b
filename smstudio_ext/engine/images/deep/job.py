"""The frame of a deep algorithm's training job: configuration, threads, stop signal and the log lines of AWS's images."""

from __future__ import annotations

import signal
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import FrameType, TracebackType
from typing import Any

from smstudio_ext.engine.images.contract import AlgorithmError
from smstudio_ext.engine.images.firstparty.log import TrainingLog
from smstudio_ext.engine.images.firstparty.parameters import Parameter, read_parameters
from smstudio_ext.engine.images.jobfiles import (
    Channel,
    granted_cpus,
    read_channels,
    read_hyperparameters,
    read_json,
)


@dataclass(frozen=True)
class Job:
    """One training job as an algorithm sees it.

    Attributes:
        parameters: every hyperparameter with its value; None where it has neither a value nor a default, or is `auto`.
        host: name of this host, `algo-1` on one instance.
        hosts: every host of the job, sorted.
    """

    optml: Path
    parameters: dict[str, Any]
    channels: dict[str, Channel]
    host: str
    hosts: tuple[str, ...]
    log: TrainingLog

    @property
    def model_dir(self) -> Path:
        """Where the model's files go."""
        folder = self.optml / "model"
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    @property
    def rank(self) -> int:
        """Place of this host among the hosts; 0 writes the model."""
        return self.hosts.index(self.host)

    def channel(self, name: str) -> Channel:
        """A channel that the algorithm cannot do without.

        Raises:
            AlgorithmError: the job has none of that name.
        """
        if name not in self.channels:
            raise AlgorithmError(f"Missing required channel: {name}")
        return self.channels[name]


def open_job(
    optml: Path,
    algorithm: str,
    declared: Sequence[Parameter],
    *,
    channels: tuple[str, ...],
    several_hosts: bool = False,
) -> Job:
    """Reads and checks a job's configuration.

    Args:
        algorithm: name in `#metrics` lines, for example `AWS/NTM`.
        declared: the algorithm's hyperparameters.
        channels: names that the algorithm reads.
        several_hosts: the algorithm trains on more than one instance.

    Raises:
        AlgorithmError: a bad hyperparameter, an unknown channel, or more hosts than the algorithm uses.
    """
    given = read_hyperparameters(optml)
    parameters = read_parameters(given, declared)
    found = read_channels(optml)
    unknown = sorted(set(found) - set(channels))
    if unknown:
        raise AlgorithmError(
            f"Channel '{unknown[0]}' is not supported. Supported channels: {', '.join(channels)}."
        )
    resources = read_json(optml / "input/config/resourceconfig.json")
    hosts = tuple(sorted(resources.get("hosts") or ["algo-1"]))
    if len(hosts) > 1 and not several_hosts:
        raise AlgorithmError(
            f"This algorithm trains on one instance here; the job has {len(hosts)}. Set InstanceCount to 1."
        )
    host = str(resources.get("current_host") or hosts[0])
    log = TrainingLog(algorithm, host)
    log.configuration(given, parameters)
    return Job(optml, parameters, found, host, hosts, log)


def use_granted_threads() -> int:
    """Gives PyTorch as many threads as the job has CPUs; returns their number."""
    import torch

    threads = granted_cpus()
    torch.set_num_threads(threads)
    return threads


class StopSignal:
    """Notes SIGTERM, so that a loop can end after its batch and the best model so far is kept.

    Use as a context; `requested` turns true when the job is asked to stop.
    """

    def __init__(self) -> None:
        self.requested = False
        self._previous: Any = None

    def __enter__(self) -> StopSignal:
        try:
            self._previous = signal.signal(signal.SIGTERM, self._note)
        except ValueError:  # not the main thread: a test that calls the program directly
            self._previous = None
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._previous is not None:
            signal.signal(signal.SIGTERM, self._previous)

    def _note(self, number: int, frame: FrameType | None) -> None:
        self.requested = True
        print("SIGTERM received: the model so far is saved.", file=sys.stderr, flush=True)
