"""The candidates that the analysis found, read from its files (docs/autopilot-internals.md)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

Document = dict[str, Any]

RECORDIO = "application/x-recordio-protobuf"

TRANSFORMER_IMAGE = "sagemaker-sklearn-automl:2.5-1-cpu-py3"
ANALYSIS_IMAGE = "sagemaker-automl-analysis:1.0-cpu-py3"
NOTEBOOKS_IMAGE = "sagemaker-automl-notebooks:1.0-cpu-py3"
REPORTS_IMAGE = "sagemaker-automl-reports:1.0-cpu-py3"

_SHORT_NAMES = {"xgboost": "xgb", "linear-learner": "ll", "mlp": "mlp"}


@dataclass(frozen=True)
class Strategy:
    """One way to turn columns into features, e.g. `dpp0`."""

    name: str
    transforms_label: bool
    data_format: str
    sparse: bool
    hyperparameters: dict[str, str]

    @property
    def label(self) -> str:
        """The short name of its format in job names and paths: `rpb` or `csv`."""
        return "rpb" if self.data_format == RECORDIO else "csv"


@dataclass(frozen=True)
class Pipeline:
    """A strategy with an algorithm: one definition of the tuning job, e.g. `dpp0-xgboost`.

    Attributes:
        standard_metrics: AWS's metric name -> the algorithm's.
        warm_start: settings to try first.
    """

    name: str
    strategy: str
    algorithm: str
    training_image: str
    inference_image: str
    static: dict[str, str]
    ranges: Document
    objective: str
    standard_metrics: dict[str, str]
    warm_start: list[dict[str, str]]
    share: float

    @property
    def folder(self) -> str:
        """Its folder's name under `tuning/`, after the job's name."""
        return f"{self.strategy}-{_SHORT_NAMES.get(self.algorithm, self.algorithm)}"


@dataclass(frozen=True)
class Plan:
    """What `candidates.json` says."""

    problem_type: str
    objective: str
    objective_type: str
    strategies: tuple[Strategy, ...]
    pipelines: tuple[Pipeline, ...]

    def pipeline(self, name: str) -> Pipeline:
        """The pipeline of that name."""
        return next(pipeline for pipeline in self.pipelines if pipeline.name == name)

    def strategy(self, name: str) -> Strategy:
        """The strategy of that name."""
        return next(strategy for strategy in self.strategies if strategy.name == name)

    def of_strategy(self, name: str) -> list[str]:
        """Names of the pipelines that use a strategy."""
        return [pipeline.name for pipeline in self.pipelines if pipeline.strategy == name]


def read_plan(document: Document) -> Plan:
    """Reads the content of `candidates.json`.

    Raises:
        KeyError: a member is missing.
    """
    strategies = tuple(
        Strategy(
            entry["Name"],
            bool(entry["TransformsLabel"]),
            entry["TransformedDataFormat"],
            bool(entry.get("SparseEncoding")),
            dict(entry.get("Hyperparameters") or {}),
        )
        for entry in document["Strategies"]
    )
    pipelines = tuple(
        Pipeline(
            entry["Name"],
            entry["Strategy"],
            entry["Algorithm"],
            entry["TrainingImage"],
            entry["InferenceImage"],
            dict(entry["StaticHyperparameters"]),
            entry["ParameterRanges"],
            entry["ObjectiveMetricName"],
            dict(entry["StandardMetrics"]),
            list(entry.get("WarmStart") or []),
            float(entry.get("Share") or 0.0),
        )
        for entry in document["Candidates"]
    )
    return Plan(
        document["ProblemType"], document["Objective"], document["ObjectiveType"], strategies, pipelines
    )
