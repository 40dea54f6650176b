"""Writes and reads the XGBoost image's model files."""

from __future__ import annotations

import os
import pickle
import re
from pathlib import Path

import xgboost as xgb

from smstudio_ext.formats.xgboost_models import ModelFileError, load_booster

MODEL_NAME = "xgboost-model"
THRESHOLD_ATTRIBUTE = "smstudio_threshold"


class ModelError(Exception):
    """The model folder holds nothing that xgboost can load."""


def save(boosters: list[xgb.Booster], folder: Path, *, pickled: bool) -> None:
    """Writes one booster as `xgboost-model`, several (folds) as `xgboost-model-0..k-1`.

    Args:
        pickled: as AWS's versions before 1.3-1 do; else xgboost's own binary (UBJSON).
    """
    folder.mkdir(parents=True, exist_ok=True)
    for number, booster in enumerate(boosters):
        name = MODEL_NAME if len(boosters) == 1 else f"{MODEL_NAME}-{number}"
        write(booster, folder / name, pickled=pickled)


def write(booster: xgb.Booster, path: Path, *, pickled: bool) -> None:
    """Writes one model file so that whoever looks sees it whole or not at all."""
    data = pickle.dumps(booster) if pickled else bytes(booster.save_raw("ubj"))
    part = path.with_name(f".{path.name}.part")
    part.write_bytes(data)
    os.replace(part, path)


def load(folder: Path, *, ensemble: bool = True) -> list[xgb.Booster]:
    """Reads every `xgboost-model*` file, or the only file of a folder.

    Pickles, as AWS's versions before 1.3-1 write them, are read by a restricted unpickler that runs nothing of them.

    Args:
        ensemble: read the models of all folds; else the first file alone (SAGEMAKER_INFERENCE_ENSEMBLE=false).

    Raises:
        ModelError: no file, or one that no reader can read.
    """
    files = sorted((path for path in folder.glob(f"{MODEL_NAME}*") if path.is_file()), key=_fold)
    if not files:
        others = [path for path in folder.rglob("*") if path.is_file() and not path.name.startswith(".")]
        if len(others) != 1:
            raise ModelError(
                f"The model archive holds no '{MODEL_NAME}' file (found: {', '.join(p.name for p in others) or 'nothing'})."
            )
        files = others
    return [_read(path) for path in (files if ensemble else files[:1])]


def _fold(path: Path) -> tuple[int, str]:
    match = re.search(r"-(\d+)$", path.name)
    return (int(match[1]) if match else -1, path.name)


def _read(path: Path) -> xgb.Booster:
    try:
        return load_booster(path)
    except ModelFileError as error:
        raise ModelError(f"'{path.name}' is no model that xgboost can load: {error}") from error
