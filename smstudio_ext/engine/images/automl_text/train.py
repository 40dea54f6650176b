"""Training program of the text classification image: one candidate of an Autopilot job, or the ensemble of several."""

from __future__ import annotations

from pathlib import Path

from smstudio_ext.engine.images.automl_classes.candidates import train_step
from smstudio_ext.engine.images.automl_text.kinds import TEXT


def train(optml: Path) -> None:
    """Runs the step that the hyperparameters describe (docs/autopilot-text-image.md).

    Raises:
        AlgorithmError: missing channels or hyperparameters, or an unknown algorithm.
    """
    train_step(optml, TEXT)
