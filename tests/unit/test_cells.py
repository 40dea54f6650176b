"""How single cells are read: numbers, dates, missing values, sequences."""

from __future__ import annotations

import math
from datetime import datetime

import numpy as np
import pyarrow as pa
import pytest

from smstudio_ext.engine.autopilot.distinct import count_distinct
from smstudio_ext.engine.autopilot.moments import moments
from smstudio_ext.engine.images.sklearn_automl import cells
from smstudio_ext.engine.images.sklearn_automl.sequences import (
    FEATURES,
    are_sequences,
    read_sequence,
    sequence_features,
)

NUMBERS = {
    "1,234.50": 1234.5,
    "12,34,567": 1234567,
    "1 234 567": 1234567,
    "1'234.5": 1234.5,
    "$1,200": 1200,
    "-$5": -5,
    "$-5": -5,
    "€ 3.50": 3.5,
    "5 EUR": 5,
    "(5.00)": -5,
    "−5": -5,
    "12%": 12,
    "1e5": 1e5,
    " 7. ": 7,
}
TEXTS = ["", "abc", "1,23", "382-4657", "1-2", "(5", "1,2,3", "1_000", "..", "5 6", "(-5)", "10kg", "1.2.3"]


@pytest.mark.parametrize("cell", NUMBERS)
def test_decorated_numbers_are_read(cell: str) -> None:
    assert cells.to_number(cell) == NUMBERS[cell]
    assert cells.is_number(cell)


@pytest.mark.parametrize("cell", TEXTS)
def test_other_texts_are_no_numbers(cell: str) -> None:
    assert math.isnan(cells.to_number(cell))
    assert not cells.is_number(cell)


def test_decimal_commas_are_told_by_the_column() -> None:
    assert cells.uses_decimal_comma(["12,5", "1.234,56", "7"])
    assert not cells.uses_decimal_comma(["1,234", "5,678"])
    assert not cells.uses_decimal_comma(["1,23", "12.5"])
    read = [cells.to_number(cell, True) for cell in ("1.234,56", "1.234", "12,5", "0,123", "12.5", "1e3")]
    assert read == [1234.56, 1234, 12.5, 0.123, 12.5, 1000]


def test_infinities_are_numbers_that_count_as_missing() -> None:
    assert cells.is_number("-inf")
    assert np.isnan(cells.numbers(["inf", "-Infinity", "3"])).tolist() == [True, True, False]


@pytest.mark.parametrize(
    ("column", "formats"),
    [
        (["2020-01-31", "1999-12-01"], "%Y-%m-%d"),
        (["31/12/2020", "01/02/2020"], "%d/%m/%Y"),
        (["12/31/2020", "01/02/2020"], "%m/%d/%Y"),
        (["2020-01-02", "03/14/2020", "Mar 5, 2020", "2021-05-06"], "%Y-%m-%d|%m/%d/%Y|%b %d, %Y"),
        (["20200131", "20191201"], "%Y%m%d"),
        (["2020年1月31日", "2020年12月1日"], "%Y年%m月%d日"),
        (["2020-01-02"] * 50 + ["soon"], "%Y-%m-%d"),
    ],
    ids=["iso", "day-first", "month-first", "three", "digits", "japanese", "one-bad"],
)
def test_date_formats_of_a_column(column: list[str], formats: str) -> None:
    assert cells.find_date_format(column) == formats
    assert sum(moment is not None for moment in cells.dates(column, formats)) >= len(column) - 1


@pytest.mark.parametrize(
    "column", [["12/31/2020", "31/12/2020"], ["382-4657"], ["10.5", "11.2"], ["a 5", "b 6"], []]
)
def test_what_is_no_column_of_dates(column: list[str]) -> None:
    assert cells.find_date_format(column) is None


def test_a_date_is_read_by_the_format_that_fits() -> None:
    assert cells.dates(["02.01.2020", "2020-01-02", "never"], "%Y-%m-%d|%d.%m.%Y") == [
        datetime(2020, 1, 2),
        datetime(2020, 1, 2),
        None,
    ]


def test_columns_are_counted_as_cells_are_read() -> None:
    rng = np.random.default_rng(0)
    pool = [*NUMBERS, *TEXTS, "NA", "3.25", "-4", "inf", "  2 ", "None"]
    column = [pool[at] for at in rng.integers(0, len(pool), 500)]
    found = count_distinct(pa.chunked_array([column[:200], column[200:]]))
    for value, number, rows in zip(
        found.values.to_pylist(), found.numbers.tolist(), found.counts.tolist(), strict=True
    ):
        assert rows == sum(cell.strip() == value for cell in column)
        assert number == cells.to_number(value) or not math.isfinite(number)
    assert found.missing == sum(cells.is_missing(cell) for cell in column)
    assert found.rows + found.missing == 500


def test_plain_numbers_are_counted_by_their_value() -> None:
    found = count_distinct(pa.chunked_array([["1", "1.0", "", "2", "10"], ["2", "1"]]))
    assert (found.numbers.tolist(), found.counts.tolist(), found.missing) == ([1, 2, 10], [3, 2, 1], 1)
    assert found.top(1) == [("1", 3)]


def test_moments_weigh_values_by_their_rows() -> None:
    rng = np.random.default_rng(0)
    column = np.append(rng.integers(0, 9, 300).astype(float), 100.0)
    values, counts = np.unique(column, return_counts=True)
    shuffled = rng.permutation(len(values))
    found = moments(values[shuffled], counts[shuffled].astype(np.int64))
    standard = (column - column.mean()) / column.std()
    assert found == pytest.approx(
        {
            "Mean": column.mean(),
            "Median": np.median(column),
            "Min": 0,
            "Max": 100,
            "Std": column.std(),
            "Skewness": (standard**3).mean(),
            "Kurtosis": (standard**4).mean() - 3,
            "Outliers": 1,
        }
    )
    assert moments(np.array([1e300, 2e300]), np.array([1, 1]))["Mean"] == pytest.approx(1.5e300)


def test_sequences_are_described_by_their_shape() -> None:
    column = ["[1, 2, 3, 4]", "1;1;1;1", "4 3 2 1", "7", "", "no numbers"]
    assert are_sequences(column[:3])
    assert not are_sequences(["1 234", "5 678"])
    assert read_sequence("1;;3")[[0, 2]].tolist() == [1, 3]
    found = sequence_features(column)
    assert found.shape == (6, len(FEATURES))
    slopes = found[:, FEATURES.index("slope")]
    assert slopes[:3].tolist() == [1, 0, -1]
    assert np.isnan(slopes[3:]).all()
    assert found[3, FEATURES.index("mean")] == 7
    assert np.isnan(found[4:]).all()
