"""Tells which files of an unpacked archive are models, and hands each to the look that knows its format."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable
from pathlib import Path

from smstudio_ext.formats import mxnet
from smstudio_ext.formats.xgboost_models import model_kind
from smstudio_ext.inspection.boosters import look_at_catboost, look_at_lightgbm, look_at_xgboost
from smstudio_ext.inspection.firstparty import look_at_mxnet, look_at_zip
from smstudio_ext.inspection.pickled import look_at_pickle, look_at_torch
from smstudio_ext.inspection.report import Finding

_HEAD = 4096
_OUTLINE = "tabular-metadata.json"
_PICKLE_NAMES = (".pkl", ".pickle", ".joblib", ".sav")
_OTHERS = {
    ".onnx": ("ONNX graph", ["import onnxruntime", "session = onnxruntime.InferenceSession({path})"]),
    ".h5": ("Keras HDF5", ["import keras", "model = keras.models.load_model({path})"]),
    ".keras": ("Keras archive", ["import keras", "model = keras.models.load_model({path})"]),
    ".safetensors": (
        "safetensors",
        ["from safetensors.numpy import load_file", "tensors = load_file({path})"],
    ),
}
_TENSORFLOW = ["import tensorflow as tf", "model = tf.saved_model.load({folder})"]


def inspect_folder(folder: Path) -> tuple[list[Finding], list[str]]:
    """Looks at every file.

    Args:
        folder: the unpacked archive.

    Returns:
        The models, and notes on other files.
    """
    models: list[Finding] = []
    notes: list[str] = []
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        name = path.relative_to(folder).as_posix()
        if path.name.startswith("."):
            notes.append(f"'{name}' is hidden; SageMaker's servers leave it out.")
            continue
        found = _look(path, name)
        if path.name == _OUTLINE:
            notes.extend(_outline(path, name))
        elif found is not None:
            models.append(found)
        elif path.suffix == ".py" and (name.startswith("code/") or "/" not in name):
            notes.append(f"'{name}' is inference code: it runs when the model is hosted.")
    if not models:
        notes.append("No file of the archive is a model format known here.")
    return models, notes


def _outline(path: Path, name: str) -> list[str]:
    """What LightGBM, CatBoost, TabTransformer and AutoGluon-Tabular of this engine know beside their model."""
    try:
        outline = json.loads(path.read_text(encoding="utf-8"))
        classes = ", ".join(map(str, outline["classes"])) or "none"
        said = f"'{name}': {outline['problem']} of {outline['width']} features; classes in the order of probabilities: {classes}"
        columns = ", ".join(str(int(column) + 1) for column in outline["categorical"])
    except (ValueError, KeyError, TypeError, OSError):
        return []
    return [f"{said}; columns with categories (0 is the target): {columns or 'none'}."]


def _look(path: Path, name: str) -> Finding | None:
    with path.open("rb") as stream:
        head = stream.read(_HEAD)
    look = _choose(path, head)
    if look is not None:
        try:
            return look(path, name)
        except (ValueError, KeyError, IndexError, TypeError, OSError, EOFError, RecursionError) as error:
            # A look that a damaged file throws off must not hide the other files.
            return Finding(name, "damaged or unknown", warning=f"It cannot be read: {error}")
    if path.name == "saved_model.pb":
        where = path.parent.relative_to(path.parents[len(Path(name).parts) - 1]).as_posix()
        folder = repr("model" if where == "." else f"model/{where}")
        return Finding(
            name,
            "TensorFlow SavedModel",
            "TensorFlow",
            load=[line.format(folder=folder) for line in _TENSORFLOW],
        )
    if path.suffix in _OTHERS:
        kind, lines = _OTHERS[path.suffix]
        return Finding(name, kind, load=[line.format(path=repr(f"model/{name}")) for line in lines])
    return None


def _choose(path: Path, head: bytes) -> Callable[[Path, str], Finding] | None:
    if head.startswith(b"CBM1"):
        return look_at_catboost
    if head.startswith(b"tree\n"):
        return look_at_lightgbm
    if mxnet.is_list(head):
        return look_at_mxnet
    if head.startswith(b"PK\x03\x04") and zipfile.is_zipfile(path):
        return _choose_zip(path)
    kind = model_kind(head)
    if kind == "pickle" and b"xgboost" in head[:200]:
        return look_at_xgboost
    if kind == "pickle" or path.suffix in _PICKLE_NAMES:
        return look_at_pickle
    if kind == "json":
        return look_at_xgboost if b'"learner"' in head or b'"gradient_booster"' in head else None
    if kind is not None:
        return look_at_xgboost
    return None


def _choose_zip(path: Path) -> Callable[[Path, str], Finding] | None:
    with zipfile.ZipFile(path) as archive:
        names = archive.namelist()
    if any(name.endswith("/data.pkl") or name == "data.pkl" for name in names):
        return look_at_torch
    if "mx-mod-symbol.json" in names or any(name.endswith(".params") for name in names):
        return look_at_mxnet
    return look_at_zip if path.name.startswith("model_algo") or path.suffix == ".npz" else None
