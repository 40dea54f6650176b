"""Search records: what an answer tells of each resource found."""

from __future__ import annotations

import json
from collections import defaultdict
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select

from smstudio_ext.engine.search.hints import Selection, pruned
from smstudio_ext.engine.store import tables

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sqlalchemy import Connection, Row

Document = dict[str, Any]


def document_records(
    connection: Connection, rows: Sequence[Row[Any]], selection: Selection
) -> list[Document]:
    """Resources as Search shows them: their documents with their tags."""
    tags = tags_of(connection, [row.arn for row in rows]) if selection.any("Tags") else {}
    documents = []
    for row in rows:
        document = json.loads(row.document)
        if selection.any("Tags"):
            document["Tags"] = tags.get(row.arn, [])
        documents.append(pruned(document, selection))
    return documents


def tags_of(connection: Connection, arns: Iterable[str]) -> dict[str, list[Document]]:
    """The tags of resources that have any, by ARN."""
    table = tables.tags
    query = select(table).where(table.c.arn.in_(many(arns))).order_by(table.c.key)
    found: dict[str, list[Document]] = defaultdict(list)
    for row in connection.execute(query):
        found[row.arn].append({"Key": row.key, "Value": row.value})
    return found


def many(values: Iterable[Any]) -> Any:
    """Values as a subquery of one bound JSON list: ten thousand bound values would cost more than the query."""
    rows = func.json_each(json.dumps(list(values))).table_valued("value")
    return select(rows.c.value)
