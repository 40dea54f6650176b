"""Runs a program of SDK flows against an engine and hands over what each flow returned."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.conftest import RunningEngine

PROGRAMS = Path(__file__).parent / "programs"


class Flows:
    """What the flows of one program returned.

    Args:
        python: interpreter that has the SDK.
        program: file name under `programs`.
    """

    def __init__(self, engine: RunningEngine, python: str, program: str, folder: Path) -> None:
        done = subprocess.run(
            [python, str(PROGRAMS / program)],
            env=engine.environment(),
            cwd=folder,
            capture_output=True,
            text=True,
            timeout=540,
            check=False,
        )
        lines = [line for line in done.stdout.splitlines() if line.startswith("RESULT")]
        assert lines, f"{program} did not come to its end:\n{done.stdout[-2000:]}\n{done.stderr[-6000:]}"
        found = json.loads(lines[0][len("RESULT") :])
        self._results: dict[str, Any] = found["results"]
        self.took: dict[str, float] = found["took"]
        self._errors = done.stderr

    def __getitem__(self, name: str) -> Any:
        value = self._results[name]
        assert value != "FAILED", f"{name} failed:\n{self._errors[-6000:]}"
        return value


def run_script(engine: RunningEngine, script: str, data: Path, timeout: float = 300) -> Any:
    """Runs SDK code on a file of data, in the file's folder; returns what it printed as JSON after RESULT.

    Args:
        script: Python source; the file is its first argument.
    """
    program = data.parent / "run.py"
    program.write_text(script)
    done = subprocess.run(
        [sys.executable, str(program), str(data)],
        env=engine.environment(),
        cwd=data.parent,
        capture_output=True,
        text=True,
        timeout=timeout,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-4000:]
    return json.loads(next(line for line in done.stdout.splitlines() if line.startswith("RESULT"))[6:])
