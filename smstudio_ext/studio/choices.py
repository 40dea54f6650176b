"""Problem types, metrics, training modes and instance types that AWS offers, as forms list them."""

from __future__ import annotations

from smstudio_ext.studio.models.options import (
    ChoiceOption,
    Direction,
    InstanceTypeOption,
    MetricOption,
    ProblemTypeOption,
)

MINIMISED = frozenset(
    {"MSE", "RMSE", "MAE", "MAPE", "MASE", "WAPE", "AverageWeightedQuantileLoss", "LogLoss"}
)


def direction_of(metric: str) -> Direction:
    """Whether a metric is maximised or minimised."""
    return "Minimize" if metric in MINIMISED else "Maximize"


def _metrics(*names: str) -> list[MetricOption]:
    return [
        MetricOption(name=name, direction="Minimize" if name in MINIMISED else "Maximize") for name in names
    ]


PROBLEM_TYPES: tuple[ProblemTypeOption, ...] = (
    ProblemTypeOption(value="Auto", label="Auto", metrics=[], default_metric=None),
    ProblemTypeOption(
        value="BinaryClassification",
        label="Binary classification",
        metrics=_metrics("F1", "Accuracy", "AUC", "BalancedAccuracy", "Precision", "Recall"),
        default_metric="F1",
    ),
    ProblemTypeOption(
        value="Regression",
        label="Regression",
        metrics=_metrics("MSE", "MAE", "R2", "RMSE"),
        default_metric="MSE",
    ),
    ProblemTypeOption(
        value="MulticlassClassification",
        label="Multiclass classification",
        metrics=_metrics("Accuracy", "BalancedAccuracy", "F1macro", "PrecisionMacro", "RecallMacro"),
        default_metric="Accuracy",
    ),
)

MODES: tuple[ChoiceOption, ...] = (
    ChoiceOption(
        value="AUTO", label="Auto", help="Ensembling up to 100 MB of data, else hyperparameter optimization."
    ),
    ChoiceOption(
        value="HYPERPARAMETER_TUNING",
        label="Hyperparameter optimization (HPO)",
        help="Tunes XGBoost, linear learner and MLP over the features that Autopilot engineered.",
    ),
    ChoiceOption(
        value="ENSEMBLING",
        label="Ensembling",
        help="Trains several kinds of models and stacks the best ones.",
    ),
)

ALGORITHMS: dict[str, tuple[str, ...]] = {
    "HYPERPARAMETER_TUNING": ("xgboost", "linear-learner", "mlp"),
    "ENSEMBLING": (
        "lightgbm",
        "catboost",
        "xgboost",
        "randomforest",
        "extra-trees",
        "linear-learner",
        "nn-torch",
        "fastai",
    ),
}

DATA_TYPES: tuple[ChoiceOption, ...] = (
    ChoiceOption(value="S3Prefix", label="A file or all files under a prefix"),
    ChoiceOption(value="ManifestFile", label="A manifest file that lists the files"),
    ChoiceOption(value="AugmentedManifestFile", label="An augmented manifest file"),
)

CONTENT_TYPES: tuple[ChoiceOption, ...] = (
    ChoiceOption(value="text/csv;header=present", label="CSV with a header row"),
    ChoiceOption(value="x-application/vnd.amazon+parquet", label="Parquet"),
)

DEFAULT_HOSTING_INSTANCE = "ml.m5.large"

# Family -> sizes (vCPU); memory in GiB per vCPU; GPUs by size where there are any. From AWS's public instance tables.
_SIZES = {
    "medium": 1,
    "large": 2,
    "xlarge": 4,
    "2xlarge": 8,
    "4xlarge": 16,
    "8xlarge": 32,
    "9xlarge": 36,
    "12xlarge": 48,
    "16xlarge": 64,
    "18xlarge": 72,
    "24xlarge": 96,
}
_FAMILIES: tuple[tuple[str, str, float, str], ...] = (
    ("m5", "General purpose", 4, "large xlarge 2xlarge 4xlarge 12xlarge 24xlarge"),
    ("c5", "Compute optimized", 2, "large xlarge 2xlarge 4xlarge 9xlarge 18xlarge"),
    ("r5", "Memory optimized", 8, "large xlarge 2xlarge 4xlarge 12xlarge 24xlarge"),
    ("g4dn", "Accelerated computing", 4, "xlarge 2xlarge 4xlarge 8xlarge 12xlarge 16xlarge"),
    ("g5", "Accelerated computing", 4, "xlarge 2xlarge 4xlarge 8xlarge 12xlarge 16xlarge 24xlarge"),
)
_GPUS = {"12xlarge": 4, "24xlarge": 4}
_BURSTABLE = (
    ("ml.t2.medium", 2, 4.0),
    ("ml.t2.large", 2, 8.0),
    ("ml.t2.xlarge", 4, 16.0),
    ("ml.t2.2xlarge", 8, 32.0),
)


def instance_types(allowed: frozenset[str], vcpus_here: int | None) -> list[InstanceTypeOption]:
    """Instance types for endpoints, smallest first.

    Args:
        allowed: those that AWS's model knows.
        vcpus_here: vCPUs of this machine when it is the one that runs them, None on AWS.
    """
    options: list[InstanceTypeOption] = []

    def add(name: str, vcpu: int, memory: float, gpu: int, family: str) -> None:
        if name in allowed:
            fits = vcpus_here is None or vcpu <= vcpus_here
            options.append(
                InstanceTypeOption(name=name, vcpu=vcpu, memory_gib=memory, gpu=gpu, family=family, fits=fits)
            )

    for name, vcpu, memory in _BURSTABLE:
        add(name, vcpu, memory, 0, "General purpose")
    for family, label, gib, sizes in _FAMILIES:
        accelerated = label.startswith("Accelerated")
        for size in sizes.split():
            gpu = _GPUS.get(size, 1) if accelerated else 0
            add(f"ml.{family}.{size}", _SIZES[size], _SIZES[size] * gib, gpu, label)
    return options
