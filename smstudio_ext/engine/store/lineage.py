"""Entities and edges of the lineage graph in the data base."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from typing import Any, Literal

from sqlalchemy import ColumnElement, Connection, Row, and_, delete, insert, or_, select, update
from sqlalchemy.exc import IntegrityError

from smstudio_ext.engine.store import tables
from smstudio_ext.engine.store.database import Database
from smstudio_ext.engine.store.tokens import Order

EntityKind = Literal["Artifact", "Context", "Action"]
SortKey = Literal["created", "name"]
Side = Literal["source", "destination"]

_E = tables.lineage_entities.c
_A = tables.lineage_associations.c
_MOST_MARKS = 500
"""ARNs in one query; SQLite takes 999 parameters at least."""


class EntityExists(Exception):
    """An entity of that ARN exists."""


@dataclass
class Entity:
    """An artifact, context or action.

    Attributes:
        type: ArtifactType, ContextType or ActionType.
        document: members of the Describe output; timestamps are seconds since the epoch.
    """

    arn: str
    kind: EntityKind
    region: str
    name: str
    type: str
    source_uri: str
    created: float
    modified: float
    document: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Association:
    """A directed edge."""

    source_arn: str
    destination_arn: str
    region: str
    type: str | None
    created: float


class LineageStore:
    """Reads and writes the lineage graph. All methods are safe from any thread."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def create(self, entity: Entity, tags: Iterable[dict[str, str]] = ()) -> None:
        """Writes a new entity with its tags.

        Raises:
            EntityExists: one of that ARN is there.
        """
        try:
            with self._database.write() as connection:
                connection.execute(insert(tables.lineage_entities), _to_row(entity))
                for tag in tags:
                    connection.execute(
                        insert(tables.tags).values(arn=entity.arn, key=tag["Key"], value=tag["Value"])
                    )
        except IntegrityError:
            raise EntityExists(entity.arn) from None

    def record(self, entities: Iterable[Entity], edges: Iterable[Association]) -> None:
        """Adds what is not there yet; what is there stays as it is. One transaction, not waiting for the disk."""
        with self._database.write(durable=False) as connection:
            for entity in entities:
                if connection.execute(select(_E.arn).where(_E.arn == entity.arn)).first() is None:
                    connection.execute(insert(tables.lineage_entities), _to_row(entity))
            for edge in edges:
                _add_edge(connection, edge)

    def find(self, arn: str) -> Entity | None:
        """The entity of that ARN, or None."""
        with self._database.read() as connection:
            row = connection.execute(select(tables.lineage_entities).where(_E.arn == arn)).first()
        return None if row is None else _from_row(row)

    def find_many(self, arns: Collection[str]) -> dict[str, Entity]:
        """Those entities of these ARNs that exist."""
        found: dict[str, Entity] = {}
        with self._database.read() as connection:
            for part in _parts(arns):
                for row in connection.execute(select(tables.lineage_entities).where(_E.arn.in_(part))):
                    found[row.arn] = _from_row(row)
        return found

    def change(self, entity: Entity) -> bool:
        """Writes document and time of change of an entity; False when it is gone."""
        with self._database.write() as connection:
            done = connection.execute(
                update(tables.lineage_entities)
                .where(_E.arn == entity.arn)
                .values(name=entity.name, modified=entity.modified, document=json.dumps(entity.document))
            )
            return bool(done.rowcount)

    def delete(self, arn: str) -> bool:
        """Takes an entity with its tags away; False when there is none. Its associations must be gone before."""
        with self._database.write() as connection:
            connection.execute(delete(tables.tags).where(tables.tags.c.arn == arn))
            return bool(connection.execute(delete(tables.lineage_entities).where(_E.arn == arn)).rowcount)

    def page(
        self,
        kind: EntityKind,
        region: str,
        *,
        source_uri: str | None = None,
        type_: str | None = None,
        created_after: float | None = None,
        created_before: float | None = None,
        sort_by: SortKey = "created",
        descending: bool = True,
        limit: int = 10,
        token: str | None = None,
    ) -> tuple[list[Entity], str | None]:
        """A page of entities and the token of the next one.

        Raises:
            ValidationException: the token is not one of this listing's.
        """
        where: list[ColumnElement[bool]] = [_E.kind == kind, _E.region == region]
        if source_uri is not None:
            where.append(_E.source_uri == source_uri)
        if type_ is not None:
            where.append(_E.type == type_)
        if created_after is not None:
            where.append(_E.created >= created_after)
        if created_before is not None:
            where.append(_E.created <= created_before)
        column = _E.created if sort_by == "created" else _E.name
        order = Order(column, _E.arn, descending, f"{kind}{sort_by}{'-' if descending else '+'}")
        where += order.behind(token)
        query = select(tables.lineage_entities).where(*where).order_by(*order.sequence).limit(limit + 1)
        with self._database.read() as connection:
            found = [_from_row(row) for row in connection.execute(query)]
        return order.page(found, limit, lambda one: (getattr(one, sort_by), one.arn))

    def associate(self, edge: Association) -> bool:
        """Adds an edge; False when there is one between the two."""
        with self._database.write() as connection:
            return _add_edge(connection, edge)

    def dissociate(self, source_arn: str, destination_arn: str) -> bool:
        """Takes an edge away; False when there is none."""
        with self._database.write() as connection:
            done = connection.execute(
                delete(tables.lineage_associations).where(
                    _A.source_arn == source_arn, _A.destination_arn == destination_arn
                )
            )
            return bool(done.rowcount)

    def has_edges(self, arn: str) -> bool:
        """Whether an entity is an end of any edge."""
        with self._database.read() as connection:
            query = select(_A.source_arn).where(or_(_A.source_arn == arn, _A.destination_arn == arn)).limit(1)
            return connection.execute(query).first() is not None

    def edges(
        self,
        region: str,
        *,
        source_arn: str | None = None,
        destination_arn: str | None = None,
        created_after: float | None = None,
        created_before: float | None = None,
    ) -> list[Association]:
        """Every edge with these ends, oldest first."""
        where: list[ColumnElement[bool]] = [_A.region == region]
        if source_arn is not None:
            where.append(_A.source_arn == source_arn)
        if destination_arn is not None:
            where.append(_A.destination_arn == destination_arn)
        if created_after is not None:
            where.append(_A.created >= created_after)
        if created_before is not None:
            where.append(_A.created <= created_before)
        query = select(tables.lineage_associations).where(*where)
        with self._database.read() as connection:
            return [_edge(row) for row in connection.execute(query.order_by(_A.created, _A.source_arn))]

    def touching(self, arns: Collection[str], side: Side) -> list[Association]:
        """Every edge whose source (or destination) is one of these ARNs."""
        column = _A.source_arn if side == "source" else _A.destination_arn
        found: list[Association] = []
        with self._database.read() as connection:
            for part in _parts(arns):
                query = select(tables.lineage_associations).where(column.in_(part))
                found += [_edge(row) for row in connection.execute(query)]
        return found


def _add_edge(connection: Connection, edge: Association) -> bool:
    here = and_(_A.source_arn == edge.source_arn, _A.destination_arn == edge.destination_arn)
    if connection.execute(select(_A.region).where(here)).first() is not None:
        return False
    connection.execute(
        insert(tables.lineage_associations).values(
            source_arn=edge.source_arn,
            destination_arn=edge.destination_arn,
            region=edge.region,
            type=edge.type,
            created=edge.created,
        )
    )
    return True


def _parts(arns: Collection[str]) -> Iterable[list[str]]:
    listed = list(arns)
    return (listed[at : at + _MOST_MARKS] for at in range(0, len(listed), _MOST_MARKS))


def _to_row(entity: Entity) -> dict[str, Any]:
    return {
        "arn": entity.arn,
        "kind": entity.kind,
        "region": entity.region,
        "name": entity.name,
        "type": entity.type,
        "source_uri": entity.source_uri,
        "created": entity.created,
        "modified": entity.modified,
        "document": json.dumps(entity.document),
    }


def _from_row(row: Row[Any]) -> Entity:
    return Entity(
        arn=row.arn,
        kind=row.kind,
        region=row.region,
        name=row.name,
        type=row.type,
        source_uri=row.source_uri,
        created=row.created,
        modified=row.modified,
        document=json.loads(row.document),
    )


def _edge(row: Row[Any]) -> Association:
    return Association(row.source_arn, row.destination_arn, row.region, row.type, row.created)
