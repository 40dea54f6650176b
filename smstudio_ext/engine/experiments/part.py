"""The experiments of one engine: what its operations and its jobs share."""

from __future__ import annotations

from typing import TYPE_CHECKING

from smstudio_ext.engine.experiments.automatic import AUTOML, AutomaticComponents
from smstudio_ext.engine.experiments.components import Components
from smstudio_ext.engine.experiments.entities import keep_whole
from smstudio_ext.engine.experiments.index import ComponentIndex
from smstudio_ext.engine.experiments.jobs import SOURCES
from smstudio_ext.engine.experiments.metrics import Metrics
from smstudio_ext.engine.experiments.names import PropertyNames
from smstudio_ext.engine.experiments.naming import EXPERIMENT, TRIAL
from smstudio_ext.engine.experiments.news import MetricNews

if TYPE_CHECKING:
    from smstudio_ext.engine.context import EngineContext
    from smstudio_ext.engine.store import Store

PART = "experiments"
_OF_SOURCE = "SELECT name FROM trial_components WHERE region = ? AND source_arn = ? ORDER BY id LIMIT 1"


class Experiments:
    """Made once an engine, before anything is written; follows its jobs from then on."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.names = PropertyNames(store.database)
        self.index = ComponentIndex(self.names)
        self.components = Components(store, self.index)
        self.news = MetricNews(store)
        self.metrics = Metrics(store, self.names, self.news)
        self.automatic = AutomaticComponents(self.index)
        for kind in SOURCES:
            store.resources.follow(kind, self.automatic.follow_job)
        store.resources.follow(AUTOML, self.automatic.follow_automl_job)
        for kind in (EXPERIMENT, TRIAL):
            store.resources.follow(kind, keep_whole)

    @staticmethod
    def of(ctx: EngineContext) -> Experiments:
        """That of an engine."""
        part = ctx.parts[PART]
        assert isinstance(part, Experiments)
        return part

    def component_of_source(self, region: str, arn: str) -> str | None:
        """The name of the oldest component of a job, or None."""
        row = self.store.database.row(_OF_SOURCE, (region, arn))
        return None if row is None else str(row[0])

    def close(self) -> None:
        """Tells nobody anything any more."""
        self.news.close()
