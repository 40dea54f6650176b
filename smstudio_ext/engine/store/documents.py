"""Small JSON documents by family and key: roles and policies, temporary credentials, facts about the engine."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import delete, insert, select

from smstudio_ext.engine.store import tables
from smstudio_ext.engine.store.database import Database

Document = dict[str, Any]

SESSIONS = "sts-session"
"""Family of the temporary credentials that STS gave out, by access key."""


class DocumentStore:
    """Reads and writes documents. All methods are safe from any thread."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def get(self, family: str, key: str) -> Document | None:
        """The document, or None."""
        table = tables.documents
        with self._database.read() as connection:
            row = connection.execute(
                select(table.c.value).where(table.c.family == family, table.c.key == key)
            ).first()
        return None if row is None else json.loads(row.value)

    def all(self, family: str) -> list[Document]:
        """Every document of a family, by key."""
        table = tables.documents
        with self._database.read() as connection:
            rows = connection.execute(
                select(table.c.value).where(table.c.family == family).order_by(table.c.key)
            )
            return [json.loads(row.value) for row in rows]

    def put(self, family: str, key: str, document: Document) -> None:
        """Writes a document, in place of one that is there."""
        with self._database.write() as connection:
            connection.execute(
                delete(tables.documents).where(
                    tables.documents.c.family == family, tables.documents.c.key == key
                )
            )
            connection.execute(
                insert(tables.documents).values(family=family, key=key, value=json.dumps(document))
            )

    def delete(self, family: str, key: str) -> bool:
        """Takes a document away; says whether it was there."""
        with self._database.write() as connection:
            result = connection.execute(
                delete(tables.documents).where(
                    tables.documents.c.family == family, tables.documents.c.key == key
                )
            )
            return bool(result.rowcount)

    @contextmanager
    def changing(self, family: str, key: str) -> Iterator[Document | None]:
        """Read-modify-write under the write lock: change the yielded document (None if missing), it is written at the end."""
        table = tables.documents
        where = (table.c.family == family, table.c.key == key)
        with self._database.write() as connection:
            row = connection.execute(select(table.c.value).where(*where)).first()
            document: Document | None = None if row is None else json.loads(row.value)
            yield document
            if document is not None:
                connection.execute(table.update().where(*where).values(value=json.dumps(document)))
