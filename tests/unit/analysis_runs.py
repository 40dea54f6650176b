"""Runs Autopilot's analysis in this process on small files, for several test files."""

from __future__ import annotations

import ast
import csv
import io
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from smstudio_ext.engine.autopilot.analysis import analyse


def as_csv(header: Sequence[str], rows: Sequence[Sequence[Any]]) -> bytes:
    """A CSV file's bytes."""
    stream = io.StringIO()
    csv.writer(stream).writerows([header, *rows])
    return stream.getvalue().encode()


def prepare(
    root: Path, files: dict[str, bytes], validation: dict[str, bytes] | None = None, **request: Any
) -> Path:
    """Lays out the inputs of the processing job below `root`."""
    given = root / "processing/input"
    (given / "request").mkdir(parents=True)
    (given / "request/request.json").write_text(json.dumps({"TargetAttributeName": "y"} | request))
    for channel, contents in (("train", files), ("validation", validation)):
        for name, content in (contents or {}).items():
            path = given / channel / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
    return root


def run(
    root: Path, files: dict[str, bytes], validation: dict[str, bytes] | None = None, **request: Any
) -> dict[str, Any]:
    """Runs the analysis; returns `analysis.json`."""
    analyse(prepare(root, files, validation, **request))
    found: dict[str, Any] = json.loads((candidates_folder(root) / "analysis.json").read_text())
    return found


def candidates_folder(root: Path) -> Path:
    """Where the analysis writes what the candidates need."""
    return root / "processing/output/candidates"


def chunk(root: Path, part: str) -> list[list[str]]:
    """Rows of the tuning data."""
    path = root / f"processing/output/preprocessed-data/tuning_data/{part}/chunk_0.csv"
    with path.open(newline="") as stream:
        return list(csv.reader(stream))


def feature_groups(root: Path, name: str = "dpp0") -> dict[str, list[str]]:
    """Which columns a generated data processor treats how: `numeric`, `categorical`, `datetime`, ... -> names."""
    source = candidates_folder(root) / f"generated_module/candidate_data_processors/{name}.py"
    groups: dict[str, list[str]] = {}
    for node in ast.walk(ast.parse(source.read_text())):
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Call):
            called = node.value.func
            if isinstance(called, ast.Attribute) and called.attr == "as_feature_indices":
                target = node.targets[0]
                assert isinstance(target, ast.Name)
                groups[target.id] = ast.literal_eval(node.value.args[0])
    return groups
