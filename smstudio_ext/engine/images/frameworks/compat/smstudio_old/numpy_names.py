"""Names that NumPy 1 had: `np.float`, `np.bool`, `np.NaN`, `np.product`, ..."""

from __future__ import annotations

from typing import Any


def change(numpy: Any) -> None:
    """Adds the names that are missing."""
    names: dict[str, Any] = {
        "float": float,
        "int": int,
        "object": object,
        "str": str,
        "complex": complex,
        "bool8": numpy.bool_,
        "float_": numpy.float64,
        "complex_": numpy.complex128,
        "unicode_": numpy.str_,
        "string_": numpy.bytes_,
        "int0": numpy.intp,
        "uint0": numpy.uintp,
        "NaN": numpy.nan,
        "NAN": numpy.nan,
        "Inf": numpy.inf,
        "Infinity": numpy.inf,
        "infty": numpy.inf,
        "PINF": numpy.inf,
        "NINF": -numpy.inf,
        "product": numpy.prod,
        "cumproduct": numpy.cumprod,
        "alltrue": numpy.all,
        "sometrue": numpy.any,
        "round_": numpy.round,
        "row_stack": numpy.vstack,
        "mat": numpy.asmatrix,
        "trapz": getattr(numpy, "trapezoid", None),
        "in1d": lambda first, second, **options: numpy.isin(numpy.ravel(first), second, **options),
        "asscalar": lambda array: array.item(),
    }
    for name, value in names.items():
        if name not in vars(numpy) and value is not None:
            setattr(numpy, name, value)
