"""The images of Amazon's classic algorithms: clustering, components, neighbours, factors, forests, topics, addresses."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from smstudio_ext.engine.images.contract import Image, MetricDefinition
from smstudio_ext.engine.images.refusals import check_tag

if TYPE_CHECKING:
    from smstudio_ext.engine.images.registry import ImageRegistry, ImageUri

_PROGRAMS = "smstudio_ext.engine.images"
_TAGS = frozenset({"1", "latest"})
_LINEAR_TAGS = _TAGS | {"training-cpu", "inference-cpu", "training-gpu", "inference-gpu"}
_TYPES = ("text/csv", "application/json", "application/jsonlines", "application/x-recordio-protobuf")
_HOST = r"#quality_metric: host=\S+,"


def _final(part: str, name: str, kind: str, pattern: str | None = None) -> MetricDefinition:
    """A value printed once, after training."""
    return MetricDefinition(f"{part}:{name}", rf"{_HOST} {part} {pattern or name} <{kind}>=(\S+)")


def _epoch(part: str, name: str, kind: str, pattern: str | None = None) -> MetricDefinition:
    """A value printed once an epoch."""
    return MetricDefinition(f"{part}:{name}", rf"{_HOST} epoch=\S+, {part} {pattern or name} <{kind}>=(\S+)")


def _train_epoch(name: str, kind: str, pattern: str | None = None) -> MetricDefinition:
    """A value of the training data, named `train:<name>:epoch` beside that of mini-batches."""
    return MetricDefinition(
        f"train:{name}:epoch", rf"{_HOST} epoch=\S+, train {pattern or name} <{kind}>=(\S+)"
    )


def _batch(name: str, kind: str, pattern: str | None = None) -> MetricDefinition:
    """A value of the training data printed for some mini-batches."""
    return MetricDefinition(
        f"train:{name}", rf"{_HOST} epoch=\S+, batch=\S+ train {pattern or name} <{kind}>=(\S+)"
    )


_COMMON = (
    MetricDefinition("train:progress", r"#progress_metric: host=\S+, completed (\S+) %"),
    MetricDefinition(
        "train:throughput", r"#throughput_metric: host=\S+, train throughput=(\S+) records/second"
    ),
)

_LINEAR_SCORES = (
    *(
        (name, "score", name)
        for name in (
            "binary_classification_accuracy precision recall roc_auc_score balanced_accuracy dcg multiclass_accuracy "
            "multiclass_balanced_accuracy macro_precision macro_recall r2"
        ).split()
    ),
    ("binary_f_beta", "score", r"binary_f_\S+"),
    ("macro_f_beta", "score", r"macro_f_\S+"),
    ("multiclass_top_k_accuracy", "score", r"multiclass_top_k_accuracy_\S+"),
    *(
        (name, "loss", name)
        for name in ("mse rmse mae absolute_loss log_loss multiclass_log_loss inference_latency".split())
    ),
)

LINEAR_LEARNER = (
    *_COMMON,
    *(_final(part, *one) for part in ("train", "validation", "test") for one in _LINEAR_SCORES),
    *(_epoch(part, "objective_loss", "loss", r"\S+_objective") for part in ("train", "validation")),
    *(
        MetricDefinition(
            f"{part}:objective_loss{'' if part == 'test' else ':final'}",
            rf"{_HOST} {part} \S+_objective <loss>=(\S+)",
        )
        for part in ("train", "validation", "test")
    ),
)
"""Metrics of linear-learner, by the names and expressions that AWS lists for its training jobs."""

_KMEANS = (
    *_COMMON,
    _final("train", "msd", "loss"),
    _final("test", "msd", "loss"),
    _final("test", "ssd", "loss"),
)
_KNN = (*_COMMON, _final("test", "accuracy", "score"), _final("test", "mse", "loss"))
_FM_CLASSIFIER = (
    ("binary_classification_accuracy", "score", None),
    ("binary_classification_cross_entropy", "loss", None),
    ("binary_f_beta", "score", r"binary_f_\S+"),
)
_FM_REGRESSOR = (("rmse", "loss", None), ("mse", "loss", None), ("absolute_loss", "loss", None))
_FACTORS = (
    *_COMMON,
    *(_batch(*one) for one in (*_FM_CLASSIFIER, *_FM_REGRESSOR)),
    *(_train_epoch(*one) for one in (*_FM_CLASSIFIER, *_FM_REGRESSOR)),
    *(_final("test", *one) for one in (*_FM_CLASSIFIER, *_FM_REGRESSOR)),
)
_FOREST = (
    *_COMMON,
    *(_final("test", name, "score") for name in ("accuracy", "precision", "recall", "f1")),
)
_TOPICS = (*_COMMON, _final("train", "pwll", "score"), _final("test", "pwll", "score"))
_ADDRESSES = (
    *_COMMON,
    *(_batch(*one) for one in _FM_CLASSIFIER[:2]),
    *(_train_epoch(*one) for one in _FM_CLASSIFIER[:2]),
    _epoch("validation", "discriminator_auc", "score"),
)


def register_classic_images(registry: ImageRegistry) -> None:
    """Adds the classic images to a registry."""
    registry.register(
        "linear-learner", _image("linear_learner", LINEAR_LEARNER, name="linear-learner", tags=_LINEAR_TAGS)
    )
    registry.register("kmeans", _image("kmeans", _KMEANS))
    registry.register("pca", _image("pca", _COMMON))
    registry.register("randomcutforest", _image("randomcutforest", _FOREST))
    registry.register("lda", _image("lda", _TOPICS))
    registry.register("ipinsights", _image("ipinsights", _ADDRESSES, accepts=_TYPES[:3]))
    registry.register("knn", _image("knn", _KNN))
    registry.register(
        "factorization-machines", _image("factorization_machines", _FACTORS, name="factorization-machines")
    )


def _image(
    package: str,
    metrics: tuple[MetricDefinition, ...],
    *,
    name: str | None = None,
    accepts: tuple[str, ...] = _TYPES,
    tags: frozenset[str] = _TAGS,
) -> Callable[[ImageUri], Image]:
    def make(uri: ImageUri) -> Image:
        check_tag(uri, tags)
        return Image(
            name=name or package,
            version="1",
            uri=uri.uri,
            train=f"{_PROGRAMS}.{package}.train:train",
            serve=f"{_PROGRAMS}.{package}.serve:load",
            metric_definitions=metrics,
            preload=("numpy", "scipy.sparse", f"{_PROGRAMS}.{package}.train", f"{_PROGRAMS}.{package}.serve"),
            accepts=accepts,
        )

    return make
