"""Hyperparameters of the XGBoost image, and what becomes of them in xgboost's own names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from smstudio_ext.engine.images.catalogue import XGBOOST_METRICS
from smstudio_ext.engine.images.contract import AlgorithmError
from smstudio_ext.engine.images.hyperparameters import Hyperparameter as H
from smstudio_ext.engine.images.hyperparameters import parse_hyperparameters

OBJECTIVES = (
    "binary:hinge binary:logistic binary:logitraw count:poisson multi:softmax multi:softprob rank:map rank:ndcg "
    "rank:pairwise reg:absoluteerror reg:gamma reg:linear reg:logistic reg:pseudohubererror reg:quantileerror "
    "reg:squarederror reg:squaredlogerror reg:tweedie survival:aft survival:cox"
).split()

_DECLARED = (
    H("num_round", "int", 1, required=True),
    H("csv_weights", "int", 0, 1),
    H("early_stopping_rounds", "int", 1),
    H("booster", "choice", choices=("gbtree", "gblinear", "dart")),
    H("verbosity", "int", 0, 3),
    H("silent", "int", 0, 1),
    H("nthread", "int", 1),
    H("eta", "float", 0, 1),
    H("gamma", "float", 0),
    H("max_depth", "int", 0),
    H("min_child_weight", "float", 0),
    H("max_delta_step", "float", 0),
    H("subsample", "float", 0, 1, open_low=True),
    H("colsample_bytree", "float", 0, 1, open_low=True),
    H("colsample_bylevel", "float", 0, 1, open_low=True),
    H("colsample_bynode", "float", 0, 1, open_low=True),
    H("lambda", "float", 0),
    H("alpha", "float", 0),
    H("tree_method", "choice", choices=("auto", "exact", "approx", "hist", "gpu_hist")),
    H("sketch_eps", "float", 0, 1, open_low=True),
    H("scale_pos_weight", "float", 0),
    H("updater", "text"),
    H("dsplit", "choice", choices=("row", "col")),
    H("refresh_leaf", "int", 0, 1),
    H("process_type", "choice", choices=("default", "update")),
    H("grow_policy", "choice", choices=("depthwise", "lossguide")),
    H("max_leaves", "int", 0),
    H("max_bin", "int", 2),
    H("predictor", "choice", choices=("auto", "cpu_predictor", "gpu_predictor")),
    H("sample_type", "choice", choices=("uniform", "weighted")),
    H("normalize_type", "choice", choices=("tree", "forest")),
    H("rate_drop", "float", 0, 1),
    H("one_drop", "int", 0, 1),
    H("skip_drop", "float", 0, 1),
    H("lambda_bias", "float", 0, 1),
    H("tweedie_variance_power", "float", 1, 2, open_low=True),
    H("huber_slope", "float"),
    H("quantile_alpha", "float", 0, 1),
    H("objective", "choice", choices=tuple(OBJECTIVES)),
    H("num_class", "int", 2),
    H("base_score", "float"),
    H("eval_metric", "list"),
    H("seed", "int"),
    H("seed_per_iteration", "bool"),
    H("num_parallel_tree", "int", 1),
    H("save_model_on_termination", "bool"),
    H("interaction_constraints", "json"),
    H("monotone_constraints", "json"),
    H("max_cat_to_onehot", "int", 1),
    H("sampling_method", "choice", choices=("uniform", "gradient_based")),
    H("single_precision_histogram", "bool"),
    H("deterministic_histogram", "bool"),
    H("aft_loss_distribution", "choice", choices=("normal", "logistic", "extreme")),
    H("aft_loss_distribution_scale", "float", 0, open_low=True),
    H("prob_buffer_row", "float", 1, open_low=True),
    H("_kfold", "int", 2),
    H("_num_cv_round", "int", 1),
    H("_threshold_metric", "choice", choices=("accuracy", "balanced_accuracy", "f1_binary", "none")),
)
KNOWN = {declared.name: declared for declared in _DECLARED}

# Names that the image accepts and today's xgboost no longer knows.
_DROPPED = frozenset(
    "silent sketch_eps dsplit predictor prob_buffer_row single_precision_histogram deterministic_histogram lambda_bias".split()
)
_OURS = frozenset(
    "num_round csv_weights early_stopping_rounds eval_metric nthread save_model_on_termination _kfold _num_cv_round "
    "_threshold_metric".split()
)
# Metrics that xgboost itself does not compute; the image adds them.
COMPUTED = frozenset(
    "accuracy balanced_accuracy f1 f1_binary f1_macro precision precision_macro precision_micro recall recall_macro "
    "recall_micro mse r2 inference_latency".split()
)
_BINARY_ONLY = frozenset({"f1_binary", "precision", "recall"})
_REGRESSION_ONLY = frozenset({"mse", "r2"})
_LARGER_IS_BETTER = (
    "auc",
    "map",
    "ndcg",
    "pre",
    "accuracy",
    "balanced_accuracy",
    "f1",
    "precision",
    "recall",
    "r2",
)


@dataclass(frozen=True)
class Settings:
    """Checked hyperparameters.

    Attributes:
        params: for `xgboost.train`.
        native_metrics, computed_metrics: what is reported each round.
        metrics: all of them in the order given; the last decides early stopping, as in AWS's image.
        kfold: number of folds; 0 = no cross-validation.
        threshold_metric: score for which the probability threshold is chosen; None = 0.5.
    """

    params: dict[str, Any]
    rounds: int
    metrics: tuple[str, ...]
    csv_weights: bool
    early_stopping_rounds: int | None
    nthread: int | None
    kfold: int
    cv_rounds: int
    threshold_metric: str | None

    @property
    def native_metrics(self) -> list[str]:
        """Metrics that xgboost computes."""
        return [name for name in self.metrics if name not in COMPUTED]

    @property
    def computed_metrics(self) -> list[str]:
        """Metrics that the image computes."""
        return [name for name in self.metrics if name in COMPUTED]

    @property
    def objective(self) -> str:
        """xgboost's objective."""
        return str(self.params["objective"])

    @property
    def classes(self) -> int:
        """2 for binary objectives, num_class for multiclass ones, 0 otherwise."""
        if self.objective.startswith("multi:"):
            return int(self.params["num_class"])
        return 2 if self.objective.startswith("binary:") or self.objective == "reg:logistic" else 0


def larger_is_better(metric: str) -> bool:
    """Whether a metric is maximised."""
    return metric.startswith(_LARGER_IS_BETTER) and metric != "mape"


def parse_settings(given: Mapping[str, str]) -> Settings:
    """Checks the hyperparameters of a job.

    Raises:
        AlgorithmError: with the message of AWS's image.
    """
    values = parse_hyperparameters(given, KNOWN)
    objective = values.get("objective", "reg:squarederror")
    params = {name: value for name, value in values.items() if name not in _DROPPED | _OURS}
    params["objective"] = "reg:squarederror" if objective == "reg:linear" else objective
    if objective.startswith("multi:") and "num_class" not in values:
        raise AlgorithmError(
            f"Require input for parameter 'num_class' for multi-classification: objective is {objective}."
        )
    if not objective.startswith("multi:") and "num_class" in values:
        if values["num_class"] != 2:
            raise AlgorithmError(
                f"Do not need to setup parameter 'num_class' for learning task other than multi-classification: {objective}."
            )
        params.pop("num_class")
    if params.get("tree_method") == "gpu_hist":
        params["tree_method"] = "hist"
    if params.get("tree_method") == "exact" and params.get("grow_policy") == "lossguide":
        raise AlgorithmError("Hyperparameter grow_policy: lossguide needs tree_method hist or approx.")
    if "verbosity" not in params:
        params["verbosity"] = 1 if values.get("silent", 0) == 0 else 0
    for name in ("interaction_constraints", "monotone_constraints"):
        if isinstance(params.get(name), list) and name == "monotone_constraints":
            params[name] = tuple(params[name])
    metrics = _metrics(values.get("eval_metric"), params["objective"])
    threshold = values.get("_threshold_metric")
    return Settings(
        params=params,
        rounds=values["num_round"],
        metrics=metrics,
        csv_weights=bool(values.get("csv_weights", 0)),
        early_stopping_rounds=values.get("early_stopping_rounds"),
        nthread=values.get("nthread"),
        kfold=values.get("_kfold", 0),
        cv_rounds=values.get("_num_cv_round", 1),
        threshold_metric=None if threshold in (None, "none") else threshold,
    )


def _metrics(given: list[str] | None, objective: str) -> tuple[str, ...]:
    if not given:
        return (_default_metric(objective),)
    for name in given:
        base = name.split("@")[0].rstrip("-")
        if base not in XGBOOST_METRICS:
            raise AlgorithmError(
                f"Hyperparameter eval_metric: value {given} not in range [{', '.join(XGBOOST_METRICS)}]"
            )
        if base in _BINARY_ONLY and not objective.startswith(("binary:", "reg:logistic")):
            raise AlgorithmError(
                f"Hyperparameter eval_metric: {name} needs a binary objective, not {objective}."
            )
        if base in COMPUTED - _REGRESSION_ONLY - {"inference_latency"} and not objective.startswith(
            ("binary:", "multi:", "reg:logistic")
        ):
            raise AlgorithmError(
                f"Hyperparameter eval_metric: {name} needs a classification objective, not {objective}."
            )
    return tuple(dict.fromkeys(given))


_DEFAULT_METRICS = {
    "binary:logistic": "logloss",
    "binary:logitraw": "logloss",
    "binary:hinge": "error",
    "multi:softmax": "mlogloss",
    "multi:softprob": "mlogloss",
    "count:poisson": "poisson-nloglik",
    "reg:gamma": "gamma-nloglik",
    "reg:absoluteerror": "mae",
    "reg:pseudohubererror": "mphe",
    "reg:squaredlogerror": "rmsle",
    "survival:cox": "cox-nloglik",
    "survival:aft": "aft-nloglik",
    "rank:pairwise": "map",
    "rank:ndcg": "ndcg",
    "rank:map": "map",
}


def _default_metric(objective: str) -> str:
    return _DEFAULT_METRICS.get(objective, "rmse")
