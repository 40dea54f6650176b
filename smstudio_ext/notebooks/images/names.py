"""Names of kernels in notebooks of the real Studio, and which image of the catalogue each means."""

from __future__ import annotations

import re

MARK = "__SAGEMAKER_INTERNAL__"
"""Stands between the kernel and the ARN of its image: `python3__SAGEMAKER_INTERNAL__arn:aws:sagemaker:...`."""

# What the last part of an ARN looks like -> image here; the first that fits. From AWS's list of Studio's images.
_IMAGES = (
    (
        r"datascience-1\.0|datascience|sagemaker-datascience-38.*|sagemaker-data-science-38.*",
        "datascience-1.0",
    ),
    (r"sagemaker-data-?science-3\d+.*|sagemaker-distribution.*|datascience-.*", "datascience-current"),
    (r"python-3\.6|python3?|sagemaker-base-python.*|jumpstart.*", "python-3.6"),
    (r"pytorch-.*gpu.*", "pytorch-2-gpu"),
    (r"pytorch-.*", "pytorch-2-cpu"),
    (r"tensorflow-.*", "tensorflow-2-cpu"),
    (
        r"sagemaker-sparkanalytics.*|sagemaker-sparkmagic.*|sparkanalytics.*|sparkmagic.*",
        "sparkanalytics-1.0",
    ),
)


def studio_name(kernel: str, image_arn: str) -> str:
    """A kernel's name in Studio's form.

    Args:
        kernel: name inside the image: `python3`.
        image_arn: of the image.
    """
    return f"{kernel}{MARK}{image_arn}"


def split_studio_name(name: str) -> tuple[str, str] | None:
    """Kernel and last part of the image's ARN of a name in Studio's form (2020's `environment/...` too).

    Returns:
        None for a name of another form.
    """
    kernel, mark, arn = name.partition(MARK)
    if not mark or not arn.startswith("arn:"):
        return None
    parts = arn.rsplit(":", 1)[-1].split("/")
    return (kernel or "python3", parts[1]) if len(parts) > 1 and parts[1] else None


def builtin_image(studio_image: str) -> str | None:
    """Id of the image that stands for one of Studio's own here; None for one that nothing here is like."""
    for pattern, image in _IMAGES:
        if re.fullmatch(pattern, studio_image):
            return image
    return None
