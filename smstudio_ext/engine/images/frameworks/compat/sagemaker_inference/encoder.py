"""Bodies from arrays."""

from smstudio_ext.engine.images.toolkit.content import SUPPORTED_CONTENT_TYPES, encode

__all__ = ["SUPPORTED_CONTENT_TYPES", "encode"]
