"""Errors."""

from smstudio_ext.engine.images.toolkit.content import UnsupportedFormatError
from smstudio_ext.engine.images.toolkit.legacy import ClientError

__all__ = ["ClientError", "UnsupportedFormatError"]
