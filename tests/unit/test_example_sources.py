"""Example notebooks of Git repositories: real repositories, listed without their files, read, gone, away."""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
from pathlib import Path
from typing import Any

import pytest

from smstudio_ext.studio import example_repositories, example_sources, examples
from smstudio_ext.studio.models.examples import AddExampleSource
from smstudio_ext.studio.problems import BadInput, Missing, Unreachable

if shutil.which("git") is None:
    pytest.skip("needs Git", allow_module_level=True)


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SMSTUDIO_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("HOME", str(tmp_path))
    return tmp_path / "home"


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A repository with two notebooks, one of which claims to be trusted, and a branch with a third."""
    root = tmp_path / "work" / "notebooks"
    (root / "deep" / ".ipynb_checkpoints").mkdir(parents=True)
    (root / "first one.ipynb").write_text(_notebook("1"))
    (root / "deep" / "zweites-ü.ipynb").write_text(_notebook("2"))
    (root / "deep" / ".ipynb_checkpoints" / "zweites-checkpoint.ipynb").write_text("{}")
    (root / "README.md").write_text("read")
    _git(root, "init", "-q", "-b", "main")
    _commit(root, "first")
    _git(root, "checkout", "-q", "-b", "more")
    (root / "third.ipynb").write_text("no notebook")
    _commit(root, "second")
    _git(root, "checkout", "-q", "main")
    return root


def test_a_repository_is_listed_read_and_removed(repository: Path, home: Path) -> None:
    source = _add(str(repository))
    assert (source.kind, source.notebooks, source.listed, source.branch) == ("git", 2, 2, None)
    gallery = examples.list_examples()
    assert gallery.sources == [source]
    found = [each for each in gallery.items if each.source == source.id]
    assert [(each.description, each.title) for each in found] == [("deep", "zweites-ü"), ("", "first one")]
    view = examples.read_example(found[1].name, _no_target)
    assert view.example == found[1]
    assert view.notebook["cells"][0]["source"] == "1"
    assert "trusted" not in view.notebook["cells"][0]["metadata"]
    example_sources.remove_source(source.id)
    assert examples.list_examples().sources == []
    with pytest.raises(Missing):
        examples.read_example(found[1].name, _no_target)
    with pytest.raises(Missing):
        example_sources.remove_source(source.id)
    assert list((home / "notebooks" / "examples").iterdir()) == []


def test_a_repository_is_read_again_and_has_branches(repository: Path) -> None:
    first = _add(str(repository))
    (repository / "new.ipynb").write_text(_notebook("3"))
    _commit(repository, "third")
    again = _add(str(repository))
    assert (again.id, again.notebooks) == (first.id, 3)
    other = _add(str(repository), "more")
    assert other.id != first.id
    third = next(each for each in examples.list_examples().items if each.title == "third")
    with pytest.raises(Exception, match="no notebook of format 4"):
        examples.read_example(third.name, _no_target)
    with pytest.raises(BadInput, match="no such branch"):
        _add(str(repository), "nowhere")


def test_a_failed_reading_leaves_what_was_there(repository: Path, home: Path) -> None:
    source = _add(str(repository))
    moved = repository.with_name("moved")
    repository.rename(moved)
    with pytest.raises(Missing, match="no repository at"):
        _add(str(repository))
    assert examples.list_examples().sources == [source]
    assert [each.name for each in (home / "notebooks" / "examples").iterdir()] == [source.id]


@pytest.mark.parametrize(
    "address",
    [
        "ext::sh -c touch% /tmp/x",
        "--upload-pack=touch",
        "notebooks",
        "https://me:secret@example.org/a.git",
        " ",
    ],
    ids=["program", "option", "word", "password", "nothing"],
)
def test_what_is_no_address_is_refused(address: str) -> None:
    with pytest.raises(BadInput) as refused:
        _add(address)
    assert refused.value.fields[0][0] == "address"
    assert "secret" not in str(refused.value)


def test_without_a_network_it_says_so() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{unused.getsockname()[1]}/a.git"
        with pytest.raises(Unreachable, match="cannot be reached from here") as away:
            _add(address)
    assert "offline" in (away.value.hint or "")
    said = "fatal: unable to access 'https://x/': Could not resolve host: x"
    assert isinstance(example_repositories._problem("https://x", said), Unreachable)


def _add(address: str, branch: str | None = None) -> Any:
    return example_sources.add_source(_no_target, AddExampleSource(address=address, branch=branch))


def _no_target() -> Any:
    raise AssertionError("a repository needs no target")


def _notebook(source: str) -> str:
    cell: dict[str, Any] = {
        "cell_type": "code",
        "source": source,
        "metadata": {"trusted": True},
        "outputs": [],
        "execution_count": None,
    }
    return json.dumps({"nbformat": 4, "nbformat_minor": 4, "metadata": {}, "cells": [cell]})


def _commit(root: Path, text: str) -> None:
    _git(root, "add", "-A")
    _git(root, "-c", "user.name=a", "-c", "user.email=a@b", "commit", "-q", "-m", text)


def _git(root: Path, *arguments: str) -> None:
    subprocess.run(["git", *arguments], cwd=root, check=True, capture_output=True)
