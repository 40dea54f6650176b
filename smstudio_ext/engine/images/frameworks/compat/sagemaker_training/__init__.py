"""Names that scripts take from `sagemaker_training`."""

from . import entry_point, environment

__all__ = ["entry_point", "environment"]
