"""Search and GetSearchSuggestions at the wire."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import unquote

from smstudio_ext.engine.context import Call, EngineContext
from smstudio_ext.engine.errors import ValidationException
from smstudio_ext.engine.experiments.naming import COMPONENT
from smstudio_ext.engine.experiments.part import Experiments
from smstudio_ext.engine.search.component_records import component_records
from smstudio_ext.engine.search.expressions import read_expression
from smstudio_ext.engine.search.groups import component_groups
from smstudio_ext.engine.search.hints import number_hint, selection_of
from smstudio_ext.engine.search.orders import Orders
from smstudio_ext.engine.search.pages import Found, Wanted, search_page
from smstudio_ext.engine.search.records import document_records
from smstudio_ext.engine.search.resources import KINDS, searched
from smstudio_ext.engine.search.suggestions import suggest
from smstudio_ext.engine.services.registry import operation
from smstudio_ext.engine.settings import ACCOUNT_ID

Document = dict[str, Any]

PAGE = 10
LARGEST_PAGE = 10_000
_PAGING = ("NextToken", "MaxResults")
_UNCAPPED = frozenset({"maxResults", "filters", "nestedFilters", "subExpressions"})


@operation("sagemaker", "Search", inline=False, uncapped=_UNCAPPED)
def search(ctx: EngineContext, call: Call, request: Document) -> Document | bytes:
    """Finds resources; a worker thread does it, as a large account takes a while."""
    experiments = Experiments.of(ctx)
    resource = request["Resource"]
    limit = request.get("MaxResults", PAGE)
    if limit > LARGEST_PAGE:
        raise ValidationException(f"MaxResults must be at most {LARGEST_PAGE} on the local engine.")
    stamp = [call.region, {key: value for key, value in request.items() if key not in _PAGING}]
    wanted = Wanted(
        expression=read_expression(request.get("SearchExpression")),
        sort_by=request.get("SortBy", "LastModifiedTime"),
        descending=request.get("SortOrder", "Descending") == "Descending",
        limit=limit,
        stamp=json.dumps(stamp, sort_keys=True),
        token=request.get("NextToken"),
        offset=number_hint(call.hints, "offset") or 0,
    )
    selection = selection_of(call.hints)
    with ctx.store.database.snapshot() as connection:
        source = searched(connection, resource, call.region, experiments.names)
        if not _visible(request):
            return {"Results": [], "TotalHits": {"Value": 0, "Relation": "EqualTo"}}
        if resource == COMPONENT and "group" in call.hints:
            by = unquote(call.hints["group"])
            groups, rows = component_groups(connection, source, wanted, experiments.names, by, selection)
            return {"Results": groups, "TotalHits": {"Value": rows, "Relation": "EqualTo"}}
        found = search_page(connection, source, wanted, Orders.of_engine(ctx))
        if resource == COMPONENT:
            records = component_records(connection, experiments, call.region, found.rows, selection)
            return _text(records, found)
        documents = document_records(connection, found.rows, selection)
    if resource == "Model":
        documents = [{"Model": document} for document in documents]
    output: Document = {
        "Results": [{KINDS[resource].record: document} for document in documents],
        "TotalHits": {"Value": found.total, "Relation": "EqualTo"},
    }
    return output if found.token is None else {**output, "NextToken": found.token}


def _text(records: list[bytes], found: Found) -> bytes:
    token = "" if found.token is None else f',"NextToken":{json.dumps(found.token)}'
    hits = f'{{"Value":{found.total},"Relation":"EqualTo"}}'
    pieces = [b'{"Results":[']
    for record in records:
        pieces += (record, b",")
    if records:
        pieces.pop()
    pieces.append(f'],"TotalHits":{hits}{token}}}'.encode())
    return b"".join(pieces)  # one copy of what may be megabytes


@operation("sagemaker", "GetSearchSuggestions", inline=False)
def get_search_suggestions(ctx: EngineContext, call: Call, request: Document) -> Document:
    """Names of properties; all that fit for trial components, where AWS gives ten."""
    query = (request.get("SuggestionQuery") or {}).get("PropertyNameQuery") or {}
    names = suggest(
        ctx.store,
        Experiments.of(ctx).names,
        call.region,
        request["Resource"],
        query.get("PropertyNameHint", ""),
    )
    return {"PropertyNameSuggestions": [{"PropertyName": name} for name in names]}


def _visible(request: Document) -> bool:
    """Whether the searched account is this one: resources of others are not shared with a local engine."""
    if request.get("CrossAccountFilterOption") == "CrossAccount":
        return False
    for condition in request.get("VisibilityConditions") or ():
        if condition.get("Key") == "SourceAccount" and condition.get("Value") not in ("", ACCOUNT_ID):
            return False
    return True
