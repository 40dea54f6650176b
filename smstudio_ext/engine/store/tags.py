"""Tags of resources."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Connection, delete, insert, select

from smstudio_ext.engine.store import tables
from smstudio_ext.engine.store.database import Database


class TagStore:
    """Tags of any resource, by ARN."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def put(self, arn: str, tags: Iterable[dict[str, str]]) -> None:
        """Adds tags (`{"Key": ..., "Value": ...}`); a key that is there gets the new value."""
        with self._database.write() as connection:
            write_tags(connection, arn, tags)

    def delete(self, arn: str, keys: Iterable[str]) -> None:
        """Takes tags away; keys that are not there are ignored."""
        table = tables.tags
        with self._database.write() as connection:
            connection.execute(delete(table).where(table.c.arn == arn, table.c.key.in_(list(keys))))

    def get(self, arn: str) -> list[dict[str, str]]:
        """All tags of a resource, by key."""
        table = tables.tags
        with self._database.read() as connection:
            rows = connection.execute(
                select(table.c.key, table.c.value).where(table.c.arn == arn).order_by(table.c.key)
            )
            return [{"Key": row.key, "Value": row.value} for row in rows]


def write_tags(connection: Connection, arn: str, tags: Iterable[dict[str, str]]) -> None:
    """Adds tags of a resource within a transaction that is open."""
    for tag in tags:
        connection.execute(
            delete(tables.tags).where(tables.tags.c.arn == arn, tables.tags.c.key == tag["Key"])
        )
        connection.execute(insert(tables.tags).values(arn=arn, key=tag["Key"], value=tag["Value"]))
