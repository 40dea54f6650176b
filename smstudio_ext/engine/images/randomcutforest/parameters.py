"""Hyperparameters of Random Cut Forest, as its container declares them."""

from __future__ import annotations

from smstudio_ext.engine.images.firstparty.parameters import Parameter as P

DECLARED = (
    P("feature_dim", "int", low=1, high=10_000, required=True),
    P("num_trees", "int", "100", 50, 1000),
    P("num_samples_per_tree", "int", "256", 1, 2048),
    P(
        "eval_metrics",
        "list",
        "accuracy,precision_recall_fscore",
        choices=("accuracy", "precision_recall_fscore"),
    ),
    P("mini_batch_size", "int", "1000", 1),
    P("force_dense", "bool", "true"),
)
