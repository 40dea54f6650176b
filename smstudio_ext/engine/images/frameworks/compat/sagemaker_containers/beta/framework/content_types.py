"""Content types."""

from smstudio_ext.engine.images.toolkit.content import ANY, CSV, JSON, NPY, OCTET_STREAM, UTF8_TYPES

__all__ = ["ANY", "CSV", "JSON", "NPY", "OCTET_STREAM", "UTF8_TYPES"]
