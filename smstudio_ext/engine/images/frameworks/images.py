"""The framework images: which repositories they have, and what each needs on this machine."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from smstudio_ext.engine.images.contract import Image
from smstudio_ext.engine.images.refusals import no_such_tag

if TYPE_CHECKING:
    from smstudio_ext.engine.images.registry import ImageRegistry, ImageUri

LAUNCH = "smstudio_ext.engine.images.frameworks.launching:launch"

_TAG = re.compile(r"^v?(?P<version>\d+(?:\.\d+)*(?:-\d+)?)")


@dataclass(frozen=True)
class Framework:
    """A kind of framework image.

    Attributes:
        name: `scikit-learn`, `xgboost`, `pytorch`, ...
        title: as people write it.
        package: module that the image has and that this machine must have; None for plain Python.
        install: what to type when it is missing.
        training_module: value of `SM_FRAMEWORK_MODULE` in the image's training jobs.
        repositories: ECR repositories.
        serves: the image answers requests by the user's `model_fn` and its kin.
    """

    name: str
    title: str
    package: str | None
    install: str
    training_module: str | None
    repositories: tuple[str, ...]
    serves: bool = True


FRAMEWORKS = {
    framework.name: framework
    for framework in (
        Framework(
            "scikit-learn",
            "scikit-learn",
            "sklearn",
            "pip install scikit-learn",
            "sagemaker_sklearn_container.training:main",
            ("sagemaker-scikit-learn",),
        ),
        Framework(
            "xgboost",
            "XGBoost",
            "xgboost",
            "pip install xgboost",
            "sagemaker_xgboost_container.training:main",
            (),  # one repository with algorithm mode: see `catalogue`
        ),
        Framework(
            "sklearn-automl",
            "scikit-learn",
            "sklearn",
            "pip install scikit-learn",
            "sagemaker_sklearn_container.training:main",
            (),  # Autopilot's data transformer: see `catalogue`
        ),
        Framework(
            "pytorch",
            "PyTorch",
            "torch",
            'pip install "smstudio-ext[deep]"',
            "sagemaker_pytorch_container.training:main",
            (
                "pytorch-training",
                "pytorch-inference",
                "pytorch-inference-graviton",
                "sagemaker-pytorch",
                "sagemaker-inference-pytorch",
            ),
        ),
        Framework(
            "huggingface",
            "Hugging Face",
            "transformers",
            'pip install "smstudio-ext[deep]" transformers',
            "sagemaker_pytorch_container.training:main",
            ("huggingface-pytorch-training", "huggingface-pytorch-inference"),
        ),
        Framework(
            "tensorflow",
            "TensorFlow",
            "tensorflow",
            "pip install tensorflow",
            "sagemaker_tensorflow_container.training:main",
            ("tensorflow-training", "sagemaker-tensorflow-scriptmode"),
            serves=False,
        ),
        Framework(
            "mxnet",
            "MXNet",
            "mxnet",
            "pip install mxnet",
            "sagemaker_mxnet_container.training:main",
            ("mxnet-training", "sagemaker-mxnet"),
            serves=False,
        ),
        Framework(
            "python",
            "Python",
            None,
            "",
            None,
            (
                "sagemaker-base-python",
                "sagemaker-base-python-38",
                "sagemaker-base-python-310",
                "sagemaker-data-science",
                "sagemaker-data-science-38",
                "sagemaker-data-science-310",
                "sagemaker-distribution-prod",
                "sagemaker-distribution",
                "python",
            ),
        ),
    )
}
"""Framework images by name."""


def register_frameworks(registry: ImageRegistry) -> None:
    """Adds the framework images to a registry."""
    for framework in FRAMEWORKS.values():
        for repository in framework.repositories:
            registry.register(repository, _factory(framework))


def with_script_mode(image: Image) -> Image:
    """An algorithm's image that also runs scripts of the user's, as AWS's XGBoost does."""
    return replace(image, launch=LAUNCH)


def _factory(framework: Framework) -> Callable[[ImageUri], Image]:
    def make(uri: ImageUri) -> Image:
        match = _TAG.match(uri.tag)
        # Python's own tags are many (latest, slim, a digest); the frameworks' begin with a version.
        free = framework.package is None or uri.tag == "latest" or uri.tag.startswith("sha256:")
        if match is None and not free:
            raise no_such_tag(uri)
        return Image(
            name=framework.name,
            version=match["version"] if match else "latest",
            uri=uri.uri,
            launch=LAUNCH,
        )

    return make
