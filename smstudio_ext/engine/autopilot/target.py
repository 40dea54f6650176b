"""Looks at the target column: problem type, classes, and whether it can be learnt at all."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from smstudio_ext.engine.autopilot.moments import moments
from smstudio_ext.engine.images.contract import AlgorithmError
from smstudio_ext.engine.images.sklearn_automl import cells
from smstudio_ext.engine.images.sklearn_automl.labels import LabelEncoder, order_classes

MAX_CLASSES = 2000
"""As many classes as Autopilot takes."""
LABEL_MISSING = frozenset(
    {
        "",
        "na",
        "n/a",
        "#n/a",
        "#n/a n/a",
        "nan",
        "-nan",
        "<na>",
        "null",
        "(null)",
        "?",
        "\\n",
        "1.#ind",
        "-1.#ind",
        "1.#qnan",
    }
)
"""Cells (lower case, stripped) that mean a missing label. Fewer than for features: `none` or `-` may well be a class."""
_PROBE = 2000
_LEAST_ROWS = 50
_FEW = 20
"""Numeric targets of more different values than this (and more than one row in twenty) are continuous."""


@dataclass
class Target:
    """What the target column holds.

    Attributes:
        problem: AWS's problem type.
        reason: why this one, in a sentence.
        classes: names in the order of their codes; empty for regression.
        counts: rows by class.
        usable: whether each row has a label.
        cells: the stripped cells.
        missing, invalid: rows without a label, and with one that is no finite number in a regression.
        statistics: of regression targets (`moments.moments`).
        decimal_comma: numbers are written `1.234,5`.
    """

    problem: str
    reason: str
    classes: list[str]
    counts: dict[str, int]
    usable: list[bool]
    warnings: list[str]
    cells: list[str]
    missing: int = 0
    invalid: int = 0
    statistics: dict[str, float] = field(default_factory=dict)
    decimal_comma: bool = False

    def members(self, rows: npt.NDArray[np.int64]) -> list[npt.NDArray[np.int64]]:
        """Positions within `rows` of each class's rows."""
        codes = LabelEncoder(self.classes).encode([self.cells[row] for row in rows])
        return [np.flatnonzero(codes == code) for code in range(len(self.classes))]

    def values(self, rows: npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
        """The target of the given rows as numbers."""
        return cells.numbers([self.cells[row] for row in rows], self.decimal_comma)


def inspect_target(name: str, column: Sequence[str], given: str | None) -> Target:
    """Resolves the problem type and checks the target.

    Args:
        column: the target's cells.
        given: problem type of the request, None = infer.

    Raises:
        AlgorithmError: the target is missing, constant, or does not fit the problem type, or the type cannot be inferred.
    """
    stripped = [cell.strip() for cell in column]
    every = Counter(stripped)
    gone = {value: count for value, count in every.items() if value.lower() in LABEL_MISSING}
    counts = {value: count for value, count in every.items() if value not in gone}
    if not counts:
        raise AlgorithmError(f"All values of the target attribute '{name}' are missing.")
    if len(counts) == 1:
        raise AlgorithmError(
            f"The target attribute '{name}' has the same value '{next(iter(counts))[:60]}' in every row; there is nothing to learn."
        )
    comma = cells.uses_decimal_comma(list(counts)[:_PROBE])
    numeric = all(cells.is_number(value, comma) or value.lower() in cells.MISSING for value in counts)
    numeric = numeric and any(cells.is_number(value, comma) for value in counts)
    if numeric or given == "Regression":
        # Among numbers, `-` or `none` is a missing value and no class.
        gone |= {value: count for value, count in counts.items() if value.lower() in cells.MISSING}
        counts = {value: count for value, count in counts.items() if value not in gone}
    problem, reason = (given, "Given in the request.") if given else _infer(name, counts, numeric, comma)
    target = Target(
        problem or "", reason, [], {}, [], [], stripped, sum(gone.values()), decimal_comma=comma and numeric
    )
    if gone:
        target.warnings.append(_missing_labels(gone))
    if problem == "Regression":
        _regression(name, target, counts, comma)
    else:
        _classes(name, target, counts, gone, numeric)
    return target


def _missing_labels(gone: dict[str, int]) -> str:
    named = ", ".join(f"'{value}'" for value in sorted(gone) if value)
    what = f" (among them cells with {named})" if named else ""
    return f"{sum(gone.values())} rows without a target value{what} are left out."


def _regression(name: str, target: Target, counts: dict[str, int], comma: bool) -> None:
    _check_regression(name, counts, comma)
    numbers = cells.numbers(target.cells, comma)
    known = np.isfinite(numbers)
    target.usable = known.tolist()
    target.invalid = len(target.cells) - target.missing - int(known.sum())
    if known.sum() < 2:
        raise AlgorithmError(f"The target attribute '{name}' holds no finite numbers.")
    values, rows = np.unique(numbers[known], return_counts=True)
    if len(values) < 2:
        raise AlgorithmError(
            f"The target attribute '{name}' has the same finite value in every row; there is nothing to learn."
        )
    target.statistics = moments(values, rows.astype(np.int64))
    if target.invalid:
        target.warnings.append(f"{target.invalid} rows with an infinite or non-numeric target are left out.")
    whole = bool((values % 1 == 0).all())
    if whole and len(values) == known.sum() >= _LEAST_ROWS and values[-1] - values[0] + 1 == len(values):
        target.warnings.append(
            f"The target attribute '{name}' numbers the rows: every value is there once, without a gap. Is it the right column?"
        )


def _classes(name: str, target: Target, counts: dict[str, int], gone: dict[str, int], numeric: bool) -> None:
    target.usable = [cell not in gone for cell in target.cells]
    counts = _merge_numbers(counts) if numeric else counts
    _check_classes(name, counts, target.problem)
    target.classes, target.counts = order_classes(counts), counts
    rare = [value for value, count in counts.items() if count < 5]
    if rare:
        target.warnings.append(
            f"{len(rare)} class(es) have fewer than 5 rows: {', '.join(rare[:5])}; expect little of them."
        )


def _infer(name: str, counts: dict[str, int], numeric: bool, comma: bool) -> tuple[str, str]:
    unique = len(_merge_numbers(counts)) if numeric else len(counts)
    rows = sum(counts.values())
    if unique == 2:
        return "BinaryClassification", f"The target '{name}' has two different values."
    if not numeric:
        numbers = sum(count for value, count in counts.items() if cells.is_number(value, comma)) / rows
        if unique > MAX_CLASSES or unique > rows * 0.5:
            mixed = f" ({numbers:.0%} of the rows hold numbers)" if numbers > 0.05 else ""
            raise AlgorithmError(
                f"Unable to infer the problem type of target attribute '{name}' with high enough confidence: it holds text with {unique} "
                f"different values in {rows} rows{mixed}. Specify ProblemType and AutoMLJobObjective, or choose another target."
            )
        return "MulticlassClassification", f"The target '{name}' holds text with {unique} different values."
    finite = [value for value in (cells.to_number(text, comma) for text in counts) if value == value]
    whole = all(value % 1 == 0 for value in finite)
    if whole and unique <= _FEW and unique <= rows * 0.05:
        return (
            "MulticlassClassification",
            f"The target '{name}' holds {unique} different whole numbers in {rows} rows.",
        )
    return "Regression", f"The target '{name}' is numeric with {unique} different values."


def _check_regression(name: str, counts: dict[str, int], comma: bool) -> None:
    text = [value for value in counts if not cells.is_number(value, comma)]
    if text and sum(counts[value] for value in text) > 0.05 * sum(counts.values()):
        raise AlgorithmError(
            f"ProblemType Regression needs a numeric target, but attribute '{name}' holds '{text[0][:60]}'. Choose a classification "
            "problem type."
        )


def _check_classes(name: str, counts: dict[str, int], problem: str) -> None:
    if problem == "BinaryClassification" and len(counts) != 2:
        shown = ", ".join(sorted(counts)[:5])
        raise AlgorithmError(
            f"ProblemType BinaryClassification needs exactly two different target values, but attribute '{name}' has {len(counts)}: "
            f"{shown}{', ...' if len(counts) > 5 else ''}."
        )
    if len(counts) > MAX_CLASSES:
        raise AlgorithmError(
            f"The target attribute '{name}' has {len(counts)} classes; at most {MAX_CLASSES} are possible."
        )
    if len(counts) == 1:
        raise AlgorithmError(f"The target attribute '{name}' has one class only; there is nothing to learn.")
    single = [value for value, count in counts.items() if count == 1]
    if single and len(counts) - len(single) < 2:
        raise AlgorithmError(
            f"Class '{single[0][:60]}' of target attribute '{name}' has one row only, so the data cannot be split into training and "
            "validation rows with every class in both. Add rows of that class or remove it."
        )


def _merge_numbers(counts: dict[str, int]) -> dict[str, int]:
    """Counts with `1`, `1.0` and `01` as one value, named by the most frequent spelling."""
    merged: dict[float | str, dict[str, int]] = {}
    for value, count in counts.items():
        number = cells.to_number(value)
        merged.setdefault(number if number == number else value, {})[value] = count
    return {
        max(spellings, key=lambda text: spellings[text]): sum(spellings.values())
        for spellings in merged.values()
    }
