"""Inference program of the DeepAR image."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from smstudio_ext.engine.images.contract import ClientError
from smstudio_ext.engine.images.deep import learning
from smstudio_ext.engine.images.deep.job import use_granted_threads
from smstudio_ext.engine.images.deep.requests import (
    JSON,
    JSONLINES,
    encode,
    instances_of,
    kind_of,
    parse_lines,
)
from smstudio_ext.engine.images.deepar.evaluate import forecast
from smstudio_ext.engine.images.deepar.network import DeepAR
from smstudio_ext.engine.images.deepar.panel import Panel
from smstudio_ext.engine.images.deepar.series import SeriesError, TimeSeries, parse_series
from smstudio_ext.engine.images.deepar.train import check_fit

_OUTPUTS = ("mean", "quantiles", "samples")
_MOST_SAMPLES = 10_000


@dataclass(frozen=True)
class Configuration:
    """What a request wants to know; quantiles keep the text that they were asked by."""

    samples: int
    outputs: tuple[str, ...]
    quantiles: tuple[str, ...]

    @classmethod
    def parse(cls, given: Mapping[str, Any]) -> Configuration:
        """Reads a `configuration` object; what it leaves out has AWS's defaults.

        Raises:
            ClientError: an unknown name, output type, or a number out of range.
        """
        unknown = sorted(set(given) - {"num_samples", "output_types", "quantiles"})
        if unknown:
            raise ClientError(f"Unknown field in configuration: {unknown[0]}")
        samples = given.get("num_samples", 100)
        if isinstance(samples, bool) or not isinstance(samples, int) or not 1 <= samples <= _MOST_SAMPLES:
            raise ClientError(
                f"num_samples must be a whole number from 1 to {_MOST_SAMPLES}, not {samples!r}."
            )
        outputs = given.get("output_types", ["mean", "quantiles"])
        if not isinstance(outputs, list) or not outputs or any(name not in _OUTPUTS for name in outputs):
            raise ClientError(f"output_types must be a list of {', '.join(_OUTPUTS)}, not {outputs!r}.")
        quantiles = given.get("quantiles", [f"0.{digit}" for digit in range(1, 10)])
        if not isinstance(quantiles, list) or any(not _is_share(item) for item in quantiles):
            raise ClientError(f"quantiles must be a list of numbers between 0 and 1, not {quantiles!r}.")
        return cls(samples, tuple(outputs), tuple(str(item) for item in quantiles))


def _is_share(item: Any) -> bool:
    try:
        return 0 < float(item) < 1
    except (TypeError, ValueError):
        return False


def load(model_dir: Path, env: Mapping[str, str]) -> ForecastPredictor:
    """Loads `model_algo-1`.

    Raises:
        ValueError: no model of this engine, or DEEPAR_INFERENCE_CONFIG is malformed.
    """
    use_granted_threads()
    settings, weights = learning.load(model_dir / "model_algo-1", "deepar")
    network = DeepAR(settings)
    network.load_state_dict(weights)
    network.eval()
    text = env.get("DEEPAR_INFERENCE_CONFIG", "")
    try:
        configuration = Configuration.parse(json.loads(text) if text else {})
    except (ValueError, ClientError) as error:
        raise ValueError(f"DEEPAR_INFERENCE_CONFIG: {error}") from error
    return ForecastPredictor(network, settings, configuration)


class ForecastPredictor:
    """Answers requests with forecasts of the `prediction_length` steps after each series."""

    def __init__(self, network: DeepAR, settings: dict[str, Any], configuration: Configuration) -> None:
        self._network = network
        self._settings = settings
        self._configuration = configuration

    def invoke(self, body: bytes, content_type: str, accept: str) -> tuple[bytes, str]:
        """Answers one request in its own content type; see `contract.Predictor`."""
        kind = kind_of(content_type, (JSON, JSONLINES))
        if kind == JSON:
            instances, given = instances_of(body)
            configuration = Configuration.parse(given) if given else self._configuration
        else:
            instances, configuration = parse_lines(body), self._configuration
        series = [self._series(instance, number) for number, instance in enumerate(instances, 1)]
        return encode(self._forecast(series, configuration), kind), kind

    def _series(self, instance: Any, number: int) -> TimeSeries:
        ahead = int(self._settings["prediction_length"])
        try:
            one = parse_series(instance)
            check_fit(one, self._settings, ahead)
        except (SeriesError, ValueError, TypeError) as error:
            raise ClientError(f"Instance {number}: {error}.") from error
        return one

    def _forecast(self, series: list[TimeSeries], configuration: Configuration) -> list[dict[str, Any]]:
        panel = Panel(series, self._settings)
        which = np.arange(len(series))
        paths = forecast(self._network, panel, which, panel.lengths, configuration.samples)
        answers = []
        for samples in paths:
            answer: dict[str, Any] = {}
            if "mean" in configuration.outputs:
                answer["mean"] = samples.mean(axis=0).astype(float).tolist()
            if "quantiles" in configuration.outputs:
                levels = [float(item) for item in configuration.quantiles]
                found = np.quantile(samples, levels, axis=0)
                answer["quantiles"] = {
                    name: row.astype(float).tolist()
                    for name, row in zip(configuration.quantiles, found, strict=True)
                }
            if "samples" in configuration.outputs:
                answer["samples"] = samples.astype(float).tolist()
            answers.append(answer)
        return answers
