"""Which of two candidates is better."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

Document = dict[str, Any]


def ranked(candidates: Iterable[Document], *, descending: bool) -> list[Document]:
    """Candidates sorted by the value of their objective metric.

    Candidates without a value come last in either direction; equal values in order of creation, then name.

    Args:
        candidates: AWS's AutoMLCandidate documents.
        descending: largest value first.
    """

    def key(candidate: Document) -> tuple[bool, float, float, str]:
        value = objective_of(candidate)
        known = value is not None and math.isfinite(value)
        number = (-value if descending else value) if known and value is not None else 0.0
        return (not known, number, candidate["CreationTime"], candidate["CandidateName"])

    return sorted(candidates, key=key)


def best_of(candidates: Iterable[Document], *, maximize: bool) -> Document | None:
    """The candidate with the best objective; None when none has a value."""
    for candidate in ranked(candidates, descending=maximize)[:1]:
        return candidate if objective_of(candidate) is not None else None
    return None


def objective_of(candidate: Document) -> float | None:
    """The value of a candidate's final objective metric."""
    metric = candidate.get("FinalAutoMLJobObjectiveMetric")
    return None if metric is None else float(metric["Value"])
