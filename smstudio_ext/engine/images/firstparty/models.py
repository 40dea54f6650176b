"""Finds the model file of Amazon's algorithms and what a serving container's environment says."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from smstudio_ext.engine.images.firstparty.answers import JSON

MODEL_NAME = "model_algo-1"


def read_model(folder: Path) -> bytes:
    """The bytes of `model_algo-1` (any `model_algo-*` of a distributed job will do).

    Raises:
        ValueError: the archive holds none.
    """
    for path in [folder / MODEL_NAME, *sorted(folder.glob("model_algo-*"))]:
        if path.is_file():
            return path.read_bytes()
    raise ValueError(f"The model archive holds no {MODEL_NAME}.")


def default_accept(env: Mapping[str, str]) -> str:
    """What to answer with when a request does not say (SAGEMAKER_DEFAULT_INVOCATIONS_ACCEPT, else JSON)."""
    return env.get("SAGEMAKER_DEFAULT_INVOCATIONS_ACCEPT") or JSON
