"""MXNet's NDArray list files and the `model_algo-1` archives of Amazon's algorithms, without MXNet.

The format follows MXNet's `NDArray::Save` (src/ndarray/ndarray.cc): a list magic 0x112, a reserved word, the arrays, the names.
An array begins with a magic that tells its version: 0xF993FAC8 (V1, dense), 0xF993FAC9 (V2, with storage type) or 0xF993FACA
(V3, as V2 with NumPy shapes); files older than that begin with the number of dimensions itself.
"""

from __future__ import annotations

import io
import json
import struct
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
from scipy import sparse

Array: TypeAlias = npt.NDArray[Any]
Tensor: TypeAlias = Any
"""A numpy array, a scipy CSR matrix or a RowSparse (scipy ships no types)."""

LIST_MAGIC = 0x112
_V1, _V2, _V3 = 0xF993FAC8, 0xF993FAC9, 0xF993FACA
_TYPES = {0: "<f4", 1: "<f8", 2: "<f2", 3: "u1", 4: "<i4", 5: "i1", 6: "<i8", 7: "?"}
_FLAGS = {np.dtype(text): flag for flag, text in _TYPES.items()}
_DENSE, _ROW_SPARSE, _CSR = 0, 1, 2
_LARGEST = 1 << 40


class MxnetError(ValueError):
    """The bytes are no NDArray list, or hold what NumPy cannot."""


@dataclass
class RowSparse:
    """An array of which only some rows are stored.

    Attributes:
        rows: (n,) indices of the rows in `data`.
        data: (n, ...) the rows.
        shape: shape of the whole.
    """

    rows: npt.NDArray[np.int64]
    data: Array
    shape: tuple[int, ...]

    def toarray(self) -> Array:
        """The whole as a dense array."""
        out = np.zeros(self.shape, dtype=self.data.dtype)
        out[self.rows] = self.data
        return out


@dataclass
class Archive:
    """A `model_algo-1` that is a zip of a symbol graph, parameters and JSON documents.

    Attributes:
        arrays: parameters by name, as stored (`arg:fc0_weight`).
        symbol: MXNet's graph.
        documents: the other JSON files by file name.
        names: file names of the archive.
    """

    arrays: dict[str, Tensor]
    symbol: dict[str, Any]
    documents: dict[str, Any] = field(default_factory=dict)
    names: list[str] = field(default_factory=list)

    def array(self, name: str) -> Array:
        """A parameter as a dense array, found with or without its `arg:` prefix.

        Raises:
            MxnetError: there is none of that name.
        """
        for key in (name, f"arg:{name}", f"aux:{name}"):
            if key in self.arrays:
                return dense(self.arrays[key])
        raise MxnetError(f"The model has no parameter '{name}'; it has {', '.join(sorted(self.arrays))}.")


def dense(tensor: Tensor) -> Array:
    """Any stored array as a dense one."""
    return np.asarray(tensor if isinstance(tensor, np.ndarray) else tensor.toarray())


def is_list(data: bytes) -> bool:
    """Whether the bytes begin like an NDArray list file."""
    return len(data) >= 16 and struct.unpack_from("<Q", data)[0] == LIST_MAGIC


def read(data: bytes) -> list[Tensor] | dict[str, Tensor]:
    """Reads an NDArray list file, as `mx.nd.load` does.

    Returns:
        Arrays by name, or a list when the file names none.

    Raises:
        MxnetError: the bytes are no such file, or are cut short.
    """
    cursor = _Cursor(data)
    if len(data) < 16 or cursor.unpack("<Q") != LIST_MAGIC:
        raise MxnetError("The data do not begin like an MXNet NDArray list file.")
    cursor.unpack("<Q")
    count = cursor.unpack("<Q")
    if count > len(data):
        raise MxnetError("The file names more arrays than it can hold.")
    arrays = [_read_array(cursor) for _ in range(count)]
    names = [cursor.take(cursor.unpack("<Q")).decode("utf-8", "replace") for _ in range(cursor.unpack("<Q"))]
    if not names:
        return arrays
    if len(names) != len(arrays):
        raise MxnetError(f"The file holds {len(arrays)} arrays but {len(names)} names.")
    return dict(zip(names, arrays, strict=True))


def write(arrays: Sequence[Tensor] | Mapping[str, Tensor]) -> bytes:
    """Writes an NDArray list file (V2), as `mx.nd.save` does: named arrays for a mapping, else a plain list."""
    names = list(arrays) if isinstance(arrays, Mapping) else []
    tensors = list(arrays.values()) if isinstance(arrays, Mapping) else list(arrays)
    out = io.BytesIO()
    out.write(struct.pack("<QQQ", LIST_MAGIC, 0, len(tensors)))
    for tensor in tensors:
        _write_array(out, tensor)
    out.write(struct.pack("<Q", len(names)))
    for name in names:
        encoded = name.encode()
        out.write(struct.pack("<Q", len(encoded)) + encoded)
    return out.getvalue()


def read_archive(data: bytes) -> Archive:
    """Reads a zipped `model_algo-1`: whichever file is an NDArray list holds the parameters.

    Raises:
        MxnetError: no zip, or one without symbol and parameters.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = {name: archive.read(name) for name in archive.namelist()}
    except zipfile.BadZipFile as error:
        raise MxnetError(f"The file is no zip archive: {error}") from error
    arrays: dict[str, Tensor] = {}
    documents: dict[str, Any] = {}
    symbol: dict[str, Any] = {}
    for name, content in members.items():
        if is_list(content):
            found = read(content)
            arrays |= found if isinstance(found, dict) else {str(at): one for at, one in enumerate(found)}
            continue
        try:
            document = json.loads(content)
        except ValueError:
            continue
        if isinstance(document, dict) and "nodes" in document and "heads" in document:
            symbol = document
        else:
            documents[name] = document
    if not arrays:
        raise MxnetError(f"The archive holds no parameters (files: {', '.join(sorted(members))}).")
    return Archive(arrays, symbol, documents, sorted(members))


def write_archive(members: Mapping[str, bytes]) -> bytes:
    """Zips the files of a model uncompressed, as Amazon's containers do; equal members give equal bytes."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:
        for name, content in members.items():
            archive.writestr(zipfile.ZipInfo(name), content)
    return out.getvalue()


class _Cursor:
    def __init__(self, data: bytes) -> None:
        self._data = data
        self.at = 0

    def unpack(self, form: str) -> Any:
        size = struct.calcsize(form)
        return struct.unpack(form, self.take(size))[0]

    def take(self, size: int) -> bytes:
        if size < 0 or self.at + size > len(self._data):
            raise MxnetError("The file ends inside an array.")
        self.at += size
        return self._data[self.at - size : self.at]


def _read_array(cursor: _Cursor) -> Tensor:
    magic = cursor.unpack("<I")
    if magic in (_V2, _V3):
        storage = cursor.unpack("<i")
        if storage != _DENSE:
            return _read_sparse(cursor, storage)
        shape = _read_shape(cursor)
        if magic == _V2 and not shape:
            return np.zeros(0, dtype=np.float32)
    elif magic == _V1:
        shape = _read_shape(cursor)
    else:
        # Files older than V1: the word is the number of dimensions, of 32 bits each.
        if magic > 32:
            raise MxnetError(f"Unknown NDArray version {magic:#x}.")
        shape = tuple(cursor.unpack("<I") for _ in range(magic))
    if magic not in (_V2, _V3) and not shape:
        return np.zeros(0, dtype=np.float32)
    cursor.take(8)  # device kind and number
    return _read_values(cursor, cursor.unpack("<i"), shape)


def _read_sparse(cursor: _Cursor, storage: int) -> Tensor:
    if storage not in (_ROW_SPARSE, _CSR):
        raise MxnetError(f"Unknown storage type {storage}.")
    stored, shape = _read_shape(cursor), _read_shape(cursor)
    cursor.take(8)
    kind = cursor.unpack("<i")
    extras = [(cursor.unpack("<i"), _read_shape(cursor)) for _ in range(1 if storage == _ROW_SPARSE else 2)]
    values = _read_values(cursor, kind, stored)
    indices = [_read_values(cursor, flag, size) for flag, size in extras]
    if storage == _ROW_SPARSE:
        return RowSparse(indices[0].astype(np.int64), values, shape)
    try:
        return sparse.csr_matrix((values, indices[1], indices[0]), shape=shape)
    except ValueError as error:
        raise MxnetError(f"A sparse array is not consistent: {error}") from error


def _read_shape(cursor: _Cursor) -> tuple[int, ...]:
    dimensions = cursor.unpack("<I")
    if dimensions > 32:
        raise MxnetError(f"An array has {dimensions} dimensions.")
    return tuple(cursor.unpack("<q") for _ in range(dimensions))


def _read_values(cursor: _Cursor, flag: int, shape: tuple[int, ...]) -> Array:
    if flag not in _TYPES:
        raise MxnetError(f"Unknown element type {flag}.")
    count = 1
    for size in shape:
        count *= size
        if size < 0 or count > _LARGEST:
            raise MxnetError(f"An array cannot have the shape {shape}.")
    kind = np.dtype(_TYPES[flag])
    return np.array(np.frombuffer(cursor.take(count * kind.itemsize), dtype=kind).reshape(shape))


def _write_array(out: io.BytesIO, tensor: Tensor) -> None:
    if isinstance(tensor, RowSparse):
        _write_sparse(out, _ROW_SPARSE, tensor.data, [tensor.rows], tensor.shape)
    elif sparse.issparse(tensor):
        matrix = tensor.tocsr()
        _write_sparse(out, _CSR, matrix.data, [matrix.indptr, matrix.indices], matrix.shape)
    else:
        values = np.ascontiguousarray(tensor)
        out.write(struct.pack("<Ii", _V2, _DENSE) + _shape(values.shape))
        if values.ndim:
            out.write(struct.pack("<iii", 1, 0, _flag(values)) + values.tobytes())


def _write_sparse(
    out: io.BytesIO, storage: int, values: Array, indices: list[Array], shape: tuple[int, ...]
) -> None:
    wide = [np.ascontiguousarray(one, dtype=np.int64) for one in indices]
    values = np.ascontiguousarray(values)
    out.write(struct.pack("<Ii", _V2, storage) + _shape(values.shape) + _shape(shape))
    out.write(struct.pack("<iii", 1, 0, _flag(values)))
    for one in wide:
        out.write(struct.pack("<i", _flag(one)) + _shape(one.shape))
    out.write(values.tobytes())
    for one in wide:
        out.write(one.tobytes())


def _shape(shape: tuple[int, ...]) -> bytes:
    return struct.pack("<I", len(shape)) + b"".join(struct.pack("<q", size) for size in shape)


def _flag(values: Array) -> int:
    flag = _FLAGS.get(values.dtype.newbyteorder("<"))
    if flag is None:
        raise MxnetError(f"MXNet has no element type {values.dtype}.")
    return flag
