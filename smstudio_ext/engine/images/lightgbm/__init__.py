"""The LightGBM image."""
