"""What the controller and the analysis of an Autopilot job tell each other."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from smstudio_ext.engine.autopilot.algorithms import HPO_ALGORITHMS
from smstudio_ext.engine.autopilot.ensembling.jobs import most_candidates
from smstudio_ext.engine.autopilot.ensembling.modes import ENSEMBLING
from smstudio_ext.engine.autopilot.ensembling.portfolio import ALGORITHMS
from smstudio_ext.engine.autopilot.naming import seed_of
from smstudio_ext.engine.autopilot.problemtypes import TABULAR
from smstudio_ext.engine.autopilot.specification import DEFAULT_MAX_CANDIDATES
from smstudio_ext.engine.store.objects import parse_s3_uri

if TYPE_CHECKING:
    from smstudio_ext.engine.autopilot.children import Family
    from smstudio_ext.engine.autopilot.specification import Specification
    from smstudio_ext.engine.context import EngineContext
    from smstudio_ext.engine.store import Resource


def resolved_attributes(spec: Specification, plan: dict[str, Any]) -> dict[str, Any]:
    """The job's ResolvedAttributes: what it was left to find out, and the limits that hold.

    Args:
        plan: content of `candidates.json`.
    """
    criteria = {
        "MaxCandidates": spec.max_candidates or DEFAULT_MAX_CANDIDATES,
        "MaxRuntimePerTrainingJobInSeconds": spec.max_trial_runtime,
        "MaxAutoMLJobRuntimeInSeconds": spec.max_runtime,
    }
    problem = {"ProblemType": plan["ProblemType"]} if spec.config_name == TABULAR else {}
    return {
        "AutoMLJobObjective": {"MetricName": plan["Objective"]},
        **problem,
        "CompletionCriteria": {member: value for member, value in criteria.items() if value is not None},
    }


def write_request(ctx: EngineContext, family: Family) -> str:
    """Puts the analysis's `request.json` beside its output and returns its URI."""
    spec = family.spec
    features: dict[str, Any] = {}
    if spec.feature_specification:
        features = read_json(ctx, spec.feature_specification)
    request = {
        **_own(spec),
        "TargetAttributeName": spec.target,
        "ProblemType": spec.problem_type,
        "Objective": spec.objective,
        "ValidationFraction": spec.validation_fraction,
        "CompressionType": spec.training.compression,
        "ContentType": spec.training.content_type,
        "FeatureAttributeNames": features.get("FeatureAttributeNames") or None,
        "FeatureDataTypes": features.get("FeatureDataTypes") or {},
        "SampleWeightAttributeName": spec.sample_weight,
        "MaxCandidates": spec.max_candidates or DEFAULT_MAX_CANDIDATES,
        "Mode": spec.mode,
        "Models": most_candidates(family),
        "Algorithms": _algorithms(spec),
        "Seed": seed_of(spec.name),
        "MemoryMB": int(ctx.slots.memory_mb),
    }
    place = parse_s3_uri(f"{family.candidates_uri}/request.json")
    ctx.objects.put_bytes(
        place.bucket, place.key, json.dumps(request, indent=1).encode(), content_type="application/json"
    )
    return f"{family.candidates_uri}/request.json"


def _own(spec: Specification) -> dict[str, Any]:
    """What only problem types other than the tabular one need."""
    return {} if spec.config_name == TABULAR else {"Config": spec.config}


def _algorithms(spec: Specification) -> list[str]:
    if spec.config_name != TABULAR:
        return list(spec.algorithms)  # none: all that can run here
    return list(spec.algorithms or (ALGORITHMS if spec.mode == ENSEMBLING else HPO_ALGORITHMS))


def read_json(ctx: EngineContext, uri: str) -> dict[str, Any]:
    """A JSON object of the object store."""
    place = parse_s3_uri(uri)
    with ctx.objects.open(place.bucket, place.key) as stream:
        document: dict[str, Any] = json.loads(stream.read())
    return document


def reason_of(job: Resource, what: str) -> str:
    """Why a job ended as it did, as far as it says so."""
    for member in ("ExitMessage", "FailureReason"):
        if job.document.get(member):
            return str(job.document[member])
    return f"{what} {job.name} ended in status {job.status}."
