"""Small programs that scripts written for AWS's notebook instances call by habit. Standard library only."""

from __future__ import annotations

import os
import shlex
from pathlib import Path

_SUDO = """#!/bin/sh
# Everything in a local notebook instance belongs to one user: the command is run as it stands.
while [ $# -gt 0 ]; do
  case "$1" in
    -u|-g|-U|-C|-h|-p|-r|-t|-T|-D) shift; [ $# -gt 0 ] && shift ;;
    --) shift; break ;;
    -*) shift ;;
    *=*) export "$1"; shift ;;
    *) break ;;
  esac
done
[ $# -eq 0 ] && exec /bin/bash
exec "$@"
"""

_ACTIVATE = """# There is one environment here: that of the machine's own Python, with packages of this instance before it.
export PATH={python}:"$PATH"
deactivate() {{ :; }}
"""


def make_shims(home: Path, scratch: Path, python: str) -> str:
    """Writes `sudo`, and `activate` where Anaconda would be; returns the folders to put before PATH.

    Args:
        home: home directory of the instance.
        scratch: folder that goes with the start.
        python: path of the interpreter.
    """
    programs = scratch / "bin"
    anaconda = home / "anaconda3" / "bin"
    for folder, name, text in (
        (programs, "sudo", _SUDO),
        (anaconda, "activate", _ACTIVATE.format(python=shlex.quote(os.path.dirname(python)))),
    ):
        folder.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
        (folder / name).chmod(0o755)
    return os.pathsep.join([str(programs), str(anaconda)])
