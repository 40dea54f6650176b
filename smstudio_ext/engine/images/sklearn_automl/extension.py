"""Makes `sagemaker_sklearn_extension` and the container toolkits importable in the processes of the data transformer image."""

from __future__ import annotations

import importlib
import sys

from smstudio_ext.engine.images.toolkit.jobpython import COMPAT

_USED = (
    "sagemaker_sklearn_extension.decomposition",
    "sagemaker_sklearn_extension.externals",
    "sagemaker_sklearn_extension.feature_extraction",
    "sagemaker_sklearn_extension.impute",
    "sagemaker_sklearn_extension.preprocessing",
    "sagemaker_sklearn_extension.contrib.smstudio",
    "sagemaker_containers.beta.framework.encoders",
    "sagemaker_containers.beta.framework.worker",
)


def add_to_path() -> None:
    """Puts the folder of those modules at the end of `sys.path`; installed ones go before."""
    if str(COMPAT) not in sys.path:
        sys.path.append(str(COMPAT))


def load() -> None:
    """Imports them, so that children of this process have them at no cost."""
    add_to_path()
    for name in _USED:
        importlib.import_module(name)
