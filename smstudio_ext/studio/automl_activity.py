"""What an Autopilot experiment does now: the jobs that run for it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from smstudio_ext.studio.automl import elapsed
from smstudio_ext.studio.models.automl_pages import AutoMLActivity, JobKind, RunningJob
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


def automl_activity(target: Target, name: str) -> AutoMLActivity:
    """The jobs that run for an experiment; Autopilot names them after it.

    Against AWS this costs four list requests, so pages ask only while the experiment runs.
    """
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
