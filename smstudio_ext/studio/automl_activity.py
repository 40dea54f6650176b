"""What an Autopilot experiment does now: the jobs that run for it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from smstudio_ext.studio.automl import elapsed
from smstudio_ext.studio.models.automl_pages import ActivityQuery, AutoMLActivity, JobKind, RunningJob
from smstudio_ext.target import Target

_KINDS: tuple[tuple[JobKind, str, str, str], ...] = (
    ("ProcessingJob", "list_processing_jobs", "ProcessingJobSummaries", "ProcessingJob"),
    ("TransformJob", "list_transform_jobs", "TransformJobSummaries", "TransformJob"),
    ("TrainingJob", "list_training_jobs", "TrainingJobSummaries", "TrainingJob"),
    (
        "HyperParameterTuningJob",
        "list_hyper_parameter_tuning_jobs",
        "HyperParameterTuningJobSummaries",
        "HyperParameterTuningJob",
    ),
)
_SHOWN = 20


_NOT_IN_SEARCH: JobKind = "ProcessingJob"
_ONLY_IN_SEARCH: JobKind = "HyperParameterTuningJob"
_SEARCH = frozenset({"ModelTuning", "TrainingModels", "MaxCandidatesReached", "MaxAutoMLJobRuntimeReached"})
"""Stages in which models are searched for; transformers may still be made then, the data is analysed before."""


def automl_activity(target: Target, name: str, query: ActivityQuery | None = None) -> AutoMLActivity:
    """The jobs that run for an experiment; Autopilot names them after it.

    Each kind costs a list request, three in any stage and four where the stage is not told. Pages ask only while the
    experiment runs.
    """
    stage = query.stage if query else None
    left_out = None if stage is None else _NOT_IN_SEARCH if stage in _SEARCH else _ONLY_IN_SEARCH
    sagemaker = target.client("sagemaker")
    jobs = [
        RunningJob(
            kind=kind,
            name=found[f"{prefix}Name"],
            status=found[f"{prefix}Status"],
            created=found["CreationTime"],
            elapsed_seconds=elapsed(found["CreationTime"], None),
        )
        for kind, method, members, prefix in _KINDS
        if kind != left_out
        for found in _running(getattr(sagemaker, method), name, members)
        if found[f"{prefix}Name"].startswith(name)
    ]
    return AutoMLActivity(jobs=sorted(jobs, key=lambda job: job.created, reverse=True))


def _running(listing: Callable[..., dict[str, Any]], name: str, members: str) -> list[dict[str, Any]]:
    answer = listing(
        NameContains=name,
        StatusEquals="InProgress",
        SortBy="CreationTime",
        SortOrder="Descending",
        MaxResults=_SHOWN,
    )
    found: list[dict[str, Any]] = answer.get(members, [])
    return found
