"""Bodies to and from arrays."""

from smstudio_ext.engine.images.recordio_arrays import array_to_recordio_protobuf
from smstudio_ext.engine.images.toolkit.content import (
    array_to_csv,
    array_to_json,
    array_to_npy,
    csv_to_numpy,
    decode,
    encode,
    json_to_numpy,
    npy_to_numpy,
)

__all__ = [
    "array_to_csv",
    "array_to_json",
    "array_to_npy",
    "array_to_recordio_protobuf",
    "csv_to_numpy",
    "decode",
    "encode",
    "json_to_numpy",
    "npy_to_numpy",
]
