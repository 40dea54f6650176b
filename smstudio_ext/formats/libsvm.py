"""libsvm text: `label[:weight] [qid:id] index:value ...`, one row a line."""

from __future__ import annotations

import gzip
import io
import re
from pathlib import Path

import numpy as np
import numpy.typing as npt
from scipy import sparse

from smstudio_ext.formats.tables import Features, FormatError, Table

_WEIGHT = re.compile(rb"^([^\s:]+):([^\s:]+)(?=\s|$)", re.MULTILINE)


def read_libsvm(source: str | Path | bytes, *, name: str = "") -> Table:
    """Reads one libsvm file, gzipped or not. Indices count from 0, as in SageMaker's XGBoost.

    Raises:
        FormatError: a line that is not libsvm (names file and line), or no row.
    """
    from sklearn.datasets import load_svmlight_file

    name = name or (Path(source).name if not isinstance(source, bytes) else "the data")
    data = source if isinstance(source, bytes) else Path(source).read_bytes()
    if data[:2] == b"\x1f\x8b":
        data = gzip.decompress(data)
    if not data.strip():
        raise FormatError(f"libsvm file '{name}' is empty.", file=name)
    data, weights = _take_weights(data)
    grouped = b"qid:" in data[: data.find(b"\n") if b"\n" in data else len(data)]
    try:
        features, labels, *groups = load_svmlight_file(
            io.BytesIO(data), dtype=np.float32, zero_based=True, query_id=grouped
        )
    except (ValueError, OverflowError) as error:
        raise _find_error(data, name) or FormatError(
            f"libsvm file '{name}' cannot be read: {_last_words(error)}", file=name
        ) from error
    if weights is not None and len(weights) != len(labels):
        raise FormatError(f"libsvm file '{name}': some rows have a weight and some have none.", file=name)
    return Table(
        features.tocsr(), labels.astype(np.float32), weights, groups[0].astype(np.int64) if grouped else None
    )


def write_libsvm(features: Features, labels: npt.ArrayLike, destination: str | Path | None = None) -> bytes:
    """Writes rows as libsvm text with indices from 0; zeros are left out.

    Args:
        features: (rows, columns) dense or CSR.
        labels: (rows,).
        destination: file to write; the bytes are returned in any case.
    """
    matrix = sparse.csr_matrix(features)
    lines = []
    for row, label in enumerate(np.asarray(labels).tolist()):
        start, end = matrix.indptr[row], matrix.indptr[row + 1]
        pairs = zip(matrix.indices[start:end].tolist(), matrix.data[start:end].tolist(), strict=True)
        lines.append(" ".join([f"{label:.9g}", *(f"{index}:{value:.9g}" for index, value in pairs)]))
    data = ("\n".join(lines) + "\n").encode()
    if destination is not None:
        Path(destination).write_bytes(data)
    return data


def _take_weights(data: bytes) -> tuple[bytes, npt.NDArray[np.float32] | None]:
    if not _WEIGHT.match(data):
        return data, None
    try:
        weights = np.asarray([float(pair[1]) for pair in _WEIGHT.findall(data)], dtype=np.float32)
    except ValueError:
        return data, None
    return _WEIGHT.sub(rb"\1", data), weights


def _find_error(data: bytes, name: str) -> FormatError | None:
    for number, line in enumerate(data.decode("utf-8", errors="replace").splitlines(), 1):
        words = line.split("#")[0].split()
        try:
            if words:
                float(words[0])
                last = -1
                for word in words[1:]:
                    index, _, value = word.partition(":")
                    float(value)
                    if index == "qid":
                        continue
                    if not last < int(index):
                        raise ValueError
                    last = int(index)
        except ValueError:
            return FormatError(
                f"libsvm file '{name}' cannot be read: line {number} '{line[:50]}...' is not in LIBSVM format "
                "<label>(:<weight>) <index>:<value> <index>:<value> ..., with growing indices. Please ensure the file is in "
                "'LIBSVM' format.",
                file=name,
                line=number,
            )
    return None


def _last_words(error: BaseException) -> str:
    return str(error).strip().splitlines()[-1][:200] if str(error).strip() else type(error).__name__
