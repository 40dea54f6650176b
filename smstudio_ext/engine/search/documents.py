"""Search over resources whose properties are in their JSON documents, by the shapes of AWS's model."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from botocore.model import ListShape, MapShape, Shape, StructureShape
from sqlalchemy import ColumnElement, and_, exists, func, not_, or_, select

from smstudio_ext.engine.protocol import models
from smstudio_ext.engine.search.comparing import (
    ORDERS,
    as_number,
    compare_number,
    compare_text,
    compare_time,
    number_of,
)
from smstudio_ext.engine.search.expressions import Condition, Nested
from smstudio_ext.engine.search.properties import Property
from smstudio_ext.engine.store import tables

Value = ColumnElement[Any]
TAGS = "Tags."
_METRICS = "Metrics."


@dataclass(frozen=True)
class Place:
    """Where a property is in a document.

    Attributes:
        before: JSON path of the list that it is in, or "" when it is in none.
        path: JSON path from the document, or from an element of that list.
        kind: botocore's type of the value.
        in_map: it is a value of a map, whose texts may be numbers.
    """

    before: str
    path: str
    kind: str
    in_map: bool = False


@lru_cache(maxsize=4096)
def place_of(shape_name: str, name: str) -> Place | None:
    """Where the property `name` is in documents of a shape of SageMaker's model; None if the shape has none."""
    api = models.load("sagemaker")
    assert api is not None
    shape: Shape = api.model.shape_for(shape_name)
    path, before, in_map = "$", "", False
    pieces = name.split(".")
    while pieces:
        if isinstance(shape, ListShape):
            if before:
                return None  # a list in a list: AWS does not search these either
            before, path = path, "$"
            shape = shape.member
        elif isinstance(shape, StructureShape):
            piece = pieces.pop(0)
            if piece not in shape.members:
                return None
            path += f".{_quoted(piece)}"
            shape = shape.members[piece]
        elif isinstance(shape, MapShape):
            inner = shape.value
            last = len(pieces) > 1 and isinstance(inner, StructureShape) and pieces[-1] in inner.members
            key, pieces = (pieces[:-1], pieces[-1:]) if last else (pieces, [])
            path += f".{_quoted('.'.join(key))}"
            shape, in_map = inner, True
        else:
            return None
    if isinstance(shape, ListShape) and not isinstance(shape.member, (StructureShape, ListShape, MapShape)):
        if before:
            return None
        return Place(path, "$", shape.member.type_name)
    return Place(before, path, shape.type_name, in_map)


def document_property(table: Any, shape: str, name: str) -> Property | None:
    """A property of documents in `table.document`."""
    place = place_of(shape, name)
    if place is None:
        return None
    document = table.c.document
    if not place.before:
        value = func.json_extract(document, place.path)
        return Property(lambda condition: _compare(value, place, condition), (value,))

    def any_element(condition: Condition) -> ColumnElement[bool]:
        wanted = condition
        inverse = {"NotExists": "Exists", "NotEquals": "Equals"}.get(condition.operator)
        if inverse:
            wanted = Condition(condition.name, inverse, condition.value)
        element = _elements(document, place.before)
        value = element.c.value if place.path == "$" else func.json_extract(element.c.value, place.path)
        found = exists(select(element.c.value).where(_compare(value, place, wanted)).correlate(table))
        return not_(found) if inverse else found

    first = func.json_extract(document, place.before + "[0]" + place.path[1:])
    return Property(any_element, (first,))


def nested_condition(table: Any, shape: str, nested: Nested) -> ColumnElement[bool] | None:
    """Filters that one element of a list must meet; names are full paths or relative to the list."""
    place = place_of(shape, nested.name)
    if place is None or place.kind != "list" or place.before:
        return None
    element = _elements(table.c.document, place.path)
    parts = []
    for condition in nested.conditions:
        relative = condition.name.removeprefix(nested.name + ".")
        inner = place_of(shape, f"{nested.name}.{relative}")
        if inner is None:
            return None
        value = func.json_extract(element.c.value, inner.path)
        parts.append(_compare(value, inner, condition))
    return exists(select(element.c.value).where(and_(*parts)).correlate(table))


def tag_property(arn: Value, name: str) -> Property:
    """A tag by its key: `Tags.team`."""
    table = tables.tags
    here = and_(table.c.arn == arn, table.c.key == name.removeprefix(TAGS))

    def compare(condition: Condition) -> ColumnElement[bool]:
        inverse = {"NotExists": "Exists", "NotEquals": "Equals"}.get(condition.operator)
        wanted = Condition(condition.name, inverse or condition.operator, condition.value)
        found = exists(select(table.c.key).where(here, compare_text(table.c.value, wanted)))
        return not_(found) if inverse else found

    value = select(table.c.value).where(here).scalar_subquery()
    return Property(compare, (value,))


def final_metric(document: Value, name: str) -> Property:
    """The last value of a training job's metric: `Metrics.validation:rmse`."""
    element = _elements(document, "$.FinalMetricDataList")
    value = (
        select(func.json_extract(element.c.value, "$.Value"))
        .where(func.json_extract(element.c.value, "$.MetricName") == name)
        .limit(1)
        .scalar_subquery()
    )
    return Property(lambda condition: compare_number(value, condition), (value,))


def is_metric(name: str) -> str | None:
    """The metric that a property name means, if it means one."""
    return name[len(_METRICS) :] if name.lower().startswith(_METRICS.lower()) else None


def _elements(document: Value, path: str) -> Any:
    return func.json_each(document, path).table_valued("value").alias()


def _compare(value: Value, place: Place, condition: Condition) -> ColumnElement[bool]:
    if condition.operator in ("Exists", "NotExists"):
        return compare_text(value, condition)
    if place.kind == "timestamp":
        return compare_time(value, condition)
    if place.kind in ("integer", "long", "float", "double"):
        return compare_number(value, condition)
    if place.kind == "boolean":
        truth = {"true": "1", "false": "0"}.get(condition.value.lower(), condition.value)
        return compare_number(value, Condition(condition.name, condition.operator, truth))
    if place.in_map and number_of(condition.value) is not None:
        if condition.operator in ORDERS:
            return compare_number(as_number(value), condition)
        if condition.operator == "Equals":
            return or_(compare_text(value, condition), compare_number(as_number(value), condition))
    return compare_text(value, condition)


def _quoted(name: str) -> str:
    return json.dumps(name, ensure_ascii=False)
