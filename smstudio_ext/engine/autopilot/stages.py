"""The stages of an Autopilot job (AutoMLJobSecondaryStatus) and what may follow each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from smstudio_ext.engine.runtime.states import state_machine

if TYPE_CHECKING:
    from smstudio_ext.engine.store import Resource

_ENDS = {"Failed", "Stopping"}

STAGES = state_machine(
    "AutoMLJob.SecondaryStatus",
    {
        "Starting": {"AnalyzingData", *_ENDS},
        "AnalyzingData": {"CandidateDefinitionsGenerated", "FeatureEngineering", "TrainingModels", *_ENDS},
        "CandidateDefinitionsGenerated": {"FeatureEngineering", *_ENDS},
        "FeatureEngineering": {"ModelTuning", "TrainingModels", *_ENDS},
        "TrainingModels": {
            "GeneratingExplainabilityReport",
            "MaxCandidatesReached",
            "MaxAutoMLJobRuntimeReached",
            "DeployingModel",
            "Completed",
            *_ENDS,
        },
        "ModelTuning": {
            "GeneratingExplainabilityReport",
            "MaxCandidatesReached",
            "MaxAutoMLJobRuntimeReached",
            *_ENDS,
        },
        "MaxCandidatesReached": {"GeneratingExplainabilityReport", "DeployingModel", "Completed", "Stopping"},
        "MaxAutoMLJobRuntimeReached": {
            "GeneratingExplainabilityReport",
            "DeployingModel",
            "Completed",
            "Stopping",
        },
        "GeneratingExplainabilityReport": {
            "GeneratingModelInsightsReport",
            "ExplainabilityError",
            "Stopping",
        },
        "ExplainabilityError": {"GeneratingModelInsightsReport", "Stopping"},
        "GeneratingModelInsightsReport": {"DeployingModel", "Completed", "ModelInsightsError", "Stopping"},
        "ModelInsightsError": {"DeployingModel", "Completed", "Stopping"},
        "DeployingModel": {"Completed", "ModelDeploymentError", "Stopping"},
        "ModelDeploymentError": set(),
        "Completed": set(),
        "Failed": set(),
        "Stopping": {"Stopped"},
        "Stopped": set(),
    },
    notes={
        "Starting": "The request is written to S3 for the analysis.",
        "AnalyzingData": "A processing job checks, profiles and splits the data and writes the candidates.",
        "CandidateDefinitionsGenerated": "Last stage of a pilot job.",
        "FeatureEngineering": "Data transformers are trained and applied, one training and one transform job each (ENSEMBLING: one training job in "
        "all).",
        "ModelTuning": "A tuning job runs the candidates' training jobs; it starts with the first transformer ready.",
        "TrainingModels": "Mode ENSEMBLING: training jobs make bagged models, a stack and at last the weighted ensemble. Problem types other than "
        "the tabular one: training jobs make the candidates that the analysis planned, and no reports follow.",
        "MaxCandidatesReached": "MaxCandidates were trained; the search is over.",
        "MaxAutoMLJobRuntimeReached": "The time of the search was up; the best model so far stays.",
        "GeneratingExplainabilityReport": "A processing job finds out how much each column moves the best candidate.",
        "ExplainabilityError": "There is no explainability report; PartialFailureReasons says why. The job goes on.",
        "GeneratingModelInsightsReport": "A processing job measures the best candidate on data that it has not seen.",
        "ModelInsightsError": "There is no model insights report; PartialFailureReasons says why. The job goes on.",
        "DeployingModel": "Model, endpoint configuration and endpoint of the best candidate are made.",
        "ModelDeploymentError": "The job is Completed, the endpoint failed.",
        "Stopping": "Children are stopped; candidates that have finished stay.",
    },
)

STATUSES = state_machine(
    "AutoMLJob.Status",
    {
        "InProgress": {"Completed", "Failed", "Stopping"},
        "Stopping": {"Stopped"},
        "Completed": set(),
        "Failed": set(),
        "Stopped": set(),
    },
)


def enter(row: Resource, stage: str) -> None:
    """Moves a job to a stage, in its Describe document."""
    row.document["AutoMLJobSecondaryStatus"] = STAGES.check(row.document["AutoMLJobSecondaryStatus"], stage)


def end(row: Resource, status: str, now: float) -> None:
    """Ends a job with a status; its stage stays the last one."""
    row.status = STATUSES.check(row.status, status)
    row.document["AutoMLJobStatus"] = status
    row.document["EndTime"] = now
    row.finished = True
