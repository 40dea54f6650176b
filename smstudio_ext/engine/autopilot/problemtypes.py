"""The problem types that an Autopilot job may have, and what differs between their jobs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from smstudio_ext.engine.autopilot import forecasting
from smstudio_ext.engine.autopilot.classification import rules
from smstudio_ext.engine.autopilot.plan import ANALYSIS_IMAGE

if TYPE_CHECKING:
    from smstudio_ext.engine.autopilot.specification import Specification

TABULAR = "TabularJobConfig"


@dataclass(frozen=True)
class ProblemType:
    """One member of AutoMLProblemTypeConfig.

    Attributes:
        name: AutoMLProblemTypeConfigName.
        analysis: image of the processing job that checks the data and writes the plan.
        image: image of the candidates' training jobs and of their models.
        after_analysis: stage that follows AnalyzingData.
        reports: whether notebooks and the reports on the best candidate are written.
        objectives: metrics that may be optimised, the default first; empty where the data decide.
        content_types: what the training channel may hold.
        default_type: ContentType of a channel that names none.
        algorithms: AWS's names that CandidateGenerationConfig may choose from; empty where it has none.
        target: path to the target's column in the configuration; empty where the data are no table.
        splits: whether DataSplitConfig is allowed.
        environment: variables of the inference container.
        backtests: whether candidates write what they forecast for the past (CandidateArtifactLocations.BacktestResults).
        check: rules of the configuration's own; raises ValidationException.
    """

    name: str
    analysis: str
    image: str
    after_analysis: str = "TrainingModels"
    reports: bool = False
    objectives: tuple[str, ...] = ()
    content_types: tuple[str, ...] = ()
    default_type: str = "text/csv;header=present"
    algorithms: tuple[str, ...] = ()
    target: tuple[str, ...] = ()
    splits: bool = True
    environment: Mapping[str, str] = field(default_factory=dict)
    backtests: bool = False
    check: Callable[[Specification], None] | None = None


PROBLEM_TYPES: dict[str, ProblemType] = {
    TABULAR: ProblemType(
        "Tabular",
        ANALYSIS_IMAGE,
        "sagemaker-automl-ensemble:1.0-cpu-py3",
        after_analysis="CandidateDefinitionsGenerated",
        reports=True,
        target=("TargetAttributeName",),
    ),
    "TimeSeriesForecastingJobConfig": ProblemType(
        "TimeSeriesForecasting",
        forecasting.IMAGE,
        forecasting.IMAGE,
        objectives=forecasting.OBJECTIVES,
        content_types=("text/csv", "x-application/vnd.amazon+parquet"),
        algorithms=forecasting.ALGORITHMS,
        target=("TimeSeriesConfig", "TargetAttributeName"),
        splits=False,
        environment=forecasting.ENVIRONMENT,
        backtests=True,
        check=forecasting.check,
    ),
    "TextClassificationJobConfig": ProblemType(
        "TextClassification",
        rules.TEXT_IMAGE,
        rules.TEXT_IMAGE,
        objectives=rules.OBJECTIVES,
        content_types=rules.TEXT_TYPES,
        target=("TargetLabelColumn",),
        environment=rules.TEXT_ENVIRONMENT,
        check=rules.check_text,
    ),
    "ImageClassificationJobConfig": ProblemType(
        "ImageClassification",
        rules.PICTURES_IMAGE,
        rules.PICTURES_IMAGE,
        objectives=rules.OBJECTIVES,
        content_types=rules.PICTURE_TYPES,
        default_type=rules.PICTURE_TYPES[0],
        environment=rules.PICTURES_ENVIRONMENT,
        check=rules.check_pictures,
    ),
}
"""Member of AutoMLProblemTypeConfig -> what its jobs are."""


def problem_type_of(specification: Mapping[str, Any]) -> ProblemType:
    """The problem type of a written specification; those of earlier versions are tabular."""
    return PROBLEM_TYPES[specification.get("config_name") or TABULAR]
