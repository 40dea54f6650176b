"""The images that need an extra package: PyTorch for the deep algorithms, gensim for word2vec."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from smstudio_ext.engine.images.catalogue_classic import LINEAR_LEARNER
from smstudio_ext.engine.images.contract import Image, MetricDefinition
from smstudio_ext.engine.images.refusals import check_tag, require_package

if TYPE_CHECKING:
    from smstudio_ext.engine.images.registry import ImageRegistry, ImageUri

_PROGRAMS = "smstudio_ext.engine.images"
_NUMBER = r"([-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)"
_TAGS = frozenset({"1", "latest"})
_RECORDIO = "application/x-recordio-protobuf"
_JSON = ("application/json", "application/jsonlines")
_MLP_TAGS = frozenset({"1", "latest", "training-cpu", "inference-cpu"})


def register_deep_images(registry: ImageRegistry) -> None:
    """Adds the deep images to a registry; they are known even where their packages are missing."""
    registry.register("ntm", _image("ntm", _NTM_METRICS, ("text/csv", *_JSON, _RECORDIO)))
    registry.register("blazingtext", _image("blazingtext", _BLAZINGTEXT_METRICS, _JSON))
    registry.register("object2vec", _image("object2vec", _OBJECT2VEC_METRICS, _JSON))
    registry.register("forecasting-deepar", _image("deepar", _DEEPAR_METRICS, _JSON, "forecasting-deepar"))
    registry.register("seq2seq", _image("seq2seq", _SEQ2SEQ_METRICS, (*_JSON, _RECORDIO)))
    registry.register("mlp", _mlp)
    pictures = ("application/x-image", "image/jpeg", "image/png")
    registry.register(
        "image-classification",
        _image("image_classification", _IMAGE_METRICS, pictures, "image-classification"),
    )


def _image(
    package: str, metrics: tuple[MetricDefinition, ...], accepts: tuple[str, ...], name: str | None = None
) -> Callable[[ImageUri], Image]:
    def make(uri: ImageUri) -> Image:
        check_tag(uri, _TAGS)
        # BlazingText's supervised mode needs no extra, its word2vec modes gensim; the job knows its mode.
        if package != "blazingtext":
            require_package("torch", f"the image '{uri.repository}'", "deep")
        library = "scipy.sparse" if package == "blazingtext" else "torch"
        return Image(
            name=name or package,
            version="1",
            uri=uri.uri,
            train=f"{_PROGRAMS}.{package}.train:train",
            serve=f"{_PROGRAMS}.{package}.serve:load",
            metric_definitions=metrics,
            preload=(library, f"{_PROGRAMS}.{package}.train", f"{_PROGRAMS}.{package}.serve"),
            accepts=accepts,
        )

    return make


def _mlp(uri: ImageUri) -> Image:
    # Autopilot's own algorithm: its metrics have linear-learner's names and lines, its models are served without PyTorch.
    check_tag(uri, _MLP_TAGS)
    if not uri.tag.startswith("inference"):
        require_package("torch", "the image 'mlp'", "deep")
    return Image(
        name="mlp",
        version="1",
        uri=uri.uri,
        train=f"{_PROGRAMS}.mlp.train:train",
        serve=f"{_PROGRAMS}.mlp.serve:load",
        metric_definitions=LINEAR_LEARNER,
        preload=("torch", f"{_PROGRAMS}.mlp.train", f"{_PROGRAMS}.mlp.serve"),
        accepts=("text/csv", *_JSON, _RECORDIO),
    )


def _quality(name: str, text: str) -> MetricDefinition:
    return MetricDefinition(name, rf"#quality_metric: host=\S+, {text}={_NUMBER}")


_NTM_METRICS = (
    _quality("train:total_loss", r"epoch=\S+, train total_loss <loss>"),
    _quality("validation:total_loss", r"epoch=\S+, validation total_loss <loss>"),
    _quality("test:total_loss", r"test total_loss <loss>"),
    _quality("train:progress", r"epoch=\S+, train progress"),
)
_BLAZINGTEXT_METRICS = (
    MetricDefinition("train:mean_rho", rf"#mean_rho: {_NUMBER}"),
    MetricDefinition("train:accuracy", rf"#train_accuracy: {_NUMBER}"),
    MetricDefinition("validation:accuracy", rf"#validation_accuracy: {_NUMBER}"),
)
_OBJECT2VEC_METRICS = tuple(
    _quality(
        f"{part}:{name}",
        (r"epoch=\S+, " if part != "test" else "")
        + rf"{part} {name} <{'score' if name == 'accuracy' else 'loss'}>",
    )
    for part in ("train", "validation", "test")
    for name in ("cross_entropy", "accuracy", "mean_squared_error")
)
_DEEPAR_METRICS = (
    _quality("train:loss", r"epoch=\S+, train loss <loss>"),
    _quality("train:final_loss", r"train final_loss <loss>"),
    *(
        MetricDefinition(f"test:{name}", rf"#test_score \(\S+, {name}\): {_NUMBER}")
        for name in ("RMSE", "mean_wQuantileLoss", "mean_absolute_QuantileLoss")
    ),
)
_SEQ2SEQ_METRICS = (
    _quality("train:perplexity", r"epoch=\S+, train perplexity <loss>"),
    _quality("train:accuracy", r"epoch=\S+, train accuracy <score>"),
    _quality("validation:perplexity", r"epoch=\S+, validation perplexity <loss>"),
    _quality("validation:accuracy", r"epoch=\S+, validation accuracy <score>"),
    _quality("validation:bleu", r"epoch=\S+, validation bleu <score>"),
)
_IMAGE_METRICS = (
    MetricDefinition("train:accuracy", rf"Epoch\[\d+\] Train-accuracy={_NUMBER}"),
    MetricDefinition("validation:accuracy", rf"Epoch\[\d+\] Validation-accuracy={_NUMBER}"),
    MetricDefinition("train:top_k_accuracy", rf"Epoch\[\d+\] Train-top_k_accuracy_\d+={_NUMBER}"),
    MetricDefinition("validation:top_k_accuracy", rf"Epoch\[\d+\] Validation-top_k_accuracy_\d+={_NUMBER}"),
)
