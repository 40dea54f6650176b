"""Tokens of pages: each names the last row seen."""

from __future__ import annotations

import base64
import json
from typing import Any

from smstudio_ext.engine.errors import ValidationException


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
        raise ValidationException("Invalid NextToken: it belongs to a listing with another sort order.")
    return value, str(name)
