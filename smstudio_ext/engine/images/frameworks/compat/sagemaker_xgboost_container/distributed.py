"""Training on several hosts."""

from smstudio_ext.engine.images.toolkit.legacy import rabit_run

__all__ = ["rabit_run"]
