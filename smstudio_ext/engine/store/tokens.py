"""Pages of listings: their tokens name the last row seen, so that they stay right while rows are written."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, and_, or_

from smstudio_ext.engine.errors import ValidationException

Item = TypeVar("Item")


@dataclass(frozen=True)
class Order:
    """The order of a listing.

    Attributes:
        column: what rows are sorted by; `unique` decides between rows with the same value.
        shape: what the listing is and how it is sorted; part of its tokens.
    """

    column: ColumnElement[Any]
    unique: ColumnElement[Any]
    descending: bool
    shape: str

    def behind(self, token: str | None) -> list[ColumnElement[bool]]:
        """The filter for rows behind the one that a token names; none without a token.

        Raises:
            ValidationException: the token is not one of this listing.
        """
        if not token:
            return []
        value, last = read_token(token, self.shape)
        column, unique = self.column, self.unique
        if self.descending:
            return [or_(column < value, and_(column == value, unique < last))]
        return [or_(column > value, and_(column == value, unique > last))]

    @property
    def sequence(self) -> list[ColumnElement[Any]]:
        """For `ORDER BY`."""
        columns = dict.fromkeys((self.column, self.unique))
        return [one.desc() if self.descending else one.asc() for one in columns]

    def page(
        self, found: list[Item], limit: int, values: Callable[[Item], tuple[float | str, str]]
    ) -> tuple[list[Item], str | None]:
        """The first `limit` of what was found, and the token of the next page.

        Args:
            found: one more than `limit` where there are more.
            values: those of the two columns.
        """
        items = found[:limit]
        more = len(found) > limit and bool(items)
        return items, make_token(*values(items[-1]), self.shape) if more else None


def make_token(value: float | str, name: str, shape: str) -> str:
    """The token of the page behind a row: it names the row, so that it stays right while rows are written."""
    return base64.urlsafe_b64encode(json.dumps([shape, value, name]).encode()).decode()


def read_token(token: str, shape: str) -> tuple[Any, str]:
    """Sort value and name of the row that a token names.

    Raises:
        ValidationException: the token is not one of a listing of this shape.
    """
    try:
        found, value, name = json.loads(base64.urlsafe_b64decode(token.encode()))
    except (ValueError, TypeError):
        raise ValidationException("Invalid NextToken: it was not returned by this engine.") from None
    if found != shape:
        raise ValidationException(
            "Invalid NextToken: it belongs to another listing, or to one with another sort order."
        )
    return value, str(name)
