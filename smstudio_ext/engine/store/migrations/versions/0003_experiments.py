"""Tables of trial components: their search index, metric summaries and points.

Revision ID: 0003
Revises: 0002
"""

from alembic import op

from smstudio_ext.engine.store import tables

revision = "0003"
down_revision = "0002"

_NEW = (
    tables.trial_components,
    tables.trial_members,
    tables.property_names,
    tables.component_properties,
    tables.component_metrics,
    tables.component_points,
)


def upgrade() -> None:
    """Makes the tables; components of jobs that are there are made when the engine starts."""
    for table in _NEW:
        table.create(op.get_bind(), checkfirst=True)
