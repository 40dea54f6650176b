"""Names that scripts take from `sagemaker_training`."""

from . import environment

__all__ = ["environment"]
