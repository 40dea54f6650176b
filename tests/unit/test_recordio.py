"""RecordIO-protobuf: round trips, mixed forms, broken bytes."""

from __future__ import annotations

import struct

import numpy as np
import pytest
from scipy import sparse

from smstudio_ext.formats import recordio


def test_dense_round_trip_keeps_missing_values() -> None:
    features = np.random.default_rng(0).normal(size=(50, 7)).astype(np.float32)
    features[3, 2] = np.nan
    labels = np.arange(50, dtype=np.float32)
    found = recordio.read(recordio.write_dense(features, labels))
    np.testing.assert_array_equal(found.features, features)
    assert found.labels is not None
    np.testing.assert_array_equal(found.labels, labels)


def test_rows_without_label_have_none() -> None:
    assert recordio.read(recordio.write_dense(np.ones((2, 3), dtype=np.float32))).labels is None


def test_sparse_round_trip_keeps_width() -> None:
    matrix = sparse.random(30, 400, 0.05, "csr", dtype=np.float32, random_state=0)
    found = recordio.read(recordio.write_sparse(matrix, np.arange(30, dtype=np.float32)))
    assert found.features.shape == (30, 400)
    assert (found.features != matrix).nnz == 0


def test_general_reader_agrees_with_the_fast_one() -> None:
    data = recordio.write_dense(np.ones((3, 2), dtype=np.float32), np.zeros(3, dtype=np.float32))
    # A second table of the same width but without labels' order changed breaks the uniform layout.
    other = recordio.write_dense(np.full((1, 2), 5, dtype=np.float32), np.ones(1, dtype=np.float32))
    mixed = data + other
    np.testing.assert_array_equal(recordio.read(mixed).features[:, 0], [1, 1, 1, 5])


def test_doubles_and_integers_are_read() -> None:
    doubles = struct.pack("<3d", 1.5, 2.5, -3)
    tensor = b"\x0a" + bytes([len(doubles)]) + doubles
    value = b"\x1a" + bytes([len(tensor)]) + tensor
    entry = b"\x0a\x06values\x12" + bytes([len(value)]) + value
    message = b"\x0a" + bytes([len(entry)]) + entry
    frame = struct.pack("<II", recordio.MAGIC, len(message)) + message + b"\0" * (-len(message) % 4)
    np.testing.assert_array_equal(recordio.read(frame).features, [[1.5, 2.5, -3]])


@pytest.mark.sdk
def test_the_sdk_reads_and_writes_the_same_records() -> None:
    import io

    from sagemaker.amazon.common import (
        read_records,
        write_numpy_to_dense_tensor,
        write_spmatrix_to_sparse_tensor,
    )

    features = np.random.default_rng(1).normal(size=(5, 4)).astype(np.float32)
    labels = np.arange(5, dtype=np.float32)
    records = read_records(io.BytesIO(recordio.write_dense(features, labels)))
    assert np.allclose(records[2].features["values"].float32_tensor.values, features[2])
    assert records[2].label["values"].float32_tensor.values[0] == 2
    for dtype in (np.float32, np.float64):
        stream = io.BytesIO()
        write_numpy_to_dense_tensor(stream, features.astype(dtype), labels.astype(dtype))
        np.testing.assert_allclose(recordio.read(stream.getvalue()).features, features)
    matrix = sparse.random(9, 20, 0.2, "csr", dtype=np.float32, random_state=0)
    stream = io.BytesIO()
    write_spmatrix_to_sparse_tensor(stream, matrix, np.arange(9.0))
    assert (recordio.read(stream.getvalue()).features != matrix).nnz == 0


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"abc",
        b"\0" * 16,
        recordio.write_dense(np.ones((1, 3), dtype=np.float32))[:-6],
        struct.pack("<II", recordio.MAGIC, 4) + b"\xff" * 4,
    ],
)
def test_broken_bytes_are_refused(data: bytes) -> None:
    with pytest.raises(recordio.RecordIOError):
        recordio.read(data)


def test_rows_of_different_width_are_refused() -> None:
    data = recordio.write_dense(np.ones((1, 3), dtype=np.float32)) + recordio.write_dense(
        np.ones((1, 4), dtype=np.float32)
    )
    with pytest.raises(recordio.RecordIOError, match="different numbers"):
        recordio.read(data)
