"""The frame of a deep algorithm's training job: configuration, threads, stop signal and the log lines of AWS's images."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import FrameType, TracebackType
from typing import Any

from smstudio_ext.engine.images.contract import AlgorithmError
from smstudio_ext.engine.images.hyperparameters import Hyperparameter, parse_hyperparameters
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
        host: name of this host, `algo-1` on one instance.
        hosts: every host of the job.
    """

    optml: Path
    parameters: dict[str, Any]
    channels: dict[str, Channel]
    host: str
    hosts: tuple[str, ...]

    @property
    def model_dir(self) -> Path:
        """Where the model's files go."""
        folder = self.optml / "model"
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    @property
    def is_first(self) -> bool:
        """Whether this host is the one that writes the model."""
        return self.host == sorted(self.hosts)[0]

    def channel(self, name: str) -> Channel:
        """A channel that the algorithm cannot do without.

        Raises:
            AlgorithmError: the job has none of that name.
        """
        if name not in self.channels:
            raise AlgorithmError(f"Missing required channel: {name}")
        return self.channels[name]

    def quality(self, text: str) -> None:
        """Prints one `#quality_metric` line, from which SageMaker reads metrics."""
        log(f"#quality_metric: host={self.host}, {text}")

    def progress(self, done: int, total: int) -> None:
        """Prints one `#progress_metric` line."""
        log(f"#progress_metric: host={self.host}, completed {100 * done / max(1, total):g} % of epochs")


def open_job(
    optml: Path,
    known: Mapping[str, Hyperparameter],
    defaults: Mapping[str, Any],
    *,
    channels: tuple[str, ...],
    blank: frozenset[str] = frozenset(),
    several_hosts: bool = False,
) -> Job:
    """Reads and checks a job's configuration.

    Args:
        known: the algorithm's hyperparameters.
        defaults: values of those that are not given.
        channels: names that the algorithm reads.
        blank: hyperparameters for which an empty text or `auto` means that the default holds.
        several_hosts: the algorithm trains on more than one instance.

    Raises:
        AlgorithmError: a bad hyperparameter, an unknown channel, or more hosts than the algorithm uses.
    """
    given = {
        name: text
        for name, text in read_hyperparameters(optml).items()
        if not name.startswith("_") and not (name in blank and text.strip().lower() in ("", "auto"))
    }
    parameters = {**defaults, **parse_hyperparameters(given, known)}
    found = read_channels(optml)
    unknown = sorted(set(found) - set(channels))
    if unknown:
        raise AlgorithmError(
            f"Channel '{unknown[0]}' is not supported. Supported channels: {', '.join(channels)}."
        )
    resources = read_json(optml / "input/config/resourceconfig.json")
    hosts = tuple(resources.get("hosts") or ["algo-1"])
    if len(hosts) > 1 and not several_hosts:
        raise AlgorithmError(
            f"This algorithm trains on one instance here; the job has {len(hosts)}. Set InstanceCount to 1."
        )
    return Job(optml, parameters, found, str(resources.get("current_host") or hosts[0]), hosts)


def log(message: str) -> None:
    """Prints a line as AWS's algorithm containers do."""
    stamp = time.strftime("%m/%d/%Y %H:%M:%S")
    print(f"[{stamp} INFO {os.getpid()}] {message}", flush=True)


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
