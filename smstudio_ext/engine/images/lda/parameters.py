"""Hyperparameters of LDA, as its container declares them."""

from __future__ import annotations

from smstudio_ext.engine.images.firstparty.parameters import Parameter as P

DECLARED = (
    P("num_topics", "int", low=1, required=True),
    P("feature_dim", "int", low=1, required=True),
    P("mini_batch_size", "int", low=1, required=True),
    P("alpha0", "float", "1.0", 0, open_low=True),
    P("max_restarts", "int", "10", 1),
    P("max_iterations", "int", "1000", 1),
    P("tol", "float", "1e-8", 0, open_low=True),
)
