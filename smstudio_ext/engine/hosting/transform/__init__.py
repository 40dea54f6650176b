"""Batch transform: jobs that send the records of S3 objects through a model and store its answers."""
