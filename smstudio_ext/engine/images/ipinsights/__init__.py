"""The ipinsights image."""
