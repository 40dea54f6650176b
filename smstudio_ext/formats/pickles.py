"""Looks into pickles without running anything that they name."""

from __future__ import annotations

import io
import pickle
import pickletools
from dataclasses import dataclass, field
from typing import Any


class PickleRefused(ValueError):
    """The pickle is damaged, or names something that is not on the list of harmless classes."""


class Inert:
    """Stands in for an object of a pickle: keeps its state, runs none of its code.

    Attributes:
        kind: `module.name` of the class.
        state: what `__setstate__` would get; an empty dict when the pickle gives none.
        arguments: what the class would be called with.
    """

    kind = ""

    def __new__(cls, *arguments: Any, **_named: Any) -> Inert:
        """Makes the stand-in of one object."""
        made = super().__new__(cls)
        made.arguments = arguments
        made.state = {}
        return made

    def __init__(self, *arguments: Any, **_named: Any) -> None:
        self.arguments: tuple[Any, ...] = arguments
        self.state: Any = {}

    def __setstate__(self, state: Any) -> None:
        self.state = state


class InertDict(dict[Any, Any]):
    """Stands in for dictionaries that carry attributes besides their items."""


def _encode(text: str, encoding: str = "latin1", errors: str = "strict") -> bytes:
    if encoding not in ("latin1", "latin-1", "utf-8", "utf8", "ascii"):
        raise PickleRefused(f"The pickle asks for the codec '{encoding[:40]}'.")
    return text.encode(encoding, errors)


# Names that pickles of plain data use, and harmless makers for them.
_PLAIN: dict[tuple[str, str], Any] = {
    ("_codecs", "encode"): _encode,
    ("builtins", "bytearray"): bytearray,
    ("__builtin__", "bytearray"): bytearray,
    ("builtins", "bytes"): bytes,
    ("__builtin__", "bytes"): bytes,
    ("builtins", "set"): set,
    ("builtins", "frozenset"): frozenset,
    ("collections", "OrderedDict"): InertDict,
    ("builtins", "dict"): dict,
}


class RestrictedUnpickler(pickle.Unpickler):
    """Unpickles data; objects of the allowed modules become `Inert`, any other global is refused.

    Args:
        data: the pickle.
        modules: package names whose classes may occur, for example `xgboost`.
    """

    def __init__(self, data: bytes, modules: frozenset[str]) -> None:
        # encoding: pickles of Python 2 hold bytes as str.
        super().__init__(io.BytesIO(data), encoding="latin1")
        self._modules = modules
        self._made: dict[tuple[str, str], type[Inert]] = {}

    def find_class(self, module: str, name: str) -> Any:
        """The harmless stand-in of a global.

        Raises:
            PickleRefused: the global is none of those that are allowed.
        """
        if (module, name) in _PLAIN:
            return _PLAIN[module, name]
        if module.split(".")[0] not in self._modules:
            raise PickleRefused(f"The pickle names {module}.{name}, which is not allowed here.")
        key = (module, name)
        if key not in self._made:
            self._made[key] = type(name.replace(".", "_"), (Inert,), {"kind": f"{module}.{name}"})
        return self._made[key]

    def persistent_load(self, pid: Any) -> Any:
        """Persistent ids are for other programs; none is allowed."""
        raise PickleRefused("The pickle refers to objects outside itself.")


def load_inert(data: bytes, modules: frozenset[str]) -> Any:
    """Reads a pickle without running code of the classes that it names.

    Raises:
        PickleRefused: the pickle is damaged or names what is not allowed.
    """
    try:
        return RestrictedUnpickler(data, modules).load()
    except PickleRefused:
        raise
    except (
        pickle.UnpicklingError,
        EOFError,
        ValueError,
        TypeError,
        AttributeError,
        IndexError,
        KeyError,
    ) as error:
        raise PickleRefused(f"The pickle cannot be read: {error}") from error
    except (OverflowError, MemoryError, RecursionError, ImportError) as error:
        raise PickleRefused(f"The pickle cannot be read: {type(error).__name__}") from error


@dataclass
class PickledBooster:
    """What a pickle of an XGBoost model holds.

    Attributes:
        handle: the model in one of xgboost's own formats.
        kind: class of the pickled object, for example `xgboost.core.Booster`.
        rounds: how many rounds predict (early stopping); None for all.
        feature_names: names that the Booster knew, if any.
    """

    handle: bytes
    kind: str
    rounds: int | None = None
    feature_names: list[str] = field(default_factory=list)


_XGBOOST = frozenset({"xgboost", "numpy", "copy_reg", "copyreg", "_codecs"})


def read_booster_pickle(data: bytes) -> PickledBooster:
    """Takes the model out of a pickled Booster, XGBModel or XGBClassifier of any version, without unpickling it.

    Raises:
        PickleRefused: the pickle is not one of an XGBoost model.
    """
    loaded = load_inert(data, _XGBOOST)
    state = _state(loaded)
    kind = loaded.kind if isinstance(loaded, Inert) else type(loaded).__name__
    if isinstance(state.get("_Booster"), Inert):
        state = _state(state["_Booster"])
    handle = state.get("handle")
    if not isinstance(handle, bytes | bytearray):
        raise PickleRefused(f"The pickle holds {kind or 'data'}, not a trained XGBoost model.")
    names = state.get("feature_names")
    return PickledBooster(
        bytes(handle), kind, _rounds(state), [str(name) for name in names] if isinstance(names, list) else []
    )


def _state(loaded: Any) -> dict[str, Any]:
    if not isinstance(loaded, Inert):
        return {}
    state = loaded.state
    if isinstance(state, tuple) and state and isinstance(state[0], dict):
        return dict(state[0])
    return dict(state) if isinstance(state, dict) else {}


def _rounds(state: dict[str, Any]) -> int | None:
    best = state.get("best_iteration")
    try:
        return None if best is None else int(str(best)) + 1
    except ValueError:
        return None


@dataclass
class PickleFacts:
    """What a pickle names, found by reading its opcodes only.

    Attributes:
        protocol: pickle protocol.
        globals: `module.name` of everything that loading would import, in order of first use.
        strings: short texts in order (attribute names among them).
    """

    protocol: int
    globals: list[str]
    strings: list[str]


def pickle_facts(data: bytes, *, most: int = 2_000_000) -> PickleFacts:
    """Lists what a pickle would import, without importing it.

    Args:
        most: opcodes to read at most.

    Raises:
        PickleRefused: the bytes are no pickle.
    """
    found: dict[str, None] = {}
    strings: dict[str, None] = {}
    texts: list[str] = []
    memo: dict[int, str] = {}
    protocol = 0
    try:
        for number, (opcode, argument, _) in enumerate(pickletools.genops(io.BytesIO(data))):
            if opcode.name == "PROTO":
                protocol = int(str(argument or 0))
            elif opcode.name in ("GLOBAL", "INST"):
                found[str(argument).replace(" ", ".")] = None
            elif opcode.name == "STACK_GLOBAL":
                found[".".join(texts[-2:])] = None
            elif opcode.name in ("MEMOIZE", "BINPUT", "LONG_BINPUT", "PUT"):
                place = len(memo) if opcode.name == "MEMOIZE" else int(str(argument or 0))
                memo[place] = texts[-1] if texts else ""
            elif opcode.name in ("BINGET", "LONG_BINGET", "GET"):
                texts.append(memo.get(int(str(argument or 0)), ""))
            if isinstance(argument, str) and "UNICODE" in opcode.name:
                texts.append(argument)
                if len(argument) < 200:
                    strings[argument] = None
            if number >= most:
                break
    except (ValueError, IndexError, UnicodeDecodeError) as error:
        raise PickleRefused(f"The bytes are no pickle: {error}") from error
    return PickleFacts(protocol, list(found), list(strings))
