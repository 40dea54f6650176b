"""Trains the layers of a table's network with PyTorch."""

from __future__ import annotations

import copy
import math
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import nn

from smstudio_ext.engine.images.automl_ensemble.learning import OutOfTime
from smstudio_ext.engine.images.automl_ensemble.table import Outline, Wide
from smstudio_ext.engine.images.deep.adamw import AdamW

Layers = list[tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]]

_WAIT = 16
"""Looks at the held-out rows without gain after which training ends."""

_PROBES = 4
_FEWEST_EPOCHS = 5
_USED = 0.9


@dataclass(frozen=True)
class Task:
    """What is to be learnt.

    Attributes:
        x, y, weights: embedded rows to learn from.
        held_x, held_y: rows to stop by.
        seconds: time to take at most.
        epochs: passes over the rows at most.
    """

    x: npt.NDArray[np.float32]
    y: Wide
    weights: Wide | None
    held_x: npt.NDArray[np.float32]
    held_y: Wide
    outline: Outline
    seed: int
    seconds: float
    epochs: int


def use_threads(count: int) -> None:
    """Sets how many CPUs PyTorch uses."""
    torch.set_num_threads(count)


def learn(task: Task, settings: Mapping[str, Any]) -> Layers:
    """Trains within the time; the learning rate falls to nothing at the planned end, which the first epoch's pace sets.

    The weights that are returned are a running mean over the steps, which needs no choice by held-out rows; these only end a
    training that has begun to overfit.

    Raises:
        OutOfTime: not even a few epochs were possible.
    """
    torch.manual_seed(task.seed)
    network = _network(task.x.shape[1], task.outline.width, settings)
    rows = len(task.y)
    batch = int(np.clip(2 ** round(math.log2(max(2, rows / 40))), 32, 512))
    steps = max(1, rows // batch)
    x, y = torch.from_numpy(task.x), _target(task.y, task.outline)
    weights = None if task.weights is None else torch.from_numpy(task.weights.astype(np.float32))
    rate = float(settings.get("learning_rate", 0.002))
    descent = _Descent(
        network, decay=float(settings.get("weight_decay", 0.01)), memory=0.99 if steps > 20 else 0.95
    )
    held_x, held_y = torch.from_numpy(task.held_x), _target(task.held_y, task.outline)
    begin = time.monotonic()
    epochs = float(settings.get("epochs", 60))
    best, at, kept = math.inf, 0, _layers(descent.mean)
    epoch = 0
    while epoch < min(epochs, task.epochs):
        network.train()
        order = torch.randperm(rows)
        for step in range(steps):
            chosen = order[step * batch : (step + 1) * batch]
            loss = _loss(
                network(x[chosen]), y[chosen], task.outline, None if weights is None else weights[chosen]
            )
            descent.step(loss, rate * _schedule((epoch + step / steps) / epochs))
            if epoch == 0 and step == _PROBES:
                _check_pace((time.monotonic() - begin) / (step + 1) * steps, task.seconds)
        epoch += 1
        spent = time.monotonic() - begin
        if epoch == 1:
            _check_pace(spent, task.seconds)
            epochs = min(epochs, math.floor(_USED * task.seconds / spent))
        descent.mean.eval()
        with torch.no_grad():
            value = float(_loss(descent.mean(held_x), held_y, task.outline, None))
        if value < best:
            best, at, kept = value, epoch, _layers(descent.mean)
        elif epoch - at >= _WAIT:
            break
        if spent + spent / epoch > task.seconds:
            break
    return kept


class _Descent:
    """AdamW with a running mean of the weights.

    Attributes:
        mean: the network with the mean weights.
    """

    def __init__(self, network: nn.Module, *, decay: float, memory: float) -> None:
        self.mean = copy.deepcopy(network)
        self._memory = memory
        self._weights = list(network.parameters())
        self._mean = [one.detach() for one in self.mean.parameters()]
        self._optimizer = AdamW(self._weights, decay=decay)
        self._begun = False

    def step(self, loss: torch.Tensor, rate: float) -> None:
        """Takes one step down the loss."""
        loss.backward()  # type: ignore[no-untyped-call]
        self._optimizer.step(rate)
        with torch.no_grad():
            for mean, weight in zip(self._mean, self._weights, strict=True):
                mean.lerp_(weight, 1 - self._memory if self._begun else 1.0)
        self._begun = True


def _check_pace(seconds_an_epoch: float, seconds: float) -> None:
    if _FEWEST_EPOCHS * seconds_an_epoch > _USED * seconds:
        raise OutOfTime(f"{seconds:.0f} s do not suffice for a network on these data.")


def _network(columns: int, width: int, settings: Mapping[str, Any]) -> nn.Sequential:
    hidden = int(settings.get("hidden", 256))
    parts: list[nn.Module] = []
    for _ in range(int(settings.get("depth", 3))):
        parts += [nn.Linear(columns, hidden), nn.SiLU(), nn.Dropout(float(settings.get("dropout", 0.1)))]
        columns = hidden
    last = nn.Linear(columns, width)
    nn.init.zeros_(last.weight)
    nn.init.zeros_(last.bias)
    return nn.Sequential(*parts, last)


def _schedule(done: float) -> float:
    """A short rise, then half a cosine."""
    return min(1.0, done / 0.05 + 0.02) * 0.5 * (1 + math.cos(math.pi * min(1.0, done)))


def _target(y: Wide, outline: Outline) -> torch.Tensor:
    if outline.width > 1:
        return torch.from_numpy(y.astype(np.int64))
    return torch.from_numpy(y.astype(np.float32))


def _loss(
    score: torch.Tensor, y: torch.Tensor, outline: Outline, weights: torch.Tensor | None
) -> torch.Tensor:
    if outline.width > 1:
        each = nn.functional.cross_entropy(score, y, reduction="none")
    elif outline.regression:
        difference = score[:, 0] - y
        each = difference.abs() if outline.objective == "MAE" else difference**2
    else:
        each = nn.functional.binary_cross_entropy_with_logits(score[:, 0], y, reduction="none")
    return each.mean() if weights is None else (each * weights).mean()


def _layers(network: nn.Module) -> Layers:
    return [
        (part.weight.detach().numpy().T.copy(), part.bias.detach().numpy().copy())
        for part in network.modules()
        if isinstance(part, nn.Linear)
    ]
