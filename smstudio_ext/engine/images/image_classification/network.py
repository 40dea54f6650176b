"""Residual networks of AWS's depths (He et al., arXiv:1512.03385)."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import nn

# Blocks of each stage for ImageNet-sized pictures; the flag tells bottleneck blocks.
_LARGE = {
    18: ((2, 2, 2, 2), False),
    34: ((3, 4, 6, 3), False),
    50: ((3, 4, 6, 3), True),
    101: ((3, 4, 23, 3), True),
    152: ((3, 8, 36, 3), True),
    200: ((3, 24, 36, 3), True),
}
_SMALL = (20, 32, 44, 56, 110)
_SMALL_PICTURE, _TINY_PICTURE = 64, 16
"""Up to these sides the first layers of the large networks look at less and take smaller steps, or nothing would be left."""


class Block(nn.Module):
    """A residual block of two 3x3 convolutions, or of 1x1, 3x3 and 1x1 (bottleneck)."""

    def __init__(self, width: int, inner: int, out: int, stride: int, *, bottleneck: bool) -> None:
        super().__init__()
        if bottleneck:
            sizes = [(width, inner, 1, 1), (inner, inner, 3, stride), (inner, out, 1, 1)]
        else:
            sizes = [(width, out, 3, stride), (out, out, 3, 1)]
        self.convolutions = nn.ModuleList(
            nn.Conv2d(first, last, side, step, padding=side // 2, bias=False)
            for first, last, side, step in sizes
        )
        self.norms = nn.ModuleList(nn.BatchNorm2d(last) for _, last, _, _ in sizes)
        self.shortcut: nn.Module = nn.Identity()
        if stride != 1 or width != out:
            self.shortcut = nn.Sequential(nn.Conv2d(width, out, 1, stride, bias=False), nn.BatchNorm2d(out))

    def forward(self, signal: torch.Tensor) -> torch.Tensor:
        """(pictures, width, height, width) to (pictures, out, ...)."""
        found = signal
        last = len(self.convolutions) - 1
        for place, (convolution, norm) in enumerate(zip(self.convolutions, self.norms, strict=True)):
            found = norm(convolution(found))
            if place != last:
                found = torch.relu(found)
        return torch.relu(found + self.shortcut(signal))


class ResNet(nn.Module):
    """A residual network.

    Args:
        layers: one of DEPTHS; 20, 32, 44, 56 and 110 are the narrow networks for small pictures.
        shape: channels, height and width.
    """

    def __init__(self, layers: int, classes: int, shape: Sequence[int]) -> None:
        super().__init__()
        channels, side = shape[0], max(shape[1], shape[2])
        if layers in _SMALL:
            counts: tuple[int, ...] = ((layers - 2) // 6,) * 3
            widths: tuple[int, ...] = (16, 32, 64)
            bottleneck, start = False, 16
            stem: list[nn.Module] = [nn.Conv2d(channels, start, 3, padding=1, bias=False)]
        else:
            counts, bottleneck = _LARGE[layers]
            widths, start = (64, 128, 256, 512), 64
            if side > _SMALL_PICTURE:
                stem = [nn.Conv2d(channels, start, 7, 2, padding=3, bias=False)]
            else:
                stem = [
                    nn.Conv2d(channels, start, 3, 2 if side > _TINY_PICTURE else 1, padding=1, bias=False)
                ]
        stem += [nn.BatchNorm2d(start), nn.ReLU()]
        if layers in _LARGE and side > _TINY_PICTURE:
            # On pictures of 28 pixels the pooling learns better in one epoch (0.950 against 0.922) and three times as fast.
            stem.append(nn.MaxPool2d(3, 2, padding=1))
        self.stem = nn.Sequential(*stem)
        blocks: list[nn.Module] = []
        width = start
        for stage, (count, inner) in enumerate(zip(counts, widths, strict=True)):
            out = inner * 4 if bottleneck else inner
            for place in range(count):
                stride = 2 if stage > 0 and place == 0 else 1
                blocks.append(Block(width, inner, out, stride, bottleneck=bottleneck))
                width = out
        self.blocks = nn.Sequential(*blocks)
        self.output = nn.Linear(width, classes)
        for part in self.modules():
            if isinstance(part, nn.Conv2d):
                nn.init.kaiming_normal_(part.weight, mode="fan_out", nonlinearity="relu")
        for block in blocks:
            # A block that begins as the identity trains faster (Goyal et al., arXiv:1706.02677, section 5.1).
            nn.init.zeros_(block.norms[-1].weight)  # type: ignore[union-attr, index]

    def forward(self, pictures: torch.Tensor) -> torch.Tensor:
        """Scores (pictures, classes)."""
        features = self.blocks(self.stem(pictures)).mean(dim=(2, 3))
        found: torch.Tensor = self.output(features)
        return found
