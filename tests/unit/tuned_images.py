"""Training images for tests of tuning: how good a trial is follows from its hyperparameter `x`."""

from __future__ import annotations

import json
import time
from pathlib import Path


def train(optml: Path) -> None:
    """Prints the loss |x - 0.5| of each epoch; one that is told to waits after the given epoch until it is stopped."""
    wanted = json.loads((optml / "input/config/hyperparameters.json").read_text())
    distance = abs(float(wanted["x"]) - 0.5)
    for epoch in range(1, int(wanted.get("epochs", "5")) + 1):
        print(f"epoch {epoch} loss={distance:.6f};", flush=True)
        time.sleep(float(wanted.get("pace", "0")) * distance)
    while distance > float(wanted.get("patience", "9")):
        time.sleep(0.01)
    (optml / "model/model.txt").write_text(wanted["x"])
