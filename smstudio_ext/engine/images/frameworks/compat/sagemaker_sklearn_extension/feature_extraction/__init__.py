"""Features of texts, dates and sequences."""

from . import date_time, sequences, text

__all__ = ["date_time", "sequences", "text"]
