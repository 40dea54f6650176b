"""Hyperparameters of Factorization Machines, as its container declares them."""

from __future__ import annotations

from smstudio_ext.engine.images.firstparty.parameters import Parameter as P

BINARY, REGRESSOR = "binary_classifier", "regressor"
_METHODS = ("normal", "uniform", "constant")


def _starts(name: str, sigma: str) -> tuple[P, ...]:
    return (
        P(f"{name}_init_method", "choice", "normal", choices=_METHODS),
        P(f"{name}_init_scale", "float", low=0),
        P(f"{name}_init_sigma", "float", sigma, 0),
        P(f"{name}_init_value", "float"),
    )


DECLARED = (
    P("feature_dim", "int", low=1, required=True),
    P("num_factors", "int", low=1, required=True),
    P("predictor_type", "choice", choices=(BINARY, REGRESSOR), required=True),
    P("mini_batch_size", "int", "1000", 1),
    P("epochs", "int", "1", 1),
    P("bias_lr", "float", "0.1", 0),
    P("bias_wd", "float", "0.01", 0),
    P("linear_lr", "float", "0.001", 0),
    P("linear_wd", "float", "0.001", 0),
    P("factors_lr", "float", "0.0001", 0),
    P("factors_wd", "float", "0.00001", 0),
    *_starts("bias", "0.01"),
    *_starts("linear", "0.01"),
    *_starts("factors", "0.001"),
    P("clip_gradient", "float", low=0),
    P("eps", "float", low=0),
    P("rescale_grad", "float"),
    P("force_dense", "bool", "false"),
)
