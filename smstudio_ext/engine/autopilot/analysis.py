"""Analysis program of an Autopilot job: checks the data, infers what they are, splits them, proposes candidates."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import numpy as np
import numpy.typing as npt

from smstudio_ext.engine.autopilot.columns import Column, describe_column, given_kind
from smstudio_ext.engine.autopilot.ensembling.proposal import write_proposal
from smstudio_ext.engine.autopilot.generated.module import write_generated_module
from smstudio_ext.engine.autopilot.pipelines import candidates_document
from smstudio_ext.engine.autopilot.problems import PROBLEMS, direction
from smstudio_ext.engine.autopilot.reading import RawTable, read_table
from smstudio_ext.engine.autopilot.request import Request
from smstudio_ext.engine.autopilot.strategies import Strategy, choose_strategies, ensemble_specification
from smstudio_ext.engine.autopilot.target import Target, inspect_target
from smstudio_ext.engine.autopilot.tuningdata import write_tuning_data
from smstudio_ext.engine.autopilot.weights import usable_weights
from smstudio_ext.engine.autopilot.wide import MOST_FEATURES, describe_many, most_telling
from smstudio_ext.engine.images.contract import AlgorithmError
from smstudio_ext.engine.images.folds import make_folds
from smstudio_ext.engine.images.sklearn_automl.specification import Problem, Specification

ADVISED_ROWS = 500
"""Below this AWS refuses a data set; here it is a warning."""
_MANY_DUPLICATES = 0.1
_VALIDATION_PART = 4
_WIDE = 10_000

Document = dict[str, Any]


def analyse(optml: Path) -> None:
    """Runs the analysis; what it reads and writes is in docs/autopilot-internals.md.

    Raises:
        AlgorithmError: the data or the request cannot be used; the message says why and what to do.
    """
    root = optml / "processing"
    request = Request.read(root / "input/request/request.json")
    table, validation = _read_channels(root / "input", request)
    labels = _cells(table, request.target)
    extra = [] if validation is None else _cells(validation, request.target)
    target = inspect_target(request.target, labels + extra, request.problem)
    warnings = [*_notes(table, validation, request), *target.warnings]
    warnings += [request.left_out] if request.left_out else []
    unweighted = _leave_out_unweighted(target, table, validation, request, warnings)
    objective = _objective(request, target)
    columns = _describe(table, request, warnings)
    usable = _usable_features(columns, request)
    train_rows, validation_rows = _split(target, len(labels), len(extra), request)
    kept = None
    if len(usable) > MOST_FEATURES:
        usable = most_telling(usable, table, train_rows, target, warnings)
        kept = {request.target, request.sample_weight, *(column.name for column in usable)}
    strategies = _strategies(usable, table.header, target, request)
    parts = [(table, train_rows), (validation or table, validation_rows)]
    duplicates = write_tuning_data(root / "output/preprocessed-data", table.header, parts, kept)
    total = len(train_rows) + len(validation_rows)
    _warn_of_size(total, duplicates, warnings)
    document = {
        "ProblemType": target.problem,
        "ProblemTypeReason": target.reason,
        "Objective": objective,
        "ObjectiveType": direction(objective),
        "Target": request.target,
        "SampleWeight": request.sample_weight,
        "TotalRows": table.total_rows + (validation.total_rows if validation else 0),
        "Rows": table.rows + len(extra),
        "TrainRows": len(train_rows),
        "ValidationRows": len(validation_rows),
        "Sampled": table.sampled,
        "DuplicateRows": duplicates,
        "MissingTarget": target.missing,
        "InvalidTarget": target.invalid,
        "InvalidWeight": unweighted,
        "TargetStatistics": target.statistics,
        "Classes": target.classes,
        "ClassCounts": target.counts,
        "Columns": _column_documents(columns, usable),
        "Files": table.files,
        "Bytes": table.bytes,
        "Warnings": warnings,
    }
    folder = root / "output/candidates"
    if request.mode == "ENSEMBLING":
        ensemble = _ensemble_specification(usable, table.header, target, request)
        candidates = write_proposal(folder, ensemble, request, objective, total, warnings)
    else:
        write_generated_module(folder / "generated_module", [strategy.spec for strategy in strategies])
        candidates = candidates_document(
            strategies, target.problem, objective, total, len(target.classes), request.max_candidates
        )
    _write_candidates(folder, document, candidates)
    for warning in warnings:
        print(f"WARNING: {warning}", flush=True)
    print(f"{total} rows, {len(usable)} features used, {target.problem}: {target.reason}", flush=True)


def _read_channels(folder: Path, request: Request) -> tuple[RawTable, RawTable | None]:
    limit = request.memory_limit
    table = read_table(
        folder / "train", channel="training", target=request.target, limit=limit, seed=request.seed
    )
    given = folder / "validation"
    if not given.is_dir() or not any(given.rglob("*")):
        return table, None
    validation = read_table(
        given,
        channel="validation",
        target=request.target,
        limit=limit // _VALIDATION_PART,
        seed=request.seed,
        header=table.header,
    )
    return table, validation


def _cells(table: RawTable, name: str) -> list[str]:
    return cast("list[str]", table.columns[table.header.index(name)].to_pylist())


def _notes(table: RawTable, validation: RawTable | None, request: Request) -> list[str]:
    notes = list(table.notes)
    for channel, read in (("training", table), ("validation", validation)):
        if read is None:
            continue
        if read.sampled:
            notes.append(f"{read.sampled} (channel {channel})" if validation else read.sampled)
        if read is validation:
            notes += read.notes
    told_parquet = "parquet" in request.content_type.lower()
    if table.parquet != told_parquet:
        found = "Parquet" if table.parquet else "CSV"
        notes.append(
            f"The input is {found} though its ContentType is {request.content_type}; AWS would refuse it. Set the ContentType that fits."
        )
    return notes


def _leave_out_unweighted(
    target: Target, table: RawTable, validation: RawTable | None, request: Request, warnings: list[str]
) -> int:
    """Marks rows without a sample weight as unusable; returns how many there are."""
    name = request.sample_weight
    if name is None:
        return 0
    if name not in table.header:
        raise AlgorithmError(
            f"Sample weight attribute name '{name}' does not exist in the header. Columns: {', '.join(table.header[:20])}."
        )
    if name == request.target:
        raise AlgorithmError(f"The sample weight attribute '{name}' cannot be the target too.")
    cells = _cells(table, name) + ([] if validation is None else _cells(validation, name))
    good = usable_weights(name, cells)
    target.usable = (np.array(target.usable, dtype=bool) & good).tolist()
    left_out = int((~good).sum())
    if left_out:
        warnings.append(f"{left_out} rows without a positive sample weight in '{name}' are left out.")
    return left_out


def _objective(request: Request, target: Target) -> str:
    problem = PROBLEMS[target.problem]
    objective = request.objective or problem.default
    if objective not in problem.objectives:
        raise AlgorithmError(
            f"Objective metric {objective} does not fit problem type {target.problem}; choose one of {', '.join(problem.objectives)}."
        )
    return objective


def _describe(table: RawTable, request: Request, warnings: list[str]) -> list[Column]:
    unknown = [name for name in request.feature_types if name not in table.header]
    unknown += [name for name in request.feature_names or [] if name not in table.header]
    if unknown:
        raise AlgorithmError(
            f"The feature specification names columns that the data do not have: {', '.join(unknown[:10])}."
        )
    if request.target in (request.feature_names or []):
        raise AlgorithmError(
            f"The feature specification must not name the target attribute '{request.target}'."
        )
    for name, given in request.feature_types.items():
        if given_kind(given) is None and given.lower() != "auto":
            raise AlgorithmError(
                f"Feature data type '{given}' of column '{name}' is not offered; known: numeric, categorical, text, datetime, sequence."
            )
    if len(table.header) > _WIDE:
        columns = describe_many(table, request.feature_types)
    else:
        columns = [
            describe_column(name, data, request.feature_types.get(name))
            for name, data in zip(table.header, table.columns, strict=True)
        ]
    for column in columns:
        if " It was given as " in column.reason:
            warnings.append(f"Column '{column.name}':{column.reason.partition('.')[2]}")
    infinite = [column for column in columns if column.infinite]
    if infinite:
        listed = ", ".join(f"'{column.name}' ({column.infinite})" for column in infinite[:10])
        warnings.append(f"Infinite values are treated as missing in column(s) {listed}.")
    return columns


def _usable_features(columns: Sequence[Column], request: Request) -> list[Column]:
    left_out = {request.target, request.sample_weight}
    chosen = set(request.feature_names) if request.feature_names else None
    usable = [
        column
        for column in columns
        if column.name not in left_out
        and column.kind not in ("id", "constant")
        and (chosen is None or column.name in chosen)
    ]
    if not usable:
        raise AlgorithmError(
            "No column is left to learn from: every feature is constant, empty or different in every row (an identifier)."
        )
    return usable


def _strategies(
    usable: Sequence[Column], header: Sequence[str], target: Target, request: Request
) -> list[Strategy]:
    """Transform strategies; none in mode ENSEMBLING, whose models share one table of features."""
    if request.mode == "ENSEMBLING":
        return []
    strategies = choose_strategies(
        usable,
        header,
        request.target,
        cast(Problem, target.problem),
        target.classes,
        request.algorithms,
        request.max_candidates,
    )
    return [_with_comma(one, request.target) for one in strategies] if target.decimal_comma else strategies


def _ensemble_specification(
    usable: Sequence[Column], header: Sequence[str], target: Target, request: Request
) -> Specification:
    spec = ensemble_specification(
        usable, header, request.target, cast(Problem, target.problem), target.classes
    )
    if target.decimal_comma:
        spec = replace(spec, decimal_comma=[*spec.decimal_comma, request.target])
    return spec


def _with_comma(strategy: Strategy, target: str) -> Strategy:
    spec = replace(strategy.spec, decimal_comma=[*strategy.spec.decimal_comma, target])
    return replace(strategy, spec=spec)


def _column_documents(columns: Sequence[Column], usable: Sequence[Column]) -> list[Document]:
    used = {column.name for column in usable}
    brief = len(columns) > _WIDE
    return [column.document(column.name in used, brief) for column in columns]


def _warn_of_size(total: int, duplicates: int, warnings: list[str]) -> None:
    if total < ADVISED_ROWS:
        warnings.append(
            f"The input has {total} rows; AWS asks for at least {ADVISED_ROWS}, and scores of so few rows are uncertain."
        )
    if duplicates > _MANY_DUPLICATES * total:
        warnings.append(
            f"{duplicates} of {total} rows ({duplicates / total:.0%}) repeat an earlier row. Rows that are in the training and in the "
            "validation data make scores look better than they are; remove the repetitions if they are not meant."
        )


def _split(
    target: Target, rows: int, extra: int, request: Request
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Rows of the training file(s), and rows of the validation channel (or of the training files)."""
    usable = np.array(target.usable, dtype=bool)
    own = np.flatnonzero(usable[:rows])
    if extra:
        given = np.flatnonzero(usable[rows:])
        if not len(own) or not len(given):
            raise AlgorithmError("The training or the validation channel has no row with a target value.")
        return own, given
    if len(own) < 4:
        raise AlgorithmError(
            f"The input has {len(own)} row(s) with a target value, too few to train and validate a model."
        )
    return _random_split(own, target, request)


def _random_split(
    own: npt.NDArray[np.int64], target: Target, request: Request
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    generator = np.random.default_rng(request.seed)
    held = np.zeros(len(own), dtype=bool)
    if target.classes:
        for members in target.members(own):
            # Single rows stay in training; other classes have a row on both sides.
            wanted = round(len(members) * request.validation_fraction)
            count = min(max(1, wanted), len(members) - 1)
            held[generator.permutation(members)[:count]] = True
    else:
        parts = max(2, round(1 / request.validation_fraction))
        folds = make_folds(target.values(own), parts, stratified=False, seed=request.seed)
        wanted = max(1, round(len(own) * request.validation_fraction))
        held[generator.permutation(np.argsort(folds, kind="stable")[:wanted])] = True
    return generator.permutation(own[~held]), generator.permutation(own[held])


def _write_candidates(folder: Path, document: Document, candidates: Document) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in (("analysis.json", document), ("candidates.json", candidates)):
        (folder / name).write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
