"""What the controller asks of the analysis: its `request.json`."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from smstudio_ext.engine.autopilot.algorithms import HPO_ALGORITHMS, left_out, offered_algorithms
from smstudio_ext.engine.autopilot.ensembling.portfolio import ALGORITHMS as ENSEMBLING_ALGORITHMS
from smstudio_ext.engine.autopilot.problems import PROBLEMS
from smstudio_ext.engine.images.contract import AlgorithmError
from smstudio_ext.engine.images.jobfiles import read_json

_MEMORY_MB = 8192
_MEMORY_PART = 8


@dataclass(frozen=True)
class Request:
    """The controller's `request.json`; member names are AWS's.

    Attributes:
        memory_mb: memory that the jobs may use; of larger data a sample is taken.
        mode: HYPERPARAMETER_TUNING or ENSEMBLING.
        models: most models of mode ENSEMBLING.
        left_out: what to say of algorithms that cannot run here.
    """

    target: str
    problem: str | None = None
    objective: str | None = None
    validation_fraction: float = 0.2
    feature_names: list[str] | None = None
    feature_types: dict[str, str] = field(default_factory=dict)
    sample_weight: str | None = None
    max_candidates: int = 250
    algorithms: tuple[str, ...] = HPO_ALGORITHMS
    seed: int = 0
    content_type: str = "text/csv;header=present"
    memory_mb: int = _MEMORY_MB
    mode: str = "HYPERPARAMETER_TUNING"
    models: int = 0
    left_out: str | None = None

    @property
    def memory_limit(self) -> int:
        """Bytes that the rows may cost: the transformers need several times as much for their features."""
        return self.memory_mb * (1 << 20) // _MEMORY_PART

    @classmethod
    def read(cls, path: Path) -> Request:
        """Reads the request.

        Raises:
            AlgorithmError: a member is missing or makes no sense.
        """
        given = read_json(path)
        if not given.get("TargetAttributeName"):
            raise AlgorithmError("The request names no TargetAttributeName.")
        problem, objective = given.get("ProblemType") or None, given.get("Objective") or None
        if problem is not None and problem not in PROBLEMS:
            raise AlgorithmError(f"ProblemType '{problem}' is not offered; known: {', '.join(PROBLEMS)}.")
        fraction = float(given.get("ValidationFraction") or 0.2)
        if not 0 < fraction < 1:
            raise AlgorithmError("ValidationFraction must lie between 0 and 1.")
        mode = given.get("Mode") or "HYPERPARAMETER_TUNING"
        offered = ENSEMBLING_ALGORITHMS if mode == "ENSEMBLING" else offered_algorithms()
        asked = given.get("Algorithms") or offered
        algorithms = tuple(name for name in offered if name in asked)
        if not algorithms:
            raise AlgorithmError(
                f"None of the algorithms {', '.join(asked)} can run here; those that can: {', '.join(offered)}."
            )
        return cls(
            given["TargetAttributeName"],
            problem,
            objective,
            fraction,
            given.get("FeatureAttributeNames") or None,
            given.get("FeatureDataTypes") or {},
            given.get("SampleWeightAttributeName") or None,
            int(given.get("MaxCandidates") or 250),
            algorithms,
            int(given.get("Seed") or 0),
            given.get("ContentType") or "text/csv;header=present",
            int(given.get("MemoryMB") or _MEMORY_MB),
            mode,
            int(given.get("Models") or 0),
            left_out(asked),
        )
