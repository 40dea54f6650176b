"""Reads the channels of the tabular algorithms: CSV without header, target first, `categorical_index.json` beside it.

Layouts as AWS documents them (https://docs.aws.amazon.com/sagemaker/latest/dg/lightgbm.html): a `train` channel and a `validation`
channel, or one `training` channel with `training/` and `validation/` folders in it. Without validation data a fifth of the rows is
set aside.
"""

from __future__ import annotations

import csv
import io
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from smstudio_ext.engine.images.contract import AlgorithmError
from smstudio_ext.engine.images.jobfiles import Channel, in_container

INDEX = "categorical_index.json"
SHARE = 0.2
_TRAIN = ("training", "train")
_FOLDERS = ("validation", "valid")


@dataclass
class Rows:
    """Some rows.

    Attributes:
        features: columns named 0, 1, ... as they stand behind the target; categorical ones hold text or None, others float.
        target: the first column as it was read: float, or text where a cell is no number.
    """

    features: pd.DataFrame
    target: pd.Series

    def __len__(self) -> int:
        return len(self.features)

    def take(self, rows: Any) -> Rows:
        """The rows of the given indices."""
        return Rows(
            self.features.iloc[rows].reset_index(drop=True), self.target.iloc[rows].reset_index(drop=True)
        )


@dataclass
class TabularData:
    """What a job trains on.

    Attributes:
        categorical: features (from 0) that hold categories.
    """

    train: Rows
    validation: Rows
    categorical: list[int]


def read_tabular(channels: dict[str, Channel], *, seed: int = 0, texts: bool = False) -> TabularData:
    """Reads the training and validation data of a job.

    Args:
        seed: chooses the rows that are set aside.
        texts: columns that hold text are categories, listed or not; else a text that is not listed is an error.

    Raises:
        AlgorithmError: no training channel, no data, a header, text in a numeric column, rows of different length.
    """
    name = next((name for name in ("train", "training") if name in channels), None)
    if name is None:
        raise AlgorithmError("Missing required channel: training (or train)")
    for other in channels:
        if other not in ("train", "training", "validation", "model", "code"):
            raise AlgorithmError(f"Extraneous channel found: {other}")
    channel = channels[name]
    _check_type(channel)
    root = _inner(channel.path, _TRAIN)
    categorical = _categorical(channel.path, root)
    held_out = channels["validation"].path if "validation" in channels else _inner(channel.path, _FOLDERS)
    if texts:
        skip = held_out if held_out != channel.path else None
        categorical = sorted({*categorical, *_text_columns(_data_files(root, skip))})
    train = _read_folder(root, categorical, channel.name, skip=held_out if held_out != channel.path else None)
    if held_out == channel.path:
        order = np.random.default_rng(seed).permutation(len(train))
        cut = max(1, round(len(train) * SHARE))
        if len(train) < 2:
            raise AlgorithmError(f"Channel '{channel.name}' has {len(train)} row(s): too few to train on.")
        validation, train = train.take(order[:cut]), train.take(order[cut:])
    else:
        validation = _read_folder(held_out, categorical, "validation")
    if validation.features.shape[1] != train.features.shape[1]:
        raise AlgorithmError(
            f"The training data have {train.features.shape[1]} features and the validation data {validation.features.shape[1]}."
        )
    return TabularData(train, validation, categorical)


def read_rows(body: bytes, width: int, categorical: list[int]) -> pd.DataFrame:
    """Rows of a request without target, typed like the training features.

    Raises:
        ValueError: no row, rows of another width, or text in a numeric column.
    """
    text = body.decode("utf-8-sig", errors="replace")
    frame = _frame(text, {column: str for column in categorical if column < width})
    if frame.shape[1] != width:
        raise ValueError(
            f"The rows have {frame.shape[1]} columns, but the model was trained with {width} features."
        )
    return typed(frame, categorical)


def typed(frame: pd.DataFrame, categorical: list[int]) -> pd.DataFrame:
    """Columns as the algorithms take them: float32, and text for categories.

    Raises:
        ValueError: a numeric column holds text; names the row and the column (from 0).
    """
    columns = {}
    for column in frame.columns:
        values = frame[column]
        if column in categorical:
            columns[column] = values.map(_category).astype(object)
            continue
        numbers = pd.to_numeric(values, errors="coerce")
        strange = numbers.isna() & values.notna()
        if strange.any():
            row = int(np.flatnonzero(strange.to_numpy())[0])
            alone = row == 0 and not strange.iloc[1:].any()
            raise BadCell(row, int(column), str(values.iloc[row]), header=alone)
        columns[column] = numbers.astype(np.float32)
    return pd.DataFrame(columns)


class BadCell(ValueError):
    """A numeric column holds text.

    Args:
        row: from 0.
        column: feature, from 0.
        text: what the cell holds.
        header: the text stands above a column of numbers.
    """

    def __init__(self, row: int, column: int, text: str, *, header: bool = False) -> None:
        super().__init__(f"Row {row + 1}, column {column + 1} holds '{text[:40]}', which is no number.")
        self.row, self.column, self.text, self.header = row, column, text, header


def _inner(path: Path, names: tuple[str, ...]) -> Path:
    return next((path / name for name in names if (path / name).is_dir()), path)


def _check_type(channel: Channel) -> None:
    if channel.content_type not in ("", "text/csv", "csv", "application/x-directory"):
        raise AlgorithmError(
            f"'{channel.content_type}' is not an accepted ContentType of channel '{channel.name}': text/csv."
        )
    if channel.mode == "Pipe":
        raise AlgorithmError(
            f"Channel '{channel.name}': this algorithm reads files; use File or FastFile mode."
        )


def _categorical(*folders: Path) -> list[int]:
    for folder in folders:
        path = folder / INDEX
        if not path.is_file():
            continue
        try:
            columns = json.loads(path.read_text(encoding="utf-8"))["cat_index_list"]
            found = sorted({int(column) - 1 for column in columns})
        except (ValueError, KeyError, TypeError) as error:
            raise AlgorithmError(
                f'{INDEX} must hold {{"cat_index_list": [columns]}}, numbers of CSV columns from 1 (0 is the target).'
            ) from error
        if found and found[0] < 0:
            raise AlgorithmError(f"{INDEX}: column 0 is the target and cannot be a categorical feature.")
        return found
    return []


def _data_files(folder: Path, skip: Path | None) -> list[Path]:
    return [
        path
        for path in sorted(folder.rglob("*"))
        if path.is_file()
        and not path.name.startswith((".", "_"))
        and path.suffix not in (".json", ".manifest")
        and (skip is None or skip not in path.parents)
        and path.stat().st_size > 0
    ]


def _text_columns(files: list[Path]) -> set[int]:
    """Features (from 0) in which some cell is no number; a header alone makes no text of a column of numbers."""
    found: set[int] = set()
    for path in files:
        try:
            frame = _frame(path, {}).drop(columns=0)
        except ValueError:
            continue  # reading the file for good says what is wrong
        for column in frame.columns:
            numbers = pd.to_numeric(frame[column], errors="coerce")
            if (numbers.isna() & frame[column].notna())[1:].any():
                found.add(int(column) - 1)
    return found


def _read_folder(folder: Path, categorical: list[int], channel: str, skip: Path | None = None) -> Rows:
    files = _data_files(folder, skip)
    if not files:
        raise AlgorithmError(f"Channel '{channel}' holds no data: no CSV file under {in_container(folder)}.")
    parts = [_read_file(path, categorical) for path in files]
    widths = {part.features.shape[1] for part in parts}
    if len(widths) > 1:
        raise AlgorithmError(
            f"Files of channel '{channel}' have different numbers of columns: {sorted(widths)}."
        )
    return Rows(
        pd.concat([part.features for part in parts], ignore_index=True),
        pd.concat([part.target for part in parts], ignore_index=True),
    )


def _read_file(path: Path, categorical: list[int]) -> Rows:
    try:
        frame = _frame(path, {column + 1: str for column in categorical})
    except ValueError as error:
        raise AlgorithmError(f"CSV file '{path.name}' cannot be read: {error}") from error
    if frame.shape[1] < 2:
        raise AlgorithmError(
            f"CSV file '{path.name}' has {frame.shape[1]} column(s): no feature is left beside the target."
        )
    if categorical and categorical[-1] + 1 >= frame.shape[1]:
        raise AlgorithmError(
            f"{INDEX} names column {categorical[-1] + 1}; '{path.name}' has {frame.shape[1]} columns."
        )
    target = frame[0]
    features = frame.drop(columns=0)
    features.columns = pd.RangeIndex(features.shape[1])
    if target.isna().any():
        row = int(np.flatnonzero(target.isna().to_numpy())[0]) + 1
        raise AlgorithmError(f"CSV file '{path.name}', line {row}: the target (first column) is empty.")
    try:
        return Rows(typed(features, categorical), target)
    except BadCell as cell:
        hint = (
            "The first line looks like a header: remove it, the target must be the first column."
            if cell.header
            else f"Categorical columns must be listed in {INDEX}."
        )
        raise AlgorithmError(
            f"CSV file '{path.name}', line {cell.row + 1}: column {cell.column + 1} holds '{cell.text[:40]}', which is no number. "
            f"{hint}"
        ) from cell


def _frame(source: Path | str, texts: dict[int, type]) -> pd.DataFrame:
    """A frame of a CSV file, or of CSV text."""
    try:
        frame = pd.read_csv(
            source if isinstance(source, Path) else io.StringIO(source),
            header=None,
            dtype=texts,
            skipinitialspace=True,
        )
    except pd.errors.ParserError as error:
        # pandas counts fields well but says it in its own words.
        raise ValueError(_ragged(source) or str(error).strip().splitlines()[0]) from error
    if frame.empty:
        raise ValueError("there is no row")
    # pandas fills short rows up; an honest empty last cell looks the same.
    if frame.iloc[:, -1].isna().any() and (ragged := _ragged(source)):
        raise ValueError(ragged)
    return frame


def _ragged(source: Path | str) -> str:
    """The first line of another width than the first one has, in words; empty when there is none."""
    opened = (
        source.open(encoding="utf-8", errors="replace", newline="")
        if isinstance(source, Path)
        else io.StringIO(source, newline="")
    )
    with opened as stream:
        width = 0
        reader = csv.reader(stream, skipinitialspace=True)
        for cells in reader:
            if width and cells and len(cells) != width:
                return f"line {reader.line_num} has {len(cells)} columns, the first line has {width}."
            width = width or len(cells)
    return ""


def _category(value: Any) -> str | None:
    if value is None or value != value:
        return None
    text = str(value).strip()
    # 1 and 1.0 are one category: a column with gaps turns its integers into floats.
    return text.removesuffix(".0") if text.removesuffix(".0").lstrip("-").isdigit() else text
