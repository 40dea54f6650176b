"""Trains one perceptron by PyTorch."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import nn

from smstudio_ext.engine.images.deep.adamw import AdamW
from smstudio_ext.engine.images.mlp.model import Perceptron
from smstudio_ext.engine.images.mlp.parameters import Settings

Array = npt.NDArray[Any]

_LARGEST_EMBEDDING = 64
_MOST_CODES = 100_000


class Network(nn.Module):
    """Embeddings and standardised numbers, hidden layers, one output layer; with `wide` also a line past them.

    Args:
        codes: number of codes of each categorical feature.
        numeric: number of numeric features.
    """

    def __init__(self, codes: list[int], numeric: int, settings: Settings) -> None:
        super().__init__()
        sizes = [_embedding_size(count, settings.embedding_factor) for count in codes]
        self.embeddings = nn.ModuleList(
            nn.Embedding(count + 1, size) for count, size in zip(codes, sizes, strict=True)
        )
        width = numeric + sum(sizes)
        self.hidden = nn.ModuleList()
        self.norms = nn.ModuleList()
        below = width
        for count in settings.layers:
            self.hidden.append(nn.Linear(below, count))
            self.norms.append(nn.BatchNorm1d(count) if settings.batchnorm else nn.Identity())
            below = count
        self.output = nn.Linear(below, settings.outputs)
        self.wide = nn.Linear(width, settings.outputs, bias=False) if settings.wide else None
        self.dropout = nn.Dropout(settings.dropout)
        self.tanh = settings.activation == "tanh"

    def forward(self, codes: torch.Tensor, numbers: torch.Tensor) -> torch.Tensor:
        """(rows, outputs) margins."""
        parts = [numbers, *(table(codes[:, at]) for at, table in enumerate(self.embeddings))]
        inputs = torch.cat(parts, dim=1)
        hidden = inputs
        for layer, norm in zip(self.hidden, self.norms, strict=True):
            hidden = layer(hidden)
            hidden = torch.tanh(hidden) if self.tanh else torch.relu(hidden)
            hidden = self.dropout(norm(hidden))
        out: torch.Tensor = self.output(hidden)
        return out if self.wide is None else out + self.wide(inputs)


class Inputs:
    """Features and targets as tensors.

    Args:
        features: (rows, features), the categorical ones first, as codes.
    """

    def __init__(self, features: Array, labels: Array, settings: Settings) -> None:
        k = settings.categorical
        numeric = features[:, k:].astype(np.float64)
        with np.errstate(all="ignore"):
            center = (
                np.nan_to_num(np.nanmean(numeric, axis=0)) if len(numeric) else np.zeros(numeric.shape[1])
            )
            scale = np.nan_to_num(np.nanstd(numeric, axis=0)) if len(numeric) else np.ones(numeric.shape[1])
        self.center = center
        self.scale = np.where(scale > 1e-9, scale, 1.0)
        self.codes = [int(min(_MOST_CODES, np.nanmax(features[:, at], initial=0) + 1)) for at in range(k)]
        self.target = (0.0, 1.0)
        if settings.predictor == "regressor":
            self.target = (float(labels.mean()), float(labels.std()) or 1.0)
        self._settings = settings

    def tensors(self, features: Array, labels: Array) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """Codes, numbers and targets."""
        k = self._settings.categorical
        numbers = np.nan_to_num((features[:, k:] - self.center) / self.scale).astype(np.float32)
        codes = np.nan_to_num(features[:, :k], nan=-1).astype(np.int64)
        for at, count in enumerate(self.codes):
            unknown = (codes[:, at] < 0) | (codes[:, at] >= count)
            codes[unknown, at] = count
        if self._settings.predictor == "multiclass_classifier":
            targets = torch.from_numpy(labels.astype(np.int64))
        else:
            mean, deviation = self.target
            targets = torch.from_numpy(((labels - mean) / deviation).astype(np.float32))
        return torch.from_numpy(codes), torch.from_numpy(numbers), targets


def fit(
    features: Array, labels: Array, held_out: tuple[Array, Array], settings: Settings, seed: int
) -> tuple[Perceptron, int]:
    """Trains until the loss of the held-out rows no longer falls; gives the best perceptron and its number of epochs."""
    torch.manual_seed(seed)
    inputs = Inputs(features, labels, settings)
    codes, numbers, targets = inputs.tensors(features, labels)
    held = inputs.tensors(*held_out)
    network = Network(inputs.codes, numbers.shape[1], settings)
    loss = _loss(labels, settings)
    optimizer = AdamW(network.parameters(), decay=settings.weight_decay)
    best, since, kept, epochs = float("inf"), 0, None, 0
    for epoch in range(settings.epochs):
        _epoch(network, optimizer, loss, (codes, numbers, targets), settings)
        value = _held_out_loss(network, loss, held)
        if value < best - 1e-6:
            best, since, epochs = value, 0, epoch + 1
            kept = {name: one.detach().clone() for name, one in network.state_dict().items()}
            continue
        since += 1
        if epoch >= settings.warmup and since >= settings.patience:
            break
    if kept is not None:
        network.load_state_dict(kept)
    return _plain(network, inputs, settings), epochs


def _epoch(
    network: Network, optimizer: AdamW, loss: Any, data: tuple[torch.Tensor, ...], settings: Settings
) -> None:
    codes, numbers, targets = data
    network.train()
    order = torch.randperm(len(targets))
    for start in range(0, len(order), settings.batch):
        rows = order[start : start + settings.batch]
        if len(rows) < 2 and len(order) > 1:
            continue  # batch normalisation needs two rows
        loss(network(codes[rows], numbers[rows]), targets[rows]).backward()
        optimizer.step(settings.learning_rate)


def _held_out_loss(network: Network, loss: Any, held: tuple[torch.Tensor, ...]) -> float:
    network.eval()
    with torch.no_grad():
        value = float(loss(network(held[0], held[1]), held[2]))
    return value if np.isfinite(value) else float("inf")


def _loss(labels: Array, settings: Settings) -> Any:
    if settings.predictor == "multiclass_classifier":
        return nn.CrossEntropyLoss()
    if settings.predictor == "regressor":
        squared = nn.MSELoss()
        return lambda margins, targets: squared(margins[:, 0], targets)
    weight = settings.positive_weight
    if weight is None:
        weight = float((labels == 0).sum() / max(1, (labels == 1).sum()))
    logistic = nn.BCEWithLogitsLoss(pos_weight=torch.tensor(weight))
    return lambda margins, targets: logistic(margins[:, 0], targets)


def _embedding_size(codes: int, factor: float) -> int:
    return int(min(_LARGEST_EMBEDDING, max(1, round(codes**factor))))


def _plain(network: Network, inputs: Inputs, settings: Settings) -> Perceptron:
    """The network as arrays; batch normalisation at rest is a line."""
    layers = []
    for layer, norm in zip(network.hidden, network.norms, strict=True):
        assert isinstance(layer, nn.Linear)
        gain, shift = np.ones(layer.out_features), np.zeros(layer.out_features)
        if isinstance(norm, nn.BatchNorm1d):
            assert norm.running_mean is not None
            assert norm.running_var is not None
            gain = _array(norm.weight) / np.sqrt(_array(norm.running_var) + norm.eps)
            shift = _array(norm.bias) - _array(norm.running_mean) * gain
        layers.append((_array(layer.weight).T, _array(layer.bias), gain, shift))
    return Perceptron(
        inputs.center,
        inputs.scale,
        [_array(table.weight) for table in network.embeddings],  # type: ignore[arg-type]
        layers,
        (_array(network.output.weight).T, _array(network.output.bias)),
        None if network.wide is None else _array(network.wide.weight).T,
        settings.activation,
        inputs.target,
    )


def _array(tensor: torch.Tensor) -> Array:
    return np.asarray(tensor.detach().numpy(), dtype=np.float64)
