"""Checks the hyperparameter ranges of a tuning job, with AWS's messages, and finds the ranges that Autotune asks for."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from smstudio_ext.engine.errors import ResourceLimitExceeded, ValidationException
from smstudio_ext.engine.images.contract import AlgorithmError
from smstudio_ext.engine.images.tunable import Declared, Tunable

Document = dict[str, Any]
MAX_TUNED = 30
_NUMERIC = {"integer": "IntegerParameterRanges", "continuous": "ContinuousParameterRanges"}
_MEMBERS = {**_NUMERIC, "categorical": "CategoricalParameterRanges"}


def check_ranges(
    ranges: Mapping[str, Any],
    static: Mapping[str, str],
    known: Mapping[str, Tunable] | None,
    algorithm: str,
    strategy: str,
    declared: Mapping[str, Declared],
) -> None:
    """Refuses ranges that cannot be searched.

    Args:
        ranges: AWS's ParameterRanges without AutoParameters.
        static: StaticHyperParameters.
        known: tunable hyperparameters of a built-in algorithm; None lets any name pass.
        algorithm: image URI, for messages.
        declared: what the program of a built-in algorithm accepts; trials with other values would only fail.

    Raises:
        ValidationException: says which hyperparameter, and what is wrong with it.
        ResourceLimitExceeded: more than 30 hyperparameters are tuned.
    """
    names = _names(ranges)
    if not names:
        raise ValidationException(
            "The hyperparameter tuning job must have at least one hyperparameter range. Provide ParameterRanges."
        )
    if len(names) > MAX_TUNED:
        raise ResourceLimitExceeded(
            f"The account-level service limit 'Number of hyperparameters that can be searched' is {MAX_TUNED}, with a request of "
            f"{len(names)} hyperparameters."
        )
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise ValidationException(
            f"Hyperparameter ranges must have unique names. Found more than one range for: {_list(twice)}."
        )
    both = sorted(set(names) & set(static))
    if both:
        raise ValidationException(
            f"Hyperparameters can't be both static and tunable. Remove {_list(both)} from StaticHyperParameters or from the "
            "hyperparameter ranges."
        )
    for kind, member in _MEMBERS.items():
        for entry in ranges.get(member) or []:
            _check_tunable(entry["Name"], kind, known, algorithm)
            if kind == "categorical":
                _check_values(entry)
            else:
                _check_numbers(entry, kind)
            if entry["Name"] in declared:
                _check_limits(entry, declared[entry["Name"]], algorithm)
    if strategy == "Grid":
        _check_grid(ranges)


def resolve_auto(
    ranges: Mapping[str, Any], known: Mapping[str, Tunable] | None
) -> tuple[Document, dict[str, str]]:
    """Gives AutoParameters their ranges: AWS's recommended one of a built-in algorithm, else one around the hint.

    Returns:
        ParameterRanges without AutoParameters, and hyperparameters that keep their hint because no range suits it.
    """
    resolved: Document = {member: list(ranges.get(member) or []) for member in _MEMBERS.values()}
    fixed: dict[str, str] = {}
    for entry in ranges.get("AutoParameters") or []:
        name, hint = entry["Name"], entry["ValueHint"].strip()
        tunable = (known or {}).get(name) or _around(hint)
        if tunable is None:
            fixed[name] = hint
        elif tunable.kind == "categorical":
            resolved["CategoricalParameterRanges"].append({"Name": name, "Values": list(tunable.values)})
        else:
            resolved[_NUMERIC[tunable.kind]].append(_range_of(name, tunable))
    return resolved, fixed


def _range_of(name: str, tunable: Tunable) -> Document:
    def text(number: float) -> str:
        return str(int(number)) if tunable.kind == "integer" else repr(float(number))

    scaling = tunable.scaling
    return {
        "Name": name,
        "MinValue": text(tunable.low),
        "MaxValue": text(tunable.high),
        "ScalingType": scaling,
    }


def _around(hint: str) -> Tunable | None:
    if hint.lower() in ("true", "false"):
        other = {"true": "false", "false": "true", "True": "False", "False": "True"}.get(hint, "true")
        return Tunable("categorical", values=(hint, other))
    try:
        number = float(hint)
    except ValueError:
        return None
    if not math.isfinite(number):
        return None
    if hint.lstrip("+-").isdigit():
        if number <= 0:
            return Tunable("integer", min(0.0, 2 * number), 10.0)
        return Tunable("integer", max(1.0, number // 10), max(2.0, number * 10), "Logarithmic")
    if number <= 0:
        return Tunable("continuous", min(0.0, 2 * number), 1.0)
    high = min(1.0, number * 10) if number < 1 else number * 10
    return Tunable("continuous", number / 10, high, "Logarithmic")


def _names(ranges: Mapping[str, Any]) -> list[str]:
    return [entry["Name"] for member in _MEMBERS.values() for entry in ranges.get(member) or []]


def _check_tunable(name: str, kind: str, known: Mapping[str, Tunable] | None, algorithm: str) -> None:
    if not name:
        raise ValidationException("A hyperparameter range needs a name.")
    if known is None:
        return
    tunable = known.get(name)
    if tunable is None:
        raise ValidationException(
            f"The hyperparameter [{name}] isn't tunable for the [{algorithm}] algorithm. Choose one of the tunable "
            f"hyperparameters: {_list(sorted(known)) if known else 'it has none'}."
        )
    if tunable.kind != kind and not (tunable.kind == "categorical" or kind == "categorical"):
        if tunable.kind == "continuous":
            return  # whole numbers are numbers too
        raise ValidationException(
            f"The hyperparameter [{name}] of the [{algorithm}] algorithm is of type {tunable.kind.capitalize()}. Provide it in "
            f"{_MEMBERS[tunable.kind]}."
        )


def _check_values(entry: Mapping[str, Any]) -> None:
    values = entry["Values"]
    if not values:
        raise ValidationException(
            f"The categorical hyperparameter [{entry['Name']}] must have at least one value."
        )
    if len(set(values)) < len(values):
        raise ValidationException(
            f"The categorical hyperparameter [{entry['Name']}] has duplicate values. Provide each value once."
        )


def _check_numbers(entry: Mapping[str, Any], kind: str) -> None:
    name = entry["Name"]
    low, high = (_number(name, kind, entry[member], member) for member in ("MinValue", "MaxValue"))
    if low >= high:
        raise ValidationException(
            f"The range of hyperparameter [{name}] isn't valid: MinValue [{entry['MinValue']}] must be less than MaxValue "
            f"[{entry['MaxValue']}]."
        )
    scaling = entry.get("ScalingType") or "Auto"
    if scaling == "Logarithmic" and low <= 0:
        raise ValidationException(
            f"Logarithmic scaling works only for ranges that have only values greater than 0. MinValue of hyperparameter [{name}] is "
            f"[{entry['MinValue']}]."
        )
    if scaling == "ReverseLogarithmic":
        if kind == "integer":
            raise ValidationException(
                f"Reverse logarithmic scaling isn't supported for integer hyperparameter ranges: [{name}]."
            )
        if low < 0 or high >= 1:
            raise ValidationException(
                "Reverse logarithmic scaling works only for ranges that are entirely within the range 0 <= x < 1.0. The range of "
                f"hyperparameter [{name}] is [{entry['MinValue']}, {entry['MaxValue']}]."
            )


def _check_limits(entry: Mapping[str, Any], declared: Declared, algorithm: str) -> None:
    """Refuses what the algorithm refuses; a range may begin or end at an open bound, which no trial meets."""
    of_what = f"of hyperparameter [{entry['Name']}] isn't valid for the [{algorithm}] algorithm."
    if "Values" in entry:
        for value in entry["Values"]:
            try:
                declared.read(value)
            except AlgorithmError as error:
                raise ValidationException(f"The value [{value}] {of_what} {error}") from error
        return
    low, high = declared.low, declared.high
    below = low is not None and float(entry["MinValue"]) < low
    above = high is not None and float(entry["MaxValue"]) > high
    if below or above:
        ends = [f"greater than or equal to {low:g}"] if low is not None else []
        ends += [f"less than or equal to {high:g}"] if high is not None else []
        raise ValidationException(
            f"The range [{entry['MinValue']}, {entry['MaxValue']}] {of_what} Provide values {' and '.join(ends)}."
        )


def _number(name: str, kind: str, text: str, member: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise ValidationException(f"{member} [{text}] of hyperparameter [{name}] isn't a number.")
    if kind == "integer" and number != int(number):
        raise ValidationException(f"{member} [{text}] of integer hyperparameter [{name}] isn't an integer.")
    return number


def _check_grid(ranges: Mapping[str, Any]) -> None:
    numeric = [entry["Name"] for member in _NUMERIC.values() for entry in ranges.get(member) or []]
    if numeric:
        raise ValidationException(
            "Grid search supports only categorical hyperparameters. Provide CategoricalParameterRanges in place of the ranges of "
            f"{_list(sorted(numeric))}."
        )


def _list(names: list[str]) -> str:
    return "[" + ", ".join(names) + "]"
