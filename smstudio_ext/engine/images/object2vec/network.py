"""Object2Vec's network: two encoders, a comparison of their vectors, and a multilayer perceptron."""

from __future__ import annotations

from typing import Any

import torch
from torch import nn

_ACTIVATIONS: dict[str, type[nn.Module]] = {"tanh": nn.Tanh, "relu": nn.ReLU, "linear": nn.Identity}


class Encoder(nn.Module):
    """Turns token sequences into vectors of `enc_dim` numbers.

    `hcnn` takes the maximum over time of each of its stacked convolutions and joins them (Conneau et al., arXiv:1705.02364,
    section 3.2.4), `bilstm` the maximum over time of a bidirectional LSTM, `pooled_embedding` the mean of the embeddings.
    """

    def __init__(self, settings: dict[str, Any], size: int, dropout: float, embedding: nn.Embedding) -> None:
        super().__init__()
        self.embedding = embedding
        self.kind: str = settings["network"]
        self.padding = int(settings["vocab_size"])
        self.dropout = nn.Dropout(dropout)
        width, layers = int(settings["token_embedding_dim"]), int(settings["layers"])
        self.convolutions = nn.ModuleList()
        joined = width
        if self.kind == "hcnn":
            each = -(-size // layers)
            filters = int(settings["cnn_filter_width"])
            for layer in range(layers):
                # A convolution as a matrix product: kernels of convolution libraries are built anew for each length.
                self.convolutions.append(nn.Linear((width if layer == 0 else each) * filters, each))
            self.filters = filters
            joined = each * layers
        elif self.kind == "bilstm":
            half = -(-size // 2)
            self.recurrent = nn.LSTM(width, half, layers, batch_first=True, bidirectional=True)
            joined = 2 * half
        self.projection = nn.Identity() if joined == size else nn.Linear(joined, size)

    def forward(self, tokens: torch.Tensor) -> torch.Tensor:
        """Vectors (sequences, enc_dim) of padded sequences (sequences, steps)."""
        seen = tokens != self.padding
        embedded = self.dropout(self.embedding(tokens))
        if self.kind == "pooled_embedding":
            mask = seen[:, :, None]
            pooled = (embedded * mask).sum(dim=1) / mask.sum(dim=1)
        elif self.kind == "bilstm":
            lengths = seen.sum(dim=1).cpu()
            packed = nn.utils.rnn.pack_padded_sequence(
                embedded, lengths, batch_first=True, enforce_sorted=False
            )
            hidden, _ = self.recurrent(packed)
            states, _ = nn.utils.rnn.pad_packed_sequence(
                hidden, batch_first=True, total_length=tokens.shape[1], padding_value=float("-inf")
            )
            pooled = states.amax(dim=1)
        else:
            pooled = self._convolve(embedded, seen)
        found: torch.Tensor = self.projection(pooled)
        return found

    def _convolve(self, embedded: torch.Tensor, seen: torch.Tensor) -> torch.Tensor:
        steps, before = seen.shape[1], self.filters // 2
        mask = seen[:, :, None]
        signal = embedded * mask
        parts = []
        for convolution in self.convolutions:
            padded = nn.functional.pad(signal, (0, 0, before, self.filters - 1 - before))
            windows = padded.unfold(1, self.filters, 1).reshape(len(seen), steps, -1)
            signal = torch.relu(convolution(windows)) * mask
            parts.append(signal.amax(dim=1))
        return torch.cat(parts, dim=1)


class PairNetwork(nn.Module):
    """Scores pairs of token sequences."""

    def __init__(self, settings: dict[str, Any], *, sparse: bool = False) -> None:
        super().__init__()
        size, rate = int(settings["enc_dim"]), float(settings["dropout"])
        embeddings: list[nn.Embedding] = []
        for place, encoder in enumerate(settings["encoders"]):
            if place == 1 and settings["tied"]:
                embeddings.append(embeddings[0])
                continue
            count, width = int(encoder["vocab_size"]), int(encoder["token_embedding_dim"])
            table = nn.Embedding(count + 1, width, padding_idx=count, sparse=sparse)
            nn.init.uniform_(table.weight, -0.1, 0.1)
            embeddings.append(table)
        self.encoders = nn.ModuleList(
            Encoder(encoder, size, rate, table)
            for encoder, table in zip(settings["encoders"], embeddings, strict=True)
        )
        self.comparators: list[str] = list(settings["comparator_list"])
        width = sum(2 * size if name == "concat" else size for name in self.comparators)
        parts: list[nn.Module] = []
        for _ in range(int(settings["mlp_layers"])):
            parts += [
                nn.Linear(width, int(settings["mlp_dim"])),
                _ACTIVATIONS[settings["mlp_activation"]](),
                nn.Dropout(rate),
            ]
            width = int(settings["mlp_dim"])
        parts.append(nn.Linear(width, int(settings["outputs"])))
        self.perceptron = nn.Sequential(*parts)

    def compare(self, first: torch.Tensor, second: torch.Tensor) -> torch.Tensor:
        """Outputs (pairs, classes or 1) for encoded pairs; softmax is not yet applied."""
        vectors = {"hadamard": first * second, "abs_diff": (first - second).abs()}
        vectors["concat"] = torch.cat([first, second], dim=1)
        found: torch.Tensor = self.perceptron(torch.cat([vectors[name] for name in self.comparators], dim=1))
        return found

    def forward(self, first: torch.Tensor, second: torch.Tensor) -> torch.Tensor:
        """Outputs for padded batches of both sides."""
        return self.compare(self.encoders[0](first), self.encoders[1](second))
