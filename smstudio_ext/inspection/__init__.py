"""Looks into model archives without running anything that is in them; knows neither the engine nor Jupyter."""
