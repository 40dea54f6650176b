"""Runs a start-up script and keeps the engine's credentials out of what it prints. Started as a program; standard library only."""

from __future__ import annotations

import base64
import os
import re
import signal
import subprocess
import sys
import threading
from typing import IO
from urllib.parse import quote

_LONGEST = 64 * 1024
"""Bytes without a newline that are held back before they are printed."""
_OVERLAP = 512
"""Bytes kept of such a stretch, so that a secret that is cut there is still seen; longer than any form of one."""
_DRAIN_SECONDS = 2.0
MASK = b"********"


def main(script: str) -> int:
    """Runs the script by its own first line, or by `bash`; returns its exit code (128 and the number for a signal)."""
    # a handler instead of SIG_IGN, which the script would inherit: its last words are still written
    signal.signal(signal.SIGTERM, lambda _number, _frame: None)
    with open(script, "rb") as file:
        own = file.read(2) == b"#!"
    try:
        process = subprocess.Popen(
            [script] if own else ["bash", script],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
    except OSError as error:
        print(f"The script cannot be run: {error.strerror or error}", flush=True)
        return 127 if isinstance(error, FileNotFoundError) else 126
    assert process.stdout is not None
    reader = threading.Thread(target=copy, args=(process.stdout, secrets_of(dict(os.environ))), daemon=True)
    reader.start()
    code = process.wait()
    reader.join(_DRAIN_SECONDS)  # something that the script left behind may hold the pipe open
    return 128 - code if code < 0 else code


def secrets_of(environment: dict[str, str]) -> re.Pattern[bytes] | None:
    """What must not be printed, in the forms in which a script may print it; None when there is nothing."""
    forms: set[bytes] = set()
    for name in ("AWS_SECRET_ACCESS_KEY", "AWS_ACCESS_KEY_ID", "AWS_SESSION_TOKEN"):
        value = environment.get(name, "").encode()
        if len(value) < 8:
            continue
        forms |= {value, quote(value, safe="").encode(), value.hex().encode(), value.hex().upper().encode()}
        for shift in range(3):
            # within a longer text base64 comes in three alignments; letters that its neighbours share are left out
            coded = base64.b64encode(b"\0" * shift + value)
            forms.add(coded[-(-shift * 4 // 3) : (shift + len(value)) * 4 // 3])
    forms = {form for form in forms if len(form) >= 8}
    if not forms:
        return None
    return re.compile(b"|".join(re.escape(form) for form in sorted(forms, key=len, reverse=True)))


def copy(source: IO[bytes], secrets: re.Pattern[bytes] | None) -> None:
    """Prints what the script prints, with the secrets masked."""
    rest = b""
    while True:
        data = os.read(source.fileno(), 64 * 1024)
        rest += data
        if secrets is not None:
            rest = secrets.sub(MASK, rest)
        cut = len(rest) if not data else rest.rfind(b"\n") + 1
        if not cut and len(rest) > _LONGEST:
            cut = len(rest) - _OVERLAP
        if cut:
            sys.stdout.buffer.write(rest[:cut])
            sys.stdout.buffer.flush()
            rest = rest[cut:]
        if not data:
            return


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
