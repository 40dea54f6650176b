"""The fitted data transformer of one strategy: rows of text cells in, numeric features out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from smstudio_ext.engine.images.sklearn_automl import blocks, cells
from smstudio_ext.engine.images.sklearn_automl.labels import LabelEncoder
from smstudio_ext.engine.images.sklearn_automl.sequences import sequence_features
from smstudio_ext.engine.images.sklearn_automl.specification import Specification

Array = npt.NDArray[np.float64]


@dataclass
class Transformer:
    """A fitted strategy; picklable, thread-safe for transforms.

    Attributes:
        spec: what it was made from.
        labels: the target's encoder.
    """

    spec: Specification
    labels: LabelEncoder = field(init=False)
    _places: dict[str, int] = field(init=False)
    _numbers: blocks.Numbers | None = None
    _categories: list[blocks.Categories] = field(default_factory=list)
    _words: list[blocks.Words] = field(default_factory=list)
    _families: list[list[int]] = field(default_factory=list)
    _pairs: list[tuple[int, int]] = field(default_factory=list)
    _center: Array | None = None
    _scale: Array | None = None
    _rotation: Array | None = None

    def __post_init__(self) -> None:
        self.labels = LabelEncoder(self.spec.classes, self.spec.target in self.spec.decimal_comma)
        self._places = {name: at for at, name in enumerate(self.spec.features)}

    def fit(self, columns: Sequence[Sequence[str]], labels: Array) -> Transformer:
        """Learns from training rows.

        Args:
            columns: cells by column, in the order of `spec.features`.
            labels: encoded target; used only to choose columns for pairs.
        """
        spec = self.spec
        values = self._numeric(columns)
        numeric_at = {name: at for at, name in enumerate(spec.numeric)}
        self._families = [[numeric_at[name] for name in members] for members in spec.families.values()]
        if spec.pairs and len(spec.numeric) > 1:
            self._pairs = blocks.useful_pairs(values, labels, spec.pairs, bool(spec.classes))
        self._numbers = blocks.Numbers.fit(
            self._combined(values), impute=spec.impute, indicators=spec.indicators, extremes=spec.extremes
        )
        self._categories = [
            blocks.Categories.fit(columns[self._places[name]], spec.min_count, spec.max_categories)
            for name in spec.categorical
        ]
        self._words = [
            blocks.Words.fit(columns[self._places[name]], spec.text_features) for name in spec.text
        ]
        if spec.standardise or spec.components:
            self._fit_scale(self._assemble(columns))
        return self

    def transform(self, columns: Sequence[Sequence[str]]) -> npt.NDArray[np.float32]:
        """Features of rows.

        Args:
            columns: cells by column, in the order of `spec.features`, all of one length.

        Returns:
            (rows, features), NaN where a value is missing and the strategy does not fill it.
        """
        out = self._assemble(columns)
        if self._center is not None and self._scale is not None:
            out = (out - self._center) / self._scale
            np.nan_to_num(out, copy=False)
            if self._rotation is not None:
                out = out @ self._rotation
        return out.astype(np.float32)

    @property
    def category_encoders(self) -> list[blocks.Categories]:
        """The fitted encoders of the categorical columns, in the specification's order."""
        return self._categories

    def _numeric(self, columns: Sequence[Sequence[str]]) -> Array:
        count = len(columns[0]) if columns else 0
        if not self.spec.numeric:
            return np.empty((count, 0))
        commas = set(self.spec.decimal_comma)
        return np.column_stack(
            [cells.numbers(columns[self._places[name]], name in commas) for name in self.spec.numeric]
        )

    def _combined(self, values: Array) -> Array:
        parts = [values]
        parts += [blocks.family_features(values[:, members]) for members in self._families]
        if self._pairs:
            parts.append(blocks.pair_features(values, self._pairs))
        return np.hstack(parts) if len(parts) > 1 else values

    def _assemble(self, columns: Sequence[Sequence[str]]) -> Array:
        assert self._numbers is not None, "fit comes first"
        parts: list[Any] = [self._numbers.transform(self._combined(self._numeric(columns)))]
        for name, categories in zip(self.spec.categorical, self._categories, strict=True):
            parts.append(self._encode(categories, columns[self._places[name]]))
        for name, date_format in self.spec.dates.items():
            parts.append(blocks.date_features(columns[self._places[name]], date_format))
        for name in self.spec.sequences:
            parts.append(sequence_features(columns[self._places[name]]))
        for name, words in zip(self.spec.text, self._words, strict=True):
            parts.append(words.transform(columns[self._places[name]]))
        return np.hstack(parts)

    def _encode(self, categories: blocks.Categories, column: Sequence[str]) -> Array:
        codes = categories.encode(column)
        if self.spec.encoding == "ordinal":
            return codes[:, None].astype(float)
        if self.spec.encoding == "frequency":
            return categories.shares[codes][:, None]
        return np.asarray(codes[:, None] == np.array(categories.levels())[None, :], dtype=float)

    def _fit_scale(self, features: Array) -> None:
        with np.errstate(all="ignore"):
            center = np.nan_to_num(np.nanmean(features, axis=0))
            scale = np.nan_to_num(np.nanstd(features, axis=0))
        self._center, self._scale = center, np.where(scale > 1e-12, scale, 1.0)
        if self.spec.components:
            scaled = np.nan_to_num((features - self._center) / self._scale)
            sample = scaled[:: max(1, len(scaled) // 20_000)]
            _, _, directions = np.linalg.svd(sample, full_matrices=False)
            self._rotation = directions[: self.spec.components].T
