"""The algorithms of mode HYPERPARAMETER_TUNING, and which of them can run here."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterable

HPO_ALGORITHMS = ("xgboost", "linear-learner", "mlp")
"""As AWS lists them."""


def offered_algorithms() -> tuple[str, ...]:
    """Those whose libraries are installed: mlp needs PyTorch."""
    if importlib.util.find_spec("torch") is None:
        return tuple(name for name in HPO_ALGORITHMS if name != "mlp")
    return HPO_ALGORITHMS


def left_out(asked: Iterable[str]) -> str | None:
    """What to say of algorithms that a job would use but that cannot run here; None when all can."""
    if "mlp" not in asked or "mlp" in offered_algorithms():
        return None
    return (
        "The algorithm mlp was left out, because PyTorch is not installed in the engine's environment. "
        'Install it with: pip install "smstudio-ext[deep]"'
    )
