"""The kmeans image."""
