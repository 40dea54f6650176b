"""The default functions of a container."""

from smstudio_ext.engine.images.toolkit.defaults import DefaultInferenceHandler

__all__ = ["DefaultInferenceHandler"]
