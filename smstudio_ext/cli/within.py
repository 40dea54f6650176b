"""`python -m smstudio_ext.cli.within PROGRAM ...`: becomes a kernel of any language, with the engine's variables."""

from __future__ import annotations

import os
import sys

from smstudio_ext.cli.kernel import Surroundings
from smstudio_ext.companion import hook


def main() -> None:
    """Prepares the environment, then replaces this process: signals go to the kernel itself."""
    if len(sys.argv) < 2:
        sys.exit("usage: python -m smstudio_ext.cli.within PROGRAM ARGUMENTS")
    command = sys.argv[1:]
    if command[0] in ("python", "python3"):
        command[0] = sys.executable  # as Jupyter reads it in kernelspecs
    os.environ.pop(hook.VERSION_1, None)
    surroundings = Surroundings()
    surroundings.prepare()
    if surroundings.notice:
        sys.stderr.write(f"smstudio: {surroundings.notice}\n")
    try:
        os.execvpe(command[0], command, os.environ)
    except OSError as error:
        sys.exit(f"smstudio: the kernel's program {command[0]} does not start: {error.strerror}")


if __name__ == "__main__":
    main()
