"""Errors that say which status a request is answered with."""

from smstudio_ext.engine.images.toolkit.content import UnsupportedFormatError
from smstudio_ext.engine.images.toolkit.legacy import BaseInferenceToolkitError, GenericInferenceToolkitError

__all__ = ["BaseInferenceToolkitError", "GenericInferenceToolkitError", "UnsupportedFormatError"]
