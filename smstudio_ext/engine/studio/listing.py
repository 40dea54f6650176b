"""Pages of Studio's resources: rows of one or several kinds in one order."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Literal

from sqlalchemy import ColumnElement, and_, func, select

from smstudio_ext.engine.store import tables
from smstudio_ext.engine.store.resources import Page, Resource, read_resources
from smstudio_ext.engine.store.tokens import Order, make_token, read_token

if TYPE_CHECKING:
    from smstudio_ext.engine.context import EngineContext

DEFAULT_PAGE = 10
_SORT: dict[str, Literal["created", "modified", "name"]] = {
    "CreationTime": "created",
    "LastModifiedTime": "modified",
    "Name": "name",
    "CREATION_TIME": "created",
    "LAST_MODIFIED_TIME": "modified",
    "IMAGE_NAME": "name",
    "VERSION": "name",
}
_ROW = tables.resources.c


def of_kind(*kinds: str) -> ColumnElement[bool]:
    """Rows of one of these kinds."""
    return _ROW.kind.in_(kinds)


def within(prefix: str) -> ColumnElement[bool]:
    """Rows whose names begin with `prefix` (a name and a slash)."""
    return and_(prefix <= _ROW.name, _ROW.name < prefix + "\U0010ffff")


def name_contains(text: str | None) -> list[ColumnElement[bool]]:
    """A filter for names that hold `text`, whatever its case; none without text."""
    return [func.lower(_ROW.name).contains(text.lower(), autoescape=True)] if text else []


def own_name_contains(text: str | None) -> list[ColumnElement[bool]]:
    """A filter for rows named `domain/name` whose name holds `text` (letters, digits, hyphens); none without text."""
    return [func.lower(_ROW.name).like(f"%/%{text.lower()}%")] if text else []


def member_is(member: str, value: str | None) -> list[ColumnElement[bool]]:
    """A filter for rows whose document has this value (plain letters) of a member; none without a value."""
    if not value:
        return []
    return [_ROW.document.contains(f'"{member}":"{value}"', autoescape=True)]


def times(request: dict[str, Any], *, modified: str = "LastModifiedTime") -> list[ColumnElement[bool]]:
    """The filters by time of a request.

    Args:
        modified: how the request's members for the last change begin.
    """
    filters: list[ColumnElement[bool]] = []
    for member, column in (("CreationTime", _ROW.created), (modified, _ROW.modified)):
        if request.get(f"{member}After") is not None:
            filters.append(column > request[f"{member}After"])
        if request.get(f"{member}Before") is not None:
            filters.append(column < request[f"{member}Before"])
    return filters


def page(
    ctx: EngineContext,
    region: str,
    where: Sequence[ColumnElement[bool]],
    request: dict[str, Any],
    *,
    descending: bool = False,
    sort_by: str = "CreationTime",
) -> Page:
    """One page of rows.

    Args:
        where: filters besides the region.
        request: SortBy, SortOrder, MaxResults and NextToken of the call.
        descending, sort_by: the order where the request names none.

    Raises:
        ValidationException: the token is not one of this listing.
    """
    key = _SORT[request.get("SortBy") or sort_by]
    asked = request.get("SortOrder")
    if asked is not None:
        descending = asked.upper() == "DESCENDING"
    limit = request.get("MaxResults") or DEFAULT_PAGE
    order = Order(_ROW[key], _ROW.name, descending, f"studio|{key}|{descending}")
    filters = [_ROW.region == region, *where, *order.behind(request.get("NextToken"))]
    query = select(tables.resources).where(*filters).order_by(*order.sequence).limit(limit + 1)
    with ctx.store.database.read() as connection:
        found = read_resources(connection, query)
    return Page(*order.page(found, limit, lambda one: (getattr(one, key), one.name)))


def every(ctx: EngineContext, region: str, *where: ColumnElement[bool]) -> list[Resource]:
    """All rows that the filters let through, oldest first."""
    query = select(tables.resources).where(_ROW.region == region, *where).order_by(_ROW.created, _ROW.name)
    with ctx.store.database.read() as connection:
        return read_resources(connection, query)


def any_row(ctx: EngineContext, region: str, *where: ColumnElement[bool]) -> bool:
    """Whether there is such a row."""
    query = select(_ROW.name).where(_ROW.region == region, *where).limit(1)
    with ctx.store.database.read() as connection:
        return connection.execute(query).first() is not None


def part(items: list[str], request: dict[str, Any], default: int) -> tuple[list[str], str | None]:
    """One page of a sorted list that is at hand whole, and the token of the next one.

    Raises:
        ValidationException: the token is not one of such a list.
    """
    token = request.get("NextToken")
    if token:
        last = read_token(token, "studio|list")[1]
        items = [item for item in items if item > last]
    limit = request.get("MaxResults") or default
    found = items[:limit]
    return found, make_token(0, found[-1], "studio|list") if len(items) > limit else None
