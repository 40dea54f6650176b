"""Inference program of the XGBoost image."""

from __future__ import annotations

from collections.abc import Mapping
from json import loads
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import xgboost as xgb

from smstudio_ext.engine.images.answers import (
    OutputSettings,
    classification_columns,
    encode_keys,
    encode_plain,
)
from smstudio_ext.engine.images.contract import ClientError
from smstudio_ext.engine.images.jobfiles import granted_cpus, split_content_type
from smstudio_ext.engine.images.matrices import (
    CSV,
    LIBSVM,
    RECORDIO,
    Features,
    parse_csv_rows,
    parse_json_rows,
    parse_libsvm_rows,
    parse_recordio_rows,
)
from smstudio_ext.engine.images.xgboost import models

SMALL_BATCH = 256
"""Up to this many rows starting threads costs more than it saves."""


def load(model_dir: Path, env: Mapping[str, str]) -> XGBoostPredictor:
    """Loads a model folder.

    Raises:
        models.ModelError: no model that xgboost can load.
        ValueError: SAGEMAKER_INFERENCE_OUTPUT names an unknown key.
    """
    return XGBoostPredictor(models.load(model_dir), OutputSettings.from_env(env))


class XGBoostPredictor:
    """The mean of one or several boosters. Use from one thread at a time.

    Args:
        boosters: fold models, or one model.
        settings: output keys and formats.
    """

    def __init__(self, boosters: list[xgb.Booster], settings: OutputSettings) -> None:
        self._boosters = boosters
        self._settings = settings
        self._objective = str(loads(boosters[0].save_config())["learner"]["objective"]["name"])
        self._width = boosters[0].num_features()
        self._threshold = float(boosters[0].attr(models.THRESHOLD_ATTRIBUTE) or 0.5)
        self._threads = 0
        self._many = granted_cpus()
        self._set_threads(1)

    def invoke(self, body: bytes, content_type: str, accept: str) -> tuple[bytes, str]:
        """Answers one request; see `contract.Predictor`."""
        scores = self.predict(self._parse(body, content_type))
        if not self._settings.keys:
            return encode_plain(scores, accept, self._settings)
        if not self._objective.startswith(("binary:", "multi:", "reg:logistic")):
            columns = {"predicted_label": scores.tolist(), "predicted_score": scores.tolist()}
            missing = [key for key in self._settings.keys if key not in columns]
            if missing:
                raise ClientError(f"A regression model has no {', '.join(missing)}.")
        else:
            columns = classification_columns(scores, self._threshold)
        return encode_keys(columns, accept, self._settings)

    def predict(self, features: Features) -> npt.NDArray[np.float64]:
        """Mean of the boosters' answers: (rows,) or (rows, classes).

        Raises:
            ClientError: the rows have not the model's number of features.
        """
        rows, width = features.shape
        if width != self._width:
            features = self._fit_width(features)
        self._set_threads(1 if rows <= SMALL_BATCH else self._many)
        total: Any = None
        for booster in self._boosters:
            part = booster.inplace_predict(features, validate_features=False)
            total = part if total is None else total + part
        scores = np.asarray(total, dtype=np.float64)
        return scores / len(self._boosters) if len(self._boosters) > 1 else scores

    def _fit_width(self, features: Features) -> Features:
        width = features.shape[1]
        if not isinstance(features, np.ndarray) and width < self._width:
            # libsvm bodies only show the highest index that occurs.
            features.resize(features.shape[0], self._width)
            return features
        raise ClientError(
            f"Feature size of the request is {width}, but the model was trained with {self._width} features."
        )

    def _parse(self, body: bytes, content_type: str) -> Features:
        kind = split_content_type(content_type or CSV)[0]
        if kind == CSV:
            return parse_csv_rows(body)
        if kind in RECORDIO:
            return parse_recordio_rows(body)
        if kind in LIBSVM:
            return parse_libsvm_rows(body)
        if kind in ("application/json", "application/jsonlines"):
            return parse_json_rows(body, lines=kind.endswith("lines"))
        raise ClientError(
            f"Content type {kind} is not supported. Supported: text/csv, text/libsvm, application/x-recordio-protobuf, "
            "application/json, application/jsonlines.",
            415,
        )

    def _set_threads(self, count: int) -> None:
        if count != self._threads:
            self._threads = count
            for booster in self._boosters:
                booster.set_param({"nthread": count})
