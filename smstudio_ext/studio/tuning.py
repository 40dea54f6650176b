"""Tuning jobs over boto3: list, page, trials, stop, delete."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from smstudio_ext.studio.automl import elapsed
from smstudio_ext.studio.listing import list_request
from smstudio_ext.studio.models.base import Accepted
from smstudio_ext.studio.models.tuning import (
    ListTrials,
    ListTuningJobs,
    ParameterRange,
    Trial,
    TrialCounters,
    TrialPage,
    TuningDefinition,
    TuningJob,
    TuningJobPage,
    TuningJobSummary,
)
from smstudio_ext.studio.training import image_name, input_of
from smstudio_ext.target import Target

Document = dict[str, Any]

_KINDS = (("Integer", "IntegerParameterRanges"), ("Continuous", "ContinuousParameterRanges"))
_DOING = {
    "InProgress": "Trials are running.",
    "Completed": "The tuning job is completed.",
    "Failed": "The tuning job failed.",
    "Stopping": "The tuning job is stopping; running trials are stopped.",
    "Stopped": "The tuning job was stopped; finished trials stay.",
    "Deleting": "The tuning job is being deleted.",
    "DeleteFailed": "The tuning job could not be deleted.",
}


def list_tuning_jobs(target: Target, query: ListTuningJobs) -> TuningJobPage:
    """One page of the tuning jobs list."""
    request = list_request(query)
    if request is None:
        return TuningJobPage(items=[], next_token=None)
    answer = target.client("sagemaker").list_hyper_parameter_tuning_jobs(**request)
    return TuningJobPage(
        items=[_summary(job) for job in answer.get("HyperParameterTuningJobSummaries", [])],
        next_token=answer.get("NextToken"),
    )


def describe_tuning_job(target: Target, name: str) -> TuningJob:
    """A tuning job's page."""
    job = describe(target, name)
    config = job["HyperParameterTuningJobConfig"]
    limits, criteria = config.get("ResourceLimits", {}), config.get("TuningJobCompletionCriteria", {})
    definitions = [_definition(config, each) for each in definitions_of(job)]
    warm = job.get("WarmStartConfig", {})
    status = job["HyperParameterTuningJobStatus"]
    ended = job.get("HyperParameterTuningEndTime")
    modified: datetime = job.get("LastModifiedTime") or job["CreationTime"]
    best, overall = job.get("BestTrainingJob"), job.get("OverallBestTrainingJob")
    return TuningJob(
        name=job["HyperParameterTuningJobName"],
        arn=job["HyperParameterTuningJobArn"],
        status=status,
        status_text=_status_text(job, status),
        created=job["CreationTime"],
        modified=modified,
        ended=ended,
        elapsed_seconds=elapsed(job["CreationTime"], ended),
        can_stop=status == "InProgress",
        failure_reason=job.get("FailureReason"),
        strategy=config["Strategy"],
        strategy_config=config.get("StrategyConfig", {}),
        objective=definitions[0].objective if definitions else None,
        direction=definitions[0].direction if definitions else None,
        early_stopping=config.get("TrainingJobEarlyStoppingType", "Off"),
        max_jobs=limits.get("MaxNumberOfTrainingJobs"),
        max_parallel=limits.get("MaxParallelTrainingJobs"),
        max_runtime_seconds=limits.get("MaxRuntimeInSeconds"),
        consumed_seconds=job.get("ConsumedResources", {}).get("RuntimeInSeconds"),
        target_value=criteria.get("TargetObjectiveMetricValue"),
        max_not_improving=criteria.get("BestObjectiveNotImproving", {}).get(
            "MaxNumberOfTrainingJobsNotImproving"
        ),
        not_improving=job.get("TuningJobCompletionDetails", {}).get(
            "NumberOfTrainingJobsObjectiveNotImproving"
        ),
        stop_on_convergence=criteria.get("ConvergenceDetected", {}).get("CompleteOnConvergence") == "Enabled",
        random_seed=config.get("RandomSeed"),
        autotune="Autotune" in job,
        counters=_counters(job),
        definitions=definitions,
        best=_trial(best) if best else None,
        overall_best=_trial(overall) if overall else None,
        warm_start=warm.get("WarmStartType"),
        parents=[
            each["HyperParameterTuningJobName"] for each in warm.get("ParentHyperParameterTuningJobs", [])
        ],
    )


def list_trials(target: Target, name: str, query: ListTrials) -> TrialPage:
    """One page of a tuning job's trials."""
    request: Document = {
        "HyperParameterTuningJobName": name,
        "SortBy": query.sort_by,
        "SortOrder": query.sort_order,
        "MaxResults": query.max_results,
    }
    if query.status:
        request["StatusEquals"] = query.status
    if query.next_token:
        request["NextToken"] = query.next_token
    answer = target.client("sagemaker").list_training_jobs_for_hyper_parameter_tuning_job(**request)
    return TrialPage(
        items=[_trial(each) for each in answer.get("TrainingJobSummaries", [])],
        next_token=answer.get("NextToken"),
    )


def stop_tuning_job(target: Target, name: str) -> Accepted:
    """Asks the job to stop; its running trials are stopped, finished ones stay."""
    target.client("sagemaker").stop_hyper_parameter_tuning_job(HyperParameterTuningJobName=name)
    return Accepted(name=name)


def delete_tuning_job(target: Target, name: str) -> Accepted:
    """Deletes a job that has ended; its training jobs stay."""
    target.client("sagemaker").delete_hyper_parameter_tuning_job(HyperParameterTuningJobName=name)
    return Accepted(name=name)


def describe(target: Target, name: str) -> Document:
    """AWS's description of a tuning job."""
    job: Document = target.client("sagemaker").describe_hyper_parameter_tuning_job(
        HyperParameterTuningJobName=name
    )
    return job


def definitions_of(job: Document) -> list[Document]:
    """The training job definitions, whether the job has one or several."""
    several: list[Document] = job.get("TrainingJobDefinitions") or []
    single = job.get("TrainingJobDefinition")
    return several or ([single] if single else [])


def ranges_of(config: Document, definition: Document) -> list[ParameterRange]:
    """What is searched: the job's ranges, or the definition's own."""
    ranges = config.get("ParameterRanges") or definition.get("HyperParameterRanges") or {}
    found = [
        ParameterRange(
            name=each["Name"],
            kind=kind,  # type: ignore[arg-type]
            min=each.get("MinValue"),
            max=each.get("MaxValue"),
            scaling=each.get("ScalingType", "Auto"),
            values=[],
        )
        for kind, member in _KINDS
        for each in ranges.get(member, [])
    ]
    return found + [
        ParameterRange(
            name=each["Name"],
            kind="Categorical",
            min=None,
            max=None,
            scaling="Auto",
            values=each.get("Values", []),
        )
        for each in ranges.get("CategoricalParameterRanges", [])
    ]


def objective_of(config: Document, definition: Document) -> Document:
    """Type and MetricName of the objective."""
    found: Document = (
        config.get("HyperParameterTuningJobObjective") or definition.get("TuningObjective") or {}
    )
    return found


def _definition(config: Document, definition: Document) -> TuningDefinition:
    algorithm = definition.get("AlgorithmSpecification", {})
    resources = definition.get("ResourceConfig") or definition.get("HyperParameterTuningResourceConfig") or {}
    objective = objective_of(config, definition)
    return TuningDefinition(
        name=definition.get("DefinitionName"),
        algorithm=algorithm.get("AlgorithmName") or image_name(algorithm.get("TrainingImage")),
        image=algorithm.get("TrainingImage"),
        objective=objective.get("MetricName"),
        direction=objective.get("Type"),
        ranges=ranges_of(config, definition),
        static_hyperparameters=definition.get("StaticHyperParameters", {}),
        instance_type=resources.get("InstanceType"),
        instance_count=resources.get("InstanceCount"),
        max_runtime_seconds=definition.get("StoppingCondition", {}).get("MaxRuntimeInSeconds"),
        inputs=[input_of(channel) for channel in definition.get("InputDataConfig", [])],
        output_s3_uri=definition.get("OutputDataConfig", {}).get("S3OutputPath"),
        role_arn=definition.get("RoleArn"),
    )


def _summary(job: Document) -> TuningJobSummary:
    limits = job.get("ResourceLimits", {})
    ended = job.get("HyperParameterTuningEndTime")
    modified: datetime = job.get("LastModifiedTime") or job["CreationTime"]
    return TuningJobSummary(
        name=job["HyperParameterTuningJobName"],
        arn=job["HyperParameterTuningJobArn"],
        status=job["HyperParameterTuningJobStatus"],
        strategy=job["Strategy"],
        created=job["CreationTime"],
        modified=modified,
        ended=ended,
        elapsed_seconds=elapsed(job["CreationTime"], ended),
        counters=_counters(job),
        max_jobs=limits.get("MaxNumberOfTrainingJobs"),
        max_parallel=limits.get("MaxParallelTrainingJobs"),
    )


def _counters(job: Document) -> TrialCounters:
    jobs, objectives = job.get("TrainingJobStatusCounters", {}), job.get("ObjectiveStatusCounters", {})
    return TrialCounters(
        completed=jobs.get("Completed", 0),
        in_progress=jobs.get("InProgress", 0),
        retryable=jobs.get("RetryableError", 0),
        failed=jobs.get("NonRetryableError", 0),
        stopped=jobs.get("Stopped", 0),
        objective_succeeded=objectives.get("Succeeded", 0),
        objective_pending=objectives.get("Pending", 0),
        objective_failed=objectives.get("Failed", 0),
    )


def _trial(job: Document) -> Trial:
    metric = job.get("FinalHyperParameterTuningJobObjectiveMetric", {})
    started, ended = job.get("TrainingStartTime"), job.get("TrainingEndTime")
    return Trial(
        name=job["TrainingJobName"],
        arn=job["TrainingJobArn"],
        definition=job.get("TrainingJobDefinitionName"),
        status=job["TrainingJobStatus"],
        created=job["CreationTime"],
        started=started,
        ended=ended,
        elapsed_seconds=elapsed(started or job["CreationTime"], ended),
        metric=metric.get("MetricName"),
        objective=metric.get("Value"),
        objective_status=job.get("ObjectiveStatus"),
        hyperparameters=job.get("TunedHyperParameters", {}),
        failure_reason=job.get("FailureReason"),
    )


def _status_text(job: Document, status: str) -> str:
    if status == "Failed" and job.get("FailureReason"):
        return str(job["FailureReason"])
    return _DOING.get(status, status)
