"""Writes and reads the XGBoost image's model files."""

from __future__ import annotations

import pickle
from pathlib import Path

import xgboost as xgb

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
        data = pickle.dumps(booster) if pickled else bytes(booster.save_raw("ubj"))
        (folder / name).write_bytes(data)


def load(folder: Path) -> list[xgb.Booster]:
    """Reads every `xgboost-model*` file, or the only file of a folder.

    Raises:
        ModelError: no file, or one that this xgboost cannot read.
    """
    files = sorted(path for path in folder.glob(f"{MODEL_NAME}*") if path.is_file())
    if not files:
        others = [path for path in folder.rglob("*") if path.is_file() and not path.name.startswith(".")]
        if len(others) != 1:
            raise ModelError(
                f"The model archive holds no '{MODEL_NAME}' file (found: {', '.join(p.name for p in others) or 'nothing'})."
            )
        files = others
    # Fold 10 sorts before fold 2 by name; the mean does not care.
    return [_read(path) for path in files]


def _read(path: Path) -> xgb.Booster:
    data = path.read_bytes()
    if data[:1] == b"\x80":
        # A pickle can run code; so can the container that AWS would start for it. The model is the user's own.
        try:
            loaded = pickle.loads(data)
        except (
            pickle.UnpicklingError,
            ValueError,
            AttributeError,
            ImportError,
            xgb.core.XGBoostError,
        ) as error:
            raise ModelError(
                f"'{path.name}' is a pickle that this xgboost ({xgb.__version__}) cannot read: {error}"
            ) from error
        booster = loaded.get_booster() if isinstance(loaded, xgb.XGBModel) else loaded
        if not isinstance(booster, xgb.Booster):
            raise ModelError(
                f"'{path.name}' is a pickle of {type(loaded).__name__}, not of an XGBoost model."
            )
        return booster
    booster = xgb.Booster()
    try:
        booster.load_model(bytearray(data))
    except (xgb.core.XGBoostError, ValueError) as error:
        raise ModelError(
            f"'{path.name}' is no model that xgboost {xgb.__version__} can load (models of the old binary format must be loaded and "
            f"saved again with xgboost 1.6-3.0): {str(error).strip().splitlines()[-1] if str(error).strip() else error}"
        ) from error
    return booster
