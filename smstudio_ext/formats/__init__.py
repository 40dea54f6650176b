"""Readers and writers of SageMaker's file formats; knows neither the engine nor Jupyter."""
