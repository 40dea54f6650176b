"""Folders of training jobs for tests of the deep images: several files a channel, and the metrics that AWS's regexes find."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import Any

from smstudio_ext.engine.images.registry import ImageRegistry


def deep_folder(
    root: Path,
    hyperparameters: dict[str, Any],
    channels: dict[str, tuple[str, dict[str, bytes]]],
    hosts: tuple[str, ...] = ("algo-1",),
    host: str = "algo-1",
) -> Path:
    """A training job's folder.

    Args:
        channels: name -> (content type, content by relative path).
    """
    # One thread, as a job of one vCPU has: spinning threads of several test processes would slow each other down.
    os.environ["SM_NUM_CPUS"] = "1"
    config = root / "input/config"
    config.mkdir(parents=True)
    (root / "model").mkdir()
    (config / "hyperparameters.json").write_text(json.dumps({k: str(v) for k, v in hyperparameters.items()}))
    (config / "resourceconfig.json").write_text(json.dumps({"current_host": host, "hosts": list(hosts)}))
    facts = {name: {"TrainingInputMode": "File", "ContentType": kind} for name, (kind, _) in channels.items()}
    (config / "inputdataconfig.json").write_text(json.dumps(facts))
    for name, (_, files) in channels.items():
        for path, content in files.items():
            target = root / "input/data" / name / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content)
    return root


def logged_metrics(repository: str, output: str) -> dict[str, float]:
    """The last value of each metric that the image's own definitions find in a log."""
    image = ImageRegistry(discover=False).resolve(f"1.dkr.ecr.us-east-1.amazonaws.com/{repository}:1")
    found: dict[str, float] = {}
    for definition in image.metric_definitions:
        for line in output.splitlines():
            match = re.search(definition.regex, line)
            if match:
                found[definition.name] = float(match[1])
    return found
