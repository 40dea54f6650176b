"""Tests of what nbdime's diffs leave out."""

from __future__ import annotations

import subprocess
import sys

import pytest

_PROGRAM = """
import nbformat.v4 as v4
from nbdime.diffing.notebooks import diff_notebooks
from smstudio_ext.notebooks.diffs import leave_out_environment

def book(source, **metadata):
    cell = v4.new_code_cell(source, id="one", metadata={"trusted": source == "2"})
    return v4.new_notebook(cells=[cell], metadata=metadata)

leave_out_environment()
leave_out_environment()
before = book("1", kernelspec={"name": "a", "display_name": "A"}, title="x")
after = book("2", kernelspec={"name": "b", "display_name": "B"}, instance_type="ml.t3.medium", language_info={"name": "python"}, title="y")
diff = diff_notebooks(before, after)
assert [each.key for each in diff] == ["cells", "metadata"], diff
assert [each.key for each in diff[1].diff] == ["title"], diff
assert [each.key for each in diff[0].diff[0].diff] == ["source"], diff
"""


def test_diffs_pass_over_the_environments_own_notes() -> None:
    pytest.importorskip("nbdime")
    subprocess.run([sys.executable, "-c", _PROGRAM], check=True)  # nbdime's settings are the process's
