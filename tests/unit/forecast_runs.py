"""Small series for forecasting tests, and the analysis and candidates run on them in this process."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import numpy as np

from smstudio_ext.engine.autopilot.forecast_analysis import analyse
from smstudio_ext.engine.images.automl_forecasting import train

SERIES = {
    "TargetAttributeName": "sales",
    "TimestampAttributeName": "day",
    "ItemIdentifierAttributeName": "item",
}


def config(horizon: int = 7, frequency: str = "1D", **members: Any) -> dict[str, Any]:
    """A TimeSeriesForecastingJobConfig."""
    return {
        "ForecastFrequency": frequency,
        "ForecastHorizon": horizon,
        "TimeSeriesConfig": SERIES,
        **members,
    }


def rows(items: int = 2, days: int = 70, seed: int = 0) -> list[tuple[str, str, float]]:
    """(item, day, sales): a weekly season, a little noise."""
    random = np.random.default_rng(seed)
    found = []
    for item in range(items):
        for day in range(days):
            value = 40 + 15 * item + 10 * np.sin(2 * np.pi * day / 7) + random.normal(0, 2)
            found.append((f"item{item}", str(np.datetime64("2024-01-01") + day), round(float(value), 3)))
    return found


def as_csv(table: list[tuple[Any, ...]], header: tuple[str, ...] = ("item", "day", "sales")) -> bytes:
    """A CSV file's bytes."""
    stream = io.StringIO()
    csv.writer(stream).writerows([header, *table])
    return stream.getvalue().encode()


def analysed(root: Path, body: bytes, settings: dict[str, Any], **request: Any) -> dict[str, Any]:
    """Runs the analysis below `root`; returns `analysis.json`."""
    given = root / "processing/input"
    (given / "request").mkdir(parents=True)
    (given / "train").mkdir()
    (given / "train/part.csv").write_bytes(body)
    content = {"Config": settings, "MemoryMB": 1000, **request}
    (given / "request/request.json").write_text(json.dumps(content))
    analyse(root)
    found: dict[str, Any] = json.loads((root / "processing/output/candidates/analysis.json").read_text())
    return found


def plan_of(root: Path) -> dict[str, Any]:
    """The analysis's `candidates.json`."""
    found: dict[str, Any] = json.loads((root / "processing/output/candidates/candidates.json").read_text())
    return found


def candidate(root: Path, optml: Path, algorithm: str, **settings: str) -> Path:
    """Trains one candidate on what the analysis below `root` wrote; returns the job's folder."""
    return _job(root, optml, {"step": "model", "name": f"{algorithm}-t1", "algorithm": algorithm, **settings})


def _job(root: Path, optml: Path, hyperparameters: dict[str, str]) -> Path:
    (optml / "input/config").mkdir(parents=True)
    (optml / "input/config/hyperparameters.json").write_text(json.dumps(hyperparameters))
    (optml / "input/config/inputdataconfig.json").write_text(json.dumps({"data": {}}))
    (optml / "input/data").mkdir()
    (optml / "input/data/data").symlink_to(root / "processing/output/preprocessed-data")
    train.train(optml)
    return optml
