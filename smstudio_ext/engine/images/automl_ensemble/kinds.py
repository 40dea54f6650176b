"""Kinds of models by the names that AWS's AlgorithmsConfig gives them, and which of them are installed."""

from __future__ import annotations

from importlib.util import find_spec

from smstudio_ext.engine.images.automl_ensemble.learning import Kind
from smstudio_ext.engine.images.contract import AlgorithmError

NEEDS = {
    "lightgbm": ("lightgbm", "trees"),
    "catboost": ("catboost", "trees"),
    "nn-torch": ("torch", "deep"),
    "autogluon": ("autogluon.tabular", "autogluon"),
}
"""Algorithm -> the module that it needs, and the extra of this package that brings it."""


def installed(algorithm: str) -> bool:
    """Whether an algorithm can run on this machine."""
    needed = NEEDS.get(algorithm)
    if needed is None:
        return True
    try:
        return find_spec(needed[0]) is not None
    except ModuleNotFoundError:  # of a package within one that is not there
        return False


def kind_of(algorithm: str) -> Kind:
    """The kind of an algorithm; its library is imported only now.

    Raises:
        AlgorithmError: unknown, or its library is not installed.
    """
    if not installed(algorithm):
        module, extra = NEEDS[algorithm]
        raise AlgorithmError(
            f"Algorithm {algorithm} needs {module}, which is not installed: pip install 'smstudio-ext[{extra}]'."
        )
    if algorithm == "xgboost":
        from smstudio_ext.engine.images.automl_ensemble.boosting import XGBoostKind

        return XGBoostKind()
    if algorithm == "lightgbm":
        from smstudio_ext.engine.images.automl_ensemble.lightgbm_models import LightGBMKind

        return LightGBMKind()
    if algorithm == "catboost":
        from smstudio_ext.engine.images.automl_ensemble.catboost_models import CatBoostKind

        return CatBoostKind()
    if algorithm in ("randomforest", "extra-trees"):
        from smstudio_ext.engine.images.automl_ensemble.forests import ForestKind

        return ForestKind(extra=algorithm == "extra-trees")
    if algorithm == "linear-learner":
        from smstudio_ext.engine.images.automl_ensemble.linear import LinearKind

        return LinearKind()
    if algorithm == "nn-torch":
        from smstudio_ext.engine.images.automl_ensemble.network import NetworkKind

        return NetworkKind()
    if algorithm == "svm":
        from smstudio_ext.engine.images.automl_ensemble.kernels import KernelKind

        return KernelKind()
    if algorithm == "autogluon":
        from smstudio_ext.engine.images.automl_ensemble.autogluon_models import AutoGluonKind

        return AutoGluonKind()
    raise AlgorithmError(f"Algorithm '{algorithm}' is not one of ensembling mode.")
