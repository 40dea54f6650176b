"""Quality of the tree algorithms and TabTransformer on the bank data, next to the library called directly.

The XGBoost image trains with the parameters of AWS's ten-minute tutorial; its bar is the AUC of the same xgboost called without
any of this package (spec: 0.7765 with the split of `split.json`). The others train with AWS's defaults.

Data: `$SMSTUDIO_BENCH_DATA` (default `../shared/data` beside the repository): `bank_clean/bank_clean.csv`, `bank_clean/split.json`.

    python benchmarks/bench_algorithms_trees.py [--all]
"""

from __future__ import annotations

import argparse
import importlib
import importlib.util
import io
import json
import os
import platform
import sys
import tempfile
import time
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import xgboost as xgb
from sklearn.metrics import accuracy_score, roc_auc_score

ROOT = Path(__file__).resolve().parent.parent
RESULTS = Path(__file__).parent / "results" / "algorithms_trees.json"
TUTORIAL = {
    "max_depth": 5,
    "eta": 0.2,
    "gamma": 4,
    "min_child_weight": 6,
    "subsample": 0.8,
    "silent": 0,
    "objective": "binary:logistic",
    "num_round": 100,
}
BAR = 0.7765
TABULAR = {
    "lightgbm": ("lightgbm", {"metric": "auc"}),
    "catboost": ("catboost", {"verbose": 0}),
    "tabtransformer": ("torch", {}),
}


def main() -> None:
    """Runs the benchmark and prints a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--all", action="store_true", help="TabTransformer too (minutes)")
    everything = parser.parse_args().all
    folder = Path(os.environ.get("SMSTUDIO_BENCH_DATA", ROOT.parent / "shared" / "data")) / "bank_clean"
    train, test = read_data(folder)
    rows: list[dict[str, Any]] = [direct(train, test)]
    with tempfile.TemporaryDirectory() as directory:
        rows.append(run("xgboost", TUTORIAL, train, test, Path(directory) / "xgboost"))
        for name, (module, settings) in TABULAR.items():
            if importlib.util.find_spec(module) is None or (name == "tabtransformer" and not everything):
                continue
            rows.append(run(name, settings, train, test, Path(directory) / name))
    report(rows)


def read_data(folder: Path) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Training and test rows, the target first."""
    frame = pd.read_csv(folder / "bank_clean.csv").drop(columns="y_no").astype(float)
    frame.insert(0, "target", frame.pop("y_yes"))
    split = json.loads((folder / "split.json").read_text())
    rest = split.get("test") or sorted(set(range(len(frame))) - set(split["train"]))
    return frame.iloc[split["train"]], frame.iloc[rest]


def direct(train: pd.DataFrame, test: pd.DataFrame) -> dict[str, Any]:
    """xgboost without this package."""
    started = time.perf_counter()
    params = {name: value for name, value in TUTORIAL.items() if name not in ("silent", "num_round")}
    matrix = xgb.DMatrix(train.iloc[:, 1:].to_numpy(), label=train["target"])
    booster = xgb.train(params, matrix, int(str(TUTORIAL["num_round"])))
    predicted = booster.predict(xgb.DMatrix(test.iloc[:, 1:].to_numpy()))
    return figures("xgboost called directly", test["target"], predicted, time.perf_counter() - started)


def run(
    name: str, settings: dict[str, Any], train: pd.DataFrame, test: pd.DataFrame, optml: Path
) -> dict[str, Any]:
    """Trains an image's program in a job folder and asks its server for the test rows."""
    started = time.perf_counter()
    channel = "train" if name == "xgboost" else "training"
    config, data = optml / "input/config", optml / "input/data" / channel
    for folder in (config, data, optml / "model"):
        folder.mkdir(parents=True)
    (config / "hyperparameters.json").write_text(
        json.dumps({key: str(value) for key, value in settings.items()})
    )
    (config / "inputdataconfig.json").write_text(json.dumps({channel: {"ContentType": "text/csv"}}))
    train.to_csv(data / "data.csv", header=False, index=False)
    with redirect_stdout(io.StringIO()):
        program = importlib.import_module(f"smstudio_ext.engine.images.{name}.train")
        getattr(program, "train" if name == "xgboost" else "train_classification")(optml)
    seconds = time.perf_counter() - started
    server = importlib.import_module(f"smstudio_ext.engine.images.{name}.serve").load(optml / "model", {})
    body = test.iloc[:, 1:].to_csv(header=False, index=False).encode()
    answer, _ = server.invoke(body, "text/csv", "application/json")
    loaded = json.loads(answer)
    if "predictions" in loaded:
        predicted = np.array([one["score"] for one in loaded["predictions"]])
    else:
        predicted = np.array(loaded["probabilities"])[:, 1]
    return figures(f"image {name}", test["target"], predicted, seconds)


def figures(name: str, truth: Any, predicted: Any, seconds: float) -> dict[str, Any]:
    """One row of the table."""
    print(f"{name} done in {seconds:.1f} s", file=sys.stderr)
    return {
        "name": name,
        "auc": float(roc_auc_score(truth, predicted)),
        "accuracy": float(accuracy_score(truth, predicted > 0.5)),
        "seconds": seconds,
    }


def report(rows: list[dict[str, Any]]) -> None:
    """Prints a markdown table and keeps the figures."""
    print(f"bank_clean, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}\n")
    print("| what | AUC | accuracy | training s |\n| --- | ---: | ---: | ---: |")
    for row in rows:
        print(f"| {row['name']} | {row['auc']:.4f} | {row['accuracy']:.4f} | {row['seconds']:.1f} |")
    print(f"\nbar of XGBoost with the tutorial's parameters: AUC {BAR}")
    RESULTS.parent.mkdir(exist_ok=True)
    conditions = {
        "python": platform.python_version(),
        "cores": os.cpu_count(),
        "load": os.getloadavg()[0],
        "xgboost": xgb.__version__,
    }
    RESULTS.write_text(json.dumps({"conditions": conditions, "bar": BAR, "figures": rows}, indent=2) + "\n")


if __name__ == "__main__":
    main()
