"""Training program of the image classification image: one candidate of an Autopilot job, or the ensemble of several."""

from __future__ import annotations

from pathlib import Path

from smstudio_ext.engine.images.automl_classes.candidates import train_step
from smstudio_ext.engine.images.automl_pictures.kinds import PICTURES


def train(optml: Path) -> None:
    """Runs the step that the hyperparameters describe (docs/autopilot-text-image.md).

    Raises:
        AlgorithmError: missing channels or hyperparameters, an unknown algorithm, or PyTorch is missing for the network.
    """
    train_step(optml, PICTURES)
