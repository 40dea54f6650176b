"""Training data as a DMatrix."""

from smstudio_ext.engine.images.toolkit.legacy import get_dmatrix

CSV, LIBSVM, PARQUET, RECORDIO_PROTOBUF = "csv", "libsvm", "parquet", "recordio-protobuf"

__all__ = ["CSV", "LIBSVM", "PARQUET", "RECORDIO_PROTOBUF", "get_dmatrix"]
