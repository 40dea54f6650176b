"""The images of Autopilot's text and image classification; AWS does not publish the names of its own."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

from smstudio_ext.engine.errors import ValidationException
from smstudio_ext.engine.images.contract import Image, MetricDefinition

if TYPE_CHECKING:
    from smstudio_ext.engine.images.registry import ImageRegistry, ImageUri

_PROGRAMS = "smstudio_ext.engine.images"
# Named by text only: the autopilot floor lies above this one and is imported by the job process alone.
_ANALYSES = "smstudio_ext.engine.autopilot.classification"
_NUMBER = r"([-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?|nan|inf)"
_TAG = re.compile(r"^(?:latest|(?P<version>\d+\.\d+(?:-\d+)?)(?:-cpu-py3)?)$")
_METRICS = "Accuracy BalancedAccuracy F1macro InferenceLatency LogLoss PrecisionMacro RecallMacro".split()
"""Metrics of both images (`validation:<name>`), by AWS's names; `InferenceLatency` and `LogLoss` are extended ones."""


def register_classification_images(registry: ImageRegistry) -> None:
    """Adds the two images to a registry."""
    texts = ("text/csv", "text/plain", "application/json", "application/jsonlines")
    pictures = ("image/jpeg", "image/png", "application/x-image", "application/json", "application/jsonlines")
    registry.register("sagemaker-automl-text-classification", _image("automl_text", "text", texts))
    registry.register(
        "sagemaker-automl-image-classification", _image("automl_pictures", "pictures", pictures)
    )


def _image(package: str, analysis: str, accepts: tuple[str, ...]) -> Callable[[ImageUri], Image]:
    def make(uri: ImageUri) -> Image:
        match = _TAG.match(uri.tag)
        if match is None:
            raise ValidationException(
                f"Image '{uri.uri}': tag '{uri.tag}' of repository '{uri.repository}' does not exist."
            )
        return Image(
            name=package.replace("_", "-"),
            version=match["version"] or "1.0",
            uri=uri.uri,
            train=f"{_PROGRAMS}.{package}.train:train",
            serve=f"{_PROGRAMS}.{package}.serve:load",
            process=f"{_ANALYSES}.{analysis}:analyse",
            metric_definitions=tuple(
                MetricDefinition(f"validation:{name}", rf"\[0\](?:#011|\t)validation-{name}:{_NUMBER}")
                for name in _METRICS
            ),
            preload=("numpy", "sklearn", f"{_PROGRAMS}.{package}.train", f"{_PROGRAMS}.{package}.serve"),
            accepts=accepts,
        )

    return make
