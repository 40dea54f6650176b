"""The images that come with the package: their names as in Studio, their kernels, and what they are made of."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from smstudio_ext.notebooks.instance_types import this_machine
from smstudio_ext.notebooks.kernelspecs import SDK3_PACKAGES

Kind = Literal["host", "layer", "own", "conda", "interpreter", "kernelspec"]
"""Where the packages are: those of Jupyter's Python, a layer over them, an environment of their own (from packages of
PyPI or conda's environment.yml), an interpreter of the user's, or whatever a kernelspec of the user's starts."""


@dataclass(frozen=True)
class Kernel:
    """A kernel of an image.

    Attributes:
        name: of its kernelspec.
        display_name: as in Studio's pickers, without the image: `Python 3`.
    """

    name: str
    display_name: str = "Python 3"
    language: str = "python"


def _nothing_lacks() -> str:
    return ""


@dataclass(frozen=True)
class Recipe:
    """What an image is made of.

    Attributes:
        id: last part of the image's ARN.
        name: as in Studio's pickers.
        packages: what people look for in it.
        requirements: lines for the installer, over Jupyter's packages (`layer`) or alone (`own`).
        file: a file of such lines, instead.
        python: interpreter of an image of the user's (`interpreter`).
        old_names: the kernel has SageMaker SDK 1's names (docs/old-notebooks.md).
        lacks: says what this machine lacks for it; empty when nothing.
        source: who made it.
        kernelspec: folder of the kernelspec that it starts (`kernelspec`).
        code: Python that its first kernel runs at its start.
        spare: its kernels run with Jupyter's own packages, and say so, while it cannot be built (no network).
    """

    id: str
    name: str
    kind: Kind
    kernels: tuple[Kernel, ...]
    packages: tuple[str, ...] = ()
    requirements: tuple[str, ...] = ()
    file: Path | None = None
    python: str | None = None
    gpu: bool = False
    old_names: bool = False
    lacks: Callable[[], str] = _nothing_lacks
    source: Literal["smstudio", "own"] = "smstudio"
    kernelspec: str | None = None
    code: str = ""
    spare: bool = False
    description: str = ""


_SPARK = "from smstudio_ext.notebooks.images.spark import spark, sc"

_OLD_PYTHON = 'python_version < "3.13"'
_NEW_PYTHON = 'python_version >= "3.13"'

_TENSORFLOW = (
    "tensorflow-cpu>=2.18; sys_platform == 'linux' and platform_machine == 'x86_64'",
    "tensorflow>=2.18; sys_platform != 'linux' or platform_machine != 'x86_64'",
)


def _gpu_lack() -> str:
    return "" if this_machine().gpus else "This machine has no NVIDIA GPU."


def _java_lack() -> str:
    from smstudio_ext.notebooks.images.java import lack

    return lack()


def builtin_recipes() -> list[Recipe]:
    """The images of the package, in the order of the pickers."""
    return [
        Recipe(
            "datascience-1.0",
            "Data Science",
            "layer",
            (Kernel("python3-datascience-1.0"),),
            ("pandas 2", "numpy 1", "scikit-learn", "matplotlib", "sagemaker 2"),
            requirements=(
                f"numpy<2; {_OLD_PYTHON}",
                f"numpy<2.3; {_NEW_PYTHON}",  # NumPy 1 has no wheels for them
                "pandas>=2.2,<3",
                "pyarrow>=17,<22",  # newer ones want NumPy 2
            ),
            old_names=True,
            spare=True,
            description="pandas 2 and NumPy 1, as tutorials of Studio's time expect them, and the SageMaker SDK's old names.",
        ),
        Recipe(
            "datascience-current",
            "Data Science 3.0",
            "host",
            (Kernel("python3-datascience-current"),),
            ("pandas", "numpy", "scikit-learn", "matplotlib", "sagemaker 2"),
            description="The newest pandas and NumPy, with SageMaker SDK 2.",
        ),
        Recipe(
            "python-3.6",
            "Base Python",
            "host",
            (Kernel("python3-python-3.6"), Kernel("conda_python3", "conda_python3")),
            ("boto3", "sagemaker 2"),
            old_names=True,
            description="Jupyter's own Python, with the SageMaker SDK's old names.",
        ),
        Recipe(
            "sagemaker-sdk-3",
            "SageMaker SDK v3",
            "own",
            (Kernel("python3-sagemaker-sdk-3"),),
            ("sagemaker 3", "boto3"),
            file=SDK3_PACKAGES,
            description="SageMaker SDK 3 (ModelTrainer), which cannot share an environment with version 2. 800 MB.",
        ),
        *_pytorch(),
        Recipe(
            "tensorflow-2-cpu",
            "TensorFlow 2 CPU Optimized",
            "layer",
            (Kernel("python3-tensorflow-2-cpu"),),
            ("tensorflow", "keras", "sagemaker 2"),
            requirements=_TENSORFLOW,
            description="TensorFlow over Jupyter's own packages. About 1 GB.",
        ),
        Recipe(
            "sparkanalytics-1.0",
            "SparkAnalytics",
            "layer",
            (Kernel("pyspark-sparkanalytics-1.0", "PySpark"), Kernel("python3-sparkanalytics-1.0")),
            ("pyspark", "pandas", "sagemaker 2"),
            requirements=("pyspark>=4,<5", "pandas>=2.2,<3"),
            lacks=_java_lack,
            code=_SPARK,
            description="Apache Spark on this machine. The kernel PySpark has `spark` and `sc`. 450 MB; needs Java 17.",
        ),
    ]


def _pytorch() -> list[Recipe]:
    made = []
    for gpu, name in ((False, "CPU"), (True, "GPU")):
        image = f"pytorch-2-{name.lower()}"
        made.append(
            Recipe(
                image,
                f"PyTorch 2 {name} Optimized",
                "layer",
                (Kernel(f"python3-{image}"),),
                ("torch", "sagemaker 2"),
                requirements=("torch==2.13.0",),
                gpu=gpu,
                lacks=_gpu_lack if gpu else _nothing_lacks,
                description="PyTorch over Jupyter's own packages.",
            )
        )
    return made
