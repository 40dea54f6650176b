"""Arguments and variables from dictionaries."""

from smstudio_ext.engine.images.toolkit.environment import to_cmd_args, to_env_vars

__all__ = ["to_cmd_args", "to_env_vars"]
