"""The AutoGluon-Tabular image."""
