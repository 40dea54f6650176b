"""Hyperparameters of K-Means, as its container declares them."""

from __future__ import annotations

from smstudio_ext.engine.images.firstparty.parameters import Parameter as P

_METHODS = ("random", "kmeans++")
DECLARED = (
    P("k", "int", low=2, required=True),
    P("feature_dim", "int", low=1, required=True),
    P("mini_batch_size", "int", "5000", 1),
    P("epochs", "int", "1", 1),
    P("init_method", "choice", "random", choices=_METHODS),
    P("extra_center_factor", "int", "auto", 1, auto=True),
    P("half_life_time_size", "int", "0", 0),
    P("local_lloyd_init_method", "choice", "kmeans++", choices=_METHODS),
    P("local_lloyd_max_iter", "int", "300", 1),
    P("local_lloyd_num_trials", "int", "auto", 1, auto=True),
    P("local_lloyd_tol", "float", "0.0001", 0, 1),
    P("eval_metrics", "list", '["msd"]', choices=("msd", "ssd")),
    P("force_dense", "bool", "true"),
)
