"""Hyperparameters of IP Insights, as its container declares them."""

from __future__ import annotations

from smstudio_ext.engine.images.firstparty.parameters import Parameter as P

DECLARED = (
    P("num_entity_vectors", "int", low=1, high=250_000_000, required=True),
    P("vector_dim", "int", low=4, high=4096, required=True),
    P("batch_metrics_publish_interval", "int", "1000", 1),
    P("epochs", "int", "10", 1),
    P("feature_dim", "int", low=1),  # the SDK's IPInsights sends that of its record set
    P("learning_rate", "float", "0.001", 1e-6, 10),
    P("mini_batch_size", "int", "10000", 1, 500_000),
    P("num_ip_encoder_layers", "int", "1", 0, 100),
    P("random_negative_sampling_rate", "int", "1", 0, 500),
    P("shuffled_negative_sampling_rate", "int", "1", 0, 500),
    P("weight_decay", "float", "0.00001", 0, 10),
)
