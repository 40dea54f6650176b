"""The processing program that writes an Autopilot job's notebooks, with the library that they use."""

from __future__ import annotations

import json
import os
from importlib.resources import files
from pathlib import Path
from typing import Any

from smstudio_ext.engine.autopilot.exploration.notebook import write_exploration
from smstudio_ext.engine.autopilot.generated import names
from smstudio_ext.engine.autopilot.generated.candidate_notebook import NotebookFacts, candidate_notebook
from smstudio_ext.engine.images.contract import AlgorithmError
from smstudio_ext.engine.images.jobfiles import read_json

LIBRARY = "sagemaker_automl"


def write(optml: Path) -> None:
    """Writes `notebooks/` from what the analysis left.

    Raises:
        AlgorithmError: it left nothing.
    """
    given = optml / "processing/input"
    folder = optml / "processing/output/notebooks"
    folder.mkdir(parents=True, exist_ok=True)
    analysis = read_json(given / "analysis/analysis.json")
    if not analysis:
        raise AlgorithmError("The data analysis left no analysis.json.")
    candidates = read_json(given / "candidates/candidates.json")
    if candidates.get("Candidates") and candidates.get("Strategies"):
        facts = NotebookFacts(
            job=os.environ[names.JOB],
            output=os.environ[names.OUTPUT],
            module=os.environ[names.MODULE],
            region=os.environ[names.REGION],
            transformer_version=os.environ[names.TRANSFORMER_VERSION],
            columns=len(analysis["Columns"]),
            target=analysis["Target"],
            candidates=candidates,
        )
        _save(folder / names.CANDIDATE_NOTEBOOK, candidate_notebook(facts))
        write_library(folder / LIBRARY)
    insights = write_exploration(
        os.environ[names.JOB], analysis, given / "preprocessed-data", folder, int(os.environ[names.SEED])
    )
    print(f"{names.EXPLORATION_NOTEBOOK}: {len(insights)} insight(s)", flush=True)


def write_library(folder: Path) -> None:
    """Writes the library of the candidate definition notebook."""
    folder.mkdir(parents=True, exist_ok=True)
    for source in (files(__package__) / LIBRARY).iterdir():
        if source.name.endswith(".py"):
            (folder / source.name).write_text(source.read_text(encoding="utf-8"), encoding="utf-8")


def _save(path: Path, notebook: dict[str, Any]) -> None:
    path.write_text(json.dumps(notebook, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    print(f"{path.name}: {len(notebook['cells'])} cells", flush=True)
