"""Errors."""

from smstudio_ext.engine.images.toolkit.legacy import UserError

__all__ = ["UserError"]
