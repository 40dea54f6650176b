"""Turns rows into the tensors of the TabTransformer: category codes, and standardised numbers without gaps."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import torch

from smstudio_ext.engine.images.tabular.target import Outline


@dataclass
class Inputs:
    """How columns become tensors; learned on the training rows.

    Attributes:
        outline: columns and categories.
        mean, scale: of each numeric column.
    """

    outline: Outline
    mean: list[float]
    scale: list[float]

    @classmethod
    def learn(cls, outline: Outline, features: pd.DataFrame) -> Inputs:
        """Measures the numeric columns."""
        numbers = _numbers(outline, features)
        with np.errstate(invalid="ignore"):
            mean = np.nan_to_num(np.nanmean(numbers, axis=0)) if numbers.size else np.zeros(numbers.shape[1])
            scale = np.nan_to_num(np.nanstd(numbers, axis=0)) if numbers.size else np.ones(numbers.shape[1])
        return cls(outline, mean.tolist(), np.where(scale > 0, scale, 1.0).tolist())

    @property
    def cardinalities(self) -> list[int]:
        """Known values of each categorical column."""
        return [len(self.outline.categories[str(column)]) for column in self.outline.categorical]

    def tensors(self, features: pd.DataFrame) -> tuple[torch.Tensor, torch.Tensor]:
        """Codes (rows, categorical) with 0 for unknown, and numbers (rows, numeric); gaps take the column's mean."""
        codes = self.outline.codes(features)
        places = np.zeros((len(features), len(self.outline.categorical)), dtype=np.int64)
        for at, column in enumerate(self.outline.categorical):
            places[:, at] = codes[column].to_numpy() + 1
        numbers: Any = (_numbers(self.outline, features) - np.asarray(self.mean)) / np.asarray(self.scale)
        return torch.from_numpy(places), torch.from_numpy(np.nan_to_num(numbers).astype(np.float32))


def _numbers(outline: Outline, features: pd.DataFrame) -> Any:
    numeric = [column for column in features.columns if column not in outline.categorical]
    return features[numeric].to_numpy(np.float64)
