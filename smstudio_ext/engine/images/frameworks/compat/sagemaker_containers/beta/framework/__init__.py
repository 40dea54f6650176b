"""Names that scripts of older images take from `sagemaker_containers.beta.framework`."""

from __future__ import annotations

from . import content_types, encoders, entry_point, env, errors, mapping, modules, transformer, worker
from .env import training_env

__all__ = [
    "content_types",
    "encoders",
    "entry_point",
    "env",
    "errors",
    "mapping",
    "modules",
    "training_env",
    "transformer",
    "worker",
]
