"""Encoders and scalers."""

from .base import (
    BaseExtremeValueTransformer,
    LogExtremeValuesTransformer,
    QuantileExtremeValuesTransformer,
    RemoveConstantColumnsTransformer,
    log_transform,
    quantile_transform_nonrandom,
)
from .data import QuadraticFeatures, RobustStandardScaler
from .encoders import RobustOrdinalEncoder, ThresholdOneHotEncoder
from .labels import NALabelEncoder, RobustLabelEncoder
from .numeric_encoders import SimilarityEncoder, WOEEncoder

__all__ = [
    "BaseExtremeValueTransformer",
    "LogExtremeValuesTransformer",
    "NALabelEncoder",
    "QuadraticFeatures",
    "QuantileExtremeValuesTransformer",
    "RemoveConstantColumnsTransformer",
    "RobustLabelEncoder",
    "RobustOrdinalEncoder",
    "RobustStandardScaler",
    "SimilarityEncoder",
    "ThresholdOneHotEncoder",
    "WOEEncoder",
    "log_transform",
    "quantile_transform_nonrandom",
]
