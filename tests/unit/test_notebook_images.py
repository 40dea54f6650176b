"""Images of notebooks: names of the real Studio, builds that fail and are cancelled, conda's files, found kernels."""

from __future__ import annotations

import asyncio
import json
import logging
import socket
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from smstudio_ext.notebooks import launching
from smstudio_ext.notebooks.home import environments_dir, notebooks_dir, write_json
from smstudio_ext.notebooks.images import building, catalogue, environments, names, specs
from smstudio_ext.notebooks.images.condafile import BadFile, translate
from smstudio_ext.notebooks.images.java import lack
from tests.conftest import eventually

ARN = "arn:aws:sagemaker:us-east-1:081325390199:"


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SMSTUDIO_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("SMSTUDIO_ENVIRONMENTS", str(tmp_path / "environments"))
    monkeypatch.setenv("JUPYTER_DATA_DIR", str(tmp_path / "jupyter"))
    monkeypatch.setenv("JUPYTER_PATH", "")
    for name in ("PIP_INDEX_URL", "PIP_FIND_LINKS", "UV_DEFAULT_INDEX", "UV_INDEX_URL", "UV_FIND_LINKS"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


@pytest.mark.parametrize(
    ("said", "kernel"),
    [
        (f"python3__SAGEMAKER_INTERNAL__{ARN}image/datascience-1.0", "python3-datascience-1.0"),
        (f"python3__SAGEMAKER_INTERNAL__{ARN}environment/datascience", "python3-datascience-1.0"),
        (f"python3__SAGEMAKER_INTERNAL__{ARN}image/sagemaker-data-science-310-v1", "python3-datascience-current"),
        (f"python3__SAGEMAKER_INTERNAL__{ARN}image/python-3.6", "python3-python-3.6"),
        (f"python3__SAGEMAKER_INTERNAL__{ARN}image/pytorch-1.8-cpu-py36", "python3-pytorch-2-cpu"),
        (f"python3__SAGEMAKER_INTERNAL__{ARN}image/pytorch-1.8-gpu-py36", "python3-pytorch-2-gpu"),
        (f"python3__SAGEMAKER_INTERNAL__{ARN}image/tensorflow-2.1-cpu-py36", "python3-tensorflow-2-cpu"),
        (f"conda-env-sm_glue_is-glue_pyspark__SAGEMAKER_INTERNAL__{ARN}image/sagemaker-sparkanalytics-310", "python3-sparkanalytics-1.0"),
        (f"pysparkkernel__SAGEMAKER_INTERNAL__{ARN}image/sagemaker-sparkmagic", "pyspark-sparkanalytics-1.0"),
        (f"python3__SAGEMAKER_INTERNAL__{ARN}image/mxnet-1.6-cpu-py36", None),
        ("python3__SAGEMAKER_INTERNAL__nonsense", None),
        ("python3", None),
    ],
    ids=lambda value: str(value).rsplit(":", 1)[-1][:40],
)  # fmt: skip
def test_kernels_of_the_real_studio_have_a_match(said: str, kernel: str | None) -> None:
    assert catalogue.kernel_matching(said) == kernel
    found = catalogue.matching(said)
    assert (found.kernels[0].name if found else None) in (kernel, "pyspark-sparkanalytics-1.0")
    if found and kernel == found.kernels[0].name:
        assert names.split_studio_name(names.studio_name("python3", f"{ARN}image/{found.id}")) == (
            "python3",
            found.id,
        )


def test_the_catalogue_tells_the_state_of_each_image() -> None:
    found = {each.id: each for each in catalogue.images()}
    assert found["python-3.6"].state == "built"
    assert found["datascience-1.0"].state == "unbuilt"
    assert found["pytorch-2-gpu"].gpu
    ids = list(found)
    assert ids[0] == catalogue.DEFAULT
    kernels = [kernel.name for each in found.values() for kernel in each.kernels]
    assert len(kernels) == len(set(kernels))


def test_a_build_that_fails_says_why_and_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    image = _own_image(tmp_path, "no-such-package-of-smstudio==9\n")
    monkeypatch.setenv("UV_OFFLINE", "1")
    monkeypatch.setenv("UV_CACHE_DIR", str(tmp_path / "cache"))
    started = building.start(image)
    assert started.state == "building"
    text, offset = building.log(image)
    assert text.startswith("Building Mine (mine)")
    ended = _ended(image)
    assert ended.state == "failed"
    assert ended.reason
    more, _ = building.log(image, offset)
    assert "The image was not built" in more
    described = catalogue.image(image)
    assert described is not None
    assert (described.state, described.reason) == ("failed", ended.reason)
    assert _left() == []
    assert building.start(image).state == "building"  # again
    assert _ended(image).state == "failed"


def test_the_default_image_runs_without_a_network_and_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("UV_OFFLINE", "1")
    monkeypatch.setenv("UV_CACHE_DIR", str(tmp_path / "cache"))
    image = asyncio.run(launching.ready_image("datascience-1.0", logging.getLogger("kernels")))
    assert image is not None
    assert image.state == "failed"
    environment: dict[str, str] = {}
    given = [sys.executable, "-m", "smstudio_ext.cli.kernel", "-f", "file"]
    assert launching.command("datascience-1.0", given, environment) == given
    assert "smstudio images build datascience-1.0" in environment[launching.NOTICE]
    with pytest.raises(RuntimeError, match="was not built"):
        asyncio.run(launching.ready_image("tensorflow-2-cpu", logging.getLogger("kernels")))


def test_a_build_is_cancelled_and_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, silent: str
) -> None:
    image = _own_image(tmp_path, "tabulate\n")
    monkeypatch.setenv("UV_DEFAULT_INDEX", silent)
    monkeypatch.setenv("UV_CACHE_DIR", str(tmp_path / "cache"))
    building.start(image)
    eventually(lambda: any(environments_dir().glob(".new-*")), what="the build's folder")
    assert building.start(image).state == "building"  # one at a time
    assert building.cancel(image)
    found = building.status(image)
    assert found is not None
    assert found.state == "cancelled"
    assert _left() == []
    described = catalogue.image(image)
    assert described is not None
    assert described.state == "unbuilt"
    assert not building.cancel(image)


def test_a_build_whose_process_was_killed_has_failed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, silent: str
) -> None:
    import os
    import signal

    image = _own_image(tmp_path, "tabulate\n")
    monkeypatch.setenv("UV_DEFAULT_INDEX", silent)
    monkeypatch.setenv("UV_CACHE_DIR", str(tmp_path / "cache"))
    building.start(image)
    pid = json.loads((environments_dir() / "builds" / "mine.json").read_text())["pid"]
    eventually(lambda: any(environments_dir().glob(".new-*")), what="the build's folder")
    os.killpg(pid, signal.SIGKILL)
    ended = _ended(image)
    assert (ended.state, bool(ended.reason)) == ("failed", True)
    building.sweep()
    assert _left() == []


def test_unknown_images_are_not_built() -> None:
    with pytest.raises(LookupError):
        building.start("nonsense")
    assert building.status("nonsense") is None
    assert building.log("nonsense") == ("", 0)


def test_an_own_environment_runs_as_it_is(tmp_path: Path) -> None:
    import sys

    _own("mine", str(Path(sys.prefix)))
    found = catalogue.image("mine")
    assert found is not None
    assert (found.state, found.source, found.kernels[0].name) == ("built", "own", "python3-mine")
    _own("mine", str(tmp_path / "gone"))
    found = catalogue.image("mine")
    assert found is not None
    assert found.state == "unavailable"
    assert "gone" in found.reason


def test_kernels_of_r_are_found_and_placed_by_a_kernelspec_of_their_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "path" / "kernels" / "ir"
    folder.mkdir(parents=True)
    given = {"argv": ["R", "--slave", "-e", "IRkernel::main()", "--args", "{connection_file}", "{resource_dir}"],
             "display_name": "R 4", "language": "R", "env": {"A": "1"}, "interrupt_mode": "message"}  # fmt: skip
    (folder / "kernel.json").write_text(json.dumps(given))
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path / "path"))
    found = catalogue.image("r-ir")
    assert found is not None
    assert (found.name, found.state) == ("R on this machine", "unbuilt")
    building.start("r-ir")
    assert _ended("r-ir").state == "built"
    written = json.loads((specs.kernels_folder() / "studio-r-ir" / "kernel.json").read_text())
    assert written["argv"] == ["python", "-m", "smstudio_ext.cli.within", *given["argv"][:-1], str(folder)]
    assert written["metadata"]["kernel_provisioner"]["provisioner_name"] == "smstudio-provisioner"
    assert (written["env"], written["interrupt_mode"]) == ({"A": "1"}, "message")
    found = catalogue.image("r-ir")
    assert found is not None
    assert found.state == "built"


def test_a_kernelspec_of_another_is_not_overwritten(tmp_path: Path) -> None:
    recipe = catalogue.recipe("pytorch-2-cpu")
    assert recipe is not None
    folder = specs.kernels_folder() / "python3-pytorch-2-cpu"
    folder.mkdir(parents=True)
    (folder / "kernel.json").write_text('{"argv": ["x"], "display_name": "Theirs", "metadata": {}}')
    assert specs.write_specs(recipe) == []
    assert specs.remove_specs(recipe) == []
    assert "Theirs" in (folder / "kernel.json").read_text()


def test_condas_file_becomes_lines_for_uv(tmp_path: Path) -> None:
    file = tmp_path / "environment.yml"
    file.write_text(
        "name: x\nchannels: [conda-forge]\ndependencies:\n  - python=3.11\n  - numpy=1.26=py311_0\n  - pandas >=2,<3\n"
        "  - conda-forge::pytorch\n  - scipy==1.17.1\n  - mkl\n  - pip\n  - pip:\n    - tabulate==0.9.0\n"
    )
    found = translate(file)
    assert found.python == "3.11"
    assert found.requirements == (
        "numpy==1.26.*",
        "pandas>=2,<3",
        "torch",
        "scipy==1.17.1",
        "tabulate==0.9.0",
    )
    assert found.left_out == ("mkl", "pip")
    for text in ("a: [", "[]", "dependencies: 5", "dependencies: ['!!']"):
        file.write_text(text)
        with pytest.raises(BadFile):
            translate(file)


def test_spark_says_which_java_it_needs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("JAVA_HOME", raising=False)
    assert "Java 17 or newer is not installed" in lack()
    program = tmp_path / "java"
    program.write_text("#!/bin/sh\necho 'openjdk version \"1.8.0_402\"' >&2\n")
    program.chmod(0o755)
    assert lack() == f"{program} is Java 8; Spark needs 17 or newer."


def test_an_environment_without_its_python_is_not_whole(tmp_path: Path) -> None:
    recipe = catalogue.recipe("datascience-1.0")
    assert recipe is not None
    folder = environments.folder_of(recipe)
    folder.mkdir(parents=True)
    environments.mark_whole(folder, recipe, {})
    assert environments.interpreter(recipe) is None


@pytest.fixture
def silent() -> Iterator[str]:
    """The address of an index that takes requests and never answers."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen(8)
        yield f"http://127.0.0.1:{listening.getsockname()[1]}/simple"


def _own_image(tmp_path: Path, requirements: str) -> str:
    (tmp_path / "requirements.txt").write_text(requirements)
    _own("mine", str(tmp_path / "requirements.txt"))
    return "mine"


def _own(image: str, source: str) -> None:
    """What the engine told of the domain's images last; no engine runs here."""
    said: dict[str, Any] = {
        "id": image,
        "name": "Mine",
        "description": "",
        "source": source,
        "status": "CREATED",
        "reason": "",
        "kernels": [["python3", "Python 3"]],
    }
    write_json(notebooks_dir() / "own-images.json", {"images": [said]})


def _ended(image: str) -> building.Build:
    def end() -> building.Build | None:
        found = building.status(image)
        return found if found is not None and found.state != "building" else None

    found = eventually(end, timeout=60, what="the build's end")
    assert found is not None
    return found


def _left() -> list[Path]:
    found = [*environments_dir().glob(".new-*"), *environments_dir().glob("mine-*/")]
    return [path for path in found if path.is_dir()]
