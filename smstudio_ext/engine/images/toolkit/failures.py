"""Failures of user code in the words of AWS's training toolkit, and the file that tells them."""

from __future__ import annotations

import sys
from pathlib import Path

EXIT_CODE = 1


class UserError(Exception):
    """The user's code, or what it needs, is at fault; the message goes to `output/failure`."""


class CommandError(UserError):
    """A command of the user's failed.

    Args:
        kind: `ExecuteUserScriptError`, `InstallRequirementsError`, `InstallModuleError`, ...
        code: exit code.
        output: what it printed about its failure.
        command: the command line.
    """

    def __init__(self, kind: str, code: int, output: str, command: str) -> None:
        self.kind = kind
        self.code = code
        extra = 'ExtraInfo "OutOfMemory: Process killed by SIGKILL (signal 9)"\n' if code == 137 else ""
        super().__init__(f'{kind}:\nExitCode {code}\nErrorMessage "{output}"\n{extra}Command "{command}"')


class MissingFramework(UserError):
    """The image's framework is not installed on this machine."""

    def __init__(self, image: str, title: str, package: str, install: str) -> None:
        super().__init__(
            f"The image {image} runs {title} scripts with the {title} that is installed here, and the package "
            f"'{package}' is missing. Install it beside the engine: {install} (or name it in requirements.txt)."
        )


def write_failure(base: Path, message: str) -> None:
    """Writes `output/failure` unless the user's own code has."""
    place = base / "output" / "failure"
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        if not place.exists():
            place.write_text(message)
    except OSError as error:  # a full disk: the exit code still tells
        print(f"cannot write output/failure: {error}", file=sys.stderr)
