"""Components of jobs that an older version ran, which made none: once for each data directory."""

from __future__ import annotations

import json
import logging
from collections import defaultdict
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from smstudio_ext.engine.errors import ResourceNotFound
from smstudio_ext.engine.experiments.automatic import AUTOML
from smstudio_ext.engine.experiments.batches import TRAINING_NAMESPACE
from smstudio_ext.engine.experiments.jobs import SOURCES, component_of
from smstudio_ext.engine.experiments.naming import COMPONENT
from smstudio_ext.engine.store import tables
from smstudio_ext.engine.store.resources import find_resource, read_resources

if TYPE_CHECKING:
    from smstudio_ext.engine.experiments.part import Experiments
    from smstudio_ext.engine.store import Resource

log = logging.getLogger(__name__)

FAMILY, KEY = "engine", "components-of-old-jobs"


def make_missing(experiments: Experiments) -> int:
    """Makes what is missing, a job a transaction; returns how many components were made.

    A component that a user deletes later does not come back: the next start does nothing.
    """
    documents = experiments.store.documents
    if documents.get(FAMILY, KEY) is not None:
        return 0
    made = sum(_make(experiments, job) for job in _jobs(experiments))
    documents.put(FAMILY, KEY, {"made": made})
    if made:
        log.info("made trial components of %d jobs of an older version", made)
    return made


def _jobs(experiments: Experiments) -> list[Resource]:
    """Every job, Autopilot's first: their experiments hold trials of the others."""
    table = tables.resources
    query = select(table).where(table.c.kind.in_([AUTOML, *SOURCES])).order_by(table.c.created)
    with experiments.store.database.read() as connection:
        jobs = read_resources(connection, query)
    return sorted(jobs, key=lambda job: job.kind != AUTOML)


def _make(experiments: Experiments, job: Resource) -> int:
    database = experiments.store.database
    if job.kind == AUTOML:
        with database.write(durable=False) as connection:
            experiments.automatic.make_automl(connection, job)
        return 0
    name = component_of(job.kind, job.name)
    try:
        with database.write(durable=False) as connection:
            if find_resource(connection, COMPONENT, job.region, name) is not None:
                return 0
            experiments.automatic.make(connection, job)
    except ResourceNotFound:  # ExperimentConfig was only echoed: there were no experiments
        job.document.pop("ExperimentConfig", None)
        with database.write(durable=False) as connection:
            experiments.automatic.make(connection, job)
    if job.kind == "TrainingJob":
        points = _points(experiments, job)
        experiments.metrics.count_job_points(job.region, name, points, anew=True)
    return 1


def _points(experiments: Experiments, job: Resource) -> list[tuple[str, float, float]]:
    table = tables.metric_points
    names = [row["MetricName"] for row in job.document.get("FinalMetricDataList") or []]
    found: dict[str, list[Any]] = defaultdict(list)
    with experiments.store.database.read() as connection:
        for name in names:
            query = select(table.c.timestamp, table.c.value).where(
                table.c.region == job.region,
                table.c.namespace == TRAINING_NAMESPACE,
                table.c.name == name,
                table.c.dimensions == json.dumps({"TrainingJobName": job.name}),
            )
            found[name] = list(connection.execute(query.order_by(table.c.timestamp, table.c.id)))
    return [(name, row.timestamp, row.value) for name, rows in found.items() for row in rows]
