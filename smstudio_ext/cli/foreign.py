"""`python -m smstudio_ext.cli.foreign PYTHON ...`: becomes an IPython kernel of another interpreter, with the engine's variables."""

from __future__ import annotations

import os
import sys
from collections.abc import MutableMapping
from pathlib import Path

import smstudio_ext
from smstudio_ext.cli.kernel import NOTICE, Surroundings
from smstudio_ext.companion import hook

KERNEL = Path(hook.__file__).with_name("foreign_kernel.py")


def main() -> None:
    """Prepares the environment, then replaces this process: signals go to the kernel itself."""
    if len(sys.argv) < 2:
        sys.exit("usage: python -m smstudio_ext.cli.foreign PYTHON -f CONNECTION_FILE")
    python, *arguments = sys.argv[1:]
    if not os.access(python, os.X_OK):
        sys.exit(
            f"smstudio: the kernel's interpreter {python} is gone. Make it again: smstudio kernel add sdk3 "
            "(or remove the kernel: smstudio kernel remove sdk3)."
        )
    os.environ.pop(hook.VERSION_1, None)  # version 3 has none of version 1's names
    surroundings = Surroundings()
    surroundings.prepare()
    followed = ""
    if surroundings.follows:
        from smstudio_ext.engine.settings import default_data_dir

        followed = str(default_data_dir().absolute())
    if surroundings.notice:
        os.environ[NOTICE] = surroundings.notice
    enter(python, os.environ)
    os.execve(python, [python, str(KERNEL), followed, *arguments], os.environ)


def enter(python: str, environment: MutableMapping[str, str]) -> None:
    """Sets what makes programs that a cell starts (`!python`, `!pip`) those of the interpreter's environment."""
    binaries = Path(python).parent
    environment["PATH"] = os.pathsep.join([str(binaries), environment.get("PATH") or os.defpath])
    environment.pop("PYTHONHOME", None)
    environment.pop("VIRTUAL_ENV", None)
    if (binaries.parent / "pyvenv.cfg").exists():
        environment["VIRTUAL_ENV"] = str(binaries.parent)
    own = {os.path.abspath(path) for path in sys.path if path.endswith(("site-packages", "dist-packages"))}
    own.add(str(Path(smstudio_ext.__file__).resolve().parents[1]))
    # Packages of this interpreter (SDK v2 among them) are not for the other one.
    paths = [path for path in environment.get("PYTHONPATH", "").split(os.pathsep) if path]
    kept = [path for path in paths if os.path.abspath(path) not in own]
    if kept:
        environment["PYTHONPATH"] = os.pathsep.join(kept)
    else:
        environment.pop("PYTHONPATH", None)


if __name__ == "__main__":
    main()
