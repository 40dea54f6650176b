"""Features learnt from the pictures without labels: k-means over whitened patches (Coates, Ng and Lee 2011)."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.cluster import MiniBatchKMeans

from smstudio_ext.engine.images.automl_pictures.pixels import Bytes, Floats, resized

_SIDE, _PATCH = 32, 6
_SAMPLED = 40_000
_BATCH = 32


class Patches(TransformerMixin, BaseEstimator):  # type: ignore[misc]  # scikit-learn has no types
    """How near each patch is to learnt ones ("triangle" encoding), summed over the four quarters of the picture.

    Args:
        centres: number of learnt patches; a picture has four times as many features.
        stride: distance of neighbouring patches.
    """

    def __init__(self, centres: int = 300, stride: int = 2, random_state: int = 0) -> None:
        self.centres = centres
        self.stride = stride
        self.random_state = random_state

    def fit(self, pixels: Bytes, codes: Any = None) -> Patches:
        """Learns the patches from (pictures, side, side, 3)."""
        random = np.random.default_rng(self.random_state)
        small = resized(pixels, _SIDE)
        each = max(1, _SAMPLED // len(small))
        rows = np.repeat(np.arange(len(small)), each)[:_SAMPLED]
        spots = random.integers(0, _SIDE - _PATCH + 1, (len(rows), 2))
        found = np.stack(
            [
                small[row, top : top + _PATCH, left : left + _PATCH].ravel()
                for row, (top, left) in zip(rows.tolist(), spots.tolist(), strict=True)
            ]
        )
        even = _normalised(found.astype(np.float32))
        self.mean_ = even.mean(axis=0)
        values, vectors = np.linalg.eigh(np.cov((even - self.mean_).T))
        # Whitening by ZCA: neighbouring pixels say much the same, and distances should not count that twice.
        self.whiten_ = (vectors * (1 / np.sqrt(np.maximum(values, 0) + 0.1)) @ vectors.T).astype(np.float32)
        white = (even - self.mean_) @ self.whiten_
        count = max(1, min(self.centres, len(np.unique(white, axis=0))))
        model = MiniBatchKMeans(count, n_init=1, batch_size=2048, max_iter=20, random_state=self.random_state)
        self.centres_ = model.fit(white).cluster_centers_.astype(np.float32)
        return self

    def transform(self, pixels: Bytes) -> Floats:
        """(pictures, 4 x centres)."""
        small = resized(pixels, _SIDE)
        parts = [self._encoded(small[begin : begin + _BATCH]) for begin in range(0, len(small), _BATCH)]
        return np.concatenate(parts)

    def _encoded(self, pixels: Bytes) -> Floats:
        windows = np.lib.stride_tricks.sliding_window_view(pixels, (_PATCH, _PATCH), axis=(1, 2))
        windows = windows[:, :: self.stride, :: self.stride].transpose(0, 1, 2, 4, 5, 3)
        many, across = windows.shape[0], windows.shape[1]
        flat = _normalised(windows.reshape(many * across * across, -1).astype(np.float32))
        white = (flat - self.mean_) @ self.whiten_
        squares = (white**2).sum(axis=1, keepdims=True) + (self.centres_**2).sum(axis=1)
        apart = np.sqrt(np.maximum(squares - 2 * white @ self.centres_.T, 0))
        near = np.maximum(apart.mean(axis=1, keepdims=True) - apart, 0).reshape(many, across, across, -1)
        half = across // 2
        quarters = [
            near[:, tops, sides].mean(axis=(1, 2))
            for tops in (slice(None, half), slice(half, None))
            for sides in (slice(None, half), slice(half, None))
        ]
        return np.concatenate(quarters, axis=1)


def _normalised(patches: Floats) -> Floats:
    """Patches of mean 0 and variance 1, flat ones near 0."""
    centred = patches - patches.mean(axis=1, keepdims=True)
    found: Floats = centred / np.sqrt(centred.var(axis=1, keepdims=True) + 10)
    return found
