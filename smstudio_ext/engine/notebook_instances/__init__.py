"""Notebook instances: a Jupyter server of one's own with a persistent folder, scripts and the limits of its type."""
