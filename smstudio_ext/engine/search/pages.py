"""Pages of a search: sorted by any property, with tokens that name the last row and so stay right under writes."""

from __future__ import annotations

import base64
import hashlib
import json
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, case, func, or_, select

from smstudio_ext.engine.errors import ValidationException
from smstudio_ext.engine.search.expressions import Group
from smstudio_ext.engine.search.properties import Join, Searched

Value = ColumnElement[Any]


@dataclass(frozen=True)
class Wanted:
    """What a page is asked for.

    Attributes:
        offset: how many rows of the sorted result to pass over (a hint of the pages; 0 with a token).
    """

    expression: Group
    sort_by: str
    descending: bool
    limit: int
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


def search_page(connection: Connection, searched: Searched, wanted: Wanted, stamp: str) -> Found:
    """One page.

    Args:
        stamp: the request without its token and page size; a token is good for the same stamp only.

    Raises:
        ValidationException: a property is unknown, an operator does not fit, or the token is not of this search.
    """
    condition = and_(searched.base, searched.where(wanted.expression))
    total = int(
        connection.execute(select(func.count()).select_from(searched.table).where(condition)).scalar_one()
    )
    keys, join = _keys(searched, wanted)
    labelled = [key.value.label(f"sort_{number}") for number, key in enumerate(keys)]
    query = select(*searched.columns, *labelled).select_from(
        searched.table if join is None else searched.table.outerjoin(join.table, join.on)
    )
    query = query.where(condition)
    shape = hashlib.sha256(stamp.encode()).hexdigest()[:16]
    if wanted.token is not None:
        query = query.where(_behind(keys, _read(wanted.token, shape, len(keys))))
    query = query.order_by(*[key.value.desc() if key.descending else key.value.asc() for key in keys])
    query = query.limit(wanted.limit + 1)
    if wanted.offset and wanted.token is None:
        query = query.offset(wanted.offset)
    rows: list[Any] = list(connection.execute(query))
    if len(rows) <= wanted.limit:
        return Found(rows, total, None)
    last = rows[wanted.limit - 1]
    token = _make(shape, [getattr(last, f"sort_{number}") for number in range(len(keys))])
    return Found(rows[: wanted.limit], total, token)


def _keys(searched: Searched, wanted: Wanted) -> tuple[list[_Key], Join | None]:
    """Rows without a value come last in either order, so whether there is one is a key of its own."""
    found = searched.property(wanted.sort_by)
    if not found.sort:
        raise ValidationException(f"Results cannot be sorted by {wanted.sort_by}.")
    keys = []
    for value in found.sort:
        if found.nullable:
            keys.append(_Key(case((value.is_(None), 1), else_=0), False))
            keys.append(_Key(func.coalesce(value, 0), wanted.descending))
        else:
            keys.append(_Key(value, wanted.descending))
    return [*keys, _Key(searched.identity, wanted.descending)], found.join


def _behind(keys: list[_Key], values: list[Any]) -> ColumnElement[bool]:
    """The rows behind one whose keys have these values."""
    parts: list[ColumnElement[bool]] = []
    for number, key in enumerate(keys):
        same = [before.value == value for before, value in zip(keys[:number], values, strict=False)]
        beyond = key.value < values[number] if key.descending else key.value > values[number]
        parts.append(and_(*same, beyond))
    return or_(*parts)


def _make(shape: str, values: list[Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps([shape, *values]).encode()).decode()


def _read(token: str, shape: str, count: int) -> list[Any]:
    try:
        found, *values = json.loads(base64.urlsafe_b64decode(token.encode()))
    except (ValueError, TypeError):
        raise ValidationException("Invalid NextToken: it was not returned by this engine.") from None
    plain = all(isinstance(value, (str, int, float)) for value in values)
    if found != shape or len(values) != count or not plain:
        raise ValidationException("Invalid NextToken: it belongs to another search.")
    return list(values)
