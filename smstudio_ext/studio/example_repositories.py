"""Example notebooks of a Git repository: a copy without files, of which each is fetched when somebody looks at it."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

from smstudio_ext.studio.problems import BadInput, Missing, StudioProblem, Unreachable

LIST_SECONDS = 180.0
_READ_SECONDS = 60.0
# Nothing that a repository, or somebody's configuration for it, names is run; nobody is asked for a password.
_SAFE = ("-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null", "-c", "protocol.ext.allow=never")
_CLONE = (
    "clone",
    "--bare",
    "--depth=1",
    "--filter=blob:none",
    "--single-branch",
    "--no-tags",
    "--quiet",
)
_ADDRESS = re.compile(r"(https?|ssh|git|file)://[^\s]+|[\w.-]+@[\w.-]+:[^\s]+|/[^\n]*")
_AWAY = re.compile(
    r"could not resolve|couldn't resolve|unable to connect|failed to connect|connection (refused|timed out|reset)|"
    r"network is unreachable|no route to host|operation timed out|could not resolve proxy",
    re.IGNORECASE,
)
_CLOSED = re.compile(
    r"could not read (username|password)|authentication failed|permission denied|not found|does not (exist|appear)|"
    r"403|401|terminal prompts disabled",
    re.IGNORECASE,
)


def check_address(address: str) -> None:
    """Sees that an address can be a repository's, and carries no password.

    Raises:
        BadInput: it does not.
    """
    problem = None
    if not _ADDRESS.fullmatch(address):
        problem = (
            "Give the address of a Git repository, such as https://github.com/aws/amazon-sagemaker-examples.git, or an S3 "
            "location, such as s3://bucket/notebooks/."
        )
    elif re.match(r"https?://[^/]*@", address):
        problem = "Leave name, password and token out of the address; Git's credential helper knows them."
    if problem:
        raise BadInput(problem, fields=[("address", problem)])


def fetch_repository(address: str, branch: str | None, folder: Path) -> list[str]:
    """Makes a repository without files in a new folder.

    Args:
        branch: or tag; the repository's own default branch for None.
        folder: is made; nothing of it stays when this fails.

    Returns:
        Paths of its notebooks, in the order of their names.

    Raises:
        StudioProblem: Git is not installed, the repository cannot be read, or has no such branch.
    """
    if shutil.which("git") is None:
        raise StudioProblem("Git is not installed on this machine.", hint="Install git, then try again.")
    chosen = ["--branch", branch] if branch else []
    try:
        _git(
            [*_CLONE, *chosen, "--", address, str(folder)],
            address,
            LIST_SECONDS,
        )
        listed = _git([f"--git-dir={folder}", "ls-tree", "-r", "-z", "--name-only", "HEAD"], address, 30.0)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    names = listed.decode("utf-8", "replace").split("\0")
    return sorted(name for name in names if name.endswith(".ipynb") and ".ipynb_checkpoints/" not in name)


def read_file(folder: Path, address: str, path: str) -> bytes:
    """A file of a repository, fetched when it is not here yet.

    Raises:
        StudioProblem: it cannot be fetched now.
    """
    return _git([f"--git-dir={folder}", "cat-file", "blob", f"HEAD:{path}"], address, _READ_SECONDS)


def _git(arguments: list[str], address: str, seconds: float) -> bytes:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    environment |= {
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_SSH_COMMAND": "ssh -o BatchMode=yes",
        "GIT_OPTIONAL_LOCKS": "0",
        "LC_ALL": "C",
    }
    try:
        done = subprocess.run(
            ["git", *_SAFE, *arguments],
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=seconds,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise Unreachable(
            f"{address} did not answer within {seconds:.0f} seconds.", hint="Try again later."
        ) from None
    if done.returncode == 0:
        return done.stdout
    raise _problem(address, done.stderr.decode(errors="replace").strip())


def _problem(address: str, said: str) -> StudioProblem:
    last = said.splitlines()[-1].removeprefix("fatal: ") if said else "Git said nothing."
    if _AWAY.search(said):
        return Unreachable(
            f"{address} cannot be reached from here: {last}",
            hint="This machine may be offline, or need a proxy (variable https_proxy). The notebooks that come with the "
            "package need no network.",
        )
    if "remote branch" in said.lower():
        text = "The repository has no such branch or tag."
        return BadInput(text, fields=[("branch", text)])
    if _CLOSED.search(said):
        return Missing(
            f"There is no repository at {address}, or it is not open to you: {last}",
            hint="For a private one set up Git's credential helper or an SSH key in a terminal first.",
        )
    return StudioProblem(f"Git could not read {address}: {last}")
