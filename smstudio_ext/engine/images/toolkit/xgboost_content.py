"""Requests of XGBoost's framework mode as DMatrix: CSV, libsvm and recordIO-protobuf."""

from __future__ import annotations

import csv
from collections.abc import Callable
from typing import Any

from smstudio_ext.engine.images.toolkit.content import CSV, UnsupportedFormatError, media_type

LIBSVM = "text/libsvm"
X_LIBSVM = "text/x-libsvm"
X_RECORDIO_PROTOBUF = "application/x-recordio-protobuf"


def csv_to_dmatrix(body: str | bytes, dtype: Any = None) -> Any:
    """Rows of numbers, no label; the delimiter is found in the first line; an empty field is a missing value."""
    import numpy as np
    import xgboost

    text = (body.decode("utf-8") if isinstance(body, bytes) else body).strip("\r\n")
    try:
        delimiter = csv.Sniffer().sniff(text.split("\n")[0][:512]).delimiter
    except csv.Error:  # one column
        delimiter = ","
    if delimiter.isalnum() or delimiter in ".-+":
        delimiter = ","
    rows = [[value.strip() or "nan" for value in line.split(delimiter)] for line in text.splitlines()]
    return xgboost.DMatrix(np.array(rows).astype(dtype or np.float32))


def libsvm_to_dmatrix(body: str | bytes) -> Any:
    """Lines of `index:value` (a label before them is skipped); an absent index is a missing value."""
    import numpy as np
    import scipy.sparse
    import xgboost

    text = body.decode("utf-8") if isinstance(body, (bytes, bytearray)) else body
    values: list[float] = []
    columns: list[int] = []
    starts = [0]
    for line in text.strip().splitlines():
        for token in line.split():
            index, colon, value = token.partition(":")
            if colon:
                columns.append(int(index))
                values.append(float(value))
        starts.append(len(values))
    width = max(columns, default=-1) + 1
    return xgboost.DMatrix(
        scipy.sparse.csr_matrix(
            (np.array(values, dtype=np.float32), columns, starts), (len(starts) - 1, width)
        )
    )


def recordio_protobuf_to_dmatrix(body: bytes) -> Any:
    """Dense or sparse records; labels are kept."""
    import xgboost

    from smstudio_ext.formats.recordio import read

    records = read(bytes(body))
    return xgboost.DMatrix(records.features, label=records.labels)


_DECODERS: dict[str, Callable[[Any], Any]] = {
    CSV: csv_to_dmatrix,
    LIBSVM: libsvm_to_dmatrix,
    X_LIBSVM: libsvm_to_dmatrix,
    X_RECORDIO_PROTOBUF: recordio_protobuf_to_dmatrix,
}


def decode(body: str | bytes, content_type: str | None) -> Any:
    """The DMatrix that a request's body holds.

    Raises:
        UnsupportedFormatError: unknown content type.
    """
    decoder = _DECODERS.get(media_type(content_type))
    if decoder is None:
        raise UnsupportedFormatError(content_type)
    return decoder(body)
