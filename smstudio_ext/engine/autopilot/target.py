"""Looks at the target column: problem type, classes, and whether it can be learnt at all."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from smstudio_ext.engine.images.contract import AlgorithmError
from smstudio_ext.engine.images.sklearn_automl import cells
from smstudio_ext.engine.images.sklearn_automl.labels import LabelEncoder, order_classes

MAX_CLASSES = 2000
"""As many classes as Autopilot takes."""
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
    """

    problem: str
    reason: str
    classes: list[str]
    counts: dict[str, int]
    usable: list[bool]
    warnings: list[str]
    cells: list[str]

    def members(self, rows: npt.NDArray[np.int64]) -> list[npt.NDArray[np.int64]]:
        """Positions within `rows` of each class's rows."""
        codes = LabelEncoder(self.classes).encode([self.cells[row] for row in rows])
        return [np.flatnonzero(codes == code) for code in range(len(self.classes))]

    def values(self, rows: npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
        """The target of the given rows as numbers."""
        return cells.numbers([self.cells[row] for row in rows])


def inspect_target(name: str, column: Sequence[str], given: str | None) -> Target:
    """Resolves the problem type and checks the target.

    Args:
        column: the target's cells.
        given: problem type of the request, None = infer.

    Raises:
        AlgorithmError: the target is missing, constant, or does not fit the problem type, or the type cannot be inferred.
    """
    stripped = [cell.strip() for cell in column]
    numeric_cells = [cell for cell in stripped if cell.lower() not in cells.MISSING]
    if not numeric_cells:
        raise AlgorithmError(f"All values of the target attribute '{name}' are missing.")
    counts = dict(Counter(numeric_cells))
    if len(counts) == 1:
        raise AlgorithmError(
            f"The target attribute '{name}' has the same value '{next(iter(counts))[:60]}' in every row; there is nothing to learn."
        )
    numeric = all(cells.is_number(value) for value in counts)
    problem, reason = (given, "Given in the request.") if given else _infer(name, counts, numeric)
    warnings: list[str] = []
    missing = len(stripped) - len(numeric_cells)
    if problem == "Regression":
        usable = [cells.to_number(cell) == cells.to_number(cell) for cell in stripped]
        _check_regression(name, counts, usable, numeric)
        classes: list[str] = []
        infinite = len(numeric_cells) - sum(usable)
        if infinite:
            warnings.append(f"{infinite} rows with an infinite or non-numeric target are left out.")
        counts = {}
    else:
        usable = [cell.lower() not in cells.MISSING for cell in stripped]
        counts = _merge_numbers(counts) if numeric else counts
        _check_classes(name, counts, problem or "")
        classes = order_classes(counts)
        rare = [value for value, count in counts.items() if count < 5]
        if rare:
            warnings.append(
                f"{len(rare)} class(es) have fewer than 5 rows: {', '.join(rare[:5])}; expect little of them."
            )
    if missing:
        warnings.append(f"{missing} rows without a target value are left out.")
    return Target(problem or "", reason, classes, counts, usable, warnings, stripped)


def _infer(name: str, counts: dict[str, int], numeric: bool) -> tuple[str, str]:
    unique = len(_merge_numbers(counts)) if numeric else len(counts)
    rows = sum(counts.values())
    if unique == 2:
        return "BinaryClassification", f"The target '{name}' has two different values."
    if not numeric:
        if unique > MAX_CLASSES or unique > rows * 0.5:
            raise AlgorithmError(
                f"Unable to infer the problem type of target attribute '{name}' with high enough confidence: it holds text with {unique} "
                f"different values in {rows} rows. Specify ProblemType and AutoMLJobObjective, or choose another target."
            )
        return "MulticlassClassification", f"The target '{name}' holds text with {unique} different values."
    whole = all(float(value) % 1 == 0 for value in counts if cells.to_number(value) == cells.to_number(value))
    if whole and unique <= _FEW and unique <= rows * 0.05:
        return (
            "MulticlassClassification",
            f"The target '{name}' holds {unique} different whole numbers in {rows} rows.",
        )
    return "Regression", f"The target '{name}' is numeric with {unique} different values."


def _check_regression(name: str, counts: dict[str, int], usable: Sequence[bool], numeric: bool) -> None:
    if not numeric:
        text = next(value for value in counts if not cells.is_number(value))
        share = sum(count for value, count in counts.items() if cells.is_number(value)) / sum(counts.values())
        if share < 0.95:
            raise AlgorithmError(
                f"ProblemType Regression needs a numeric target, but attribute '{name}' holds '{text[:60]}'. Choose a classification "
                "problem type."
            )
    if sum(usable) < 2:
        raise AlgorithmError(f"The target attribute '{name}' holds no finite numbers.")
    finite = {value for value in (cells.to_number(text) for text in counts) if value == value}
    if len(finite) < 2:
        raise AlgorithmError(
            f"The target attribute '{name}' has the same finite value in every row; there is nothing to learn."
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
    merged: dict[float, dict[str, int]] = {}
    for value, count in counts.items():
        merged.setdefault(float(value), {})[value] = count
    return {
        max(spellings, key=lambda text: spellings[text]): sum(spellings.values())
        for spellings in merged.values()
    }
