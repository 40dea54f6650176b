"""The gallery's notebooks of magics, run as they are."""

from __future__ import annotations

import re
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

from smstudio_ext.magics.catalogue import names
from smstudio_ext.studio.examples import EXAMPLES_DIR
from tests.conftest import RunningEngine

NOTEBOOKS = sorted(EXAMPLES_DIR.glob("magics-*.ipynb"))


def test_every_magic_is_shown_in_a_notebook() -> None:
    known = names()
    cells = [cell for path in NOTEBOOKS for cell in nbformat.read(path, 4).cells if cell.cell_type == "code"]
    shown = {name for cell in cells for name in re.findall(r"^%%?(sm\w+)", cell.source, re.MULTILINE)}
    assert set(known["line"]) | set(known["cell"]) <= shown


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_the_notebook_runs(engine: RunningEngine, path: Path, tmp_path: Path) -> None:
    notebook = nbformat.read(path, 4)
    client = NotebookClient(
        notebook, timeout=560, kernel_name="python3", resources={"metadata": {"path": str(tmp_path)}}
    )
    client.execute(env={**engine.environment(), "IPYTHONDIR": str(tmp_path / "ipython")})
    assert not [
        cell for cell in notebook.cells for output in cell.get("outputs", []) if output.output_type == "error"
    ]
