"""MXNet's array files."""

from __future__ import annotations

import struct

import numpy as np
import pytest
from scipy import sparse

from smstudio_ext.formats import mxnet

# What MXNet 1.3 wrote for {"arg:w": [[0.5], [-2.0]]}, byte for byte.
NAMED = bytes.fromhex(
    "1201000000000000" "0000000000000000" "0100000000000000"
    "c9fa93f9" "00000000" "02000000" "0200000000000000" "0100000000000000" "01000000" "00000000" "00000000"
    "0000003f" "000000c0"
    "0100000000000000" "0500000000000000" "6172673a77"
)  # fmt: skip


def test_bytes_of_mxnet_are_read_and_written() -> None:
    found = mxnet.read(NAMED)
    assert isinstance(found, dict)
    assert found["arg:w"].tolist() == [[0.5], [-2.0]]
    assert mxnet.write(found) == NAMED


def test_every_kind_of_array_survives() -> None:
    matrix = sparse.random(6, 9, 0.3, format="csr", dtype=np.float32, random_state=1)
    rows = mxnet.RowSparse(np.array([1, 4]), np.ones((2, 3), dtype=np.float32), (6, 3))
    arrays = {
        "wide": np.arange(24, dtype=np.float64).reshape(2, 3, 4),
        "whole": np.arange(5, dtype=np.int64),
        "bytes": np.arange(5, dtype=np.uint8),
        "half": np.ones(2, dtype=np.float16),
        "csr": matrix,
        "rows": rows,
    }
    found = mxnet.read(mxnet.write(arrays))
    assert isinstance(found, dict)
    for name in ("wide", "whole", "bytes", "half"):
        assert found[name].dtype == arrays[name].dtype
        assert (found[name] == arrays[name]).all()
    assert (found["csr"] != matrix).nnz == 0
    assert (found["rows"].toarray() == rows.toarray()).all()
    plain = mxnet.read(mxnet.write([arrays["wide"]]))
    assert isinstance(plain, list)
    assert plain[0].shape == (2, 3, 4)


def test_files_of_older_versions_are_read() -> None:
    values = struct.pack("<2f", 3, 4)
    first = (
        struct.pack("<I", 0xF993FAC8) + struct.pack("<Iqq", 2, 1, 2) + struct.pack("<iii", 1, 0, 0) + values
    )
    older = struct.pack("<III", 2, 1, 2) + struct.pack("<iii", 1, 0, 0) + values
    for array in (first, older):
        data = struct.pack("<QQQ", 0x112, 0, 1) + array + struct.pack("<Q", 0)
        found = mxnet.read(data)
        assert isinstance(found, list)
        assert found[0].tolist() == [[3.0, 4.0]]


@pytest.mark.parametrize("data", [b"", b"x" * 40, NAMED[:-7], NAMED[:50], NAMED[:24] + b"\xff" * 40])
def test_other_bytes_are_refused(data: bytes) -> None:
    with pytest.raises(mxnet.MxnetError):
        mxnet.read(data)


def test_archives_name_their_parameters() -> None:
    data = mxnet.write_archive(
        {"params": NAMED, "meta.json": b'{"a": 1}', "symbol.json": b'{"nodes": [], "heads": []}'}
    )
    found = mxnet.read_archive(data)
    assert found.array("w").tolist() == [[0.5], [-2.0]]
    assert found.documents == {"meta.json": {"a": 1}}
    assert found.symbol == {"nodes": [], "heads": []}
    with pytest.raises(mxnet.MxnetError, match="no parameter 'v'; it has arg:w"):
        found.array("v")
    for broken in (b"PK\x03\x04 no", mxnet.write_archive({"a.json": b"{}"})):
        with pytest.raises(mxnet.MxnetError):
            mxnet.read_archive(broken)
