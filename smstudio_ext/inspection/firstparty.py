"""Looks at `model_algo-1`, the model file of Amazon's own algorithms: MXNet arrays, bare or in a zip."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path
from typing import Any

import numpy as np

from smstudio_ext.formats import mxnet
from smstudio_ext.formats.mxnet_files import read_mxnet
from smstudio_ext.inspection.report import Finding

_LARGEST_JSON = 1 << 20


def look_at_mxnet(path: Path, name: str) -> Finding:
    """MXNet arrays: Linear Learner, K-Means, PCA, Factorization Machines and other first-party algorithms."""
    found = read_mxnet(path)
    if isinstance(found, mxnet.Archive):
        arrays, documents = found.arrays, found.documents
        facts: dict[str, Any] = {"files": found.names}
        kind = "zip of an MXNet module"
    else:
        arrays = found if isinstance(found, dict) else {str(at): one for at, one in enumerate(found)}
        documents, facts, kind = {}, {}, "MXNet array file"
    algorithm = _algorithm(arrays, documents)
    facts["arrays"] = {key: _shape(value) for key, value in arrays.items()}
    facts |= _details(algorithm, arrays, documents)
    return Finding(
        name, kind, algorithm, facts, _lines(name, algorithm, isinstance(found, mxnet.Archive), arrays)
    )


def look_at_zip(path: Path, name: str) -> Finding:
    """A zip of other content: its documents and the shapes of its NumPy arrays."""
    facts: dict[str, Any] = {"files": [], "arrays": {}}
    with zipfile.ZipFile(path) as archive:
        for entry in archive.infolist():
            facts["files"].append(entry.filename)
            if entry.filename.endswith(".npy"):
                with archive.open(entry) as stream:
                    facts["arrays"][entry.filename.removesuffix(".npy")] = _npy_shape(stream)
            elif entry.filename.endswith(".json") and entry.file_size < _LARGEST_JSON:
                facts[entry.filename] = json.loads(archive.read(entry))
    if not facts["arrays"]:
        del facts["arrays"]
    lines = (
        ["import numpy", f"arrays = numpy.load('model/{name}', allow_pickle=False)"]
        if "arrays" in facts
        else ["import zipfile", f"archive = zipfile.ZipFile('model/{name}')"]
    )
    return Finding(name, "zip archive", "", facts, lines)


def _npy_shape(stream: Any) -> str:
    head = io.BytesIO(stream.read(4096))
    version = np.lib.format.read_magic(head)
    read = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
    shape, _, dtype = read(head)
    return f"{'x'.join(map(str, shape)) or 'scalar'} {dtype}"


def _shape(value: Any) -> str:
    return f"{'x'.join(map(str, value.shape)) or 'scalar'} {getattr(value, 'dtype', 'row sparse')}"


def _algorithm(arrays: dict[str, Any], documents: dict[str, Any]) -> str:
    names = {key.split(":")[-1] for key in arrays}
    parameters = documents.get("additional-params.json")
    if isinstance(parameters, dict) and "predictor_type" in parameters and "loss_type" in parameters:
        return "Linear Learner"
    if {"mean", "singular_values"} <= names or any("components" in one for one in names):
        return "PCA"
    if {"v", "w1_weight"} & names or any(one.startswith("w1") for one in names):
        return "Factorization Machines"
    if len(arrays) == 1 and all(getattr(value, "ndim", 0) == 2 for value in arrays.values()):
        return "K-Means"
    return ""


def _details(algorithm: str, arrays: dict[str, Any], documents: dict[str, Any]) -> dict[str, Any]:
    if algorithm == "Linear Learner":
        parameters = documents["additional-params.json"]
        weights = next((v for key, v in arrays.items() if key.endswith("weight")), None)
        facts = {
            key: parameters[key] for key in ("predictor_type", "loss_type", "threshold") if key in parameters
        }
        return facts if weights is None else facts | {"coefficients": _shape(weights)}
    if algorithm == "K-Means":
        clusters, features = next(iter(arrays.values())).shape
        return {"clusters": clusters, "features": features}
    return {}


def _lines(name: str, algorithm: str, zipped: bool, arrays: dict[str, Any]) -> list[str]:
    lines = [
        "from smstudio_ext import formats",
        f"model = formats.read_mxnet('model/{name}')  # MXNet itself is not needed",
    ]
    if algorithm == "Linear Learner" and zipped:
        weight = next((key for key in arrays if key.endswith("weight")), "arg:fc0_weight")
        bias = next((key for key in arrays if key.endswith("bias")), "arg:fc0_bias")
        return [*lines, f"scores = rows @ model.array('{weight}') + model.array('{bias}')  # the margin"]
    if algorithm == "K-Means":
        first = next(iter(arrays))
        return [*lines, f"centers = model['{first}']" if not first.isdigit() else "centers = model[0]"]
    return [*lines, "arrays = model.arrays" if zipped else "arrays = model"]
