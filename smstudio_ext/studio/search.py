"""AWS's Search over boto3, with hints in HTTP headers that the local engine honours and AWS ignores."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from smstudio_ext.target import Target

AWS_PAGE = 100
"""Most rows of one Search on AWS."""
LOCAL_PAGE = 10_000
"""Most rows of one Search on the local engine."""
AWS_FILTERS = 20
"""Most filters of one Search on AWS; the local engine has no such cap."""

_WITHOUT_SUGGESTIONS = frozenset(
    "AccessDeniedException AccessDenied UnknownOperationException UnknownOperation NotImplemented InvalidAction 404 500 501".split()
)
"""Codes of errors that say that a target has no suggestions for us; numbers are statuses of answers without a code."""

_log = logging.getLogger(__name__)
_HEADERS: ContextVar[dict[str, str] | None] = ContextVar("smstudio_hints", default=None)


@dataclass(frozen=True)
class Found:
    """One page of a Search.

    Attributes:
        results: the resources themselves, without the wrapper that names their type.
        total: how many match; None when the target does not tell.
        token: for the next page.
    """

    results: list[dict[str, Any]]
    total: int | None
    token: str | None


@contextmanager
def hints(
    client: Any,
    *,
    select: Sequence[str] | None = None,
    offset: int | None = None,
    max_points: int | None = None,
    period: float | None = None,
    group: str | None = None,
    history: bool = False,
    created: float | None = None,
) -> Iterator[None]:
    """Lets the client's calls in this block carry hints; whoever does not know them answers in full.

    Args:
        select: property paths, e.g. `TrialComponentName`, `Metrics.validation:f1`, `Parameters.eta`: the answer of
            Search holds only these.
        offset: Search begins at this row of the sorted result.
        max_points: BatchGetMetrics gives at most so many points a series, extremes kept.
        period: BatchGetMetrics over time gives a point for so many seconds instead of whole minutes, and times in
            milliseconds; 0 gives every value.
        group: Search answers a record for each value of this property instead of one for each component.
        history: ListApps answers all apps that ever were, also those deleted long ago.
        created: DescribeApp answers, of the apps that had one name after the other, the one of that time.
    """
    headers = {}
    if select is not None:
        headers["x-smstudio-select"] = ",".join(quote(path, safe="") for path in select)
    if offset:
        headers["x-smstudio-offset"] = str(offset)
    if max_points is not None:
        headers["x-smstudio-max-points"] = str(max_points)
    if period is not None:
        headers["x-smstudio-period"] = f"{period:g}"
    if history:
        headers["x-smstudio-history"] = "all"
    if created is not None:
        headers["x-smstudio-created"] = f"{created:.3f}"
    if group is not None:
        headers["x-smstudio-group"] = quote(group, safe="")
    client.meta.events.register("before-call", _add_headers, unique_id="smstudio-hints")
    before = _HEADERS.set(headers)
    try:
        yield
    finally:
        _HEADERS.reset(before)


def search(
    target: Target,
    resource: str,
    expression: dict[str, Any] | None = None,
    *,
    sort_by: str | None = None,
    descending: bool = True,
    limit: int = AWS_PAGE,
    offset: int = 0,
    token: str | None = None,
    select: Sequence[str] | None = None,
) -> Found:
    """One page of a Search.

    Args:
        limit: rows wanted; AWS gives at most 100 at a time.
        offset: first row; only the local engine can start anywhere, other targets need the token before it.
        select: what the rows must hold; other targets give everything.
    """
    sagemaker = target.client("sagemaker")
    request: dict[str, Any] = {
        "Resource": resource,
        "MaxResults": min(limit, LOCAL_PAGE if target.kind == "local" else AWS_PAGE),
    }
    if expression:
        request["SearchExpression"] = expression
    if sort_by:
        request |= {"SortBy": sort_by, "SortOrder": "Descending" if descending else "Ascending"}
    if token:
        request["NextToken"] = token
    if target.kind == "local":
        with hints(sagemaker, select=select, offset=offset):
            answer = sagemaker.search(**request)
    else:
        answer = sagemaker.search(**request)
    member = _MEMBERS.get(resource, resource)
    return Found(
        results=[each[member] for each in answer.get("Results", []) if member in each],
        total=answer.get("TotalHits", {}).get("Value"),
        token=answer.get("NextToken") or None,
    )


def search_all(
    target: Target,
    resource: str,
    expression: dict[str, Any] | None = None,
    *,
    at_most: int,
    sort_by: str | None = None,
    descending: bool = True,
    select: Sequence[str] | None = None,
    page: int = LOCAL_PAGE,
) -> Iterator[dict[str, Any]]:
    """All results, page after page, up to `at_most`; `page` rows are asked for at once."""
    token: str | None = None
    left = at_most
    while left > 0:
        found = search(
            target,
            resource,
            expression,
            sort_by=sort_by,
            descending=descending,
            limit=min(left, page),
            token=token,
            select=select,
        )
        yield from found.results[:left]
        left -= len(found.results)
        token = found.token
        if not token:
            return


def local_groups(
    target: Target, resource: str, expression: dict[str, Any] | None, by: str, metrics: Sequence[str]
) -> Found:
    """Groups of the local engine's resources, largest first; `total` is the number of rows in them.

    Args:
        metrics: metric paths that each group sums up, as `Metrics` of its record after the group's size.
    """
    sagemaker = target.client("sagemaker")
    request = {"SearchExpression": expression} if expression else {}
    with hints(sagemaker, select=metrics, group=by):
        answer = sagemaker.search(Resource=resource, **request)
    member = _MEMBERS.get(resource, resource)
    return Found([each[member] for each in answer["Results"]], answer["TotalHits"]["Value"], None)


def suggestions(target: Target, resource: str, hint: str) -> list[str]:
    """Names of properties that begin with `hint`, e.g. `Metrics.`; empty where the target does not offer or allow it.

    Pages then know the columns of the rows that they read, and say that there may be more.

    Raises:
        ClientError: anything else is wrong, e.g. the credentials have expired.
    """
    from botocore.exceptions import ClientError

    try:
        answer = target.client("sagemaker").get_search_suggestions(
            Resource=resource, SuggestionQuery={"PropertyNameQuery": {"PropertyNameHint": hint}}
        )
    except ClientError as error:
        code = str(error.response["Error"]["Code"])
        if code not in _WITHOUT_SUGGESTIONS:
            raise
        _log.info("SageMaker: no names of properties that begin with %s: %s", hint, code)
        return []
    return [each["PropertyName"] for each in answer.get("PropertyNameSuggestions", [])]


_MEMBERS = {"ExperimentTrial": "Trial", "ExperimentTrialComponent": "TrialComponent"}


def _add_headers(params: dict[str, Any], **_: Any) -> None:
    headers = _HEADERS.get()
    if headers:
        params["headers"].update(headers)
