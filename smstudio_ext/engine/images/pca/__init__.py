"""The pca image."""
