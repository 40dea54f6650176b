"""Parts of the toolkits by themselves: arguments, variables, content types, environments, entry points."""

from __future__ import annotations

import json
import multiprocessing
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from smstudio_ext.engine.images.contract import Launch
from smstudio_ext.engine.images.frameworks.launching import launch
from smstudio_ext.engine.images.registry import ImageRegistry
from smstudio_ext.engine.images.toolkit import content, requirements, xgboost_content
from smstudio_ext.engine.images.toolkit.defaults import DefaultInferenceHandler, SklearnHandler
from smstudio_ext.engine.images.toolkit.environment import Environment, to_cmd_args, to_env_vars
from smstudio_ext.engine.images.toolkit.failures import CommandError, UserError
from smstudio_ext.engine.images.toolkit.handlers import UserModel
from smstudio_ext.engine.images.toolkit.legacy import GenericInferenceToolkitError, Response
from smstudio_ext.engine.images.toolkit.sources import EntryPoint, entry_point_kind, fetch_source
from tests.unit.script_jobs import archive, make_wheel


def test_arguments_are_those_of_the_toolkit() -> None:
    given = {
        "b": True,
        "name": "x y",
        "a": None,
        "list": [1, "2"],
        "map": {"z": 1, "k": "v"},
        "raw": b"bytes",
    }
    assert to_cmd_args(given) == [
        *("-a", "", "-b", "True", "--list", "[1, '2']", "--map", "k=v,z=1", "--name", "x y", "--raw", "bytes")
    ]
    assert to_env_vars(
        {"hp_x-y": 1.5, "flag": False, "text": "t", "none": None, "m": {"b": 1, "a": [1]}}
    ) == {
        "SM_HP_X-Y": "1.5",
        "SM_FLAG": "false",
        "SM_TEXT": "t",
        "SM_NONE": "",
        "SM_M": '{"a":[1],"b":1}',
    }


def test_the_environment_knows_groups_and_distributions(tmp_path: Path) -> None:
    groups = [
        {"instance_group_name": "a", "instance_type": "ml.m5.large", "hosts": ["algo-1"]},
        {"instance_group_name": "b", "instance_type": "ml.m5.xlarge", "hosts": ["algo-2", "algo-3"]},
    ]
    resources = {
        "current_host": "algo-2",
        "current_group_name": "b",
        "hosts": ["algo-1", "algo-2", "algo-3"],
        "instance_groups": groups,
    }
    environment = Environment(
        resources,
        {},
        {"sagemaker_torch_distributed_enabled": True, "x": 1, "_tuning_objective_metric": "m"},
        base=tmp_path,
    )
    assert environment.distribution_hosts == ["algo-2", "algo-3"]
    assert environment.is_master
    assert environment["is_hetero"] is True
    assert dict(environment.hyperparameters) == {"x": 1}
    assert environment.to_env_vars()["SM_CURRENT_INSTANCE_GROUP_HOSTS"] == '["algo-2","algo-3"]'
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = environment.nothing
    with pytest.raises(KeyError, match="non property"):
        _ = environment["nothing"]


def test_entry_points_are_told_apart(tmp_path: Path) -> None:
    assert entry_point_kind(tmp_path, "a.py") is EntryPoint.PROGRAM
    assert entry_point_kind(tmp_path, "a.sh") is EntryPoint.COMMAND
    assert entry_point_kind(tmp_path, "binary") is EntryPoint.COMMAND
    (tmp_path / "setup.py").touch()
    assert entry_point_kind(tmp_path, "a.py") is EntryPoint.PACKAGE
    assert entry_point_kind(tmp_path, "a.sh") is EntryPoint.COMMAND


def test_sources_come_from_folders_files_and_archives(tmp_path: Path) -> None:
    folder = tmp_path / "source"
    folder.mkdir()
    (folder / "a.py").write_text("a")
    packed = tmp_path / "source.tar.gz"
    packed.write_bytes(archive({"sub/b.py": "b"}))
    for number, (uri, name) in enumerate(
        ((str(folder), "a.py"), (f"file://{packed}", "sub/b.py"), (str(folder / "a.py"), "a.py"))
    ):
        target = tmp_path / str(number)
        fetch_source(uri, target)
        assert [path.relative_to(target).as_posix() for path in target.rglob("*.py")] == [name]
        fetch_source("nowhere", target)  # what is there stays
    with pytest.raises(UserError, match="does not exist"):
        fetch_source("nowhere", tmp_path / "other")
    link = tmp_path / "link.tar.gz"
    link.write_bytes(archive({"../../up": "x"}))
    with pytest.raises(UserError, match=r"unsafe path '../../up'"):
        fetch_source(str(link), tmp_path / "unsafe")


def test_content_types_go_both_ways() -> None:
    import numpy as np

    table = np.array([[1.0, 2.5], [3.0, 4.0]])
    for kind in (content.CSV, content.JSON, content.NPY):
        assert content.decode(content.encode(table, kind), kind) == pytest.approx(table)
    assert content.encode(np.array([1, 2]), "text/csv; charset=utf-8") == "1\n2\n"
    assert content.encode({"a": np.int64(1)}, content.JSON) == '{"a": 1}'
    assert content.decode("a,1\nb,2", content.CSV).tolist() == [["a", "1"], ["b", "2"]]
    for function in (content.decode, content.encode):
        with pytest.raises(content.UnsupportedFormatError, match="image/png is not supported"):
            function(b"", "image/png")


def test_xgboost_requests_become_matrices() -> None:
    assert xgboost_content.decode("1,2,\n3,4,5\n", "text/csv").num_col() == 3
    assert xgboost_content.decode("1;2\n3;4", "text/csv").num_col() == 2
    assert xgboost_content.decode("7", "text/csv").num_row() == 1
    matrix = xgboost_content.decode(b"0 0:1 2:3\n1:5", "text/x-libsvm")
    assert (matrix.num_row(), matrix.num_col(), matrix.num_nonmissing()) == (2, 3, 3)
    with pytest.raises(content.UnsupportedFormatError):
        xgboost_content.decode(b"", "application/json")


def module(**functions: Any) -> Any:
    return SimpleNamespace(model_fn=lambda model_dir: "m", **functions)


@pytest.mark.parametrize(
    ("result", "answer"),
    [
        ("text", (200, "text/csv", b"text")),
        (b"raw", (200, "text/csv", b"raw")),
        (("x", "text/html"), (200, "text/html", b"x")),
        ({"a": 1}, (200, "text/csv", b'{"a": 1}')),
        (None, (200, "text/csv", b"")),
        (Response("{}", mimetype="application/json"), (200, "application/json", b"{}")),
        (Response("no", status=418, mimetype="text/plain"), (418, "text/plain", b"no")),
    ],
)
def test_functions_may_return_bodies_pairs_and_responses(result: Any, answer: tuple[int, str, bytes]) -> None:
    model = UserModel(
        module(transform_fn=lambda m, body, kind, accept: result), DefaultInferenceHandler(), "d"
    )
    got = model.answer(b"x", {"accept": "text/csv"})
    assert (got.status, got.content_type, got.body) == answer


def test_requests_have_defaults_and_functions_may_take_the_context(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[Any] = []

    def transform_fn(model: Any, body: Any, content_type: str, accept: str, context: Any) -> str:
        seen.append(
            (
                body,
                content_type,
                accept,
                context.get_request_header(0, "X-One"),
                context.system_properties["model_dir"],
            )
        )
        return ""

    model = UserModel(module(transform_fn=transform_fn), DefaultInferenceHandler(), "folder")
    model.answer(b"{}", {"x-one": "1"})
    monkeypatch.setenv("SAGEMAKER_DEFAULT_INVOCATIONS_ACCEPT", "text/csv")
    model.answer(b"\xff", {"content-type": "image/png", "accept": "*/*"})
    assert seen == [
        ("{}", "application/json", "application/json", "1", "folder"),
        (b"\xff", "image/png", "text/csv", None, "folder"),
    ]
    assert model.answer(b"\xff", {"content-type": "text/csv"}).status == 400


def test_errors_keep_the_status_that_they_name(capsys: pytest.CaptureFixture[str]) -> None:
    def predict_fn(data: Any, model: Any) -> Any:
        raise GenericInferenceToolkitError(422, "rows are missing")

    answer = UserModel(module(predict_fn=predict_fn), SklearnHandler(), "d").answer(b"[[1]]", {})
    assert (answer.status, answer.body) == (422, b"rows are missing")
    plain = UserModel(module(predict_fn=lambda data, model: data / model), SklearnHandler(), "d")
    answer = plain.answer(b"[[1]]", {})
    assert answer.status == 500
    assert answer.body.decode().splitlines()[0].split(":")[0] in (
        "TypeError",
        "UFuncTypeError",
        "_UFuncNoLoopError",
    )
    assert "Traceback" in capsys.readouterr().err


def test_every_framework_image_has_a_start(tmp_path: Path) -> None:
    registry = ImageRegistry(discover=False)
    for uri in (
        "246618743249.dkr.ecr.us-west-2.amazonaws.com/sagemaker-scikit-learn:0.20.0-cpu-py3",
        "763104351884.dkr.ecr.eu-west-1.amazonaws.com/pytorch-training:1.4.0-gpu-py36-cu101-ubuntu16.04",
        "520713654638.dkr.ecr.us-west-2.amazonaws.com/sagemaker-pytorch:1.0.0-cpu-py3",
        "763104351884.dkr.ecr.us-east-1.amazonaws.com/tensorflow-training:2.11-cpu-py39",
        "081325390199.dkr.ecr.us-east-1.amazonaws.com/sagemaker-base-python-310:1.0",
        "885854791233.dkr.ecr.us-east-1.amazonaws.com/sagemaker-distribution-prod:latest-cpu",
        "python:3.11-slim",
    ):
        image = registry.resolve(uri)
        assert image.starts_by_launch("train")
        command = launch(Launch("train", image, tmp_path, {}, tmp_path))
        assert command.entry
        assert json.dumps(dict(command.args))
    xgboost = registry.resolve("683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-xgboost:1.7-1")
    assert not xgboost.starts_by_launch("train")
    assert xgboost.starts_by_launch("train", script=True)
    assert xgboost.starts_by_launch("serve", script=True)
    assert xgboost.starts_by_launch("process", entrypoint=True)


@pytest.mark.parametrize(
    ("name", "own"), [("PYTHONPATH", True), ("OMP_NUM_THREADS", True), ("PYTHONUNBUFFERED", False)]
)
def test_variables_that_python_reads_at_its_start_ask_for_an_interpreter(
    tmp_path: Path, name: str, own: bool
) -> None:
    image = ImageRegistry(discover=False).resolve("python:3.11")
    assert launch(Launch("process", image, tmp_path, {name: "1"}, tmp_path)).args["own_interpreter"] is own


def _install(folder: str, cache: str, results: Any) -> None:
    made = requirements.environment_for(Path(folder) / "requirements.txt", Path(cache))
    results.put((str(made.site_packages), (made.site_packages / "smst_shared.py").exists()))


def test_jobs_that_start_together_share_one_environment(tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.mkdir()
    wheel = make_wheel(source, "smst_shared", "x = 1\n")
    (source / "requirements.txt").write_text(f"./{wheel.name}\n")
    context = multiprocessing.get_context("fork")
    results = context.Queue()
    workers = [
        context.Process(target=_install, args=(str(source), str(tmp_path / "cache"), results))
        for _ in range(3)
    ]
    for worker in workers:
        worker.start()
    found = {results.get(timeout=120) for _ in workers}
    for worker in workers:
        worker.join()
    assert len(found) == 1
    assert all(there for _, there in found)


def test_a_build_that_was_cut_off_is_never_used(tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.mkdir()
    wheel = make_wheel(source, "smst_shared", "x = 1\n")
    file = source / "requirements.txt"
    file.write_text(f"./{wheel.name}\n")
    first = requirements.environment_for(file, tmp_path / "cache")
    folder = first.site_packages.parents[2]
    (folder / requirements.READY).unlink()
    (first.site_packages / "smst_shared.py").unlink()
    (folder / "half").touch()
    del first
    again = requirements.environment_for(file, tmp_path / "cache")
    assert (again.site_packages / "smst_shared.py").exists()
    assert not (folder / "half").exists()
    wheel.write_bytes(make_wheel(tmp_path, "smst_shared", "x = 2\n").read_bytes())
    assert requirements.environment_for(file, tmp_path / "cache").site_packages != again.site_packages


def test_a_broken_requirement_leaves_nothing_behind(tmp_path: Path) -> None:
    file = tmp_path / "requirements.txt"
    file.write_text("this is no requirement !!\n")
    with pytest.raises(CommandError, match="InstallRequirementsError") as caught:
        requirements.environment_for(file, tmp_path / "cache")
    assert "this is no requirement" in str(caught.value)
    assert not list((tmp_path / "cache").rglob(requirements.READY))
