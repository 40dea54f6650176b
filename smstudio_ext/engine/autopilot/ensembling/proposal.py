"""What the analysis writes for ensembling mode: the columns' specification and the portfolio of models."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from smstudio_ext.engine.autopilot.ensembling.portfolio import (
    ALGORITHMS,
    AUTOGLUON,
    KERNELS,
    choose_portfolio,
    kernels_fit,
)
from smstudio_ext.engine.autopilot.problems import direction
from smstudio_ext.engine.autopilot.request import Request
from smstudio_ext.engine.images.automl_ensemble.kinds import NEEDS, installed
from smstudio_ext.engine.images.contract import AlgorithmError
from smstudio_ext.engine.images.sklearn_automl.specification import Specification

FILE = "ensemble.json"


def write_proposal(
    folder: Path, spec: Specification, request: Request, objective: str, rows: int, warnings: list[str]
) -> dict[str, Any]:
    """Writes `ensemble/ensemble.json` and returns the content of `candidates.json`.

    Args:
        spec: what becomes of each column.
        rows: training and validation rows together.
        warnings: gets a sentence on algorithms that are not installed.

    Raises:
        AlgorithmError: none of the algorithms that were asked for is installed.
    """
    place = folder / "ensemble"
    place.mkdir(parents=True, exist_ok=True)
    spec.write(place / FILE)
    there = [name for name in request.algorithms if installed(name)]
    if set(request.algorithms) >= set(ALGORITHMS):
        there += [AUTOGLUON] if installed(AUTOGLUON) else []
        there += [KERNELS] if kernels_fit(rows, len(spec.classes)) else []
    missing = [name for name in request.algorithms if name not in there]
    if missing:
        needs = ", ".join(
            f"{name} needs {NEEDS[name][0]} (pip install 'smstudio-ext[{NEEDS[name][1]}]')"
            for name in missing
        )
        if not there:
            raise AlgorithmError(f"None of the algorithms asked for is installed: {needs}.")
        warnings.append(f"Algorithms left out because they are not installed: {needs}.")
    portfolio = choose_portfolio(
        rows, there, count=max(1, request.models), seed=request.seed, classes=len(spec.classes)
    )
    return {
        "Version": 1,
        "ProblemType": spec.problem,
        "Objective": objective,
        "ObjectiveType": direction(objective),
        "Strategies": [],
        "Candidates": [],
        "MultiFidelity": False,
        "Ensemble": {**portfolio.document(), "SampleWeight": request.sample_weight or ""},
    }
