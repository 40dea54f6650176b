"""Names that scripts take from `sagemaker_xgboost_container`."""

from . import data_utils, distributed, encoder

__all__ = ["data_utils", "distributed", "encoder"]
