"""Reads the sample weights of an Autopilot job; rows with no weight, or an invalid one, take no part."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from smstudio_ext.engine.images.contract import AlgorithmError
from smstudio_ext.engine.images.sklearn_automl import cells


def usable_weights(name: str, column: Sequence[str]) -> npt.NDArray[np.bool_]:
    """Which rows have a weight above zero.

    Args:
        name: of the weight column, for messages.

    Raises:
        AlgorithmError: no row has one.
    """
    values = cells.numbers(column)
    good = np.asarray(np.isfinite(values) & (values > 0))
    if not good.any():
        raise AlgorithmError(
            f"The sample weight attribute '{name}' holds no number above zero. Sample weights must be numeric and not negative."
        )
    return good
