"""AWS's AutoMLCandidate documents for the models and ensembles of an ensembling job."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from smstudio_ext.engine.arns import sagemaker_arn
from smstudio_ext.engine.autopilot.ensembling.jobs import (
    EnsemblePlan,
    launches_of,
    objective_value,
)
from smstudio_ext.engine.autopilot.ensembling.schedule import Launch
from smstudio_ext.engine.autopilot.naming import JobNames, OutputTree
from smstudio_ext.engine.autopilot.problems import METRIC_ENUM, direction
from smstudio_ext.engine.autopilot.problemtypes import problem_type_of
from smstudio_ext.engine.autopilot.ranking import best_of
from smstudio_ext.engine.autopilot.registries import image_uri
from smstudio_ext.engine.runtime import training

if TYPE_CHECKING:
    from smstudio_ext.engine.context import EngineContext
    from smstudio_ext.engine.store import Resource

Document = dict[str, Any]

_PREFIX = "validation:"


class EnsembleBook:
    """Describes the candidates of one ensembling job.

    Args:
        job: the row of the Autopilot job; its analysis must be over.
    """

    def __init__(self, ctx: EngineContext, job: Resource) -> None:
        self._ctx = ctx
        self._job = job
        self._names = JobNames(job.name, job.region)
        self._kind = problem_type_of(job.internal["specification"])
        self._tree = OutputTree.of(job.internal["specification"]["output_path"], job.name)
        self._plan = EnsemblePlan.read(job.internal["plan"])
        self._launches = launches_of(job)
        self._locations: Document = job.internal.get("artifact_locations") or {}

    def candidates(self) -> list[Document]:
        """Every candidate, in order of creation."""
        found = []
        for launch in self._launches:
            row = self._ctx.store.resources.find(
                training.KIND, self._job.region, self._names.ensemble(launch.label)
            )
            if row is not None:
                found.append(self._describe(launch, row))
        return found

    def best(self) -> Document | None:
        """The best candidate so far; None when none has a score."""
        return best_of(self.candidates(), maximize=self._plan.maximizes)

    def _describe(self, launch: Launch, row: Resource) -> Document:
        value = objective_value(row, self._plan.objective)
        candidate: Document = {
            "CandidateName": row.name,
            "ObjectiveStatus": "Succeeded" if value is not None else "Failed" if row.finished else "Pending",
            "CandidateSteps": self._steps(launch, row),
            "CandidateStatus": row.status,
            "CreationTime": row.created,
            "LastModifiedTime": row.modified,
        }
        if row.finished:
            candidate["EndTime"] = row.document.get("TrainingEndTime") or row.modified
        if row.document.get("FailureReason"):
            candidate["FailureReason"] = str(row.document["FailureReason"])[:1024]
        if value is None:
            return candidate
        candidate["FinalAutoMLJobObjectiveMetric"] = {
            "Type": direction(self._plan.objective),
            "MetricName": self._plan.objective,
            "Value": value,
            "StandardMetricName": self._plan.objective,
        }
        candidate["CandidateProperties"] = {"CandidateMetrics": _metrics(row)}
        locations = self._locations.get(row.name) or {}
        if self._kind.backtests:
            locations = {**locations, "BacktestResults": self._tree.backtests(row.name)}
        if locations:
            candidate["CandidateProperties"]["CandidateArtifactLocations"] = locations
        candidate["InferenceContainers"] = [self._container(row)]
        return candidate

    def _container(self, row: Resource) -> Document:
        environment = {"MAX_CONTENT_LENGTH": "20000000", "SAGEMAKER_DEFAULT_INVOCATIONS_ACCEPT": "text/csv"}
        if not self._kind.reports:
            environment |= self._kind.environment
        elif self._plan.problem_type != "Regression":
            environment["SAGEMAKER_INFERENCE_OUTPUT"] = "predicted_label"
            environment["SAGEMAKER_INFERENCE_SUPPORTED"] = "predicted_label,probability,probabilities,labels"
        return {
            "Image": image_uri(self._job.region, self._kind.image),
            "ModelDataUrl": (row.document.get("ModelArtifacts") or {}).get("S3ModelArtifacts", ""),
            "Environment": environment,
        }

    def _steps(self, launch: Launch, row: Resource) -> list[Document]:
        names = [
            *([self._names.ensemble("features")] if self._kind.reports else []),
            *(self._names.ensemble(label) for label in launch.inputs),
            row.name,
        ]
        steps = [("ProcessingJob", self._names.data_builder()), *(("TrainingJob", name) for name in names)]
        return [
            {
                "CandidateStepType": f"AWS::SageMaker::{kind}",
                "CandidateStepArn": sagemaker_arn(kind, self._job.region, name),
                "CandidateStepName": name,
            }
            for kind, name in steps
        ]


def _metrics(row: Resource) -> list[Document]:
    found: list[Document] = []
    for entry in row.document.get("FinalMetricDataList") or []:
        if not entry["MetricName"].startswith(_PREFIX):
            continue
        standard = entry["MetricName"][len(_PREFIX) :]
        metric: Document = {
            "StandardMetricName": standard,
            "Value": float(entry["Value"]),
            "Set": "Validation",
        }
        if standard in METRIC_ENUM:
            metric["MetricName"] = standard
        found.append(metric)
    return sorted(found, key=lambda metric: str(metric["StandardMetricName"]))
