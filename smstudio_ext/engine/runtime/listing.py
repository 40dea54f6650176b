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
) -> dict[str, Any]:
    """The output of a List call.

    Args:
        request: the call's validated input (NameContains, StatusEquals, CreationTimeAfter, SortBy, NextToken ...).
        member: output member that holds the summaries.
        summary: makes one of them.
    """
    page = ctx.store.resources.list(
        kind,
        region,
        sort_by=_SORT[request.get("SortBy", "CreationTime")],
        descending=request.get("SortOrder", "Descending") == "Descending",
        limit=request.get("MaxResults", DEFAULT_PAGE),
        token=request.get("NextToken"),
        status=request.get("StatusEquals"),
        name_contains=request.get("NameContains"),
        created_after=request.get("CreationTimeAfter"),
        created_before=request.get("CreationTimeBefore"),
        modified_after=request.get("LastModifiedTimeAfter"),
        modified_before=request.get("LastModifiedTimeBefore"),
    )
    output: dict[str, Any] = {member: [summary(resource) for resource in page.items]}
    if page.next_token is not None:
        output["NextToken"] = page.next_token
    return output
