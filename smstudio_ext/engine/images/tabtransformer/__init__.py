"""The TabTransformer image."""
