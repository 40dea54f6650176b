"""An attentional encoder and decoder of recurrent cells (Bahdanau et al., arXiv:1409.0473; Luong et al., arXiv:1508.04025)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeAlias

import torch
from torch import nn
from torch.nn import functional

State: TypeAlias = "list[tuple[torch.Tensor, ...]]"


@dataclass
class Encoded:
    """Encoded sources.

    Attributes:
        states: (sources, steps, hidden).
        keys: what attention compares with, (sources, steps, attention).
        seen: (sources, steps), false for padding.
    """

    states: torch.Tensor
    keys: torch.Tensor
    seen: torch.Tensor

    def take(self, rows: torch.Tensor) -> Encoded:
        """Chosen sources, in that order."""
        return Encoded(self.states[rows], self.keys[rows], self.seen[rows])


class Translator(nn.Module):
    """Source tokens to scores of the next target token.

    Args:
        settings: network settings with `source_size` and `target_size` (vocabularies) and `pad` (ids of both paddings).
    """

    def __init__(self, settings: dict[str, Any]) -> None:
        super().__init__()
        self.settings = settings
        self.hidden = int(settings["rnn_num_hidden"])
        self.is_lstm = settings["rnn_cell_type"] == "lstm"
        self.padding: list[int] = list(settings["pad"])
        source, target = int(settings["num_embed_source"]), int(settings["num_embed_target"])
        self.source_embedding = nn.Embedding(settings["source_size"], source, padding_idx=self.padding[0])
        self.target_embedding = nn.Embedding(settings["target_size"], target, padding_idx=self.padding[1])
        recurrent = nn.LSTM if self.is_lstm else nn.GRU
        self.encoder = nn.ModuleList(
            [recurrent(source, self.hidden // 2, batch_first=True, bidirectional=True)]
        )
        for _ in range(settings["num_layers_encoder"] - 1):
            self.encoder.append(recurrent(self.hidden, self.hidden, batch_first=True))
        self._build_attention(settings)
        cell = nn.LSTMCell if self.is_lstm else nn.GRUCell
        layers = int(settings["num_layers_decoder"])
        self.upper = bool(settings["rnn_attention_in_upper_layers"])
        widths = [target + self.hidden] + [self.hidden * (2 if self.upper else 1)] * (layers - 1)
        self.decoder = nn.ModuleList(cell(width, self.hidden) for width in widths)
        self.start = nn.ModuleList(nn.Linear(self.hidden, self.hidden) for _ in range(layers))
        self.combine = nn.Linear(2 * self.hidden, self.hidden)
        self.output = nn.Linear(self.hidden, settings["target_size"])
        self.residual = (
            int(settings["rnn_first_residual_layer"]) if settings["rnn_residual_connections"] else None
        )

    def _build_attention(self, settings: dict[str, Any]) -> None:
        self.attention: str = settings["rnn_attention_type"]
        width = int(settings["rnn_attention_num_hidden"])
        if self.attention == "mlp":
            self.key = nn.Linear(self.hidden, width)
            self.query = nn.Linear(self.hidden, width, bias=False)
            self.score = nn.Linear(width, 1, bias=False)
        elif self.attention == "bilinear":
            self.key = nn.Linear(self.hidden, self.hidden, bias=False)

    def encode(self, sources: torch.Tensor) -> Encoded:
        """Encodes padded sources (sources, steps)."""
        seen = sources != self.padding[0]
        rate = float(self.settings["embed_dropout_source"])
        signal = functional.dropout(self.source_embedding(sources), rate, self.training)
        lengths = seen.sum(dim=1).cpu()
        for layer, recurrent in enumerate(self.encoder):
            packed = nn.utils.rnn.pack_padded_sequence(
                signal, lengths, batch_first=True, enforce_sorted=False
            )
            out, _ = recurrent(packed)
            found, _ = nn.utils.rnn.pad_packed_sequence(out, batch_first=True, total_length=sources.shape[1])
            signal = found + signal if self._is_residual(layer) else found
        keys = self.key(signal) if self.attention in ("mlp", "bilinear") else signal
        return Encoded(signal, keys, seen)

    def _is_residual(self, layer: int) -> bool:
        return self.residual is not None and layer > 0 and layer + 1 >= self.residual

    def begin(self, encoded: Encoded) -> State:
        """The decoder's first state."""
        way = self.settings["rnn_decoder_state_init"]
        counts = encoded.seen.sum(dim=1)
        if way == "zero":
            summary = torch.zeros(len(counts), self.hidden)
        elif way == "avg":
            summary = (encoded.states * encoded.seen[:, :, None]).sum(dim=1) / counts[:, None]
        else:
            last = encoded.states[torch.arange(len(counts)), counts - 1]
            # The backward half of a bidirectional layer has read everything at the first step.
            half = self.hidden // 2
            only_first = len(self.encoder) == 1
            summary = torch.cat([last[:, :half], encoded.states[:, 0, half:]], dim=1) if only_first else last
        firsts = [torch.tanh(linear(summary)) for linear in self.start]
        return [(first, torch.zeros_like(first)) if self.is_lstm else (first,) for first in firsts]

    def _attend(self, query: torch.Tensor, encoded: Encoded) -> tuple[torch.Tensor, torch.Tensor]:
        if self.attention == "mlp":
            scores = self.score(torch.tanh(encoded.keys + self.query(query)[:, None]))[:, :, 0]
        elif self.attention == "fixed":
            place = encoded.seen.sum(dim=1) - 1
            scores = functional.one_hot(place, encoded.seen.shape[1]).float() * 1e4
        else:
            scores = (encoded.keys @ query[:, :, None])[:, :, 0]
        weights = torch.softmax(scores.masked_fill(~encoded.seen, float("-inf")), dim=1)
        return (weights[:, None] @ encoded.states)[:, 0], weights

    def step(
        self, tokens: torch.Tensor, state: State, encoded: Encoded
    ) -> tuple[torch.Tensor, State, torch.Tensor]:
        """One target token further.

        Returns:
            What the output layer reads (sources, hidden), the next state, and attention weights (sources, steps).
        """
        context, weights = self._attend(state[-1][0], encoded)
        rate = float(self.settings["embed_dropout_target"])
        signal = functional.dropout(self.target_embedding(tokens), rate, self.training)
        next_state: State = []
        for layer, cell in enumerate(self.decoder):
            inputs = torch.cat([signal, context], dim=1) if layer == 0 or self.upper else signal
            found = cell(inputs, state[layer] if self.is_lstm else state[layer][0])
            parts = tuple(found) if self.is_lstm else (found,)
            next_state.append(parts)
            signal = parts[0] + signal if self._is_residual(layer) else parts[0]
        combined = torch.tanh(self.combine(torch.cat([signal, context], dim=1)))
        combined = functional.dropout(
            combined, float(self.settings["rnn_decoder_hidden_dropout"]), self.training
        )
        return combined, next_state, weights

    def forward(self, sources: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
        """Scores (targets, steps, vocabulary) with the true tokens before each step given."""
        encoded = self.encode(sources)
        state = self.begin(encoded)
        outputs = []
        for place in range(targets.shape[1]):
            combined, state, _ = self.step(targets[:, place], state, encoded)
            outputs.append(combined)
        found: torch.Tensor = self.output(torch.stack(outputs, dim=1))
        return found
