"""Listings: SageMaker's filters, orders and paging over the store."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from smstudio_ext.engine.context import EngineContext
    from smstudio_ext.engine.store.resources import Page, Resource, SortKey

DEFAULT_PAGE = 10
_SORT: dict[str, SortKey] = {
    "Name": "name",
    "CreationTime": "created",
    "LastModifiedTime": "modified",
    "Status": "status",
}


def list_page(ctx: EngineContext, region: str, kind: str, request: dict[str, Any]) -> Page:
    """One page of resources of a kind for the input of a List operation.

    The newest come first unless the request says otherwise; a page holds 10 by default, as on AWS.
    """
    return ctx.store.resources.list(
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
        page = list_page(ctx, region, kind, {**request, "MaxResults": size - len(found), "NextToken": token})
        found += [resource for resource in page.items if wanted is None or wanted(resource)]
        token = page.next_token
        if token is None or len(found) >= size:
            break
    output: dict[str, Any] = {member: [summary(resource) for resource in found]}
    if token is not None:
        output["NextToken"] = token
    return output
