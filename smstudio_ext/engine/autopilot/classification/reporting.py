"""What the analysis of a text or image classification job writes, and what it is asked."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from smstudio_ext.engine.autopilot.classification.labels import Labels
from smstudio_ext.engine.images.contract import AlgorithmError
from smstudio_ext.engine.images.jobfiles import read_json

Document = dict[str, Any]

ADVISED_ROWS = 500
_MEMORY_MB = 8192
_MEMORY_PART = 8


@dataclass(frozen=True)
class Asked:
    """The controller's `request.json`, as far as these analyses use it.

    Attributes:
        config: the problem type's configuration as the request has it.
        models: most training jobs.
        memory: bytes that the data may take.
    """

    config: Document
    content_type: str
    fraction: float
    models: int
    seed: int
    memory: int

    @classmethod
    def read(cls, path: Path) -> Asked:
        """Reads the request.

        Raises:
            AlgorithmError: it has no configuration, or its split makes no sense.
        """
        given = read_json(path)
        if "Config" not in given:
            raise AlgorithmError("The request holds no configuration of its problem type.")
        fraction = float(given.get("ValidationFraction") or 0.2)
        if not 0 < fraction < 1:
            raise AlgorithmError("ValidationFraction must lie between 0 and 1.")
        memory = int(given.get("MemoryMB") or _MEMORY_MB) * (1 << 20) // _MEMORY_PART
        return cls(
            given["Config"],
            str(given.get("ContentType") or ""),
            fraction,
            int(given.get("Models") or 10),
            int(given.get("Seed") or 0),
            memory,
        )


def write_findings(
    root: Path,
    problem: str,
    labels: Labels,
    rows: tuple[int, int, int],
    facts: Document,
    models: list[Document],
    found: Document,
    warnings: list[str],
) -> None:
    """Writes `classes.json`, `analysis.json` and `candidates.json`, and prints the warnings.

    Args:
        root: `/opt/ml/processing`.
        problem: AutoMLProblemTypeConfigName.
        rows: rows of the input, of training and of validation.
        facts: what candidates are told of the data.
        models: the candidates.
        found: more for `analysis.json`.
    """
    if rows[0] < ADVISED_ROWS:
        warnings.append(
            f"The input has {rows[0]} rows; scores of so few rows are uncertain ({ADVISED_ROWS} or more are advised)."
        )
    preprocessed, candidates = root / "output/preprocessed-data", root / "output/candidates"
    _write(preprocessed / "classes.json", {"Classes": labels.classes, **facts})
    document = {
        "ProblemType": problem,
        "Objective": "Accuracy",
        "ObjectiveType": "Maximize",
        "TotalRows": rows[0],
        "TrainRows": rows[1],
        "ValidationRows": rows[2],
        "Classes": labels.classes,
        "ClassCounts": labels.counts,
        **facts,
        **found,
        "Warnings": warnings,
    }
    _write(candidates / "analysis.json", document)
    own = {"Folds": 0, "Stack": False, "SampleWeight": "", "Models": models}
    _write(candidates / "candidates.json", {"ProblemType": problem, "Objective": "Accuracy", "Ensemble": own})
    for warning in warnings:
        print(f"WARNING: {warning}", flush=True)
    print(
        f"{rows[0]} rows ({rows[1]} train, {rows[2]} validate), {len(labels.classes)} classes, {len(models)} candidates planned.",
        flush=True,
    )


def _write(path: Path, document: Document) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(document, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
