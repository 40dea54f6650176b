"""Names and arguments that scikit-learn 0.20 to 1.2 had."""

from __future__ import annotations

import functools
import importlib
import sys
from importlib.abc import Loader
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any

from . import translated

_Arguments = dict[str, Any]


def _each(names: str, arguments: _Arguments) -> dict[str, _Arguments]:
    return dict.fromkeys(names.split(), arguments)


_IGNORED: _Arguments = dict.fromkeys(
    ("presort", "min_impurity_split", "precompute_distances", "behaviour", "iid")
)
_ARGUMENTS: dict[str, dict[str, _Arguments]] = {
    "sklearn.preprocessing": {
        "OneHotEncoder": {"sparse": "sparse_output", "categorical_features": None, "n_values": None},
    },
    "sklearn.impute": {"SimpleImputer": {"verbose": None}},
    "sklearn.linear_model": {
        **_each("LogisticRegression LogisticRegressionCV", {"multi_class": None}),
        **_each("LinearRegression Ridge Lasso ElasticNet Lars", {"normalize": None}),
        **_each("SGDClassifier SGDRegressor Perceptron", {"n_iter": "max_iter"}),
    },
    "sklearn.ensemble": {
        **_each(
            "AdaBoostClassifier AdaBoostRegressor BaggingClassifier BaggingRegressor",
            {"base_estimator": "estimator", "algorithm": None},
        ),
        **_each(
            "RandomForestClassifier RandomForestRegressor ExtraTreesClassifier ExtraTreesRegressor "
            "GradientBoostingClassifier GradientBoostingRegressor IsolationForest",
            _IGNORED,
        ),
    },
    "sklearn.tree": _each("DecisionTreeClassifier DecisionTreeRegressor", _IGNORED),
    "sklearn.cluster": {"KMeans": {"n_jobs": None, **_IGNORED}, "MiniBatchKMeans": {"n_jobs": None}},
    "sklearn.model_selection": _each("GridSearchCV RandomizedSearchCV", _IGNORED),
}
"""Module -> class -> old argument -> new one, or None for one that has no effect any more."""

_VALUES = {
    ("criterion", "mse"): "squared_error",
    ("criterion", "mae"): "absolute_error",
    ("loss", "ls"): "squared_error",
    ("loss", "lad"): "absolute_error",
    ("loss", "squared_loss"): "squared_error",
    ("loss", "deviance"): "log_loss",
    ("loss", "log"): "log_loss",
    ("penalty", "none"): None,
}
"""Values of arguments that have another name now."""

_MODULES = {
    "sklearn.externals.joblib": "joblib",
    "sklearn.cross_validation": "sklearn.model_selection",
    "sklearn.grid_search": "sklearn.model_selection",
    "sklearn.utils.testing": "sklearn.utils._testing",
}
"""Module of old -> where its names are now."""


def change(sklearn: Any) -> None:
    """Changes each module of the library when it is imported."""
    if not any(isinstance(finder, _Finder) for finder in sys.meta_path):
        sys.meta_path.insert(0, _Finder())
    for name in [*_ARGUMENTS, "sklearn.metrics", "sklearn.base"]:
        if name in sys.modules:
            _change_module(sys.modules[name])
    if "sklearn.externals" in sys.modules:
        _offer_joblib(sys.modules["sklearn.externals"])


class _Finder:
    """Finds modules of old under their new names, and changes others after they were loaded."""

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> ModuleSpec | None:
        if name in _MODULES:
            return ModuleSpec(name, _Alias(_MODULES[name]))
        if name not in _ARGUMENTS and name not in ("sklearn.metrics", "sklearn.base", "sklearn.externals"):
            return None
        for finder in sys.meta_path:
            find = getattr(finder, "find_spec", None)
            if finder is self or find is None:
                continue
            spec: ModuleSpec | None = find(name, path, target)
            if spec is not None and spec.loader is not None:
                execute = spec.loader.exec_module

                def exec_module(module: ModuleType, execute: Any = execute) -> None:
                    execute(module)
                    _change_module(module)

                spec.loader.exec_module = exec_module  # type: ignore[method-assign]
                return spec
        return None


class _Alias(Loader):
    """Loads a module as another one."""

    def __init__(self, name: str) -> None:
        self._name = name

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        return importlib.import_module(self._name)

    def exec_module(self, module: ModuleType) -> None:
        """It is loaded already."""


def _change_module(module: ModuleType) -> None:
    name = module.__name__
    if name == "sklearn.externals":
        _offer_joblib(module)
    if name == "sklearn.metrics":
        _metrics(module)
    if name == "sklearn.preprocessing":
        encoder: Any = module.OneHotEncoder
        if not hasattr(encoder, "get_feature_names"):
            encoder.get_feature_names = encoder.get_feature_names_out
        if not hasattr(module, "Imputer"):
            module.__dict__.setdefault("__getattr__", _imputer)
    for kind, names in _ARGUMENTS.get(name, {}).items():
        if hasattr(module, kind):
            _old_arguments(getattr(module, kind), names)
    for kind in vars(module).values():
        if isinstance(kind, type) and name in ("sklearn.ensemble", "sklearn.tree", "sklearn.linear_model"):
            _old_arguments(kind, {})


def _imputer(name: str) -> Any:
    """`sklearn.preprocessing.Imputer`, found when asked for: its module imports the one that asks."""
    if name == "Imputer":
        return importlib.import_module("sklearn.impute").SimpleImputer
    raise AttributeError(f"module 'sklearn.preprocessing' has no attribute {name!r}")


def _old_arguments(kind: Any, names: dict[str, Any]) -> None:
    """Lets a class's constructor take arguments and values of old."""
    create = kind.__dict__.get("__init__")
    if create is None or (getattr(create, "smstudio_old", False) and not names):
        return
    known = set(getattr(create, "__kwdefaults__", None) or ()) | set(create.__code__.co_varnames)
    missing = {old: new for old, new in names.items() if old not in known}
    given = translated(create, missing) if missing else create

    @functools.wraps(create)
    def call(self: Any, *arguments: Any, **keywords: Any) -> None:
        for name, value in list(keywords.items()):
            if isinstance(value, str) and (name, value) in _VALUES:
                keywords[name] = _VALUES[name, value]
            elif name == "max_features" and value == "auto":
                keywords[name] = "sqrt" if type(self).__name__.endswith("Classifier") else 1.0
        given(self, *arguments, **keywords)

    call.smstudio_old = True  # type: ignore[attr-defined]
    kind.__init__ = call


def _metrics(module: Any) -> None:
    mean_squared_error = module.mean_squared_error

    @functools.wraps(mean_squared_error)
    def call(*arguments: Any, squared: bool = True, **keywords: Any) -> Any:
        value = mean_squared_error(*arguments, **keywords)
        return value if squared else value**0.5

    module.mean_squared_error = call


def _offer_joblib(module: Any) -> None:
    if not hasattr(module, "joblib"):
        module.joblib = importlib.import_module("joblib")
        sys.modules["sklearn.externals.joblib"] = module.joblib
