"""The data log of a transform job: what became of its files, in AWS's words, as a stream of CloudWatch Logs."""

from __future__ import annotations

import time
from datetime import datetime, timezone
from pathlib import Path


class DataLog:
    """Appends lines in the form of the engine's log files, for one instance of a job."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file = path.open("a", encoding="utf-8", errors="replace", buffering=1)

    def say(self, text: str) -> None:
        """Writes one line with AWS's prefix: time and `[sagemaker logs]`."""
        now = time.time()
        moment = datetime.fromtimestamp(now, timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3]
        plain = text.replace("\r", " ").replace("\n", " ")
        self._file.write(f"{int(now * 1000):013d} {moment}:[sagemaker logs]: {plain}\n")
