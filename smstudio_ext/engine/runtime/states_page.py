"""Writes docs/states.md from the state machines in the code, and checks that it is up to date."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path

from smstudio_ext.engine.runtime.states import MACHINES, StateMachine

# By text: hosting and Autopilot lie above this floor.
MODULES = (
    "smstudio_ext.engine.runtime.training",
    "smstudio_ext.engine.hosting.transform.jobs",
    "smstudio_ext.engine.runtime.processing",
    "smstudio_ext.engine.runtime.tuning",
    "smstudio_ext.engine.runtime.alarms",
    "smstudio_ext.engine.hosting.states",
    "smstudio_ext.engine.autopilot.stages",
    "smstudio_ext.engine.notebook_instances.states",
    "smstudio_ext.engine.studio.states",
)
PAGE = Path(__file__).resolve().parents[3] / "docs" / "states.md"
_HEAD = """# States

Generated from the tables in the code by `make types`; `make lint` fails when it is out of date. A controller can make no
step that is not in its table. A state without followers is final: nothing of the resource runs any longer.
"""


def render() -> str:
    """The page, one section a state machine."""
    for module in MODULES:
        importlib.import_module(module)
    return "\n".join([_HEAD, *(_section(MACHINES[name]) for name in sorted(MACHINES))])


def main() -> None:
    """`python -m smstudio_ext.engine.runtime.states [--check]`."""
    page = render()
    if "--check" in sys.argv[1:]:
        if not PAGE.exists() or PAGE.read_text() != page:
            raise SystemExit("docs/states.md is not what the code says: run `make types` and commit it")
        return
    PAGE.write_text(page)


def _section(machine: StateMachine) -> str:
    lines = [
        f"## {machine.name}",
        "",
        f"Begins as `{machine.initial}`.",
        "",
        "| state | may be followed by | what happens |",
        "| --- | --- | --- |",
    ]
    for state, followers in machine.transitions.items():
        after = ", ".join(f"`{name}`" for name in machine.transitions if name in followers) or "(final)"
        lines.append(f"| `{state}` | {after} | {machine.notes.get(state, '')} |")
    return "\n".join([*lines, ""])
