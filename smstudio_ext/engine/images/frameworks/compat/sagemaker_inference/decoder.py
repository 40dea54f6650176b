"""Arrays from bodies."""

from smstudio_ext.engine.images.toolkit.content import decode

__all__ = ["decode"]
