"""Arguments that XGBoost 0.90 to 1.7 had."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

_FIT = ("eval_metric", "early_stopping_rounds", "callbacks")


def change(xgboost: Any) -> None:
    """Makes the changes."""
    models = [
        getattr(xgboost, name, None) for name in ("XGBModel", "XGBClassifier", "XGBRegressor", "XGBRanker")
    ]
    for kind in models:
        if kind is not None and "fit" in vars(kind):
            kind.fit = _old_fit(kind.fit)
        if kind is not None and "predict" in vars(kind):
            kind.predict = _old_predict(kind.predict)
    xgboost.Booster.predict = _old_predict(xgboost.Booster.predict)
    if not hasattr(xgboost.Booster, "best_ntree_limit"):
        xgboost.Booster.best_ntree_limit = property(_best_trees)
    xgboost.train = _old_train(xgboost.train)


def _old_fit(fit: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(fit)
    def call(self: Any, *arguments: Any, **keywords: Any) -> Any:
        given = {name: keywords.pop(name) for name in _FIT if name in keywords}
        self.set_params(**{name: value for name, value in given.items() if value is not None})
        return fit(self, *arguments, **keywords)

    return call


def _old_predict(predict: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(predict)
    def call(self: Any, *arguments: Any, **keywords: Any) -> Any:
        limit = keywords.pop("ntree_limit", None)
        if limit:
            keywords["iteration_range"] = (0, int(limit))
        return predict(self, *arguments, **keywords)

    return call


def _old_train(train: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(train)
    def call(params: dict[str, Any], *arguments: Any, **keywords: Any) -> Any:
        given = dict(params)
        given.pop("silent", None)
        if given.get("tree_method") == "gpu_hist":
            given["tree_method"] = "hist"
        if str(given.get("objective")) == "reg:linear":
            given["objective"] = "reg:squarederror"
        return train(given, *arguments, **keywords)

    return call


def _best_trees(self: Any) -> int:
    """Trees up to the best round."""
    best = self.attr("best_iteration")
    return int(self.num_boosted_rounds() if best is None else int(best) + 1)
