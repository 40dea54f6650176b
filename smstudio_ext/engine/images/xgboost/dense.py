"""Predictions of small dense batches by XGBoost's C interface: the same numbers as `Booster.inplace_predict`, sooner.

For one row the Python part of `inplace_predict` (descriptions of arrays built as classes and JSON) takes longer than the
prediction. C API: https://xgboost.readthedocs.io/en/stable/c.html#_CPPv427XGBoosterPredictFromDense13BoosterHandle
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
import xgboost as xgb

LARGEST = 1 << 16
"""Values (rows times columns) up to which the shortcut is worth having."""

_CONFIG = (
    b'{"type": 0, "training": false, "iteration_begin": 0, "iteration_end": 0, "missing": NaN, "strict_shape": false, '
    b'"cache_id": 0}'
)

Predict = Callable[[npt.NDArray[np.float32]], npt.NDArray[np.float32]]


def dense_predictor(booster: xgb.Booster) -> Predict | None:
    """A function from (rows, columns), C-contiguous, to what `inplace_predict` answers; None where the library has none.

    The answer is a copy. Use the function from one thread at a time.
    """
    library: Any = getattr(xgb.core, "_LIB", None)
    handle = getattr(booster, "handle", None)
    call = getattr(library, "XGBoosterPredictFromDense", None)
    if call is None or handle is None:
        return None
    shape = ctypes.POINTER(ctypes.c_uint64)()
    dimensions = ctypes.c_uint64()
    values = ctypes.POINTER(ctypes.c_float)()
    references: tuple[Any, ...] = (ctypes.byref(shape), ctypes.byref(dimensions), ctypes.byref(values))

    def predict(rows: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
        described = b'{"data": [%d, true], "shape": [%d, %d], "typestr": "<f4", "version": 3}' % (
            rows.ctypes.data,
            rows.shape[0],
            rows.shape[1],
        )
        if call(handle, described, _CONFIG, None, *references) != 0:
            raise xgb.core.XGBoostError(library.XGBGetLastError().decode())
        size = 1
        sizes = [int(shape[at]) for at in range(dimensions.value)]
        for one in sizes:
            size *= one
        answer = np.empty(size, dtype=np.float32)
        ctypes.memmove(answer.ctypes.data, values, size * 4)
        return answer.reshape(sizes)

    return predict
