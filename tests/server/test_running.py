"""What runs in a real Jupyter server: instances, use, cost, and what each shutdown takes with it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.conftest import eventually
from tests.server.conftest import JupyterServer, StartServer

BASE_PYTHON = "python3-python-3.6"


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[JupyterServer]:
    """A server for this module alone: other tests' kernels would count."""
    server = JupyterServer(tmp_path_factory.mktemp("running"))
    server.post("engine/start")
    yield server
    server.close()


def base(server: JupyterServer) -> str:
    return f"http://127.0.0.1:{server.port}/base/"


def notebook(server: JupyterServer, name: str, kind: str) -> str:
    """Opens a notebook on an instance; its kernel's id."""
    (server.root / name).write_text(
        json.dumps({"cells": [], "metadata": {"instance_type": kind}, "nbformat": 4, "nbformat_minor": 5})
    )
    body = {"path": name, "name": name, "type": "notebook", "kernel": {"name": BASE_PYTHON}}
    return str(server.expect(201, "POST", f"{base(server)}api/sessions", json=body)["kernel"]["id"])


def plain(server: JupyterServer) -> str:
    """A kernel without an image."""
    return str(server.expect(201, "POST", f"{base(server)}api/kernels", json={"name": "python3"})["id"])


def terminal(server: JupyterServer) -> str:
    """A system terminal."""
    return str(server.expect(200, "POST", f"{base(server)}api/terminals", json={})["name"])


def types(found: dict[str, Any]) -> list[str]:
    return sorted(each["instance_type"] for each in found["instances"])


def settled(server: JupyterServer, kernels: list[str]) -> dict[str, Any]:
    """What runs, once all these kernels stand on apps."""

    def look() -> dict[str, Any] | None:
        found: dict[str, Any] = server.get("running")
        placed = {each["id"] for each in found["kernels"] if each["app"]}
        on = {kernel for each in found["instances"] for kernel in each["kernels"]}
        return found if placed >= set(kernels) and on >= set(kernels) else None

    return eventually(look, what="kernels on their apps")


def shut(server: JupyterServer, scope: str, name: str | None = None) -> list[tuple[str, str]]:
    body = {"scope": scope, **({"name": name} if name else {})}
    items = server.post("running/shutdown", body)["items"]
    assert [item["error"] for item in items if item["error"]] == []
    return [(item["kind"], item["name"]) for item in items]


def gone(server: JupyterServer, *expected: str) -> None:
    """Waits until only instances of these types run."""
    eventually(lambda: types(server.get("running")) == sorted(expected), what=f"only {expected} to run")


def test_two_notebooks_of_a_type_share_an_instance_and_shutdowns_keep_to_their_scope(
    running: JupyterServer,
) -> None:
    one, two = (notebook(running, f"{name}.ipynb", "ml.t3.medium") for name in "ab")
    three = notebook(running, "c.ipynb", "ml.m5.large")
    other, shell = plain(running), terminal(running)
    found = settled(running, [one, two, three])
    assert types(found) == ["ml.m5.large", "ml.t3.medium"]
    small = next(each for each in found["instances"] if each["instance_type"] == "ml.t3.medium")
    assert (sorted(small["kernels"]), small["description"]) == (sorted([one, two]), "2 vCPU + 4 GiB")
    assert small["hourly"] == 0.05
    assert small["cost"] == pytest.approx(0.05 * small["seconds"] / 3600)
    assert found["simulated"]
    assert {each["title"]: each["kind"] for each in found["kernels"]}["a.ipynb"] == "notebook"

    # A kernel alone leaves its app, and so its instance and its cost, running.
    assert shut(running, "kernel", one) == [("Kernel", one)]
    after = running.get("running")
    assert types(after) == ["ml.m5.large", "ml.t3.medium"]
    assert one not in {each["id"] for each in after["kernels"]}
    shut(running, "kernel", two)
    assert types(running.get("running")) == ["ml.m5.large", "ml.t3.medium"]

    # An instance takes its apps; the other one stays.
    taken = shut(running, "instance", small["name"])
    assert [kind for kind, _ in taken] == ["App"]
    gone(running, "ml.m5.large")

    # All instances go with their kernels; system terminals and kernels without an image stay.
    assert ("Kernel", three) in shut(running, "instances")
    gone(running)
    left = running.get("running")
    assert [each["id"] for each in left["kernels"]] == [other]
    assert [each["name"] for each in left["terminals"]] == [shell]
    assert shut(running, "kernels") == [("Kernel", other)]
    assert shut(running, "terminals") == [("Terminal", shell)]
    last = running.get("running")
    assert (last["kernels"], last["terminals"], last["hourly"]) == ([], [], 0.0)

    history = running.get("running/history", days=1)
    assert {row["instance_type"] for row in history["rows"]} == {"ml.m5.large", "ml.t3.medium"}
    assert history["missing"] == []
    text = running.client.get("running/history/download", params={"days": 1})
    assert text.headers["content-disposition"].endswith("sagemaker-usage.csv")
    assert text.text.splitlines()[0].startswith("day,time zone,metered as,instance type,hours")


def test_use_of_a_kernel_and_its_instance(running: JupyterServer) -> None:
    kernel, other = notebook(running, "use.ipynb", "ml.t3.medium"), plain(running)
    settled(running, [kernel])
    use = running.get(f"running/kernels/{kernel}/usage")
    assert use["instance_type"] == "ml.t3.medium"
    assert 0 < use["kernel"]["memory_percent"] <= use["instance"]["memory_percent"] < 100
    apart = running.get(f"running/kernels/{other}/usage")
    assert (apart["instance_type"], apart["instance"]) == (None, None)
    assert apart["kernel"]["memory_bytes"] > 0
    now = running.get("running/usage")
    assert {each["name"] for each in now["kernels"]} == {kernel, other}
    assert [each["name"].rpartition("/")[2] for each in now["instances"]] == ["ml.t3.medium"]
    running.fails(404, "GET", "running/kernels/nobody/usage")
    shut(running, "instances")
    shut(running, "kernels")
    gone(running)


def test_a_kernel_whose_app_was_deleted_elsewhere_ends(running: JupyterServer) -> None:
    """As `smstudio stop-all` or a program of the user's does it; pages follow the engine."""
    from smstudio_ext.engine.server.lifecycle import read_engine
    from smstudio_ext.target import LocalEngine, Target

    kernel = notebook(running, "orphan.ipynb", "ml.c5.large")
    found = settled(running, [kernel])
    running.post("presence", {"page": "test", "visible": True})
    info = read_engine(running.engine_dir)
    assert info is not None
    sagemaker = Target.local(LocalEngine(info.url, info.access_key, info.secret_key)).client("sagemaker")
    for app in found["apps"]:
        sagemaker.delete_app(
            DomainId=app["domain_id"],
            UserProfileName=app["owner"],
            AppType=app["app_type"],
            AppName=app["name"],
        )
    eventually(lambda: running.get("running")["kernels"] == [], timeout=40, what="the orphan's end")
    running.post("presence", {"page": "test", "visible": False})
    gone(running)


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"scope": "everything"}, 400),
        ({}, 400),
        ({"scope": "kernel", "name": "nobody"}, 404),
        ({"scope": "instance", "name": "nobody/ml.t3.medium"}, 404),
        ({"scope": "app", "name": "nothing"}, 404),
        ({"scope": "terminal", "name": "77"}, 404),
    ],
    ids=["unknown scope", "no scope", "kernel", "instance", "app", "terminal"],
)
def test_what_is_not_there_cannot_be_shut_down(running: JupyterServer, body: Any, status: int) -> None:
    running.fails(status, "POST", "running/shutdown", json=body)


def test_a_missing_resource_is_told_with_the_engines_words(running: JupyterServer) -> None:
    items = running.post("running/shutdown", {"scope": "endpoint", "name": "none"})["items"]
    assert 'Could not find endpoint "' in items[0]["error"]
    items = running.post("running/shutdown", {"scope": "job", "name": "NoSuchKind/none"})["items"]
    assert "NoSuchKind" in items[0]["error"]


def test_the_idle_policy_is_kept(running: JupyterServer) -> None:
    state = running.get("running/idle")
    assert (state["offered"], state["policy"]["enabled"]) == (True, False)
    policy = {**state["policy"], "enabled": True, "timeout_minutes": 90}
    assert running.expect(200, "PUT", "running/idle", json=policy)["policy"] == policy
    assert running.get("running/idle")["policy"] == policy
    running.fails(400, "PUT", "running/idle", json={**policy, "timeout_minutes": 1})
    assert running.post("running/idle/keep", {"name": "ada/ml.t3.medium"}) == {"name": "ada/ml.t3.medium"}
    running.expect(200, "PUT", "running/idle", json={**policy, "enabled": False})


def test_prices_say_where_they_are_from(running: JupyterServer) -> None:
    listed = running.get("running/prices")
    assert listed["source"]["exact"]
    assert {
        row["instance_type"]: row["prices"]["Studio"] for row in listed["rows"] if "Studio" in row["prices"]
    }["ml.m5.large"] == 0.115
    assert not running.get("running/prices", region="ap-northeast-2")["source"]["exact"]
    running.fails(400, "GET", "running/prices", params={"region": "nowhere"})
    assert running.fails(501, "POST", "running/prices", json={})["code"] == "NotOffered"


def test_logs_of_a_start_up_script_are_only_those(running: JupyterServer) -> None:
    stream = "d-1/ada/KernelGateway/a/LifecycleConfigOnStart"
    assert running.get("running/script-logs", stream=stream)["lines"] == []
    running.fails(400, "GET", "running/script-logs", params={"stream": "other/secrets"})


def test_a_bad_time_zone_is_refused(running: JupyterServer) -> None:
    error = running.fails(400, "GET", "running/history", params={"timezone": "Mars/Olympus"})
    assert error["fields"] == [{"field": "timezone", "message": "is unknown here"}]


def test_two_servers_on_the_same_data_see_the_same_instances(
    running: JupyterServer, start_server: StartServer
) -> None:
    """The second server's instances are the first one's; shutting one down there ends the kernel here."""
    kernel = notebook(running, "shared.ipynb", "ml.r5.large")
    first = settled(running, [kernel])
    second = start_server({"data_dir": str(running.engine_dir)})
    found = second.get("running")
    assert [each["name"] for each in found["instances"]] == [each["name"] for each in first["instances"]]
    assert found["kernels"] == []
    running.post("presence", {"page": "test", "visible": True})
    shut(second, "instance", first["instances"][0]["name"])
    eventually(lambda: running.get("running")["kernels"] == [], timeout=40, what="the kernel's end")
    running.post("presence", {"page": "test", "visible": False})
    gone(running)
    gone(second)
    rows = second.get("running/history", days=1)["rows"]
    assert [row["instance_type"] for row in rows].count("ml.r5.large") == 1
