"""Inference program of the XGBoost image."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from json import loads
from pathlib import Path

import numpy as np
import numpy.typing as npt
import xgboost as xgb

from smstudio_ext.engine.images.answers import JSON, OutputSettings, encode_keys, encode_plain
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
from smstudio_ext.engine.images.xgboost.dense import LARGEST, dense_predictor
from smstudio_ext.engine.images.xgboost.selected import selected_columns

_NAMES = {
    "text/csv": "csv",
    "text/libsvm": "libsvm",
    "text/x-libsvm": "libsvm",
    "application/x-recordio-protobuf": "recordio-protobuf",
    "application/json": "json",
    "application/jsonlines": "jsonlines",
}
"""What AWS's messages call the formats."""

SMALL_BATCH = 256
"""Up to this many rows starting threads costs more than it saves."""


def load(model_dir: Path, env: Mapping[str, str]) -> XGBoostPredictor:
    """Loads a model folder.

    In a multi-model endpoint AWS's container answers through another server: in JSON where nothing is asked for, with bare
    scores, and with commas in CSV (`default_output_fn` of its `algorithm_mode/handler_service.py`).

    Raises:
        models.ModelError: no model that xgboost can load.
        ValueError: SAGEMAKER_INFERENCE_OUTPUT names an unknown key.
    """
    ensemble = env.get("SAGEMAKER_INFERENCE_ENSEMBLE", "true").lower() == "true"
    settings = OutputSettings.from_env(env)
    if env.get("SAGEMAKER_MULTI_MODEL", "").lower() == "true":
        settings = replace(settings, accept=settings.accept or JSON, commas=True, bare=True)
    return XGBoostPredictor(models.load(model_dir, ensemble=ensemble), settings)


def load_with_commas(model_dir: Path, env: Mapping[str, str]) -> XGBoostPredictor:
    """As `load`, for image versions before 1.2-2, whose CSV answer is one line: `0.1,0.2,0.3`."""
    predictor = load(model_dir, env)
    predictor.answer_with_commas()
    return predictor


class XGBoostPredictor:
    """The mean of one or several boosters. Use from one thread at a time.

    Args:
        boosters: fold models, or one model.
        settings: output keys and formats.
    """

    def __init__(self, boosters: list[xgb.Booster], settings: OutputSettings) -> None:
        self._boosters = boosters
        self._settings = settings
        learner = loads(boosters[0].save_config())["learner"]
        self._objective = str(learner["objective"]["name"])
        self._classes = max(2, int(learner["learner_model_param"].get("num_class") or 0))
        self._linear = learner["gradient_booster"]["name"] == "gblinear"
        self._width = boosters[0].num_features()
        self._threshold = float(boosters[0].attr(models.THRESHOLD_ATTRIBUTE) or 0.5)
        self._threads = 0
        self._many = granted_cpus()
        self._dense = {id(booster): dense_predictor(booster) for booster in boosters}
        self._set_threads(1)

    def answer_with_commas(self) -> None:
        """Joins the rows of plain CSV answers by commas from now on."""
        self._settings = replace(self._settings, commas=True)

    def invoke(self, body: bytes, content_type: str, accept: str) -> tuple[bytes, str]:
        """Answers one request; see `contract.Predictor`."""
        kind = split_content_type(content_type or CSV)[0]
        return self._answer(self.predict(self._parse(body, kind), _NAMES.get(kind, kind)), accept)

    def invoke_many(
        self, bodies: Sequence[bytes], content_type: str, accept: str
    ) -> list[tuple[bytes, str] | Exception]:
        """Answers several requests with one prediction; each gets its own answer or error."""
        kind = split_content_type(content_type or CSV)[0]
        parsed: list[Features | None] = []
        answers: list[tuple[bytes, str] | Exception | None] = []
        for body in bodies:
            try:
                features = self._parse(body, kind)
                dense = isinstance(features, np.ndarray) and features.shape[1] == self._width
                parsed.append(features if dense else None)
                answers.append(None if dense else self.invoke(body, content_type, accept))
            except ClientError as error:
                if len(parsed) == len(answers):
                    parsed.append(None)
                answers.append(error)
        together = [features for features in parsed if features is not None]
        if together:
            predicted = self.predict(np.concatenate(together), _NAMES.get(kind, kind))
            start = 0
            for at, features in enumerate(parsed):
                if features is not None:
                    part = predicted[start : start + features.shape[0]]
                    start += features.shape[0]
                    try:
                        answers[at] = self._answer(part, accept)
                    except ClientError as error:
                        answers[at] = error
        return [answer for answer in answers if answer is not None]

    def _answer(self, predicted: npt.NDArray[np.float64], accept: str) -> tuple[bytes, str]:
        if not self._settings.keys:
            return encode_plain(predicted, accept, self._settings)
        columns = selected_columns(self._objective, predicted, self._threshold, self._classes)
        return encode_keys(columns, accept, self._settings)

    def predict(self, features: Features, kind: str = "csv") -> npt.NDArray[np.float64]:
        """The boosters' mean, or their vote where they answer classes: (rows,) or (rows, classes).

        Args:
            features: (rows, columns) dense or CSR.
            kind: what an error calls the format of the rows.

        Raises:
            ClientError: the rows have not the model's number of features.
        """
        if features.shape[1] != self._width:
            features = self._fit_width(features, kind)
        self._set_threads(1 if features.shape[0] <= SMALL_BATCH else self._many)
        found = [self._one(booster, features) for booster in self._boosters]
        if len(found) == 1:
            return np.asarray(found[0], dtype=np.float64)
        if self._objective in ("multi:softmax", "binary:hinge"):
            votes = np.sort(np.stack(found), axis=0)
            # The middle of the sorted votes is the majority's where there is one.
            return np.asarray(votes[len(found) // 2], dtype=np.float64)
        return np.asarray(np.mean(found, axis=0), dtype=np.float64)

    def _one(self, booster: xgb.Booster, features: Features) -> npt.NDArray[np.float32]:
        if self._linear:
            answer = booster.predict(xgb.DMatrix(features, nthread=self._threads), validate_features=False)
        else:
            dense = self._dense[id(booster)]
            if dense is not None and isinstance(features, np.ndarray) and features.size <= LARGEST:
                return dense(np.ascontiguousarray(features, dtype=np.float32))
            answer = booster.inplace_predict(features, validate_features=False)
        return np.asarray(answer)

    def _fit_width(self, features: Features, kind: str) -> Features:
        width = features.shape[1]
        if not isinstance(features, np.ndarray) and width <= self._width + 1:
            # libsvm bodies only show the highest index that occurs; one index too many passes AWS's image, and counts for nothing.
            features.resize(features.shape[0], self._width)
            return features
        if isinstance(features, np.ndarray) and width == self._width - 1:
            # Models trained on libsvm that counts from 1 have a first column that nothing fills; AWS's image lets this pass.
            return np.pad(features, ((0, 0), (0, 1)), constant_values=np.nan)
        larger = "is larger than" if kind == "libsvm" else "is not consistent with"
        raise ClientError(
            f"Unable to evaluate payload provided: Feature size of {kind} inference data {width} {larger} feature size of "
            f"trained model {self._width}."
        )

    def _parse(self, body: bytes, kind: str) -> Features:
        if not body:
            raise ClientError("The request body is empty.")
        try:
            if kind in (CSV, "csv"):
                return parse_csv_rows(body)
            if kind in RECORDIO or kind == "recordio-protobuf":
                return parse_recordio_rows(body)
            if kind in LIBSVM or kind == "libsvm":
                return parse_libsvm_rows(body)
            if kind in ("application/json", "application/jsonlines"):
                return parse_json_rows(body, lines=kind.endswith("lines"))
        except ClientError as error:
            name = _NAMES.get(kind, kind)
            raise ClientError(
                f"Loading {name} data failed with Exception, please ensure data is in {name} format:\n {error.message}",
                415,
            ) from error
        raise ClientError(
            f"Content-type {kind} is not supported. Supported: text/csv, text/libsvm, application/x-recordio-protobuf, "
            "application/json, application/jsonlines.",
            415,
        )

    def _set_threads(self, count: int) -> None:
        if count != self._threads:
            self._threads = count
            for booster in self._boosters:
                booster.set_param({"nthread": count})
