"""Model files of Image Classification: parameters in MXNet's array format under AWS's file names."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import torch

from smstudio_ext.engine.images.image_classification.network import ResNet
from smstudio_ext.formats import mxnet

PREFIX = "image-classification"
SETTINGS = "smstudio-model.json"


def save(folder: Path, network: ResNet, settings: dict[str, Any], epoch: int) -> None:
    """Writes `image-classification-<epoch>.params`, `model-shapes.json` and this engine's description of the network."""
    arrays = {
        ("aux:" if "running" in name else "arg:") + name: value.detach().numpy()
        for name, value in network.state_dict().items()
        if not name.endswith("num_batches_tracked")
    }
    (folder / f"{PREFIX}-{epoch:04d}.params").write_bytes(mxnet.write(arrays))
    shapes = [{"shape": [1, *settings["image_shape"]], "name": "data"}]
    (folder / "model-shapes.json").write_text(json.dumps(shapes))
    (folder / SETTINGS).write_text(
        json.dumps({"algorithm": "image-classification", "epoch": epoch, **settings})
    )


def load(folder: Path) -> tuple[ResNet, dict[str, Any]]:
    """The network of a model's best epoch.

    Raises:
        ValueError: a file is missing, damaged or not this engine's.
    """
    if not (folder / SETTINGS).exists():
        raise ValueError(
            f"The model has no file {SETTINGS}: models that AWS's Image Classification trained cannot be hosted here, as their "
            "network is an MXNet graph."
        )
    settings = json.loads((folder / SETTINGS).read_text(encoding="utf-8"))
    path = folder / f"{PREFIX}-{int(settings['epoch']):04d}.params"
    if not path.exists():
        raise ValueError(f"The model has no file {path.name}.")
    arrays = mxnet.read(path.read_bytes())
    if not isinstance(arrays, dict):
        raise ValueError(f"{path.name} names no arrays.")
    network = ResNet(settings["num_layers"], settings["num_classes"], settings["image_shape"])
    weights = {
        name.partition(":")[2]: torch.from_numpy(np.array(mxnet.dense(value)))
        for name, value in arrays.items()
    }
    missing = [
        name
        for name in network.state_dict()
        if name not in weights and not name.endswith("num_batches_tracked")
    ]
    if missing:
        raise ValueError(f"{path.name} has no array {missing[0]}.")
    network.load_state_dict(weights, strict=False)
    network.eval()
    return network, settings
