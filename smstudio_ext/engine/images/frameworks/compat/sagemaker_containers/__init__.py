"""Names that scripts of older images take from `sagemaker_containers`."""

from __future__ import annotations

from smstudio_ext.engine.images.toolkit.legacy import training_env

__all__ = ["training_env"]
