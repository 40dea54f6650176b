"""`np.split` of a table gives tables, as it did before pandas 3; tutorials split their data so."""

from __future__ import annotations

import functools
import sys
from typing import Any


def split_frames(module: Any) -> None:
    """Lets `numpy.split` and `numpy.array_split` cut DataFrames and Series into DataFrames and Series.

    NumPy swaps axes on the way, a method that pandas 3 has no more: the parts would be plain arrays without columns.
    """
    for name in ("split", "array_split"):
        setattr(module, name, _keeping_tables(module, getattr(module, name)))


def _keeping_tables(numpy: Any, cut: Any) -> Any:
    @functools.wraps(cut)
    def keeping_tables(ary: Any, indices_or_sections: Any, axis: int = 0) -> Any:
        pandas = sys.modules.get("pandas")
        if pandas is None or not isinstance(ary, (pandas.DataFrame, pandas.Series)):
            return cut(ary, indices_or_sections, axis)
        places = cut(numpy.arange(ary.shape[axis]), indices_or_sections)
        return [ary.iloc[(slice(None),) * (axis % ary.ndim) + (part,)] for part in places]

    return keeping_tables
