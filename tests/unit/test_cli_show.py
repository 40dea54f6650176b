"""What the command line calls the candidates of an Autopilot job."""

from __future__ import annotations

import pytest

from smstudio_ext.cli.show import algorithm
from smstudio_ext.studio.models.automl import Candidate


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("job-1-CatBoost-BAG-L1-t3-83aea0ef", "CatBoost"),
        ("job-LightGBM-BAG-L2-t9-83aea0ef", "LightGBM stack"),
        ("job-WeightedEnsemble-L3-t10-83aea0ef", "weighted mix"),
        ("job83aea0ef-001-83aea0ef", ""),
    ],
    ids=["model", "stack", "mixture", "trial"],
)
def test_candidates_are_named_by_what_they_are(name: str, shown: str) -> None:
    candidate = Candidate.model_construct(name=name, containers=[], steps=[])
    assert algorithm(candidate) == shown
