"""Noise models of DeepAR: parameters from the network's output, losses and samples (Salinas et al., arXiv:1704.04110, 3.1)."""

from __future__ import annotations

import torch
import torch.nn.functional as F

OUTPUTS = {"gaussian": 2, "student-T": 3, "negative-binomial": 2, "beta": 2, "deterministic-L1": 1}
"""Numbers that the network gives for each step."""

_EDGE = 1e-4


def is_scaled(name: str) -> bool:
    """Whether targets are divided by the series' scale before the network sees them."""
    return name != "beta"


def _distribution(name: str, raw: torch.Tensor, scale: torch.Tensor) -> torch.distributions.Distribution:
    """The distribution of the target divided by its scale; counts keep their own scale.

    Args:
        raw: (..., OUTPUTS[name]).
        scale: broadcastable to raw without its last axis.
    """
    if name == "gaussian":
        return torch.distributions.Normal(raw[..., 0], F.softplus(raw[..., 1]) + 1e-4, validate_args=False)
    if name == "student-T":
        return torch.distributions.StudentT(
            2.0 + F.softplus(raw[..., 2]), raw[..., 0], F.softplus(raw[..., 1]) + 1e-4, validate_args=False
        )
    if name == "beta":
        return torch.distributions.Beta(
            F.softplus(raw[..., 0]) + 1e-3, F.softplus(raw[..., 1]) + 1e-3, validate_args=False
        )
    mean = F.softplus(raw[..., 0]) * scale + 1e-6
    shape = F.softplus(raw[..., 1]) / torch.sqrt(scale) + 1e-6
    return torch.distributions.NegativeBinomial(
        1 / shape, logits=torch.log(mean * shape), validate_args=False
    )


def loss(name: str, raw: torch.Tensor, target: torch.Tensor, scale: torch.Tensor) -> torch.Tensor:
    """Negative log likelihood of targets in their own units (absolute error for `deterministic-L1`).

    Args:
        target: values in their own units, (...).
    """
    if name == "deterministic-L1":
        return (raw[..., 0] - target / scale).abs() * scale
    distribution = _distribution(name, raw, scale)
    if name == "negative-binomial":
        return -distribution.log_prob(target)
    if name == "beta":
        return -distribution.log_prob(target.clamp(_EDGE, 1 - _EDGE))
    return torch.log(scale) - distribution.log_prob(target / scale)


def sample(name: str, raw: torch.Tensor, scale: torch.Tensor) -> torch.Tensor:
    """One draw for each row, in the target's own units."""
    if name == "deterministic-L1":
        return raw[..., 0] * scale
    drawn = _distribution(name, raw, scale).sample()
    return drawn if name in ("negative-binomial", "beta") else drawn * scale
