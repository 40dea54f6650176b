"""Environments of training and serving containers."""

from smstudio_ext.engine.images.toolkit.environment import Environment as TrainingEnv
from smstudio_ext.engine.images.toolkit.environment import base_dir, read_hyperparameters
from smstudio_ext.engine.images.toolkit.legacy import ServingEnv, training_env

model_dir = str(base_dir() / "model")
output_data_dir = str(base_dir() / "output" / "data")

__all__ = [
    "ServingEnv",
    "TrainingEnv",
    "model_dir",
    "output_data_dir",
    "read_hyperparameters",
    "training_env",
]
