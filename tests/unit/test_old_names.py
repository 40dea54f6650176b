"""Scripts of older images: what NumPy, pandas, scikit-learn and XGBoost took and did in their time."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from smstudio_ext.engine.images.toolkit.jobpython import COMPAT

BEGIN = "import smstudio_job; smstudio_job.install()\nimport warnings; warnings.simplefilter('ignore')\n"
WARM = "import numpy, pandas, sklearn.linear_model, sklearn.ensemble, sklearn.preprocessing, xgboost\n"

OLD = """
import io, pickle
import numpy as np, pandas as pd
for name in "float int object str complex float_ NaN Inf product in1d trapz asscalar bool row_stack".split():
    getattr(np, name)
df = pd.read_csv(io.StringIO("a,b\\n1,x\\n2,y\\n"))
assert df["b"].dtype == object and df.select_dtypes(include=["object"]).columns.tolist() == ["b"]
assert df.fillna(method="ffill").equals(df)
assert list(df.drop("a", 1)) == ["b"] and list(df.drop(columns="a")) == ["b"]
assert list(df.mean().index) == ["a"] and df.corr().shape == (1, 1)
assert isinstance(pd.read_csv(io.StringIO("a\\n1\\n2\\n"), squeeze=True), pd.Series)
assert list(pd.read_csv(io.StringIO("1,2\\n"), header=None, prefix="x")) == ["x0", "x1"]
assert len(pd.read_csv(io.StringIO("a,b\\n1,2\\n1,2,3\\n"), error_bad_lines=False)) == 1
assert list(pd.read_csv(io.StringIO("a;b\\n1;2\\n"), ";")) == ["a", "b"]
assert df.to_csv(None, ";", line_terminator="\\n", index=False).startswith("a;b\\n")
assert len(df.append(df, ignore_index=True)) == 4 and len(df.append({"a": 1, "b": "z"}, ignore_index=True)) == 3
assert pd.concat([df, df], 1).shape == (2, 4)
assert pd.get_dummies(df).to_csv(index=False) == "a,b_x,b_y\\n1,1,0\\n2,0,1\\n"
assert list(df.sort_values("a", 0, False)["a"]) == [2, 1] and df.applymap(str).shape == (2, 2)

from sklearn.base import clone
from sklearn.cluster import KMeans
from sklearn.ensemble import (AdaBoostClassifier, GradientBoostingClassifier, GradientBoostingRegressor, IsolationForest,
                              RandomForestClassifier, RandomForestRegressor)
from sklearn.externals import joblib
import sklearn.externals.joblib as other
from sklearn.cross_validation import train_test_split
from sklearn.linear_model import LinearRegression, LogisticRegression, SGDClassifier
from sklearn.metrics import mean_squared_error
from sklearn.preprocessing import Imputer, OneHotEncoder
from sklearn.tree import DecisionTreeClassifier
assert joblib.dump is other.dump
X = np.random.default_rng(0).normal(size=(30, 3)); y = (X[:, 0] > 0).astype(int)
assert isinstance(OneHotEncoder(sparse=False).fit_transform(X), np.ndarray)
OneHotEncoder().fit(X).get_feature_names()
for model in (LogisticRegression(multi_class="ovr", solver="liblinear"), LogisticRegression(penalty="none"),
              RandomForestClassifier(3, max_features="auto"), RandomForestRegressor(3, criterion="mse"),
              GradientBoostingRegressor(n_estimators=2, loss="ls"), GradientBoostingClassifier(n_estimators=2, loss="deviance"),
              LinearRegression(normalize=True), AdaBoostClassifier(base_estimator=DecisionTreeClassifier(), n_estimators=2),
              KMeans(2, n_jobs=-1), DecisionTreeClassifier(presort=False, min_impurity_split=None), SGDClassifier(loss="log"),
              IsolationForest(behaviour="new", n_estimators=2)):
    fitted = model.fit(X, y)
    assert len(pickle.loads(pickle.dumps(fitted)).predict(X)) == 30
assert clone(RandomForestClassifier(n_estimators=3)).get_params()["n_estimators"] == 3
assert mean_squared_error([0.0], [2.0], squared=False) == 2.0

import xgboost as xgb
data = xgb.DMatrix(X, label=y)
booster = xgb.train({"objective": "reg:linear", "silent": 1}, data, 2)
assert len(booster.predict(data, ntree_limit=1)) == 30 and booster.best_ntree_limit == 2
xgb.XGBClassifier(use_label_encoder=False, n_estimators=2).fit(X, y, eval_set=[(X, y)], early_stopping_rounds=2, verbose=False)
xgb.XGBRegressor(n_estimators=2).fit(X, y, eval_set=[(X, y)], eval_metric="rmse", verbose=False)
"""

NEW = """
import io
import pandas as pd
df = pd.read_csv(io.StringIO("a,b\\n1,x\\n2,y\\n"))
assert pd.get_dummies(df).dtypes["b_x"] == bool
try:
    df.mean()
except TypeError:
    pass
else:
    raise AssertionError("pandas 2 and later refuse the mean of texts")
"""


def run(image: str, script: str, folder: Path) -> None:
    """Runs a script in an interpreter that has the changes, as a job of the image has them."""
    environment = {**os.environ, "SMSTUDIO_IMAGE": image, "PYTHONPATH": str(COMPAT), "OMP_NUM_THREADS": "1"}
    done = subprocess.run(
        [sys.executable, "-c", script],
        env=environment,
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("first", ["", WARM], ids=["cold", "warm"])
def test_old_names_and_arguments_work(tmp_path: Path, first: str) -> None:
    run("x/sagemaker-scikit-learn:0.23-1-cpu-py3", first + BEGIN + OLD, tmp_path)


@pytest.mark.parametrize("image", ["x/pytorch-training:2.3.0-cpu-py311", "python:3.11"])
def test_newer_images_keep_what_pandas_does(tmp_path: Path, image: str) -> None:
    run(image, BEGIN + NEW, tmp_path)
