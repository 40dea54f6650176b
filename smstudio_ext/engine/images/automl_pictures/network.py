"""A residual network that learns a job's pictures from scratch; needs PyTorch (extra `deep`)."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch.nn import functional

from smstudio_ext.engine.images.automl_classes.learning import Array, Codes, Task
from smstudio_ext.engine.images.automl_pictures.pixels import Bytes, resized
from smstudio_ext.engine.images.deep import learning
from smstudio_ext.engine.images.deep.adamw import AdamW
from smstudio_ext.engine.images.deep.job import StopSignal
from smstudio_ext.engine.images.image_classification.network import ResNet
from smstudio_ext.engine.images.jobfiles import granted_cpus

_FILE = "network.pt"
_ALGORITHM = "automl-pictures"
_BATCHES, _ANSWERED = (16, 64), 256
_ROUNDS = 20
"""Steps of an epoch at least, by smaller batches of few pictures."""
_RATE, _DECAY = 3e-3, 0.05
_WARM = 0.1
_SEEN = 60_000
_FEWEST, _MOST = 3, 40
"""Epochs without a time limit: as many as show the network about `_SEEN` pictures."""
_RESERVE = 0.15
"""Part of the time that is left for scores and files."""
_MEAN, _DEVIATION = 117.0, 60.0


class Network:
    """A ResNet for small pictures, trained by AdamW with one cycle of learning rates.

    The weights of the last step stay: choosing the best epoch by the validation rows would make their score too good.

    Args:
        settings: `layers`, `side`, and `flip` (whether mirrored pictures show the same class).
    """

    def __init__(self, settings: dict[str, Any]) -> None:
        self._settings = settings
        self._side = int(settings.get("side", 32))
        self._layers = int(settings.get("layers", 20))
        self._network: ResNet | None = None

    def fit(self, rows: Bytes, codes: Codes, task: Task) -> None:
        """See `Algorithm`."""
        torch.set_num_threads(task.threads)
        torch.manual_seed(task.seed)
        self._network = ResNet(self._layers, task.classes, (3, self._side, self._side))
        self._network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]  # torch types it for tensors alone
        pictures = torch.from_numpy(resized(rows, self._side)).permute(0, 3, 1, 2)
        truth = torch.from_numpy(codes)
        usual = min(_MOST, max(_FEWEST, _SEEN // max(1, len(rows))))
        epochs = int(self._settings.get("epochs", usual))
        with StopSignal() as stop:
            self._train(pictures, truth, epochs, task, stop)

    def predict(self, rows: Bytes) -> Array:
        """See `Algorithm`."""
        if self._network is None:
            raise ValueError("The network has not been trained.")
        self._network.eval()
        found = []
        with torch.no_grad():
            for begin in range(0, len(rows), _ANSWERED):
                batch = resized(rows[begin : begin + _ANSWERED], self._side)
                pictures = _normalised(torch.from_numpy(batch).permute(0, 3, 1, 2))
                found.append(functional.softmax(self._network(pictures), dim=1).double().numpy())
        return np.concatenate(found)

    def save(self, folder: Path) -> None:
        """See `Algorithm`."""
        if self._network is None:
            raise ValueError("The network has not been trained.")
        folder.mkdir(parents=True, exist_ok=True)
        settings = {"layers": self._layers, "side": self._side, "classes": self._network.output.out_features}
        learning.save(folder / _FILE, _ALGORITHM, settings, learning.copy_of(self._network))

    def load(self, folder: Path) -> None:
        """See `Algorithm`."""
        torch.set_num_threads(granted_cpus())
        settings, weights = learning.load(folder / _FILE, _ALGORITHM)
        self._side = settings["side"]
        self._network = ResNet(settings["layers"], settings["classes"], (3, self._side, self._side))
        self._network.load_state_dict(weights)

    def _train(
        self, pictures: torch.Tensor, truth: torch.Tensor, epochs: int, task: Task, stop: StopSignal
    ) -> None:
        network = self._network
        if network is None:
            raise ValueError("There is no network.")
        network.train()
        optimizer = AdamW(network.parameters(), decay=_DECAY)
        random = torch.Generator().manual_seed(task.seed)
        size = min(_BATCHES[1], max(_BATCHES[0], len(truth) // _ROUNDS))
        seconds, begun = task.seconds * (1 - _RESERVE), time.monotonic()
        for epoch in range(epochs):
            order = torch.randperm(len(truth), generator=random)
            # Batch norm learns nothing from a picture alone.
            batches = [part for part in torch.split(order, size) if len(part) > 1 or len(order) == 1]
            total = 0.0
            for number, picked in enumerate(batches):
                # How far the cycle is: by steps, or by time where that ends first.
                done = (epoch + number / len(batches)) / epochs
                done = max(done, (time.monotonic() - begun) / max(seconds, 1e-9))
                if done >= 1 or stop.requested:
                    return
                total += self._step(network, optimizer, pictures[picked], truth[picked], done, random)
            print(f"Epoch {epoch + 1}/{epochs}: training loss {total / len(batches):.4f}", flush=True)

    def _step(
        self,
        network: ResNet,
        optimizer: AdamW,
        pictures: torch.Tensor,
        truth: torch.Tensor,
        done: float,
        random: torch.Generator,
    ) -> float:
        signal = _moved(_normalised(pictures), self._side // 8, random)
        if self._settings.get("flip", True):
            mirrored = torch.rand(len(signal), generator=random) < 0.5
            signal = torch.where(mirrored[:, None, None, None], signal.flip(3), signal)
        loss = functional.cross_entropy(network(signal), truth, label_smoothing=0.1)
        loss.backward()  # type: ignore[no-untyped-call]
        rate = done / _WARM if done < _WARM else 0.5 * (1 + np.cos(np.pi * (done - _WARM) / (1 - _WARM)))
        optimizer.step(_RATE * float(rate))
        return float(loss.detach())


def _normalised(pictures: torch.Tensor) -> torch.Tensor:
    return ((pictures.float() - _MEAN) / _DEVIATION).contiguous(memory_format=torch.channels_last)


def _moved(pictures: torch.Tensor, most: int, random: torch.Generator) -> torch.Tensor:
    """Each picture shifted by up to `most` pixels in both directions, its edge continued."""
    side = pictures.shape[2]
    wide = functional.pad(pictures, (most,) * 4, mode="replicate")
    spots = torch.randint(0, 2 * most + 1, (len(pictures), 2), generator=random).tolist()
    return torch.stack(
        [one[:, top : top + side, left : left + side] for one, (top, left) in zip(wide, spots, strict=True)]
    )
