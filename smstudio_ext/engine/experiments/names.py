"""Names of parameters, artifacts and metrics as small numbers, so that a million rows do not repeat them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import Connection, exists, insert, select

from smstudio_ext.engine.store import tables

if TYPE_CHECKING:
    from collections.abc import Iterable

    from smstudio_ext.engine.store.database import Database

PARAMETERS = "Parameters."
INPUTS = "InputArtifacts."
OUTPUTS = "OutputArtifacts."
METRICS = "Metrics."

_FIND = "SELECT id FROM property_names WHERE name = ?"


class PropertyNames:
    """Numbers of names in one data base. Safe from any thread.

    Only numbers that a committed transaction wrote are remembered: one that is rolled back takes its names with it.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._known: dict[str, int] = {}

    def find(self, name: str) -> int | None:
        """The number of a name, or None when no committed row uses it."""
        known = self._known.get(name)
        if known is None:
            row = self._database.row(_FIND, (name,))
            if row is not None:
                known = self._known[name] = int(row[0])
        return known

    def numbers(self, connection: Connection, names: Iterable[str]) -> dict[str, int]:
        """The numbers of names, made in this transaction where there are none yet."""
        return {name: self._number(connection, name) for name in names}

    def _number(self, connection: Connection, name: str) -> int:
        known = self.find(name)
        if known is not None:
            return known
        table = tables.property_names
        row = connection.execute(select(table.c.id).where(table.c.name == name)).first()
        if row is not None:
            return int(row.id)
        made = connection.execute(insert(table).values(name=name)).inserted_primary_key
        assert made is not None
        return int(made[0])

    def used(self, prefix: str, region: str) -> list[str]:
        """Every name of a family that a component of a region has, in order."""
        names, components = tables.property_names, tables.trial_components
        held = tables.component_metrics if prefix == METRICS else tables.component_properties
        there = (
            select(held.c.component)
            .join(components, components.c.id == held.c.component)
            .where(held.c.name == names.c.id, components.c.region == region)
            .correlate(names)
        )
        query = select(names.c.name).where(names.c.name.startswith(prefix, autoescape=True), exists(there))
        with self._database.read() as connection:
            return [row.name for row in connection.execute(query.order_by(names.c.name))]
