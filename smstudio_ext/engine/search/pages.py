"""Pages of a search: sorted by any property, with tokens that name the last row and so stay right under writes."""

from __future__ import annotations

import base64
import hashlib
import json
from array import array
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, Connection, Select, and_, case, func, or_, select, true

from smstudio_ext.engine.errors import ValidationException
from smstudio_ext.engine.search.expressions import Group
from smstudio_ext.engine.search.properties import Property, Searched

if TYPE_CHECKING:
    from smstudio_ext.engine.search.orders import Orders

Value = ColumnElement[Any]


@dataclass(frozen=True)
class Wanted:
    """What a page is asked for.

    Attributes:
        stamp: the request without its token and page size; a token is good for the same stamp only.
        offset: how many rows of the sorted result to pass over (a hint of the pages; 0 with a token).
    """

    expression: Group
    sort_by: str
    descending: bool
    limit: int
    stamp: str
    token: str | None = None
    offset: int = 0


@dataclass(frozen=True)
class Found:
    """Rows of a page (the columns of `Searched.columns`), how many rows match in all, and the next page's token."""

    rows: list[Any]
    total: int
    token: str | None


@dataclass(frozen=True)
class _Key:
    """One value that rows are sorted by; never NULL."""

    value: Value
    descending: bool

    @property
    def order(self) -> ColumnElement[Any]:
        return self.value.desc() if self.descending else self.value.asc()


@dataclass(frozen=True)
class _Phase:
    """Rows of a result that come before those of the next phase: with the property that sorts, then without."""

    query: Select[Any]
    keys: list[_Key]


def search_page(connection: Connection, searched: Searched, wanted: Wanted, orders: Orders) -> Found:
    """One page.

    Raises:
        ValidationException: a property is unknown, an operator does not fit, or the token is not of this search.
    """
    shape = hashlib.sha256(wanted.stamp.encode()).hexdigest()[:16]
    if wanted.offset and wanted.token is None:
        order = orders.of(searched.name, wanted.stamp, lambda: _identities(connection, searched, wanted))
        rows = _rows_of(connection, searched, order[wanted.offset : wanted.offset + wanted.limit])
        return Found(rows, len(order), None)
    condition, total = matching(connection, searched, wanted)
    phases = _phases(searched, wanted, condition)
    return replace(_rows_behind(connection, searched, wanted, phases, shape), total=total)


def matching(connection: Connection, searched: Searched, wanted: Wanted) -> tuple[ColumnElement[bool], int]:
    """What a row must meet, and how many do. An expression is evaluated once: what it finds is a list from then on."""
    if not wanted.expression.parts:
        count = select(func.count()).select_from(searched.table).where(searched.base)
        return searched.base, int(connection.execute(count).scalar_one())
    condition = and_(searched.base, searched.where(wanted.expression))
    found = list(connection.execute(select(searched.identity).where(condition)).scalars())
    listed = func.json_each(json.dumps(found)).table_valued("value")
    return and_(searched.base, searched.identity.in_(select(listed.c.value))), len(found)


def _rows_behind(
    connection: Connection, searched: Searched, wanted: Wanted, phases: list[_Phase], shape: str
) -> Found:
    """The rows behind the one that the token names, or the first ones; one phase after the other."""
    start, after = (0, None) if wanted.token is None else _read(wanted.token, shape, phases)
    rows: list[Any] = []
    for number in range(start, len(phases)):
        keys = phases[number].keys
        labelled = [key.value.label(f"sort_{place}") for place, key in enumerate(keys)]
        query = phases[number].query.add_columns(*searched.columns, *labelled)
        if after is not None:
            query, after = query.where(_behind(keys, after)), None
        wants = wanted.limit + 1 - len(rows)
        found = list(connection.execute(query.order_by(*[key.order for key in keys]).limit(wants)))
        if len(found) == wants:
            last = (rows + found)[wanted.limit - 1]
            place = number if len(found) > 1 else number - 1  # the phase of the last row of the page
            token = _make(shape, place, last, len(phases[place].keys))
            return Found((rows + found)[: wanted.limit], 0, token)
        rows += found
    return Found(rows, 0, None)


def _phases(searched: Searched, wanted: Wanted, condition: ColumnElement[bool]) -> list[_Phase]:
    """Rows without a value come last in either order."""
    found = searched.property(wanted.sort_by)
    if not found.sort:
        raise ValidationException(f"Results cannot be sorted by {wanted.sort_by}.")
    keys = _keys(found, searched, wanted.descending)
    if found.join is None:
        return [_Phase(select().select_from(searched.table).where(condition), keys)]
    joined = found.join.table.join(searched.table, found.join.on)
    without = searched.identity.not_in(found.join.having)
    return [
        _Phase(select().select_from(joined).where(condition), keys),
        _Phase(
            select().select_from(searched.table).where(condition, without),
            [_Key(searched.identity, wanted.descending)],
        ),
    ]


def _keys(found: Property, searched: Searched, descending: bool) -> list[_Key]:
    keys = []
    for value in found.sort:
        if found.nullable:
            keys.append(_Key(case((value.is_(None), 1), else_=0), False))
            keys.append(_Key(func.coalesce(value, 0), descending))
        else:
            keys.append(_Key(value, descending))
    return [*keys, _Key(searched.identity, descending)]


def _identities(connection: Connection, searched: Searched, wanted: Wanted) -> list[Any] | array[int]:
    """What identifies every row of a result, in order."""
    condition = and_(searched.base, searched.where(wanted.expression))
    found: list[Any] = []
    for phase in _phases(searched, wanted, condition):
        query = phase.query.add_columns(searched.identity).order_by(*[key.order for key in phase.keys])
        found += connection.execute(query).scalars()
    return array("q", found) if found and isinstance(found[0], int) else found


def _rows_of(connection: Connection, searched: Searched, identities: Any) -> list[Any]:
    """The rows with these identities, in their order; those that are gone meanwhile are left out."""
    listed = func.json_each(json.dumps(list(identities))).table_valued("key", "value")
    query = (
        select(*searched.columns)
        .select_from(listed.join(searched.table, searched.identity == listed.c.value))
        .where(searched.base)
        .order_by(listed.c.key)
    )
    return list(connection.execute(query))


def _behind(keys: list[_Key], values: list[Any]) -> ColumnElement[bool]:
    """The rows behind one whose keys have these values."""
    parts: list[ColumnElement[bool]] = []
    for number, key in enumerate(keys):
        same = [before.value == value for before, value in zip(keys[:number], values, strict=False)]
        beyond = key.value < values[number] if key.descending else key.value > values[number]
        parts.append(and_(true(), *same, beyond))
    return or_(*parts)


def _make(shape: str, phase: int, row: Any, keys: int) -> str:
    values = [getattr(row, f"sort_{number}") for number in range(keys)]
    return base64.urlsafe_b64encode(json.dumps([shape, phase, *values]).encode()).decode()


def _read(token: str, shape: str, phases: list[_Phase]) -> tuple[int, list[Any]]:
    try:
        found, phase, *values = json.loads(base64.urlsafe_b64decode(token.encode()))
    except (ValueError, TypeError):
        raise ValidationException("Invalid NextToken: it was not returned by this engine.") from None
    plain = all(isinstance(value, (str, int, float)) for value in values)
    if (
        found != shape
        or phase not in range(len(phases))
        or len(values) != len(phases[phase].keys)
        or not plain
    ):
        raise ValidationException("Invalid NextToken: it belongs to another search.")
    return int(phase), values
