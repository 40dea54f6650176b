"""Problem types of tabular Autopilot jobs and the metrics that belong to each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Direction = Literal["Maximize", "Minimize"]

_MINIMIZED = frozenset(
    "MSE RMSE MAE LogLoss InferenceLatency MAPE MASE WAPE AverageWeightedQuantileLoss".split()
)

# Members of AWS's AutoMLMetricEnum; LogLoss and InferenceLatency are in AutoMLMetricExtendedEnum only.
METRIC_ENUM = frozenset(
    "Accuracy MSE F1 F1macro AUC RMSE BalancedAccuracy R2 Recall RecallMacro Precision PrecisionMacro MAE MAPE "
    "MASE WAPE AverageWeightedQuantileLoss".split()
)


@dataclass(frozen=True)
class Problem:
    """One problem type.

    Attributes:
        objectives: metrics that may be optimised.
        default: the metric taken when none is named.
        reported: metrics that every candidate carries.
    """

    name: str
    objectives: tuple[str, ...]
    default: str
    reported: tuple[str, ...]

    @property
    def classification(self) -> bool:
        """Whether the target is a class label, which needs transforming back after a prediction."""
        return self.name != "Regression"


PROBLEMS: dict[str, Problem] = {
    problem.name: problem
    for problem in (
        Problem(
            "Regression",
            ("MAE", "MSE", "R2", "RMSE"),
            "MSE",
            ("InferenceLatency", "MAE", "MSE", "R2", "RMSE"),
        ),
        Problem(
            "BinaryClassification",
            ("Accuracy", "AUC", "BalancedAccuracy", "F1", "Precision", "Recall"),
            "F1",
            (
                "Accuracy",
                "AUC",
                "BalancedAccuracy",
                "F1",
                "InferenceLatency",
                "LogLoss",
                "Precision",
                "Recall",
            ),
        ),
        Problem(
            "MulticlassClassification",
            ("Accuracy", "BalancedAccuracy", "F1macro", "PrecisionMacro", "RecallMacro"),
            "Accuracy",
            (
                "Accuracy",
                "BalancedAccuracy",
                "F1macro",
                "InferenceLatency",
                "LogLoss",
                "PrecisionMacro",
                "RecallMacro",
            ),
        ),
    )
}


def direction(metric: str) -> Direction:
    """Whether a larger or a smaller value of a metric is better."""
    return "Minimize" if metric in _MINIMIZED else "Maximize"
