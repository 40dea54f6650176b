"""Analysis program of a text classification job: checks the texts and labels, splits them, proposes candidates."""

from __future__ import annotations

from difflib import get_close_matches
from pathlib import Path
from typing import Any, cast

import numpy as np

from smstudio_ext.engine.autopilot.classification.labels import (
    Codes,
    Labels,
    inspect_labels,
    split,
    without_repeats,
)
from smstudio_ext.engine.autopilot.classification.proposals import text_candidates
from smstudio_ext.engine.autopilot.classification.reporting import Asked, write_findings
from smstudio_ext.engine.autopilot.reading import RawTable, read_table
from smstudio_ext.engine.images.automl_text.texts import FILE, is_spaced, normalise
from smstudio_ext.engine.images.contract import AlgorithmError

_VALIDATION_PART = 4


def analyse(optml: Path) -> None:
    """Runs the analysis (docs/autopilot-text-image.md says what it reads and writes).

    Raises:
        AlgorithmError: the data cannot be used; the message says why and what to do.
    """
    root = optml / "processing"
    asked = Asked.read(root / "input/request/request.json")
    content, target = asked.config["ContentColumn"], asked.config["TargetLabelColumn"]
    warnings: list[str] = []
    training = _read(root / "input/train", "training", content, target, asked, asked.memory, warnings)
    texts, labels = _usable(training, content, target, "training", warnings)
    own = len(texts)
    given = root / "input/validation"
    if given.is_dir() and any(given.rglob("*")):
        limit = asked.memory // _VALIDATION_PART
        table = _read(given, "validation", content, target, asked, limit, warnings)
        more, extra = _usable(table, content, target, "validation", warnings)
        texts, labels = texts + more, labels + extra
    found = inspect_labels(labels, f"column '{target}'", warnings)
    train, validation = split(found, own, asked.fraction, asked.seed, warnings)
    keys = [normalise(text) for text in texts]
    validation = without_repeats(keys, train, validation, "text", warnings)
    spaced = is_spaced([texts[row] for row in train.tolist()])
    for part, rows in (("train", train), ("validation", validation)):
        _write(root / "output/preprocessed-data" / part, texts, found, rows)
    facts = {"Content": content, "Target": target, "Spaced": spaced}
    models = text_candidates(rows=len(train), classes=len(found.classes), spaced=spaced)
    lengths = np.array([len(text) for text in texts])
    more_facts = {
        "Files": training.files,
        "Bytes": training.bytes,
        "Sampled": training.sampled,
        "CharactersMedian": int(np.median(lengths)),
        "CharactersMost": int(lengths.max()),
    }
    rows_of = (len(texts), len(train), len(validation))
    write_findings(
        root,
        "TextClassification",
        found,
        rows_of,
        facts,
        models[: max(1, asked.models)],
        more_facts,
        warnings,
    )


def _read(
    folder: Path, channel: str, content: str, target: str, asked: Asked, limit: int, warnings: list[str]
) -> RawTable:
    table = read_table(folder, channel=channel, target=target, limit=limit, seed=asked.seed)
    if content not in table.header:
        near = get_close_matches(content, table.header, n=2, cutoff=0.6)
        hint = f" Did you mean {' or '.join(map(repr, near))}? Names are case-sensitive." if near else ""
        raise AlgorithmError(
            f"ContentColumn '{content}' does not exist in the {channel} input.{hint} Columns: {', '.join(table.header[:20])}."
        )
    warnings += table.notes
    if table.sampled:
        warnings.append(table.sampled)
    told_parquet = "parquet" in asked.content_type.lower()
    if table.parquet != told_parquet:
        kind = "Parquet" if table.parquet else "CSV"
        warnings.append(f"The {channel} input is {kind} though its ContentType is {asked.content_type}.")
    return table


def _usable(
    table: RawTable, content: str, target: str, channel: str, warnings: list[str]
) -> tuple[list[str], list[str]]:
    """Texts and labels of the rows that have both.

    Raises:
        AlgorithmError: there is none.
    """
    texts, labels = (_cells(table, name) for name in (content, target))
    kept = [
        (text, label.strip())
        for text, label in zip(texts, labels, strict=True)
        if text.strip() and label.strip()
    ]
    empty = sum(1 for text in texts if not text.strip())
    unlabelled = sum(1 for label in labels if not label.strip())
    if not kept:
        why = f"{empty} have no text in '{content}', {unlabelled} no label in '{target}'"
        raise AlgorithmError(f"No row of the {channel} input can be used: of {len(texts)} rows {why}.")
    if empty:
        warnings.append(f"{empty} {channel} row(s) have an empty text and are left out.")
    if unlabelled:
        warnings.append(f"{unlabelled} {channel} row(s) have no label and are left out.")
    return [text for text, _ in kept], [label for _, label in kept]


def _cells(table: RawTable, name: str) -> list[str]:
    return cast("list[str]", table.columns[table.header.index(name)].to_pylist())


def _write(folder: Path, texts: list[str], labels: Labels, rows: Codes) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    folder.mkdir(parents=True, exist_ok=True)
    columns: dict[str, Any] = {
        "text": pa.array([texts[row] for row in rows.tolist()], pa.string()),
        "label": pa.array(labels.codes[rows], pa.int64()),
    }
    pq.write_table(pa.table(columns), folder / FILE)
