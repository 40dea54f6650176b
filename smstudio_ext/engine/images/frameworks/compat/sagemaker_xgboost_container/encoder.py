"""Requests as a DMatrix."""

from smstudio_ext.engine.images.toolkit.xgboost_content import (
    csv_to_dmatrix,
    decode,
    libsvm_to_dmatrix,
    recordio_protobuf_to_dmatrix,
)

__all__ = ["csv_to_dmatrix", "decode", "libsvm_to_dmatrix", "recordio_protobuf_to_dmatrix"]
