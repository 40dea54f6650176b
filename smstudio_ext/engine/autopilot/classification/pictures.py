"""Analysis program of an image classification job: checks and prepares the pictures, splits them, proposes candidates."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from smstudio_ext.engine.autopilot.classification.labels import (
    Codes,
    Labels,
    inspect_labels,
    split,
    without_repeats,
)
from smstudio_ext.engine.autopilot.classification.proposals import can_train_networks, picture_candidates
from smstudio_ext.engine.autopilot.classification.reporting import Asked, write_findings
from smstudio_ext.engine.images.automl_pictures.pixels import FILE, LABELS, Bytes, open_picture, square
from smstudio_ext.engine.images.contract import AlgorithmError
from smstudio_ext.engine.images.jobfiles import granted_cpus

_JPEG, _PNG = frozenset({".jpg", ".jpeg"}), frozenset({".png"})
_SMALL, _LARGE = 32, 64
"""Sides of the prepared pictures: the smaller where most pictures are small themselves."""
_PROBED = 200
_MOST_BROKEN = 0.5


@dataclass
class Found:
    """Pictures of one channel, prepared.

    Attributes:
        labels: name of the folder that holds each picture.
        sizes: (width, height) before.
    """

    pixels: Bytes
    labels: list[str]
    sizes: list[tuple[int, int]]


def analyse(optml: Path) -> None:
    """Runs the analysis (docs/autopilot-text-image.md says what it reads and writes).

    Raises:
        AlgorithmError: the pictures cannot be used; the message says why and what to do.
    """
    root = optml / "processing"
    asked = Asked.read(root / "input/request/request.json")
    warnings: list[str] = []
    files = list_pictures(root / "input/train", "training", asked.content_type, warnings)
    side = _side_of(files)
    found = _prepare(root / "input/train", files, side, "training", asked, warnings)
    own = len(found.labels)
    given = root / "input/validation"
    if given.is_dir() and any(given.rglob("*")):
        files = list_pictures(given, "validation", asked.content_type, warnings)
        more = _prepare(given, files, side, "validation", asked, warnings)
        found = Found(
            np.concatenate([found.pixels, more.pixels]),
            found.labels + more.labels,
            found.sizes + more.sizes,
        )
    labels = inspect_labels(found.labels, "folder of a picture", warnings)
    train, validation = split(labels, own, asked.fraction, asked.seed, warnings)
    keys = [one.tobytes() for one in found.pixels]
    validation = without_repeats(keys, train, validation, "picture", warnings)
    for part, rows in (("train", train), ("validation", validation)):
        _write(root / "output/preprocessed-data" / part, found.pixels, labels, rows)
    network = can_train_networks()
    if not network:
        warnings.append(
            'No neural network is trained: PyTorch is not installed here. Install it with: pip install "smstudio-ext[deep]"'
        )
    models = picture_candidates(classes=len(labels.classes), network=network)
    widths, heights = zip(*found.sizes, strict=True)
    more_facts = {"WidthMedian": int(np.median(widths)), "HeightMedian": int(np.median(heights))}
    write_findings(
        root,
        "ImageClassification",
        labels,
        (len(found.labels), len(train), len(validation)),
        {"Side": side},
        models[: max(1, asked.models)],
        more_facts,
        warnings,
    )


def list_pictures(folder: Path, channel: str, content_type: str, warnings: list[str]) -> list[Path]:
    """The picture files of a channel, each in a folder that names its class.

    Args:
        content_type: `image/png`, `image/jpeg` or `image/*`.

    Raises:
        AlgorithmError: there is none, some lie in no folder, or some are of another type than the content type says.
    """
    files = [
        path
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not path.name.startswith((".", "_SUCCESS"))
    ]
    pictures = [path for path in files if path.suffix.lower() in _JPEG | _PNG]
    if not pictures:
        shown = ", ".join(repr(str(path.relative_to(folder))) for path in files[:3])
        found = f" Files found: {shown}, ..." if files else ""
        raise AlgorithmError(
            f"The {channel} input holds no .png, .jpg or .jpeg file.{found} Give a prefix with one folder a class."
        )
    loose = [path for path in pictures if path.parent == folder]
    if loose:
        raise AlgorithmError(
            f"{len(loose)} picture(s) of the {channel} input lie in no folder ({', '.join(path.name for path in loose[:3])}): the name of "
            "the folder that holds a picture is its class. Put the pictures of each class into a folder of its own."
        )
    kind = content_type.split(";")[0].strip().lower()
    allowed = {"image/png": _PNG, "image/jpeg": _JPEG}.get(kind)
    other = [path for path in pictures if allowed is not None and path.suffix.lower() not in allowed]
    if other:
        raise AlgorithmError(
            f"The ContentType is {kind}, but {len(other)} picture(s) of the {channel} input are of another type (for example "
            f"'{other[0].relative_to(folder)}'). Use image/*."
        )
    if len(files) > len(pictures):
        names = Counter(path.suffix.lower() or "no ending" for path in files if path not in set(pictures))
        listed = ", ".join(f"{count} x {name}" for name, count in names.most_common(3))
        warnings.append(
            f"{len(files) - len(pictures)} file(s) of the {channel} input are no pictures and are left out ({listed})."
        )
    return pictures


def _side_of(files: list[Path]) -> int:
    """Side of the prepared pictures."""
    shorts = []
    for path in files[:: max(1, len(files) // _PROBED)]:
        try:
            shorts.append(min(open_picture(path.read_bytes()).size))
        except ValueError:
            continue  # told of with its name when it is prepared
    return _SMALL if shorts and np.median(shorts) <= _SMALL else _LARGE


def _prepare(
    folder: Path, files: list[Path], side: int, channel: str, asked: Asked, warnings: list[str]
) -> Found:
    """Decodes the pictures side by side; those that cannot be decoded are left out.

    Raises:
        AlgorithmError: too many cannot be decoded.
    """
    most = max(1, asked.memory // (side * side * 3))
    if len(files) > most:
        chosen = np.sort(np.random.default_rng(asked.seed).permutation(len(files))[:most])
        warnings.append(
            f"The {channel} input has {len(files):,} pictures, more than this job's memory holds: a random sample of {most:,} is used."
        )
        files = [files[at] for at in chosen.tolist()]

    def one(path: Path) -> tuple[Bytes, tuple[int, int]] | str:
        try:
            picture = open_picture(path.read_bytes())
        except ValueError as error:
            return str(error)
        return square(picture, side), picture.size

    with ThreadPoolExecutor(granted_cpus()) as pool:
        outcomes = list(pool.map(one, files))
    broken = [(path, text) for path, text in zip(files, outcomes, strict=True) if isinstance(text, str)]
    if broken:
        first = "; ".join(f"'{path.relative_to(folder)}': {text}" for path, text in broken[:3])
        said = f"{len(broken)} of {len(files)} picture(s) of the {channel} input cannot be used ({first})"
        if len(broken) > _MOST_BROKEN * len(files):
            raise AlgorithmError(f"{said}.")
        warnings.append(f"{said} and are left out.")
    good = [(path, got) for path, got in zip(files, outcomes, strict=True) if not isinstance(got, str)]
    return Found(
        np.stack([pixels for _, (pixels, _) in good]),
        [path.parent.name for path, _ in good],
        [size for _, (_, size) in good],
    )


def _write(folder: Path, pixels: Bytes, labels: Labels, rows: Codes) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    np.save(folder / FILE, pixels[rows], allow_pickle=False)
    np.save(folder / LABELS, labels.codes[rows], allow_pickle=False)
