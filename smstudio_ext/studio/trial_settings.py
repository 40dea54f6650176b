"""AWS settings and Debugger rules of the job behind a trial component."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timezone
from typing import Any

from smstudio_ext.studio.models.trial_details import DebugRule, JobFact, TrialSettings
from smstudio_ext.studio.trial_details import source_of
from smstudio_ext.target import Target

_DESCRIBE = {
    "TrainingJob": ("describe_training_job", "TrainingJobName", "TrainingJobArn", "TrainingJobStatus"),
    "ProcessingJob": (
        "describe_processing_job",
        "ProcessingJobName",
        "ProcessingJobArn",
        "ProcessingJobStatus",
    ),
    "TransformJob": ("describe_transform_job", "TransformJobName", "TransformJobArn", "TransformJobStatus"),
}


def trial_settings(target: Target, name: str) -> TrialSettings:
    """Settings of the job of a trial component.

    Raises:
        botocore.exceptions.ClientError: there is no such component, or its job must not be read.
    """
    client = target.client("sagemaker")
    component = client.describe_trial_component(TrialComponentName=name)
    kind, job_name = source_of((component.get("Source") or {}).get("SourceArn"))
    if kind is None or job_name is None:
        return TrialSettings(facts=[], rules=[], can_stop=False, missing=True)
    job = _describe(client, kind, job_name)
    if job is None:
        return TrialSettings(facts=[], rules=[], can_stop=False, missing=True)
    status = job[_DESCRIBE[kind][3]]
    return TrialSettings(
        facts=[JobFact(id=fact, value=value) for fact, value in _facts(kind, job) if value],
        rules=[*_rules(job, "DebugRuleEvaluationStatuses"), *_rules(job, "ProfilerRuleEvaluationStatuses")],
        can_stop=status == "InProgress",
        missing=False,
    )


def _describe(client: Any, kind: str, name: str) -> dict[str, Any] | None:
    from botocore.exceptions import ClientError

    operation, member, _, _ = _DESCRIBE[kind]
    try:
        job: dict[str, Any] = getattr(client, operation)(**{member: name})
    except ClientError as error:
        if error.response["Error"]["Code"] in ("ResourceNotFound", "ValidationException"):
            return None
        raise
    return job


def _facts(kind: str, job: dict[str, Any]) -> Iterator[tuple[str, str]]:
    _, name, arn, status = _DESCRIBE[kind]
    yield "Job name", job[name]
    yield "ARN", job[arn]
    yield "Status", job[status]
    yield "Secondary status", job.get("SecondaryStatus", "")
    yield "Failure reason", job.get("FailureReason", "")
    yield "Created", _time(job.get("CreationTime"))
    start = job.get("TrainingStartTime") or job.get("ProcessingStartTime") or job.get("TransformStartTime")
    end = job.get("TrainingEndTime") or job.get("ProcessingEndTime") or job.get("TransformEndTime")
    yield "Started", _time(start)
    yield "Ended", _time(end)
    yield "Training time (s)", _text(job.get("TrainingTimeInSeconds"))
    yield "Billable time (s)", _text(job.get("BillableTimeInSeconds"))
    resources = (
        job.get("ResourceConfig")
        or job.get("ProcessingResources", {}).get("ClusterConfig")
        or job.get("TransformResources")
        or {}
    )
    yield "Instance type", resources.get("InstanceType", "")
    yield "Instance count", _text(resources.get("InstanceCount"))
    yield "Volume size (GB)", _text(resources.get("VolumeSizeInGB"))
    yield "Image", _image(job)
    yield "Entry point", " ".join(job.get("AppSpecification", {}).get("ContainerEntrypoint", []))
    yield "Role", job.get("RoleArn", "")
    yield "Model", job.get("ModelArtifacts", {}).get("S3ModelArtifacts", "") or job.get("ModelName", "")
    yield (
        "Output",
        job.get("OutputDataConfig", {}).get("S3OutputPath", "")
        or job.get("TransformOutput", {}).get("S3OutputPath", ""),
    )
    limit = job.get("StoppingCondition", {}).get("MaxRuntimeInSeconds")
    yield "Longest run (s)", _text(limit)
    yield "Spot training", _text(job.get("EnableManagedSpotTraining"))
    yield "Network isolation", _text(job.get("EnableNetworkIsolation"))
    yield "Subnets", ", ".join(job.get("VpcConfig", {}).get("Subnets", []))
    yield "Tuning job", job.get("TuningJobArn", "")
    yield "Autopilot job", job.get("AutoMLJobArn", "")


def _image(job: dict[str, Any]) -> str:
    algorithm = job.get("AlgorithmSpecification") or {}
    return str(
        algorithm.get("TrainingImage")
        or algorithm.get("AlgorithmName")
        or (job.get("AppSpecification") or {}).get("ImageUri", "")
    )


def _rules(job: dict[str, Any], member: str) -> list[DebugRule]:
    return [
        DebugRule(
            name=rule.get("RuleConfigurationName", ""),
            status=rule.get("RuleEvaluationStatus", ""),
            details=rule.get("StatusDetails", ""),
            job_arn=rule.get("RuleEvaluationJobArn"),
            time=rule.get("LastModifiedTime"),
        )
        for rule in job.get(member) or []
    ]


def _time(value: datetime | None) -> str:
    return value.astimezone(timezone.utc).isoformat() if value else ""


def _text(value: object) -> str:
    return "" if value is None else str(value)
