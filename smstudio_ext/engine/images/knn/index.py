"""Nearest neighbours of the sample: by faiss where it is installed, else by exact search in NumPy."""

from __future__ import annotations

import importlib
import importlib.util
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from smstudio_ext.engine.images.contract import AlgorithmError
from smstudio_ext.engine.images.jobfiles import granted_cpus
from smstudio_ext.engine.images.knn.parameters import FLAT, IVF_FLAT

Array = npt.NDArray[np.float32]

_ELEMENTS_AT_ONCE = 16_000_000
_PROBED_SHARE = 8


def has_faiss() -> bool:
    """Whether faiss can be imported, without importing it."""
    return importlib.util.find_spec("faiss") is not None


def require_faiss(index_type: str) -> None:
    """Refuses an index that only faiss builds.

    Raises:
        AlgorithmError: faiss is missing; the message says how to install it.
    """
    if index_type != FLAT and not has_faiss():
        raise AlgorithmError(
            f'index_type {index_type} needs faiss, which is not installed. Run: pip install "smstudio-ext[faiss]" (or use '
            "faiss.Flat, which does not need it)."
        )


@dataclass
class Index:
    """Points that can be searched.

    Attributes:
        points: (n, dimensions); of unit length for the COSINE metric.
        metric: `L2`, `INNER_PRODUCT` or `COSINE`.
        native: faiss's index; None for the search in NumPy.
    """

    points: Array
    metric: str
    native: Any = None

    def search(self, queries: Array, k: int) -> tuple[Array, npt.NDArray[np.int64]]:
        """Positions (rows, k) of the nearest points, nearest first, and what the metric gives for them.

        L2 gives squared distances as faiss does; the other metrics give similarities, the largest first. Cells of an IVF
        index may hold fewer than k points: such places have position -1.
        """
        queries = normalise(queries) if self.metric == "COSINE" else queries
        queries = np.ascontiguousarray(queries, dtype=np.float32)
        k = min(k, len(self.points))
        if self.native is not None:
            distances, positions = self.native.search(queries, k)
            return distances, positions
        found = [
            self._exact(queries[start : start + step], k)
            for step in [max(1, _ELEMENTS_AT_ONCE // max(1, len(self.points)))]
            for start in range(0, len(queries), step)
        ]
        return np.concatenate([one[0] for one in found]), np.concatenate([one[1] for one in found])

    def _exact(self, queries: Array, k: int) -> tuple[Array, npt.NDArray[np.int64]]:
        scores = queries @ self.points.T
        if self.metric == "L2":
            norms = np.einsum("ij,ij->i", self.points, self.points)
            scores = 2 * scores - norms - np.einsum("ij,ij->i", queries, queries)[:, None]
        if k < scores.shape[1]:
            near = np.argpartition(scores, scores.shape[1] - k, axis=1)[:, scores.shape[1] - k :]
        else:
            near = np.broadcast_to(np.arange(k), scores.shape)
        values = np.take_along_axis(scores, near, 1)
        order = np.argsort(-values, axis=1, kind="stable")
        values = np.take_along_axis(values, order, 1)
        if self.metric == "L2":
            values = np.maximum(-values, 0)
        return values, np.take_along_axis(near, order, 1)


def normalise(rows: Array) -> Array:
    """Rows of unit length."""
    return np.asarray(rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-12), dtype=np.float32)


def build(
    points: Array, metric: str, index_type: str, *, lists: int | None = None, parts: int | None = None
) -> Index:
    """Builds an index over the sample.

    Args:
        lists: cells of an IVF index; None = the square root of the number of points.
        parts: sub-vectors of IVFPQ; None = chosen by the dimensions.

    Raises:
        AlgorithmError: faiss is needed and missing, or cannot build it (too few points, dimensions not divisible).
    """
    points = np.ascontiguousarray(normalise(points) if metric == "COSINE" else points, dtype=np.float32)
    require_faiss(index_type)
    if not has_faiss():
        return Index(points, metric)
    faiss = importlib.import_module("faiss")
    faiss.omp_set_num_threads(granted_cpus())
    kind = faiss.METRIC_L2 if metric == "L2" else faiss.METRIC_INNER_PRODUCT
    width = points.shape[1]
    lists = lists or max(1, round(len(points) ** 0.5))
    recipe = {FLAT: "Flat", IVF_FLAT: f"IVF{lists},Flat"}.get(index_type)
    if recipe is None:
        pieces = parts or max(one for one in (1, 2, 3, 4, 8, 12, 16) if width % one == 0)
        if width % pieces:
            raise AlgorithmError(
                f"faiss_index_pq_m ({pieces}) must divide the dimension of the index ({width})."
            )
        bits = min(8, max(1, int(np.log2(max(2, len(points) // 2)))))
        recipe = f"IVF{lists},PQ{pieces}x{bits}"
    if index_type != FLAT and len(points) < lists:
        raise AlgorithmError(
            f"faiss_index_ivf_nlists ({lists}) must not be greater than the number of sampled records ({len(points)})."
        )
    native = faiss.index_factory(width, recipe, kind)
    if index_type != FLAT:
        native.nprobe = max(1, lists // _PROBED_SHARE)
        native.train(points)
    native.add(points)
    return Index(points, metric, native)


def dump(index: Index) -> bytes:
    """faiss's own serialisation; empty for the search in NumPy and for flat indexes, which are their points."""
    if index.native is None or not hasattr(index.native, "nprobe"):
        return b""
    faiss = importlib.import_module("faiss")
    return bytes(faiss.serialize_index(index.native).tobytes())


def restore(points: Array, metric: str, dumped: bytes) -> Index:
    """The index of a model file.

    Raises:
        ValueError: it needs faiss, which is missing.
    """
    if dumped:
        if not has_faiss():
            raise ValueError('This k-NN model has a faiss index. Run: pip install "smstudio-ext[faiss]".')
        faiss = importlib.import_module("faiss")
        return Index(points, metric, faiss.deserialize_index(np.frombuffer(dumped, dtype=np.uint8)))
    if not has_faiss():
        return Index(points, metric)
    faiss = importlib.import_module("faiss")
    kind = faiss.METRIC_L2 if metric == "L2" else faiss.METRIC_INNER_PRODUCT
    native = faiss.index_factory(points.shape[1], "Flat", kind)
    native.add(np.ascontiguousarray(points, dtype=np.float32))
    return Index(points, metric, native)
