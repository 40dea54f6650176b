"""The knn image."""
