"""Makes /opt/ml folders for tests of the images' programs."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any


def job_folder(root: Path, hyperparameters: dict[str, Any], channels: dict[str, tuple[str, bytes]]) -> Path:
    """A training job's folder.

    Args:
        channels: name -> (content type, content of its only file).
    """
    config = root / "input/config"
    config.mkdir(parents=True)
    (root / "model").mkdir()
    (config / "hyperparameters.json").write_text(json.dumps({k: str(v) for k, v in hyperparameters.items()}))
    (config / "inputdataconfig.json").write_text(
        json.dumps(
            {name: {"TrainingInputMode": "File", "ContentType": kind} for name, (kind, _) in channels.items()}
        )
    )
    for name, (_, content) in channels.items():
        folder = root / "input/data" / name
        folder.mkdir(parents=True)
        (folder / "part-0").write_bytes(content)
    return root


def csv_bytes(*columns: Any) -> bytes:
    """CSV without header of columns of equal length."""
    return "".join(",".join(str(cell) for cell in row) + "\n" for row in zip(*columns, strict=True)).encode()


def final_metrics(output: str) -> dict[str, float]:
    """The metrics of the last score line of a program's output."""
    line = [line for line in output.splitlines() if line.startswith("[")][-1]
    parts = [part.rpartition(":") for part in line.split("#011")[1:]]
    return {name.replace("-", ":", 1): float(value) for name, _, value in parts}


def quality_metrics(output: str, image: Any) -> dict[str, float]:
    """The last value of each metric that an image defines, as the runtime reads them from its log."""
    found = {}
    for definition in image.metric_definitions:
        values = [m.group(1) for line in output.splitlines() if (m := re.search(definition.regex, line))]
        if values:
            found[definition.name] = float(values[-1])
    return found
