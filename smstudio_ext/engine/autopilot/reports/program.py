"""The processing program of Autopilot's reports: the variable AUTOML_REPORT says which one to write."""

from __future__ import annotations

import os
from pathlib import Path

from smstudio_ext.engine.images.contract import AlgorithmError

VARIABLE = "AUTOML_REPORT"


def run(optml: Path) -> None:
    """Writes one report.

    Raises:
        AlgorithmError: unknown report, or data or models that cannot be read.
    """
    kind = os.environ.get(VARIABLE, "")
    if kind == "explainability":
        from smstudio_ext.engine.autopilot.reports.explain import run as write_explanation

        write_explanation(optml)
    elif kind == "model_insights":
        from smstudio_ext.engine.autopilot.reports.insights import run as write_insights

        write_insights(optml)
    else:
        raise AlgorithmError(f"{VARIABLE} is '{kind}'; known: explainability, model_insights.")
