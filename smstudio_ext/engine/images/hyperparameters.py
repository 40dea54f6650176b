"""Declares and checks an algorithm's hyperparameters, with the error texts of SageMaker's algorithm toolkit."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from smstudio_ext.engine.images.contract import AlgorithmError

Kind = Literal["int", "float", "choice", "list", "bool", "json", "text"]


@dataclass(frozen=True)
class Hyperparameter:
    """One hyperparameter of an algorithm.

    Attributes:
        low, high: inclusive bounds unless `open_low` or `open_high`.
        choices: allowed values of `choice` (and of each item of `list`; empty = any).
    """

    name: str
    kind: Kind
    low: float | None = None
    high: float | None = None
    open_low: bool = False
    choices: tuple[str, ...] = ()
    required: bool = False
    open_high: bool = False

    def read(self, text: str) -> Any:
        """Reads the value from a string.

        Raises:
            AlgorithmError: not parsable or out of range.
        """
        text = text.strip()
        try:
            value = self._convert(text)
        except ValueError as error:
            raise AlgorithmError(
                f"Hyperparameter {self.name}: could not parse value '{text}' as {self.kind}."
            ) from error
        if self.kind in ("int", "float"):
            self._check_range(value)
        elif self.choices and self.kind == "list":
            if any(item not in self.choices for item in value):
                raise AlgorithmError(
                    f"Hyperparameter {self.name}: value {value} not in range {list(self.choices)}"
                )
        elif self.choices and value not in self.choices:
            raise AlgorithmError(f"Hyperparameter {self.name}: {value} is not in {list(self.choices)}")
        return value

    def _convert(self, text: str) -> Any:
        if self.kind == "int":
            number = float(text)
            if number != int(number):
                raise ValueError(text)
            return int(number)
        if self.kind == "float":
            return float(text)
        if self.kind == "bool":
            if text.lower() not in ("true", "false", "1", "0"):
                raise ValueError(text)
            return text.lower() in ("true", "1")
        if self.kind == "list":
            return [item.strip().strip("'\"") for item in text.strip("[]").split(",") if item.strip()]
        if self.kind == "json":
            return json.loads(text.replace("(", "[").replace(")", "]"))
        return text

    def _check_range(self, value: float) -> None:
        too_low = self.low is not None and (value <= self.low if self.open_low else value < self.low)
        too_high = self.high is not None and (value >= self.high if self.open_high else value > self.high)
        if too_low or too_high or value != value:
            left = "(-inf" if self.low is None else f"{'(' if self.open_low else '['}{self.low:g}"
            right = "+inf)" if self.high is None else f"{self.high:g}{')' if self.open_high else ']'}"
            raise AlgorithmError(f"Hyperparameter {self.name}: {value} is not in {left}, {right}")


def parse_hyperparameters(
    given: Mapping[str, str],
    known: Mapping[str, Hyperparameter],
    aliases: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """Checks and converts an algorithm's hyperparameters; names starting with `sagemaker_` or `_tuning` belong to the service.

    Args:
        given: names and values of the job.
        known: declared hyperparameters by name.
        aliases: other names of declared ones.

    Raises:
        AlgorithmError: an unknown name, a missing required one, or a bad value.
    """
    values: dict[str, Any] = {}
    for asked, text in given.items():
        name = (aliases or {}).get(asked, asked)
        if name in known:
            values[name] = known[name].read(text)
        elif not name.startswith(("sagemaker_", "_tuning")):
            raise AlgorithmError(f"Extraneous hyperparameter found: {name}")
    for name, declared in known.items():
        if declared.required and name not in values:
            raise AlgorithmError(f"Missing required hyperparameter: {name}")
    return values
