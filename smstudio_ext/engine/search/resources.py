"""Which resources can be searched here, and by which properties."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sqlalchemy import ColumnElement, Connection, and_

from smstudio_ext.engine.errors import ValidationException
from smstudio_ext.engine.experiments.naming import COMPONENT, EXPERIMENT, TRIAL
from smstudio_ext.engine.search.comparing import compare_text, compare_time
from smstudio_ext.engine.search.documents import (
    TAGS,
    document_property,
    final_metric,
    is_metric,
    nested_condition,
    tag_property,
)
from smstudio_ext.engine.search.expressions import Nested
from smstudio_ext.engine.search.properties import Property, Searched
from smstudio_ext.engine.search.trial_components import is_only_region, searched_components
from smstudio_ext.engine.store import tables

if TYPE_CHECKING:
    from smstudio_ext.engine.experiments.names import PropertyNames

_table = tables.resources


@dataclass(frozen=True)
class Kind:
    """A kind of resource whose documents are searched.

    Attributes:
        record: member of a search record that holds it.
        shape: of SageMaker's model, which says what properties there are.
        columns: properties that are columns of the store: name -> column.
        prefix: what precedes document properties (a model's are below `Model.`).
    """

    record: str
    shape: str
    columns: dict[str, str] = field(default_factory=dict)
    prefix: str = ""


def _columns(word: str, *, status: str = "") -> dict[str, str]:
    named = {f"{word}Name": "name", f"{word}Arn": "arn", "CreationTime": "created"}
    named["LastModifiedTime"] = "modified"
    return {**named, status: "status"} if status else named


KINDS = {
    EXPERIMENT: Kind("Experiment", "Experiment", _columns("Experiment")),
    TRIAL: Kind("Trial", "Trial", _columns("Trial")),
    "TrainingJob": Kind("TrainingJob", "TrainingJob", _columns("TrainingJob", status="TrainingJobStatus")),
    "HyperParameterTuningJob": Kind(
        "HyperParameterTuningJob",
        "HyperParameterTuningJobSearchEntity",
        _columns("HyperParameterTuningJob", status="HyperParameterTuningJobStatus"),
    ),
    "Endpoint": Kind("Endpoint", "Endpoint", _columns("Endpoint", status="EndpointStatus")),
    "Model": Kind("Model", "Model", _columns("Model"), "Model."),
}
"""Resources that are searched by their documents."""


def searched(connection: Connection, resource: str, region: str, names: PropertyNames) -> Searched:
    """A kind of resource in SQL.

    Raises:
        ValidationException: the local engine has no such resources.
    """
    if resource == COMPONENT:
        return searched_components(region, names, only=is_only_region(connection, region))
    kind = KINDS.get(resource)
    if kind is None:
        raise ValidationException(
            f"Search over {resource} is not offered yet by the local engine, which has no such resources. "
            f"It searches {', '.join([COMPONENT, *KINDS])}."
        )
    return Searched(
        name=resource,
        table=_table,
        identity=_table.c.name,
        base=and_(_table.c.kind == resource, _table.c.region == region),
        find=lambda name: _find(kind, name),
        nested=lambda nested: _nested(kind, nested),
        columns=tuple(_table.c),
    )


def _find(kind: Kind, name: str) -> Property | None:
    plain = name[len(kind.prefix) :] if kind.prefix and name.startswith(kind.prefix) else name
    if plain in kind.columns:
        column = _table.c[kind.columns[plain]]
        compare = compare_time if plain.endswith("Time") else compare_text
        return Property(lambda condition: compare(column, condition), (column,), nullable=False)
    if plain.startswith(TAGS) and len(plain) > len(TAGS):
        return tag_property(_table.c.arn, plain)
    metric = is_metric(plain) if kind.shape == "TrainingJob" else None
    if metric:
        return final_metric(_table.c.document, metric)
    return document_property(_table, kind.shape, plain)


def _nested(kind: Kind, nested: Nested) -> ColumnElement[bool] | None:
    return nested_condition(_table, kind.shape, nested)
