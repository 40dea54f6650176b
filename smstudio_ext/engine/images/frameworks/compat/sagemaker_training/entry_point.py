"""`sagemaker_training.entry_point`."""

from smstudio_ext.engine.images.toolkit.legacy import run_entry_point as run
from smstudio_ext.engine.images.toolkit.legacy import wait_hostname_resolution as _wait_hostname_resolution

__all__ = ["_wait_hostname_resolution", "run"]
