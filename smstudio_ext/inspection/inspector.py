"""Inspects a model archive: unpacks it, and lets a process of its own look at the files."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path

from smstudio_ext.inspection.archive import ArchiveError, unpack
from smstudio_ext.inspection.report import Report

SECONDS = 120.0


def inspect_archive(archive: Path, source: str = "") -> Report:
    """What is in a model archive, and how to load it.

    Nothing in the archive is run: pickles are read with inert stand-ins, and everything that parses bytes of the archive does so
    in a process with limits on time and memory.

    Args:
        archive: model.tar.gz, or a bare model file.
        source: what the report calls it; the path by default.

    Raises:
        ArchiveError: no archive, or one that must not be opened.
    """
    with tempfile.TemporaryDirectory(prefix="smstudio-inspect-") as folder:
        files = unpack(archive, Path(folder))
        command = [sys.executable, "-m", "smstudio_ext.inspection.worker", folder]
        try:
            done = subprocess.run(command, capture_output=True, timeout=SECONDS, check=False)
        except subprocess.TimeoutExpired as error:
            raise ArchiveError(f"Looking into the archive took more than {SECONDS:.0f} s.") from error
        if done.returncode != 0:
            lines = done.stderr.decode(errors="replace").strip().splitlines()
            raise ArchiveError(
                f"The process that looked into the archive ended with code {done.returncode}"
                f"{': ' + lines[-1] if lines else ''}. A file of it is damaged, or larger than this machine's memory."
            )
        found = json.loads(done.stdout)
        if not found["models"] and list(files) == [archive.name]:
            raise ArchiveError(
                f"'{archive.name}' is no gzipped tar archive (model.tar.gz), and no model file of a format known here."
            )
        return Report.from_dict({"source": source or str(archive), "files": files, **found})
