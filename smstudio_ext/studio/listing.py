"""How the lists of all panels ask AWS: search, status, order, paging."""

from __future__ import annotations

import re
from typing import Any, Protocol

_NAME_CHARACTERS = re.compile(r"[a-zA-Z0-9-]+")


class ListQuery(Protocol):
    """What the list queries of the panels have in common."""

    @property
    def search(self) -> str | None: ...
    @property
    def status(self) -> str | None: ...
    @property
    def sort_by(self) -> str: ...
    @property
    def sort_order(self) -> str: ...
    @property
    def max_results(self) -> int: ...
    @property
    def next_token(self) -> str | None: ...


def list_request(query: ListQuery) -> dict[str, Any] | None:
    """Members of a SageMaker List call; None when no name can match, because names never hold such characters."""
    request: dict[str, Any] = {
        "SortBy": query.sort_by,
        "SortOrder": query.sort_order,
        "MaxResults": query.max_results,
    }
    search = (query.search or "").strip()
    if search:
        if not _NAME_CHARACTERS.fullmatch(search):
            return None
        request["NameContains"] = search
    if query.status:
        request["StatusEquals"] = query.status
    for member, bound in (("CreationTimeAfter", "created_after"), ("CreationTimeBefore", "created_before")):
        if getattr(query, bound, None):
            request[member] = getattr(query, bound)
    if query.next_token:
        request["NextToken"] = query.next_token
    return request
