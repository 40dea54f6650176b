"""Several hosts train one network: their gradients are averaged after each batch."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch

from smstudio_ext.engine.images.firstparty.hosts import Hosts


def average_gradients(weights: Sequence[torch.nn.Parameter], hosts: Hosts) -> None:
    """Gives each weight the mean of the hosts' gradients; nothing on one host. Every host must call it."""
    if hosts.size == 1:
        return
    flat = [
        np.zeros(weight.shape, np.float32) if weight.grad is None else weight.grad.numpy()
        for weight in weights
    ]
    joined = np.concatenate([part.ravel() for part in flat])
    (total,) = hosts.total(joined)
    at = 0
    for weight in weights:
        part = torch.from_numpy(np.asarray(total[at : at + weight.numel()]) / hosts.size)
        weight.grad = part.reshape(weight.shape).to(weight.dtype)
        at += weight.numel()


def share_weights(weights: Sequence[torch.nn.Parameter], hosts: Hosts) -> None:
    """Gives every host the first host's weights."""
    if hosts.size == 1:
        return
    shared = hosts.share(*[weight.detach().numpy() for weight in weights])
    with torch.no_grad():
        for weight, values in zip(weights, shared, strict=True):
            weight.copy_(torch.from_numpy(np.asarray(values)))
