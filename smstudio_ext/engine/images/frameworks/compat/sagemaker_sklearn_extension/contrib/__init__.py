"""Transformers beyond AWS's."""
