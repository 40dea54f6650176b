"""Bodies of requests and answers: CSV, JSON, NPY and NPZ to and from arrays, as AWS's framework images read and write them."""

from __future__ import annotations

import csv
import io
import json
import textwrap
from collections.abc import Callable
from typing import Any

JSON = "application/json"
CSV = "text/csv"
OCTET_STREAM = "application/octet-stream"
ANY = "*/*"
NPY = "application/x-npy"
NPZ = "application/x-npz"
UTF8_TYPES = [JSON, CSV]


class UnsupportedFormatError(Exception):
    """A content type that the framework's own functions cannot read or write."""

    def __init__(self, content_type: str | None, **kwargs: Any) -> None:
        self.message = textwrap.dedent(
            f"""Content type {content_type} is not supported by this framework.

            Please implement input_fn to to deserialize the request data or an output_fn to
            serialize the response. For more information, see the SageMaker Python SDK README."""
        )
        super().__init__(self.message, **kwargs)


def media_type(content_type: str | None) -> str:
    """A content type without its parameters."""
    return (content_type or "").partition(";")[0].strip().lower()


def csv_to_numpy(text: str | bytes, dtype: Any = None) -> Any:
    """Rows of a CSV text as an array; one row or one column becomes one dimension."""
    import numpy as np

    rows = csv.reader(io.StringIO(_text(text)), delimiter=",", quotechar='"', doublequote=True, strict=True)
    array = np.array(list(rows)).squeeze()
    if dtype is not None:
        return array.astype(dtype)
    try:
        return array.astype(float)
    except ValueError:
        return array


def json_to_numpy(text: str | bytes, dtype: Any = None) -> Any:
    """A JSON text as an array."""
    import numpy as np

    return np.array(json.loads(text), dtype=dtype)


def npy_to_numpy(data: bytes) -> Any:
    """The array in an NPY file."""
    import numpy as np

    return np.load(io.BytesIO(data), allow_pickle=True)


def npz_to_sparse(data: bytes) -> Any:
    """The sparse matrix in an NPZ file."""
    import scipy.sparse

    return scipy.sparse.load_npz(io.BytesIO(data))


def array_to_npy(array: Any) -> bytes:
    """An NPY file."""
    import numpy as np

    buffer = io.BytesIO()
    np.save(buffer, array)
    return buffer.getvalue()


def array_to_json(array: Any) -> str:
    """JSON; anything with `tolist` is written as the list it gives."""

    def default(value: Any) -> Any:
        if hasattr(value, "tolist"):
            return value.tolist()
        return json.JSONEncoder().default(value)

    return json.dumps(array, default=default)


def array_to_csv(array: Any) -> str:
    """CSV; each value of a flat array is a line."""
    import numpy as np

    table = np.array(array)
    if table.ndim == 0:
        table = table.reshape(1, 1)
    if table.ndim == 1:
        table = table.reshape(-1, 1)
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator="\n", delimiter=",", quotechar='"', doublequote=True).writerows(
        table.tolist()
    )
    return buffer.getvalue()


_DECODERS: dict[str, Callable[[Any], Any]] = {
    NPY: npy_to_numpy,
    CSV: csv_to_numpy,
    JSON: json_to_numpy,
    NPZ: npz_to_sparse,
}
_ENCODERS: dict[str, Callable[[Any], str | bytes]] = {
    NPY: array_to_npy,
    CSV: array_to_csv,
    JSON: array_to_json,
}
SUPPORTED_CONTENT_TYPES = set(_ENCODERS)


def decode(body: str | bytes, content_type: str | None) -> Any:
    """The array that a body holds.

    Raises:
        UnsupportedFormatError: unknown content type.
    """
    decoder = _DECODERS.get(media_type(content_type))
    if decoder is None:
        raise UnsupportedFormatError(content_type)
    return decoder(body)


def encode(array: Any, content_type: str | None) -> str | bytes:
    """The body that an array makes.

    Raises:
        UnsupportedFormatError: unknown content type.
    """
    encoder = _ENCODERS.get(media_type(content_type))
    if encoder is None:
        raise UnsupportedFormatError(content_type)
    return encoder(array)


def accepted(accept: str | None) -> list[str]:
    """The types that an Accept header names."""
    return (accept or "").replace(" ", "").split(",")


def _text(body: str | bytes) -> str:
    return body.decode("utf-8") if isinstance(body, bytes) else body
