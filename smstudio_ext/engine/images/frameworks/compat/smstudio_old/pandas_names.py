"""What pandas 1 and 2 did otherwise: names, arguments, and results that scripts of their time count on."""

from __future__ import annotations

import functools
import warnings
from collections.abc import Callable
from typing import Any

from . import had_pandas_1, had_pandas_2, positional, translated

_READ = {
    "error_bad_lines": lambda value: {} if value else {"on_bad_lines": "skip"},
    "warn_bad_lines": None,
    "mangle_dupe_cols": None,
    "infer_datetime_format": None,
    "date_parser": None,
    "delim_whitespace": lambda value: {"sep": r"\s+"} if value else {},
}
_REDUCTIONS = ("mean", "median", "std", "var", "sem", "skew", "kurt", "sum", "min", "max", "prod", "quantile")


def change(pandas: Any) -> None:
    """Makes the changes that the job's image needs."""
    frame, series = pandas.DataFrame, pandas.Series
    _old_methods(pandas, frame, series)
    _old_arguments(pandas, frame, series)
    if had_pandas_2():
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            # texts are `object`, as `dtype == object` and `select_dtypes("object")` expect
            pandas.set_option("future.infer_string", False)
    if had_pandas_1():
        _numbers_of_dummies(pandas)
        for name in (*_REDUCTIONS, "corr", "cov"):
            setattr(frame, name, _of_numbers(getattr(frame, name)))


def _old_methods(pandas: Any, frame: Any, series: Any) -> None:
    def append(self: Any, other: Any, ignore_index: bool = False, **options: Any) -> Any:
        options.pop("to_append", None)
        others = list(other) if isinstance(other, (list, tuple)) else [other]
        if isinstance(self, frame):
            others = [
                pandas.DataFrame([one]) if isinstance(one, dict)
                else one.to_frame().T if isinstance(one, series)
                else one
                for one in others
            ]  # fmt: skip
        return pandas.concat([self, *others], ignore_index=ignore_index, **options)

    for kind in (frame, series):
        _add(kind, "append", append)
        _add(kind, "iteritems", kind.items)
    _add(frame, "applymap", lambda self, function, **options: self.map(function, **options))
    _add(frame, "mad", lambda self, axis=0: (self - self.mean(axis=axis)).abs().mean(axis=axis))
    _add(series, "mad", lambda self: (self - self.mean()).abs().mean())
    for kind in (pandas.Index, series):
        _add(kind, "is_monotonic", property(lambda self: self.is_monotonic_increasing))
    for name in ("Int64Index", "Float64Index", "UInt64Index"):
        if not hasattr(pandas, name):
            setattr(pandas, name, pandas.Index)


def _old_arguments(pandas: Any, frame: Any, series: Any) -> None:
    def old_reader(read: Callable[..., Any], *names: str) -> Callable[..., Any]:
        given = translated(positional(read, *names), _READ)

        @functools.wraps(read)
        def call(*arguments: Any, **keywords: Any) -> Any:
            squeeze, prefix = keywords.pop("squeeze", False), keywords.pop("prefix", None)
            table = given(*arguments, **keywords)
            if prefix is not None and keywords.get("header", 0) is None:
                table.columns = [f"{prefix}{number}" for number in range(table.shape[1])]
            return table.squeeze("columns") if squeeze else table

        return call

    pandas.read_csv = old_reader(pandas.read_csv, "sep", "delimiter", "header", "names")
    pandas.read_table = old_reader(pandas.read_table, "sep", "delimiter", "header", "names")
    pandas.concat = positional(pandas.concat, "axis", "join", "ignore_index")
    pandas.to_datetime = translated(pandas.to_datetime, {"infer_datetime_format": None})
    for kind in (frame, series):
        kind.to_csv = translated(
            positional(kind.to_csv, "sep", "na_rep"), {"line_terminator": "lineterminator"}
        )
        kind.drop = positional(kind.drop, "axis", "index", "columns", "level", "inplace")
        kind.fillna = _old_fillna(kind.fillna)
        kind.set_axis = translated(kind.set_axis, {"inplace": None})
        kind.sort_values = positional(kind.sort_values, *(("axis", "ascending") if kind is frame else ()))
        kind.reset_index = positional(kind.reset_index, "drop", "inplace")
    frame.dropna = positional(frame.dropna, "axis", "how", "thresh", "subset", "inplace")


def _old_fillna(fillna: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(fillna)
    def call(self: Any, value: Any = None, method: str | None = None, **options: Any) -> Any:
        if method is None:
            return fillna(self, value, **options)
        fill = self.ffill if method in ("ffill", "pad") else self.bfill
        return fill(**options)

    return call


def _numbers_of_dummies(pandas: Any) -> None:
    """Indicators are 0 and 1: pandas 2 made them booleans, which a CSV file shows as words."""
    get_dummies = pandas.get_dummies

    @functools.wraps(get_dummies)
    def call(*arguments: Any, **keywords: Any) -> Any:
        if keywords.get("dtype") is None and len(arguments) < 8:
            keywords["dtype"] = "uint8"
        return get_dummies(*arguments, **keywords)

    pandas.get_dummies = call


def _of_numbers(reduction: Callable[..., Any]) -> Callable[..., Any]:
    """Leaves columns of texts out where pandas 2 and later raise."""

    @functools.wraps(reduction)
    def call(self: Any, *arguments: Any, **keywords: Any) -> Any:
        try:
            return reduction(self, *arguments, **keywords)
        except (TypeError, ValueError):
            if "numeric_only" in keywords:
                raise
            return reduction(self, *arguments, numeric_only=True, **keywords)

    return call


def _add(kind: Any, name: str, value: Any) -> None:
    if not hasattr(kind, name):
        setattr(kind, name, value)
