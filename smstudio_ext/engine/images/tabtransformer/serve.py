"""Inference program of the TabTransformer image."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy.typing as npt
import pandas as pd

from smstudio_ext.engine.images.deep.job import use_granted_threads
from smstudio_ext.engine.images.deep.learning import load as load_weights
from smstudio_ext.engine.images.tabtransformer.inputs import Inputs
from smstudio_ext.engine.images.tabtransformer.network import TabTransformer
from smstudio_ext.engine.images.tabtransformer.train import ALGORITHM, MODEL, predict
from smstudio_ext.engine.images.tabular.answers import TabularPredictor
from smstudio_ext.engine.images.tabular.target import Outline

_NETWORK = (
    "cardinalities",
    "numbers",
    "outputs",
    "dim",
    "blocks",
    "attention_dropout",
    "mlp_dropout",
    "shared",
)


def load(model_dir: Path, env: Mapping[str, str]) -> TabularPredictor:
    """Loads a model folder.

    Raises:
        ValueError: no model of this engine.
    """
    use_granted_threads()
    outline = Outline.load(model_dir)
    settings, weights = load_weights(model_dir / MODEL, ALGORITHM)
    network = TabTransformer(**{name: settings[name] for name in _NETWORK})
    network.load_state_dict(weights)
    inputs = Inputs(outline, settings["mean"], settings["scale"])
    target = (settings["target_middle"], settings["target_spread"])

    def answer(rows: pd.DataFrame) -> npt.NDArray[Any]:
        return predict(network, inputs, inputs.tensors(rows), target)

    return TabularPredictor(outline, answer)
