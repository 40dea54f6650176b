"""Looks at pickles: scikit-learn's, joblib's, PyTorch's. Classes are named, never imported."""

from __future__ import annotations

import bz2
import gzip
import lzma
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from smstudio_ext.formats.pickles import Inert, PickleRefused, pickle_facts
from smstudio_ext.inspection.inert_objects import (
    PLAIN_NAMES,
    TRUSTED,
    ArrayFact,
    read_objects,
    read_torch_objects,
)
from smstudio_ext.inspection.report import Finding

WARNING = "Loading a pickle runs code of the file: do it only with models that you trust."
_MOST = 1 << 30
_SHOWN = 30


def look_at_pickle(path: Path, name: str) -> Finding:
    """A pickle or joblib file."""
    data = _uncompressed(path.read_bytes())
    facts: dict[str, Any] = {}
    algorithm = ""
    try:
        loaded = read_objects(data)
        facts = _describe(loaded)
        algorithm = _family(facts.get("class", ""))
    except PickleRefused:
        names = pickle_facts(data).globals
        strange = [one for one in names if one.split(".")[0] not in TRUSTED and one not in PLAIN_NAMES]
        if strange:
            warning = f"Do not load it: it would call {', '.join(strange[:5])}, which no model of a known library does."
            return Finding(name, "pickle", "", {"names": names[:_SHOWN]}, [], warning)
        facts["names"] = names[:_SHOWN]
        algorithm = _family(" ".join(names))
    joblib = path.suffix == ".joblib" or b"joblib.numpy_pickle" in data[:100_000]
    if joblib:
        lines = ["import joblib", f"model = joblib.load('model/{name}')"]
    else:
        lines = ["import pickle", f"model = pickle.load(open('model/{name}', 'rb'))"]
    return Finding(name, "joblib file" if joblib else "pickle", algorithm, facts, lines, WARNING)


def look_at_torch(path: Path, name: str) -> Finding:
    """A file of `torch.save` or `torch.jit.save`."""
    with zipfile.ZipFile(path) as archive:
        names = archive.namelist()
        inner = next(one for one in names if one.endswith("data.pkl"))
        data = archive.read(inner)
    script = any("/code/" in one or one.endswith("constants.pkl") for one in names)
    facts: dict[str, Any] = {}
    algorithm = ""
    try:
        content = read_torch_objects(data)
        algorithm, facts = _own_model(content)
        tensors = dict(_tensors(content))
        facts["tensors"] = len(tensors)
        facts["parameters"] = sum(fact.size for fact in tensors.values())
        facts["shapes"] = {key: fact.text for key, fact in list(tensors.items())[:_SHOWN]}
    except PickleRefused:
        facts["names"] = pickle_facts(data).globals[:_SHOWN]
    load = f"torch.jit.load('model/{name}')" if script else f"torch.load('model/{name}', weights_only=True)"
    kind = "TorchScript" if script else "PyTorch file"
    lines = ["import torch", f"model = {load}"]
    if algorithm:
        lines[1:] = [f"content = {load}", "settings, weights = content['settings'], content['weights']"]
    return Finding(name, kind, algorithm or "PyTorch", facts, lines)


def _own_model(content: Any) -> tuple[str, dict[str, Any]]:
    """Algorithm and settings of a file that this engine's deep algorithms wrote; empty for others."""
    if not isinstance(content, dict) or not {"format", "algorithm", "settings", "weights"} <= set(content):
        return "", {}
    settings = content["settings"] if isinstance(content["settings"], dict) else {}
    simple = {key: value for key, value in settings.items() if isinstance(value, str | int | float | bool)}
    return str(content["algorithm"]), {"settings": dict(list(simple.items())[:_SHOWN])}


def _uncompressed(data: bytes) -> bytes:
    openers: dict[bytes, Any] = {
        b"\x1f\x8b": gzip.decompress,
        b"BZ": bz2.decompress,
        b"\xfd7": lzma.decompress,
        b"x\x9c": zlib.decompress,
        b"x\x01": zlib.decompress,
        b"x\x5e": zlib.decompress,
        b"x\xda": zlib.decompress,
    }
    opener = openers.get(data[:2])
    if opener is None:
        return data
    try:
        return bytes(opener(data))
    except (OSError, EOFError, zlib.error, lzma.LZMAError) as error:
        raise PickleRefused(f"The compressed pickle is damaged: {error}") from error


def _family(names: str) -> str:
    for package, title in (
        ("sklearn", "scikit-learn"),
        ("autogluon", "AutoGluon"),
        ("lightgbm", "LightGBM"),
        ("catboost", "CatBoost"),
        ("xgboost", "XGBoost"),
        ("torch", "PyTorch"),
        ("keras", "Keras"),
    ):
        if package in names:
            return title
    return ""


def _describe(loaded: Any) -> dict[str, Any]:
    if not isinstance(loaded, Inert):
        described = {"class": type(loaded).__name__}
        return described | (
            {"keys": [str(key) for key in list(loaded)[:_SHOWN]]} if isinstance(loaded, dict) else {}
        )
    facts: dict[str, Any] = {"class": loaded.kind}
    state = loaded.state if isinstance(loaded.state, dict) else {}
    if "_sklearn_version" in state:
        facts["scikit-learn version"] = str(state["_sklearn_version"])
    if "n_features_in_" in state:
        facts["features"] = _plain(state["n_features_in_"])
    steps = state.get("steps")
    if isinstance(steps, list):
        facts["steps"] = [
            f"{step[0]}: {getattr(step[1], 'kind', step[1])}" for step in steps if len(step) == 2
        ]
    fitted = {
        key: value for key, value in state.items() if str(key).endswith("_") and not str(key).startswith("_")
    }
    if fitted:
        facts["fitted"] = {key: _plain(value) for key, value in list(fitted.items())[:_SHOWN]}
    chosen = {
        key: value
        for key, value in state.items()
        if not str(key).endswith("_") and not str(key).startswith("_")
    }
    simple = {key: value for key, value in chosen.items() if isinstance(value, str | int | float | bool)}
    facts["parameters"] = dict(list(simple.items())[:_SHOWN])
    return facts


def _plain(value: Any) -> Any:
    if isinstance(value, ArrayFact):
        return value.text
    if isinstance(value, Inert):
        return value.kind
    if isinstance(value, list | tuple):
        return f"{len(value)} items"
    return value if isinstance(value, str | int | float | bool | None) else type(value).__name__


def _tensors(value: Any, name: str = "") -> Iterator[tuple[str, ArrayFact]]:
    if isinstance(value, ArrayFact):
        yield name or "tensor", value
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield from _tensors(inner, f"{name}.{key}" if name else str(key))
    elif isinstance(value, list | tuple):
        for number, inner in enumerate(value):
            yield from _tensors(inner, f"{name}.{number}" if name else str(number))
    elif isinstance(value, Inert) and isinstance(value.state, dict):
        yield from _tensors(value.state, name)
