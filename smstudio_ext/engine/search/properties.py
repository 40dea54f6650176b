"""What a property of a searched resource is in SQL: how it is compared and by what it is sorted."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, FromClause, Select, and_, or_, true

from smstudio_ext.engine.errors import ValidationException
from smstudio_ext.engine.search.expressions import Condition, Group, Nested

Value = ColumnElement[Any]


@dataclass(frozen=True)
class Join:
    """A table that a sort needs besides the searched one.

    Attributes:
        having: identities of the rows that have a value.
    """

    table: FromClause
    on: ColumnElement[bool]
    having: Select[Any]


@dataclass(frozen=True)
class Property:
    """One property in SQL.

    Attributes:
        compare: makes the SQL of a filter.
        sort: values to sort by, the first deciding; NULL where a row has none.
        join: what `sort` reads, if it is not in the searched table.
        nullable: whether a row (of `join`, if there is one) may have none; such rows come last in either order.
    """

    compare: Callable[[Condition], ColumnElement[bool]]
    sort: tuple[Value, ...] = ()
    join: Join | None = None
    nullable: bool = True


@dataclass(frozen=True)
class Searched:
    """One kind of resource in SQL.

    Attributes:
        table: what is searched; one row a resource.
        identity: tells rows apart, ends every sort.
        base: what every row must meet (region and kind).
        find: the property of a name; None if there is no such property.
        nested: makes the SQL of filters that one element of a list must meet; None if the name is no list.
        default_sort: name of the property by which results come unless told otherwise.
    """

    name: str
    table: FromClause
    identity: Value
    base: ColumnElement[bool]
    find: Callable[[str], Property | None]
    nested: Callable[[Nested], ColumnElement[bool] | None]
    default_sort: str = "LastModifiedTime"
    columns: tuple[Value, ...] = field(default=())

    def property(self, name: str) -> Property:
        """The property of a name.

        Raises:
            ValidationException: the resource has none of that name.
        """
        found = self.find(name)
        if found is None:
            raise ValidationException(f"Unknown property name: {name} is not a property of {self.name}.")
        return found

    def where(self, part: Condition | Nested | Group) -> ColumnElement[bool]:
        """The SQL of an expression.

        Raises:
            ValidationException: a property is unknown, or an operator does not fit it.
        """
        if isinstance(part, Condition):
            return self.property(part.name).compare(part)
        if isinstance(part, Nested):
            made = self.nested(part)
            if made is None:
                raise ValidationException(
                    f"Nested filters are for properties that are lists; {part.name} of {self.name} is none."
                )
            return made
        parts = [self.where(inner) for inner in part.parts]
        if not parts:
            return true()
        return or_(*parts) if part.any else and_(*parts)
