"""What a snapshot tells of a notebook's Git repository."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from smstudio_ext.studio.git_information import git_information, without_secrets

needs_git = pytest.mark.skipif(shutil.which("git") is None, reason="needs Git")


def git(folder: Path, *arguments: str) -> str:
    options = ("-c", "user.name=t", "-c", "user.email=t@example.com", "-c", "commit.gpgsign=false")
    done = subprocess.run(["git", *options, *arguments], cwd=folder, check=True, capture_output=True)
    return done.stdout.decode().strip()


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    root = tmp_path / "repository"
    (root / "deep").mkdir(parents=True)
    git(root, "init", "-q", "-b", "topic")
    (root / "deep" / "a b.ipynb").write_text("{}")
    git(root, "add", ".")
    git(root, "commit", "-q", "-m", "first")
    return root


@needs_git
def test_place_commit_and_state_are_told(repository: Path) -> None:
    git(repository, "remote", "add", "origin", "https://me:token@git.example.com/team/notebooks.git")
    notebook = repository / "deep" / "a b.ipynb"
    found = git_information(notebook)
    assert found is not None
    assert found.url == "https://git.example.com/team/notebooks.git"
    assert (found.branch, found.path, found.changed) == ("topic", "deep/a b.ipynb", False)
    assert found.commit == git(repository, "rev-parse", "HEAD")
    notebook.write_text("{ }")
    changed = git_information(notebook)
    assert changed is not None
    assert changed.changed


@needs_git
def test_a_file_that_is_in_no_commit_is_told(repository: Path) -> None:
    (repository / "new.ipynb").write_text("{}")
    found = git_information(repository / "new.ipynb")
    assert found is not None
    assert (found.url, found.changed) == (None, True)


@needs_git
def test_programs_that_a_repository_names_are_not_run(repository: Path, tmp_path: Path) -> None:
    mark = tmp_path / "ran"
    program = tmp_path / "program"
    program.write_text(f"#!/bin/sh\ntouch '{mark}'\ncat\n")
    program.chmod(0o755)
    (repository / ".gitattributes").write_text("*.ipynb filter=bad\n")
    for name in ("core.fsmonitor", "filter.bad.clean", "diff.external"):
        git(repository, "config", name, str(program))
    assert git_information(repository / "deep" / "a b.ipynb") is not None
    assert not mark.exists()


@needs_git
def test_folders_without_a_repository_have_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    (tmp_path / "a.ipynb").write_text("{}")
    assert git_information(tmp_path / "a.ipynb") is None


def test_addresses_lose_their_secrets() -> None:
    assert without_secrets("https://a:b@h.example:8443/x.git?token=1#2") == "https://h.example:8443/x.git"
    assert without_secrets("git@github.com:team/x.git") == "git@github.com:team/x.git"
    assert without_secrets("/srv/git/x.git") == "/srv/git/x.git"
