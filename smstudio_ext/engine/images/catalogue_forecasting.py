"""The image of Autopilot's time series forecasting."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from smstudio_ext.engine.errors import ValidationException
from smstudio_ext.engine.images.contract import Image, MetricDefinition

if TYPE_CHECKING:
    from smstudio_ext.engine.images.registry import ImageRegistry, ImageUri

REPOSITORY = "sagemaker-automl-forecasting"
FORECAST_METRICS = ("AverageWeightedQuantileLoss", "MAPE", "MASE", "RMSE", "WAPE")
"""Metrics of its candidates (`validation:<name>`), by AWS's names."""

_PROGRAMS = "smstudio_ext.engine.images.automl_forecasting"
_NUMBER = r"([-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?|nan|inf)"
_TAG = re.compile(r"^(?:latest|(?P<version>\d+\.\d+(?:-\d+)?)(?:-cpu-py3)?)$")


def register_forecasting_image(registry: ImageRegistry) -> None:
    """Adds the image to a registry."""
    registry.register(REPOSITORY, _forecasting)


def _forecasting(uri: ImageUri) -> Image:
    # The image of all of a forecasting job's steps; AWS does not publish its name.
    match = _TAG.match(uri.tag)
    if match is None:
        raise ValidationException(
            f"Image '{uri.uri}': tag '{uri.tag}' of repository '{uri.repository}' does not exist."
        )
    analysis = "smstudio_ext.engine.autopilot.forecast_analysis"
    return Image(
        name="automl-forecasting",
        version=match["version"] or "latest",
        uri=uri.uri,
        train=f"{_PROGRAMS}.train:train",
        serve=f"{_PROGRAMS}.serve:load",
        # Named by text only: the autopilot floor lies above this one and is imported by the job process alone.
        process=f"{analysis}:analyse",
        metric_definitions=tuple(
            MetricDefinition(f"validation:{name}", rf"\[0\](?:#011|\t)validation-{name}:{_NUMBER}")
            for name in FORECAST_METRICS
        ),
        preload=("numpy", "pandas", "xgboost", f"{_PROGRAMS}.train", f"{_PROGRAMS}.serve", analysis),
        accepts=("text/csv", "application/json"),
    )
