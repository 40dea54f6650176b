"""/opt/ml in a mount namespace: as this user, as an unprivileged one, and where it cannot be had."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from smstudio_ext.engine.runtime import sandbox

SYSTEM_PYTHON = "/usr/bin/python3"
PROGRAM = """
import os, sandbox, sys
from pathlib import Path
before = set(os.listdir("/opt"))
try:
    sandbox.bind_opt_ml(Path(sys.argv[1]))
except sandbox.SandboxUnavailable as reason:
    print("unavailable", reason)
    sys.exit(0)
Path("/opt/ml/made").write_text("here")
assert before - {"ml"} <= set(os.listdir("/opt")), "entries of /opt are gone"
print("bound", os.getuid())
os.execvp("sh", ["sh", "-c", "touch /opt/ml/after-exec && ls /opt/ml"])
"""


def run(directory: Path, python: str, user: int | None) -> subprocess.CompletedProcess[str]:
    """Binds `directory/job ml` in a process of its own, which has the sandbox module and nothing else."""
    directory.chmod(0o755)
    job = directory / "job ml"
    job.mkdir()
    job.chmod(0o777)
    directory.chmod(0o777)
    shutil.copy(sandbox.__file__, directory / "sandbox.py")
    command = [python, "-c", PROGRAM, str(job)]
    options = {} if user is None else {"user": user, "group": user, "extra_groups": []}
    return subprocess.run(command, cwd=directory, capture_output=True, text=True, check=False, **options)  # type: ignore[call-overload,no-any-return]


def check(directory: Path, done: subprocess.CompletedProcess[str]) -> None:
    if done.stdout.startswith("unavailable"):
        pytest.skip(f"this machine refuses namespaces: {done.stdout}")
    assert done.returncode == 0, done.stderr
    assert done.stdout.split()[-2:] == ["after-exec", "made"]
    assert (directory / "job ml" / "made").read_text() == "here"
    assert not Path("/opt/ml/made").exists()


@pytest.mark.skipif(sys.platform != "linux", reason="mount namespaces are Linux's")
def test_a_job_sees_its_folder_at_opt_ml_and_nobody_else_does(tmp_path: Path) -> None:
    check(tmp_path, run(tmp_path, sys.executable, None))


@pytest.mark.skipif(
    not (os.geteuid() == 0 and os.path.exists(SYSTEM_PYTHON)), reason="needs root to become nobody"
)
def test_an_unprivileged_user_needs_no_rights_for_it() -> None:
    with tempfile.TemporaryDirectory() as made:  # pytest's own folders are closed to others
        directory = Path(made)
        check(directory, run(directory, SYSTEM_PYTHON, 65534))


def test_where_there_are_no_namespaces_the_error_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")
    with pytest.raises(sandbox.SandboxUnavailable, match="do not exist on darwin"):
        sandbox.bind_opt_ml(tmp_path)
