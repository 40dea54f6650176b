"""Analysis program of an Autopilot job: checks the data, infers what they are, splits them, proposes candidates."""

from __future__ import annotations

import csv
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import numpy as np
import numpy.typing as npt

from smstudio_ext.engine.autopilot.columns import Column, describe_column, given_kind
from smstudio_ext.engine.autopilot.pipelines import candidates_document
from smstudio_ext.engine.autopilot.problems import PROBLEMS, direction
from smstudio_ext.engine.autopilot.reading import RawTable, read_table
from smstudio_ext.engine.autopilot.strategies import Strategy, choose_strategies
from smstudio_ext.engine.autopilot.target import Target, inspect_target
from smstudio_ext.engine.images.contract import AlgorithmError
from smstudio_ext.engine.images.folds import make_folds
from smstudio_ext.engine.images.jobfiles import read_json
from smstudio_ext.engine.images.sklearn_automl.specification import Problem

ADVISED_ROWS = 500
"""Below this AWS refuses a data set; here it is a warning."""


@dataclass(frozen=True)
class Request:
    """The controller's `request.json`; member names are AWS's."""

    target: str
    problem: str | None = None
    objective: str | None = None
    validation_fraction: float = 0.2
    feature_names: list[str] | None = None
    feature_types: dict[str, str] = field(default_factory=dict)
    sample_weight: str | None = None
    max_candidates: int = 250
    algorithms: tuple[str, ...] = ("xgboost", "linear-learner")
    seed: int = 0

    @classmethod
    def read(cls, path: Path) -> Request:
        """Reads the request.

        Raises:
            AlgorithmError: a member is missing or makes no sense.
        """
        given = read_json(path)
        if not given.get("TargetAttributeName"):
            raise AlgorithmError("The request names no TargetAttributeName.")
        problem, objective = given.get("ProblemType") or None, given.get("Objective") or None
        if problem is not None and problem not in PROBLEMS:
            raise AlgorithmError(f"ProblemType '{problem}' is not offered; known: {', '.join(PROBLEMS)}.")
        fraction = float(given.get("ValidationFraction") or 0.2)
        if not 0 < fraction < 1:
            raise AlgorithmError("ValidationFraction must lie between 0 and 1.")
        offered = ("xgboost", "linear-learner")
        asked = given.get("Algorithms") or offered
        algorithms = tuple(name for name in offered if name in asked)
        if not algorithms:
            raise AlgorithmError(
                f"None of the algorithms {', '.join(asked)} is offered yet; offered: {', '.join(offered)}."
            )
        return cls(
            given["TargetAttributeName"],
            problem,
            objective,
            fraction,
            given.get("FeatureAttributeNames") or None,
            given.get("FeatureDataTypes") or {},
            given.get("SampleWeightAttributeName") or None,
            int(given.get("MaxCandidates") or 250),
            algorithms,
            int(given.get("Seed") or 0),
        )


def analyse(optml: Path) -> None:
    """Runs the analysis; what it reads and writes is in docs/autopilot-internals.md.

    Raises:
        AlgorithmError: the data or the request cannot be used; the message says why and what to do.
    """
    root = optml / "processing"
    request = Request.read(root / "input/request/request.json")
    table, validation = _read_channels(root / "input", request.target)
    labels = _cells(table, request.target)
    extra = [] if validation is None else _cells(validation, request.target)
    target = inspect_target(request.target, labels + extra, request.problem)
    warnings = list(target.warnings)
    objective = _objective(request, target)
    columns = _describe(table, request, warnings)
    usable = _usable_features(columns, request)
    strategies = choose_strategies(
        usable,
        table.header,
        request.target,
        cast(Problem, target.problem),
        target.classes,
        request.algorithms,
        request.max_candidates,
    )
    train_rows, validation_rows = _split(target, len(labels), len(extra), request)
    parts = [(table, train_rows), (validation or table, validation_rows)]
    _write_data(root / "output/preprocessed-data", table.header, parts)
    total = len(train_rows) + len(validation_rows)
    if total < ADVISED_ROWS:
        warnings.append(
            f"The input has {total} rows; AWS asks for at least {ADVISED_ROWS}, and scores of so few rows are uncertain."
        )
    document = {
        "ProblemType": target.problem,
        "ProblemTypeReason": target.reason,
        "Objective": objective,
        "ObjectiveType": direction(objective),
        "Target": request.target,
        "Rows": table.rows + len(extra),
        "TrainRows": len(train_rows),
        "ValidationRows": len(validation_rows),
        "Classes": target.classes,
        "ClassCounts": target.counts,
        "Columns": [column.document() for column in columns],
        "Files": table.files,
        "Warnings": warnings,
    }
    _write_candidates(root / "output/candidates", document, strategies, total)
    for warning in warnings:
        print(f"WARNING: {warning}", flush=True)
    print(f"{total} rows, {len(usable)} features used, {target.problem}: {target.reason}", flush=True)


def _read_channels(folder: Path, target: str) -> tuple[RawTable, RawTable | None]:
    table = read_table(folder / "train", channel="training", target=target)
    given = folder / "validation"
    if not given.is_dir() or not any(given.rglob("*")):
        return table, None
    validation = read_table(given, channel="validation", target=target)
    if validation.header != table.header:
        raise AlgorithmError("The validation channel has another header than the training channel.")
    return table, validation


def _cells(table: RawTable, name: str) -> list[str]:
    return cast("list[str]", table.columns[table.header.index(name)].to_pylist())


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
    columns = []
    for name, data in zip(table.header, table.columns, strict=True):
        given = request.feature_types.get(name)
        if given is not None and given_kind(given) is None and given.lower() != "auto":
            raise AlgorithmError(
                f"Feature data type '{given}' of column '{name}' is not offered; known: numeric, categorical, text, datetime."
            )
        columns.append(describe_column(name, data, given))
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


def _write_data(
    folder: Path, header: Sequence[str], parts: Sequence[tuple[RawTable, npt.NDArray[np.int64]]]
) -> None:
    (folder / "header").mkdir(parents=True, exist_ok=True)
    with (folder / "header/headers.csv").open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream, lineterminator="\n").writerow(header)
    for name, (table, rows) in zip(("train", "validation"), parts, strict=True):
        target_folder = folder / "tuning_data" / name
        target_folder.mkdir(parents=True, exist_ok=True)
        columns = [_clean(column.take(rows).to_pylist()) for column in table.columns]
        with (target_folder / "chunk_0.csv").open("w", encoding="utf-8", newline="") as stream:
            csv.writer(stream, lineterminator="\n").writerows(zip(*columns, strict=True))


def _clean(column: list[str]) -> list[str]:
    # Transform jobs split the data by line, so a line break within a cell would tear a row apart.
    if any("\n" in cell or "\r" in cell for cell in column):
        return [" ".join(cell.splitlines()) for cell in column]
    return column


def _write_candidates(
    folder: Path, document: dict[str, Any], strategies: Sequence[Strategy], rows: int
) -> None:
    processors = folder / "generated_module/candidate_data_processors"
    processors.mkdir(parents=True, exist_ok=True)
    for strategy in strategies:
        strategy.spec.write(processors / f"{strategy.spec.name}.json")
    candidates = candidates_document(
        strategies, document["ProblemType"], document["Objective"], rows, len(document["Classes"])
    )
    for name, content in (("analysis.json", document), ("candidates.json", candidates)):
        (folder / name).write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
