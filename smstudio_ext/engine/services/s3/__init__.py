"""The wire of S3."""
