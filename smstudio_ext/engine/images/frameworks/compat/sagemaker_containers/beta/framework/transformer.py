"""The default functions of a framework container."""

from smstudio_ext.engine.images.toolkit.defaults import DefaultInferenceHandler

_DEFAULTS = DefaultInferenceHandler()
default_model_fn = _DEFAULTS.default_model_fn
default_input_fn = _DEFAULTS.default_input_fn
default_predict_fn = _DEFAULTS.default_predict_fn
default_output_fn = _DEFAULTS.default_output_fn

__all__ = ["default_input_fn", "default_model_fn", "default_output_fn", "default_predict_fn"]
