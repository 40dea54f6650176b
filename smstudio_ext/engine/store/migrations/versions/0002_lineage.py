"""Lineage: entities and the associations between them.

Revision ID: 0002
Revises: 0001
"""

from alembic import op

from smstudio_ext.engine.store import tables

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Adds the tables of the lineage graph."""
    bind = op.get_bind()
    for table in (tables.lineage_entities, tables.lineage_associations):
        table.create(bind, checkfirst=True)
