"""Turns target cells into the numbers that algorithms learn, and back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from smstudio_ext.engine.images.sklearn_automl import cells

_POSITIVE = frozenset({"1", "1.0", "true", "true.", "yes", "y", "t", "positive", "pos"})
_NEGATIVE = frozenset({"0", "0.0", "false", "false.", "no", "n", "f", "negative", "neg", "-1"})


def order_classes(counts: dict[str, int]) -> list[str]:
    """Class names in the order of their codes.

    Two classes: a yes-like one is positive (code 1), else the rarer one is. More: numbers by value, else by name.
    """
    names = sorted(counts)
    if len(names) == 2:
        plain = [name.strip().lower() for name in names]
        if plain[0] in _POSITIVE and plain[1] in _NEGATIVE:
            return [names[1], names[0]]
        if plain[1] in _POSITIVE and plain[0] in _NEGATIVE:
            return names
        return sorted(names, key=lambda name: (-counts[name], name))
    if all(cells.is_number(name) for name in names):
        return sorted(names, key=cells.to_number)
    return names


@dataclass
class LabelEncoder:
    """Codes of the classes; empty classes mean a regression target, which stays a number (see `cells.numbers` for the comma)."""

    classes: list[str]
    decimal_comma: bool = False

    def __post_init__(self) -> None:
        self._codes = {name: code for code, name in enumerate(self.classes)}
        # 1 and 1.0 are one class; it depends on the rest of a file's column how a number is written.
        self._values: dict[float, int] = {}
        if self.classes and all(cells.is_number(name) for name in self.classes):
            self._values = {cells.to_number(name): code for code, name in enumerate(self.classes)}

    def encode(self, column: Sequence[str]) -> npt.NDArray[np.float64]:
        """Codes (or numbers); NaN for missing or unknown labels."""
        if not self.classes:
            return cells.numbers(column, self.decimal_comma)
        found = []
        for cell in column:
            text = cell.strip()
            code: float | None = self._codes.get(text)
            if code is None:
                code = self._values.get(cells.to_number(text), np.nan) if self._values else np.nan
            found.append(code)
        return np.array(found, dtype=float)

    def decode(self, code: float) -> str:
        """The class of a code.

        Raises:
            ValueError: no class has it.
        """
        number = int(code)
        if number != code or not 0 <= number < len(self.classes):
            raise ValueError(f"{code} is no class code; there are {len(self.classes)} classes.")
        return self.classes[number]
