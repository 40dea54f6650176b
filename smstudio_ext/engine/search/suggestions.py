"""Names of properties that a search can use, for a box that completes them."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from botocore.model import ListShape, MapShape, Shape, StructureShape
from sqlalchemy import select

from smstudio_ext.engine.experiments.names import METRICS
from smstudio_ext.engine.experiments.naming import COMPONENT
from smstudio_ext.engine.protocol import models
from smstudio_ext.engine.search.resources import KINDS
from smstudio_ext.engine.store import tables

if TYPE_CHECKING:
    from smstudio_ext.engine.experiments.names import PropertyNames
    from smstudio_ext.engine.store import Store

_FAMILIES = ("Parameters.", "InputArtifacts.", "OutputArtifacts.", METRICS)
_STATISTICS = ("Avg", "Count", "Last", "Max", "Min", "StdDev")
_DEEPEST = 4


def suggest(store: Store, names: PropertyNames, region: str, resource: str, hint: str) -> list[str]:
    """Every property of a resource whose name begins with `hint` (in any case of letters), in order.

    Of trial components the names of parameters, artifacts and metrics that some component has; a hint that goes on
    after a metric's name gives its statistics.
    """
    found = list(_modelled(resource))
    if resource == COMPONENT:
        for family in _FAMILIES:
            if family.lower().startswith(hint.lower()[: len(family)]):
                found += names.used(family, region)
        found += _statistics(names, hint)
    if hint.lower().startswith("tags"):
        found += _tags(store)
    return sorted(
        {name for name in found if name.lower().startswith(hint.lower())}, key=lambda name: name.lower()
    )


def _statistics(names: PropertyNames, hint: str) -> list[str]:
    metric, dot, _ = hint.rpartition(".")
    known = dot and metric.startswith(METRICS) and names.find(metric) is not None
    return [f"{metric}.{statistic}" for statistic in _STATISTICS] if known else []


def _tags(store: Store) -> list[str]:
    with store.database.read() as connection:
        return [f"Tags.{key}" for (key,) in connection.execute(select(tables.tags.c.key).distinct())]


@lru_cache(maxsize=64)
def _modelled(resource: str) -> tuple[str, ...]:
    kind = KINDS.get(resource)
    shape = "TrialComponent" if resource == COMPONENT else (kind.shape if kind else "")
    if not shape:
        return ()
    api = models.load("sagemaker")
    assert api is not None
    found: list[str] = []
    _walk(api.model.shape_for(shape), kind.prefix if kind else "", found, _DEEPEST)
    return tuple(found)


def _walk(shape: Shape, prefix: str, found: list[str], depth: int) -> None:
    if isinstance(shape, ListShape):
        _walk(shape.member, prefix, found, depth)
    elif isinstance(shape, StructureShape):
        if depth == 0:
            return
        for name, member in shape.members.items():
            if name != "Tags" and prefix + name != "Metrics":
                inner = prefix + name
                plain = not isinstance(member, (StructureShape, ListShape, MapShape))
                if plain:
                    found.append(inner)
                else:
                    _walk(member, inner + ".", found, depth - 1)
