"""A k-nearest-neighbours model and its file."""

from __future__ import annotations

import io
import json
import zipfile
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from smstudio_ext.engine.images.knn.index import Index, dump, restore
from smstudio_ext.formats import mxnet

Array = npt.NDArray[Any]

FORMAT = "smstudio-knn/1"


@dataclass
class NeighbourModel:
    """Sampled points with labels.

    Attributes:
        labels: (points,).
        projection: (features, dimensions), or None when points are as the data come.
        width: features of a request.
    """

    predictor: str
    k: int
    index: Index
    labels: Array
    projection: Array | None
    width: int

    def neighbours(self, rows: Array) -> tuple[Array, Array]:
        """Labels (rows, k) of the nearest points, nearest first, and their distances."""
        queries = rows if self.projection is None else rows @ self.projection
        distances, positions = self.index.search(queries, self.k)
        return np.where(positions >= 0, self.labels[positions], np.nan), distances

    def decide(self, labels: Array) -> Array:
        """One answer a row from its neighbours' labels: the mean, or the most frequent (ties: the nearer)."""
        if self.predictor == "regressor":
            return np.asarray(np.nanmean(labels, axis=1))
        classes, codes = np.unique(labels, return_inverse=True)
        votes = np.zeros((len(labels), len(classes)))
        # nearer neighbours weigh a trifle more, which settles ties and nothing else
        weights = 1 + 1e-6 * np.arange(labels.shape[1], 0, -1)
        np.add.at(votes, (np.arange(len(labels))[:, None], codes.reshape(labels.shape)), weights)
        votes[:, np.isnan(classes)] = -1
        return np.asarray(classes[votes.argmax(axis=1)])

    def encode(self) -> bytes:
        """The bytes of `model_algo-1`; AWS's own layout is not published."""
        arrays = {
            "points": self.index.points.astype(np.float32),
            "labels": self.labels.astype(np.float32),
        }
        if self.projection is not None:
            arrays["projection"] = self.projection.astype(np.float32)
        facts = {
            "format": FORMAT,
            "predictor_type": self.predictor,
            "k": self.k,
            "index_metric": self.index.metric,
            "feature_dim": self.width,
        }
        members = {"meta.json": json.dumps(facts).encode(), "params": mxnet.write(arrays)}
        dumped = dump(self.index)
        if dumped:
            members["index.faiss"] = dumped
        return mxnet.write_archive(members)

    @classmethod
    def decode(cls, data: bytes) -> NeighbourModel:
        """Reads the file.

        Raises:
            ValueError: it is of another format (such as AWS's own), or needs faiss.
        """
        found = mxnet.read_archive(data)
        facts = found.documents.get("meta.json", {})
        if facts.get("format") != FORMAT:
            raise ValueError(f"model_algo-1 is no k-NN model of this engine ({FORMAT}).")
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            dumped = archive.read("index.faiss") if "index.faiss" in archive.namelist() else b""
        return cls(
            facts["predictor_type"],
            facts["k"],
            restore(found.array("points"), facts["index_metric"], dumped),
            found.array("labels"),
            found.array("projection") if "projection" in found.arrays else None,
            facts["feature_dim"],
        )
