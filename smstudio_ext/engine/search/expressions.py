"""Search expressions: AWS's nested filters as a tree, with what is malformed refused in words."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from typing import Any

from smstudio_ext.engine.errors import ValidationException

Document = dict[str, Any]

DEEPEST = 20
"""Levels of SubExpressions that SQL is made for; AWS allows fewer."""
MOST_CONDITIONS = 500
"""Filters of one expression; AWS allows 20. Beyond it SQLite's parser gives up."""
WITHOUT_VALUE = ("Exists", "NotExists")


@dataclass(frozen=True)
class Condition:
    """One filter: a property, an operator and its value ("" for Exists and NotExists)."""

    name: str
    operator: str
    value: str

    @property
    def values(self) -> list[str]:
        """The values of operator In: a list with commas; quotes hold a comma."""
        row = next(csv.reader([self.value], skipinitialspace=True), [])
        return [value.strip() for value in row]


@dataclass(frozen=True)
class Nested:
    """Filters that one and the same element of a list property must meet."""

    name: str
    conditions: tuple[Condition, ...]


@dataclass(frozen=True)
class Group:
    """Parts of which all (And) or any (Or) must hold; an empty group always holds."""

    parts: tuple[Condition | Nested | Group, ...]
    any: bool = False


def read_expression(expression: Document | None) -> Group:
    """The tree of a SearchExpression.

    Raises:
        ValidationException: it is malformed.
    """
    group = _group(expression or {}, 1) if expression else Group(())
    if _count(group) > MOST_CONDITIONS:
        raise ValidationException(
            f"The search expression has more than {MOST_CONDITIONS} filters, the most that the local engine takes."
        )
    return group


def _group(expression: Document, depth: int) -> Group:
    if depth > DEEPEST:
        raise ValidationException(f"The search expression is nested deeper than {DEEPEST} levels.")
    parts: list[Condition | Nested | Group] = [_condition(one) for one in expression.get("Filters") or ()]
    for one in expression.get("NestedFilters") or ():
        conditions = tuple(_condition(inner) for inner in one["Filters"])
        parts.append(Nested(one["NestedPropertyName"], conditions))
    parts += [_group(one, depth + 1) for one in expression.get("SubExpressions") or ()]
    if not parts:
        raise ValidationException(
            "A search expression needs at least one filter, nested filter or subexpression."
        )
    return Group(tuple(parts), expression.get("Operator", "And") == "Or")


def _condition(given: Document) -> Condition:
    operator = given.get("Operator", "Equals")
    value = given.get("Value")
    if operator in WITHOUT_VALUE:
        if value is not None:
            raise ValidationException(
                f"Value is not allowed with operator {operator} (property {given['Name']})."
            )
    elif value is None:
        raise ValidationException(f"Value is required with operator {operator} (property {given['Name']}).")
    return Condition(given["Name"], operator, value or "")


def _count(group: Group) -> int:
    count = 0
    for part in group.parts:
        if isinstance(part, Group):
            count += _count(part)
        else:
            count += len(part.conditions) if isinstance(part, Nested) else 1
    return count
