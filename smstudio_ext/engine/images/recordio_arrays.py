"""Arrays as recordIO-protobuf, as AWS's container toolkits write them."""

from __future__ import annotations

from typing import Any

import numpy as np

from smstudio_ext.formats import recordio


def array_to_recordio_protobuf(array: Any, labels: Any = None) -> bytes:
    """Records of float features, one a row.

    Args:
        array: (rows, features), dense or a scipy sparse matrix.
        labels: (rows,), or None.
    """
    target = None if labels is None else np.asarray(labels, dtype=np.float32).ravel()
    if hasattr(array, "tocsr"):
        return recordio.write_sparse(array.tocsr().astype(np.float32), target)
    return recordio.write_dense(np.asarray(array, dtype=np.float32), target)
