"""First step of an ensembling job: the transformer is fitted and the table of all rows written, once for all models."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

from smstudio_ext.engine.images.automl_ensemble import archive
from smstudio_ext.engine.images.automl_ensemble.table import Outline, Table, Wide
from smstudio_ext.engine.images.contract import AlgorithmError
from smstudio_ext.engine.images.folds import make_folds
from smstudio_ext.engine.images.jobfiles import Channel
from smstudio_ext.engine.images.sklearn_automl import cells
from smstudio_ext.engine.images.sklearn_automl.specification import Specification
from smstudio_ext.engine.images.sklearn_automl.train import read_rows
from smstudio_ext.engine.images.sklearn_automl.transformer import Transformer

SPECIFICATION = "ensemble.json"
"""File of the analysis with the columns' kinds, in the form of a transform strategy."""


def make_table(
    channels: dict[str, Channel], model: Path, *, objective: str, folds: int, weight: str, seed: int
) -> None:
    """Fits the transformer and writes it with `table.npz` into the model folder.

    The transformer never looks at the target, so fitting it on all rows leaks nothing into the folds.

    Args:
        folds: number of folds over training and validation rows; below 2 the validation rows are held out instead.
        weight: name of the column with sample weights; empty for none.

    Raises:
        AlgorithmError: a channel is missing, or no row has a label.
    """
    for name in ("train", "processors"):
        if name not in channels:
            raise AlgorithmError(f"Missing required channel: {name}")
    spec = _specification(channels["processors"])
    rows = read_rows(channels["train"], len(spec.columns))
    trained = len(rows)
    if "validation" in channels:
        rows += read_rows(channels["validation"], len(spec.columns))
    columns = [list(column) for column in zip(*rows, strict=True)]
    del rows
    weights = _weights(columns[spec.columns.index(weight)]) if weight else None
    transformer = Transformer(spec)
    labels = transformer.labels.encode(columns.pop(spec.columns.index(spec.target)))
    known = ~np.isnan(labels)
    if not known.any():
        raise AlgorithmError(f"No row has a label in column '{spec.target}'.")
    if not known.all():
        columns = [[cell for cell, keep in zip(column, known, strict=True) if keep] for column in columns]
        weights = None if weights is None else weights[known]
        trained = int(known[:trained].sum())
        labels = labels[known]
    transformer.fit(columns, labels)
    features = transformer.transform(columns)
    outline = Outline(spec.problem, len(spec.classes), objective, categories_of(transformer))
    if folds >= 2:
        number = make_folds(
            labels.astype(np.int64) if spec.classes else labels,
            min(folds, len(labels)),
            stratified=bool(spec.classes),
            seed=seed,
        )
    else:
        number = np.where(np.arange(len(labels)) < trained, -1, 0)
    model.mkdir(parents=True, exist_ok=True)
    Table(outline, features, labels, number, weights).save(model)
    archive.save_transformer(model, transformer)
    (model / "classes.json").write_text(json.dumps(spec.classes, ensure_ascii=False), "utf-8")
    print(f"{len(labels)} rows, {features.shape[1]} features, {max(1, folds)} fold(s)", flush=True)


def categories_of(transformer: Transformer) -> dict[int, int]:
    """Where the transformer puts codes of categories, and how many codes each has: they follow the numeric features."""
    spec = transformer.spec
    assert spec.encoding == "ordinal", "ensembles learn from codes"
    numeric = len(spec.numeric) + 4 * len(spec.families)
    return {numeric + at: categories.size for at, categories in enumerate(transformer.category_encoders)}


def _specification(channel: Channel) -> Specification:
    found = [path for path in channel.files() if path.name == SPECIFICATION]
    if not found:
        raise AlgorithmError(f"The processors channel holds no {SPECIFICATION}.")
    return Specification.read(found[0])


def _weights(column: list[str]) -> Wide:
    values = np.nan_to_num(cells.numbers(column), nan=0.0)
    if (values < 0).any() or not values.any():
        raise AlgorithmError("Sample weights must be non-negative numbers, and not all of them zero.")
    return np.asarray(values / values.mean(), dtype=np.float64)
