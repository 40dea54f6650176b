"""The images that ship with the engine, and the names of AWS's images that do not run here yet."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from smstudio_ext.engine.images.catalogue_classic import register_classic_images
from smstudio_ext.engine.images.catalogue_classification import register_classification_images
from smstudio_ext.engine.images.catalogue_deep import register_deep_images
from smstudio_ext.engine.images.catalogue_forecasting import register_forecasting_image
from smstudio_ext.engine.images.catalogue_trees import register_tabular_images
from smstudio_ext.engine.images.contract import Image, MetricDefinition
from smstudio_ext.engine.images.frameworks.images import LAUNCH, register_frameworks, with_script_mode
from smstudio_ext.engine.images.refusals import no_such_tag

if TYPE_CHECKING:
    from smstudio_ext.engine.images.registry import ImageRegistry, ImageUri

_PROGRAMS = "smstudio_ext.engine.images"
_NUMBER = r"([-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?|nan|inf)"

XGBOOST_METRICS = (
    "accuracy",
    "auc",
    "aucpr",
    "aft-nloglik",
    "balanced_accuracy",
    "cox-nloglik",
    "error",
    "f1",
    "f1_binary",
    "f1_macro",
    "gamma-deviance",
    "gamma-nloglik",
    "inference_latency",
    "interval-regression-accuracy",
    "logloss",
    "mae",
    "map",
    "mape",
    "merror",
    "mlogloss",
    "mphe",
    "mse",
    "ndcg",
    "poisson-nloglik",
    "pre",
    "precision",
    "precision_macro",
    "precision_micro",
    "quantile",
    "r2",
    "recall",
    "recall_macro",
    "recall_micro",
    "rmse",
    "rmsle",
    "tweedie-nloglik",
)
"""Metrics of the XGBoost image (`train:<name>`, `validation:<name>`); `inference_latency` is this engine's own."""

ENSEMBLE_METRICS = (
    "Accuracy AUC BalancedAccuracy F1 F1macro InferenceLatency LogLoss MAE MSE Precision PrecisionMacro R2 Recall "
    "RecallMacro RMSE"
).split()
"""Metrics of the ensembling image (`validation:<name>`), by AWS's names."""

KNOWN_REPOSITORIES = frozenset(
    """
    autogluon-inference autogluon-training blazingtext detailed-profiler-processing djl-inference factorization-machines
    forecasting-deepar huggingface-pytorch-inference huggingface-pytorch-inference-neuron
    huggingface-pytorch-inference-neuronx huggingface-pytorch-tgi-inference huggingface-pytorch-training
    huggingface-pytorch-training-neuronx huggingface-pytorch-trcomp-training huggingface-tensorflow-inference
    huggingface-tensorflow-training huggingface-tensorflow-trcomp-training huggingface-vllm-inference-neuronx
    image-classification image-classification-neo ipinsights kmeans knn lda linear-learner mlp mxnet-inference
    mxnet-inference-eia mxnet-training ntm object-detection object2vec pca pytorch-inference pytorch-inference-eia
    pytorch-inference-graviton pytorch-training pytorch-training-neuron pytorch-training-neuronx pytorch-trcomp-training
    randomcutforest sagemaker-base-python sagemaker-chainer sagemaker-clarify-processing
    sagemaker-data-wrangler-container sagemaker-debugger-rules sagemaker-distribution-prod sagemaker-geospatial-v1-0
    sagemaker-inference-mxnet sagemaker-inference-pytorch sagemaker-inference-tensorflow
    sagemaker-model-monitor-analyzer sagemaker-mxnet sagemaker-mxnet-eia sagemaker-mxnet-serving
    sagemaker-mxnet-serving-eia sagemaker-neo-mxnet sagemaker-neo-pytorch sagemaker-neo-tensorflow sagemaker-pytorch
    sagemaker-rl-coach-container sagemaker-rl-mxnet sagemaker-rl-ray-container sagemaker-rl-tensorflow
    sagemaker-rl-vw-container sagemaker-scikit-learn sagemaker-spark-processing sagemaker-sparkml-serving
    sagemaker-tensorflow sagemaker-tensorflow-eia sagemaker-tensorflow-scriptmode sagemaker-tensorflow-serving
    sagemaker-tensorflow-serving-eia sagemaker-tritonserver sagemaker-xgboost semantic-segmentation seq2seq
    smdistributed-modelparallel stabilityai-pytorch-inference tei tei-cpu tensorflow-inference
    tensorflow-inference-eia tensorflow-inference-graviton tensorflow-training xgboost xgboost-neo
    """.split()
)
"""Repositories that `sagemaker.image_uris.retrieve` (2.257) can return, and those that Autopilot uses besides."""

WHY_NOT = {
    "object-detection": "The algorithm Object Detection is not offered by this engine: its SSD starts from pretrained weights, which this "
    "package does not bring along. Train a detector of your own in the PyTorch image (script mode).",
    "semantic-segmentation": "The algorithm Semantic Segmentation is not offered by this engine: its networks start from pretrained "
    "weights, which this package does not bring along. Train a network of your own in the PyTorch image (script mode).",
}
"""What is said of algorithms that stay out, besides what is offered."""

XGBOOST_VERSIONS = tuple("1 0.90-1 0.90-2 1.0-1 1.2-1 1.2-2 1.3-1 1.5-1 1.7-1 3.0-5 3.2-0".split())
"""Versions of AWS's XGBoost images, as the SDKs list them."""

_XGBOOST_TAG = re.compile(r"^(?P<version>\d+\.\d+(?:-\d+)?)(?:-(?:cpu|gpu|cpu-py3|gpu-py3))?$")
_FIXED_TAGS = frozenset({"1", "latest", "training-cpu", "inference-cpu", "training-gpu", "inference-gpu"})
_AUTOML_TAG = re.compile(r"^(?P<version>\d+\.\d+(?:[.\-]\d+)?)(?:-cpu-py3)?$")


def register_builtin_images(registry: ImageRegistry) -> None:
    """Adds this package's images to a registry."""
    register_frameworks(registry)
    registry.register("sagemaker-xgboost", lambda uri: with_script_mode(_xgboost(uri)))
    registry.register("xgboost", _xgboost)
    register_classic_images(registry)
    registry.register("sagemaker-sklearn-automl", _sklearn_automl)
    registry.register("sagemaker-automl-analysis", _automl_analysis)
    registry.register("sagemaker-automl-ensemble", _automl_ensemble)
    registry.register("sagemaker-automl-reports", _automl_reports)
    registry.register("sagemaker-automl-notebooks", _automl_notebooks)
    register_classification_images(registry)
    register_forecasting_image(registry)
    register_deep_images(registry)
    register_tabular_images(registry)


def _xgboost(uri: ImageUri) -> Image:
    version = _version(
        uri, _XGBOOST_TAG, "0.72" if uri.repository == "xgboost" else "latest", XGBOOST_VERSIONS
    )
    # AWS changed the model file from a pickle to xgboost's own format with 1.3-1.
    number: tuple[int, ...] = (
        (99,) if version == "latest" else tuple(int(part) for part in re.split(r"[.-]", version))
    )
    old = number < (1, 3)
    return Image(
        name="xgboost",
        version=version,
        uri=uri.uri,
        train=f"{_PROGRAMS}.xgboost.train:{'train_pickled' if old else 'train'}",
        # From 1.2-2 on each row of a CSV answer has its own line; before, commas join them.
        serve=f"{_PROGRAMS}.xgboost.serve:{'load_with_commas' if number < (1, 2, 2) else 'load'}",
        metric_definitions=_round_metrics(XGBOOST_METRICS),
        preload=("numpy", "pandas", "xgboost", f"{_PROGRAMS}.xgboost.train", f"{_PROGRAMS}.xgboost.serve"),
        accepts=(
            "text/csv",
            "text/libsvm",
            "text/x-libsvm",
            "application/x-recordio-protobuf",
            "application/json",
            "application/jsonlines",
        ),
    )


def _sklearn_automl(uri: ImageUri) -> Image:
    return Image(
        name="sklearn-automl",
        version=_version(uri, _AUTOML_TAG, "latest"),
        uri=uri.uri,
        # A script (trainer.py of the candidate notebook) trains by the toolkit; serving scripts run in the image's own program.
        launch=LAUNCH,
        scripts=("train",),
        train=f"{_PROGRAMS}.sklearn_automl.train:train",
        serve=f"{_PROGRAMS}.sklearn_automl.serve:load",
        preload=(
            "numpy",
            "joblib",
            "xgboost",
            f"{_PROGRAMS}.sklearn_automl.train",
            f"{_PROGRAMS}.sklearn_automl.serve",
        ),
        accepts=("text/csv",),
    )


def _automl_analysis(uri: ImageUri) -> Image:
    # The image of Autopilot's own processing job; AWS does not publish its name.
    return Image(
        name="automl-analysis",
        version=_version(uri, _AUTOML_TAG, "latest"),
        uri=uri.uri,
        # Named by text only: the autopilot floor lies above this one and is imported by the job process alone.
        process="smstudio_ext.engine.autopilot.analysis:analyse",
        preload=("numpy", "pyarrow.csv", "pyarrow.compute", "smstudio_ext.engine.autopilot.analysis"),
    )


def _automl_ensemble(uri: ImageUri) -> Image:
    # The image of Autopilot's ensembling mode; AWS does not publish its name.
    return Image(
        name="automl-ensemble",
        version=_version(uri, _AUTOML_TAG, "latest"),
        uri=uri.uri,
        train=f"{_PROGRAMS}.automl_ensemble.train:train",
        serve=f"{_PROGRAMS}.automl_ensemble.serve:load",
        metric_definitions=tuple(
            MetricDefinition(f"validation:{name}", rf"\[0\](?:#011|\t)validation-{name}:{_NUMBER}")
            for name in ENSEMBLE_METRICS
        ),
        preload=(
            "numpy",
            "xgboost",
            f"{_PROGRAMS}.automl_ensemble.train",
            f"{_PROGRAMS}.automl_ensemble.serve",
        ),
        accepts=("text/csv",),
    )


def _automl_reports(uri: ImageUri) -> Image:
    # The image of Autopilot's reports on its best candidate; AWS does not publish its name.
    reports = "smstudio_ext.engine.autopilot.reports"
    return Image(
        name="automl-reports",
        version=_version(uri, _AUTOML_TAG, "latest"),
        uri=uri.uri,
        process=f"{reports}.program:run",
        preload=(
            "numpy",
            "xgboost",
            "matplotlib.figure",
            "matplotlib.backends.backend_pdf",
            f"{reports}.explain",
            f"{reports}.insights",
            f"{_PROGRAMS}.sklearn_automl.serve",
            f"{_PROGRAMS}.xgboost.serve",
        ),
    )


def _automl_notebooks(uri: ImageUri) -> Image:
    # The image that writes Autopilot's notebooks; AWS does not publish its name.
    program = "smstudio_ext.engine.autopilot.generated.program"
    return Image(
        name="automl-notebooks",
        version=_version(uri, _AUTOML_TAG, "latest"),
        uri=uri.uri,
        process=f"{program}:write",
        preload=("numpy", program),
    )


def _version(uri: ImageUri, tags: re.Pattern[str], fixed: str, known: tuple[str, ...] = ()) -> str:
    """The version that a tag names; one of `known` where these are all."""
    if uri.tag in _FIXED_TAGS or uri.tag.startswith("sha256:"):
        return fixed
    match = tags.match(uri.tag)
    if match is None or (known and match["version"] not in known):
        raise no_such_tag(uri, known)
    return match["version"]


def _round_metrics(names: tuple[str, ...]) -> tuple[MetricDefinition, ...]:
    # Tabs reach the log as CloudWatch prints them (#011); both forms are read.
    return tuple(
        MetricDefinition(
            f"{part}:{name}", rf"\[[0-9]+\].*(?:#011|\t){part}-{re.escape(name)}:{_NUMBER}(?:#011|\t|\s|$)"
        )
        for part in ("train", "validation")
        for name in names
    )
