"""Made data in the shape of `bank_clean.csv`, the file of AWS's "build, train and deploy" tutorial."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np

ROWS = 41188
_NUMBERS = ("age", "campaign", "pdays", "previous", "no_previous_contact", "not_working")
_SHARES: dict[str, dict[str, float]] = {
    "job": {
        "admin.": 25.3, "blue-collar": 22.5, "entrepreneur": 3.5, "housemaid": 2.6, "management": 7.1, "retired": 4.2,
        "self-employed": 3.5, "services": 9.6, "student": 2.1, "technician": 16.4, "unemployed": 2.5, "unknown": 0.8,
    },
    "marital": {"divorced": 11.2, "married": 60.5, "single": 28.1, "unknown": 0.2},
    "education": {
        "basic.4y": 10.1, "basic.6y": 5.6, "basic.9y": 14.7, "high.school": 23.1, "illiterate": 0.1,
        "professional.course": 12.7, "university.degree": 29.5, "unknown": 4.2,
    },
    "default": {"no": 79.1, "unknown": 20.8, "yes": 0.1},
    "housing": {"no": 45.2, "unknown": 2.4, "yes": 52.4},
    "loan": {"no": 82.4, "unknown": 2.4, "yes": 15.2},
    "contact": {"cellular": 63.5, "telephone": 36.5},
    "month": {
        "apr": 6.4, "aug": 15.0, "dec": 0.4, "jul": 17.4, "jun": 12.9, "mar": 1.3, "may": 33.4, "nov": 10.0,
        "oct": 1.8, "sep": 1.4,
    },
    "day_of_week": {"fri": 19.0, "mon": 20.7, "thu": 20.9, "tue": 19.6, "wed": 19.8},
}  # fmt: skip
"""Rough shares of the categories, percent."""

_QUIET_MONTHS = ("dec", "mar", "oct", "sep")
_NOT_WORKING = ("retired", "student", "unemployed")


def bank_clean_csv(rows: int = ROWS, seed: int = 1729) -> bytes:
    """The file: a column of row numbers without a name, 59 numbers, then `y_no` and `y_yes`, each 0 or 1.

    The calls are made up; people say yes more often when an earlier call went well, in quiet months, on a mobile
    telephone and when they do not work.
    """
    import numpy as np
    import pandas as pd

    columns = _columns(np.random.default_rng(seed), rows)
    text = io.StringIO()
    pd.DataFrame(columns).to_csv(text)
    return text.getvalue().encode()


def _columns(random: np.random.Generator, rows: int) -> dict[str, np.ndarray]:
    import numpy as np

    chosen: dict[str, Any] = {}
    for name, shares in _SHARES.items():
        weights = np.array(list(shares.values()))
        chosen[name] = random.choice(list(shares), rows, p=weights / weights.sum())
    called_before = random.random(rows) < 0.137
    succeeded = called_before & (random.random(rows) < 0.243)
    reached = succeeded & (random.random(rows) < 0.95)
    not_working = np.isin(chosen["job"], _NOT_WORKING)
    columns: dict[str, np.ndarray] = dict(
        zip(
            _NUMBERS,
            (
                np.clip(random.gamma(14.5, 2.76, rows), 17, 98).round().astype(int),
                np.clip(random.geometric(0.39, rows), 1, 56),
                np.where(reached, np.clip(random.poisson(6, rows), 0, 27), 999),
                np.where(called_before, np.clip(random.geometric(0.8, rows), 1, 7), 0),
                (~reached).astype(int),
                not_working.astype(int),
            ),
            strict=True,
        )
    )
    for name, shares in _SHARES.items():
        for value in shares:
            columns[f"{name}_{value}"] = (chosen[name] == value).astype(int)
    columns["poutcome_failure"] = (called_before & ~succeeded).astype(int)
    columns["poutcome_nonexistent"] = (~called_before).astype(int)
    columns["poutcome_success"] = succeeded.astype(int)
    score = (
        -2.7
        + 2.9 * succeeded
        + 1.7 * np.isin(chosen["month"], _QUIET_MONTHS)
        + 0.6 * (chosen["contact"] == "cellular")
        + 0.5 * not_working
        - 0.09 * columns["campaign"]
        - 0.4 * (chosen["default"] == "unknown")
        + 0.001 * (columns["age"] - 42) ** 2
    )
    says_yes = random.random(rows) < 1 / (1 + np.exp(-score))
    columns["y_no"] = (~says_yes).astype(int)
    columns["y_yes"] = says_yes.astype(int)
    return columns
