"""Which magics there are, and their registration."""

from __future__ import annotations

from typing import Any

from smstudio_ext.magics.autopilot_magics import AutopilotMagics
from smstudio_ext.magics.endpoint_magics import EndpointMagics
from smstudio_ext.magics.experiment_magics import ExperimentMagics
from smstudio_ext.magics.job_magics import JobMagics
from smstudio_ext.magics.status_magics import StatusMagics
from smstudio_ext.magics.training_magics import TrainingMagics

GROUPS = (StatusMagics, AutopilotMagics, TrainingMagics, EndpointMagics, ExperimentMagics, JobMagics)


def names() -> dict[str, tuple[str, ...]]:
    """The registered names: `line` and `cell` magics."""
    found: dict[str, set[str]] = {"line": set(), "cell": set()}
    for group in GROUPS:
        for kind in found:
            found[kind].update(group.magics[kind])
    return {kind: tuple(sorted(each)) for kind, each in found.items()}


def register(shell: Any) -> None:
    """Registers every magic and the completion of their arguments."""
    from smstudio_ext.magics import completion
    from smstudio_ext.magics.consent import ask_everywhere

    for group in GROUPS:
        shell.register_magics(group)
    ask_everywhere()
    completion.install(shell)


def withdraw(shell: Any) -> None:
    """Takes the magics away; others of the same name that were there before do not come back."""
    from smstudio_ext.magics import completion

    for kind, known in names().items():
        for name in known:
            shell.magics_manager.magics[kind].pop(name, None)
    completion.remove(shell)
