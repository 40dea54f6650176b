"""The models that ensembling mode trains, in the order in which they deserve the time."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

ALGORITHMS = (
    "lightgbm",
    "catboost",
    "xgboost",
    "extra-trees",
    "randomforest",
    "linear-learner",
    "nn-torch",
)
"""What runs here of AWS's algorithms for this mode (fastai's network is not offered: nn-torch takes its place)."""

LABELS = {
    "lightgbm": "LightGBM",
    "catboost": "CatBoost",
    "xgboost": "XGBoost",
    "extra-trees": "ExtraTrees",
    "randomforest": "RandomForest",
    "linear-learner": "LinearModel",
    "nn-torch": "NeuralNetTorch",
    "autogluon": "AutoGluon",
    "svm": "SVM",
}
"""How candidates are called, as AutoGluon calls its models."""

FOLD_ROWS = 50_000
"""Up to this many rows every model is bagged over five folds, as AWS's cross-validation."""
FEWER_FOLDS_ROWS = 200_000
"""Up to this many rows over three folds; above it the validation rows are held out once."""

AUTOGLUON = "autogluon"
"""AutoGluon itself is a candidate too where it is installed and the request names no algorithms."""

KERNELS = "svm"
"""Support vector machines are candidates too where there are many classes and the request names no algorithms."""
_KERNEL_ROWS = 25_000
_KERNEL_CLASSES = 40

_Settings = dict[str, Any]


@dataclass(frozen=True)
class Entry:
    """One model of the portfolio.

    Attributes:
        settings: hyperparameters by the library's own names.
    """

    algorithm: str
    settings: _Settings = field(default_factory=dict)

    def document(self) -> dict[str, Any]:
        """As a member of candidates.json."""
        return {"Algorithm": self.algorithm, "Settings": self.settings}


_FIRST: tuple[Entry, ...] = (
    Entry("lightgbm", {"learning_rate": 0.05, "num_leaves": 31}),
    Entry("catboost", {"learning_rate": 0.06, "depth": 6}),
    Entry("nn-torch", {"frequencies": 8, "hidden": 256, "depth": 3, "dropout": 0.1}),
    Entry(
        "xgboost",
        {
            "eta": 0.06,
            "max_depth": 7,
            "min_child_weight": 2,
            "subsample": 0.8,
            "colsample_bytree": 0.6,
        },
    ),
    Entry("extra-trees", {"min_samples_leaf": 1}),
    Entry("linear-learner", {"ranks": True}),
    Entry("lightgbm", {"learning_rate": 0.05, "num_leaves": 64, "extra_trees": True, "min_data_in_leaf": 10}),
    Entry("nn-torch", {"frequencies": 0, "hidden": 256, "depth": 3, "dropout": 0.2}),
    Entry(AUTOGLUON, {"presets": "medium_quality"}),
    Entry("randomforest", {"min_samples_leaf": 2}),
    Entry(
        "lightgbm",
        {
            "learning_rate": 0.03,
            "num_leaves": 96,
            "feature_fraction": 0.7,
            "min_data_in_leaf": 5,
            "bagging_fraction": 0.85,
            "bagging_freq": 1,
        },
    ),
    Entry("catboost", {"learning_rate": 0.05, "depth": 8, "l2_leaf_reg": 2.0}),
    Entry(
        "xgboost",
        {
            "eta": 0.04,
            "max_depth": 10,
            "min_child_weight": 1,
            "subsample": 0.75,
            "colsample_bytree": 0.5,
            "lambda": 2,
        },
    ),
)
_QUICK: tuple[Entry, ...] = (
    Entry("lightgbm", {"learning_rate": 0.2, "num_leaves": 15}),
    Entry("xgboost", {"eta": 0.3, "max_depth": 5}),
)
"""The first of these that may run goes before all others: bold steps make a usable model in a quarter of the time."""
_FEWEST_WITH_QUICK = 5
"""From this many candidates on one may be spent on being early."""
# Without the extras xgboost takes the places of the other boosters, with settings that differ more.
_SUBSTITUTES: tuple[Entry, ...] = (
    Entry("xgboost", {"eta": 0.05, "max_depth": 0, "max_leaves": 31, "grow_policy": "lossguide"}),
    Entry(
        "xgboost",
        {
            "eta": 0.08,
            "max_depth": 4,
            "subsample": 0.9,
            "colsample_bytree": 0.8,
        },
    ),
)
STACKERS: dict[str, _Settings] = {
    "catboost": {"learning_rate": 0.08, "depth": 4, "border_count": 64},
    "lightgbm": {"learning_rate": 0.05, "num_leaves": 8, "feature_fraction": 0.7, "min_data_in_leaf": 20},
    "xgboost": {
        "eta": 0.06,
        "max_depth": 3,
        "min_child_weight": 3,
        "subsample": 0.8,
        "colsample_bytree": 0.7,
    },
}
"""Settings of stacks. Other models' predictions say nearly all: small trees do as well as large ones in a third of the time."""


@dataclass(frozen=True)
class Portfolio:
    """What the analysis proposes for a data set.

    Attributes:
        folds: number of folds; 0 holds the validation rows out.
        models: first the hand-picked ones, then variants.
        stack: whether a model on top of the others' predictions is worth its time.
    """

    folds: int
    models: list[Entry]
    stack: bool = True

    def document(self) -> dict[str, Any]:
        """The member `Ensemble` of candidates.json."""
        return {
            "Folds": self.folds,
            "Models": [entry.document() for entry in self.models],
            "Stack": self.stack,
        }


def kernels_fit(rows: int, classes: int) -> bool:
    """Whether support vector machines are worth their time: they cost the square of the rows, a machine for two classes each."""
    return _MANY_CLASSES <= classes <= _KERNEL_CLASSES and rows <= _KERNEL_ROWS


def choose_portfolio(
    rows: int, algorithms: Sequence[str], *, count: int, seed: int, classes: int = 0
) -> Portfolio:
    """Models for a data set.

    Args:
        rows: training and validation rows together.
        algorithms: those that the request allows and that are installed.
        count: most models wanted.
        seed: of the variants.
        classes: number of classes, 0 for regression.
    """
    first = [*_FIRST[:1], *(_SUBSTITUTES if "lightgbm" not in algorithms else ()), *_FIRST[1:]]
    if classes >= _MANY_CLASSES:
        later = [entry for entry in first if entry not in _FOR_MANY_CLASSES]
        first = [*_FOR_MANY_CLASSES, *sorted(later, key=lambda entry: entry.algorithm == "catboost")]
    models = [entry for entry in first if entry.algorithm in algorithms]
    if classes < _MANY_CLASSES and count >= _FEWEST_WITH_QUICK:
        models = [entry for entry in _QUICK if entry.algorithm in algorithms][:1] + models
    generator = random.Random(seed)
    varied = [name for name in _VARIED if name in algorithms] or list(algorithms)
    at = 0
    while len(models) < count and varied:
        models.append(_variant(varied[at % len(varied)], generator))
        at += 1
    folds = _folds(rows)
    # With many classes each input brings as many columns, and held-out predictions of one part cannot be stacked.
    return Portfolio(folds, models[: max(1, count)], stack=folds >= 2 and classes < _MANY_CLASSES)


_MANY_CLASSES = 8
# Boosting grows a tree for each class and round; the first of these do not care how many classes there are.
_FOR_MANY_CLASSES = (
    Entry("extra-trees", {"min_samples_leaf": 1}),
    Entry(KERNELS, {"C": 20.0}),
    Entry(
        "lightgbm",
        {"learning_rate": 0.08, "num_leaves": 31, "feature_fraction": 0.5, "min_data_in_leaf": 5},
    ),
    Entry("nn-torch", {"frequencies": 0, "hidden": 256, "depth": 2, "dropout": 0.1}),
    Entry(KERNELS, {"C": 50.0, "gamma": 1.2, "ranks": True}),
)
_VARIED = ("catboost", "lightgbm", "nn-torch", "xgboost")


def _folds(rows: int) -> int:
    if rows <= FOLD_ROWS:
        return max(2, min(5, rows // 2))
    return 3 if rows <= FEWER_FOLDS_ROWS else 0


def _variant(algorithm: str, draw: random.Random) -> Entry:
    """A setting drawn at random from ranges that do well on many tables."""
    if algorithm == "lightgbm":
        return Entry(
            algorithm,
            {
                "learning_rate": round(draw.uniform(0.02, 0.06), 4),
                "num_leaves": round(2 ** draw.uniform(3.5, 7.5)),
                "min_data_in_leaf": round(2 ** draw.uniform(1.5, 6)),
                "feature_fraction": round(draw.uniform(0.4, 1), 3),
                "extra_trees": draw.random() < 0.4,
                "bagging_fraction": round(draw.uniform(0.7, 1), 3),
                "bagging_freq": 1,
                "lambda_l2": round(10 ** draw.uniform(-2, 1), 4),
            },
        )
    if algorithm == "catboost":
        return Entry(
            algorithm,
            {
                "learning_rate": round(draw.uniform(0.03, 0.09), 4),
                "depth": draw.randint(4, 8),
                "l2_leaf_reg": round(10 ** draw.uniform(-0.3, 1), 3),
                "random_strength": round(draw.uniform(0.5, 2), 3),
                "one_hot_max_size": draw.choice([2, 5, 20]),
            },
        )
    if algorithm == "nn-torch":
        return Entry(
            algorithm,
            {
                "frequencies": draw.choice([0, 8, 16]),
                "spread": round(10 ** draw.uniform(-1.3, 0), 3),
                "hidden": draw.choice([128, 256, 384]),
                "depth": draw.randint(2, 4),
                "dropout": round(draw.uniform(0, 0.4), 2),
                "learning_rate": round(10 ** draw.uniform(-3.1, -2.3), 5),
            },
        )
    if algorithm == "xgboost":
        return Entry(
            algorithm,
            {
                "eta": round(draw.uniform(0.02, 0.08), 4),
                "max_depth": draw.randint(3, 10),
                "min_child_weight": round(10 ** draw.uniform(-1, 1.3), 3),
                "subsample": round(draw.uniform(0.6, 1), 3),
                "colsample_bytree": round(draw.uniform(0.4, 1), 3),
                "lambda": round(10 ** draw.uniform(-1, 1), 3),
            },
        )
    if algorithm in ("extra-trees", "randomforest"):
        return Entry(
            algorithm,
            {"min_samples_leaf": draw.randint(1, 8), "max_features": round(draw.uniform(0.3, 1), 2)},
        )
    return Entry(algorithm, {"ranks": draw.random() < 0.5, "strength": round(10 ** draw.uniform(-2, 2), 4)})
