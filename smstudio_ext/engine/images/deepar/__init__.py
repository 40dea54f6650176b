"""The DeepAR image."""
