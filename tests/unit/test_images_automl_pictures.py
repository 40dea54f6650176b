"""Picture candidates: features and algorithms tell shapes apart, requests are bytes or base64."""

from __future__ import annotations

import base64
import importlib.util
import io
import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from smstudio_ext.engine.autopilot.classification.pictures import analyse
from smstudio_ext.engine.images.automl_pictures import features, serve
from smstudio_ext.engine.images.automl_pictures.pixels import open_picture
from smstudio_ext.engine.images.automl_pictures.train import train
from smstudio_ext.engine.images.contract import ClientError
from tests.unit.classification_runs import (
    analysed,
    data_of,
    evaluation,
    one_core,
    picture,
    picture_files,
    run_step,
)

SETTINGS: dict[str, dict[str, Any]] = {
    "linear": {"c": 0.01},
    "kernel": {"landmarks": 60},
    "patches": {"centres": 20},
    "boosted-trees": {"rounds": 10},
}
EVERYTHING = {"SAGEMAKER_INFERENCE_OUTPUT": "predicted_label,probability,probabilities,labels"}


@pytest.fixture(scope="module", autouse=True)
def one_core_each() -> Iterator[None]:
    """Every program of this file has one core."""
    with one_core():
        yield


@pytest.fixture(scope="module")
def job(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An analysed job of three shapes."""
    root = tmp_path_factory.mktemp("pictures")
    analysed(analyse, root, picture_files(90), Config={}, ContentType="image/*")
    return root


def train_one(job: Path, name: str, settings: dict[str, Any]) -> Path:
    given = {"algorithm": name, "settings": json.dumps(settings)}
    return run_step(train, job, name, given, {"data": data_of(job)})


@pytest.fixture(scope="module")
def trained(job: Path) -> dict[str, Path]:
    """A training job of each algorithm that needs no extra."""
    return {name: train_one(job, name, settings) for name, settings in SETTINGS.items()}


@pytest.mark.parametrize("name", list(SETTINGS))
def test_an_algorithm_learns_shapes(trained: dict[str, Path], name: str) -> None:
    # A guess is right in a third of the 18 pictures.
    assert evaluation(trained[name])["Metrics"]["Accuracy"] >= 0.6


def test_the_ensemble_answers_pictures(job: Path, trained: dict[str, Path]) -> None:
    channels = {"data": data_of(job), "models": job / "models"}
    made = run_step(train, job, "mixed", {"step": "ensemble", "inputs": "linear,patches"}, channels)
    predictor = serve.load(made / "model", EVERYTHING)
    source = random.Random(9)
    data = picture("stripes", source, "JPEG")
    body, kind = predictor.invoke(data, "image/jpeg", "")
    assert kind == "text/csv"
    assert body.startswith(b"stripes,")
    instances = [{"b64": base64.b64encode(one).decode()} for one in (data, picture("circle", source))]
    answer, _ = predictor.invoke(
        json.dumps({"instances": instances}).encode(), "application/json", "application/json"
    )
    rows = json.loads(answer)["predictions"]
    assert [row["predicted_label"] for row in rows] == ["stripes", "circle"]
    assert rows[0]["labels"] == ["circle", "square", "stripes"]


@pytest.mark.parametrize(
    ("body", "kind", "message"),
    [
        pytest.param(b"", "image/png", "empty", id="nothing"),
        pytest.param(b"no picture", "application/x-image", "no picture that can be decoded", id="no-picture"),
        pytest.param(b'{"instances": [{"b64": "?"}]}', "application/json", "no base64", id="no-base64"),
        pytest.param(b'{"instances": [3]}', "application/json", "must be a picture", id="a-number"),
        pytest.param(b"a", "text/csv", "not supported", id="csv"),
    ],
)
def test_bad_requests_are_answered(trained: dict[str, Path], body: bytes, kind: str, message: str) -> None:
    predictor = serve.load(trained["linear"] / "model", {})
    with pytest.raises(ClientError, match=message):
        predictor.invoke(body, kind, "")


def test_a_network_learns_where_torch_is(job: Path) -> None:
    pytest.importorskip("torch")
    done = train_one(job, "network", {"layers": 20, "side": 16, "flip": True, "epochs": 3})
    assert evaluation(done)["Rows"] == 18
    predictor = serve.load(done / "model", EVERYTHING)
    body, _ = predictor.invoke(picture("circle", random.Random(3)), "image/png", "application/json")
    assert sum(json.loads(body)["predictions"][0]["probabilities"]) == pytest.approx(1)


@pytest.mark.skipif(importlib.util.find_spec("torch") is not None, reason="PyTorch is installed")
def test_a_network_says_what_it_needs(job: Path) -> None:
    with pytest.raises(Exception, match=r"smstudio-ext\[deep\]"):
        train_one(job, "network", {})


def test_features_tell_edges_colours_and_textures() -> None:
    side = 32
    across = np.zeros((side, side, 3), dtype=np.uint8)
    across[::4] = 255
    both = np.stack([across, across.transpose(1, 0, 2), np.full_like(across, 200)])
    grey = both.astype(np.float32).mean(axis=3)
    found = features.edges(grey)
    assert found.shape == (3, 7 * 7 * 36)
    assert np.abs(found[0] - found[1]).max() > 0.1
    assert not found[2].any()
    assert features.colours(both).shape == (3, 5 * 72)
    assert features.textures(grey).shape == (3, 5 * 59)
    np.testing.assert_allclose((features.colours(both)[:, :72] ** 2).sum(axis=1), 1, rtol=1e-5)
    assert features.describe(both).shape == (3, 1764 + 360 + 295)


def test_pictures_are_upright_and_white_behind() -> None:
    stream = io.BytesIO()
    exif = Image.Exif()
    exif[0x0112] = 6  # turned by a quarter
    Image.new("RGB", (40, 20), "red").save(stream, "JPEG", exif=exif)
    assert open_picture(stream.getvalue()).size == (20, 40)
    stream = io.BytesIO()
    Image.new("RGBA", (4, 4), (0, 0, 0, 0)).save(stream, "PNG")
    assert open_picture(stream.getvalue()).getpixel((0, 0)) == (255, 255, 255)
    stream = io.BytesIO()
    Image.fromarray(np.full((4, 4), 65535, dtype=np.uint16)).save(stream, "PNG")
    assert open_picture(stream.getvalue()).getpixel((0, 0)) == (255, 255, 255)
