"""Transformers of this project that its generated code uses besides AWS's; AWS's own image does not have them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from smstudio_ext.engine.images.sklearn_automl import blocks, cells
from smstudio_ext.engine.images.sklearn_automl.sequences import sequence_features

from .._base import Floats, Transformer, as_cells, as_table, check_width
from ..preprocessing import RobustLabelEncoder

__all__ = [
    "CategoryFrequencies",
    "DateFeatures",
    "FamilyFeatures",
    "NumberLabelEncoder",
    "NumberReader",
    "OrderedLabelEncoder",
    "PairFeatures",
    "RankTransformer",
    "SequenceFeatures",
]


class NumberReader(Transformer):
    """Reads cells as numbers; NaN for missing values, infinities and texts.

    Plain numbers, and those with thousands separators (1,234.50), a currency ($5), a percent sign or accounting's negative.

    Args:
        decimal_comma: places of the columns that write 1.234,5 for 1234.5.
    """

    def __init__(self, decimal_comma: Sequence[int] = ()) -> None:
        self.decimal_comma = decimal_comma

    def fit(self, X: Any, y: Any = None) -> NumberReader:
        """Learns nothing but the number of columns."""
        self.n_input_features_ = as_table(X).shape[1]
        return self

    def transform(self, X: Any) -> Floats:
        """(rows, columns) numbers."""
        table = as_table(X)
        check_width(table, self._fitted("n_input_features_"))
        commas = set(self.decimal_comma)
        out = np.empty(table.shape, dtype=np.float64)
        for at in range(table.shape[1]):
            out[:, at] = cells.numbers(table[:, at].tolist(), at in commas)
        return out


class FamilyFeatures(Transformer):
    """Adds sum, smallest, largest and spread of groups of columns that measure alike things.

    Args:
        families: places of the columns of each group.
    """

    def __init__(self, families: Mapping[str, Sequence[int]]) -> None:
        self.families = families

    def fit(self, X: Any, y: Any = None) -> FamilyFeatures:
        """Learns nothing but the number of columns."""
        self.n_input_features_ = as_table(X).shape[1]
        return self

    def transform(self, X: Any) -> Floats:
        """The columns and four more for each group."""
        table = as_table(X, dtype=np.float64)
        check_width(table, self._fitted("n_input_features_"))
        return np.hstack(
            [table, *(blocks.family_features(table[:, list(at)]) for at in self.families.values())]
        )


class PairFeatures(Transformer):
    """Adds sums, differences, products and ratios of the columns that help most to tell the target.

    Args:
        columns: how many columns are combined, each with each.
        classification: the target is a class code.
        among: only the first so many columns; None for all.

    Attributes:
        pairs_: places of the pairs. A small boosted model of the training rows chooses the columns.
    """

    def __init__(self, columns: int = 5, classification: bool = True, among: int | None = None) -> None:
        self.columns = columns
        self.classification = classification
        self.among = among

    def fit(self, X: Any, y: Any = None) -> PairFeatures:
        """Chooses the pairs."""
        table = as_table(X, dtype=np.float64)
        self.n_input_features_ = table.shape[1]
        own = table[:, : self.among]
        self.pairs_: list[tuple[int, int]] = []
        if y is not None and own.shape[1] > 1:
            labels = np.asarray(y, dtype=np.float64)
            self.pairs_ = blocks.useful_pairs(own, labels, self.columns, self.classification)
        return self

    def transform(self, X: Any) -> Floats:
        """The columns and four more for each pair."""
        pairs = self._fitted("pairs_")
        table = as_table(X, dtype=np.float64)
        check_width(table, self.n_input_features_)
        return np.hstack([table, blocks.pair_features(table, pairs)]) if pairs else table


class RankTransformer(Transformer):
    """Puts numbers in place of their ranks in the training data, shaped like a bell."""

    def fit(self, X: Any, y: Any = None) -> RankTransformer:
        """Learns 101 quantiles of each column."""
        table = as_table(X, dtype=np.float64)
        self.quantiles_ = np.quantile(table, np.linspace(0, 1, 101), axis=0)
        return self

    def transform(self, X: Any) -> Floats:
        """As many columns as there were."""
        quantiles = self._fitted("quantiles_")
        table = as_table(X, dtype=np.float64)
        check_width(table, quantiles.shape[1])
        columns = [blocks.normal_rank(table[:, at], quantiles[:, at]) for at in range(table.shape[1])]
        return np.column_stack(columns) if columns else table


class CategoryFrequencies(Transformer):
    """One number for each category: its place in the order of frequency, or its share of the rows.

    Missing cells, in all their spellings, are one category; rare and unseen ones are another.

    Args:
        encoding: `ordinal` or `frequency`.
        min_count: rows that a category needs.
        max_categories: most categories of one column.
    """

    def __init__(self, encoding: str = "ordinal", min_count: int = 5, max_categories: int = 200) -> None:
        self.encoding = encoding
        self.min_count = min_count
        self.max_categories = max_categories

    def fit(self, X: Any, y: Any = None) -> CategoryFrequencies:
        """Counts the categories."""
        if self.encoding not in ("ordinal", "frequency"):
            raise ValueError("encoding must be 'ordinal' or 'frequency'.")
        table = as_cells(X)
        self.categories_ = [
            blocks.Categories.fit(table[:, at].tolist(), self.min_count, self.max_categories)
            for at in range(table.shape[1])
        ]
        return self

    def transform(self, X: Any) -> Floats:
        """(rows, columns) numbers."""
        categories = self._fitted("categories_")
        table = as_cells(X)
        check_width(table, len(categories))
        out = np.empty(table.shape, dtype=np.float64)
        for at, found in enumerate(categories):
            codes = found.encode(table[:, at].tolist())
            out[:, at] = codes if self.encoding == "ordinal" else found.shares[codes]
        return out


class DateFeatures(Transformer):
    """Days since 1970, year, and month, weekday and hour as points on a circle; NaN where there is no date.

    Args:
        formats: format of each column, as `datetime.strptime` takes it.
    """

    def __init__(self, formats: Sequence[str]) -> None:
        self.formats = formats

    def fit(self, X: Any, y: Any = None) -> DateFeatures:
        """Learns nothing but the number of columns."""
        check_width(as_table(X, dtype=object), len(self.formats))
        self.n_input_features_ = len(self.formats)
        return self

    def transform(self, X: Any) -> Floats:
        """(rows, parts of all columns)."""
        table = as_table(X, dtype=object)
        check_width(table, self._fitted("n_input_features_"))
        return np.hstack(
            [
                blocks.date_features(table[:, at].tolist(), date_format)
                for at, date_format in enumerate(self.formats)
            ]
        )


class SequenceFeatures(Transformer):
    """Describes cells that hold sequences of numbers: length, moments, quantiles, first and last, slope, changes."""

    def fit(self, X: Any, y: Any = None) -> SequenceFeatures:
        """Learns nothing but the number of columns."""
        self.n_input_features_ = as_table(X, dtype=object).shape[1]
        return self

    def transform(self, X: Any) -> Floats:
        """(rows, features of all columns), NaN where a cell holds no sequence."""
        table = as_table(X, dtype=object)
        check_width(table, self._fitted("n_input_features_"))
        return np.hstack([sequence_features(column.tolist()) for column in table.T])


class NumberLabelEncoder(Transformer):
    """Numbers of a regression target, read as `NumberReader` reads them; what is none becomes NaN.

    Args:
        decimal_comma: 1.234,5 means 1234.5.
    """

    def __init__(self, decimal_comma: bool = False) -> None:
        self.decimal_comma = decimal_comma

    def fit(self, y: Any) -> NumberLabelEncoder:
        """Learns nothing."""
        self.fitted_ = True
        return self

    def fit_transform(self, y: Any, **_: Any) -> Floats:
        """`fit`, then `transform`."""
        return self.fit(y).transform(y)

    def transform(self, y: Any) -> Floats:
        """(rows,) numbers."""
        return cells.numbers([str(cell) for cell in np.asarray(y).tolist()], self.decimal_comma)

    def inverse_transform(self, y: Any) -> Any:
        """The numbers themselves."""
        return y


class OrderedLabelEncoder(RobustLabelEncoder):
    """A `RobustLabelEncoder` that keeps the order of its labels; 1 and 1.0 are the same label.

    The second of two classes is the positive one. Unseen labels become NaN: `AutoMLTransformer` leaves their rows out.
    """

    def __init__(self, labels: Sequence[Any]) -> None:
        super().__init__(labels=labels, fill_encoded_label_value=np.nan)

    def _given(self) -> Any:
        self._numeric = all(cells.is_number(str(label)) for label in self.labels)
        return list(self.labels)

    def _key(self, label: Any) -> Any:
        text = str(label).strip()
        if self._numeric and cells.is_number(text):
            return cells.to_number(text)
        return text
