"""Inference program of the forecasting image: rows of the past in, the steps after each series out."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from smstudio_ext.engine.images.answers import CSV, JSON, choose_accept
from smstudio_ext.engine.images.automl_forecasting import panel as panels
from smstudio_ext.engine.images.automl_forecasting.model import Model
from smstudio_ext.engine.images.automl_forecasting.panel import LEAST_STEPS, Panel, RowError
from smstudio_ext.engine.images.contract import ClientError
from smstudio_ext.engine.images.jobfiles import split_content_type

Columns = dict[str, list[str | None]]

MEAN = "mean"


def load(model_dir: Path, env: Mapping[str, str]) -> ForecastPredictor:
    """Loads a model folder.

    Raises:
        ValueError: no forecasting candidate.
    """
    return ForecastPredictor(Model(model_dir), env.get("SAGEMAKER_DEFAULT_INVOCATIONS_ACCEPT", CSV))


class ForecastPredictor:
    """Answers the past of some series with their forecasts."""

    def __init__(self, model: Model, accept: str) -> None:
        self._model = model
        self._accept = accept

    def invoke(self, body: bytes, content_type: str, accept: str) -> tuple[bytes, str]:
        """Answers one request; see `contract.Predictor`."""
        kind = choose_accept(accept, self._accept)
        panel = self._panel(self._columns(body, content_type))
        header, rows = self._rows(panel)
        if kind == CSV:
            stream = io.StringIO(newline="")
            writer = csv.writer(stream, lineterminator="\n")
            writer.writerow(header)
            writer.writerows(
                [[repr(cell) if isinstance(cell, float) else cell for cell in row] for row in rows]
            )
            return stream.getvalue().encode(), CSV
        if kind != JSON:
            raise ClientError(f"Accept type {accept} is not supported. Supported: {CSV}, {JSON}.", 406)
        found = [dict(zip(header, row, strict=True)) for row in rows]
        return json.dumps({"predictions": found}, ensure_ascii=False).encode(), JSON

    def _rows(self, panel: Panel) -> tuple[list[str], list[list[Any]]]:
        """Header and rows of the answer: keys, timestamp, the quantiles asked for, the mean."""
        schema = self._model.schema
        levels = [f"p{round(100 * level)}" for level in schema.levels]
        chosen = [levels.index(name) for name in schema.quantiles]
        forecasts = self._model.forecast(panel)
        rows: list[list[Any]] = []
        for one, found in zip(panel.series, forecasts, strict=True):
            stamps = schema.steps.times(np.arange(one.end, one.end + schema.horizon))
            for stamp, values in zip(stamps, found, strict=True):
                numbers = [float(values[place]) for place in (*chosen, len(levels))]
                rows.append([*one.key, str(stamp).replace("T", " "), *numbers])
        return [*schema.keys, schema.timestamp, *schema.quantiles, MEAN], rows

    def _panel(self, columns: Columns) -> Panel:
        schema = self._model.schema
        wanted = [*schema.keys, schema.timestamp, schema.target, *schema.covariates, *schema.statics]
        missing = [name for name in wanted if name not in columns]
        if missing:
            raise ClientError(
                f"The request lacks the column(s) {', '.join(missing)}. A request has the columns of the training data: "
                f"{', '.join(schema.columns)}."
            )
        try:
            panel = panels.build(columns, schema)
        except RowError as error:
            raise ClientError(str(error)) from error
        short = [one for one in panel.series if len(one.values) < LEAST_STEPS]
        if short:
            raise ClientError(
                f"The series {', '.join(short[0].key)} has {len(short[0].values)} step(s); a forecast needs the past of a series, "
                f"{LEAST_STEPS} steps at least. Send all rows of a series in one request (batch transform: SplitType None)."
            )
        return panel

    def _columns(self, body: bytes, content_type: str) -> Columns:
        kind = split_content_type(content_type or CSV)[0]
        try:
            text = body.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            raise ClientError(f"The body is not UTF-8: {error.reason} at byte {error.start}.") from error
        if not text.strip():
            raise ClientError("The request body is empty.")
        if kind == CSV:
            return self._csv(text)
        if kind == JSON:
            return _json(text)
        raise ClientError(f"Content type {kind} is not supported. Supported: {CSV}, {JSON}.", 415)

    def _csv(self, text: str) -> Columns:
        """Columns by the header, or in the order of the training data where the first line is a row already."""
        schema = self._model.schema
        try:
            rows = [row for row in csv.reader(io.StringIO(text, newline="")) if row]
        except csv.Error as error:
            raise ClientError(f"The body is no valid CSV: {error}.") from error
        header: Sequence[str] = [cell.strip() for cell in rows[0]]
        if schema.timestamp in header:
            rows = rows[1:]
        elif len(header) == len(schema.columns):
            header = schema.columns
        else:
            raise ClientError(
                f"The first line has no column '{schema.timestamp}'. Send a header line, or rows of the {len(schema.columns)} columns "
                f"{', '.join(schema.columns)}."
            )
        if not rows:
            raise ClientError("The request holds a header but no row.")
        for number, row in enumerate(rows, 1):
            if len(row) != len(header):
                raise ClientError(f"Row {number} has {len(row)} cells, the header has {len(header)}.")
        return {name: list(column) for name, column in zip(header, zip(*rows, strict=True), strict=True)}


def _json(text: str) -> Columns:
    """Rows as objects: a list of them, or `{"instances": [...]}`."""
    try:
        loaded = json.loads(text)
    except ValueError as error:
        raise ClientError(f"The body is no valid JSON: {error}.") from error
    rows = loaded.get("instances") if isinstance(loaded, dict) else loaded
    if not isinstance(rows, list) or not rows or not all(isinstance(row, dict) for row in rows):
        raise ClientError(
            'A JSON request is a list of rows as objects, or {"instances": [...]} with such a list.'
        )
    names = list(dict.fromkeys(name for row in rows for name in row))
    return {name: [_cell(row.get(name)) for row in rows] for name in names}


def _cell(value: Any) -> str | None:
    return None if value is None else value if isinstance(value, str) else repr(value)
