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

if TYPE_CHECKING:
    from smstudio_ext.engine.context import EngineContext
    from smstudio_ext.engine.store import Store

PART = "experiments"


class Experiments:
    """Made once an engine, before anything is written; follows its jobs from then on."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.names = PropertyNames(store.database)
        self.index = ComponentIndex(self.names)
        self.components = Components(store, self.index)
        self.metrics = Metrics(store, self.names)
        automatic = AutomaticComponents(self.index)
        for kind in SOURCES:
            store.resources.follow(kind, automatic.follow_job)
        store.resources.follow(AUTOML, automatic.follow_automl_job)
        for kind in (EXPERIMENT, TRIAL):
            store.resources.follow(kind, keep_whole)

    @staticmethod
    def of(ctx: EngineContext) -> Experiments:
        """That of an engine."""
        part = ctx.parts[PART]
        assert isinstance(part, Experiments)
        return part

    def close(self) -> None:
        """Nothing is open."""
