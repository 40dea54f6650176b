"""Names that scripts take from `sagemaker_algorithm_toolkit`."""

from . import exceptions

__all__ = ["exceptions"]
