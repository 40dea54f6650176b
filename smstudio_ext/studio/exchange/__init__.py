"""Experiments from MLflow and to MLflow: runs with parameters, metrics, tags and artifacts."""
