"""The rules of text and image classification jobs: images, metric, content types and what a request may say."""

from __future__ import annotations

from typing import TYPE_CHECKING

from smstudio_ext.engine.errors import ValidationException

if TYPE_CHECKING:
    from smstudio_ext.engine.autopilot.specification import Channel, Specification

TEXT_IMAGE = "sagemaker-automl-text-classification:1.0-cpu-py3"
PICTURES_IMAGE = "sagemaker-automl-image-classification:1.0-cpu-py3"

OBJECTIVES = ("Accuracy",)
"""The one metric that AWS knows for both."""
TEXT_TYPES = ("text/csv", "x-application/vnd.amazon+parquet")
PICTURE_TYPES = ("image/*", "image/png", "image/jpeg")
"""The first is the default."""
_KEYS = {
    "SAGEMAKER_INFERENCE_OUTPUT": "predicted_label",
    "SAGEMAKER_INFERENCE_SUPPORTED": "predicted_label,probability,probabilities,labels",
}
TEXT_ENVIRONMENT = {**_KEYS, "SAGEMAKER_DEFAULT_INVOCATIONS_ACCEPT": "text/csv"}
PICTURES_ENVIRONMENT = {**_KEYS, "SAGEMAKER_DEFAULT_INVOCATIONS_ACCEPT": "text/csv"}


def check_text(spec: Specification) -> None:
    """Checks a TextClassificationJobConfig.

    Raises:
        ValidationException: a rule is broken.
    """
    content, target = spec.config.get("ContentColumn") or "", spec.config["TargetLabelColumn"]
    if not content:
        raise ValidationException("ContentColumn must be given: the column that holds the texts.")
    if content == target:
        raise ValidationException(
            f"ContentColumn and TargetLabelColumn are both {content}: the texts and their labels must be different columns."
        )
    for channel in spec.channels:
        _check_data_type(channel, "text classification")


def check_pictures(spec: Specification) -> None:
    """Checks the channels of an image classification job.

    Raises:
        ValidationException: a rule is broken.
    """
    for channel in spec.channels:
        _check_data_type(channel, "image classification")
        if channel.compression != "None":
            raise ValidationException(
                f"CompressionType {channel.compression} is not supported for image classification. Use None."
            )
    if len({channel.content_type for channel in spec.channels}) > 1:
        raise ValidationException("The training and validation channels must have the same ContentType.")


def _check_data_type(channel: Channel, problem: str) -> None:
    if channel.data_type == "AugmentedManifestFile":
        raise ValidationException(
            f"S3DataType AugmentedManifestFile is not offered by this engine for {problem}. Use S3Prefix or ManifestFile, "
            "or run this job on AWS."
        )
    if channel.data_type not in ("S3Prefix", "ManifestFile"):
        raise ValidationException(
            f"S3DataType {channel.data_type} is not supported for {problem}. Use S3Prefix or ManifestFile."
        )
