"""Pages of notebook instances, lifecycle configurations and code repositories: filters, sorting and paging as on AWS."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from smstudio_ext.engine.hosting.listing import seconds
from smstudio_ext.engine.notebook_instances.instances import KIND
from smstudio_ext.engine.store.resources import Page, SortKey

if TYPE_CHECKING:
    from smstudio_ext.engine.context import EngineContext

_SORT_KEYS: dict[str, SortKey] = {
    "Name": "name",
    "CreationTime": "created",
    "LastModifiedTime": "modified",
    "Status": "status",
}
_DEFAULT_PAGE = 10


def list_instances(ctx: EngineContext, region: str, request: dict[str, Any]) -> Page:
    """One page of notebook instances; by name unless told otherwise.

    A page may hold fewer than asked for while there are more, as AWS's may.
    """
    asked = {"SortBy": "Name", "SortOrder": "Ascending", **request}
    page = list_by_time(ctx, region, KIND, asked)
    while True:
        kept = [item for item in page.items if _wanted(item.document, request)]
        if kept or page.next_token is None:
            return Page(kept, page.next_token)
        page = list_by_time(ctx, region, KIND, {**asked, "NextToken": page.next_token})


def list_by_time(ctx: EngineContext, region: str, kind: str, request: dict[str, Any]) -> Page:
    """One page of resources of a kind; the newest first unless told otherwise, 10 by default."""
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


def _wanted(document: dict[str, Any], request: dict[str, Any]) -> bool:
    for member, key in (
        ("NotebookInstanceLifecycleConfigNameContains", "NotebookInstanceLifecycleConfigName"),
        ("DefaultCodeRepositoryContains", "DefaultCodeRepository"),
    ):
        if request.get(member) and request[member] not in document.get(key, ""):
            return False
    repository = request.get("AdditionalCodeRepositoryEquals")
    return not repository or repository in (document.get("AdditionalCodeRepositories") or ())
