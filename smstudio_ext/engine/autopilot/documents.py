"""Describe documents of Autopilot jobs, in the forms of both versions of the API."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from smstudio_ext.engine.autopilot.candidates import best_candidate
from smstudio_ext.engine.autopilot.problemtypes import TABULAR
from smstudio_ext.engine.autopilot.specification import Specification
from smstudio_ext.engine.errors import ValidationException

if TYPE_CHECKING:
    from smstudio_ext.engine.context import EngineContext
    from smstudio_ext.engine.store import Resource

Document = dict[str, Any]

_SHARED = (
    "AutoMLJobName AutoMLJobArn AutoMLJobStatus AutoMLJobSecondaryStatus CreationTime EndTime FailureReason "
    "PartialFailureReasons ModelDeployResult AutoMLJobArtifacts"
).split()


def describe_v1(ctx: EngineContext, job: Resource) -> Document:
    """The output of DescribeAutoMLJob.

    Raises:
        ValidationException: the job is not a tabular one.
    """
    spec = Specification.from_document(job.internal["specification"])
    if spec.config_name != TABULAR:
        raise ValidationException(
            f"The AutoML job {job.name} has the problem type {spec.kind.name}, which DescribeAutoMLJob does not know. "
            "Use DescribeAutoMLJobV2."
        )
    return _given(
        {
            **_state(ctx, job),
            "InputDataConfig": [
                _given({**_channel(spec, number), "TargetAttributeName": spec.target})
                for number in range(len(spec.channels))
            ],
            "OutputDataConfig": spec.request["OutputDataConfig"],
            "RoleArn": spec.role,
            "AutoMLJobObjective": spec.request.get("AutoMLJobObjective"),
            "ProblemType": spec.problem_type,
            "AutoMLJobConfig": _job_config(spec),
            "GenerateCandidateDefinitionsOnly": spec.pilot,
            "ModelDeployConfig": spec.request.get("ModelDeployConfig"),
            "ResolvedAttributes": _resolved(job),
        }
    )


def describe_v2(ctx: EngineContext, job: Resource) -> Document:
    """The output of DescribeAutoMLJobV2; jobs made by version 1 are tabular ones."""
    spec = Specification.from_document(job.internal["specification"])
    resolved = _resolved(job)
    if resolved is not None and "ProblemType" in resolved:
        problem = resolved.pop("ProblemType")
        resolved["AutoMLProblemTypeResolvedAttributes"] = {
            "TabularResolvedAttributes": {"ProblemType": problem}
        }
    return _given(
        {
            **_state(ctx, job),
            "AutoMLJobInputDataConfig": [_channel(spec, number) for number in range(len(spec.channels))],
            "OutputDataConfig": spec.request["OutputDataConfig"],
            "RoleArn": spec.role,
            "AutoMLJobObjective": spec.request.get("AutoMLJobObjective"),
            "AutoMLProblemTypeConfig": {
                spec.config_name: _tabular_config(spec) if spec.config_name == TABULAR else spec.config
            },
            "AutoMLProblemTypeConfigName": spec.kind.name,
            "ModelDeployConfig": spec.request.get("ModelDeployConfig"),
            "DataSplitConfig": _split(spec),
            "SecurityConfig": spec.security or None,
            "ResolvedAttributes": resolved,
        }
    )


def summary(job: Resource) -> Document:
    """An AutoMLJobSummary."""
    document = job.document
    return _given(
        {
            "AutoMLJobName": job.name,
            "AutoMLJobArn": job.arn,
            "AutoMLJobStatus": document["AutoMLJobStatus"],
            "AutoMLJobSecondaryStatus": document["AutoMLJobSecondaryStatus"],
            "CreationTime": job.created,
            "EndTime": document.get("EndTime"),
            "LastModifiedTime": job.modified,
            "FailureReason": document.get("FailureReason"),
            "PartialFailureReasons": document.get("PartialFailureReasons"),
        }
    )


def _state(ctx: EngineContext, job: Resource) -> Document:
    return {
        **{member: job.document.get(member) for member in _SHARED},
        "LastModifiedTime": job.modified,
        "BestCandidate": best_candidate(ctx, job),
    }


def _resolved(job: Resource) -> Document | None:
    found = job.document.get("ResolvedAttributes")
    return None if found is None else dict(found)


def _channel(spec: Specification, number: int) -> Document:
    entry = spec.request["AutoMLJobInputDataConfig" if spec.v2 else "InputDataConfig"][number]
    channel = spec.channels[number]
    return _given(
        {
            "DataSource": entry.get("DataSource"),
            "CompressionType": entry.get("CompressionType"),
            "ContentType": channel.content_type,
            "ChannelType": channel.kind,
            "SampleWeightAttributeName": entry.get("SampleWeightAttributeName"),
        }
    )


def _job_config(spec: Specification) -> Document | None:
    config = dict(
        spec.request.get("AutoMLJobConfig") or {},
        CompletionCriteria=_criteria(spec),
        SecurityConfig=spec.security or None,
        DataSplitConfig=_split(spec),
        Mode=spec.mode,
    )
    return _given(config)


def _tabular_config(spec: Specification) -> Document:
    if spec.v2:
        given = dict(spec.request["AutoMLProblemTypeConfig"]["TabularJobConfig"])
        return _given({**given, "Mode": spec.mode, "GenerateCandidateDefinitionsOnly": spec.pilot})
    generation = (
        {"AlgorithmsConfig": [{"AutoMLAlgorithms": list(spec.algorithms)}]} if spec.algorithms else None
    )
    return _given(
        {
            "CandidateGenerationConfig": generation,
            "CompletionCriteria": _criteria(spec),
            "FeatureSpecificationS3Uri": spec.feature_specification,
            "Mode": spec.mode,
            "GenerateCandidateDefinitionsOnly": spec.pilot,
            "ProblemType": spec.problem_type,
            "TargetAttributeName": spec.target,
            "SampleWeightAttributeName": spec.sample_weight,
        }
    )


def _criteria(spec: Specification) -> Document | None:
    criteria = _given(
        {
            "MaxCandidates": spec.max_candidates,
            "MaxRuntimePerTrainingJobInSeconds": spec.max_trial_runtime,
            "MaxAutoMLJobRuntimeInSeconds": spec.max_runtime,
        }
    )
    return criteria or None


def _split(spec: Specification) -> Document | None:
    return None if spec.validation_fraction is None else {"ValidationFraction": spec.validation_fraction}


def _given(document: Document) -> Document:
    return {member: value for member, value in document.items() if value is not None}
