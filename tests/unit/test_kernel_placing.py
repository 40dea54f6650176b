"""Placing of kernels: the choice of the instance type, the registry, what an instance grants, its control groups."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from smstudio_ext.notebooks import placing, wording
from smstudio_ext.notebooks.endings import Watch
from smstudio_ext.notebooks.instance_types import Machine
from smstudio_ext.notebooks.limits import GIB, Grant, Group, grant, group_name, instance_group
from tests.conftest import eventually

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SMSTUDIO_HOME", str(tmp_path / "home"))
    monkeypatch.delenv(placing.INSTANCE_TYPE, raising=False)
    monkeypatch.setattr(placing, "_choices", {})
    return tmp_path / "home"


@pytest.fixture
def program() -> Iterator[subprocess.Popen[bytes]]:
    started = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    yield started
    started.kill()
    started.wait()


@pytest.fixture
def group() -> Iterator[Group]:
    made = instance_group(group_name(f"smstudio-00000000-ml-test-{os.getpid()}"))
    if "memory" not in made.folders or "pids" not in made.folders:
        made.remove()
        pytest.skip("no control group can be made here")
    yield made
    made.kill()
    made.remove()


def test_a_choice_goes_before_the_notebook_and_the_notebook_before_the_default(tmp_path: Path) -> None:
    notebook = tmp_path / "work" / "a.ipynb"
    notebook.parent.mkdir()
    assert placing.wanted(str(notebook), gpu=False).instance_type == "ml.t3.medium"
    assert placing.wanted("", gpu=True).instance_type == "ml.g4dn.xlarge"
    notebook.write_text(json.dumps({"metadata": {"instance_type": "ml.c5.xlarge"}}))
    assert placing.wanted(str(notebook), gpu=False).instance_type == "ml.c5.xlarge"
    placing.choose("work/a.ipynb", "ml.m5.large", lifecycle_config_arn="arn:aws:x")
    assert placing.wanted(str(notebook), gpu=False) == placing.Choice("ml.m5.large", "arn:aws:x")
    placing.forget_choice("work/a.ipynb")
    assert placing.wanted(str(notebook), gpu=False).instance_type == "ml.c5.xlarge"
    with pytest.raises(LookupError):
        placing.choose("work/a.ipynb", "ml.huge")


@pytest.mark.parametrize(
    "content",
    [
        "",
        "[]",
        '{"metadata": []}',
        '{"metadata": {"instance_type": 5}}',
        '{"metadata": {"instance_type": "x"}}',
    ],
)
def test_a_notebook_that_says_nothing_useful_gets_the_default(tmp_path: Path, content: str) -> None:
    (tmp_path / "a.ipynb").write_text(content)
    assert placing.wanted(str(tmp_path / "a.ipynb"), gpu=False).instance_type == "ml.t3.medium"


def test_the_registry_forgets_kernels_that_ended(home: Path, program: subprocess.Popen[bytes]) -> None:
    placing.record(_placement("k1", program.pid))
    assert [each.kernel_id for each in placing.placements()] == ["k1"]
    placing.note_app("k1", "app-1", "d-1", "me")
    found = placing.placement("k1")
    assert found is not None
    assert (found.app_name, found.domain_id, found.user_profile) == ("app-1", "d-1", "me")
    # Another process has the number by now: it was born at another time.
    file = home / "notebooks" / "placements" / "k1.json"
    file.write_text(json.dumps({**json.loads(file.read_text()), "born": 1.0}))
    assert placing.placements() == []
    assert not file.exists()
    placing.record(_placement("k2", program.pid))
    program.kill()
    program.wait()
    assert placing.placements() == []
    (home / "notebooks" / "placements" / "half.json").write_text('{"kernel_id"')
    assert placing.placements() == []


def test_an_instance_is_capped_by_the_machine() -> None:
    small = Machine(vcpus=2, memory_gib=8, gpus=0)
    assert grant("ml.t3.medium", small) == Grant(2, 4 * GIB, 1024)
    assert grant("ml.g4dn.xlarge", small) == Grant(2, 8 * GIB, 1024, ("vcpu", "memory", "gpu"))
    with pytest.raises(LookupError):
        grant("ml.none", small)


def test_all_kernels_of_an_instance_share_its_group(group: Group, program: subprocess.Popen[bytes]) -> None:
    assert group.limit(vcpus=1.5, memory=GIB) >= {"memory"}
    first, second = group.child("k1"), group.child("k2")
    assert "pids" in first.limit(pids=50)
    assert "memory" in second.enter(program.pid)
    assert second.members() == [program.pid]
    assert first.members() == []
    assert (group.memory_used() or 0) >= 0
    assert second.processes() == 1
    second.kill()
    program.wait(120)
    eventually(lambda: not second.members(), what="the group's end")
    assert first.remove()
    assert second.remove()


def test_a_memory_bomb_is_ended_and_told(group: Group) -> None:
    group.limit(memory=64 * 2**20)
    own = group.child("k")
    watch = Watch("ml.t3.medium", Grant(2, 64 * 2**20, 100, ("memory",)), own)
    bomb = subprocess.Popen(
        [sys.executable, "-c", "input(); held = [b'x' * 2**22 for _ in range(64)]; input()"],
        stdin=subprocess.PIPE,
    )
    own.enter(bomb.pid)
    assert not watch.memory_used_up()
    assert bomb.stdin is not None
    bomb.stdin.write(b"\n")
    bomb.stdin.flush()
    assert bomb.wait(120) == -9
    assert watch.memory_used_up()
    assert (
        "ml.t3.medium was used up (0.0625 GiB, shared by all kernels on it; this machine has no more"
        in str(watch.memory_message())
    )
    own.remove()


def test_a_fork_bomb_is_seen_at_the_second_look(group: Group) -> None:
    own = group.child("k")
    own.limit(pids=20)
    watch = Watch("ml.t3.medium", Grant(2, GIB, 20), own)
    bomb = subprocess.Popen(
        [
            sys.executable,
            "-c",
            "import os, time\ninput()\nwhile True:\n    try:\n        os.fork()\n    except OSError:\n        pass",
        ],
        stdin=subprocess.PIPE,
        start_new_session=True,
    )
    own.enter(bomb.pid)
    assert not watch.crowded()
    assert bomb.stdin is not None
    bomb.stdin.write(b"\n")
    bomb.stdin.flush()
    eventually(watch.crowded, what="the second look at a full group")
    own.kill()
    bomb.wait(120)
    eventually(lambda: not own.members(), what="the end of all processes")
    assert "20 processes and threads" in str(watch.crowd_message())
    own.remove()


def _placement(kernel_id: str, pid: int) -> placing.Placement:
    return placing.Placement(
        kernel_id=kernel_id,
        pid=pid,
        app_name=None,
        image="python-3.6",
        instance_type="ml.t3.medium",
        cgroup=None,
        started=1.0,
        server=os.getpid(),
    )


@pytest.mark.parametrize("code", sorted(wording.TEXTS))
@pytest.mark.parametrize("locale", ["ja_JP", "ko_KR"])
def test_what_a_kernel_s_reader_is_told_is_translated(code: str, locale: str) -> None:
    said = wording.Said(code, ("ml.t3.medium", "<4>"))
    english, translated = str(said), said.in_language(locale)
    assert translated != english
    assert translated.isascii() is False
    for value in ("ml.t3.medium", "<4>"):
        assert (value in translated) == (value in english)
    assert "%" not in translated
    assert said.in_language("fr_FR") == english
    # What pages say is the same text: they translate by the same catalogue.
    assert wording.TEXTS[code] in (ROOT / "src/features/kernelends/messages.ts").read_text()


def test_the_language_of_lab_is_known() -> None:
    from jupyterlab_server.translation_utils import translator

    before = wording.lab_locale()
    translator.set_locale("ja_JP")
    try:
        assert wording.lab_locale() == "ja_JP"
    finally:
        translator.set_locale("en")
    assert before
