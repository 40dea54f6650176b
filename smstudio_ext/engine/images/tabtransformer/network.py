"""The TabTransformer: categories as tokens through a transformer, numbers beside them, a perceptron on top.

Huang, Khetan, Cvitkovic, Karnin: TabTransformer: Tabular Data Modeling Using Contextual Embeddings (2020), https://arxiv.org/abs/2012.06678.
"""

from __future__ import annotations

import torch
from torch import nn

HEADS = 8


class TabTransformer(nn.Module):
    """The network.

    Args:
        cardinalities: number of known values of each categorical column; one more place is for unknown and missing ones.
        numbers: number of numeric columns.
        outputs: number of classes, or 1 for regression.
        dim: size of an embedding (`input_dim`).
        blocks: transformer blocks.
        shared: share of an embedding that all values of a column have in common (`frac_shared_embed`).
    """

    def __init__(
        self,
        cardinalities: list[int],
        numbers: int,
        outputs: int,
        *,
        dim: int,
        blocks: int,
        attention_dropout: float,
        mlp_dropout: float,
        shared: float,
    ) -> None:
        super().__init__()
        self._common = int(dim * shared) if cardinalities else 0
        self.embeddings = nn.ModuleList(
            nn.Embedding(count + 1, dim - self._common) for count in cardinalities
        )
        self.columns = nn.Parameter(torch.randn(len(cardinalities), self._common) * 0.02)
        layer = nn.TransformerEncoderLayer(
            dim,
            min(HEADS, dim),
            dim_feedforward=4 * dim,
            dropout=attention_dropout,
            activation="gelu",
            batch_first=True,
            norm_first=False,
        )
        self.encoder = (
            nn.TransformerEncoder(layer, blocks, enable_nested_tensor=False) if cardinalities else None
        )
        width = len(cardinalities) * dim + numbers
        self.head = nn.Sequential(
            nn.Linear(width, 4 * width),
            nn.ReLU(),
            nn.Dropout(mlp_dropout),
            nn.Linear(4 * width, 2 * width),
            nn.ReLU(),
            nn.Dropout(mlp_dropout),
            nn.Linear(2 * width, outputs),
        )

    def forward(self, codes: torch.Tensor, numbers: torch.Tensor) -> torch.Tensor:
        """Scores.

        Args:
            codes: (rows, categorical columns) int64; 0 is unknown or missing.
            numbers: (rows, numeric columns) float32, standardised, without NaN.

        Returns:
            (rows, outputs).
        """
        parts = []
        if self.encoder is not None:
            tokens = torch.stack(
                [embedding(codes[:, place]) for place, embedding in enumerate(self.embeddings)], dim=1
            )
            common = self.columns.expand(len(codes), -1, -1)
            parts.append(self.encoder(torch.cat([common, tokens], dim=2)).flatten(1))
        # The paper normalises the numbers of a row by their layer, which leaves little of two or three columns; they come
        # standardised instead.
        parts.append(numbers)
        answer: torch.Tensor = self.head(torch.cat(parts, dim=1))
        return answer
