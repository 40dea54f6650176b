"""Word weights of several text columns."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.sparse import csr_matrix, hstack
from sklearn.feature_extraction.text import TfidfVectorizer

from .._base import Array, Transformer, as_table, check_width

__all__ = ["MultiColumnTfidfVectorizer"]

_NOTHING_LEFT = (
    "After pruning, no terms remain",
    "max_df corresponds to < documents than min_df",
    "empty vocabulary",
)
_OF_A_COLUMN = (
    "strip_accents lowercase preprocessor tokenizer stop_words token_pattern ngram_range analyzer max_df min_df "
    "vocabulary dtype norm use_idf smooth_idf sublinear_tf"
).split()


class MultiColumnTfidfVectorizer(Transformer):
    """tf-idf weights, each column with a vocabulary of its own.

    Args:
        vocabulary_sizes: number of columns that each text column makes: fewer terms are filled up with zeros, further ones
            cut off.
        ignore_columns_with_zero_vocabulary_size: a column without any term makes no columns; otherwise it is an error.
        strip_accents, lowercase, preprocessor, tokenizer, stop_words, token_pattern, ngram_range, analyzer, max_df, min_df,
            max_features, vocabulary, dtype, norm, use_idf, smooth_idf, sublinear_tf: as in scikit-learn's TfidfVectorizer.

    Attributes:
        vectorizers_: the fitted vectorizer of each column, None for one without terms.
    """

    def __init__(
        self,
        strip_accents: str | None = None,
        lowercase: bool = True,
        preprocessor: Any = None,
        tokenizer: Any = None,
        stop_words: Any = None,
        token_pattern: str = r"(?u)\b\w\w+\b",
        ngram_range: tuple[int, int] = (1, 1),
        analyzer: Any = "word",
        max_df: float = 1.0,
        min_df: float = 1,
        max_features: int | None = 1000,
        vocabulary: Any = None,
        dtype: Any = np.float64,
        norm: str | None = "l2",
        use_idf: bool = True,
        smooth_idf: bool = True,
        sublinear_tf: bool = False,
        vocabulary_sizes: list[int] | None = None,
        ignore_columns_with_zero_vocabulary_size: bool = True,
    ) -> None:
        self.strip_accents = strip_accents
        self.lowercase = lowercase
        self.preprocessor = preprocessor
        self.tokenizer = tokenizer
        self.stop_words = stop_words
        self.token_pattern = token_pattern
        self.ngram_range = ngram_range
        self.analyzer = analyzer
        self.max_df = max_df
        self.min_df = min_df
        self.max_features = max_features
        self.vocabulary = vocabulary
        self.dtype = dtype
        self.norm = norm
        self.use_idf = use_idf
        self.smooth_idf = smooth_idf
        self.sublinear_tf = sublinear_tf
        self.vocabulary_sizes = vocabulary_sizes
        self.ignore_columns_with_zero_vocabulary_size = ignore_columns_with_zero_vocabulary_size

    def fit(self, X: Any, y: Any = None) -> MultiColumnTfidfVectorizer:
        """Learns the vocabularies."""
        table = as_table(X)
        if self.vocabulary_sizes and len(self.vocabulary_sizes) != table.shape[1]:
            raise ValueError("If specified, vocabulary_sizes has to have exactly one entry per data column.")
        self.vectorizers_ = [self._vectorizer(table[:, at], at) for at in range(table.shape[1])]
        return self

    def transform(self, X: Any, y: Any = None) -> Any:
        """Sparse weights of all columns side by side."""
        vectorizers = self._fitted("vectorizers_")
        table = as_table(X)
        check_width(table, len(vectorizers))
        return hstack([self._weights(table[:, at], at) for at in range(table.shape[1])], format="csr")

    def _vectorizer(self, texts: Array, at: int) -> Any:
        limits = [self.max_features, self.vocabulary_sizes[at] if self.vocabulary_sizes else None]
        given = [limit for limit in limits if limit]
        options = {name: getattr(self, name) for name in _OF_A_COLUMN}
        vectorizer = TfidfVectorizer(max_features=min(given) if given else None, **options)
        try:
            return vectorizer.fit(texts)
        except ValueError as error:
            if self.ignore_columns_with_zero_vocabulary_size and str(error).startswith(_NOTHING_LEFT):
                return None
            raise

    def _weights(self, texts: Array, at: int) -> Any:
        vectorizer = self.vectorizers_[at]
        if vectorizer is None:
            return csr_matrix((len(texts), 0))
        weights = vectorizer.transform(texts)
        size = self.vocabulary_sizes[at] if self.vocabulary_sizes else 0
        if weights.shape[1] < size:
            weights.resize((len(texts), size))
        return weights
