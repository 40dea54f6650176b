"""The trials of a tuning job: their names, requests, results and summaries."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

from smstudio_ext.engine.runtime.ranges import Params, as_text
from smstudio_ext.engine.store import Resource


def trial_name(tuning_job: str, number: int) -> str:
    """Name of a tuning job's training job: the same number always gets the same one."""
    tail = hashlib.sha256(f"{tuning_job}/{number}".encode()).hexdigest()[:8]
    return f"{tuning_job}-{number:03d}-{tail}"


def objective_value(training_job: Resource, metric: str) -> float | None:
    """The final value of a metric of a training job, if it printed one."""
    for entry in training_job.document.get("FinalMetricDataList") or []:
        if entry["MetricName"] == metric:
            return float(entry["Value"])
    return None


def trial_definition(tuning_job: Resource, name: str) -> str | None:
    """The definition that a trial belongs to."""
    number = _number_of(tuning_job.name, name)
    trials = tuning_job.internal["trials"]
    return str(trials[number - 1][0]) if number is not None and number <= len(trials) else None


def trial_value(tuning_job: Resource, job: Resource, definition: str) -> float | None:
    """The objective value of a trial that ended; None when it has none that counts.

    Trials that were stopped count with the last value that they printed. Those of Autopilot must complete: only
    then is their score that of all folds.
    """
    counted = ("Completed", "Stopped") if "resolved" in tuning_job.internal else ("Completed",)
    if job.status not in counted:
        return None
    return objective_value(job, objective_of(tuning_job, definition)["MetricName"])


def training_job_summary(tuning_job: Resource, job: Resource) -> dict[str, Any]:
    """A HyperParameterTrainingJobSummary of one trial."""
    document = job.document
    number = _number_of(tuning_job.name, job.name) or 0
    trials = tuning_job.internal["trials"]
    definition, params = trials[number - 1] if 0 < number <= len(trials) else ("", {})
    value = trial_value(tuning_job, job, definition)
    summary = {
        "TrainingJobDefinitionName": definition or None,
        "TrainingJobName": job.name,
        "TrainingJobArn": job.arn,
        "CreationTime": job.created,
        "TrainingStartTime": document.get("TrainingStartTime"),
        "TrainingEndTime": document.get("TrainingEndTime"),
        "TrainingJobStatus": job.status,
        "TunedHyperParameters": {key: as_text(one) for key, one in params.items()},
        "FailureReason": document.get("FailureReason"),
        "ObjectiveStatus": "Succeeded" if value is not None else "Failed" if job.finished else "Pending",
    }
    if value is not None:
        objective = objective_of(tuning_job, definition)
        summary["FinalHyperParameterTuningJobObjectiveMetric"] = {**objective, "Value": value}
    return {key: one for key, one in summary.items() if one is not None}


def failure_of(job: Resource) -> str:
    """Why a training job that ended gave no objective value."""
    if job.document.get("FailureReason"):
        return str(job.document["FailureReason"])
    if job.document.get("SecondaryStatus") == "MaxRuntimeExceeded":
        limit = job.document["StoppingCondition"]["MaxRuntimeInSeconds"]
        return f"{job.name} did not end within MaxRuntimeInSeconds ({limit})."
    metric = job.document["HyperParameters"].get("_tuning_objective_metric", "")
    return (
        f"{job.name} ended in status {job.status} without a value of its objective metric [{metric}]. Does it have the channel, and "
        "print the lines, that the metric comes from?"
    )


def training_request(
    definition: Mapping[str, Any], name: str, params: Params, tags: list[dict[str, str]] | None = None
) -> dict[str, Any]:
    """The CreateTrainingJob request of a trial.

    Args:
        tags: of the tuning job, which its training jobs get too.
    """
    hyperparameters = {
        **(definition.get("StaticHyperParameters") or {}),
        **{key: as_text(value) for key, value in params.items()},
        "_tuning_objective_metric": definition["TuningObjective"]["MetricName"],
    }
    shared = (
        "AlgorithmSpecification RoleArn InputDataConfig OutputDataConfig ResourceConfig StoppingCondition VpcConfig "
        "EnableNetworkIsolation EnableInterContainerTrafficEncryption EnableManagedSpotTraining Environment RetryStrategy"
    ).split()
    request = {
        "TrainingJobName": name,
        "HyperParameters": hyperparameters,
        **{member: definition[member] for member in shared if definition.get(member) is not None},
    }
    if definition.get("HyperParameterTuningResourceConfig"):
        request["ResourceConfig"] = _resources(definition["HyperParameterTuningResourceConfig"])
    if definition.get("CheckpointConfig"):
        checkpoints = dict(definition["CheckpointConfig"])
        checkpoints["S3Uri"] = f"{checkpoints['S3Uri'].rstrip('/')}/{name}"  # trials must not share them
        request["CheckpointConfig"] = checkpoints
    if tags:
        request["Tags"] = tags
    return request


def _resources(config: Mapping[str, Any]) -> dict[str, Any]:
    """ResourceConfig of a trial; of several InstanceConfigs the first is taken, as each is there on this machine."""
    choice = (config.get("InstanceConfigs") or [config])[0]
    members = ("InstanceType", "InstanceCount", "VolumeSizeInGB")
    found = {member: choice[member] for member in members if choice.get(member) is not None}
    if config.get("VolumeKmsKeyId"):
        found["VolumeKmsKeyId"] = config["VolumeKmsKeyId"]
    return found


def definitions_of(row: Resource) -> list[dict[str, Any]]:
    """The training job definitions of a tuning job, each with its name, objective and ranges as they are searched."""
    several = row.document.get("TrainingJobDefinitions") or [row.document["TrainingJobDefinition"]]
    resolved = row.internal.get("resolved")
    if resolved is None:
        return list(several)
    return [{**one, **over} for one, over in zip(several, resolved, strict=True)]


def objective_of(row: Resource, definition: str) -> dict[str, str]:
    """The objective of a definition: algorithms name the same metric differently."""
    definitions = definitions_of(row)
    found: dict[str, str] = next(
        (one for one in definitions if one["DefinitionName"] == definition), definitions[0]
    )["TuningObjective"]
    return found


def maximizes(row: Resource) -> bool:
    """Whether larger objective values are better."""
    return bool(definitions_of(row)[0]["TuningObjective"]["Type"] == "Maximize")


def _number_of(tuning_job: str, name: str) -> int | None:
    text = name[len(tuning_job) + 1 :].split("-")[0] if name.startswith(f"{tuning_job}-") else ""
    return int(text) if text.isdigit() else None
