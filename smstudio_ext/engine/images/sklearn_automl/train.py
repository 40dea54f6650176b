"""Training program of the data transformer image: fits the strategy that `processor_module` names."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import joblib
import numpy as np

from smstudio_ext.engine.images.contract import AlgorithmError
from smstudio_ext.engine.images.jobfiles import Channel, read_channels, read_hyperparameters
from smstudio_ext.engine.images.sklearn_automl.specification import Specification
from smstudio_ext.engine.images.sklearn_automl.transformer import Transformer

MODEL_NAME = "model.joblib"
SPECIFICATION_NAME = "dpp.json"


def train(optml: Path) -> None:
    """Fits on the `train` channel and writes `model/model.joblib` and `model/dpp.json`.

    Raises:
        AlgorithmError: missing channel or hyperparameter, rows that do not fit the header.
    """
    channels = read_channels(optml)
    for name in ("train", "processors"):
        if name not in channels:
            raise AlgorithmError(f"Missing required channel: {name}")
    spec = _specification(channels["processors"], read_hyperparameters(optml).get("processor_module", ""))
    if "header" in channels:
        _check_header(channels["header"], spec)
    rows = read_rows(channels["train"], len(spec.columns))
    columns = [list(column) for column in zip(*rows, strict=True)]
    labels = Transformer(spec).labels.encode(columns.pop(spec.columns.index(spec.target)))
    known = ~np.isnan(labels)
    if not known.all():
        print(f"{int((~known).sum())} rows without a known label are left out.", flush=True)
        columns = [[cell for cell, keep in zip(column, known, strict=True) if keep] for column in columns]
    if not known.any():
        raise AlgorithmError(f"No row of the train channel has a label in column '{spec.target}'.")
    transformer = Transformer(spec).fit(columns, labels[known])
    model = optml / "model"
    model.mkdir(parents=True, exist_ok=True)
    joblib.dump(transformer, model / MODEL_NAME)
    spec.write(model / SPECIFICATION_NAME)
    width = transformer.transform([column[:1] for column in columns]).shape[1]
    print(
        json.dumps({"processor_module": spec.name, "rows": int(known.sum()), "features": width}), flush=True
    )


def read_rows(channel: Channel, width: int) -> list[list[str]]:
    """Rows of a channel's CSV files without header.

    Raises:
        AlgorithmError: a row of another width, bytes that are no UTF-8.
    """
    rows: list[list[str]] = []
    for path in channel.files():
        with path.open(encoding="utf-8", newline="") as stream:
            try:
                for number, row in enumerate(csv.reader(stream), 1):
                    if len(row) != width:
                        raise AlgorithmError(
                            f"{path.name}, row {number}: {len(row)} columns where {width} are expected."
                        )
                    rows.append(row)
            except (UnicodeDecodeError, csv.Error) as error:
                raise AlgorithmError(f"{path.name} is not readable as UTF-8 CSV: {error}") from error
    if not rows:
        raise AlgorithmError(f"Channel '{channel.name}' holds no row.")
    return rows


def _specification(channel: Channel, name: str) -> Specification:
    if not name:
        raise AlgorithmError("Missing required hyperparameter: processor_module")
    found = [path for path in channel.files() if path.name == f"{name}.json"]
    if not found:
        known = ", ".join(sorted(path.stem for path in channel.files() if path.suffix == ".json"))
        raise AlgorithmError(
            f"Hyperparameter processor_module: '{name}' is not in the processors channel ({known or 'empty'})."
        )
    try:
        return Specification.read(found[0])
    except ValueError as error:
        raise AlgorithmError(f"Processor '{name}' cannot be read: {error}") from error


def _check_header(channel: Channel, spec: Specification) -> None:
    with channel.files()[0].open(encoding="utf-8", newline="") as stream:
        header = next(csv.reader(stream), [])
    if header != spec.columns:
        raise AlgorithmError("The header channel names other columns than the processor was made for.")
