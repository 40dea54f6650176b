"""What ties transformers to a table: its header, its target, its files."""

from .automl_transformer import AutoMLTransformer
from .header import Header
from .read_data import read_csv_data

__all__ = ["AutoMLTransformer", "Header", "read_csv_data"]
