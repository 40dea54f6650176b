"""Copies what a program prints into a stamped log, with the engine's own secrets masked. Standard library only."""

from __future__ import annotations

import base64
import os
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import IO
from urllib.parse import quote

MASK = "****"
LONGEST_LINE = 256 * 1024


class StampedLog:
    """A log file of lines `<13 digits of epoch ms> <text>`, as `runtime.joblogs` reads them.

    Args:
        secrets: texts that never get into the log.
    """

    def __init__(self, path: Path, secrets: Sequence[str] = ()) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
        self._secrets = [form.encode() for secret in secrets if secret for form in _forms(secret)]

    def write(self, line: bytes) -> None:
        """Adds one line."""
        for secret in self._secrets:
            line = line.replace(secret, MASK.encode())
        stamped = b"%013d %b\n" % (int(time.time() * 1000), line.rstrip(b"\r\n"))
        try:
            os.write(self._descriptor, stamped)
        except OSError:
            pass  # a full disk costs log lines, not the instance

    def follow(self, stream: IO[bytes]) -> threading.Thread:
        """Copies a program's output until its end, in a thread of its own."""
        thread = threading.Thread(target=self._copy, args=(stream,), daemon=True)
        thread.start()
        return thread

    def _copy(self, stream: IO[bytes]) -> None:
        for line in iter(lambda: stream.readline(LONGEST_LINE), b""):
            self.write(line)


def _forms(secret: str) -> list[str]:
    """A secret as it stands, in an address, and in base64, wherever in a longer text it began there."""
    forms = [secret, quote(secret, safe="")]
    for before in range(3):
        padded = base64.b64encode(b"\0" * before + secret.encode()).decode().rstrip("=")
        # the first and last characters hold bits of what stands around the secret
        forms.append(padded[4 if before else 0 : -1])
    return sorted(set(forms), key=len, reverse=True)
