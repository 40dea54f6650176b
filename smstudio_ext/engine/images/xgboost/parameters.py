"""Hyperparameters of the XGBoost image, and what becomes of them in xgboost's own names."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from smstudio_ext.engine.images.contract import AlgorithmError
from smstudio_ext.engine.images.hyperparameters import Hyperparameter as H
from smstudio_ext.engine.images.hyperparameters import parse_hyperparameters
from smstudio_ext.engine.images.xgboost.metrics import COMPUTED, choose_metrics
from smstudio_ext.engine.images.xgboost.updaters import check_updater

OBJECTIVES = (
    "aft_loss_distribution binary:hinge binary:logistic binary:logitraw count:poisson multi:softmax multi:softprob rank:map "
    "rank:ndcg rank:pairwise reg:absoluteerror reg:gamma reg:linear reg:logistic reg:pseudohubererror reg:quantileerror "
    "reg:squarederror reg:squaredlogerror reg:tweedie survival:aft survival:cox"
).split()

DECLARED = (
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
    H("sketch_eps", "float", 0, 1, open_low=True, open_high=True),
    H("scale_pos_weight", "float", 0, open_low=True),
    H("updater", "list"),
    H("dsplit", "choice", choices=("row", "col")),
    H("refresh_leaf", "int", 0, 1),
    H("process_type", "choice", choices=("default", "update")),
    H("grow_policy", "choice", choices=("depthwise", "lossguide")),
    H("max_leaves", "int", 0),
    H("max_bin", "int", 0),
    H("predictor", "choice", choices=("auto", "cpu_predictor", "gpu_predictor")),
    H("sample_type", "choice", choices=("uniform", "weighted")),
    H("normalize_type", "choice", choices=("tree", "forest")),
    H("rate_drop", "float", 0, 1),
    H("one_drop", "int", 0, 1),
    H("skip_drop", "float", 0, 1),
    H("lambda_bias", "float", 0, 1),
    H("tweedie_variance_power", "float", 1, 2, open_low=True, open_high=True),
    H("huber_slope", "float"),
    H("quantile_alpha", "float", 0, 1),
    H("objective", "choice", choices=tuple(OBJECTIVES)),
    H("num_class", "int", 2),
    H("base_score", "float", 0),
    H("eval_metric", "list"),
    H("seed", "int", -(2**31), 2**31 - 1, open_low=True, open_high=True),
    H("seed_per_iteration", "bool"),
    H("num_parallel_tree", "int", 1),
    H("save_model_on_termination", "choice", choices=("true", "false")),
    H("interaction_constraints", "json"),
    H("monotone_constraints", "json"),
    H("max_cat_to_onehot", "int", 1),
    H("sampling_method", "choice", choices=("uniform", "gradient_based")),
    H("single_precision_histogram", "bool"),
    H("deterministic_histogram", "choice", choices=("true", "false")),
    H("aft_loss_distribution", "choice", choices=("normal", "logistic", "extreme")),
    H("aft_loss_distribution_scale", "float", 0),
    H("prob_buffer_row", "float", 1, open_low=True),
    H("use_dask_gpu_training", "choice", choices=("true", "false")),
    H("_kfold", "int", 2),
    H("_num_cv_round", "int", 1),
    H("_threshold_metric", "choice", choices=("accuracy", "balanced_accuracy", "f1_binary", "none")),
    H("_tuning_objective_metric", "text"),
    H("_final_metrics", "choice", choices=("true", "false")),
)
KNOWN = {declared.name: declared for declared in DECLARED}
ALIASES = {
    "learning_rate": "eta",
    "min_split_loss": "gamma",
    "reg_lambda": "lambda",
    "reg_alpha": "alpha",
    "random_state": "seed",
}

# Names that the image accepts and today's xgboost no longer knows: they say how fast, not what is learned.
_DROPPED = frozenset(
    "silent sketch_eps dsplit predictor prob_buffer_row single_precision_histogram deterministic_histogram lambda_bias".split()
)
_OURS = frozenset(
    "num_round csv_weights early_stopping_rounds eval_metric nthread save_model_on_termination use_dask_gpu_training _kfold "
    "_num_cv_round _threshold_metric _tuning_objective_metric _final_metrics".split()
)


@dataclass(frozen=True)
class Settings:
    """Checked hyperparameters.

    Attributes:
        params: for `xgboost.train`.
        metrics: what is reported each round, in order.
        stop_metric: the metric that decides early stopping: the tuning objective's, else the last one, as in AWS's image.
        kfold: number of folds; 0 = no cross-validation.
        threshold_metric: score for which the probability threshold is chosen; None = 0.5.
        save_on_stop: keep the model of the rounds done when SIGTERM comes.
        final_metrics: all metrics are computed once, at the end; a round says only xgboost's own last one, for held-out rows, and early
            stopping looks at that. On a long table the scores of each round cost twice what its trees do.
        notes: lines for the log about what was put in the place of old values.
    """

    params: dict[str, Any]
    rounds: int
    metrics: tuple[str, ...]
    stop_metric: str
    csv_weights: bool
    early_stopping_rounds: int | None
    nthread: int | None
    kfold: int
    cv_rounds: int
    threshold_metric: str | None
    save_on_stop: bool
    final_metrics: bool = False
    notes: tuple[str, ...] = ()

    @property
    def native_metrics(self) -> list[str]:
        """Metrics that xgboost computes, as it calls them."""
        return [self.native_name(name) for name in self.metrics if name not in COMPUTED]

    def native_name(self, metric: str) -> str:
        """What xgboost calls a metric: Tweedie's likelihood carries its power there."""
        if metric != "tweedie-nloglik":
            return metric
        return f"{metric}@{self.params.get('tweedie_variance_power', 1.5):g}"

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


def parse_settings(given: Mapping[str, str], *, before_1_3: bool = False) -> Settings:
    """Checks the hyperparameters of a job.

    Args:
        given: names and values.
        before_1_3: the image's version is older than 1.3, whose xgboost had other default metrics.

    Raises:
        AlgorithmError: with the message of AWS's image.
    """
    values = parse_hyperparameters(given, KNOWN, ALIASES)
    if values.get("use_dask_gpu_training") == "true":
        raise AlgorithmError(
            "Some configurations unsuitable for Dask GPU training were found: use_dask_gpu_training needs GPU instances, and this "
            "engine trains on CPUs. Leave it out; with instance_count > 1 the CPU trainer is distributed."
        )
    objective = _objective(values)
    params = {name: value for name, value in values.items() if name not in _DROPPED | _OURS}
    params["objective"] = objective
    notes = _modern(params, values)
    if not objective.startswith("multi:"):
        params.pop("num_class", None)
    if "verbosity" not in params:
        params["verbosity"] = 1 if values.get("silent", 0) == 0 else 0
    metrics, stop_metric = choose_metrics(
        values.get("eval_metric"), values.get("_tuning_objective_metric"), objective, before_1_3=before_1_3
    )
    threshold = values.get("_threshold_metric")
    return Settings(
        params=params,
        rounds=values["num_round"],
        metrics=metrics,
        stop_metric=stop_metric,
        csv_weights=bool(values.get("csv_weights", 0)),
        early_stopping_rounds=values.get("early_stopping_rounds"),
        nthread=values.get("nthread"),
        kfold=values.get("_kfold", 0),
        cv_rounds=values.get("_num_cv_round", 1),
        threshold_metric=None if threshold in (None, "none") else threshold,
        save_on_stop=values.get("save_model_on_termination") != "false",
        final_metrics=values.get("_final_metrics") == "true",
        notes=notes,
    )


def _objective(values: Mapping[str, Any]) -> str:
    objective = str(values.get("objective", "reg:squarederror"))
    if objective == "aft_loss_distribution":
        raise AlgorithmError(
            "Hyperparameter objective: aft_loss_distribution is no objective; use survival:aft."
        )
    if objective.startswith("multi:"):
        if "num_class" not in values:
            raise AlgorithmError("Require input for parameter 'num_class' for multi-classification")
    elif values.get("num_class", 2) != 2:
        raise AlgorithmError(
            "Do not need to setup parameter 'num_class' for learning task other than multi-classification."
        )
    return "reg:squarederror" if objective == "reg:linear" else objective


def _modern(params: dict[str, Any], values: Mapping[str, Any]) -> tuple[str, ...]:
    """Checks what depends on each other and turns old values into those of today's xgboost."""
    notes = []
    tree_method = params.get("tree_method")
    if "monotone_constraints" in params:
        if tree_method not in ("exact", "hist"):
            raise AlgorithmError(
                "monotone_constraints can be used only when the tree_method parameter is set to either 'exact' or 'hist'."
            )
        params["monotone_constraints"] = _signs(params["monotone_constraints"])
    if "interaction_constraints" in params:
        if tree_method not in ("exact", "hist", "approx"):
            raise AlgorithmError(
                "interaction_constraints can be used only when the tree_method parameter is set to either 'exact', 'hist' or "
                "'approx'."
            )
        _check_groups(params["interaction_constraints"])
        # As text xgboost takes numbers of features; as a list it would look for their names.
        params["interaction_constraints"] = json.dumps(params["interaction_constraints"])
    if tree_method == "exact" and params.get("grow_policy") == "lossguide":
        raise AlgorithmError("Hyperparameter grow_policy: lossguide needs tree_method hist or approx.")
    if tree_method == "gpu_hist":
        params["tree_method"] = "hist"
        notes.append("tree_method gpu_hist: no GPU here, training with hist.")
    if "updater" in params:
        params["updater"], said = check_updater(
            params["updater"],
            str(values.get("booster", "gbtree")),
            str(values.get("process_type", "default")),
        )
        notes += said
    if params.get("max_bin", 2) < 2:
        del params["max_bin"]
    return tuple(notes)


def _signs(value: Any) -> tuple[int, ...]:
    signs = tuple(value) if isinstance(value, list) else (value,)
    if any(sign not in (-1, 0, 1) for sign in signs):
        raise AlgorithmError(f"Hyperparameter monotone_constraints: value {signs} not in range [-1, 0, 1]")
    return signs


def _check_groups(value: Any) -> None:
    groups = value if isinstance(value, list) else [value]
    if not all(
        isinstance(group, list) and all(isinstance(i, int) and i >= 0 for i in group) for group in groups
    ):
        raise AlgorithmError(
            f"Hyperparameter interaction_constraints: value {value} not in range [[feature, feature, ...], ...]"
        )
