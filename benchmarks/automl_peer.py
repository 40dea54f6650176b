"""One peer on one split, in the peer's own environment: reads CSV files, writes predictions and times.

Run by `bench_automl_peers.py`: `PYTHON automl_peer.py TOOL FOLDER SECONDS`. FOLDER holds `train.csv`, `test.csv` and `task.json`
(`target`, `problem`, `metric`, `positive`, `seed`); `answer.json` is written there: class names, probabilities or values by test row,
decided labels, seconds of fitting and of predicting. Imports nothing of this project.
"""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path
from typing import Any

import pandas as pd

THREADS = len(os.sched_getaffinity(0))


def main() -> None:
    """Runs the tool and writes its answer."""
    tool, folder, seconds = sys.argv[1], Path(sys.argv[2]), float(sys.argv[3])
    task = json.loads((folder / "task.json").read_text())
    train, test = pd.read_csv(folder / "train.csv"), pd.read_csv(folder / "test.csv")
    answer = TOOLS[tool](train, test.drop(columns=[task["target"]]), task, seconds, folder)
    (folder / "answer.json").write_text(json.dumps(answer))


def flaml(train: Any, test: Any, task: dict[str, Any], seconds: float, folder: Path) -> dict[str, Any]:
    """FLAML with its defaults."""
    from flaml import AutoML

    metrics = {"F1": "f1", "AUC": "roc_auc", "Accuracy": "accuracy", "RMSE": "rmse", "LogLoss": "log_loss"}
    automl = AutoML()
    target, features, names = _coded(train, task)
    begin = time.monotonic()
    automl.fit(
        features,
        target,
        task="regression" if task["problem"] == "Regression" else "classification",
        metric=metrics[task["metric"]],
        time_budget=seconds,
        n_jobs=THREADS,
        seed=task["seed"],
        verbose=0,
    )
    fitted = time.monotonic()
    if names is None:
        return _answer(begin, fitted, values=automl.predict(test).tolist())
    probabilities = automl.predict_proba(test)
    labels = [names[int(code)] for code in automl.predict(test)]
    return _answer(begin, fitted, names=names, probabilities=probabilities.tolist(), labels=labels)


def autogluon(
    train: Any, test: Any, task: dict[str, Any], seconds: float, folder: Path, preset: str
) -> dict[str, Any]:
    """AutoGluon with one of its presets."""
    from autogluon.tabular import TabularPredictor

    metrics = {
        "F1": "f1", "AUC": "roc_auc", "Accuracy": "accuracy", "RMSE": "root_mean_squared_error", "LogLoss": "log_loss",
    }  # fmt: skip
    problem = {"Regression": "regression", "BinaryClassification": "binary"}.get(
        task["problem"], "multiclass"
    )
    options = {"positive_class": _typed(train, task)} if problem == "binary" else {}
    begin = time.monotonic()
    predictor = TabularPredictor(
        label=task["target"],
        problem_type=problem,
        eval_metric=metrics[task["metric"]],
        path=str(folder / "autogluon"),
        verbosity=0,
        **options,
    )
    predictor.fit(train, time_limit=seconds, presets=preset, num_cpus=THREADS, num_gpus=0)
    fitted = time.monotonic()
    board = predictor.leaderboard(silent=True)
    validation = abs(float(board.loc[board["model"] == predictor.model_best, "score_val"].iloc[0]))
    if problem == "regression":
        return _answer(begin, fitted, values=predictor.predict(test).tolist(), validation=validation)
    probabilities = predictor.predict_proba(test, as_multiclass=True)
    labels = [str(one) for one in predictor.predict(test)]
    return _answer(
        begin,
        fitted,
        names=[str(one) for one in probabilities.columns],
        probabilities=probabilities.to_numpy().tolist(),
        labels=labels,
        validation=validation,
    )


def autogluon_medium(*given: Any) -> dict[str, Any]:
    """AutoGluon, preset medium_quality."""
    return autogluon(*given, "medium_quality")


def autogluon_best(*given: Any) -> dict[str, Any]:
    """AutoGluon, preset best_quality."""
    return autogluon(*given, "best_quality")


def tuned_gbm(train: Any, test: Any, task: dict[str, Any], seconds: float, folder: Path) -> dict[str, Any]:
    """One LightGBM tuned in 80 % of the time: random search, 5-fold cross-validation, refit on all rows in the rest.

    What the time does not allow is cut short: the first cross-validation and the refit take the rounds that fit into it, a later
    cross-validation that does not finish counts with the rounds it had.
    """
    import lightgbm as lgb
    import numpy as np

    target, features, names = _coded(train, task)
    both = pd.concat([features, test])
    # LightGBM rewrites names with spaces or quotes and then no longer finds its categories.
    both.columns = [f"column_{number}" for number in range(both.shape[1])]
    for column in both.columns:
        if not pd.api.types.is_numeric_dtype(both[column]):
            both[column] = both[column].astype("category")
    features, test = both[: len(features)], both[len(features) :]
    classes = 0 if names is None else len(names)
    objective = "regression" if not classes else "binary" if classes == 2 else "multiclass"
    fixed = {"objective": objective, "verbosity": -1, "num_threads": THREADS, "seed": task["seed"]}
    if classes > 2:
        fixed["num_class"] = classes
    generator = np.random.default_rng(task["seed"])
    data = lgb.Dataset(features, target, free_raw_data=False)
    begin, tried, best = time.monotonic(), 0, (float("inf"), fixed, 100)
    while time.monotonic() - begin < 0.8 * seconds:
        settings = fixed | {
            "learning_rate": 0.05,
            "num_leaves": 31 if not tried else int(2 ** generator.uniform(3, 8)),
            "min_data_in_leaf": 20 if not tried else int(2 ** generator.uniform(1, 7)),
            "feature_fraction": 1.0 if not tried else float(generator.uniform(0.3, 1)),
            "lambda_l2": 0.0 if not tried else float(10 ** generator.uniform(-2, 1.5)),
        }
        rounds = lgb.cv(
            settings,
            data,
            2000,
            nfold=5,
            stratified=bool(classes),
            callbacks=[lgb.early_stopping(50, verbose=False), _deadline(begin + 0.8 * seconds)],
        )
        series = next(values for name, values in rounds.items() if name.endswith("-mean"))
        best = min(best, (series[-1], settings, len(series)), key=lambda one: one[0])
        tried += 1
    model = lgb.train(best[1], data, best[2], callbacks=[_deadline(begin + seconds)])
    fitted = time.monotonic()
    predicted = model.predict(test)
    if names is None:
        return _answer(begin, fitted, values=predicted.tolist())
    probabilities = np.column_stack([1 - predicted, predicted]) if classes == 2 else predicted
    labels = [names[code] for code in probabilities.argmax(axis=1)]
    return _answer(begin, fitted, names=names, probabilities=probabilities.tolist(), labels=labels)


def _deadline(end: float) -> Any:
    """Callback that ends LightGBM's boosting at a time of the monotonic clock."""
    from lightgbm.callback import EarlyStopException

    def check(env: Any) -> None:
        if time.monotonic() > end:
            raise EarlyStopException(env.iteration, env.evaluation_result_list)

    check.order = 40  # type: ignore[attr-defined]  # after LightGBM's own
    return check


def _coded(train: Any, task: dict[str, Any]) -> tuple[Any, Any, list[str] | None]:
    """Target as codes (the positive class last), features, class names."""
    target = train[task["target"]]
    features = train.drop(columns=[task["target"]])
    if task["problem"] == "Regression":
        return target, features, None
    names = sorted(target.astype(str).unique())
    if task.get("positive") in names:
        names = [name for name in names if name != task["positive"]] + [task["positive"]]
    return target.astype(str).map({name: code for code, name in enumerate(names)}), features, names


def _typed(train: Any, task: dict[str, Any]) -> Any:
    values = train[task["target"]].unique()
    return next((value for value in values if str(value) == task["positive"]), values[-1])


def _answer(begin: float, fitted: float, **content: Any) -> dict[str, Any]:
    return {"fit_seconds": fitted - begin, "predict_seconds": time.monotonic() - fitted, **content}


TOOLS = {
    "flaml": flaml,
    "autogluon-medium": autogluon_medium,
    "autogluon-best": autogluon_best,
    "tuned-gbm": tuned_gbm,
}

if __name__ == "__main__":
    main()
