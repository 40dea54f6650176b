"""The rows by which Search finds trial components: written in the transaction that writes the component."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, and_, delete, insert, select, update

from smstudio_ext.engine.experiments.names import INPUTS, OUTPUTS, PARAMETERS, PropertyNames
from smstudio_ext.engine.experiments.naming import COMPONENT
from smstudio_ext.engine.store import tables
from smstudio_ext.engine.store.resources import (
    Resource,
    find_resource,
    insert_resource,
    update_resource,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

Document = dict[str, Any]
Properties = dict[str, tuple[str | None, float | None]]

_components = tables.trial_components
_properties = tables.component_properties


class ComponentIndex:
    """Writes trial components together with the rows that Search reads.

    Every method takes the connection of a transaction that is open.
    """

    def __init__(self, names: PropertyNames) -> None:
        self.names = names

    def insert(self, connection: Connection, component: Resource, tags: Iterable[dict[str, str]] = ()) -> int:
        """Writes a new component; returns its number.

        Raises:
            IntegrityError: the name is taken.
        """
        insert_resource(connection, component, tags)
        made = connection.execute(insert(_components).values(**_row(component))).inserted_primary_key
        assert made is not None
        number = int(made[0])
        self._insert_properties(connection, number, properties_of(component.document))
        return number

    def change(
        self, connection: Connection, region: str, name: str, now: float, edit: Callable[[Document], None]
    ) -> Resource | None:
        """Applies `edit` to a component's document; None when there is no such component.

        `LastModifiedTime` moves on, never back.
        """
        component = find_resource(connection, COMPONENT, region, name)
        if component is None:
            return None
        before = properties_of(component.document)
        edit(component.document)
        component.modified = max(now, component.modified)
        component.document["LastModifiedTime"] = component.modified
        component.status = _status(component.document) or component.status
        update_resource(connection, component)
        number = self.number(connection, region, name)
        assert number is not None
        row = _row(component)
        connection.execute(update(_components).where(_components.c.id == number).values(**row))
        self._change_properties(connection, number, before, properties_of(component.document))
        return component

    def delete(self, connection: Connection, component: Resource) -> None:
        """Takes a component away with its properties, metrics, points and places in trials."""
        number = self.number(connection, component.region, component.name)
        if number is not None:
            for table in (
                _properties,
                tables.component_metrics,
                tables.component_points,
                tables.trial_members,
            ):
                connection.execute(delete(table).where(table.c.component == number))
            connection.execute(delete(_components).where(_components.c.id == number))
        row = tables.resources
        connection.execute(delete(row).where(row.c.arn == component.arn))
        connection.execute(delete(tables.tags).where(tables.tags.c.arn == component.arn))

    def number(self, connection: Connection, region: str, name: str) -> int | None:
        """The number of a component, or None."""
        found = connection.execute(
            select(_components.c.id).where(_components.c.region == region, _components.c.name == name)
        ).first()
        return None if found is None else int(found.id)

    def _insert_properties(self, connection: Connection, component: int, properties: Properties) -> None:
        if not properties:
            return
        numbers = self.names.numbers(connection, properties)
        rows = [
            {"name": numbers[name], "component": component, "text": text, "number": number}
            for name, (text, number) in properties.items()
        ]
        connection.execute(insert(_properties), rows)

    def _change_properties(
        self, connection: Connection, component: int, before: Properties, after: Properties
    ) -> None:
        stale = [name for name, value in before.items() if after.get(name) != value]
        if stale:
            numbers = list(self.names.numbers(connection, stale).values())
            connection.execute(
                delete(_properties).where(
                    and_(_properties.c.component == component, _properties.c.name.in_(numbers))
                )
            )
        fresh = {name: value for name, value in after.items() if before.get(name) != value}
        self._insert_properties(connection, component, fresh)


def properties_of(document: Document) -> Properties:
    """What Search can find of a component's maps: `Parameters.eta` -> (text, number)."""
    found: Properties = {}
    for name, value in (document.get("Parameters") or {}).items():
        if "NumberValue" in value:
            found[PARAMETERS + name] = (None, float(value["NumberValue"]))
        else:
            found[PARAMETERS + name] = (value.get("StringValue", ""), None)
    for family, member in ((INPUTS, "InputArtifacts"), (OUTPUTS, "OutputArtifacts")):
        for name, value in (document.get(member) or {}).items():
            found[family + name] = (value["Value"], None)
    return found


def _status(document: Document) -> str | None:
    status: str | None = (document.get("Status") or {}).get("PrimaryStatus")
    return status


def _row(component: Resource) -> Document:
    document = component.document
    source = document.get("Source") or {}
    return {
        "region": component.region,
        "name": component.name,
        "display_name": document.get("DisplayName") or component.name,
        "created": component.created,
        "modified": component.modified,
        "started": document.get("StartTime"),
        "ended": document.get("EndTime"),
        "status": _status(document),
        "message": (document.get("Status") or {}).get("Message"),
        "source_arn": source.get("SourceArn"),
        "source_type": source.get("SourceType"),
    }
