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
        low, high: inclusive bounds unless `open_low`.
        choices: allowed values of `choice` (and of each item of `list`; empty = any).
    """

    name: str
    kind: Kind
    low: float | None = None
    high: float | None = None
    open_low: bool = False
    choices: tuple[str, ...] = ()
    required: bool = False

    def parse(self, text: str) -> Any:
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
        elif self.choices:
            for item in value if self.kind == "list" else [value]:
                if item not in self.choices:
                    raise AlgorithmError(
                        f"Hyperparameter {self.name}: value {item} not in range [{', '.join(self.choices)}]"
                    )
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
        if too_low or (self.high is not None and value > self.high) or value != value:
            left = "(" if self.open_low or self.low is None else "["
            low = "-inf" if self.low is None else f"{self.low:g}"
            high = "inf)" if self.high is None else f"{self.high:g}]"
            raise AlgorithmError(
                f"Hyperparameter {self.name}: value {value} not in range {left}{low}, {high}"
            )


def parse_hyperparameters(given: Mapping[str, str], known: Mapping[str, Hyperparameter]) -> dict[str, Any]:
    """Checks and converts an algorithm's hyperparameters; names starting with `sagemaker_` or `_tuning` belong to the service.

    Raises:
        AlgorithmError: an unknown name, a missing required one, or a bad value.
    """
    values: dict[str, Any] = {}
    for name, text in given.items():
        if name in known:
            values[name] = known[name].parse(text)
        elif not name.startswith(("sagemaker_", "_tuning")):
            raise AlgorithmError(f"Extraneous hyperparameter found: {name}")
    for name, declared in known.items():
        if declared.required and name not in values:
            raise AlgorithmError(f"Missing required hyperparameter: {name}")
    return values
