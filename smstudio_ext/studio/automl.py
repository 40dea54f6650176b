"""Autopilot experiments over boto3: list, job page, leaderboard, stop."""

from __future__ import annotations

import json
from datetime import datetime, timezone
from typing import Any

from smstudio_ext.studio.choices import direction_of
from smstudio_ext.studio.listing import list_request
from smstudio_ext.studio.models.automl import (
    AutoMLJob,
    AutoMLJobPage,
    AutoMLJobSummary,
    Candidate,
    CandidateMetric,
    CandidatePage,
    CandidateStep,
    CompletionLimits,
    InferenceContainer,
    InputChannel,
    JobSecurity,
    ListAutoMLJobs,
    ListCandidates,
    ObjectiveValue,
)
from smstudio_ext.studio.models.base import Accepted
from smstudio_ext.studio.models.options import Direction
from smstudio_ext.studio.stages import stages_of, status_text
from smstudio_ext.target import Target

RESPONSE_KEYS_VARIABLE = "SAGEMAKER_INFERENCE_SUPPORTED"

_TOLD = {
    "CandidateGenerationConfig",
    "CompletionCriteria",
    "FeatureSpecificationS3Uri",
    "TargetAttributeName",
    "TargetLabelColumn",
}
"""Members of a problem type's configuration that the job page has places of their own for."""


def list_automl_jobs(target: Target, query: ListAutoMLJobs) -> AutoMLJobPage:
    """One page of the experiments list."""
    request = list_request(query)
    if request is None:
        return AutoMLJobPage(items=[], next_token=None)
    answer = target.client("sagemaker").list_auto_ml_jobs(**request)
    return AutoMLJobPage(
        items=[
            AutoMLJobSummary(
                name=job["AutoMLJobName"],
                arn=job["AutoMLJobArn"],
                status=job["AutoMLJobStatus"],
                secondary_status=job.get("AutoMLJobSecondaryStatus", ""),
                created=job["CreationTime"],
                modified=job.get("LastModifiedTime", job["CreationTime"]),
                ended=job.get("EndTime"),
                failure_reason=job.get("FailureReason"),
                partial_failures=_messages(job),
            )
            for job in answer.get("AutoMLJobSummaries", [])
        ],
        next_token=answer.get("NextToken"),
    )


def describe_automl_job(target: Target, name: str) -> AutoMLJob:
    """The job page. Jobs of `CreateAutoMLJob` and `CreateAutoMLJobV2` are described alike by the newer call."""
    return job_page(target.client("sagemaker").describe_auto_ml_job_v2(AutoMLJobName=name))


def job_page(job: dict[str, Any]) -> AutoMLJob:
    """The job page of what AWS says of a job."""
    config = _problem_config(job)
    resolved = job.get("ResolvedAttributes", {})
    objective = job.get("AutoMLJobObjective", {}).get("MetricName")
    resolved_objective = resolved.get("AutoMLJobObjective", {}).get("MetricName") or objective
    ended = job.get("EndTime")
    best = job.get("BestCandidate")
    return AutoMLJob(
        name=job["AutoMLJobName"],
        arn=job["AutoMLJobArn"],
        status=job["AutoMLJobStatus"],
        secondary_status=job["AutoMLJobSecondaryStatus"],
        status_text=status_text(job, config),
        stages=stages_of(job, config),
        created=job["CreationTime"],
        modified=job["LastModifiedTime"],
        ended=ended,
        elapsed_seconds=elapsed(job["CreationTime"], ended),
        can_stop=job["AutoMLJobStatus"] == "InProgress",
        pilot=bool(config.get("GenerateCandidateDefinitionsOnly")),
        on_table=_other_problem_type(job) is None,
        target=_target_column(config),
        problem_type=config.get("ProblemType") or _other_problem_type(job),
        problem_settings=_problem_settings(config) if _other_problem_type(job) else {},
        resolved_problem_type=_resolved_problem_type(resolved)
        or config.get("ProblemType")
        or _other_problem_type(job),
        objective=objective,
        resolved_objective=resolved_objective,
        mode=config.get("Mode"),
        algorithms=_algorithms(config),
        inputs=[_input(channel) for channel in job.get("AutoMLJobInputDataConfig", [])],
        validation_fraction=job.get("DataSplitConfig", {}).get("ValidationFraction"),
        sample_weight=config.get("SampleWeightAttributeName"),
        feature_specification_s3_uri=config.get("FeatureSpecificationS3Uri"),
        output_s3_uri=job["OutputDataConfig"]["S3OutputPath"],
        role_arn=job.get("RoleArn", ""),
        limits=_limits(config.get("CompletionCriteria", {})),
        resolved_limits=_limits(resolved.get("CompletionCriteria") or config.get("CompletionCriteria", {})),
        security=_security(job),
        deploy_endpoint=_deploy_endpoint(job),
        deployed_endpoint=job.get("ModelDeployResult", {}).get("EndpointName"),
        best_candidate=candidate_of(best, best_name=best["CandidateName"]) if best else None,
        candidate_definition_notebook=_artifact(job, "CandidateDefinitionNotebookLocation"),
        data_exploration_notebook=_artifact(job, "DataExplorationNotebookLocation"),
        failure_reason=job.get("FailureReason"),
        partial_failures=_messages(job),
    )


def list_candidates(target: Target, name: str, query: ListCandidates) -> CandidatePage:
    """One page of the leaderboard; by default the best first, whichever way the metric points."""
    sagemaker = target.client("sagemaker")
    job = sagemaker.describe_auto_ml_job_v2(AutoMLJobName=name)
    metric = (
        job.get("ResolvedAttributes", {}).get("AutoMLJobObjective", {}).get("MetricName")
        or job.get("AutoMLJobObjective", {}).get("MetricName")
        or job.get("BestCandidate", {}).get("FinalAutoMLJobObjectiveMetric", {}).get("MetricName")
    )
    direction: Direction | None = direction_of(metric) if metric else None
    order = query.sort_order
    if order is None:
        by_metric = query.sort_by == "FinalObjectiveMetricValue"
        order = "Ascending" if by_metric and direction == "Minimize" else "Descending"
    request: dict[str, Any] = {
        "AutoMLJobName": name,
        "SortBy": query.sort_by,
        "SortOrder": order,
        "MaxResults": query.max_results,
    }
    if query.status:
        request["StatusEquals"] = query.status
    if query.next_token:
        request["NextToken"] = query.next_token
    answer = sagemaker.list_candidates_for_auto_ml_job(**request)
    best = job.get("BestCandidate", {}).get("CandidateName")
    return CandidatePage(
        items=[candidate_of(candidate, best_name=best) for candidate in answer.get("Candidates", [])],
        next_token=answer.get("NextToken"),
        objective_metric=metric,
        direction=direction,
    )


def stop_automl_job(target: Target, name: str) -> Accepted:
    """Asks the job to stop; it keeps the candidates that it has finished."""
    target.client("sagemaker").stop_auto_ml_job(AutoMLJobName=name)
    return Accepted(name=name)


def candidate_of(candidate: dict[str, Any], *, best_name: str | None) -> Candidate:
    """A candidate of an AWS answer as the leaderboard shows it."""
    properties = candidate.get("CandidateProperties", {})
    artifacts = properties.get("CandidateArtifactLocations", {})
    containers = containers_of(candidate)
    return Candidate(
        name=candidate["CandidateName"],
        status=candidate["CandidateStatus"],
        objective_status=candidate["ObjectiveStatus"],
        objective=_objective(candidate.get("FinalAutoMLJobObjectiveMetric")),
        is_best=candidate["CandidateName"] == best_name,
        can_deploy=candidate["CandidateStatus"] == "Completed" and bool(containers),
        created=candidate["CreationTime"],
        ended=candidate.get("EndTime"),
        elapsed_seconds=elapsed(candidate["CreationTime"], candidate.get("EndTime")),
        metrics=[
            CandidateMetric(
                name=metric.get("StandardMetricName") or metric.get("MetricName", ""),
                value=metric.get("Value"),
                set=metric.get("Set"),
            )
            for metric in properties.get("CandidateMetrics", [])
        ],
        steps=[
            CandidateStep(
                kind=step["CandidateStepType"].rsplit("::", 1)[-1],
                name=step["CandidateStepName"],
                arn=step["CandidateStepArn"],
            )
            for step in candidate.get("CandidateSteps", [])
        ],
        containers=[
            InferenceContainer(
                image=container["Image"],
                model_data_url=container["ModelDataUrl"],
                environment=container.get("Environment", {}),
            )
            for container in containers
        ],
        response_keys=response_keys(containers),
        failure_reason=candidate.get("FailureReason"),
        explainability_s3_uri=artifacts.get("Explainability"),
        insights_s3_uri=artifacts.get("ModelInsights"),
    )


def containers_of(candidate: dict[str, Any]) -> list[dict[str, Any]]:
    """Containers that make up a candidate's model, in the order of a request's way through them."""
    containers: list[dict[str, Any]] = candidate.get("InferenceContainers") or []
    if containers:
        return containers
    by_processor = candidate.get("InferenceContainerDefinitions", {})
    definitions: list[dict[str, Any]] = by_processor.get("CPU") or by_processor.get("GPU") or []
    return definitions


def response_keys(containers: list[dict[str, Any]]) -> list[str]:
    """What an endpoint of these containers can answer, e.g. predicted_label and probability."""
    for container in reversed(containers):
        supported = container.get("Environment", {}).get(RESPONSE_KEYS_VARIABLE)
        if supported:
            return [key.strip() for key in supported.split(",") if key.strip()]
    return []


def elapsed(start: datetime, end: datetime | None) -> float:
    """Seconds from the start to the end, or to now."""
    return max(0.0, ((end or datetime.now(timezone.utc)) - start).total_seconds())


def _problem_config(job: dict[str, Any]) -> dict[str, Any]:
    config = job.get("AutoMLProblemTypeConfig") or {}
    found: dict[str, Any] = next((value for value in config.values() if isinstance(value, dict)), {})
    return found


def _target_column(config: dict[str, Any]) -> str | None:
    column: str | None = (
        config.get("TargetAttributeName")
        or config.get("TargetLabelColumn")
        or config.get("TimeSeriesConfig", {}).get("TargetAttributeName")
    )
    return column


def _resolved_problem_type(resolved: dict[str, Any]) -> str | None:
    attributes = resolved.get("AutoMLProblemTypeResolvedAttributes", {})
    found: str | None = attributes.get("TabularResolvedAttributes", {}).get("ProblemType")
    return found


def _other_problem_type(job: dict[str, Any]) -> str | None:
    """What a job that is not on a table does, such as TimeSeriesForecasting."""
    name: str | None = job.get("AutoMLProblemTypeConfigName")
    return None if name == "Tabular" else name


def _problem_settings(config: dict[str, Any]) -> dict[str, str]:
    """What a job that is not on a table was told besides, by AWS's names: ForecastHorizon, ContentColumn, ..."""
    found: dict[str, str] = {}
    for name, value in config.items():
        if name in _TOLD:
            continue
        members: dict[str, Any] = value if isinstance(value, dict) else {name: value}
        for member, setting in members.items():
            if member not in _TOLD:
                found[member] = _setting(setting)
    return found


def _setting(value: Any) -> str:
    if isinstance(value, list) and all(isinstance(each, (str, int, float)) for each in value):
        return ", ".join(map(str, value))
    return json.dumps(value, ensure_ascii=False) if isinstance(value, (dict, list)) else str(value)


def _algorithms(config: dict[str, Any]) -> list[str]:
    chosen = config.get("CandidateGenerationConfig", {}).get("AlgorithmsConfig", [])
    return [name for entry in chosen for name in entry.get("AutoMLAlgorithms", [])]


def _input(channel: dict[str, Any]) -> InputChannel:
    source = channel.get("DataSource", {}).get("S3DataSource", {})
    return InputChannel(
        channel=channel.get("ChannelType", "training"),
        s3_uri=source.get("S3Uri", ""),
        data_type=source.get("S3DataType", ""),
        content_type=channel.get("ContentType"),
        compression=channel.get("CompressionType"),
    )


def _limits(criteria: dict[str, Any]) -> CompletionLimits:
    return CompletionLimits(
        max_candidates=criteria.get("MaxCandidates"),
        max_runtime_per_training_job_seconds=criteria.get("MaxRuntimePerTrainingJobInSeconds"),
        max_job_runtime_seconds=criteria.get("MaxAutoMLJobRuntimeInSeconds"),
    )


def _security(job: dict[str, Any]) -> JobSecurity:
    security = job.get("SecurityConfig", {})
    network = security.get("VpcConfig", {})
    return JobSecurity(
        output_kms_key_id=job["OutputDataConfig"].get("KmsKeyId"),
        volume_kms_key_id=security.get("VolumeKmsKeyId"),
        encrypt_inter_container_traffic=bool(security.get("EnableInterContainerTrafficEncryption")),
        security_group_ids=network.get("SecurityGroupIds", []),
        subnets=network.get("Subnets", []),
    )


def _deploy_endpoint(job: dict[str, Any]) -> str | None:
    config = job.get("ModelDeployConfig", {})
    return config.get("EndpointName") or (
        "(made by Autopilot)" if config.get("AutoGenerateEndpointName") else None
    )


def _artifact(job: dict[str, Any], name: str) -> str | None:
    location: str | None = job.get("AutoMLJobArtifacts", {}).get(name)
    return location


def _objective(metric: dict[str, Any] | None) -> ObjectiveValue | None:
    if not metric:
        return None
    name = metric.get("StandardMetricName") or metric["MetricName"]
    return ObjectiveValue(
        metric=name, value=metric.get("Value"), direction=metric.get("Type") or direction_of(name)
    )


def _messages(job: dict[str, Any]) -> list[str]:
    return [reason.get("PartialFailureMessage", "") for reason in job.get("PartialFailureReasons", [])]
