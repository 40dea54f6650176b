"""DeepAR's network: a recurrent net over lagged values, calendar, age, dynamic features and embedded categories."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from torch import nn

from smstudio_ext.engine.images.deepar import likelihood


@dataclass
class Windows:
    """Some windows of some series.

    Attributes:
        past: (windows, longest lag + steps) filled targets; `past[:, longest + step]` is the value of a step.
        target: (windows, steps) observed values; NaN where there is none.
        features: (windows, steps, features) calendar, age and dynamic features.
        cat: (windows, categorical features).
        scale: (windows, 1).
    """

    past: torch.Tensor
    target: torch.Tensor
    features: torch.Tensor
    cat: torch.Tensor
    scale: torch.Tensor


class DeepAR(nn.Module):
    """Gives the parameters of the distribution of each step's target from all that comes before it."""

    def __init__(self, settings: dict[str, Any]) -> None:
        super().__init__()
        self.likelihood: str = settings["likelihood"]
        self.lags: list[int] = list(settings["lags"])
        self.longest = max(self.lags)
        self.embeddings = nn.ModuleList(
            nn.Embedding(count, settings["embedding_dimension"]) for count in settings["cardinality"]
        )
        width = len(self.lags) + settings["features"] + 1
        width += len(settings["cardinality"]) * settings["embedding_dimension"]
        cells, layers = settings["num_cells"], settings["num_layers"]
        rate = settings["dropout_rate"]
        self.recurrent = nn.LSTM(width, cells, layers, batch_first=True, dropout=rate if layers > 1 else 0.0)
        self.dropout = nn.Dropout(rate)
        self.output = nn.Linear(cells, likelihood.OUTPUTS[self.likelihood])
        offsets = torch.tensor([self.longest - lag for lag in self.lags])
        self.register_buffer("offsets", offsets, persistent=False)

    def _static(self, windows: Windows) -> torch.Tensor:
        parts = [torch.log(windows.scale)]
        parts += [embed(windows.cat[:, place]) for place, embed in enumerate(self.embeddings)]
        return torch.cat(parts, dim=1)

    def _inputs(self, windows: Windows, static: torch.Tensor) -> torch.Tensor:
        steps = windows.features.shape[1]
        offsets: torch.Tensor = self.offsets  # type: ignore[assignment]  # a buffer is typed as Tensor or Module
        places = offsets[None, :] + torch.arange(steps)[:, None]
        lagged = windows.past[:, places] / windows.scale[:, :, None]
        return torch.cat([lagged, windows.features, static[:, None, :].expand(-1, steps, -1)], dim=2)

    def loss(self, windows: Windows) -> torch.Tensor:
        """Mean loss over the observed steps."""
        hidden, _ = self.recurrent(self._inputs(windows, self._static(windows)))
        raw = self.output(self.dropout(hidden))
        seen = ~torch.isnan(windows.target)
        values = likelihood.loss(self.likelihood, raw, torch.nan_to_num(windows.target), windows.scale)
        return (values * seen).sum() / seen.sum().clamp(min=1)

    @torch.no_grad()
    def forecast(self, windows: Windows, context: int, samples: int) -> torch.Tensor:
        """Sample paths of the steps after the context.

        Args:
            windows: `context` steps and the steps to forecast, whose targets are not looked at.

        Returns:
            (windows, samples, steps).
        """
        count, ahead = len(windows.scale), windows.features.shape[1] - context
        static = self._static(windows)
        state = None
        if context:
            before = Windows(
                windows.past[:, : self.longest + context],
                windows.target[:, :context],
                windows.features[:, :context],
                windows.cat,
                windows.scale,
            )
            _, state = self.recurrent(self._inputs(before, static))
            state = tuple(part.repeat_interleave(samples, dim=1) for part in state)
        paths = windows.past[:, context:].repeat_interleave(samples, dim=0)
        scale = windows.scale.repeat_interleave(samples, dim=0)
        static = static.repeat_interleave(samples, dim=0)
        features = windows.features[:, context:].repeat_interleave(samples, dim=0)
        offsets: torch.Tensor = self.offsets  # type: ignore[assignment]
        for step in range(ahead):
            lagged = paths[:, offsets + step] / scale
            inputs = torch.cat([lagged, features[:, step], static], dim=1)
            hidden, state = self.recurrent(inputs[:, None], state)
            raw = self.output(hidden[:, 0])
            paths[:, self.longest + step] = likelihood.sample(self.likelihood, raw, scale[:, 0])
        return paths[:, self.longest :].reshape(count, samples, ahead)
