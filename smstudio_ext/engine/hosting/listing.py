"""Pages of List operations of the hosting resources: filters, sorting and paging as AWS does them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from smstudio_ext.engine.store.resources import Page, SortKey

if TYPE_CHECKING:
    from smstudio_ext.engine.context import EngineContext

_SORT_KEYS: dict[str, SortKey] = {"Name": "name", "CreationTime": "created", "Status": "status"}
_DEFAULT_PAGE = 10


def list_page(ctx: EngineContext, region: str, kind: str, request: dict[str, Any]) -> Page:
    """One page of resources of a kind for the input of a List operation.

    The newest come first unless the request says otherwise; a page holds 10 by default, as on AWS.
    """
    return ctx.store.resources.list(
        kind,
        region,
        sort_by=_SORT_KEYS[request.get("SortBy", "CreationTime")],
        descending=request.get("SortOrder", "Descending") == "Descending",
        limit=request.get("MaxResults", _DEFAULT_PAGE),
        token=request.get("NextToken"),
        status=request.get("StatusEquals"),
        name_contains=request.get("NameContains"),
        created_after=seconds(request.get("CreationTimeAfter")),
        created_before=seconds(request.get("CreationTimeBefore")),
        modified_after=seconds(request.get("LastModifiedTimeAfter")),
        modified_before=seconds(request.get("LastModifiedTimeBefore")),
    )


def seconds(value: Any) -> float | None:
    """A timestamp of a request (number or datetime) in seconds since the epoch."""
    if value is None:
        return None
    return float(value.timestamp()) if hasattr(value, "timestamp") else float(value)
