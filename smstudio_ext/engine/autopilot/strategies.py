"""Chooses the transform strategies (`dppN`) that suit a data set."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from smstudio_ext.engine.autopilot.columns import Column
from smstudio_ext.engine.autopilot.families import find_families
from smstudio_ext.engine.autopilot.generated.processors import processor_source
from smstudio_ext.engine.images.sklearn_automl.specification import Problem, Specification

Algorithm = Literal["xgboost", "linear-learner", "mlp"]
MOST = 10
"""Most pipelines of a job, as in AWS's classic form."""

WIDE = 500
"""From this many features on, pairs and components cost more than they bring."""


@dataclass(frozen=True)
class Strategy:
    """A transform strategy, the algorithm that it is made for, and its part of the trials before normalisation."""

    spec: Specification
    algorithm: Algorithm
    weight: float


def choose_strategies(
    columns: Sequence[Column],
    header: Sequence[str],
    target: str,
    problem: Problem,
    classes: Sequence[str],
    algorithms: Sequence[str],
    limit: int,
) -> list[Strategy]:
    """Strategies in the order in which they deserve trials.

    Args:
        columns: the features' columns (target and sample weight left out).
        algorithms: algorithms that the request allows.
        limit: most strategies wanted.
    """
    found = _every(columns, _base(columns, header, target, problem, classes))
    wanted = [entry for entry in found if entry[1] in algorithms][: max(1, min(limit, MOST))]
    named = []
    for number, (spec, algorithm, weight) in enumerate(wanted):
        named.append(
            Strategy(
                replace(spec, name=f"dpp{number}", description=_describe(spec, algorithm)), algorithm, weight
            )
        )
    return named


def ensemble_specification(
    columns: Sequence[Column], header: Sequence[str], target: str, problem: Problem, classes: Sequence[str]
) -> Specification:
    """What ensembling mode's features are made of: numbers as they are, categories as codes, families of alike columns.

    Arguments as in `choose_strategies`.
    """
    families = {} if len(columns) > WIDE else find_families(columns)
    return replace(
        _base(columns, header, target, problem, classes),
        name="ensemble",
        description="Numbers as they are (missing stays missing), codes of categories in the order of their frequency, "
        "sums, extremes and spreads of groups of alike columns.",
        encoding="ordinal",
        families=families,
        max_categories=1000,
    )


def _every(columns: Sequence[Column], base: Specification) -> list[tuple[Specification, Algorithm, float]]:
    """Every strategy that fits the columns, with its algorithm and weight."""
    categorical = bool(base.categorical)
    wide = len(columns) > WIDE
    families = {} if wide else find_families(columns)
    pairs = 0 if wide or len(base.numeric) < 3 else 5
    trees = replace(base, families=families)
    plain = replace(base, families=families if not categorical else {})
    filled = replace(trees, impute=True, indicators=True, standardise=True, max_categories=60)
    components = 0 if wide else min(64, 4 * max(4, len(columns)))
    found: list[tuple[Specification, Algorithm, float]] = [
        (replace(trees, encoding="onehot"), "xgboost", 3.0),
        (replace(filled, extremes="log"), "linear-learner", 1.0),
        (replace(trees, encoding="ordinal", pairs=pairs), "xgboost", 3.0),
        (replace(plain, encoding="frequency", indicators=True), "xgboost", 1.5),
        (replace(filled, extremes="quantile", pairs=pairs, components=components), "linear-learner", 0.75),
        (replace(filled, extremes="log"), "mlp", 0.5),
        (replace(trees, encoding="ordinal", indicators=True), "xgboost", 1.0),
        (replace(filled, extremes="quantile"), "linear-learner", 0.5),
        (replace(filled, extremes="quantile", pairs=pairs), "mlp", 0.4),
        (replace(trees, encoding="frequency", pairs=pairs), "xgboost", 1.0),
    ]
    return _different(found)


def _different(
    found: Sequence[tuple[Specification, Algorithm, float]],
) -> list[tuple[Specification, Algorithm, float]]:
    """Those whose processors differ: many a choice means nothing to a table without numbers, or without categories."""
    kept: list[tuple[Specification, Algorithm, float]] = []
    seen = set()
    for spec, algorithm, weight in found:
        key = (algorithm, processor_source(spec))
        if key not in seen:
            seen.add(key)
            kept.append((spec, algorithm, weight))
    return kept


def _base(
    columns: Sequence[Column], header: Sequence[str], target: str, problem: Problem, classes: Sequence[str]
) -> Specification:
    return Specification(
        name="",
        description="",
        problem=problem,
        target=target,
        columns=list(header),
        classes=list(classes),
        numeric=[column.name for column in columns if column.kind == "numeric"],
        categorical=[column.name for column in columns if column.kind == "categorical"],
        text=[column.name for column in columns if column.kind == "text"],
        sequences=[column.name for column in columns if column.kind == "sequence"],
        decimal_comma=[column.name for column in columns if column.decimal_comma],
        dates={column.name: column.date_format for column in columns if column.kind == "datetime"},
    )


_ENCODINGS = {
    "onehot": "one-hot columns",
    "ordinal": "codes in the order of their frequency",
    "frequency": "their frequencies",
}


def _describe(spec: Specification, algorithm: str) -> str:
    parts = []
    if spec.numeric:
        text = f"{len(spec.numeric)} numeric column(s)"
        if spec.impute:
            text += " with the median for missing values"
        if spec.extremes == "log":
            text += ", strongly skewed ones as logarithms"
        elif spec.extremes == "quantile":
            text += ", shaped by their ranks"
        parts.append(text)
    if spec.families:
        parts.append(f"sums, extremes and spreads of {len(spec.families)} group(s) of alike columns")
    if spec.pairs:
        parts.append(
            f"sums, differences, products and ratios of the {spec.pairs} most useful numeric columns"
        )
    if spec.categorical:
        parts.append(f"{len(spec.categorical)} categorical column(s) as {_ENCODINGS[spec.encoding]}")
    if spec.dates:
        parts.append(f"{len(spec.dates)} date column(s) as cyclic parts")
    if spec.sequences:
        parts.append(f"{len(spec.sequences)} column(s) with lists of numbers as their statistics")
    if spec.text:
        parts.append(f"{len(spec.text)} text column(s) as tf-idf weights")
    if spec.components:
        parts.append(f"reduced to at most {spec.components} principal components")
    elif spec.standardise:
        parts.append("standardised")
    return f"This data transformation strategy uses {'; '.join(parts)}. The features are fed to {algorithm}."
