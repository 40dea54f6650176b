"""AdamW for short trainings, without PyTorch's compiler."""

from __future__ import annotations

from collections.abc import Iterable

import torch
from torch.optim.adamw import adamw


class AdamW:
    """PyTorch's AdamW by its function alone (Loshchilov and Hutter 2019, https://arxiv.org/abs/1711.05101).

    The first `torch.optim.Optimizer` of a process imports PyTorch's compiler: a second of processor time, which takes as long as a
    whole trial of a small table.

    Args:
        parameters: what is learnt.
        decay: weight decay.
    """

    def __init__(self, parameters: Iterable[torch.Tensor], *, decay: float) -> None:
        self._parameters = list(parameters)
        self._decay = decay
        self._means = [torch.zeros_like(one) for one in self._parameters]
        self._squares = [torch.zeros_like(one) for one in self._parameters]
        self._steps = [torch.zeros(()) for _ in self._parameters]

    @torch.no_grad()
    def step(self, rate: float) -> None:
        """Moves the parameters against their gradients, and forgets these.

        Args:
            rate: learning rate of this step.
        """
        gradients = [one.grad if one.grad is not None else torch.zeros_like(one) for one in self._parameters]
        adamw(
            self._parameters,
            gradients,
            self._means,
            self._squares,
            [],
            self._steps,
            fused=True,
            amsgrad=False,
            beta1=0.9,
            beta2=0.999,
            lr=rate,
            weight_decay=self._decay,
            eps=1e-8,
            maximize=False,
        )
        for one in self._parameters:
            one.grad = None
