"""`smstudio monitor`: Model Monitor is not offered yet; says so, and what there is instead."""

from __future__ import annotations

import typer

from smstudio_ext.cli.session import fail

_MESSAGE = (
    "Model Monitor (baselines, schedules, violations) is not offered by this version.\n"
    "What an endpoint captures is on its page and in S3; `smstudio endpoints describe NAME` tells where (DataCaptureConfig)."
)


def monitor(context: typer.Context) -> None:
    """Model Monitor: not offered by this version; says what there is instead. Exit code 1."""
    fail(_MESSAGE)
