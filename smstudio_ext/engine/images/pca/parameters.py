"""Hyperparameters of PCA, as its container declares them."""

from __future__ import annotations

from smstudio_ext.engine.images.firstparty.parameters import Parameter as P

DECLARED = (
    P("feature_dim", "int", low=1, required=True),
    P("num_components", "int", low=1, required=True),
    P("mini_batch_size", "int", low=1, required=True),
    P("algorithm_mode", "choice", "regular", choices=("regular", "randomized")),
    P("subtract_mean", "bool", "true"),
    P("extra_components", "int", "-1", -1),
    P("force_dense", "bool", "true"),
    P("epochs", "int", "1", 1, 1),
)
