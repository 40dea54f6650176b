"""Small texts and pictures with classes, and runs of their analyses and candidates in this process."""

from __future__ import annotations

import io
import json
import random
import tarfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageDraw
from threadpoolctl import threadpool_limits

from tests.unit.analysis_runs import as_csv, prepare

TOPICS = {
    "food": "bread cheese soup salt cook oven taste dinner".split(),
    "sea": "ship wave sail harbor captain storm island anchor".split(),
    "sport": "ball goal team match player coach league cup".split(),
}
COMMON = "the of and a in to is it for on with as".split()
JAPANESE = {
    "食べ物": (
        "このパンはとてもおいしい",
        "夕食にスープを作った",
        "チーズと塩を買いました",
        "料理の味が良かった",
    ),
    "海": ("船が港に入った", "嵐で波が高い", "島まで帆を上げて進む", "船長は海を見ていた"),
}
SHAPES = ("circle", "square", "stripes")


@contextmanager
def one_core() -> Iterator[None]:
    """As in a job: a candidate is granted one core, and threads that wait for each other would only be slow."""
    with pytest.MonkeyPatch.context() as patch, threadpool_limits(1):
        patch.setenv("SM_NUM_CPUS", "1")
        yield


def text_rows(count: int, seed: int = 0) -> list[tuple[str, str]]:
    """(text, topic): a few words of the topic among common ones."""
    source = random.Random(seed)
    rows = []
    for number in range(count):
        topic = list(TOPICS)[number % len(TOPICS)]
        words = [source.choice(TOPICS[topic] if source.random() < 0.45 else COMMON) for _ in range(12)]
        rows.append((" ".join(words), topic))
    return rows


def text_csv(rows: list[tuple[str, str]]) -> bytes:
    """Rows with an id column that no candidate may use."""
    return as_csv(("id", "text", "topic"), [(at, text, topic) for at, (text, topic) in enumerate(rows)])


def japanese_rows(count: int) -> list[tuple[str, str]]:
    """(text, topic) without blanks between words; no text twice."""
    source = random.Random(0)
    rows = []
    for number in range(count):
        topic = list(JAPANESE)[number % 2]
        first, second = source.sample(JAPANESE[topic], 2)
        rows.append((f"{first}。{second}。{number}", topic))
    return rows


def picture(shape: str, source: random.Random, kind: str = "PNG") -> bytes:
    """A drawn picture of 48 x 40 pixels, in random colours and places."""

    def colour(low: int, high: int) -> tuple[int, int, int]:
        return (source.randint(low, high), source.randint(low, high), source.randint(low, high))

    image = Image.new("RGB", (48, 40), colour(0, 90))
    draw = ImageDraw.Draw(image)
    left, top, size = source.randint(2, 16), source.randint(2, 10), source.randint(18, 28)
    box = (left, top, left + size, top + size)
    bright = colour(150, 255)
    if shape == "circle":
        draw.ellipse(box, fill=bright)
    elif shape == "square":
        draw.rectangle(box, fill=bright)
    else:
        for row in range(top, top + size, 6):
            draw.line((left, row, left + size, row), fill=bright, width=2)
    stream = io.BytesIO()
    image.save(stream, kind)
    return stream.getvalue()


def picture_files(count: int, seed: int = 0) -> dict[str, bytes]:
    """Pictures by path, half of them JPEG, one folder a shape."""
    source = random.Random(seed)
    files = {}
    for number in range(count):
        shape = SHAPES[number % len(SHAPES)]
        kind, ending = ("PNG", "png") if number % 2 else ("JPEG", "jpg")
        files[f"{shape}/{number}.{ending}"] = picture(shape, source, kind)
    return files


def analysed(
    analyse: Callable[[Path], None],
    root: Path,
    files: dict[str, bytes],
    validation: dict[str, bytes] | None = None,
    **request: Any,
) -> dict[str, Any]:
    """Runs an analysis; returns `analysis.json`."""
    config = {"ContentColumn": "text", "TargetLabelColumn": "topic"}
    given = {"Config": config, "ContentType": "text/csv;header=present", "Seed": 1, "Models": 10, **request}
    analyse(prepare(root, files, validation, **given))
    found: dict[str, Any] = json.loads((root / "processing/output/candidates/analysis.json").read_text())
    return found


def planned(root: Path) -> list[dict[str, Any]]:
    """The candidates that an analysis proposed."""
    document = json.loads((root / "processing/output/candidates/candidates.json").read_text())
    found: list[dict[str, Any]] = document["Ensemble"]["Models"]
    return found


def run_step(
    train: Callable[[Path], None],
    root: Path,
    name: str,
    settings: Mapping[str, str],
    channels: Mapping[str, Path],
) -> Path:
    """Runs a training job in a folder below `root` and packs what it leaves; returns the folder."""
    job = root / name
    (job / "input/config").mkdir(parents=True)
    (job / "input/data").mkdir()
    (job / "input/config/hyperparameters.json").write_text(json.dumps({"seed": "1", **settings}))
    modes = {channel: {"TrainingInputMode": "File"} for channel in channels}
    (job / "input/config/inputdataconfig.json").write_text(json.dumps(modes))
    for channel, path in channels.items():
        (job / "input/data" / channel).symlink_to(path)
    train(job)
    packed = root / "models" / name / "output"
    packed.mkdir(parents=True)
    for file, folder in (("model.tar.gz", job / "model"), ("output.tar.gz", job / "output/data")):
        with tarfile.open(packed / file, "w:gz") as archive:
            archive.add(folder, ".")
    return job


def data_of(root: Path) -> Path:
    """What the analysis prepared for the candidates."""
    return root / "processing/output/preprocessed-data"


def evaluation(job: Path) -> dict[str, Any]:
    """The evaluation of a trained candidate."""
    found: dict[str, Any] = json.loads((job / "output/data/evaluation.json").read_text())
    return found


def validation_codes(root: Path, file: str = "labels.npy") -> Any:
    """Class codes of the pictures that validate."""
    return np.load(data_of(root) / "validation" / file)
