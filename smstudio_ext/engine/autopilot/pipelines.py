"""Writes `candidates.json`: each strategy with its algorithm's images, fixed settings, search ranges and first tries."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from smstudio_ext.engine.autopilot.problems import direction
from smstudio_ext.engine.autopilot.strategies import Strategy

RECORDIO = "application/x-recordio-protobuf"

_XGBOOST_METRICS = {
    "Accuracy": "accuracy",
    "AUC": "auc",
    "BalancedAccuracy": "balanced_accuracy",
    "F1": "f1_binary",
    "F1macro": "f1_macro",
    "Precision": "precision",
    "PrecisionMacro": "precision_macro",
    "Recall": "recall",
    "RecallMacro": "recall_macro",
    "MAE": "mae",
    "MSE": "mse",
    "R2": "r2",
    "RMSE": "rmse",
    "InferenceLatency": "inference_latency",
}
_LINEAR_METRICS = {
    "BinaryClassification": {
        "Accuracy": "binary_classification_accuracy",
        "AUC": "roc_auc_score",
        "BalancedAccuracy": "balanced_accuracy",
        "F1": "binary_f_beta",
        "LogLoss": "log_loss",
        "Precision": "precision",
        "Recall": "recall",
    },
    "MulticlassClassification": {
        "Accuracy": "multiclass_accuracy",
        "BalancedAccuracy": "multiclass_balanced_accuracy",
        "F1macro": "macro_f_beta",
        "LogLoss": "multiclass_log_loss",
        "PrecisionMacro": "macro_precision",
        "RecallMacro": "macro_recall",
    },
    "Regression": {"MAE": "mae", "MSE": "mse", "R2": "r2", "RMSE": "rmse"},
}
_REPORTED = {
    "BinaryClassification": "Accuracy AUC BalancedAccuracy F1 LogLoss Precision Recall",
    "MulticlassClassification": "Accuracy BalancedAccuracy F1macro LogLoss PrecisionMacro RecallMacro",
    "Regression": "MAE MSE R2 RMSE",
}
_THRESHOLDS = {"F1": "f1_binary", "BalancedAccuracy": "balanced_accuracy", "Accuracy": "accuracy"}

_XGBOOST_FIRST: tuple[dict[str, str], ...] = (
    _first := {
        "num_round": "300",
        "max_depth": "6",
        "eta": "0.08",
        "gamma": "1e-06",
        "min_child_weight": "2",
        "subsample": "0.8",
        "colsample_bytree": "0.6",
        "lambda": "1",
        "alpha": "1e-06",
    },
    _first
    | {
        "max_depth": "5",
        "eta": "0.05",
        "num_round": "500",
        "min_child_weight": "4",
        "colsample_bytree": "0.5",
    },
    _first | {"max_depth": "4", "eta": "0.12", "num_round": "500", "subsample": "0.9"},
)
_XGBOOST_QUICK = _first | {"num_round": "64", "max_depth": "5", "eta": "0.3"}
"""The very first try: bold steps, so that a usable model is there in a third of the time of an ordinary trial."""
_FEWEST_WITH_QUICK = 5
"""From this many candidates on one may be spent on being early."""
_LINEAR_FIRST: tuple[dict[str, str], ...] = (
    {"wd": "0.0001", "l1": "1e-07", "learning_rate": "0.01"},
    {"wd": "0.01", "l1": "0.0001", "learning_rate": "0.02"},
)

_MLP_FIRST: tuple[dict[str, str], ...] = (
    {
        "mini_batch_size": "128",
        "learning_rate": "0.003",
        "weight_decay": "1e-05",
        "dropout_prob": "0.25",
        "network_type": "feedforward",
        "layers": "100, 50",
    },
)
_IMAGES = {
    "xgboost": ("sagemaker-xgboost:1.7-1", "sagemaker-xgboost:1.7-1"),
    "linear-learner": ("linear-learner:training-cpu", "linear-learner:inference-cpu"),
    "mlp": ("mlp:training-cpu", "mlp:inference-cpu"),
}
"""Algorithm -> image that trains, image that serves."""

FOLD_CELLS = 1_000_000
"""Up to this many training cells (rows x columns x classes) every trial is cross-validated; AWS does it up to 50,000 rows."""
FOLDS = 5
MLP_FOLDS = 3
"""A perceptron takes several times as long as boosted trees."""
_MLP_ROWS = 2_000_000
SMALL_ROWS = 20_000


def candidates_document(
    strategies: Sequence[Strategy], problem: str, objective: str, rows: int, classes: int, trials: int
) -> dict[str, Any]:
    """The content of `candidates.json` (docs/autopilot-internals.md).

    Args:
        rows: training and validation rows together.
        classes: number of classes, 0 for regression.
        trials: most candidates of the job.
    """
    total = sum(strategy.weight for strategy in strategies)
    columns = max((len(strategy.spec.columns) for strategy in strategies), default=1)
    heavy = rows * columns * (classes if classes > 2 else 1) > FOLD_CELLS
    folds = 0 if heavy else min(FOLDS, rows // 2)
    found = [
        _candidate(strategy, problem, objective, classes, folds, round(strategy.weight / total, 4), rows)
        for strategy in strategies
    ]
    if trials >= _FEWEST_WITH_QUICK and found and found[0]["Algorithm"] == "xgboost":
        found[0]["WarmStart"].insert(0, dict(_XGBOOST_QUICK))
    return {
        "Version": 1,
        "ProblemType": problem,
        "Objective": objective,
        "ObjectiveType": direction(objective),
        "Strategies": [_strategy(strategy) for strategy in strategies],
        "Candidates": found,
        "MultiFidelity": False,
    }


def _strategy(strategy: Strategy) -> dict[str, Any]:
    spec = strategy.spec
    return {
        "Name": spec.name,
        "Description": spec.description,
        "TransformsLabel": bool(spec.classes),
        "TransformedDataFormat": RECORDIO,
        "SparseEncoding": spec.sparse,
        "Hyperparameters": {"processor_module": spec.name},
    }


def _candidate(
    strategy: Strategy, problem: str, objective: str, classes: int, folds: int, share: float, rows: int
) -> dict[str, Any]:
    metrics = _metric_names(strategy.algorithm, problem)
    if strategy.algorithm == "xgboost":
        static, ranges = _xgboost_static(problem, objective, classes, metrics, rows), _xgboost_ranges()
    elif strategy.algorithm == "mlp":
        static, ranges = _mlp_static(problem, objective, classes, rows), _mlp_ranges()
        folds = min(folds, MLP_FOLDS)
    else:
        static, ranges = _linear_static(problem, objective, classes), _linear_ranges()
    if folds >= 2:
        static["_kfold"] = str(folds)
    elif strategy.algorithm == "xgboost":
        static["_final_metrics"] = "true"
    training, inference = _IMAGES[strategy.algorithm]
    return {
        "Name": f"{strategy.spec.name}-{strategy.algorithm}",
        "Strategy": strategy.spec.name,
        "Algorithm": strategy.algorithm,
        "TrainingImage": training,
        "InferenceImage": inference,
        "StaticHyperparameters": static,
        "ParameterRanges": ranges,
        "ObjectiveMetricName": f"validation:{metrics[objective]}",
        "StandardMetrics": metrics,
        "WarmStart": [dict(entry) for entry in _first_tries(strategy.algorithm, folds, classes)],
        "Share": share,
    }


def _first_tries(algorithm: str, folds: int, classes: int) -> tuple[dict[str, str], ...]:
    if algorithm == "mlp":
        return _MLP_FIRST
    if algorithm != "xgboost":
        return _LINEAR_FIRST
    if folds or classes <= 2:
        return _XGBOOST_FIRST
    # A round grows a tree for each class: fewer and bolder rounds first, so that a score is there soon.
    return tuple(entry | {"eta": "0.25", "num_round": "150"} for entry in _XGBOOST_FIRST)


def _metric_names(algorithm: str, problem: str) -> dict[str, str]:
    if algorithm == "xgboost":
        names = {name: _XGBOOST_METRICS.get(name, "") for name in _REPORTED[problem].split()}
        if "LogLoss" in names:
            names["LogLoss"] = "logloss" if problem == "BinaryClassification" else "mlogloss"
    else:
        names = dict(_LINEAR_METRICS[problem])
    return names | {"InferenceLatency": "inference_latency"}


def _xgboost_static(
    problem: str, objective: str, classes: int, metrics: dict[str, str], rows: int
) -> dict[str, str]:
    static = {
        "objective": {
            "BinaryClassification": "binary:logistic",
            "MulticlassClassification": "multi:softprob",
            "Regression": "reg:squarederror",
        }[problem],
        # Early stopping looks at the last metric; a smooth one is steadier than the objective itself.
        "eval_metric": ",".join(
            sorted(metrics.values(), key=lambda name: name in ("logloss", "mlogloss", "rmse"))
        ),
        "early_stopping_rounds": "20",
        "save_model_on_termination": "true",
    }
    if rows <= SMALL_ROWS:
        # Half the bins halve the time of a trial; on small data the scores stay within their noise.
        static["max_bin"] = "128"
    if problem == "MulticlassClassification":
        static["num_class"] = str(classes)
    if problem == "BinaryClassification":
        static["_threshold_metric"] = _THRESHOLDS.get(objective, "none")
    return static


def _linear_static(problem: str, objective: str, classes: int) -> dict[str, str]:
    static = {
        "predictor_type": {
            "BinaryClassification": "binary_classifier",
            "MulticlassClassification": "multiclass_classifier",
            "Regression": "regressor",
        }[problem],
        "loss": {
            "BinaryClassification": "logistic",
            "MulticlassClassification": "softmax_loss",
            "Regression": "squared_loss",
        }[problem],
        "mini_batch_size": "200",
        "epochs": "30",
        "num_models": "1",
    }
    if problem == "MulticlassClassification":
        static["num_classes"] = str(classes)
    if problem == "BinaryClassification":
        static["binary_classifier_model_selection_criteria"] = (
            "f_beta"
            if objective == "F1"
            else "accuracy"
            if objective in ("Accuracy", "BalancedAccuracy")
            else "loss_function"
        )
    return static


def _mlp_static(problem: str, objective: str, classes: int, rows: int) -> dict[str, str]:
    static = {
        "problem_type": {
            "BinaryClassification": "binary_classification",
            "MulticlassClassification": "multiclass_classification",
            "Regression": "regression",
        }[problem],
        "ml_application": "mlp",
        "use_batchnorm": "true",
        "activation": "relu",
        "warmup_epochs": "10",
        # A long table needs few passes.
        "epochs": str(max(3, min(40, _MLP_ROWS // max(1, rows)))),
        "num_categorical_features": "0",
    }
    if problem == "MulticlassClassification":
        static["num_classes"] = str(classes)
    if problem == "BinaryClassification":
        static["_threshold_metric"] = _THRESHOLDS.get(objective, "none")
    return static


def _range(name: str, low: str, high: str, scaling: str) -> dict[str, str]:
    return {"Name": name, "MinValue": low, "MaxValue": high, "ScalingType": scaling}


def _xgboost_ranges() -> dict[str, Any]:
    # Autopilot's own ranges, but eta: below 0.05 the rounds would not do, above 0.3 scores only fall.
    return {
        "IntegerParameterRanges": [
            _range("num_round", "64", "1024", "Logarithmic"),
            _range("max_depth", "2", "8", "Logarithmic"),
        ],
        "ContinuousParameterRanges": [
            _range("eta", "0.05", "0.3", "Logarithmic"),
            _range("gamma", "1e-6", "64", "Logarithmic"),
            _range("min_child_weight", "1e-6", "32", "Logarithmic"),
            _range("subsample", "0.5", "1", "Linear"),
            _range("colsample_bytree", "0.3", "1", "Linear"),
            _range("lambda", "1e-6", "2", "Logarithmic"),
            _range("alpha", "1e-6", "2", "Logarithmic"),
        ],
        "CategoricalParameterRanges": [],
    }


def _linear_ranges() -> dict[str, Any]:
    return {
        "IntegerParameterRanges": [],
        "ContinuousParameterRanges": [
            _range("wd", "1e-7", "1", "Logarithmic"),
            _range("l1", "1e-7", "1", "Logarithmic"),
            _range("learning_rate", "1e-5", "1", "Logarithmic"),
        ],
        "CategoricalParameterRanges": [],
    }


def _mlp_ranges() -> dict[str, Any]:
    # Autopilot's own ranges, but the learning rate: below 1e-4 the epochs would not do.
    return {
        "IntegerParameterRanges": [_range("mini_batch_size", "128", "512", "Linear")],
        "ContinuousParameterRanges": [
            _range("learning_rate", "1e-4", "1e-2", "Logarithmic"),
            _range("weight_decay", "1e-12", "1e-2", "Logarithmic"),
            _range("dropout_prob", "0.25", "0.5", "Linear"),
        ],
        "CategoricalParameterRanges": [
            {"Name": "network_type", "Values": ["feedforward", "widedeep"]},
            {
                "Name": "layers",
                "Values": ["256", "50, 25", "100, 50", "200, 100", "256, 128", "300, 150", "200, 100, 50"],
            },
        ],
    }
