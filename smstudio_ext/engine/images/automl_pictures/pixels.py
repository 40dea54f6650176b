"""Pictures as the classifiers read them: upright, in colour, squares of one size."""

from __future__ import annotations

import io
import struct
from pathlib import Path
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageOps

from smstudio_ext.engine.images.contract import AlgorithmError

Bytes: TypeAlias = npt.NDArray[np.uint8]
Floats: TypeAlias = npt.NDArray[np.float32]

FILE, LABELS = "pixels.npy", "labels.npy"
LARGEST_PIXELS = 100_000_000


def open_picture(data: bytes) -> Image.Image:
    """A decoded RGB picture, turned as its camera says; transparent parts become white.

    Raises:
        ValueError: the bytes are no picture that can be decoded, or it is too large.
    """
    try:
        with Image.open(io.BytesIO(data)) as opened:
            if opened.width * opened.height > LARGEST_PIXELS:
                raise ValueError(
                    f"it has {opened.width} x {opened.height} pixels, more than {LARGEST_PIXELS:,}"
                )
            opened.load()
            upright = ImageOps.exif_transpose(opened)
            if upright.mode in ("RGBA", "LA", "PA") or "transparency" in upright.info:
                upright = upright.convert("RGBA")
                white = Image.new("RGBA", upright.size, "white")
                return Image.alpha_composite(white, upright).convert("RGB")
            if upright.mode.startswith("I;16") or upright.mode == "I":
                # Pillow would cut 16 bits off at 255 instead of scaling them.
                wide = np.asarray(upright, dtype=np.float64)
                upright = Image.fromarray((wide / 257).clip(0, 255).astype(np.uint8))
            return upright.convert("RGB")
    except (OSError, SyntaxError, EOFError, Image.DecompressionBombError, struct.error) as error:
        raise ValueError(f"it is no picture that can be decoded ({str(error)[:100]})") from error


def square(picture: Image.Image, side: int) -> Bytes:
    """(side, side, 3): the whole picture, its sides made equal."""
    resized = picture.resize((side, side), Image.Resampling.BILINEAR)
    return np.asarray(resized, dtype=np.uint8)


def read_pixels(folder: Path) -> tuple[Bytes, npt.NDArray[np.int64]]:
    """(pictures, side, side, 3) and class codes of a channel that the analysis wrote.

    Raises:
        AlgorithmError: the channel holds no such files.
    """
    if not (folder / FILE).is_file() or not (folder / LABELS).is_file():
        raise AlgorithmError(f"The channel holds no files {FILE} and {LABELS}.")
    pixels: Bytes = np.load(folder / FILE, allow_pickle=False)
    return pixels, np.load(folder / LABELS, allow_pickle=False).astype(np.int64)


def resized(pixels: Bytes, side: int) -> Bytes:
    """Pictures (n, any, any, 3) in another size."""
    if pixels.shape[1] == side:
        return pixels
    return np.stack([square(Image.fromarray(one), side) for one in pixels])
