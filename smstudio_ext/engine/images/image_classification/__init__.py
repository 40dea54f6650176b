"""The Image Classification image."""
