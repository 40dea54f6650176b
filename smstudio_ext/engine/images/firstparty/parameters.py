"""Hyperparameters of Amazon's own algorithms, declared with defaults and refused with their containers' texts.

The texts are those that the containers write to FailureReason, for example `No value(s) were specified for 'k' which are
required hyperparameter(s) (caused by ValidationError)`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from smstudio_ext.engine.images.contract import AlgorithmError

Kind = Literal["int", "float", "choice", "bool", "list", "text"]

_INTEGER = re.compile(r"[-+]?\d+")
_INTERNAL = frozenset(
    "_kvstore _num_gpus _num_kv_servers _num_slices _log_level _enable_profiler _disable_wait_to_read _ftp_port _optimizer "
    "_aws_lambda_arn _debug _tuning_objective_metric".split()
)
"""Names that the containers' own defaults hold; they change nothing here."""


@dataclass(frozen=True)
class Parameter:
    """One hyperparameter.

    Attributes:
        default: the container's default as text; None when there is none.
        low, high: bounds; inclusive unless `open_low` or `open_high`.
        choices: allowed values of `choice`, and of each item of `list`.
        auto: `auto` is allowed and read as None.
        words: further texts that are allowed and stay texts (`balanced`).
    """

    name: str
    kind: Kind
    default: str | None = None
    low: float | None = None
    high: float | None = None
    open_low: bool = False
    open_high: bool = False
    choices: tuple[str, ...] = ()
    required: bool = False
    auto: bool = False
    words: tuple[str, ...] = ()

    def read(self, text: str) -> Any:
        """Converts and checks a value.

        Raises:
            AlgorithmError: with the container's text.
        """
        text = text.strip()
        if self.auto and text == "auto":
            return None
        if text in self.words:
            return text
        value = _READERS[self.kind](self, text)
        if self.kind in ("int", "float") and not self._inside(value):
            raise self._refusal(text)
        return value

    def _inside(self, value: float) -> bool:
        if value != value:
            return False
        if self.low is not None and (value <= self.low if self.open_low else value < self.low):
            return False
        return self.high is None or (value < self.high if self.open_high else value <= self.high)

    def _refusal(self, text: str) -> AlgorithmError:
        kind = "an integer" if self.kind == "int" else "a number"
        low, high = _number(self.low), _number(self.high)
        if self.low is not None and self.high is not None:
            ends = " (exclusive)" if self.open_low and self.open_high else ""
            expected = f"{kind} between {low} and {high}{ends}"
        elif self.low is not None:
            expected = f"{kind} greater than {'' if self.open_low else 'or equal to '}{low}"
        elif self.high is not None:
            expected = f"{kind} less than {'' if self.open_high else 'or equal to '}{high}"
        else:
            expected = kind
        words = [f"'{word}'" for word in (*(("auto",) if self.auto else ()), *self.words)]
        return refuse(
            f"The value '{text}' is not valid for the '{self.name}' hyperparameter which expects one of the following: "
            f"{'; or '.join([*words, expected])}"
        )


def refuse(text: str) -> AlgorithmError:
    """An error of the containers' configuration check."""
    return AlgorithmError(f"{text} (caused by ValidationError)")


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:g}" if abs(value) < 1e6 else str(int(value))


def _read_int(parameter: Parameter, text: str) -> int:
    if not _INTEGER.fullmatch(text):
        raise parameter._refusal(text)
    return int(text)


def _read_float(parameter: Parameter, text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise parameter._refusal(text) from None


def _read_choice(parameter: Parameter, text: str) -> str:
    if text not in parameter.choices:
        raise refuse(
            f"The value '{text}' is not valid for the '{parameter.name}' hyperparameter which accepts one of the following: "
            + ", ".join(f"'{choice}'" for choice in parameter.choices)
        )
    return text


def _read_bool(parameter: Parameter, text: str) -> bool:
    if text.lower() in ("true", "1", "yes"):
        return True
    if text.lower() in ("false", "0", "no"):
        return False
    return _read_choice(_with_choices(parameter, ("true", "false")), text) == "true"


def _read_list(parameter: Parameter, text: str) -> list[str]:
    if text.startswith("["):
        try:
            items = [str(item) for item in json.loads(text.replace("'", '"'))]
        except (ValueError, TypeError) as error:
            raise AlgorithmError(
                f"Hyperparameter must be valid json, but found {parameter.name}: {text} (caused by ValueError)"
            ) from error
    else:
        items = [item.strip().strip("\"'") for item in text.split(",") if item.strip()]
    for item in items:
        if parameter.choices:
            _read_choice(parameter, item)
    return items


def _read_text(parameter: Parameter, text: str) -> str:
    return text


def _with_choices(parameter: Parameter, choices: tuple[str, ...]) -> Parameter:
    return Parameter(parameter.name, "choice", choices=choices)


_READERS: Mapping[str, Any] = {
    "int": _read_int,
    "float": _read_float,
    "choice": _read_choice,
    "bool": _read_bool,
    "list": _read_list,
    "text": _read_text,
}


def read_parameters(given: Mapping[str, str], declared: Sequence[Parameter]) -> dict[str, Any]:
    """Checks the hyperparameters of a job and fills in defaults; `auto` is None.

    Raises:
        AlgorithmError: an unknown name, a missing required one or a bad value, with the container's text.
    """
    known = {parameter.name: parameter for parameter in declared}
    given = {name: text for name, text in given.items() if text.strip() not in ("", "None")}
    for name in given:
        if name not in known and name not in _INTERNAL and not name.startswith(("sagemaker_", "_tuning")):
            raise refuse(f"Additional hyperparameters are not allowed ('{name}' was unexpected)")
    missing = [name for name, parameter in known.items() if parameter.required and name not in given]
    if missing:
        raise refuse(
            f"No value(s) were specified for {', '.join(repr(name) for name in missing)} which are required hyperparameter(s)"
        )
    values: dict[str, Any] = {}
    for name, parameter in known.items():
        text = given.get(name, parameter.default)
        values[name] = None if text is None else parameter.read(text)
    return values
