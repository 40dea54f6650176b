"""Labelled pictures: read from RecordIO of im2rec, from folders with .lst files, or from augmented manifests."""

from __future__ import annotations

import io
import json
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
from PIL import Image

from smstudio_ext.engine.images.contract import AlgorithmError
from smstudio_ext.engine.images.deep.records import RecordError, frames
from smstudio_ext.engine.images.image_classification.augment import augment
from smstudio_ext.engine.images.jobfiles import Channel

Bytes: TypeAlias = npt.NDArray[np.uint8]
Floats: TypeAlias = npt.NDArray[np.float32]

RECORDIO_TYPES = frozenset({"application/x-recordio", ""})
IMAGE_TYPES = frozenset({"application/x-image", "image/jpeg", "image/png"})
MEAN, DEVIATION = np.float32(117.0), np.float32(60.0)
_KEPT_BYTES = 512 << 20
_LARGEST_PIXELS = 200_000_000


@dataclass
class Pictures:
    """Labelled pictures, still encoded; decoded ones are kept while they fit into half a gibibyte.

    Attributes:
        encoded: files' bytes.
        labels: (pictures,) class ids, or (pictures, classes) of 0 and 1 for several labels a picture.
        shape: channels, height and width that the network reads.
        resize: length of the shorter side before cropping; None leaves the size.
    """

    encoded: list[bytes]
    labels: Floats
    shape: tuple[int, int, int]
    resize: int | None
    _kept: dict[int, Bytes] | None = None

    def __len__(self) -> int:
        return len(self.encoded)

    def batch(self, rows: Any, kind: str | None, random: np.random.Generator) -> Floats:
        """Normalized pictures (rows, channels, height, width).

        Args:
            kind: `augmentation_type`; None cuts the middle out.

        Raises:
            AlgorithmError: a picture cannot be decoded.
        """
        out = np.empty((len(rows), *self.shape), dtype=np.float32)
        for place, row in enumerate(rows):
            out[place] = augment(self._decoded(int(row)), self.shape, kind, random)
        out -= MEAN
        out /= DEVIATION
        return out

    def _decoded(self, row: int) -> Bytes:
        if self._kept is None:
            self._kept = {}
        found = self._kept.get(row)
        if found is None:
            try:
                found = decode(self.encoded[row], self.shape, self.resize)
            except ValueError as error:
                raise AlgorithmError(f"Picture {row + 1} of the channel: {error}.") from error
            if found.nbytes * len(self.encoded) <= _KEPT_BYTES:
                self._kept[row] = found
        return found


def decode(data: bytes, shape: tuple[int, int, int], resize: int | None) -> Bytes:
    """One picture (height, width, channels), at least as large as `shape`.

    Raises:
        ValueError: the bytes are no picture that can be decoded.
    """
    try:
        with Image.open(io.BytesIO(data)) as opened:
            if opened.width * opened.height > _LARGEST_PIXELS:
                raise ValueError(
                    f"it has {opened.width} x {opened.height} pixels, more than {_LARGEST_PIXELS}"
                )
            picture = opened.convert("L" if shape[0] == 1 else "RGB")
    except (OSError, SyntaxError, Image.DecompressionBombError, struct.error) as error:
        raise ValueError(f"it is no picture that can be decoded ({str(error)[:100]})") from error
    scale = 1.0 if resize is None else resize / min(picture.size)
    scale = max(scale, shape[2] / picture.width, shape[1] / picture.height)
    if scale != 1.0:
        size = (max(shape[2], round(picture.width * scale)), max(shape[1], round(picture.height * scale)))
        picture = picture.resize(size, Image.Resampling.BILINEAR)
    pixels: Bytes = np.asarray(picture, dtype=np.uint8)
    return pixels[:, :, None] if pixels.ndim == 2 else pixels


def read_pictures(
    channel: Channel,
    listing: Channel | None,
    shape: tuple[int, int, int],
    resize: int | None,
    classes: int,
    *,
    several: bool,
) -> Pictures:
    """Every picture of a channel.

    Args:
        listing: the channel with the .lst file, for image content types in File mode.
        several: pictures have several labels.

    Raises:
        AlgorithmError: unknown content type, broken records or lists, or a label that is no class.
    """
    if channel.record_wrapper == "RecordIO":
        found = list(_manifest(channel))
    elif channel.content_type in IMAGE_TYPES:
        if listing is None:
            raise AlgorithmError(
                f"Missing required channel: {channel.name}_lst (ContentType {channel.content_type})"
            )
        found = list(_listed(channel, listing))
    elif channel.content_type in RECORDIO_TYPES:
        found = list(_records(channel))
    else:
        raise AlgorithmError(
            f"'{channel.content_type}' is not an accepted ContentType of channel '{channel.name}': application/x-recordio, "
            "application/x-image, image/jpeg, image/png."
        )
    if not found:
        raise AlgorithmError(f"Channel '{channel.name}' holds no picture.")
    ids = channel.parameters.get("label-format", "multi-hot") == "class-id"
    labels = [
        _label(values, classes, several=several, ids=ids, where=f"Channel '{channel.name}', picture {number}")
        for number, (_, values) in enumerate(found, 1)
    ]
    return Pictures([data for data, _ in found], np.asarray(labels, dtype=np.float32), shape, resize)


def _records(channel: Channel) -> Iterator[tuple[bytes, list[float]]]:
    """Records of MXNet's im2rec: a header of flag, label and two ids, further labels, and the encoded picture."""
    for path in channel.files():
        if path.suffix in (".idx", ".lst"):
            continue
        try:
            for payload in frames(path.read_bytes()):
                flag, label, _, _ = struct.unpack_from("<IfQQ", payload)
                if flag > (len(payload) - 24) // 4:
                    raise RecordError("a record's labels are cut short")
                labels = list(struct.unpack_from(f"<{flag}f", payload, 24)) if flag else [label]
                yield payload[24 + 4 * flag :], labels
        except (RecordError, struct.error) as error:
            raise AlgorithmError(
                f"Channel '{channel.name}', file '{path.name}': no RecordIO of pictures as im2rec writes it ({error})."
            ) from error


def _listed(channel: Channel, listing: Channel) -> Iterator[tuple[bytes, list[float]]]:
    """Lines of index, labels and relative path, with tabs between them."""
    lists = [path for path in listing.files() if path.suffix == ".lst"] or listing.files()
    for number, line in enumerate(lists[0].read_text(encoding="utf-8", errors="replace").splitlines(), 1):
        if not line.strip():
            continue
        parts = [part.strip() for part in line.split("\t")]
        where = f"Channel '{listing.name}', file '{lists[0].name}', line {number}"
        try:
            labels = [float(part) for part in parts[1:-1]]
        except ValueError:
            labels = []
        if len(parts) < 3 or not labels:
            raise AlgorithmError(f"{where}: expected index, class and relative path, with tabs between them.")
        path = (channel.path / parts[-1]).resolve()
        if not path.is_relative_to(channel.path.resolve()) or not path.is_file():
            raise AlgorithmError(f"{where}: channel '{channel.name}' has no file {parts[-1]}.")
        yield path.read_bytes(), labels


def _manifest(channel: Channel) -> Iterator[tuple[bytes, list[float]]]:
    """Records of an augmented manifest: a picture, then its label as JSON."""
    paths: list[Path] = channel.files()
    if len(paths) % 2:
        raise AlgorithmError(
            f"Channel '{channel.name}': AttributeNames must name two attributes, the picture and then its label."
        )
    for picture, label in zip(paths[::2], paths[1::2], strict=True):
        text = label.read_bytes().decode("utf-8", "replace")
        try:
            loaded = json.loads(text)
            values = [float(item) for item in (loaded if isinstance(loaded, list) else [loaded])]
        except (ValueError, TypeError) as error:
            raise AlgorithmError(
                f"Channel '{channel.name}': the label {text[:40]!r} is no number and no list of numbers."
            ) from error
        yield picture.read_bytes(), values


def _label(values: list[float], classes: int, *, several: bool, ids: bool, where: str) -> Any:
    if not several:
        if len(values) != 1 or not values[0].is_integer() or not 0 <= values[0] < classes:
            raise AlgorithmError(
                f"{where}: label {values[:3]} is no class from 0 to num_classes - 1 = {classes - 1}."
            )
        return values[0]
    if not ids:
        if len(values) != classes or not set(values) <= {0.0, 1.0}:
            raise AlgorithmError(
                f"{where}: a multi-hot label has {classes} values of 0 or 1 (num_classes); say label-format=class-id in the "
                "content type for lists of class ids."
            )
        return values
    if not all(value.is_integer() and 0 <= value < classes for value in values):
        raise AlgorithmError(
            f"{where}: label {values[:5]} holds a class beyond num_classes - 1 = {classes - 1}."
        )
    hot = np.zeros(classes, dtype=np.float32)
    hot[[int(value) for value in values]] = 1
    return hot


def write_rec(pictures: list[tuple[bytes, float]]) -> bytes:
    """A RecordIO file as im2rec writes it, of encoded pictures and their classes."""
    out = bytearray()
    for number, (data, label) in enumerate(pictures):
        payload = struct.pack("<IfQQ", 0, label, number, 0) + data
        out += struct.pack("<II", 0xCED7230A, len(payload)) + payload + b"\0" * (-len(payload) % 4)
    return bytes(out)
