"""Training program of the data transformer image: runs the trainer of the generated code on one data processor."""

from __future__ import annotations

import csv
import traceback
from pathlib import Path

from smstudio_ext.engine.images.contract import AlgorithmError
from smstudio_ext.engine.images.jobfiles import Channel, read_channels, read_hyperparameters
from smstudio_ext.engine.images.sklearn_automl import extension
from smstudio_ext.engine.images.sklearn_automl.codefolder import importing_from, load_file, run_file

MODEL_NAME = "model.joblib"
TRAINER = "trainer.py"

extension.load()


def train(optml: Path) -> None:
    """Fits on the `train` channel what `processor_module` names in the `processors` channel; writes `model/`.

    Raises:
        AlgorithmError: missing channel or hyperparameter, rows that do not fit, or code that fails.
    """
    channels = read_channels(optml)
    for name in ("train", "processors"):
        if name not in channels:
            raise AlgorithmError(f"Missing required channel: {name}")
    code = channels["processors"].path
    name = read_hyperparameters(optml).get("processor_module", "").rpartition(".")[2]
    _check_processor(code, name)
    if "header" in channels:
        _check_header(channels["header"], code, name)
    channels["train"].files()
    arguments = ["--processor_module", name, "--data_dir", str(channels["train"].path)]
    try:
        run_file(code / TRAINER, [*arguments, "--model_dir", str(optml / "model")])
    except Exception as error:
        traceback.print_exc()
        raise AlgorithmError(
            f"{name}: {error}" if isinstance(error, ValueError) else _told(name, error)
        ) from error


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


def _told(name: str, error: Exception) -> str:
    return f"{name}: {type(error).__name__}: {error}"


def _check_processor(code: Path, name: str) -> None:
    if not name:
        raise AlgorithmError("Missing required hyperparameter: processor_module")
    if not (code / f"{name}.py").is_file():
        known = ", ".join(sorted(path.stem for path in code.glob("dpp*.py")))
        raise AlgorithmError(
            f"Hyperparameter processor_module: '{name}' is not in the processors channel ({known or 'empty'})."
        )
    if not (code / TRAINER).is_file():
        raise AlgorithmError(f"The processors channel holds no {TRAINER}.")


def _check_header(channel: Channel, code: Path, name: str) -> None:
    with channel.files()[0].open(encoding="utf-8", newline="") as stream:
        header = next(csv.reader(stream), [])
    try:
        with importing_from(code):
            expected = load_file(code / f"{name}.py", name).HEADER
        places = expected.as_column_indices(header)
    except Exception as error:
        traceback.print_exc()
        raise AlgorithmError(_told(name, error)) from error
    if places != list(range(expected.num_columns)):
        raise AlgorithmError("The header channel names other columns than the processor was made for.")
