"""Image Classification: simple pictures are told apart from every documented input form, and probabilities are answered."""

from __future__ import annotations

import contextlib
import io
import json
import os
import tarfile
import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("torch")
pytest.importorskip("PIL")

import torch
from PIL import Image

from smstudio_ext.engine.images.contract import AlgorithmError, ClientError
from smstudio_ext.engine.images.image_classification import serve
from smstudio_ext.engine.images.image_classification.augment import augment
from smstudio_ext.engine.images.image_classification.network import ResNet
from smstudio_ext.engine.images.image_classification.parameters import DEPTHS
from smstudio_ext.engine.images.image_classification.pictures import write_rec
from smstudio_ext.engine.images.image_classification.train import train
from smstudio_ext.formats import mxnet
from tests.unit.deepfolders import deep_folder, logged_metrics

RECORDIO, PICTURE = "application/x-recordio", "application/x-image"


def picture(label: int, random: np.random.Generator, side: int = 16, form: str = "PNG") -> bytes:
    """Noise with a bright bar: upright for class 0, lying for class 1, none for class 2."""
    pixels = random.integers(0, 90, size=(side, side, 3), dtype=np.uint8)
    at = int(random.integers(3, side - 3))
    if label == 0:
        pixels[:, at - 1 : at + 1] = 230
    elif label == 1:
        pixels[at - 1 : at + 1] = 230
    out = io.BytesIO()
    Image.fromarray(pixels).save(out, form)
    return out.getvalue()


def made(count: int, seed: int, **options: Any) -> list[tuple[bytes, float]]:
    random = np.random.default_rng(seed)
    return [(picture(number % 3, random, **options), float(number % 3)) for number in range(count)]


def parameters(**changed: Any) -> dict[str, Any]:
    return {
        "num_layers": 20,
        "num_classes": 3,
        "num_training_samples": 150,
        "image_shape": "3,16,16",
        "epochs": 3,
        "mini_batch_size": 15,
        "learning_rate": 0.05,
        **changed,
    }


def run(folder: Path) -> str:
    output = io.StringIO()
    with contextlib.redirect_stdout(output):
        train(folder)
    return output.getvalue()


def rec_folder(root: Path, count: int = 150, **changed: Any) -> Path:
    return deep_folder(
        root / "ml",
        parameters(**changed),
        {
            "train": (RECORDIO, {"train.rec": write_rec(made(count, 1))}),
            "validation": (RECORDIO, {"val.rec": write_rec(made(30, 2))}),
        },
    )


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    folder = rec_folder(
        tmp_path_factory.mktemp("pictures"), top_k=2, checkpoint_frequency=2, lr_scheduler_step="2", epochs=4
    )
    return folder / "model", run(folder)


def test_image_classification_tells_pictures_apart(trained: tuple[Path, str]) -> None:
    metrics = logged_metrics("image-classification", trained[1])
    assert metrics["validation:accuracy"] > 0.85
    assert metrics["validation:top_k_accuracy"] >= metrics["validation:accuracy"]
    assert "train:accuracy" in metrics
    predictor = serve.load(trained[0], {})
    random = np.random.default_rng(9)
    right = 0
    for label in (0, 1, 2) * 4:
        answer, kind = predictor.invoke(picture(label, random, form="JPEG" if label else "PNG"), PICTURE, "")
        shares = json.loads(answer)
        assert kind == "application/json"
        assert sum(shares) == pytest.approx(1.0, abs=1e-4)
        right += int(np.argmax(shares) == label)
    assert right >= 9


def test_image_classification_files_are_named_as_awss(trained: tuple[Path, str]) -> None:
    names = {path.name for path in trained[0].iterdir()}
    assert {
        "image-classification-0002.params",
        "image-classification-0004.params",
        "model-shapes.json",
    } <= names
    arrays = mxnet.read((trained[0] / "image-classification-0002.params").read_bytes())
    assert isinstance(arrays, dict)
    assert arrays["arg:output.weight"].shape == (3, 64)
    assert json.loads((trained[0] / "model-shapes.json").read_text()) == [
        {"shape": [1, 3, 16, 16], "name": "data"}
    ]


def test_image_classification_json_lines_and_larger_pictures(trained: tuple[Path, str]) -> None:
    body = picture(0, np.random.default_rng(4), side=48, form="JPEG")
    answer, kind = serve.load(trained[0], {}).invoke(body, "image/jpeg", "application/jsonlines")
    assert kind == "application/jsonlines"
    assert len(json.loads(answer)["prediction"]) == 3


def test_image_classification_folders_with_lists_and_augmentation(tmp_path: Path) -> None:
    files = {f"class/{number}.png": data for number, (data, _) in enumerate(made(30, 1, side=20))}
    listing = "".join(f"{number}\t{number % 3}\tclass/{number}.png\n" for number in range(30)).encode()
    folder = deep_folder(
        tmp_path / "ml",
        parameters(
            epochs=1,
            augmentation_type="crop_color_transform",
            resize=18,
            num_layers=18,
            optimizer="adam",
            learning_rate=0.001,
        ),
        {
            "train": (PICTURE, files),
            "train_lst": (PICTURE, {"train.lst": listing}),
            "validation": (PICTURE, files),
            "validation_lst": (PICTURE, {"val.lst": listing}),
        },
    )
    output = run(folder)
    assert "num_training_samples is 150, but" in output
    assert "validation:accuracy" in logged_metrics("image-classification", output)


def test_image_classification_augmented_manifest_in_pipe_mode_with_several_labels(tmp_path: Path) -> None:
    folder = deep_folder(tmp_path / "ml", parameters(multi_label=1, use_weighted_loss=1, epochs=1), {})
    kinds = {"train": 24, "validation": 12}
    facts = {
        name: {
            "TrainingInputMode": "Pipe",
            "ContentType": "application/x-recordio; label-format=class-id",
            "RecordWrapperType": "RecordIO",
        }
        for name in kinds
    }
    (folder / "input/config/inputdataconfig.json").write_text(json.dumps(facts))
    (folder / "input/data").mkdir(parents=True)
    writers = []
    for seed, (name, count) in enumerate(kinds.items()):
        stream = b"".join(
            framed(data) + framed(json.dumps([int(label), 2] if label < 2 else [2]).encode())
            for data, label in made(count, seed)
        )
        fifo = folder / "input/data" / f"{name}_0"
        os.mkfifo(fifo)
        writers.append(threading.Thread(target=fifo.write_bytes, args=(stream,)))
        writers[-1].start()
    output = run(folder)
    for writer in writers:
        writer.join(120)
    assert "validation:accuracy" in logged_metrics("image-classification", output)
    shares = json.loads(serve.load(folder / "model", {}).invoke(made(1, 1)[0][0], "image/png", "")[0])
    assert all(0 <= share <= 1 for share in shares)


def framed(payload: bytes) -> bytes:
    return (
        (0xCED7230A).to_bytes(4, "little")
        + len(payload).to_bytes(4, "little")
        + payload
        + b"\0" * (-len(payload) % 4)
    )


def test_image_classification_goes_on_from_a_model(trained: tuple[Path, str], tmp_path: Path) -> None:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as archive:
        for path in trained[0].iterdir():
            archive.add(path, path.name)
    folder = rec_folder(tmp_path, 30, epochs=1, learning_rate=0.0001)
    target = folder / "input/data/model/model.tar.gz"
    target.parent.mkdir()
    target.write_bytes(packed.getvalue())
    config = folder / "input/config/inputdataconfig.json"
    config.write_text(
        json.dumps(
            json.loads(config.read_text()) | {"model": {"ContentType": "application/x-sagemaker-model"}}
        )
    )
    assert logged_metrics("image-classification", run(folder))["validation:accuracy"] > 0.8
    hyperparameters = folder / "input/config/hyperparameters.json"
    hyperparameters.write_text(json.dumps(json.loads(hyperparameters.read_text()) | {"num_layers": "32"}))
    with pytest.raises(AlgorithmError, match="num_layers=20"):
        run(folder)


@pytest.mark.parametrize("layers", DEPTHS)
def test_image_classification_every_depth_has_its_layers(layers: int) -> None:
    network = ResNet(layers, 5, (3, 32, 32))
    convolutions = [
        name
        for name, _ in network.named_parameters()
        if name.startswith("blocks") and ".convolutions." in name
    ]
    # the network's name counts the first convolution and the output layer
    assert len(convolutions) + 2 == layers


@pytest.mark.parametrize(("side", "left"), [(8, 1), (16, 2), (17, 1), (28, 1), (64, 2), (65, 3), (224, 7)])
def test_image_classification_large_networks_leave_something_of_each_picture(side: int, left: int) -> None:
    network = ResNet(18, 2, (1, side, side)).eval()
    with torch.no_grad():
        features = network.blocks(network.stem(torch.zeros(1, 1, side, side)))
    assert features.shape == (1, 512, left, left)


def test_image_classification_augmentation_keeps_shape_and_range() -> None:
    random = np.random.default_rng(0)
    for channels in (1, 3):
        pixels = random.integers(0, 256, size=(20, 24, channels), dtype=np.uint8)
        for kind in (None, "crop", "crop_color", "crop_color_transform"):
            found = augment(pixels, (channels, 16, 16), kind, random)
            assert found.shape == (channels, 16, 16)
            assert found.min() >= 0
            assert found.max() <= 255


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"num_layers": 19}, "num_layers"),
        ({"image_shape": "16,16"}, "image_shape"),
        ({"use_pretrained_model": 1}, "pretrained ImageNet weights are not offered"),
        ({"num_classes": 2}, "no class from 0 to num_classes - 1 = 1"),
        ({"top_k": 4}, "'top_k'"),
        ({"lr_scheduler_step": "a"}, "lr_scheduler_step"),
        ({"multi_label": 1}, "multi-hot"),
    ],
)
def test_image_classification_says_what_is_wrong(
    tmp_path: Path, changed: dict[str, Any], reason: str
) -> None:
    with pytest.raises(AlgorithmError, match=reason):
        run(rec_folder(tmp_path, 6, **changed))


def test_image_classification_broken_inputs(tmp_path: Path, trained: tuple[Path, str]) -> None:
    cases = {"frames": b"not recordio at all", "picture": write_rec([(b"no picture", 0.0)])}
    for name, content in cases.items():
        folder = rec_folder(tmp_path / name, 6)
        (folder / "input/data/train/train.rec").write_bytes(content)
        with pytest.raises(AlgorithmError, match=r"im2rec|no picture"):
            run(folder)
    predictor = serve.load(trained[0], {})
    for body, kind in ((b"no picture", PICTURE), (b"", PICTURE), (b"1,2", "text/csv")):
        with pytest.raises(ClientError):
            predictor.invoke(body, kind, "")
