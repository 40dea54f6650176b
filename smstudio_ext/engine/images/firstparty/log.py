"""Prints what Amazon's algorithm containers print: `#quality_metric`, `#progress_metric`, `#throughput_metric`, `#metrics`."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Mapping
from typing import Any, Literal


class TrainingLog:
    """The log of one host of a job.

    Args:
        algorithm: name as `#metrics` lines give it, for example `AWS/KMeansWebscale`.
        host: current host.
    """

    def __init__(self, algorithm: str, host: str = "algo-1") -> None:
        self._algorithm = algorithm
        self.host = host
        self._begin = time.time()

    def info(self, text: str, level: str = "INFO") -> None:
        """One line with time, level and thread, as the containers' loggers write it."""
        stamp = time.strftime("%m/%d/%Y %H:%M:%S", time.gmtime())
        print(f"[{stamp} {level} {threading.get_ident()}] {text}", flush=True)

    def configuration(self, given: Mapping[str, str], final: Mapping[str, Any]) -> None:
        """The hyperparameters as given and with defaults."""
        self.info(
            f"Reading provided configuration from /opt/ml/input/config/hyperparameters.json: {dict(given)}"
        )
        shown = {name: "auto" if value is None else str(value) for name, value in final.items()}
        self.info(f"Final configuration: {shown}")

    def quality(
        self,
        part: str,
        name: str,
        value: float,
        kind: Literal["loss", "score"],
        *,
        epoch: int | None = None,
        batch: int | None = None,
    ) -> None:
        """One value of a metric; without epoch it is the final one.

        Args:
            part: `train`, `validation` or `test`.
            name: metric as the container names it, for example `binary_f_1.000`.
        """
        at = "" if epoch is None else f" epoch={epoch},"
        at += "" if batch is None else f" batch={batch}"
        self.info(f"#quality_metric: host={self.host},{at} {part} {name} <{kind}>={float(value)!r}")

    def score(self, part: str, name: str, value: float) -> None:
        """A final score in the older form, `#test_score (algo-1) : ('msd', 1.5)`."""
        self.info(f"#{part}_score ({self.host}) : ('{name}', {float(value)!r})")

    def progress(self, done: int, total: int) -> None:
        """How much of the epochs is done."""
        self.info(f"#progress_metric: host={self.host}, completed {100 * done / max(1, total):g} % of epochs")

    def throughput(self, rows: int, seconds: float) -> None:
        """Rows trained a second."""
        self.info(
            f"#throughput_metric: host={self.host}, train throughput={rows / max(seconds, 1e-9)!r} records/second"
        )

    def metrics(self, values: Mapping[str, float], begin: float | None = None, **dimensions: Any) -> None:
        """A `#metrics` line with one observation a value; times in seconds since the epoch."""
        document = {
            "StartTime": self._begin if begin is None else begin,
            "EndTime": time.time(),
            "Dimensions": {
                "Algorithm": self._algorithm,
                "Host": self.host,
                "Operation": "training",
                **dimensions,
            },
            "Metrics": {
                name: {"sum": float(value), "count": 1, "min": value, "max": value}
                for name, value in values.items()
            },
        }
        print(f"#metrics {json.dumps(document)}\n", flush=True)

    def finish(self) -> None:
        """The last line: total time in milliseconds."""
        self.metrics({"totaltime": (time.time() - self._begin) * 1000})
