"""Operators of Search over SQL values: text, numbers and times."""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import datetime, timezone
from typing import Any

from sqlalchemy import ColumnElement, Float, and_, cast, false, func, literal, not_, or_

from smstudio_ext.engine.errors import ValidationException
from smstudio_ext.engine.search.expressions import Condition

Value = ColumnElement[Any]

_COMPARE: dict[str, Callable[[Value, Any], ColumnElement[bool]]] = {
    "GreaterThan": lambda left, right: left > right,
    "GreaterThanOrEqualTo": lambda left, right: left >= right,
    "LessThan": lambda left, right: left < right,
    "LessThanOrEqualTo": lambda left, right: left <= right,
}
ORDERS = frozenset(_COMPARE)


def number_of(text: str) -> float | None:
    """The number that a filter's value is, or None."""
    try:
        value = float(text)
    except ValueError:
        return None
    return None if math.isnan(value) or "_" in text else value


def time_of(condition: Condition, text: str) -> float:
    """Seconds since the epoch of a filter's time: ISO 8601, or the seconds themselves.

    Raises:
        ValidationException: it is neither.
    """
    seconds = number_of(text)
    if seconds is not None:
        return seconds
    try:
        read = datetime.fromisoformat(text.strip().replace("Z", "+00:00"))
    except ValueError:
        raise ValidationException(
            f"The value '{text}' of filter {condition.name} is not a time: give ISO 8601, such as 2026-01-31T12:00:00Z."
        ) from None
    return (read if read.tzinfo else read.replace(tzinfo=timezone.utc)).timestamp()


def compare_text(column: Value, condition: Condition) -> ColumnElement[bool]:
    """A filter over text; NotEquals and NotExists hold for what has no value too."""
    operator, value = condition.operator, condition.value
    if operator == "Exists":
        return column.is_not(None)
    if operator == "NotExists":
        return column.is_(None)
    if operator == "Equals":
        return column == value
    if operator == "NotEquals":
        return or_(column.is_(None), column != value)
    if operator == "In":
        return column.in_(condition.values)
    if operator == "Contains":
        return func.lower(column).contains(value.lower(), autoescape=True)
    return _COMPARE[operator](column, value)


def compare_number(column: Value, condition: Condition) -> ColumnElement[bool]:
    """A filter over numbers; a value that is no number equals none."""
    operator = condition.operator
    if operator in ("Exists", "NotExists"):
        return compare_text(column, condition)
    if operator == "Contains":
        raise ValidationException(f"Operator Contains is for text; {condition.name} is a number.")
    if operator == "In":
        numbers = [number for text in condition.values if (number := number_of(text)) is not None]
        return column.in_(numbers) if numbers else false()
    number = number_of(condition.value)
    if operator == "Equals":
        return false() if number is None else column == number
    if operator == "NotEquals":
        return literal(True) if number is None else or_(column.is_(None), column != number)
    if number is None:
        raise ValidationException(
            f"The value '{condition.value}' of filter {condition.name} is not a number, and {operator} needs one."
        )
    return _COMPARE[operator](column, number)


def compare_time(column: Value, condition: Condition) -> ColumnElement[bool]:
    """A filter over times, in seconds since the epoch; equal is the same second where the filter has whole ones."""
    operator = condition.operator
    if operator in ("Exists", "NotExists"):
        return compare_text(column, condition)
    if operator == "Contains":
        raise ValidationException(f"Operator Contains is for text; {condition.name} is a time.")
    if operator == "In":
        return or_(*[_same_time(column, time_of(condition, text)) for text in condition.values])
    moment = time_of(condition, condition.value)
    if operator == "Equals":
        return _same_time(column, moment)
    if operator == "NotEquals":
        return or_(column.is_(None), not_(_same_time(column, moment)))
    return _COMPARE[operator](column, moment)


def compare_either(
    text: Value, number: Value, condition: Condition, *, exists: ColumnElement[bool]
) -> ColumnElement[bool]:
    """A filter over a property that holds a text or a number (parameters): the filter's value says which is meant.

    Args:
        exists: whether there is a value at all.
    """
    operator = condition.operator
    if operator == "Exists":
        return exists
    if operator == "NotExists":
        return not_(exists)
    if operator in ORDERS and number_of(condition.value) is not None:
        return compare_number(number, condition)
    if operator in ORDERS:
        return compare_text(text, condition)
    if operator == "Contains":
        return or_(compare_text(text, condition), compare_text(cast_text(number), condition))
    if operator == "NotEquals":
        plain = Condition(condition.name, "Equals", condition.value)
        return not_(func.coalesce(compare_either(text, number, plain, exists=exists), false()))
    return or_(compare_text(text, condition), compare_number(number, condition))


def as_number(text: Value) -> Value:
    """A text as a number where it looks like one, else NULL."""
    looks = and_(text.op("GLOB")("*[0-9]*"), not_(text.op("GLOB")("*[^0-9eE.+-]*")))
    return func.iif(looks, cast(text, Float), None)


def cast_text(number: Value) -> Value:
    """A number as people write it: 8 rather than 8.0."""
    return func.printf("%!.15g", number)


def _same_time(column: Value, moment: float) -> ColumnElement[bool]:
    if moment == int(moment):
        return and_(column >= moment, column < moment + 1)
    return func.abs(column - moment) < 0.0005
