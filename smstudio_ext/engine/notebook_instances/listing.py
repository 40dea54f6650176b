"""Pages of notebook instances: filters, sorting and paging as on AWS."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from smstudio_ext.engine.notebook_instances.instances import KIND
from smstudio_ext.engine.runtime.listing import list_page
from smstudio_ext.engine.store.resources import Page

if TYPE_CHECKING:
    from smstudio_ext.engine.context import EngineContext


def list_instances(ctx: EngineContext, region: str, request: dict[str, Any]) -> Page:
    """One page of notebook instances; by name unless told otherwise.

    A page may hold fewer than asked for while there are more, as AWS's may.
    """
    asked = {"SortBy": "Name", "SortOrder": "Ascending", **request}
    page = list_page(ctx, region, KIND, asked)
    while True:
        kept = [item for item in page.items if _wanted(item.document, request)]
        if kept or page.next_token is None:
            return Page(kept, page.next_token)
        page = list_page(ctx, region, KIND, {**asked, "NextToken": page.next_token})


def _wanted(document: dict[str, Any], request: dict[str, Any]) -> bool:
    for member, key in (
        ("NotebookInstanceLifecycleConfigNameContains", "NotebookInstanceLifecycleConfigName"),
        ("DefaultCodeRepositoryContains", "DefaultCodeRepository"),
    ):
        if request.get(member) and request[member] not in document.get(key, ""):
            return False
    repository = request.get("AdditionalCodeRepositoryEquals")
    return not repository or repository in (document.get("AdditionalCodeRepositories") or ())
