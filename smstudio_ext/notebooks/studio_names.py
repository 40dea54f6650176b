"""Names that the real Studio gives the kernels of its notebooks, and the images here that stand for theirs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from smstudio_ext.notebooks.images.catalogue import Image
    from smstudio_ext.notebooks.images.recipes import Kernel

MARK = "__SAGEMAKER_INTERNAL__"
"""Stands between the kernel and the ARN of its image."""

# Beginning of an id of AWS's -> the images here that come nearest, the best first.
_FAMILIES: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("datascience", ("datascience-1.0",)),
    ("sagemaker-data-science", ("datascience-current",)),
    ("sagemaker-datascience", ("datascience-current",)),
    ("sagemaker-distribution", ("datascience-current",)),
    ("python-", ("python-3.6",)),
    ("sagemaker-base-python", ("python-3.6",)),
    ("sagemaker-sparkmagic", ("sparkanalytics-1.0",)),
    ("sagemaker-sparkanalytics", ("sparkanalytics-1.0",)),
    ("sparkanalytics", ("sparkanalytics-1.0",)),
)
_FRAMEWORKS = ("pytorch", "tensorflow")


def studio_image(name: str) -> str | None:
    """Id of the image that a kernelspec's name of the real Studio names; None for a name of another form.

    `python3__SAGEMAKER_INTERNAL__arn:aws:sagemaker:us-east-1:081325390199:image/datascience-1.0` is of `datascience-1.0`;
    in 2020 it was `...:environment/datascience`.
    """
    _, mark, arn = name.partition(MARK)
    return arn.partition("/")[2].partition("/")[0] or None if mark else None


def matching(name: str, images: Sequence[Image]) -> tuple[Image, Kernel] | None:
    """The image and kernel here that stand for a kernelspec's name of the real Studio; None when there is none.

    Args:
        images: those there are. One with AWS's own id goes first; those that cannot run here never count.
    """
    wanted = studio_image(name)
    if wanted is None:
        return None
    usable = {each.id: each for each in images if each.state != "unavailable" and each.kernels}
    found = next((usable[each] for each in (wanted, *_nearest(wanted)) if each in usable), None)
    return (found, _kernel(name.partition(MARK)[0], found)) if found else None


def _nearest(wanted: str) -> tuple[str, ...]:
    for beginning, ids in _FAMILIES:
        if wanted.startswith(beginning):
            return ids
    for framework in _FRAMEWORKS:
        if wanted.startswith(f"{framework}-"):
            processors = ("gpu", "cpu") if "-gpu" in wanted else ("cpu",)
            return tuple(f"{framework}-2-{each}" for each in processors)
    return ()


def _kernel(name: str, image: Image) -> Kernel:
    """The image's kernel of that name of the real Studio's (`python3`, `pysparkkernel`); its first when it has none."""
    spark = name.startswith("pyspark")
    fitting = (each for each in image.kernels if each.name.startswith("pyspark") == spark)
    return next(fitting, image.kernels[0])
