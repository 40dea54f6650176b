"""The training environment."""

from smstudio_ext.engine.images.toolkit.environment import Environment, base_dir, read_hyperparameters

code_dir = str(base_dir() / "code")
model_dir = str(base_dir() / "model")
input_dir = str(base_dir() / "input")
input_config_dir = str(base_dir() / "input" / "config")
output_dir = str(base_dir() / "output")
output_data_dir = str(base_dir() / "output" / "data")
output_intermediate_dir = str(base_dir() / "output" / "intermediate")

__all__ = ["Environment", "code_dir", "model_dir", "output_data_dir", "read_hyperparameters"]
