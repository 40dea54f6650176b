"""Reads objects of scikit-learn, joblib and PyTorch as inert stand-ins, and their arrays as shapes.

joblib writes the bytes of an array into the pickle's own stream, behind a NumpyArrayWrapper
(https://github.com/joblib/joblib, numpy_pickle.py), so the reader has to step over them.
"""

from __future__ import annotations

import io
import math
import pickle
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from smstudio_ext.formats.pickles import Inert, PickleRefused, RestrictedUnpickler

TRUSTED = frozenset(
    "sklearn numpy scipy joblib pandas xgboost lightgbm catboost imblearn collections torch autogluon".split()
)


@dataclass
class ArrayFact:
    """An array of which only the outline is kept."""

    shape: tuple[int, ...]
    dtype: str

    @property
    def size(self) -> int:
        """Number of elements."""
        return math.prod(self.shape)

    @property
    def text(self) -> str:
        """Shape and type for people."""
        return f"{'x'.join(map(str, self.shape)) or 'scalar'} {self.dtype}"


def read_objects(data: bytes) -> Any:
    """The objects of a pickle or joblib file.

    Raises:
        PickleRefused: a global outside the known libraries, or damaged bytes.
    """
    return _run(_Objects(data))


def read_torch_objects(data: bytes) -> Any:
    """The objects of `data.pkl` in a PyTorch file; tensors as their outlines.

    Raises:
        PickleRefused: a global outside the known libraries, or damaged bytes.
    """
    return _run(_TorchObjects(data))


def _run(reader: Any) -> Any:
    try:
        return reader.load()
    except PickleRefused:
        raise
    except (
        pickle.UnpicklingError, EOFError, ValueError, TypeError, AttributeError, IndexError, KeyError, OverflowError,
        MemoryError, RecursionError,
    ) as error:  # fmt: skip
        raise PickleRefused(f"The pickle cannot be read: {error}") from error


class _Objects(pickle._Unpickler):
    # The unpickler in Python is the one whose steps can be changed.
    dispatch: ClassVar[dict[int, Any]] = dict(pickle._Unpickler.dispatch)

    def __init__(self, data: bytes) -> None:
        self._stream = io.BytesIO(data)
        super().__init__(self._stream, encoding="latin1")
        self._finder = RestrictedUnpickler(b"", TRUSTED)

    def find_class(self, module: str, name: str) -> Any:
        maker = _MAKERS.get((module, name))
        if maker is not None:
            return maker
        if module.split(".")[0] == "numpy" and name in _NUMPY:
            return _NUMPY[name]
        return self._finder.find_class(module, name)

    def load_build(self) -> None:
        super().load_build()  # type: ignore[misc]
        made = self.stack[-1]  # type: ignore[attr-defined]
        if isinstance(made, Inert) and made.kind.endswith("NumpyArrayWrapper"):
            self.stack[-1] = self._skip_array(made.state)  # type: ignore[attr-defined]

    dispatch[pickle.BUILD[0]] = load_build

    def _skip_array(self, state: dict[str, Any]) -> Any:
        dtype = state["dtype"]
        fact = ArrayFact(tuple(int(one) for one in state["shape"]), str(dtype))
        if dtype == "object":
            # An array of objects is a pickle of its own behind the wrapper.
            inner = _Objects(b"")
            inner._stream = self._stream
            pickle._Unpickler.__init__(inner, self._stream, encoding="latin1")
            return inner.load()
        if state.get("numpy_array_alignment_bytes") is not None:
            (padding,) = self._stream.read(1)
            self._stream.seek(padding, io.SEEK_CUR)
        self._stream.seek(fact.size * np.dtype(dtype).itemsize, io.SEEK_CUR)
        return fact


def _dtype(text: Any = "", *_: Any) -> Any:
    return _Dtype(str(text))


class _Dtype(str):
    """A dtype by its text; byte order is of no interest here."""

    def __setstate__(self, state: Any) -> None:
        return None

    def __new__(cls, text: str) -> _Dtype:
        return super().__new__(cls, {"O8": "object", "O": "object"}.get(text, text))


class _Array(ArrayFact):
    def __init__(self) -> None:
        super().__init__((0,), "")

    def __setstate__(self, state: Any) -> None:
        if isinstance(state, tuple) and len(state) >= 3:
            self.shape = tuple(int(one) for one in state[1])
            self.dtype = str(state[2])


def _array(*_: Any) -> _Array:
    return _Array()


def _from_buffer(_buffer: Any = b"", dtype: Any = "", shape: Any = (), *_: Any) -> ArrayFact:
    return ArrayFact(tuple(int(one) for one in shape), str(dtype))


def _scalar(dtype: Any = "", data: Any = b"", *_: Any) -> Any:
    try:
        return np.frombuffer(data, dtype=str(dtype))[0].item() if isinstance(data, bytes) else str(data)
    except (TypeError, ValueError, IndexError):
        return str(dtype)


def _reconstruct(kind: Any, *_: Any) -> Any:
    return kind() if isinstance(kind, type) else Inert()


_NUMPY: dict[str, Any] = {
    "dtype": _dtype,
    "_reconstruct": _array,
    "scalar": _scalar,
    "ndarray": "ndarray",
    "_frombuffer": _from_buffer,
}
_MAKERS: dict[tuple[str, str], Any] = {
    (module, kind.__name__): kind
    for module in ("builtins", "__builtin__")
    for kind in (int, float, str, bool, list, tuple, slice, range, object)
} | {(module, "_reconstructor"): _reconstruct for module in ("copyreg", "copy_reg")}


PLAIN_NAMES = frozenset(f"{module}.{name}" for module, name in _MAKERS) | {
    "builtins.bytearray",
    "_codecs.encode",
}
"""Names that stand for plain data."""


class _TorchObjects(_Objects):
    dispatch: ClassVar[dict[int, Any]] = dict(_Objects.dispatch)

    def find_class(self, module: str, name: str) -> Any:
        if module == "torch._utils" and name.startswith("_rebuild_tensor"):
            return _tensor
        if module == "torch._utils" and name.startswith("_rebuild_parameter"):
            return lambda data, *_: data
        return super().find_class(module, name)

    def persistent_load(self, pid: Any) -> Any:
        return pid


def _tensor(storage: Any, _offset: Any = 0, size: Any = (), *_: Any) -> ArrayFact:
    kind = getattr(storage[1], "__name__", "") if isinstance(storage, tuple) and len(storage) > 1 else ""
    return ArrayFact(tuple(int(one) for one in size), str(kind).replace("Storage", "").lower() or "tensor")
