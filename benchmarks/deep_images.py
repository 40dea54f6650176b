"""Runs the training program of a deep image on files in memory, for `bench_algorithms_deep.py`."""

from __future__ import annotations

import contextlib
import importlib
import io
import json
import os
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

Row = dict[str, Any]


def cores() -> int:
    """Processors that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@contextlib.contextmanager
def trained(
    image: str, settings: Mapping[str, Any], channels: Mapping[str, tuple[str, Mapping[str, bytes]]]
) -> Iterator[tuple[Any, float, Path]]:
    """Trains; gives the image's predictor, the seconds and the model's folder.

    Args:
        channels: name -> (content type, files by name).
    """
    package = f"smstudio_ext.engine.images.{image}"
    train = importlib.import_module(f"{package}.train").train
    with tempfile.TemporaryDirectory() as directory:
        root = Path(directory)
        (root / "input/config").mkdir(parents=True)
        (root / "input/config/hyperparameters.json").write_text(
            json.dumps({name: str(value) for name, value in settings.items()})
        )
        config = {
            name: {"TrainingInputMode": "File", "ContentType": kind} for name, (kind, _) in channels.items()
        }
        (root / "input/config/inputdataconfig.json").write_text(json.dumps(config))
        for name, (_, files) in channels.items():
            for path, content in files.items():
                target = root / "input/data" / name / path
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(content)
        begin = time.perf_counter()
        with contextlib.redirect_stdout(io.StringIO()):
            train(root)
        seconds = time.perf_counter() - begin
        yield importlib.import_module(f"{package}.serve").load(root / "model", {}), seconds, root / "model"


def row(
    task: str,
    program: str,
    metric: str,
    value: float,
    seconds: float,
    bar: str = "",
    reached: bool | None = None,
) -> Row:
    """One line of the table; `reached` is None for programs that only set a bar."""
    return {
        "task": task,
        "program": program,
        "metric": metric,
        "value": round(float(value), 4),
        "bar": bar,
        "reached": None if reached is None else bool(reached),
        "seconds": round(seconds, 2),
    }


def peer_row(found: dict[str, Any] | None, task: str, program: str, metric: str) -> list[Row]:
    """The line of a peer's answer, if there is one."""
    return [] if found is None else [row(task, program, metric, found["accuracy"], found["seconds"])]


def timed(function: Callable[[], Any]) -> tuple[Any, float]:
    """A result and its seconds."""
    begin = time.perf_counter()
    return function(), time.perf_counter() - begin
