"""Listings of jobs: SageMaker's filters, orders and paging over the store."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from smstudio_ext.engine.context import EngineContext
    from smstudio_ext.engine.store.resources import Resource, SortKey

DEFAULT_PAGE = 10
_SORT: dict[str, SortKey] = {
    "Name": "name",
    "CreationTime": "created",
    "LastModifiedTime": "modified",
    "Status": "status",
}


def list_resources(
    ctx: EngineContext,
    kind: str,
    region: str,
    request: dict[str, Any],
    member: str,
    summary: Callable[[Resource], dict[str, Any]],
    *,
    wanted: Callable[[Resource], bool] | None = None,
) -> dict[str, Any]:
    """The output of a List call.

    Args:
        request: the call's validated input (NameContains, StatusEquals, CreationTimeAfter, SortBy, NextToken ...).
        member: output member that holds the summaries.
        summary: makes one of them.
        wanted: a filter besides those of the request; a page holds as many as it may nevertheless.
    """
    size = request.get("MaxResults", DEFAULT_PAGE)
    token = request.get("NextToken")
    found: list[Resource] = []
    while True:
        page = ctx.store.resources.list(
            kind,
            region,
            sort_by=_SORT[request.get("SortBy", "CreationTime")],
            descending=request.get("SortOrder", "Descending") == "Descending",
            limit=size - len(found),
            token=token,
            status=request.get("StatusEquals"),
            name_contains=request.get("NameContains"),
            created_after=request.get("CreationTimeAfter"),
            created_before=request.get("CreationTimeBefore"),
            modified_after=request.get("LastModifiedTimeAfter"),
            modified_before=request.get("LastModifiedTimeBefore"),
        )
        found += [resource for resource in page.items if wanted is None or wanted(resource)]
        token = page.next_token
        if token is None or len(found) >= size:
            break
    output: dict[str, Any] = {member: [summary(resource) for resource in found]}
    if token is not None:
        output["NextToken"] = token
    return output
