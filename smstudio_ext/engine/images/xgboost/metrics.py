"""Which metrics a job of the XGBoost image reports: its `eval_metric`, checked with AWS's messages, and the tuning objective's."""

from __future__ import annotations

from smstudio_ext.engine.images.catalogue import XGBOOST_METRICS
from smstudio_ext.engine.images.contract import AlgorithmError

# Metrics that xgboost itself does not compute; the image adds them.
COMPUTED = frozenset(
    "accuracy balanced_accuracy f1 f1_binary f1_macro precision precision_macro precision_micro recall recall_macro "
    "recall_micro mse r2 inference_latency".split()
)
_BINARY_ONLY = frozenset({"f1_binary", "precision", "recall"})
_REGRESSION_ONLY = frozenset({"mse", "r2"})
_LARGER_IS_BETTER = frozenset(
    "accuracy auc aucpr balanced_accuracy f1 f1_binary f1_macro interval-regression-accuracy map ndcg pre precision "
    "precision_macro precision_micro r2 recall recall_macro recall_micro".split()
)
_WITH_THRESHOLD = ("error", "ndcg", "map", "pre")
_DEFAULTS = {
    "binary:logistic": "logloss",
    "binary:logitraw": "logloss",
    "binary:hinge": "error",
    "multi:softmax": "mlogloss",
    "multi:softprob": "mlogloss",
    "count:poisson": "poisson-nloglik",
    "reg:gamma": "gamma-nloglik",
    "reg:absoluteerror": "mae",
    "reg:pseudohubererror": "mphe",
    "reg:quantileerror": "quantile",
    "reg:squaredlogerror": "rmsle",
    "survival:cox": "cox-nloglik",
    "survival:aft": "aft-nloglik",
    "rank:pairwise": "map",
    "rank:ndcg": "ndcg",
    "rank:map": "map",
}


def larger_is_better(metric: str) -> bool:
    """Whether a metric is maximised."""
    return metric.split("@")[0].rstrip("-") in _LARGER_IS_BETTER


# What xgboost reported by itself before 1.3 (https://github.com/dmlc/xgboost/releases/tag/v1.3.0).
_OLD_DEFAULTS = _DEFAULTS | {
    "binary:logistic": "error",
    "binary:logitraw": "auc",
    "multi:softmax": "merror",
    "multi:softprob": "merror",
}


def choose_metrics(
    given: list[str] | None, tuned: str | None, objective: str, *, before_1_3: bool = False
) -> tuple[tuple[str, ...], str]:
    """What is reported each round, and which of it decides early stopping.

    Args:
        given: `eval_metric`.
        tuned: `_tuning_objective_metric` of a tuning job's trial, `validation:auc`.
        objective: xgboost's objective.
        before_1_3: without metrics, report what xgboost before 1.3 reported.

    Raises:
        AlgorithmError: unknown metrics, or such as do not fit the objective.
    """
    chosen = list(dict.fromkeys(given or []))
    wanted = [name for name in (tuned or "").partition(":")[2].split(",") if name]
    for name in chosen:
        _check(name, chosen, objective)
    chosen += [name for name in wanted if name not in chosen]
    if not chosen:
        # Tweedie's likelihood carries its power in its name; its root mean squared error says as much.
        chosen = [(_OLD_DEFAULTS if before_1_3 else _DEFAULTS).get(objective, "rmse")]
    return tuple(chosen), wanted[-1] if wanted else chosen[-1]


def _check(name: str, given: list[str], objective: str) -> None:
    base = name.split("@")[0].rstrip("-").strip()
    if "<function" in name:
        raise AlgorithmError(f"User defined evaluation metric {name} is not supported yet.")
    if "@" in name and base != "tweedie-nloglik":
        _check_threshold(name, base)
    elif base not in XGBOOST_METRICS:
        raise AlgorithmError(
            f"Hyperparameter eval_metric: value {given} not in range {sorted(XGBOOST_METRICS)}"
        )
    classifies = objective.startswith(("binary:", "multi:")) or objective == "reg:logistic"
    binary = objective.startswith("binary:") or objective == "reg:logistic"
    if base == "auc" and not (binary or objective.startswith("rank:")):
        raise AlgorithmError("Metric 'auc' can only be applied for classification and ranking problems.")
    if base == "aft-nloglik" and objective != "survival:aft":
        raise AlgorithmError("Metric 'aft-nloglik' can only be applied for 'survival:aft' objective.")
    if base in _BINARY_ONLY and not binary:
        raise AlgorithmError(f"Hyperparameter eval_metric: {name} needs a binary objective, not {objective}.")
    if base in COMPUTED - _REGRESSION_ONLY - {"inference_latency"} and not classifies:
        raise AlgorithmError(
            f"Hyperparameter eval_metric: {name} needs a classification objective, not {objective}."
        )


def _check_threshold(name: str, base: str) -> None:
    if base not in _WITH_THRESHOLD:
        raise AlgorithmError(
            f"Metric '{name}' is not supported. Parameter 'eval_metric' with customized threshold should be one of these options: "
            "'error', 'ndcg', 'map'."
        )
    try:
        float(name.partition("@")[2].strip().rstrip("-"))
    except ValueError as error:
        raise AlgorithmError(f"Threshold value 't' in '{base}@t' expects float input.") from error
