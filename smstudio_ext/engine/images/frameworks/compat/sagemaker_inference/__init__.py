"""Names that scripts take from `sagemaker_inference`."""

from . import content_types, decoder, default_inference_handler, encoder, errors

__all__ = ["content_types", "decoder", "default_inference_handler", "encoder", "errors"]
