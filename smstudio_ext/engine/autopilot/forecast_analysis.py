"""Analysis program of a forecasting job: checks the rows, puts the series on one grid of steps and proposes candidates."""

from __future__ import annotations

import importlib.util
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from smstudio_ext.engine.autopilot import forecasting
from smstudio_ext.engine.autopilot.problems import direction
from smstudio_ext.engine.autopilot.reading import RawTable, read_table
from smstudio_ext.engine.images.automl_forecasting import panel as panels
from smstudio_ext.engine.images.automl_forecasting.kinds import NEED_TORCH
from smstudio_ext.engine.images.automl_forecasting.panel import Panel, RowError
from smstudio_ext.engine.images.automl_forecasting.schema import DEFAULT_QUANTILES, Schema
from smstudio_ext.engine.images.automl_forecasting.scores import windows
from smstudio_ext.engine.images.automl_forecasting.steps import Steps, parse_times
from smstudio_ext.engine.images.contract import AlgorithmError
from smstudio_ext.engine.images.jobfiles import read_json

Document = dict[str, Any]
Cells = dict[str, list[str | None]]

PORTFOLIO = ("xgboost", "ets", "deepar", "prophet", "npts", "cnn-qr", "arima")
"""Algorithms in the order in which they are trained."""
_PART_OF_HISTORY = 4
_MOST_VALUES = 100
"""Distinct values that a categorical column may have."""
_APART = 3
"""Steps between neighbouring rows with which the frequency is taken to be wrong."""
_MEMORY_MB = 8192
_MEMORY_PART = 8


@dataclass(frozen=True)
class Columns:
    """What the other columns are used for.

    Attributes:
        covariates: numeric columns.
        statics: column with one value a series -> its values.
        left_out: column -> why it is not used.
    """

    covariates: tuple[str, ...]
    statics: dict[str, list[str]]
    left_out: dict[str, str]


def analyse(optml: Path) -> None:
    """Runs the analysis; what it reads and writes is in docs/autopilot-forecasting.md.

    Raises:
        AlgorithmError: the data or the request cannot be used; the message says why and what to do.
    """
    root = optml / "processing"
    request = read_json(root / "input/request/request.json")
    config: Document = request["Config"]
    table = _read(root / "input/train", request, config)
    cells: Cells = {
        name: column.to_pylist() for name, column in zip(table.header, table.columns, strict=True)
    }
    warnings = list(table.notes)
    try:
        schema, columns = _schema(table.header, cells, config, request, warnings)
        panel = panels.build(cells, schema)
    except RowError as error:
        raise AlgorithmError(str(error)) from error
    _check(panel, schema, cells, config, warnings)
    schema = _settled(panel, schema)
    prepared, candidates = root / "output/preprocessed-data", root / "output/candidates"
    prepared.mkdir(parents=True, exist_ok=True)
    schema.write(prepared)
    panel.write(prepared)
    objective = request.get("Objective") or forecasting.OBJECTIVES[0]
    algorithms = _algorithms(request.get("Algorithms") or (), schema, warnings)
    document = _document(table, panel, schema, columns, objective, warnings)
    _write(candidates, document, _plan(algorithms, objective))
    for warning in warnings:
        print(f"WARNING: {warning}", flush=True)
    print(f"{table.rows} rows, {len(panel.series)} series, {panel.longest} steps at most", flush=True)


def _read(folder: Path, request: Document, config: Document) -> RawTable:
    series = config["TimeSeriesConfig"]
    limit = int(request.get("MemoryMB") or _MEMORY_MB) * (1 << 20) // _MEMORY_PART
    table = read_table(folder, channel="training", target=series["TargetAttributeName"], limit=limit)
    if table.sampled:
        raise AlgorithmError(
            f"The input is too large for the memory of this machine ({table.bytes >> 20} MB as text), and a sample of rows would tear "
            "the series apart. Give fewer series, or give the engine more memory."
        )
    wanted = (
        series["TimestampAttributeName"],
        series["ItemIdentifierAttributeName"],
        *(series.get("GroupingAttributeNames") or ()),
    )
    for name in wanted:
        if name not in table.header:
            raise AlgorithmError(
                f"The column '{name}' of TimeSeriesConfig does not exist in the header of file '{table.files[0]}'. "
                f"Columns: {', '.join(table.header[:20])}."
            )
    return table


def _schema(
    header: Sequence[str], cells: Cells, config: Document, request: Document, warnings: list[str]
) -> tuple[Schema, Columns]:
    series = config["TimeSeriesConfig"]
    target, timestamp = series["TargetAttributeName"], series["TimestampAttributeName"]
    keys = (series["ItemIdentifierAttributeName"], *(series.get("GroupingAttributeNames") or ()))
    transformations = config.get("Transformations") or {}
    filling = transformations.get("Filling") or {}
    unknown = [name for name in filling if name not in header]
    if unknown:
        raise AlgorithmError(
            f"Transformations.Filling names the column '{unknown[0]}', which the data do not have."
        )
    times = parse_times(cells[timestamp])
    known = times[~np.isnat(times)]
    if not len(known):
        raise AlgorithmError(
            f"The timestamp column '{timestamp}' holds no timestamp, for example '{cells[timestamp][0] or ''}'. Use the form "
            "YYYY-MM-DD HH:MM:SS."
        )
    columns = _columns(header, cells, {target, timestamp}, keys, request)
    for name, why in columns.left_out.items():
        warnings.append(f"Column '{name}' is not used: {why}.")
    values = panels.numbers_of(cells, target)
    schema = Schema(
        target,
        timestamp,
        keys,
        tuple(header),
        int(config["ForecastHorizon"]),
        Steps.of(config["ForecastFrequency"], known),
        tuple(config.get("ForecastQuantiles") or DEFAULT_QUANTILES),
        (transformations.get("Aggregation") or {}).get(target, "sum"),
        {name: dict(rules) for name, rules in filling.items()},
        columns.covariates,
        columns.statics,
        nonnegative=bool(np.isfinite(values).any() and np.nanmin(values) >= 0),
    )
    return schema, columns


def _columns(
    header: Sequence[str], cells: Cells, own: set[str], keys: Sequence[str], request: Document
) -> Columns:
    """Sorts the other columns into numeric covariates, values of a whole series, and what cannot be used."""
    chosen, types = request.get("FeatureAttributeNames"), request.get("FeatureDataTypes") or {}
    for name in (*(chosen or ()), *types):
        if name not in header:
            raise AlgorithmError(f"The feature specification names '{name}', which the data do not have.")
        if name in own or name in keys:
            raise AlgorithmError(
                f"The feature specification must not name '{name}', a column of TimeSeriesConfig."
            )
    series = list(zip(*(cells[name] for name in keys), strict=True))
    covariates: list[str] = []
    statics: dict[str, list[str]] = {}
    left_out: dict[str, str] = {}
    # Groups are values of a whole series by definition; the item itself is not, a new one has none that is known.
    for name in keys[1:]:
        values = sorted({cell for cell in cells[name] if cell})
        if 1 < len(values) <= _MOST_VALUES:
            statics[name] = values
    for name in header:
        if name in own or name in keys or (chosen and name not in chosen):
            continue
        why = _sort(name, cells, series, types.get(name), covariates, statics)
        if why is not None:
            left_out[name] = why
    return Columns(tuple(covariates), statics, left_out)


def _sort(
    name: str,
    cells: Cells,
    series: Sequence[Any],
    kind: str | None,
    covariates: list[str],
    statics: dict[str, list[str]],
) -> str | None:
    """Puts one column where it belongs; else says why it is not used."""
    if kind in ("text", "datetime"):
        return f"{kind} columns are not offered in forecasting"
    values = {cell for cell in cells[name] if cell}
    if len(values) < 2:
        return "it has the same value in every row"
    if kind != "categorical" and _is_numeric(name, cells):
        covariates.append(name)
        return None
    if kind == "numeric":
        return "it was given as numeric, but holds text"
    if len(values) > _MOST_VALUES:
        return f"it is no number and has more than {_MOST_VALUES} values"
    of_series: dict[Any, str] = {}
    for key, cell in zip(series, cells[name], strict=True):
        if cell and of_series.setdefault(key, cell) != cell:
            return "it is no number and changes within a series"
    statics[name] = sorted(values)
    return None


def _is_numeric(name: str, cells: Mapping[str, Sequence[str | None]]) -> bool:
    try:
        panels.numbers_of(cells, name)
    except RowError:
        return False
    return True


def _check(panel: Panel, schema: Schema, cells: Cells, config: Document, warnings: list[str]) -> None:
    """Refuses what cannot be forecast, and says what was changed."""
    longest, horizon, frequency = panel.longest, schema.horizon, config["ForecastFrequency"]
    if horizon * _PART_OF_HISTORY > longest:
        raise AlgorithmError(
            f"ForecastHorizon {horizon} is longer than a quarter of the {longest} time steps (of {frequency}) that the longest series "
            f"has. Lower ForecastHorizon to {longest // _PART_OF_HISTORY} at most, give a longer past, or check ForecastFrequency."
            if longest >= _PART_OF_HISTORY
            else f"The longest series has {longest} time steps of {frequency}; a forecast needs {_PART_OF_HISTORY} times as many steps as "
            "ForecastHorizon."
        )
    total = sum(len(one.values) for one in panel.series)
    observed = total - panel.filled
    if panel.filled and observed * _APART <= total and schema.target not in schema.filling:
        raise AlgorithmError(
            f"ForecastFrequency {frequency} does not fit the timestamps: {panel.filled} of {total} time steps have no value. Give the "
            f"frequency that the rows have, or say by Transformations.Filling of '{schema.target}' what fills the gaps."
        )
    if panel.filled:
        rules = schema.filling.get(schema.target)
        how = f"as Transformations.Filling says ({json.dumps(rules)})" if rules else "with zero, as AWS does"
        warnings.append(
            f"{panel.filled} of {total} time steps had no value of '{schema.target}' and were filled {how}."
            + ("" if rules else " Set Transformations.Filling if a missing row does not mean zero.")
        )
    if panel.merged:
        warnings.append(
            f"{panel.merged} rows share their series and time step with another one; their values of '{schema.target}' were aggregated "
            f"({schema.aggregation})."
        )
    if panel.dropped:
        warnings.append(f"{panel.dropped} series without any value of '{schema.target}' are left out.")
    short = sum(len(one.values) < 2 * horizon for one in panel.series)
    if short:
        warnings.append(
            f"{short} series have fewer than {2 * horizon} time steps; their forecasts are uncertain."
        )


def _settled(panel: Panel, schema: Schema) -> Schema:
    """The schema with the season that the series are long enough for."""
    return replace(schema, season=schema.steps.season(max(2, panel.longest - schema.horizon)))


def _algorithms(asked: Sequence[str], schema: Schema, warnings: list[str]) -> list[str]:
    """The algorithms that can run here, of those asked for or of all.

    Raises:
        AlgorithmError: none of them can.
    """
    wanted = [name for name in PORTFOLIO if not asked or name in asked]
    found, without = [], []
    for name in wanted:
        if name in NEED_TORCH and importlib.util.find_spec("torch") is None:
            without.append(name)
        elif name == "deepar" and schema.steps.unit == "Y":
            warnings.append("The algorithm deepar is left out: it is not offered for yearly steps.")
        else:
            found.append(name)
    advice = 'they need the Python package torch. Install it with: pip install "smstudio-ext[deep]"'
    if not found:
        raise AlgorithmError(f"None of the algorithms {', '.join(asked)} can run here: {advice}")
    if without:
        warnings.append(f"The algorithms {', '.join(without)} are left out: {advice}")
    return found


def _plan(algorithms: Sequence[str], objective: str) -> Document:
    return {
        "Version": 1,
        "ProblemType": "TimeSeriesForecasting",
        "Objective": objective,
        "ObjectiveType": direction(objective),
        "Ensemble": {
            "Folds": 0,
            "Stack": False,
            "SampleWeight": "",
            "Models": [{"Algorithm": name, "Settings": {}} for name in algorithms],
        },
    }


def _document(
    table: RawTable, panel: Panel, schema: Schema, columns: Columns, objective: str, warnings: list[str]
) -> Document:
    ends = [one.end for one in panel.series]
    span = schema.steps.times(np.array([min(one.start for one in panel.series), max(ends) - 1]))
    return {
        "ProblemType": "TimeSeriesForecasting",
        "Objective": objective,
        "ObjectiveType": direction(objective),
        "Target": schema.target,
        "Rows": table.rows,
        "Series": len(panel.series),
        "TimeSteps": {
            "Longest": panel.longest,
            "Shortest": min(len(one.values) for one in panel.series),
            "First": str(span[0]),
            "Last": str(span[1]),
            "Season": schema.season,
        },
        "FilledValues": panel.filled,
        "AggregatedRows": panel.merged,
        "BacktestWindows": [f"{back} steps before the end" for back in windows(panel, schema)],
        "Covariates": list(columns.covariates),
        "SeriesAttributes": {name: len(values) for name, values in columns.statics.items()},
        "UnusedColumns": columns.left_out,
        "Files": table.files,
        "Bytes": table.bytes,
        "Warnings": warnings,
    }


def _write(folder: Path, document: Document, plan: Document) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in (("analysis.json", document), ("candidates.json", plan)):
        (folder / name).write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
