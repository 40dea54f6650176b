"""The default functions of the PyTorch container."""

from smstudio_ext.engine.images.toolkit.defaults import PytorchHandler as DefaultPytorchInferenceHandler

__all__ = ["DefaultPytorchInferenceHandler"]
