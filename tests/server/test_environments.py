"""The routes of notebooks' environments in a real Jupyter server, with real kernels and terminals."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.conftest import eventually

if TYPE_CHECKING:
    from tests.server.conftest import JupyterServer

IMAGE = "python-3.6"
KERNEL = "python3-python-3.6"


def _base(server: JupyterServer) -> str:
    return str(server.client.base_url).removesuffix("smstudio/api/")


def _environment_of(server: JupyterServer, **query: str) -> Any:
    return server.expect(200, "GET", "environments/of", params=query)


def test_the_offer_needs_no_engine(server: JupyterServer) -> None:
    offer = server.get("environments")
    assert offer["default"]["image"] == "datascience-1.0"
    states = {each["id"]: each["state"] for each in offer["images"]}
    assert states[IMAGE] == "built"
    types = server.get("environments/instance-types")
    assert types["items"][0]["name"] == "ml.t3.medium"
    assert types["prices"]["date"]


def test_a_chosen_instance_is_what_the_kernel_gets(server: JupyterServer) -> None:
    book = server.root / "environments" / "chosen.ipynb"
    book.parent.mkdir(exist_ok=True)
    book.write_text(json.dumps({"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}))
    path = "environments/chosen.ipynb"
    chosen = server.expect(
        200,
        "PUT",
        "environments/chosen",
        json={"path": path, "kernel": KERNEL, "instance_type": "ml.c5.large"},
    )
    assert chosen["instance_type"] == "ml.c5.large"
    session = server.expect(
        201,
        "POST",
        f"{_base(server)}api/sessions",
        json={"path": path, "name": book.name, "type": "notebook", "kernel": {"name": KERNEL}},
    )
    try:
        found = _environment_of(server, path=path, kernel_id=session["kernel"]["id"], kernel=KERNEL)
        assert found["placed"] is True
        assert (found["instance_type"], found["instance_text"]) == ("ml.c5.large", "2 vCPU + 4 GiB")
        assert found["kernel_text"] == "Python 3 (Base Python)"
        before = _environment_of(server, path="environments/other.ipynb", kernel=KERNEL)
        assert (before["placed"], before["instance_type"]) == (False, "ml.t3.medium")
    finally:
        assert server.client.delete(f"{_base(server)}api/sessions/{session['id']}").status_code == 204


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("PUT", "environments/chosen", {"path": "a.ipynb", "kernel": KERNEL, "instance_type": "ml.x"}, 400),
        ("PUT", "environments/chosen", {"path": "", "kernel": KERNEL}, 400),
        ("POST", "environments/images/not-there/build", None, 404),
        ("GET", "environments/images/not-there/build", None, 404),
        ("DELETE", f"environments/images/{IMAGE}/build", None, 409),
        ("POST", "environments/terminals", {"image": "not-there"}, 404),
        ("POST", "environments/terminals", {"image": IMAGE, "instance_type": "ml.x"}, 400),
        ("GET", "environments/startup-scripts/not-there", None, 404),
    ],
)
def test_bad_input(server: JupyterServer, method: str, path: str, body: Any, status: int) -> None:
    server.post("engine/start")
    server.fails(status, method, path, **({"json": body} if body is not None else {}))


def test_building_what_is_built_is_done_at_once(server: JupyterServer) -> None:
    build = server.expect(202, "POST", f"environments/images/{IMAGE}/build")
    assert build["state"] == "built"
    assert server.get(f"environments/images/{IMAGE}/build", after=0)["name"] == "Base Python"


def test_a_terminal_in_an_image_runs_on_its_instance(server: JupyterServer) -> None:
    server.post("engine/start")
    (server.root / "environments").mkdir(exist_ok=True)
    opened = server.post(
        "environments/terminals",
        {"image": IMAGE, "instance_type": "ml.t3.medium", "cwd": "environments"},
        status=201,
    )
    name = opened["name"]
    try:

        def listed() -> dict[str, Any] | None:
            terminals = server.get("running")["terminals"]
            return next((each for each in terminals if each["name"] == name and each["app"]), None)

        terminal: Any = eventually(listed, timeout=60, what="the terminal's app")
        assert terminal["instance_type"] == "ml.t3.medium"
        assert terminal["app"].startswith("python-3-6-ml-t3-medium-")
        shell = _shell_of(server)
        engine = json.loads((server.engine_dir / "engine.json").read_text())
        assert shell.environ()["AWS_ENDPOINT_URL"] == engine["url"]
        assert shell.environ()["SMSTUDIO_IMAGE"] == IMAGE
        assert shell.cwd() == str(server.root / "environments")
    finally:
        assert server.client.delete(f"{_base(server)}api/terminals/{name}").status_code == 204


def _shell_of(server: JupyterServer) -> Any:
    """The process of the newest terminal of a server."""
    import psutil

    shells = [
        each
        for each in psutil.Process(server.process.pid).children(recursive=True)
        if "SMSTUDIO_IMAGE" in _environment(each)
    ]
    return max(shells, key=lambda each: each.create_time())


def _environment(process: Any) -> dict[str, str]:
    import psutil

    try:
        found: dict[str, str] = process.environ()
    except psutil.Error:
        return {}
    return found
