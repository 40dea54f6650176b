"""Hyperparameter ranges of a tuning job: AWS's texts read into numbers, scales, and how many settings they span."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

Value = int | float | str
Params = dict[str, Value]
Scale = Literal["linear", "log", "reverse"]

# A range whose ends lie so far apart is searched by orders of magnitude when ScalingType is Auto.
_AUTO_DECADES = 2.0

_SCALES: dict[str, Scale] = {"Linear": "linear", "Logarithmic": "log", "ReverseLogarithmic": "reverse"}


@dataclass(frozen=True)
class Range:
    """One hyperparameter's range, read from AWS's ParameterRanges.

    Attributes:
        scale: `log` searches log(x), `reverse` log(1 - x), as AWS's Logarithmic and ReverseLogarithmic.
        values: of a categorical one; empty for numbers.
    """

    name: str
    kind: Literal["integer", "continuous", "categorical"]
    low: float = 0.0
    high: float = 0.0
    scale: Scale = "linear"
    values: tuple[str, ...] = ()

    @property
    def log(self) -> bool:
        """Whether orders of magnitude are searched evenly."""
        return self.scale == "log"

    def parse(self, text: str) -> Value:
        """A value of this range from its text in HyperParameters, kept inside the range."""
        if self.kind == "categorical":
            return text if text in self.values else self.values[0]
        number = min(max(float(text), self.low), self.high)
        return round(number) if self.kind == "integer" else number

    def holds(self, text: str) -> bool:
        """Whether a text is a value of this range as it is."""
        if self.kind == "categorical":
            return text in self.values
        try:
            number = float(text)
        except ValueError:
            return False
        return self.low <= number <= self.high and (self.kind == "continuous" or number == round(number))

    def to_search(self, value: Value) -> Value:
        """The value as the sampler sees it: 1 - x on the reverse scale."""
        return 1.0 - float(value) if self.scale == "reverse" else value

    def from_search(self, value: Value) -> Value:
        """The hyperparameter's value for one of the sampler."""
        if self.scale != "reverse":
            return value
        return min(max(1.0 - float(value), self.low), self.high)

    def count(self) -> float:
        """How many values there are; infinite for a continuous range."""
        if self.kind == "categorical":
            return len(self.values)
        return math.inf if self.kind == "continuous" else self.high - self.low + 1


def read_ranges(ranges: Mapping[str, Any]) -> tuple[Range, ...]:
    """Reads AWS's ParameterRanges structure (AutoParameters are resolved before)."""
    found: list[Range] = []
    for kind, member in (("integer", "IntegerParameterRanges"), ("continuous", "ContinuousParameterRanges")):
        for entry in ranges.get(member) or []:
            low, high = float(entry["MinValue"]), float(entry["MaxValue"])
            scale = _scale(entry.get("ScalingType") or "Auto", low, high, kind == "integer")
            found.append(Range(entry["Name"], kind, low, high, scale))  # type: ignore[arg-type]
    for entry in ranges.get("CategoricalParameterRanges") or []:
        found.append(Range(entry["Name"], "categorical", values=tuple(dict.fromkeys(entry["Values"]))))
    return tuple(found)


def combinations(ranges: Iterable[Range]) -> float:
    """How many settings the ranges span together."""
    return math.prod(one.count() for one in ranges)


def as_text(value: Value) -> str:
    """A hyperparameter's value as HyperParameters carry it."""
    return repr(value) if isinstance(value, float) else str(value)


def _scale(scaling: str, low: float, high: float, integer: bool) -> Scale:
    if scaling != "Auto":
        scale = _SCALES[scaling]
        return "linear" if scale == "log" and low <= 0 else scale
    if low > 0 and math.log10(high / low) >= _AUTO_DECADES:
        return "log"
    if not integer and low >= 0 and high < 1 and math.log10((1 - low) / (1 - high)) >= _AUTO_DECADES:
        return "reverse"
    return "linear"
