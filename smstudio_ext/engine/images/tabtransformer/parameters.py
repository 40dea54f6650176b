"""Hyperparameters of the TabTransformer image (https://docs.aws.amazon.com/sagemaker/latest/dg/tabtransformer-hyperparameters.html)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from smstudio_ext.engine.images.contract import AlgorithmError
from smstudio_ext.engine.images.hyperparameters import Hyperparameter as H
from smstudio_ext.engine.images.hyperparameters import parse_hyperparameters

_DIMENSIONS = (16, 32, 64, 128, 256, 512)
DECLARED = (
    H("n_epochs", "int", 1),
    H("patience", "int", 1),
    H("learning_rate", "float", 0, open_low=True),
    H("batch_size", "int", 1),
    H("input_dim", "int", 16, 512),
    H("n_blocks", "int", 1, 12),
    H("attn_dropout", "float", 0, 1, open_high=True),
    H("mlp_dropout", "float", 0, 1, open_high=True),
    H("frac_shared_embed", "float", 0, 1, open_high=True),
    H("seed", "int", 0),
)
KNOWN = {declared.name: declared for declared in DECLARED}
DEFAULTS: dict[str, Any] = {
    "n_epochs": 5,
    "patience": 10,
    "learning_rate": 0.001,
    "batch_size": 256,
    "input_dim": 32,
    "n_blocks": 4,
    "attn_dropout": 0.2,
    "mlp_dropout": 0.1,
    "frac_shared_embed": 0.25,
    "seed": 0,
}


def parse_parameters(given: Mapping[str, str]) -> dict[str, Any]:
    """Checks a job's hyperparameters and fills in AWS's defaults.

    Raises:
        AlgorithmError: unknown names or bad values.
    """
    values = DEFAULTS | parse_hyperparameters(given, KNOWN)
    if values["input_dim"] not in _DIMENSIONS:
        raise AlgorithmError(
            f"Hyperparameter input_dim: {values['input_dim']} is not in {[str(one) for one in _DIMENSIONS]}"
        )
    return values
