"""Gateways through a real Jupyter server with the extension: set up, offered, chosen, found again, shut down."""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import eventually
from tests.server.conftest import JupyterServer
from tests.server.gateway_stand import TOKEN, GatewayServer
from tests.server.test_placed_kernels import _run

KERNEL = "gateway-team-python3"


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[GatewayServer]:
    running = GatewayServer(tmp_path_factory.mktemp("gateway") / "home")
    yield running
    running.close()


def test_a_gateway_is_set_up_by_the_page_and_never_shows_its_token(
    server: JupyterServer, gateway: GatewayServer
) -> None:
    wrong = server.fails(400, "POST", "gateways", json={"name": "page", "url": gateway.url, "token": "no"})
    assert "refuses the token" in wrong["message"]
    assert server.get("gateways")["items"] == []
    for name, url in (("a b", gateway.url), ("page", "ftp://x"), ("page", "https://me:secret@host")):
        server.fails(400, "POST", "gateways", json={"name": name, "url": url})
    made = server.post("gateways", {"name": "page", "url": gateway.url, "token": TOKEN}, status=201)
    assert (made["token"], made["sized"], made["problem"]) == ("file", False, None)
    file = server.engine_dir / "notebooks" / "gateways.json"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert TOKEN in file.read_text()
    listed = server.client.get("gateways").text
    assert TOKEN not in listed
    assert TOKEN not in server.log.read_text()
    names = [each["name"] for each in json.loads(listed)["items"][0]["kernels"]]
    specs = server.expect(200, "GET", f"{_base(server)}api/kernelspecs")["kernelspecs"]
    assert {"gateway-page-python3", *names} <= set(specs)
    said = _environment(server, path="a.ipynb", kernel="gateway-page-python3")
    assert (said["gateway"], said["instance_type"]) == ("page", None)
    assert server.expect(200, "DELETE", "gateways/page")["name"] == "page"
    assert not [name for name in _specs(server) if name.startswith("gateway-")]
    server.fails(404, "DELETE", "gateways/page")


def test_a_gateway_is_tried_changed_and_mended(
    server: JupyterServer, gateway: GatewayServer, tmp_path: Path
) -> None:
    form = {"name": "mine", "url": gateway.url, "token": TOKEN}
    tried = server.post("gateway-form/test", form)
    assert "python3" in " ".join(each["name"] for each in tried["kernels"])
    refused = server.post("gateway-form/test", {**form, "token": "no"})
    assert "refuses the token" in refused["problem"]
    assert server.get("gateways")["items"] == []
    assert not [name for name in _specs(server) if name.startswith("gateway-mine-")]
    server.post("gateways", form, status=201)
    again = server.fails(400, "POST", "gateways", json=form)
    assert again["fields"][0]["field"] == "name"

    authorities = tmp_path / "ca.pem"
    authorities.write_text("")
    changed = {
        "name": "mine",
        "url": f"{gateway.url}/",
        "keep_token": True,
        "username": "ada",
        "env": {"KERNEL_TEAM": "blue"},
        "ca_certs": str(authorities),
    }
    made = server.expect(200, "PUT", "gateways/mine", json=changed)
    assert (made["problem"], made["token"], made["settings"]["env"]) == (
        None,
        "file",
        {"KERNEL_TEAM": "blue"},
    )
    assert server.get("gateways/mine")["settings"]["username"] == "ada"
    # The token that is kept goes to no other host, and is not told.
    elsewhere = {**changed, "url": gateway.url.replace("127.0.0.1", "localhost")}
    for method, path in (("PUT", "gateways/mine"), ("POST", "gateway-form/test")):
        wrong = server.fails(400, method, path, json=elsewhere)
        assert [each["field"] for each in wrong["fields"]] == ["token"]
    assert TOKEN not in server.client.get("gateways/mine").text
    other = server.fails(400, "PUT", "gateways/mine", json={**changed, "name": "other"})
    assert other["fields"][0]["field"] == "name"
    server.fails(404, "PUT", "gateways/nobody", json={**changed, "name": "nobody"})
    server.fails(404, "GET", "gateways/nobody")

    # One whose file went is told, stays when others come and go, and can be taken away.
    authorities.unlink()
    assert [each["name"] for each in server.get("gateways")["broken"]] == ["mine"]
    server.post("gateways", {**form, "name": "second"}, status=201)
    server.expect(200, "DELETE", "gateways/second")
    assert [each["name"] for each in server.get("gateways")["broken"]] == ["mine"]
    server.expect(200, "DELETE", "gateways/mine")
    found = server.get("gateways")
    assert (found["items"], found["broken"]) == ([], [])


def test_a_gateway_of_the_configuration_serves_a_notebook_and_its_kernel_is_found_again(
    tmp_path: Path, gateway: GatewayServer
) -> None:
    home = tmp_path / "jupyter"
    server = JupyterServer(
        home,
        {
            "gateways": [
                {"name": "team", "url": gateway.url, "token_env": "TEAM_TOKEN"},
                {"name": "bad", "url": "x"},
            ]
        },
        environment={"TEAM_TOKEN": TOKEN},
    )
    (server.root / "a.ipynb").write_text(
        json.dumps(
            {
                "cells": [],
                "metadata": {"gateway_resources": {"cpus": "2", "memory": "4Gi"}},
                "nbformat": 4,
                "nbformat_minor": 5,
            }
        )
    )
    try:
        offer = server.get("gateways")["items"]
        assert [(each["name"], each["fixed"], each["token"]) for each in offer] == [
            ("team", True, "variable")
        ]
        assert "The gateway bad needs an address" in server.log.read_text()
        assert offer[0]["settings"] is None
        server.fails(403, "DELETE", "gateways/team")
        server.fails(403, "PUT", "gateways/team", json={"name": "team", "url": gateway.url})
        kernel_id = server.expect(
            201,
            "POST",
            f"{_base(server)}api/sessions",
            json={"path": "a.ipynb", "name": "a.ipynb", "type": "notebook", "kernel": {"name": KERNEL}},
        )["kernel"]["id"]
        connection = home / "runtime" / f"kernel-{kernel_id}.json"
        assert _run(connection, "kept = 41; import os; print(os.getcwd())") == f"{gateway.home}\n"
        shown = next(each for each in server.get("running")["kernels"] if each["id"] == kernel_id)
        assert (shown["gateway"], shown["connected"], shown["instance_type"]) == (
            f"127.0.0.1:{gateway.port}",
            True,
            None,
        )
        assert server.get("running")["instances"] == []
        assert server.get(f"running/kernels/{kernel_id}/usage")["kernel"] is None
        assert _environment(server, path="a.ipynb", kernel=KERNEL, kernel_id=kernel_id)["instance_text"] == (
            "2 vCPU + 4 GiB"
        )
        relay = _remotes(home)[kernel_id]["pid"]
        assert TOKEN not in _visible(relay)

        server.client.close()
        server.process.kill()
        server.process.wait(20)
        server.start()
        sessions = eventually(
            lambda: server.expect(200, "GET", f"{_base(server)}api/sessions"), what="sessions"
        )
        assert [(each["path"], each["kernel"]["id"]) for each in sessions] == [("a.ipynb", kernel_id)]
        assert _run(connection, "print(kept + 1)") == "42\n"
        assert (
            server.post("running/shutdown", {"scope": "kernel", "name": kernel_id})["items"][0]["error"]
            is None
        )
        assert gateway.kernels() == []
        assert _remotes(home) == {}
    finally:
        server.close()


def test_choices_for_a_gateways_kernel_are_checked(server: JupyterServer, gateway: GatewayServer) -> None:
    server.post("gateways", {"name": "team", "url": gateway.url, "token": TOKEN}, status=201)
    form: dict[str, Any] = {"path": "chosen.ipynb", "kernel": KERNEL}
    wrong = server.fails(400, "PUT", "environments/chosen", json={**form, "resources": {"memory": "4 GB"}})
    assert [each["field"] for each in wrong["fields"]] == ["memory"]
    server.expect(
        200, "PUT", "environments/chosen", json={**form, "resources": {"cpus": "500m", "gpus": "1"}}
    )
    said = _environment(server, path="chosen.ipynb", kernel=KERNEL)
    assert said["resources"] == {"cpus": "500m", "memory": "", "gpus": "1"}
    assert said["instance_text"] == "500m vCPU + 1 GPU"
    server.expect(200, "DELETE", "gateways/team")


def test_clusters_are_of_aws_only(server: JupyterServer) -> None:
    found = server.get("clusters")
    assert (found["offered"], found["items"]) == (False, [])
    assert "SparkAnalytics" in found["note"]
    server.fails(501, "POST", "clusters/cell", json={"kind": "emr", "id": "j-1"})


def _base(server: JupyterServer) -> str:
    return str(server.client.base_url).removesuffix("smstudio/api/")


def _environment(server: JupyterServer, **query: str) -> Any:
    return server.expect(200, "GET", "environments/of", params=query)


def _specs(server: JupyterServer) -> list[str]:
    return list(server.expect(200, "GET", f"{_base(server)}api/kernelspecs")["kernelspecs"])


def _remotes(home: Path) -> dict[str, Any]:
    folder = home / "engine" / "notebooks" / "gateway-kernels"
    return {path.stem: json.loads(path.read_text()) for path in folder.glob("*.json")}


def _visible(pid: int) -> str:
    """What other users may see of a process."""
    command = Path(f"/proc/{pid}/cmdline")
    return command.read_text() if command.exists() and os.name == "posix" else ""
