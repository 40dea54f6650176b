"""The neural topic model: an encoder that gives each document a mixture of topics, and topics over the words."""

from __future__ import annotations

import math
from typing import Any, TypeAlias

import torch
from torch import nn

Weights: TypeAlias = "dict[str, torch.Tensor]"
PRIOR = 0.3
"""Concentration of the Dirichlet prior that the logistic-normal prior stands for."""


class TopicModel(nn.Module):
    """A variational autoencoder of word counts.

    A document's mixture is the softmax of a Gaussian whose mean and variance the encoder gives; its words come from the
    mixture of the topics, each a softmax over the vocabulary. The prior is the Laplace approximation of a symmetric
    Dirichlet (Srivastava and Sutton, https://arxiv.org/abs/1703.01488, section 3.2).

    Args:
        layers: output sizes of the encoder's layers.
        activation: `sigmoid`, `tanh` or `relu`.
    """

    def __init__(
        self, features: int, topics: int, layers: list[int], activation: str, batch_norm: bool
    ) -> None:
        super().__init__()
        activations: dict[str, type[nn.Module]] = {"sigmoid": nn.Sigmoid, "tanh": nn.Tanh, "relu": nn.ReLU}
        parts: list[nn.Module] = []
        width = features
        for size in layers:
            parts.append(nn.Linear(width, size))
            if batch_norm:
                parts.append(nn.BatchNorm1d(size))
            parts.append(activations[activation]())
            width = size
        self.encoder = nn.Sequential(*parts)
        self.mean = nn.Linear(width, topics)
        self.log_variance = nn.Linear(width, topics)
        self.projection = nn.Parameter(torch.empty(features, topics))
        for part in parts:
            if isinstance(part, nn.Linear):
                # Sigmoids halve the spread of their input's changes four times over: start wide.
                nn.init.xavier_uniform_(part.weight, gain=4.0 if activation == "sigmoid" else 1.0)
                nn.init.zeros_(part.bias)
        nn.init.xavier_uniform_(self.mean.weight)
        nn.init.zeros_(self.mean.bias)
        nn.init.zeros_(self.log_variance.weight)
        nn.init.zeros_(self.log_variance.bias)
        nn.init.normal_(self.projection, std=0.3)
        variance = (1 - 2 / topics) / PRIOR + 1 / (topics * PRIOR)
        self.prior_log_variance = math.log(max(variance, 1e-3))

    def latent(self, counts: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Mean and log variance of the documents' Gaussians, both (documents, topics)."""
        hidden = self.encoder(torch.log1p(counts))
        return self.mean(hidden), self.log_variance(hidden).clamp(-8.0, 8.0)

    def topic_weights(self, counts: torch.Tensor) -> torch.Tensor:
        """Mixtures (documents, topics); each row sums to 1."""
        return torch.softmax(self.latent(counts)[0], dim=1)

    def word_probabilities(self) -> torch.Tensor:
        """Topics as columns of word probabilities (words, topics)."""
        return torch.softmax(self.projection, dim=0)

    def losses(
        self, counts: torch.Tensor, generator: torch.Generator | None = None
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Reconstruction loss and divergence from the prior, both a mean over the documents.

        Args:
            generator: random numbers for the sample; None takes the mean (evaluation).
        """
        mean, log_variance = self.latent(counts)
        latent = mean
        if generator is not None:
            noise = torch.randn(mean.shape, generator=generator)
            latent = mean + noise * torch.exp(0.5 * log_variance)
        mixture = torch.softmax(latent, dim=1)
        words = mixture @ self.word_probabilities().T
        reconstruction = -(counts * torch.log(words + 1e-10)).sum(dim=1)
        ratio = torch.exp(log_variance - self.prior_log_variance)
        moved = mean.pow(2) / math.exp(self.prior_log_variance)
        divergence = 0.5 * (ratio + moved - 1 - (log_variance - self.prior_log_variance)).sum(dim=1)
        return reconstruction.mean(), divergence.mean()


def build(settings: dict[str, Any]) -> TopicModel:
    """The network that a model's settings describe."""
    return TopicModel(
        settings["feature_dim"],
        settings["num_topics"],
        list(settings["encoder_layers"]),
        settings["encoder_layers_activation"],
        settings["batch_norm"],
    )
