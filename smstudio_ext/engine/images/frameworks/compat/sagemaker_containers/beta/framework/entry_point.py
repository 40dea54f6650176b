"""`sagemaker_containers.beta.framework.entry_point`."""

from smstudio_ext.engine.images.toolkit.legacy import run_entry_point as run

__all__ = ["run"]
