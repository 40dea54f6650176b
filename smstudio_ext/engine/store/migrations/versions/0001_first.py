"""The first schema.

Revision ID: 0001
Revises:
"""

from alembic import op

from smstudio_ext.engine.store.tables import metadata

revision = "0001"
down_revision = None


def upgrade() -> None:
    """A new data base is made from `tables.py`; this revision is where later ones start."""
    metadata.create_all(op.get_bind())
