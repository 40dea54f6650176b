"""Responses of a framework container."""

from smstudio_ext.engine.images.toolkit.legacy import Response

__all__ = ["Response"]
