"""What a snapshot says of the Git repository that a notebook lies in."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

from smstudio_ext.studio.models.snapshots import GitInformation

_SECONDS = 10.0
# Nothing that a repository's own configuration names is run.
_SAFE = ("-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null", "-c", "diff.external=")


def git_information(path: Path) -> GitInformation | None:
    """Where a file lies in its repository; None when it is in none, or Git is not installed."""
    if shutil.which("git") is None:
        return None
    root = _git(path.parent, "rev-parse", "--show-toplevel")
    if not root:
        return None
    inside = path.resolve().relative_to(Path(root).resolve()).as_posix()
    commit = _git(path.parent, "rev-parse", "--verify", "--quiet", "HEAD")
    branch = _git(path.parent, "symbolic-ref", "--quiet", "--short", "HEAD")
    url = _git(path.parent, "config", "--get", "remote.origin.url")
    return GitInformation(
        url=without_secrets(url) if url else None,
        branch=branch or None,
        commit=commit or None,
        path=inside,
        changed=not commit or _differs(path, commit, inside),
    )


def without_secrets(url: str) -> str:
    """A repository's address without name, password and token: `https://me:token@host/a.git` has them."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https", "ftp", "ftps"):
        return url
    host = parts.netloc.rpartition("@")[2]
    return urlunsplit((parts.scheme, host, parts.path, "", ""))


def _differs(path: Path, commit: str, inside: str) -> bool:
    """Whether the file's content is another than the commit's; by content, so that no index must be up to date."""
    committed = _git(path.parent, "rev-parse", "--verify", "--quiet", f"{commit}:{inside}")
    return committed != _git(path.parent, "hash-object", "--no-filters", str(path))


def _git(folder: Path, *arguments: str) -> str:
    """What Git answers, without the last line's end; empty when it says no."""
    try:
        done = subprocess.run(
            ["git", *_SAFE, *arguments],
            cwd=folder,
            env={**_plain_environment(), "GIT_OPTIONAL_LOCKS": "0", "GIT_TERMINAL_PROMPT": "0"},
            capture_output=True,
            timeout=_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.decode(errors="replace").strip() if done.returncode == 0 else ""


def _plain_environment() -> dict[str, str]:
    """Without variables that would have Git look at another repository than the file's."""
    return {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
