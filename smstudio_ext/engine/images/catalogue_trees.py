"""The tabular algorithms that JumpStart names: LightGBM, CatBoost, TabTransformer, AutoGluon-Tabular."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from smstudio_ext.engine.images.contract import Image, MetricDefinition
from smstudio_ext.engine.images.refusals import require_package

if TYPE_CHECKING:
    from smstudio_ext.engine.images.registry import ImageRegistry, ImageUri

_PROGRAMS = "smstudio_ext.engine.images"
_NUMBER = r"([0-9\.]+)"
PROBLEMS = ("classification", "regression")


@dataclass(frozen=True)
class _Algorithm:
    """One algorithm.

    Attributes:
        repository: short repository name here.
        model: JumpStart's model id up to the problem, `lightgbm` of `lightgbm-classification-model`.
        package: folder of its programs.
        module: Python package that it needs, of the extra named beside it.
    """

    repository: str
    model: str
    package: str
    module: str
    extra: str
    metrics: tuple[MetricDefinition, ...]


def _definitions(names: str, template: str) -> tuple[MetricDefinition, ...]:
    return tuple(MetricDefinition(name, template.format(name=name)) for name in names.split())


_ALGORITHMS = (
    _Algorithm(
        "lightgbm",
        "lightgbm",
        "lightgbm",
        "lightgbm",
        "trees",
        _definitions(
            "rmse l1 l2 huber fair mape quantile poisson gamma tweedie binary_logloss binary_error auc average_precision "
            "multi_logloss multi_error auc_mu cross_entropy",
            r"'s {name}: " + _NUMBER,
        ),
    ),
    _Algorithm(
        "catboost",
        "catboost",
        "catboost",
        "catboost",
        "trees",
        _definitions(
            "RMSE MAE MedianAbsoluteError R2 Logloss Precision Recall F1 AUC Accuracy BalancedAccuracy CrossEntropy MCC MultiClass "
            "TotalF1 Kappa",
            r"{name}: bestTest = (-?[0-9\.]+)",
        ),
    ),
    _Algorithm(
        "tabtransformer",
        "pytorch-tabtransformer",
        "tabtransformer",
        "torch",
        "deep",
        (
            MetricDefinition("r2", r"metrics={'r2': (\S+)"),
            MetricDefinition("f1_score", r"metrics={'f1': (\S+)"),
            MetricDefinition("accuracy_score", r"metrics={'accuracy': (\S+)"),
        ),
    ),
    _Algorithm("autogluon-tabular", "autogluon", "autogluon", "autogluon.tabular", "autogluon", ()),
)


def register_tabular_images(registry: ImageRegistry) -> None:
    """Adds the images; they are known even where their packages are missing.

    An image has three names: `lightgbm` (the data say which problem it is; the tags `classification` and `regression` say it
    outright) and JumpStart's model ids `lightgbm-classification-model` and `lightgbm-regression-model`.
    """
    for algorithm in _ALGORITHMS:
        registry.register(algorithm.repository, _factory(algorithm, None))
        for problem in PROBLEMS:
            ids = {f"{algorithm.model}-{problem}-model", f"{algorithm.model}-{problem}-ensemble"}
            for name in sorted(ids):
                registry.register(name, _factory(algorithm, problem))


def _factory(algorithm: _Algorithm, problem: str | None) -> Callable[[ImageUri], Image]:
    def make(uri: ImageUri) -> Image:
        chosen = problem or (uri.tag if uri.tag in PROBLEMS else None)
        require_package(algorithm.module, f"the image '{uri.repository}'", algorithm.extra)
        programs = f"{_PROGRAMS}.{algorithm.package}"
        return Image(
            name=algorithm.repository,
            version=uri.tag,
            uri=uri.uri,
            train=f"{programs}.train:train{'_' + chosen if chosen else ''}",
            serve=f"{programs}.serve:load",
            metric_definitions=algorithm.metrics,
            preload=("pandas",)
            if algorithm.package == "autogluon"
            else ("pandas", f"{programs}.train", f"{programs}.serve"),
            accepts=("text/csv",),
        )

    return make
