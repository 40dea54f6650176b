"""Keeps what Jupyter and Studio note in a notebook's metadata out of nbdime's diffs of this server."""

from __future__ import annotations

import sys

NOTED = {
    "/metadata": ("instance_type", "gateway_resources", "kernelspec", "language_info"),
    "/cells/*/metadata": ("trusted",),
}
"""Path in a notebook -> keys that change with the environment, not with the work."""

_left_out = False


def leave_out_environment() -> None:
    """Has nbdime pass over the environment's own notes, once; nothing where its server extension is not loaded.

    They would head every diff after an environment was changed, and nbdime's page cannot draw some of them: it then
    shows nothing at all (a RangeError of its editor).
    """
    global _left_out
    loaded = sys.modules.get("nbdime.diffing.notebooks")
    if _left_out or loaded is None:
        return
    _left_out = True
    loaded.set_notebook_diff_ignores(NOTED)
