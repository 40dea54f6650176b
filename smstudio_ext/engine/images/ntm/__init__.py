"""The NTM image."""
