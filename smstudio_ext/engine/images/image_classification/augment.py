"""Random changes of training pictures: `crop`, `crop_color` and `crop_color_transform`.

Ranges are those that AWS documents: hue, saturation and lightness by up to 36, 50 and 50, rotation by up to 10 degrees, shear by up to
0.1, aspect ratio by up to 0.25 (https://docs.aws.amazon.com/sagemaker/latest/dg/IC-Hyperparameter.html).
"""

from __future__ import annotations

import math
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
from PIL import Image

Bytes: TypeAlias = npt.NDArray[np.uint8]
Floats: TypeAlias = npt.NDArray[np.float32]


def augment(
    pixels: Bytes, shape: tuple[int, int, int], kind: str | None, random: np.random.Generator
) -> Floats:
    """One picture (channels, height, width) of values from 0 to 255.

    Args:
        pixels: (height, width, channels), at least as large as `shape`.
        kind: `augmentation_type`; None cuts the middle out.
    """
    if kind == "crop_color_transform":
        pixels = _transform(pixels, shape, random)
    height, width = shape[1], shape[2]
    spare = (pixels.shape[0] - height, pixels.shape[1] - width)
    if kind is None:
        top, left = spare[0] // 2, spare[1] // 2
    else:
        top, left = int(random.integers(spare[0] + 1)), int(random.integers(spare[1] + 1))
    cut = pixels[top : top + height, left : left + width]
    if kind is not None and random.random() < 0.5:
        cut = cut[:, ::-1]
    if kind in ("crop_color", "crop_color_transform"):
        cut = _colour(cut, random)
    return np.ascontiguousarray(cut.transpose(2, 0, 1), dtype=np.float32)


def _transform(pixels: Bytes, shape: tuple[int, int, int], random: np.random.Generator) -> Bytes:
    """Rotation, shear and aspect ratio, around the middle; edges are continued by grey."""
    angle = math.radians(random.uniform(-10, 10))
    shear = random.uniform(-0.1, 0.1)
    ratio = math.sqrt(1 + random.uniform(-0.25, 0.25))
    cosine, sine = math.cos(angle), math.sin(angle)
    turn = np.array([[cosine + shear * sine, -sine], [sine - shear * cosine, cosine]]) @ np.diag(
        [ratio, 1 / ratio]
    )
    middle = np.array([pixels.shape[1] / 2, pixels.shape[0] / 2])
    offset = middle - turn @ middle
    picture = Image.fromarray(pixels[:, :, 0] if pixels.shape[2] == 1 else pixels)
    matrix = (turn[0, 0], turn[0, 1], offset[0], turn[1, 0], turn[1, 1], offset[1])
    filled = 117 if pixels.shape[2] == 1 else (117, 117, 117)
    moved = picture.transform(
        picture.size, Image.Transform.AFFINE, matrix, resample=Image.Resampling.BILINEAR, fillcolor=filled
    )
    found: Bytes = np.asarray(moved, dtype=np.uint8)
    return found[:, :, None] if found.ndim == 2 else found


def _colour(pixels: Bytes, random: np.random.Generator) -> Bytes:
    """Shifts hue (of 180), saturation and lightness (of 255)."""
    hue, saturation, lightness = random.uniform(-36, 36), random.uniform(-50, 50), random.uniform(-50, 50)
    if pixels.shape[2] == 1:
        grey: Bytes = np.clip(pixels + lightness, 0, 255).astype(np.uint8)
        return grey
    values = np.asarray(Image.fromarray(np.ascontiguousarray(pixels)).convert("HSV"), dtype=np.float32)
    shifted = np.empty_like(values)
    shifted[:, :, 0] = (values[:, :, 0] + hue * 255 / 180) % 256
    shifted[:, :, 1] = np.clip(values[:, :, 1] + saturation, 0, 255)
    shifted[:, :, 2] = np.clip(values[:, :, 2] + lightness, 0, 255)
    found: Bytes = np.asarray(
        Image.fromarray(shifted.astype(np.uint8), mode="HSV").convert("RGB"), dtype=np.uint8
    )
    return found
