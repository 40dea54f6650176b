"""`smstudio kernel add | list | remove sdk3`: kernelspecs, environments that were cut off, and what it refuses."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections import namedtuple
from pathlib import Path
from typing import Any

import pytest
from jupyter_client.kernelspec import KernelSpecManager
from typer.testing import CliRunner, Result

from smstudio_ext.cli import environments, foreign
from smstudio_ext.cli.app import app
from smstudio_ext.companion import foreign_kernel
from smstudio_ext.engine.server import lifecycle
from smstudio_ext.notebooks.kernelspecs import KERNELS_DIR, SDK3, SDK3_PACKAGES, offer_kernels


@pytest.fixture(autouse=True)
def places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JUPYTER_DATA_DIR", str(tmp_path / "jupyter"))
    monkeypatch.setenv("SMSTUDIO_HOME", str(tmp_path / "home"))
    monkeypatch.setattr(sys, "prefix", str(tmp_path / "prefix"))


@pytest.fixture
def spec(tmp_path: Path) -> Path:
    return tmp_path / "jupyter" / "kernels" / SDK3


def smstudio(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["kernel", *arguments])


def python_with(folder: Path, **packages: str) -> Path:
    """A real environment whose packages are just their metadata."""
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(folder)], check=True)
    (site,) = folder.glob("lib/python*/site-packages")
    for name, version in packages.items():
        info = site / f"{name}-{version}.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
    return folder / "bin" / "python"


@pytest.fixture
def uv(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A program in uv's place, which makes an environment of metadata and obeys `uv-fails`: what it says, then its code."""
    program = tmp_path / "uv"
    program.write_text(
        f"""#!{sys.executable}
import pathlib, subprocess, sys
here = pathlib.Path(__file__).parent
with (here / "uv-calls").open("a") as calls:
    calls.write(sys.argv[1] + "\\n")
if sys.argv[1] == "venv":
    subprocess.run([{sys.executable!r}, "-m", "venv", "--without-pip", sys.argv[-1]], check=True)
    sys.exit()
fails = here / "uv-fails"
if fails.exists():
    sys.exit(fails.read_text())
site, = pathlib.Path(sys.argv[4]).parents[1].glob("lib/python*/site-packages")
for name, version in (("sagemaker", "3.27.0"), ("ipykernel", "7.0")):
    (site / (name + "-" + version + ".dist-info")).mkdir()
    (site / (name + "-" + version + ".dist-info") / "METADATA").write_text("Name: " + name + "\\nVersion: " + version + "\\n")
print("Installed 2 packages", file=sys.stderr)
"""
    )
    program.chmod(0o755)
    monkeypatch.setattr("smstudio_ext.engine.images.toolkit.requirements.find_uv", lambda: str(program))
    return program


# ---- the kernelspec ----


def test_it_is_offered_when_it_was_added_and_only_then(tmp_path: Path, spec: Path) -> None:
    def offered() -> dict[str, str]:
        manager = KernelSpecManager(kernel_dirs=[str(spec.parent)], ensure_native_kernel=False)
        offer_kernels(manager)
        found: dict[str, str] = manager.find_kernel_specs()
        return found

    assert SDK3 not in offered()
    assert "sdk3: not added" in smstudio("list").output
    python = python_with(tmp_path / "env", sagemaker="3.27.0", ipykernel="7.0")

    assert smstudio("add", "sdk3", "--python", str(python)).exit_code == 0

    assert offered()[SDK3] == str(spec)
    found = KernelSpecManager(kernel_dirs=[str(spec.parent)]).get_kernel_spec(SDK3)
    assert found.display_name == "Python 3 (SageMaker SDK v3)"
    assert found.language == "python"
    assert found.argv == [
        sys.executable,
        "-m",
        "smstudio_ext.cli.foreign",
        str(python),
        "-f",
        "{connection_file}",
    ]
    assert {path.name for path in spec.iterdir()} == {
        "kernel.json",
        "logo-32x32.png",
        "logo-64x64.png",
        "logo-svg.svg",
    }
    assert f"{SDK3}: Python 3 (SageMaker SDK v3), ready" in smstudio("list").output

    assert smstudio("remove", "sdk3").exit_code == 0
    assert SDK3 not in offered()
    assert python.exists()
    assert smstudio("remove", "sdk3").exit_code == 1


def test_it_can_be_offered_to_one_jupyter_alone(tmp_path: Path, spec: Path) -> None:
    python = python_with(tmp_path / "env", sagemaker="3.27.0", ipykernel="7.0")
    assert smstudio("add", "sdk3", "--python", str(python), "--sys-prefix").exit_code == 0
    assert not spec.exists()
    (row,) = [row for row in json.loads(smstudio("list", "--json").output) if row["kernel"] == "sdk3"]
    assert row["kernelspec"] == str(tmp_path / "prefix" / "share" / "jupyter" / "kernels" / SDK3)
    assert row["state"] == "ready"
    assert smstudio("remove", "sdk3").exit_code == 0
    assert not Path(row["kernelspec"]).exists()


def test_a_kernel_of_anothers_is_left_alone(tmp_path: Path, spec: Path) -> None:
    spec.mkdir(parents=True)
    (spec / "kernel.json").write_text('{"argv": ["mine"], "display_name": "Mine", "language": "python"}')
    python = python_with(tmp_path / "env", sagemaker="3.27.0", ipykernel="7.0")
    added = smstudio("add", "sdk3", "--python", str(python))
    assert (added.exit_code, "did not write" in added.output) == (1, True)
    assert smstudio("remove", "sdk3").exit_code == 1
    assert "mine" in (spec / "kernel.json").read_text()


def test_a_kernelspec_whose_writing_was_cut_off_is_none_and_is_written_anew(
    tmp_path: Path, spec: Path
) -> None:
    spec.mkdir(parents=True)
    (spec / "logo-svg.svg").write_text("<svg")
    assert "sdk3: not added" in smstudio("list").output
    python = python_with(tmp_path / "env", sagemaker="3.27.0", ipykernel="7.0")
    assert smstudio("add", "sdk3", "--python", str(python)).exit_code == 0
    assert (spec / "logo-svg.svg").read_text().endswith("</svg>\n")


def test_the_list_says_what_keeps_it_from_starting(tmp_path: Path) -> None:
    python = python_with(tmp_path / "env", sagemaker="3.27.0", ipykernel="7.0")
    smstudio("add", "sdk3", "--python", str(python))
    shutil.rmtree(tmp_path / "env")
    assert "broken: its interpreter is gone; run smstudio kernel add sdk3 again" in smstudio("list").output


# ---- bad input ----


def test_interpreters_that_cannot_be_the_kernel_are_refused(tmp_path: Path, spec: Path) -> None:
    plain = python_with(tmp_path / "plain")
    second = python_with(tmp_path / "second", sagemaker="2.257.0", ipykernel="7.0")
    bare = python_with(tmp_path / "bare", sagemaker="3.27.0")
    text = tmp_path / "text"
    text.write_text("no program")
    program = tmp_path / "program"
    program.write_text("#!/bin/sh\necho sorry >&2\n")
    program.chmod(0o755)
    for python, message in (
        (plain, "does not have the SageMaker SDK. Install it there: uv pip install -p"),
        (second, "has version 2.257.0 of the SageMaker SDK, not version 3"),
        (bare, "does not have ipykernel. Install it there"),
        (tmp_path / "plain", "is a folder. Name its interpreter"),
        (tmp_path / "none", "There is no interpreter"),
        (text, "may not be executed"),
        (program, "does not run as a Python interpreter: sorry"),
    ):
        refused = smstudio("add", "sdk3", "--python", str(python))
        assert refused.exit_code == 1
        assert message in refused.output
    assert not spec.exists()


def test_other_kernels_and_contradictions_are_refused(tmp_path: Path) -> None:
    for command in ("add", "remove"):
        refused = smstudio(command, "sdk4")
        assert refused.exit_code == 2
        assert "There is no kernel 'sdk4'" in refused.output
    refused = smstudio("add", "sdk3", "--env", str(tmp_path / "e"), "--python", sys.executable)
    assert (refused.exit_code, "one of them" in refused.output) == (1, True)


# ---- the environment ----


def test_the_environment_is_made_once_and_removed_with_the_kernel(
    tmp_path: Path, uv: Path, spec: Path
) -> None:
    folder = tmp_path / "home" / "kernels" / "sdk3"
    added = smstudio("add", "sdk3")
    assert added.exit_code == 0, added.output
    assert "Installed 2 packages" in added.output
    assert json.loads((spec / "kernel.json").read_text())["argv"][3] == str(folder / "bin" / "python")

    again = smstudio("add", "sdk3")
    assert "is there already" in again.output
    assert (tmp_path / "uv-calls").read_text().split() == ["venv", "pip"]

    assert str(folder) in smstudio("remove", "sdk3").output
    assert not folder.exists()
    assert not spec.exists()


@pytest.mark.parametrize(
    "marker",
    [
        json.dumps({"state": "making"}),
        "",
        json.dumps({"state": "ready", "packages": "sagemaker==3.1.0"}),
        json.dumps({"state": "ready", "packages": SDK3_PACKAGES.read_text()}),  # and its Python is gone
    ],
)
def test_an_environment_that_is_not_whole_is_made_anew(tmp_path: Path, uv: Path, marker: str) -> None:
    folder = tmp_path / "my-env"
    folder.mkdir()
    (folder / environments.MARKER).write_text(marker)
    (folder / "half").touch()
    assert smstudio("add", "sdk3", "--env", str(folder)).exit_code == 0
    assert not (folder / "half").exists()
    assert environments.is_ready(folder)


def test_what_jupyterlab_lacks_for_live_logs_is_told(
    tmp_path: Path, uv: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for found, told in ((None, True), (object(), False)):
        monkeypatch.setattr("smstudio_ext.cli.kernels.find_spec", lambda name, found=found: found)
        assert ("pip install jupyterlab_widgets" in smstudio("add", "sdk3").output) == told


def test_a_kernel_is_broken_while_its_environment_is_not_whole(tmp_path: Path, uv: Path) -> None:
    folder = tmp_path / "my-env"
    smstudio("add", "sdk3", "--env", str(folder))
    (folder / environments.MARKER).write_text('{"state": "making"}')
    assert "broken: its environment is not whole" in smstudio("list").output


def test_an_environment_elsewhere_is_named_when_the_kernel_moves(tmp_path: Path, uv: Path) -> None:
    smstudio("add", "sdk3", "--env", str(tmp_path / "one"))
    moved = smstudio("add", "sdk3", "--env", str(tmp_path / "two"))
    assert f"{tmp_path / 'one'} is not used any more" in moved.output
    assert (tmp_path / "one").exists()


@pytest.mark.parametrize(
    ("said", "advice"),
    [
        ("error: Failed to fetch: https://index\n  cause: dns error", "look at the network"),
        ("Packages were unavailable because the network was disabled.", "look at the network"),
        ("error: failed to write\n  cause: No space left on device (os error 28)", "The disk is full"),
        ("error: No solution found", "Its exit code is 1; what it said is above."),
    ],
)
def test_what_uv_fails_with_is_told_and_nothing_stays(
    tmp_path: Path, uv: Path, spec: Path, said: str, advice: str
) -> None:
    (tmp_path / "uv-fails").write_text(said)
    refused = smstudio("add", "sdk3", "--env", str(tmp_path / "env"))
    assert refused.exit_code == 1
    assert said.splitlines()[0] in refused.output
    assert advice in refused.output
    assert not (tmp_path / "env").exists()
    assert not spec.exists()


def test_a_folder_of_the_users_is_not_touched(tmp_path: Path, uv: Path) -> None:
    folder = tmp_path / "mine"
    folder.mkdir()
    (folder / "thesis.txt").write_text("x")
    refused = smstudio("add", "sdk3", "--env", str(folder))
    assert (refused.exit_code, "was not made by this command" in refused.output) == (1, True)
    assert (folder / "thesis.txt").read_text() == "x"


def test_without_uv_without_room_or_without_a_writable_folder_it_says_what_to_do(
    tmp_path: Path, uv: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = namedtuple("usage", "total used free")
    with monkeypatch.context() as patch:
        patch.setattr(shutil, "disk_usage", lambda path: usage(10**12, 10**12, 5 * 10**6))
        refused = smstudio("add", "sdk3")
    assert refused.exit_code == 1
    assert "5 MB free" in refused.output
    (tmp_path / "file").touch()
    refused = smstudio("add", "sdk3", "--env", str(tmp_path / "file" / "env"))
    assert (refused.exit_code, "cannot be written" in refused.output) == (1, True)
    monkeypatch.undo()
    monkeypatch.setenv("SMSTUDIO_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("PATH", str(tmp_path / "empty"))
    monkeypatch.setitem(sys.modules, "uv", None)
    refused = smstudio("add", "sdk3")
    assert (refused.exit_code, "pip install uv" in refused.output) == (1, True)


# ---- the launcher ----


def test_the_kernels_programs_and_packages_are_those_of_its_interpreter(tmp_path: Path) -> None:
    python = python_with(tmp_path / "env")
    root = str(Path(foreign.__file__).resolve().parents[2])
    site = next(path for path in sys.path if path.endswith("site-packages"))
    environment = {
        "PATH": "/usr/bin",
        "VIRTUAL_ENV": "/another",
        "PYTHONHOME": "/another",
        "PYTHONPATH": os.pathsep.join(["/hook", root, site, "/mine"]),
    }
    foreign.enter(str(python), environment)
    assert environment == {
        "PATH": f"{tmp_path / 'env' / 'bin'}:/usr/bin",
        "VIRTUAL_ENV": str(tmp_path / "env"),
        "PYTHONPATH": "/hook:/mine",
    }


def test_a_kernel_whose_interpreter_is_gone_says_how_to_mend_it(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "smstudio_ext.cli.foreign", str(tmp_path / "gone"), "-f", "x"],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 1
    assert "smstudio kernel add sdk3" in done.stderr
    assert not (tmp_path / "home").exists(), "no engine is started for it"


def test_the_kernel_follows_its_engine(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    environment: dict[str, str] = {
        foreign.NOTICE: "The local engine did not start.",
        "AWS_PROFILE": "work",
        "PYTHONPATH": "/mine",
    }
    follower = foreign_kernel.Follower(str(tmp_path), environment)
    follower.before_cell()
    assert "did not start" in capsys.readouterr().err
    assert environment == {"AWS_PROFILE": "work", "PYTHONPATH": "/mine"}

    content: dict[str, Any] = {
        "url": "http://127.0.0.1:1",
        "access_key": "A",
        "secret_key": "S",
        "region": "r",
    }
    (tmp_path / "engine.json").write_text(json.dumps(content))
    follower.before_cell()
    assert capsys.readouterr().err == ""
    assert environment["AWS_ENDPOINT_URL"] == "http://127.0.0.1:1"
    assert "AWS_PROFILE" not in environment
    companion = Path(foreign_kernel.__file__).parent
    assert environment["PYTHONPATH"] == f"{companion / 'path'}:/mine"
    assert Path(environment["SAGEMAKER_USER_CONFIG_OVERRIDE"]).is_file()

    (tmp_path / "engine.json").write_text(json.dumps({**content, "url": "http://127.0.0.1:2"}))
    follower.before_cell()
    follower.before_cell()
    assert capsys.readouterr().err.count("http://127.0.0.1:2") == 1


def test_the_foreign_side_and_the_launcher_agree() -> None:
    assert foreign_kernel.NOTICE == foreign.NOTICE
    assert foreign_kernel.BASE_PYTHON == lifecycle.BASE_PYTHON
    assert foreign.KERNEL.samefile(foreign_kernel.__file__)
    assert not (KERNELS_DIR / SDK3).exists()
