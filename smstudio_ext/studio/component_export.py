"""Writes a component table as CSV or Parquet, row by row, and as code that reads it into pandas."""

from __future__ import annotations

import csv
import io
import json
import tempfile
from collections.abc import Iterator
from datetime import datetime
from typing import IO, Any

from smstudio_ext.studio.component_query import COMPONENT, expression, row_of, selection
from smstudio_ext.studio.components import columns_in
from smstudio_ext.studio.models.components import Cell, ExportQuery, PandasCode
from smstudio_ext.studio.search import AWS_PAGE, search_all
from smstudio_ext.target import Target

SUMMARY_COLUMNS = (
    "TrialComponentName",
    "DisplayName",
    "Type",
    "Status",
    "Experiment",
    "Trial",
    "CreationTime",
    "LastModifiedTime",
    "SourceArn",
)
_MOST = 1_000_000
_CHUNK = 500


def export_components(target: Target, query: ExportQuery) -> Iterator[bytes]:
    """The table as a file, piece by piece.

    The rows go through a temporary file first, because the columns are known only when all rows were read.
    """
    with tempfile.TemporaryFile("w+", encoding="utf-8") as kept:
        columns, numeric = _gather(target, query, kept)
        kept.seek(0)
        names = [*SUMMARY_COLUMNS, *columns]
        rows = (_flat(json.loads(line), columns) for line in kept)
        if query.format == "csv":
            yield from _csv(names, rows)
        else:
            yield from _parquet(names, [False] * len(SUMMARY_COLUMNS) + numeric, rows)


def _gather(target: Target, query: ExportQuery, kept: IO[str]) -> tuple[list[str], list[bool]]:
    """Writes a line of JSON for each row; answers the columns, and whether each holds only numbers."""
    asked = query.columns
    wanted = set(query.names) if query.names is not None else None
    numeric: dict[str, bool] = dict.fromkeys(asked or [], True)
    for each in search_all(
        target,
        COMPONENT,
        expression(target, query.query),
        at_most=_MOST,
        sort_by=query.query.sort_by,
        descending=query.query.descending,
        select=selection(asked) if asked is not None else None,
        page=_page(target, asked),
    ):
        if wanted is not None and each["TrialComponentName"] not in wanted:
            continue
        own = asked if asked is not None else list(columns_in(each, statistics=True))
        row = row_of(each, own)
        cells: dict[str, Cell] = {}
        for name, cell in zip(own, row.cells, strict=True):
            if cell is None:
                continue
            cells[name] = cell
            number = isinstance(cell, (int, float)) and not isinstance(cell, bool)
            numeric[name] = numeric.get(name, True) and number
        summary = [
            row.name,
            row.display_name,
            row.type,
            row.status,
            ", ".join(row.experiments),
            ", ".join(row.trials),
            _time(row.created),
            _time(row.modified),
            row.source_arn,
        ]
        kept.write(json.dumps([summary, cells]) + "\n")
    columns = asked if asked is not None else sorted(numeric)
    return columns, [numeric[name] for name in columns]


def _page(target: Target, columns: list[str] | None) -> int:
    """Rows asked for at once: few when they are wide, so that memory stays small."""
    if target.kind != "local":
        return AWS_PAGE
    return _CHUNK if columns is None or len(columns) > 100 else 5000


def _time(value: datetime | None) -> str | None:
    return value.isoformat() if value else None


def _flat(row: list[Any], columns: list[str]) -> list[Cell]:
    summary, cells = row
    return [*summary, *(cells.get(name) for name in columns)]


def _csv(names: list[str], rows: Iterator[list[Cell]]) -> Iterator[bytes]:
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(names)
    for count, row in enumerate(rows, 1):
        writer.writerow(row)
        if count % _CHUNK == 0:
            yield _taken(text)
    yield _taken(text)


def _taken(text: io.StringIO) -> bytes:
    written = text.getvalue().encode()
    text.seek(0)
    text.truncate()
    return written


def _parquet(names: list[str], numeric: list[bool], rows: Iterator[list[Cell]]) -> Iterator[bytes]:
    import pyarrow as pa
    from pyarrow import parquet

    schema = pa.schema(
        [(name, pa.float64() if number else pa.string()) for name, number in zip(names, numeric, strict=True)]
    )
    with tempfile.TemporaryFile() as file:
        with parquet.ParquetWriter(file, schema) as writer:
            while chunk := _some(rows, _CHUNK * 10):
                arrays = [
                    pa.array([_typed(row[index], number) for row in chunk], schema.field(index).type)
                    for index, number in enumerate(numeric)
                ]
                writer.write_table(pa.Table.from_arrays(arrays, schema=schema))
        file.seek(0)
        while piece := file.read(1 << 20):
            yield piece


def _some(rows: Iterator[list[Cell]], count: int) -> list[list[Cell]]:
    return [row for row, _ in zip(rows, range(count), strict=False)]


def _typed(cell: Cell, number: bool) -> float | str | None:
    if cell is None:
        return None
    return float(cell) if number else str(cell)


def pandas_code(target: Target, query: ExportQuery) -> PandasCode:
    """Code for a notebook that reads the same table into a DataFrame, on this target as on AWS."""
    request: dict[str, Any] = {
        "Resource": COMPONENT,
        "SortBy": query.query.sort_by,
        "SortOrder": "Descending" if query.query.descending else "Ascending",
    }
    where = expression(target, query.query)
    if where:
        request["SearchExpression"] = where
    chosen = f"chosen = set({json.dumps(query.names)})\n" if query.names is not None else ""
    only = (
        '\n        if component["TrialComponentName"] not in chosen:\n            continue' if chosen else ""
    )
    return PandasCode(
        code=_CODE.format(
            request=_literal(request), columns=_literal(query.columns), chosen=chosen, only=only
        )
    )


def _literal(value: Any) -> str:
    """A Python literal, one member a line."""
    text = json.dumps(value, indent=4, ensure_ascii=False)
    return "None" if value is None else text


_CODE = """import boto3
import pandas as pd

request = {request}
columns = {columns}
{chosen}

def row(component):
    source = component.get("Source", {{}})
    parents = component.get("Parents", [])
    found = {{
        "TrialComponentName": component["TrialComponentName"],
        "DisplayName": component.get("DisplayName"),
        "Status": component.get("Status", {{}}).get("PrimaryStatus"),
        "Experiment": ", ".join(sorted({{p["ExperimentName"] for p in parents if "ExperimentName" in p}})),
        "Trial": ", ".join(sorted({{p["TrialName"] for p in parents if "TrialName" in p}})),
        "CreationTime": component.get("CreationTime"),
        "LastModifiedTime": component.get("LastModifiedTime"),
        "SourceArn": source.get("SourceArn"),
    }}
    for name, value in component.get("Parameters", {{}}).items():
        found["Parameters." + name] = value.get("NumberValue", value.get("StringValue"))
    for metric in component.get("Metrics", []):
        for statistic in ("Last", "Max", "Min", "Avg", "StdDev", "Count"):
            found[f"Metrics.{{metric['MetricName']}}.{{statistic}}"] = metric.get(statistic)
    for kind in ("InputArtifacts", "OutputArtifacts"):
        for name, artifact in component.get(kind, {{}}).items():
            found[kind + "." + name] = artifact.get("Value")
    for tag in component.get("Tags", []):
        found["Tags." + tag["Key"]] = tag["Value"]
    return found


rows = []
for page in boto3.client("sagemaker").get_paginator("search").paginate(**request):
    for result in page["Results"]:
        component = result["TrialComponent"]{only}
        rows.append(row(component))
runs = pd.DataFrame(rows)
if columns is not None:
    runs = runs.reindex(columns=list(runs.columns[:8]) + columns)
runs
"""
