"""Resources of AWS's control planes: one row each, with the Describe document and the controller's own state."""

from __future__ import annotations

import json
import operator
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Literal

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    Select,
    and_,
    bindparam,
    delete,
    func,
    insert,
    select,
    update,
)
from sqlalchemy.exc import IntegrityError

from smstudio_ext.engine.clock import Clock
from smstudio_ext.engine.store import tables
from smstudio_ext.engine.store.changes import Change, ChangeBus
from smstudio_ext.engine.store.database import Database
from smstudio_ext.engine.store.documents import DocumentStore
from smstudio_ext.engine.store.lineage import LineageStore
from smstudio_ext.engine.store.tags import TagStore, write_tags
from smstudio_ext.engine.store.tokens import Order

_COLUMNS = tuple(column.name for column in tables.resources.columns)
_WHERE = "FROM resources WHERE kind = ? AND region = ? AND name = ?"
_FIND = f"SELECT {', '.join(_COLUMNS)} {_WHERE}"
_STATUS = f"SELECT status {_WHERE}"
# built once: building a statement costs more than running it
_HERE = and_(
    tables.resources.c.kind == bindparam("at_kind"),
    tables.resources.c.region == bindparam("at_region"),
    tables.resources.c.name == bindparam("at_name"),
)
_ONE = select(tables.resources).where(_HERE)
_WRITE_ONE = update(tables.resources).where(_HERE)

Document = dict[str, Any]
SortKey = Literal["name", "created", "modified", "status"]


class ResourceExists(Exception):
    """A resource of that kind, region and name exists."""


class ResourceMissing(Exception):
    """There is no resource of that kind, region and name."""


@dataclass
class Resource:
    """One resource.

    Attributes:
        kind: AWS's name of the kind, e.g. `TrainingJob`.
        document: members of the Describe output; timestamps are seconds since the epoch.
        internal: what its controller keeps to go on after a crash; never on the wire.
        parent: `Kind/name` of the resource that made it (`AutoMLJob/churn`), if any.
        finished: no controller has anything left to do.
        version: counts the writes; 0 before the first.
    """

    kind: str
    region: str
    name: str
    arn: str
    status: str
    created: float
    modified: float
    document: Document
    internal: Document = field(default_factory=dict)
    parent: str | None = None
    finished: bool = False
    version: int = 0

    @property
    def key(self) -> tuple[str, str, str]:
        return (self.kind, self.region, self.name)

    @property
    def parent_key(self) -> str:
        """What children of this resource hold in `parent`."""
        return f"{self.kind}/{self.name}"


Follower = Callable[[Connection, Resource, bool], Iterable[Resource]]
"""Takes the connection of the transaction, what is written and whether it is deleted; returns what it wrote besides."""


@dataclass(frozen=True)
class Page:
    """Part of a listing and the token of the next part."""

    items: list[Resource]
    next_token: str | None


class Store:
    """Everything of the engine that is in the data base."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self.database = database
        self.clock = clock
        self.changes = ChangeBus()
        self.resources = ResourceStore(self)
        self.tags = TagStore(database)
        self.documents = DocumentStore(database)
        self.lineage = LineageStore(database)

    def close(self) -> None:
        """Closes the data base."""
        self.database.close()


class ResourceStore:
    """Reads and writes resources. All methods are safe from any thread."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._database = store.database
        self._followers: dict[str, list[Follower]] = {}

    def follow(self, kind: str, follower: Follower) -> None:
        """Calls `follower` in each transaction that writes a resource of a kind, before it is committed.

        So what is derived from a resource (its trial component) never lags behind it, whatever crashes. What the
        follower raises undoes the write.
        """
        self._followers.setdefault(kind, []).append(follower)

    def create(
        self,
        resource: Resource,
        tags: Iterable[dict[str, str]] = (),
        *,
        durable: bool = True,
        taken: Exception | None = None,
    ) -> Resource:
        """Writes a new resource with its tags.

        Args:
            durable: see `Database.write`.
            taken: what to raise in place of ResourceExists, for a kind with an error of its own.

        Raises:
            ResourceExists: one of that name is there.
        """
        resource.version = 1
        try:
            with self._database.write(durable=durable) as connection:
                connection.execute(insert(tables.resources), _to_row(resource))
                write_tags(connection, resource.arn, tags)
                derived = self._derived(connection, resource)
        except IntegrityError:
            raise taken or ResourceExists(f"{resource.kind} {resource.name}") from None
        self._publish(resource)
        self.published(derived)
        return resource

    def published(self, resources: Iterable[Resource]) -> None:
        """Tells who listens that resources were written in a transaction that is committed now."""
        for resource in resources:
            self._publish(resource)

    def published_deletion(self, resource: Resource) -> None:
        """Tells who listens that a resource was deleted in a transaction that is committed now."""
        self._publish(resource, deleted=True)

    def _derived(
        self, connection: Connection, resource: Resource, *, deleted: bool = False
    ) -> list[Resource]:
        written: list[Resource] = []
        for follower in self._followers.get(resource.kind, ()):
            written += follower(connection, resource, deleted)
        return written

    def find(self, kind: str, region: str, name: str) -> Resource | None:
        """The resource, or None."""
        row = self._database.row(_FIND, (kind, region, name))
        if row is None:
            return None
        fields = dict(zip(_COLUMNS, row, strict=True))
        fields["document"] = json.loads(fields["document"])
        fields["internal"] = json.loads(fields["internal"])
        fields["finished"] = bool(fields["finished"])
        return Resource(**fields)

    def status(self, kind: str, region: str, name: str) -> str | None:
        """The status of a resource, or None if there is none."""
        row = self._database.row(_STATUS, (kind, region, name))
        return None if row is None else str(row[0])

    def get(self, kind: str, region: str, name: str, *, missing: Exception | None = None) -> Resource:
        """The resource.

        Args:
            missing: what to raise in place of ResourceMissing, for a kind with an error of its own.

        Raises:
            ResourceMissing: there is none.
        """
        resource = self.find(kind, region, name)
        if resource is None:
            raise missing or ResourceMissing(f"{kind} {name}")
        return resource

    def find_by_arn(self, arn: str) -> Resource | None:
        """The resource with that ARN, or None."""
        with self._database.read() as connection:
            row = connection.execute(select(tables.resources).where(tables.resources.c.arn == arn)).first()
        return None if row is None else _from_row(row)

    @contextmanager
    def changing(
        self,
        kind: str,
        region: str,
        name: str,
        *,
        durable: bool = True,
        missing: Exception | None = None,
    ) -> Iterator[Resource]:
        """Read-modify-write under the write lock: change the yielded resource, it is written at the end.

        `modified` and `version` move on; an exception leaves the row as it was. Do nothing slow inside.

        Args:
            durable: see `Database.write`; steps that a controller can repeat need it not.
            missing: see `get`.

        Raises:
            ResourceMissing: there is none.
        """
        with self._database.write(durable=durable) as connection:
            place = {"at_kind": kind, "at_region": region, "at_name": name}
            row = connection.execute(_ONE, place).first()
            if row is None:
                raise missing or ResourceMissing(f"{kind} {name}")
            resource = _from_row(row)
            yield resource
            resource.version += 1
            resource.modified = max(self._store.clock.now(), resource.modified)
            connection.execute(_WRITE_ONE, place | _to_row(resource))
            derived = self._derived(connection, resource)
        self._publish(resource)
        self.published(derived)

    def change(
        self,
        kind: str,
        region: str,
        name: str,
        edit: Callable[[Resource], None],
        *,
        durable: bool = True,
        missing: Exception | None = None,
    ) -> Resource:
        """`changing` as a call: applies `edit` and returns what was written."""
        with self.changing(kind, region, name, durable=durable, missing=missing) as resource:
            edit(resource)
        return resource

    def delete(self, kind: str, region: str, name: str, *, missing: Exception | None = None) -> Resource:
        """Takes the resource and its tags away and returns it.

        Args:
            missing: see `get`.

        Raises:
            ResourceMissing: there is none.
        """
        with self._database.write() as connection:
            row = connection.execute(select(tables.resources).where(_is(kind, region, name))).first()
            if row is None:
                raise missing or ResourceMissing(f"{kind} {name}")
            resource = _from_row(row)
            connection.execute(delete(tables.resources).where(_is(kind, region, name)))
            connection.execute(delete(tables.tags).where(tables.tags.c.arn == resource.arn))
            derived = self._derived(connection, resource, deleted=True)
        self._publish(resource, deleted=True)
        self.published(derived)
        return resource

    def unfinished(self, kinds: Iterable[str] | None = None) -> list[Resource]:
        """Every resource that a controller has to go on with, oldest first."""
        query = select(tables.resources).where(tables.resources.c.finished.is_(False))
        if kinds is not None:
            query = query.where(tables.resources.c.kind.in_(list(kinds)))
        with self._database.read() as connection:
            return [_from_row(row) for row in connection.execute(query.order_by(tables.resources.c.created))]

    def children(self, parent: str, kind: str | None = None, region: str | None = None) -> list[Resource]:
        """Resources made by `parent` (`Kind/name`), oldest first."""
        query = select(tables.resources).where(tables.resources.c.parent == parent)
        if kind is not None:
            query = query.where(tables.resources.c.kind == kind)
        if region is not None:
            query = query.where(tables.resources.c.region == region)
        with self._database.read() as connection:
            return [_from_row(row) for row in connection.execute(query.order_by(tables.resources.c.created))]

    def count(self, kind: str, region: str, *, status: str | None = None) -> int:
        """How many resources of a kind there are."""
        table = tables.resources
        query = select(func.count()).select_from(table).where(table.c.kind == kind, table.c.region == region)
        if status is not None:
            query = query.where(table.c.status == status)
        with self._database.read() as connection:
            return int(connection.execute(query).scalar_one())

    def list(
        self,
        kind: str,
        region: str,
        *,
        sort_by: SortKey = "created",
        descending: bool = True,
        limit: int = 100,
        token: str | None = None,
        status: str | None = None,
        name_contains: str | None = None,
        created_after: float | None = None,
        created_before: float | None = None,
        modified_after: float | None = None,
        modified_before: float | None = None,
        parent: str | None = None,
    ) -> Page:
        """One page of a listing; tokens stay right while rows are written (they name the last row seen).

        Raises:
            ValidationException: the token is not one of this listing.
        """
        table = tables.resources
        column = {
            "name": table.c.name,
            "created": table.c.created,
            "modified": table.c.modified,
            "status": table.c.status,
        }[sort_by]
        where: list[ColumnElement[bool]] = [table.c.kind == kind, table.c.region == region]
        if status is not None:
            where.append(table.c.status == status)
        if name_contains:
            where.append(func.lower(table.c.name).contains(name_contains.lower(), autoescape=True))
        if parent is not None:
            where.append(table.c.parent == parent)
        for bound, column_of_bound, compare in (
            (created_after, table.c.created, operator.gt),
            (created_before, table.c.created, operator.lt),
            (modified_after, table.c.modified, operator.gt),
            (modified_before, table.c.modified, operator.lt),
        ):
            if bound is not None:
                where.append(compare(column_of_bound, bound))
        order = Order(column, table.c.name, descending, f"{kind}|{sort_by}|{descending}")
        query = select(table).where(*where, *order.behind(token)).order_by(*order.sequence).limit(limit + 1)
        with self._database.read() as connection:
            found = read_resources(connection, query)
        return Page(*order.page(found, limit, lambda one: (getattr(one, sort_by), one.name)))

    def _publish(self, resource: Resource, *, deleted: bool = False) -> None:
        self._store.changes.publish(
            Change(
                resource.kind,
                resource.region,
                resource.name,
                resource.status,
                resource.version,
                deleted,
                str(
                    resource.document.get("SecondaryStatus")
                    or resource.document.get("AutoMLJobSecondaryStatus")
                    or ""
                ),
            )
        )


def insert_resource(connection: Connection, resource: Resource, tags: Iterable[dict[str, str]] = ()) -> None:
    """Writes a new resource within a transaction that is open; followers are not told.

    Raises:
        IntegrityError: one of that name is there.
    """
    resource.version = 1
    connection.execute(insert(tables.resources), _to_row(resource))
    write_tags(connection, resource.arn, tags)


def update_resource(connection: Connection, resource: Resource) -> None:
    """Writes a changed resource within a transaction that is open; followers are not told."""
    resource.version += 1
    place = {"at_kind": resource.kind, "at_region": resource.region, "at_name": resource.name}
    connection.execute(_WRITE_ONE, place | _to_row(resource))


def find_resource(connection: Connection, kind: str, region: str, name: str) -> Resource | None:
    """The resource as a transaction that is open sees it, or None."""
    place = {"at_kind": kind, "at_region": region, "at_name": name}
    row = connection.execute(_ONE, place).first()
    return None if row is None else _from_row(row)


def _is(kind: str, region: str, name: str) -> ColumnElement[bool]:
    table = tables.resources
    return and_(table.c.kind == kind, table.c.region == region, table.c.name == name)


def _to_row(resource: Resource) -> dict[str, Any]:
    return {
        "kind": resource.kind,
        "region": resource.region,
        "name": resource.name,
        "arn": resource.arn,
        "status": resource.status,
        "created": resource.created,
        "modified": resource.modified,
        "parent": resource.parent,
        "finished": resource.finished,
        "version": resource.version,
        "document": json.dumps(resource.document, separators=(",", ":")),
        "internal": json.dumps(resource.internal, separators=(",", ":")),
    }


def _from_row(row: Row[Any]) -> Resource:
    return Resource(
        kind=row.kind,
        region=row.region,
        name=row.name,
        arn=row.arn,
        status=row.status,
        created=row.created,
        modified=row.modified,
        document=json.loads(row.document),
        internal=json.loads(row.internal),
        parent=row.parent,
        finished=row.finished,
        version=row.version,
    )


def find_resource_by_arn(connection: Connection, arn: str) -> Resource | None:
    """The resource with that ARN as a transaction that is open sees it, or None."""
    row = connection.execute(select(tables.resources).where(tables.resources.c.arn == arn)).first()
    return None if row is None else _from_row(row)


def read_resources(connection: Connection, query: Select[Any]) -> list[Resource]:
    """The resources that a query over the whole table finds."""
    return [_from_row(row) for row in connection.execute(query)]
