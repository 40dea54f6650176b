"""The chevrons of an Autopilot job's page and the sentence under them, from its statuses."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from smstudio_ext.studio.models.automl import Stage, StageState


@dataclass(frozen=True)
class _Step:
    id: str
    label: str
    statuses: frozenset[str]


_ANALYZING = _Step("AnalyzingData", "Analyzing Data", frozenset({"Starting", "PreTraining", "AnalyzingData"}))
_FEATURES = _Step("FeatureEngineering", "Feature Engineering", frozenset({"FeatureEngineering"}))
_TUNING = _Step(
    "ModelTuning",
    "Model Tuning",
    frozenset({"ModelTuning", "MaxCandidatesReached", "MaxAutoMLJobRuntimeReached"}),
)
_TRAINING = _Step(
    "TrainingModels",
    "Training Models",
    frozenset({"TrainingModels", "MaxCandidatesReached", "MaxAutoMLJobRuntimeReached"}),
)
_EXPLAINING = _Step(
    "GeneratingExplainabilityReport",
    "Explainability Report Generated",
    frozenset({"GeneratingExplainabilityReport", "ExplainabilityError"}),
)
_INSIGHTS = _Step(
    "GeneratingModelInsightsReport",
    "Insights Report Generated",
    frozenset({"GeneratingModelInsightsReport", "ModelInsightsError"}),
)
_DEPLOYING = _Step("DeployingModel", "Deploying Model", frozenset({"DeployingModel", "ModelDeploymentError"}))
_COMPLETED = _Step("Completed", "Completed", frozenset({"Completed"}))
_DEFINITIONS = _Step(
    "CandidateDefinitionsGenerated",
    "Candidate Definitions Generated",
    frozenset({"CandidateDefinitionsGenerated", "Completed"}),
)

_STATE_HERE: dict[str, StageState] = {"Failed": "failed", "Stopped": "stopped", "Stopping": "stopped"}

_DOING = {
    "Starting": "Amazon SageMaker Autopilot is starting.",
    "PreTraining": "Amazon SageMaker Autopilot is preparing the input data.",
    "AnalyzingData": "Amazon SageMaker Autopilot is analyzing the input data.",
    "FeatureEngineering": "Amazon SageMaker Autopilot is engineering features for its candidates.",
    "ModelTuning": "Amazon SageMaker Autopilot is tuning models.",
    "TrainingModels": "Amazon SageMaker Autopilot is training models.",
    "MaxCandidatesReached": "The maximum number of candidates is reached; Autopilot is choosing the best one.",
    "MaxAutoMLJobRuntimeReached": "The maximum runtime is reached; Autopilot is choosing the best candidate.",
    "GeneratingExplainabilityReport": "Autopilot is explaining the best candidate.",
    "GeneratingModelInsightsReport": "Autopilot is reporting on the quality of the best candidate.",
    "DeployingModel": "Autopilot is deploying the best candidate.",
    "CandidateDefinitionsGenerated": "The candidate definitions are generated.",
    "ExplainabilityError": "The explainability report could not be made.",
    "ModelInsightsError": "The model insights report could not be made.",
    "ModelDeploymentError": "The best candidate could not be deployed.",
}


def stages_of(job: dict[str, Any], config: dict[str, Any]) -> list[Stage]:
    """The chevrons of a job.

    Args:
        job: answer of DescribeAutoMLJobV2.
        config: its problem type's configuration.
    """
    steps = _steps(job, config)
    status, secondary = job["AutoMLJobStatus"], job["AutoMLJobSecondaryStatus"]
    if status == "Completed":
        return [Stage(id=step.id, label=step.label, state="done") for step in steps]
    position = next((i for i, step in enumerate(steps) if secondary in step.statuses), None)
    if position is None:  # Failed, Stopping, Stopped: the statuses no longer say where; what was made does
        position = _reached(job, steps)
    here = _STATE_HERE.get(status, "active")
    return [
        Stage(
            id=step.id,
            label=step.label,
            state="done" if i < position else (here if i == position else "pending"),
        )
        for i, step in enumerate(steps)
    ]


def status_text(job: dict[str, Any], config: dict[str, Any]) -> str:
    """One sentence that says what happens, or how it ended."""
    status, secondary = job["AutoMLJobStatus"], job["AutoMLJobSecondaryStatus"]
    if status == "Failed":
        return job.get("FailureReason") or "The experiment failed."
    if status == "Stopping":
        return "The experiment is stopping."
    if status == "Stopped":
        kept = " Its finished candidates can still be deployed." if job.get("BestCandidate") else ""
        return f"The experiment was stopped.{kept}"
    if status == "Completed":
        if config.get("GenerateCandidateDefinitionsOnly"):
            return "The pilot is completed: the notebook with candidate definitions is ready."
        return "The experiment is completed."
    return _DOING.get(secondary, f"Amazon SageMaker Autopilot is working ({secondary}).")


def _steps(job: dict[str, Any], config: dict[str, Any]) -> list[_Step]:
    if config.get("GenerateCandidateDefinitionsOnly"):
        return [_ANALYZING, _DEFINITIONS]
    secondary = job["AutoMLJobSecondaryStatus"]
    # Only experiments on tables have features engineered and hyperparameters tuned.
    table = job.get("AutoMLProblemTypeConfigName", "Tabular") == "Tabular"
    if config.get("Mode") == "ENSEMBLING" or secondary == "TrainingModels" or not table:
        steps = [_ANALYZING, _TRAINING]
    else:
        steps = [_ANALYZING, _FEATURES, _TUNING]
    made = job.get("BestCandidate", {}).get("CandidateProperties", {}).get("CandidateArtifactLocations", {})
    if made.get("Explainability") or secondary in _EXPLAINING.statuses:
        steps.append(_EXPLAINING)
    if made.get("ModelInsights") or secondary in _INSIGHTS.statuses:
        steps.append(_INSIGHTS)
    if job.get("ModelDeployConfig") or secondary in _DEPLOYING.statuses:
        steps.append(_DEPLOYING)
    return [*steps, _COMPLETED]


def _reached(job: dict[str, Any], steps: list[_Step]) -> int:
    if job.get("BestCandidate"):
        wanted: tuple[_Step, ...] = (_TUNING, _TRAINING)
    elif job.get("AutoMLJobArtifacts", {}).get("DataExplorationNotebookLocation") or job.get(
        "ResolvedAttributes"
    ):
        wanted = (_FEATURES, _TRAINING, _DEFINITIONS)
    else:
        wanted = (_ANALYZING,)
    return next((i for i, step in enumerate(steps) if step in wanted), 0)
