"""Optimizers by the names of AWS's algorithms, gradient rules of MXNet, and model files that hold no code."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import torch

FORMAT = "smstudio-torch"


def make_optimizer(
    name: str,
    weights: Iterable[torch.nn.Parameter],
    learning_rate: float,
    *,
    weight_decay: float = 0.0,
    momentum: float = 0.0,
    betas: tuple[float, float] = (0.9, 0.999),
    eps: float = 1e-8,
    gamma: float = 0.9,
) -> torch.optim.Optimizer:
    """The optimizer of that name with MXNet's meaning of its parameters.

    MXNet's AdaDelta has no learning rate (rho 0.9, epsilon 1e-5), so `learning_rate` does not count there.
    """
    chosen = list(weights)
    if name == "adadelta":
        return torch.optim.Adadelta(chosen, lr=1.0, rho=0.9, eps=1e-5, weight_decay=weight_decay)
    if name == "adagrad":
        return torch.optim.Adagrad(chosen, lr=learning_rate, weight_decay=weight_decay, eps=1e-7)
    if name == "adam":
        return torch.optim.Adam(chosen, lr=learning_rate, betas=betas, eps=eps, weight_decay=weight_decay)
    if name == "rmsprop":
        return torch.optim.RMSprop(
            chosen, lr=learning_rate, alpha=gamma, eps=eps, weight_decay=weight_decay, momentum=momentum
        )
    return torch.optim.SGD(
        chosen,
        lr=learning_rate,
        momentum=momentum,
        weight_decay=weight_decay,
        nesterov=name == "nag" and momentum > 0,
    )


def rescale_and_clip(weights: Iterable[torch.nn.Parameter], rescale: float, clip: float | None) -> None:
    """Multiplies each gradient by `rescale` and cuts its components to [-clip, clip], as MXNet does before an update."""
    for weight in weights:
        if weight.grad is None:
            continue
        if rescale != 1.0:
            weight.grad.mul_(rescale)
        if clip is not None and clip > 0:
            weight.grad.clamp_(-clip, clip)


def copy_of(module: torch.nn.Module) -> dict[str, torch.Tensor]:
    """The weights as they are now, untouched by further training."""
    return {name: value.detach().clone() for name, value in module.state_dict().items()}


def save(path: Path, algorithm: str, settings: dict[str, Any], weights: dict[str, torch.Tensor]) -> None:
    """Writes settings (plain values) and weights into one file that PyTorch loads without running code."""
    torch.save({"format": FORMAT, "algorithm": algorithm, "settings": settings, "weights": weights}, path)


def load(path: Path, algorithm: str) -> tuple[dict[str, Any], dict[str, torch.Tensor]]:
    """Reads what `save` wrote; never unpickles objects.

    Raises:
        ValueError: the file is missing or holds something else.
    """
    if not path.exists():
        raise ValueError(f"The model has no file {path.name}.")
    try:
        content = torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:
        raise ValueError(
            f"{path.name} is no {algorithm} model of this engine: {str(error).splitlines()[0][:200]}"
        ) from error
    if not isinstance(content, dict) or content.get("format") != FORMAT:
        raise ValueError(f"{path.name} is no model file of this engine.")
    if content.get("algorithm") != algorithm:
        raise ValueError(f"{path.name} is a model of {content.get('algorithm')}, not of {algorithm}.")
    return content["settings"], content["weights"]
