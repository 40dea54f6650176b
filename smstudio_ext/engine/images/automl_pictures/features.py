"""Hand-made features of pictures: directions of edges, colours and textures, in plain numpy."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from PIL import Image

from smstudio_ext.engine.images.automl_pictures.pixels import Bytes, Floats

_BATCH = 256
_CELL = 8
_DIRECTIONS = 9
_HUES, _SATURATIONS, _VALUES = 8, 3, 3
_LUMA = np.array([0.299, 0.587, 0.114], dtype=np.float32)


def describe(pixels: Bytes) -> Floats:
    """(pictures, features): edges, colours and textures side by side.

    Args:
        pixels: (pictures, side, side, 3), the side a multiple of 8.
    """
    parts = []
    for begin in range(0, len(pixels), _BATCH):
        batch = pixels[begin : begin + _BATCH]
        grey = batch.astype(np.float32) @ _LUMA
        parts.append(np.concatenate([edges(grey), colours(batch), textures(grey)], axis=1))
    return np.concatenate(parts).astype(np.float32)


def edges(grey: Floats) -> Floats:
    """Histograms of oriented gradients (Dalal and Triggs 2005): 9 directions, cells of an eighth, blocks of 2 x 2 cells.

    Args:
        grey: (pictures, side, side).
    """
    down, right = np.gradient(grey, axis=(1, 2))
    strength = np.hypot(down, right)
    # Directions without sign; each gradient is shared between the two nearest.
    place = (np.arctan2(down, right) % np.pi) * (_DIRECTIONS / np.pi)
    first = np.floor(place).astype(np.int64)
    share = (place - first).astype(np.float32)
    first %= _DIRECTIONS
    second = (first + 1) % _DIRECTIONS
    cells = np.empty((len(grey), _CELL, _CELL, _DIRECTIONS), dtype=np.float32)
    for direction in range(_DIRECTIONS):
        counted = np.where(first == direction, strength * (1 - share), 0)
        counted += np.where(second == direction, strength * share, 0)
        cells[..., direction] = _pooled(counted, _CELL)
    blocks = np.concatenate(
        [cells[:, top : _CELL - 1 + top, left : _CELL - 1 + left] for top in (0, 1) for left in (0, 1)],
        axis=3,
    )
    norm = np.sqrt((blocks**2).sum(axis=3, keepdims=True)) + 1.0
    clipped = np.minimum(blocks / norm, 0.2)
    clipped /= np.sqrt((clipped**2).sum(axis=3, keepdims=True)) + 1e-3
    found: Floats = clipped.reshape(len(grey), -1)
    return found


def colours(pixels: Bytes) -> Floats:
    """Square roots of joint histograms of hue, saturation and value: of the whole and of each quarter."""
    values = np.stack([np.asarray(Image.fromarray(one).convert("HSV")) for one in pixels]).astype(np.int64)
    bins = (
        (values[..., 0] * _HUES // 256) * (_SATURATIONS * _VALUES)
        + (values[..., 1] * _SATURATIONS // 256) * _VALUES
        + values[..., 2] * _VALUES // 256
    )
    return _histograms(bins, _HUES * _SATURATIONS * _VALUES)


def textures(grey: Floats) -> Floats:
    """Square roots of histograms of local binary patterns (Ojala et al. 2002), the uniform ones: of the whole and of each quarter."""
    side = grey.shape[1]
    middle = grey[:, 1:-1, 1:-1]
    code = np.zeros(middle.shape, dtype=np.int64)
    around = [(0, 0), (0, 1), (0, 2), (1, 2), (2, 2), (2, 1), (2, 0), (1, 0)]
    for bit, (top, left) in enumerate(around):
        code |= (grey[:, top : side - 2 + top, left : side - 2 + left] >= middle).astype(np.int64) << bit
    return _histograms(_UNIFORM[code], int(_UNIFORM.max()) + 1)


def _uniform_codes() -> npt.NDArray[np.int64]:
    """Code -> bin: one for each pattern with at most two changes around the circle, one for all others."""
    found = np.zeros(256, dtype=np.int64)
    bins = 0
    for code in range(256):
        bits = [(code >> bit) & 1 for bit in range(8)]
        if sum(bits[at] != bits[at - 1] for at in range(8)) <= 2:
            bins += 1
            found[code] = bins
    return found


_UNIFORM = _uniform_codes()


def _pooled(values: Floats, parts: int) -> Floats:
    """(pictures, side, side) summed into (pictures, parts, parts)."""
    size = values.shape[1] // parts
    kept = values[:, : size * parts, : size * parts]
    found: Floats = kept.reshape(len(values), parts, size, parts, size).sum(axis=(2, 4))
    return found


def _histograms(bins: npt.NDArray[np.int64], count: int) -> Floats:
    half = bins.shape[1] // 2
    regions = [bins, *(bins[:, t : t + half, s : s + half] for t in (0, half) for s in (0, half))]
    found = []
    for region in regions:
        flat = region.reshape(len(bins), -1)
        offset = flat + np.arange(len(bins))[:, None] * count
        counted = np.bincount(offset.ravel(), minlength=len(bins) * count).reshape(len(bins), count)
        found.append(np.sqrt(counted / flat.shape[1]))
    return np.concatenate(found, axis=1).astype(np.float32)
