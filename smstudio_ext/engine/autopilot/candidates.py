"""Candidates as AWS describes them, made from the rows of the jobs behind them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from smstudio_ext.engine.arns import sagemaker_arn
from smstudio_ext.engine.autopilot.ensembling.book import EnsembleBook
from smstudio_ext.engine.autopilot.ensembling.modes import is_ensembling
from smstudio_ext.engine.autopilot.naming import JobNames
from smstudio_ext.engine.autopilot.plan import TRANSFORMER_IMAGE, Pipeline, Plan, Strategy, read_plan
from smstudio_ext.engine.autopilot.problems import METRIC_ENUM
from smstudio_ext.engine.autopilot.registries import image_uri
from smstudio_ext.engine.runtime import training, trials, tuning

if TYPE_CHECKING:
    from smstudio_ext.engine.context import EngineContext
    from smstudio_ext.engine.store import Resource

Document = dict[str, Any]

_SETS = {"train": "Train", "validation": "Validation"}
_SERVE_PROGRAM = {
    "SAGEMAKER_PROGRAM": "sagemaker_serve",
    "SAGEMAKER_SUBMIT_DIRECTORY": "/opt/ml/model/sagemaker_serve.py",
    "MAX_CONTENT_LENGTH": "20000000",
}


class CandidateBook:
    """Describes the candidates of one Autopilot job.

    Args:
        job: the row of the Autopilot job; its analysis must be over.
        tuning_job: the row of its tuning job.
    """

    def __init__(self, ctx: EngineContext, job: Resource, tuning_job: Resource) -> None:
        self._ctx = ctx
        self._region = job.region
        self._names = JobNames(job.name, job.region)
        self._plan: Plan = read_plan(job.internal["plan"])
        self._tuning_job = tuning_job
        self._models: dict[str, str | None] = {}
        self._locations: Document = job.internal.get("artifact_locations") or {}

    def describe(self, trial: Resource) -> Document | None:
        """The AutoMLCandidate of a trial's training job; None for a job that is no trial of this one."""
        definition = trials.trial_definition(self._tuning_job, trial.name)
        if definition is None:
            return None
        pipeline = self._plan.pipeline(definition)
        value = trials.objective_value(trial, pipeline.objective) if trial.status == "Completed" else None
        candidate: Document = {
            "CandidateName": trial.name,
            "ObjectiveStatus": "Succeeded"
            if value is not None
            else "Failed"
            if trial.finished
            else "Pending",
            "CandidateSteps": self._steps(pipeline, trial),
            "CandidateStatus": trial.status,
            "CreationTime": trial.created,
            "LastModifiedTime": trial.modified,
        }
        if trial.finished:
            candidate["EndTime"] = trial.document.get("TrainingEndTime") or trial.modified
        if trial.document.get("FailureReason"):
            candidate["FailureReason"] = str(trial.document["FailureReason"])[:1024]
        if value is not None:
            candidate["FinalAutoMLJobObjectiveMetric"] = {
                "Type": self._plan.objective_type,
                "MetricName": self._plan.objective,
                "Value": value,
                "StandardMetricName": self._plan.objective,
            }
            candidate["CandidateProperties"] = {"CandidateMetrics": _metrics(pipeline, trial)}
            if trial.name in self._locations:
                candidate["CandidateProperties"]["CandidateArtifactLocations"] = self._locations[trial.name]
            candidate["InferenceContainers"] = self.containers(pipeline, trial)
        return candidate

    def containers(self, pipeline: Pipeline, trial: Resource) -> list[Document]:
        """The inference containers: feature transform, algorithm and, for classes, the label's way back."""
        strategy = self._plan.strategy(pipeline.strategy)
        transformer = {
            "Image": image_uri(self._region, TRANSFORMER_IMAGE),
            "ModelDataUrl": self._transformer_model(strategy) or "",
        }
        algorithm = {
            "Image": image_uri(self._region, pipeline.inference_image),
            "ModelDataUrl": (trial.document.get("ModelArtifacts") or {}).get("S3ModelArtifacts", ""),
            "Environment": _algorithm_environment(pipeline, strategy),
        }
        found = [{**transformer, "Environment": feature_environment(strategy)}, algorithm]
        if strategy.transforms_label:
            found.append({**transformer, "Environment": _label_environment()})
        return found

    def _transformer_model(self, strategy: Strategy) -> str | None:
        if strategy.name not in self._models:
            row = self._ctx.store.resources.find(
                training.KIND, self._region, self._names.transformer(strategy.name)
            )
            artifacts = (row.document.get("ModelArtifacts") or {}) if row else {}
            self._models[strategy.name] = artifacts.get("S3ModelArtifacts")
        return self._models[strategy.name]

    def _steps(self, pipeline: Pipeline, trial: Resource) -> list[Document]:
        strategy = self._plan.strategy(pipeline.strategy)
        steps = (
            ("ProcessingJob", self._names.data_builder()),
            ("TrainingJob", self._names.transformer(strategy.name)),
            ("TransformJob", self._names.transform(strategy.name, strategy.label)),
            ("TrainingJob", trial.name),
        )
        return [
            {
                "CandidateStepType": f"AWS::SageMaker::{kind}",
                "CandidateStepArn": sagemaker_arn(kind, self._region, name),
                "CandidateStepName": name,
            }
            for kind, name in steps
        ]


def best_candidate(ctx: EngineContext, job: Resource) -> Document | None:
    """The best candidate so far of a job; the one written at its end when it has ended."""
    written: Document | None = job.document.get("BestCandidate")
    if written is not None or "plan" not in job.internal:
        return written
    if is_ensembling(job):
        return EnsembleBook(ctx, job).best()
    tuning_job = ctx.store.resources.find(tuning.KIND, job.region, JobNames(job.name, job.region).tuning())
    if tuning_job is None or "BestTrainingJob" not in tuning_job.document:
        return None
    name = tuning_job.document["BestTrainingJob"]["TrainingJobName"]
    trial = ctx.store.resources.find(training.KIND, job.region, name)
    return None if trial is None else CandidateBook(ctx, job, tuning_job).describe(trial)


def feature_environment(strategy: Strategy) -> dict[str, str]:
    """Environment of the container that turns columns into features."""
    environment = {
        "AUTOML_TRANSFORM_MODE": "feature-transform",
        "SAGEMAKER_DEFAULT_INVOCATIONS_ACCEPT": strategy.data_format,
        **_SERVE_PROGRAM,
    }
    if strategy.sparse:
        environment["AUTOML_SPARSE_ENCODE_RECORDIO_PROTOBUF"] = "1"
    return environment


def _algorithm_environment(pipeline: Pipeline, strategy: Strategy) -> dict[str, str]:
    environment = {"MAX_CONTENT_LENGTH": "20971520", "SAGEMAKER_DEFAULT_INVOCATIONS_ACCEPT": "text/csv"}
    if strategy.transforms_label:
        environment["SAGEMAKER_INFERENCE_OUTPUT"] = "predicted_label"
        environment["SAGEMAKER_INFERENCE_SUPPORTED"] = "predicted_label,probability,probabilities"
    if pipeline.algorithm in ("linear-learner", "mlp"):
        environment["ML_APPLICATION"] = pipeline.algorithm.replace("-", "_")
    return environment


def _label_environment() -> dict[str, str]:
    return {
        "AUTOML_TRANSFORM_MODE": "inverse-label-transform",
        "SAGEMAKER_DEFAULT_INVOCATIONS_ACCEPT": "text/csv",
        "SAGEMAKER_INFERENCE_INPUT": "predicted_label",
        "SAGEMAKER_INFERENCE_OUTPUT": "predicted_label",
        "SAGEMAKER_INFERENCE_SUPPORTED": "predicted_label,probability,labels,probabilities",
        **_SERVE_PROGRAM,
    }


def _metrics(pipeline: Pipeline, trial: Resource) -> list[Document]:
    values = {
        entry["MetricName"]: float(entry["Value"])
        for entry in trial.document.get("FinalMetricDataList") or []
    }
    found: list[Document] = []
    for standard, own in sorted(pipeline.standard_metrics.items()):
        for part, set_name in _SETS.items():
            value = values.get(f"{part}:{own}")
            if value is None or (standard == "InferenceLatency" and part == "train"):
                continue
            metric: Document = {"StandardMetricName": standard, "Value": value, "Set": set_name}
            if standard in METRIC_ENUM:
                metric["MetricName"] = standard
            found.append(metric)
    return found
