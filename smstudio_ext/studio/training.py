"""Training jobs over boto3: list, detail, log, stop."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from smstudio_ext.studio.automl import elapsed
from smstudio_ext.studio.job_logs import log_page, log_streams, streams_text
from smstudio_ext.studio.listing import list_request
from smstudio_ext.studio.models.automl import InputChannel
from smstudio_ext.studio.models.base import Accepted
from smstudio_ext.studio.models.training import (
    FinalMetric,
    ListTrainingJobs,
    LogLines,
    LogsQuery,
    TrainingJob,
    TrainingJobPage,
    TrainingJobSummary,
    Transition,
)
from smstudio_ext.studio.models.training_form import MetricDefinition
from smstudio_ext.studio.problems import Missing
from smstudio_ext.studio.training_request import PROGRAM, SUBMIT_DIRECTORY, plain
from smstudio_ext.target import Target

LOG_GROUP = "/aws/sagemaker/TrainingJobs"

_DOING = {
    "Pending": "The job waits for an instance.",
    "Starting": "The job is starting.",
    "LaunchingMLInstances": "The instances are being launched.",
    "PreparingTrainingStack": "The instances are being prepared.",
    "Downloading": "The input data is being downloaded.",
    "DownloadingTrainingImage": "The training image is being downloaded.",
    "Training": "The algorithm is training.",
    "Uploading": "The model is being uploaded.",
    "Stopping": "The job is stopping.",
    "Stopped": "The job was stopped.",
    "MaxRuntimeExceeded": "The job was stopped because it reached its maximum runtime.",
    "MaxWaitTimeExceeded": "The job was stopped because it reached its maximum waiting time.",
    "Interrupted": "The job was interrupted.",
    "Completed": "The job is completed.",
}


def list_training_jobs(target: Target, query: ListTrainingJobs) -> TrainingJobPage:
    """One page of the training jobs list."""
    request = list_request(query)
    if request is None:
        return TrainingJobPage(items=[], next_token=None)
    answer = target.client("sagemaker").list_training_jobs(**request)
    return TrainingJobPage(
        items=[
            TrainingJobSummary(
                name=job["TrainingJobName"],
                arn=job["TrainingJobArn"],
                status=job["TrainingJobStatus"],
                secondary_status=job.get("SecondaryStatus", ""),
                created=job["CreationTime"],
                modified=job.get("LastModifiedTime", job["CreationTime"]),
                ended=job.get("TrainingEndTime"),
                elapsed_seconds=elapsed(job["CreationTime"], job.get("TrainingEndTime")),
            )
            for job in answer.get("TrainingJobSummaries", [])
        ],
        next_token=answer.get("NextToken"),
    )


def describe_training_job(target: Target, name: str) -> TrainingJob:
    """A training job's page."""
    job = target.client("sagemaker").describe_training_job(TrainingJobName=name)
    algorithm = job.get("AlgorithmSpecification", {})
    resources = job.get("ResourceConfig", {})
    ended = job.get("TrainingEndTime")
    return TrainingJob(
        name=job["TrainingJobName"],
        arn=job["TrainingJobArn"],
        status=job["TrainingJobStatus"],
        secondary_status=job.get("SecondaryStatus", ""),
        status_text=_status_text(job),
        created=job["CreationTime"],
        modified=job.get("LastModifiedTime", job["CreationTime"]),
        started=job.get("TrainingStartTime"),
        ended=ended,
        elapsed_seconds=elapsed(job["CreationTime"], ended),
        training_seconds=job.get("TrainingTimeInSeconds"),
        billable_seconds=job.get("BillableTimeInSeconds"),
        can_stop=job["TrainingJobStatus"] == "InProgress",
        can_deploy=job["TrainingJobStatus"] in ("Completed", "Stopped")
        and bool(job.get("ModelArtifacts", {}).get("S3ModelArtifacts")),
        failure_reason=job.get("FailureReason"),
        image=algorithm.get("TrainingImage"),
        algorithm=algorithm.get("AlgorithmName") or image_name(algorithm.get("TrainingImage")),
        input_mode=algorithm.get("TrainingInputMode"),
        spot=bool(job.get("EnableManagedSpotTraining")),
        checkpoint_s3_uri=job.get("CheckpointConfig", {}).get("S3Uri"),
        source_s3_uri=_text_parameter(job, SUBMIT_DIRECTORY),
        entry_point=_text_parameter(job, PROGRAM),
        max_wait_seconds=job.get("StoppingCondition", {}).get("MaxWaitTimeInSeconds"),
        warm_pool_status=job.get("WarmPoolStatus", {}).get("Status"),
        metric_definitions=[
            MetricDefinition(name=each["Name"], regex=each["Regex"])
            for each in algorithm.get("MetricDefinitions", [])
        ],
        instance_type=resources.get("InstanceType"),
        instance_count=resources.get("InstanceCount"),
        volume_gb=resources.get("VolumeSizeInGB"),
        max_runtime_seconds=job.get("StoppingCondition", {}).get("MaxRuntimeInSeconds"),
        role_arn=job.get("RoleArn"),
        hyperparameters=job.get("HyperParameters", {}),
        environment=job.get("Environment", {}),
        inputs=[input_of(channel) for channel in job.get("InputDataConfig", [])],
        output_s3_uri=job.get("OutputDataConfig", {}).get("S3OutputPath"),
        model_s3_uri=job.get("ModelArtifacts", {}).get("S3ModelArtifacts"),
        metrics=[
            FinalMetric(name=metric["MetricName"], value=metric.get("Value"), time=metric.get("Timestamp"))
            for metric in job.get("FinalMetricDataList", [])
        ],
        transitions=[
            Transition(
                status=step["Status"],
                message=step.get("StatusMessage", ""),
                started=step["StartTime"],
                ended=step.get("EndTime"),
            )
            for step in job.get("SecondaryStatusTransitions", [])
        ],
        tuning_job=job.get("TuningJobArn"),
        automl_job=job.get("AutoMLJobArn"),
        log_group=LOG_GROUP,
    )


def stop_training_job(target: Target, name: str) -> Accepted:
    """Asks the job to stop; the algorithm has 120 s to save its model."""
    target.client("sagemaker").stop_training_job(TrainingJobName=name)
    return Accepted(name=name)


def training_job_logs(target: Target, name: str, query: LogsQuery) -> LogLines:
    """Part of a job's log; a job that has not written yet has no streams and no lines.

    Raises:
        Missing: the stream is not one of the job's.
    """
    logs = target.client("logs")
    streams = log_streams(logs, LOG_GROUP, name)
    stream = query.stream or (streams[0] if streams else None)
    if query.stream and not query.stream.startswith(f"{name}/"):
        raise Missing(f"{query.stream!r} is no log stream of the training job {name!r}.")
    return log_page(logs, LOG_GROUP, streams, stream, query)


def delete_training_job(target: Target, name: str) -> Accepted:
    """Deletes a job that has ended; its log and its artifacts stay."""
    target.client("sagemaker").delete_training_job(TrainingJobName=name)
    return Accepted(name=name)


def log_text(target: Target, name: str, stream: str | None) -> Iterator[bytes]:
    """A whole log as text; all streams one after the other unless one is named.

    Raises:
        Missing: the stream is not one of the job's.
    """
    logs = target.client("logs")
    streams = log_streams(logs, LOG_GROUP, name)
    if stream is not None and stream not in streams:
        raise Missing(f"{stream!r} is no log stream of the training job {name!r}.")
    return streams_text(logs, LOG_GROUP, streams if stream is None else [stream])


def _text_parameter(job: dict[str, Any], name: str) -> str | None:
    value = job.get("HyperParameters", {}).get(name)
    return plain(value) if value else None


def _status_text(job: dict[str, Any]) -> str:
    if job["TrainingJobStatus"] == "Failed":
        return job.get("FailureReason") or "The job failed."
    secondary = job.get("SecondaryStatus", "")
    transitions = job.get("SecondaryStatusTransitions", [])
    if job["TrainingJobStatus"] == "InProgress" and transitions and transitions[-1].get("StatusMessage"):
        return str(transitions[-1]["StatusMessage"])
    return _DOING.get(secondary, f"The job is {secondary or job['TrainingJobStatus']}.")


def image_name(image: str | None) -> str | None:
    """Short name of an image, e.g. `xgboost:1.7-1` of `6833....dkr.ecr.us-east-1.amazonaws.com/sagemaker-xgboost:1.7-1`."""
    if not image:
        return None
    name = image.rsplit("/", 1)[-1]
    return name.removeprefix("sagemaker-")


def input_of(channel: dict[str, Any]) -> InputChannel:
    """An input channel of an AWS description."""
    source = channel.get("DataSource", {})
    s3 = source.get("S3DataSource", {})
    return InputChannel(
        channel=channel.get("ChannelName", ""),
        s3_uri=s3.get("S3Uri") or source.get("FileSystemDataSource", {}).get("DirectoryPath", ""),
        data_type=s3.get("S3DataType", "FileSystem" if "FileSystemDataSource" in source else ""),
        content_type=channel.get("ContentType"),
        compression=channel.get("CompressionType"),
    )
