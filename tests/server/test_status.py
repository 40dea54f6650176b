"""Target, engine's life, presence, options, and the API's own description over a real Jupyter server."""

from __future__ import annotations

import json
import os
import signal
from typing import TYPE_CHECKING

import httpx
import pytest

from smstudio_ext.engine.server import lifecycle
from tests.conftest import eventually
from tests.server.conftest import AWS_CONFIG

if TYPE_CHECKING:
    from tests.server.conftest import JupyterServer, StartServer


def test_status_names_target_engine_and_identity(server: JupyterServer) -> None:
    server.post("engine/start")
    status = server.get("status", identity="true")
    assert status["target"] == {
        "kind": "local",
        "profile": None,
        "region": "us-east-1",
        "role_arn": "arn:aws:iam::000000000000:role/AmazonSageMaker-ExecutionRole",
        "title": "Local engine",
        "read_only": False,
        "assume": None,
    }
    assert status["engine"]["state"] == "running"
    assert status["engine"]["url"].startswith("http://127.0.0.1:")
    assert status["identity"]["account"] == "000000000000"
    assert status["identity_error"] is None


def test_no_answer_holds_credentials(server: JupyterServer) -> None:
    server.post("engine/start")
    secrets = json.loads((server.engine_dir / "engine.json").read_text())
    answers = [
        server.client.get(path).text
        for path in ("status?identity=true", "targets", "options", "openapi.json")
    ]
    for text in (*answers, server.log.read_text()):
        assert secrets["secret_key"] not in text
        assert secrets["access_key"] not in text
        assert "very-secret-text" not in text


def test_targets_lists_engine_and_profiles(server: JupyterServer) -> None:
    targets = server.get("targets")
    assert [(option["kind"], option["profile"], option["region"]) for option in targets["options"]] == [
        ("local", None, "us-east-1"),
        ("aws", "default", "us-west-2"),
        ("aws", "work", "eu-west-1"),
    ]
    assert "eu-central-1" in targets["regions"]


def test_choosing_a_profile_and_region_changes_the_target(server: JupyterServer) -> None:
    try:
        chosen = server.expect(200, "PUT", "target", json={"kind": "aws", "profile": "work"})
        assert (chosen["target"]["kind"], chosen["target"]["region"]) == ("aws", "eu-west-1")
        moved = server.expect(200, "PUT", "target", json={"kind": "local", "region": "ap-northeast-2"})
        assert moved["target"]["region"] == "ap-northeast-2"
        assert server.get("automl-jobs")["items"] == []
    finally:
        server.expect(200, "PUT", "target", json={"kind": "local"})


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"kind": "aws", "profile": "nobody"}, 404),
        ({"kind": "mars"}, 400),
        ({"kind": "local", "region": "not a region"}, 400),
        ({"kind": "aws", "role_arn": "me"}, 400),
        ({"kind": "local", "colour": "blue"}, 400),
    ],
)
def test_bad_targets_are_refused(server: JupyterServer, body: dict[str, str], status: int) -> None:
    server.fails(status, "PUT", "target", json=body)
    assert server.get("status")["target"]["kind"] == "local"


def test_engine_starts_by_itself_and_stays_stopped_when_stopped(server: JupyterServer) -> None:
    before = server.get("automl-jobs")["items"]
    assert server.get("status")["engine"]["state"] == "running"
    assert server.post("engine/stop")["state"] == "stopped"
    error = server.fails(503, "GET", "automl-jobs")
    assert error["code"] == "EngineAway"
    assert "smstudio engine start" in error["hint"]
    assert server.get("status")["engine"]["state"] == "stopped"
    assert server.post("engine/start")["state"] == "running"
    assert server.get("automl-jobs")["items"] == before


def test_engine_that_may_not_start_by_itself_is_away(start_server: StartServer) -> None:
    running = start_server({"autostart_engine": False})
    assert running.get("status")["engine"]["state"] == "stopped"
    assert running.fails(503, "GET", "endpoints")["code"] == "EngineAway"
    assert running.post("engine/start")["state"] == "running"
    assert running.get("endpoints")["items"] == []


def test_killed_engine_is_started_again_with_everything_that_it_had(start_server: StartServer) -> None:
    running = start_server()
    running.post("samples/churn", status=201)
    before = lifecycle.read_engine(running.engine_dir)
    assert before is not None
    os.kill(before.pid, signal.SIGKILL)
    eventually(lambda: lifecycle.lock_holder(running.engine_dir) is None, what="the engine's end")
    bucket = running.get("buckets")["default_bucket"]
    assert [
        found["name"] for found in running.get("objects", bucket=bucket, prefix="samples/")["objects"]
    ] == ["churn.csv"]
    after = lifecycle.read_engine(running.engine_dir)
    assert after is not None
    assert after.pid != before.pid


def test_engine_that_cannot_start_says_why(start_server: StartServer) -> None:
    running = start_server({"data_dir": "/proc/nowhere"})
    error = running.fails(503, "GET", "training-jobs")
    assert "/proc/nowhere" in error["message"]
    engine = running.get("status")["engine"]
    assert (engine["state"], engine["message"]) == ("failed", error["message"])


def test_presence_is_believed_for_a_while(server: JupyterServer) -> None:
    reply = server.post("presence", {"page": "tab-1", "visible": True})
    assert 10 <= reply["again_in_seconds"] <= 120
    server.post("presence", {"page": "tab-1", "visible": False})
    server.fails(400, "POST", "presence", json={"page": "", "visible": True})


def test_options_hold_limits_of_the_service_model(server: JupyterServer) -> None:
    options = server.get("options")
    limits = options["limits"]
    assert limits["automl_job_name"]["max_length"] == 32
    assert (limits["max_candidates"]["min"], limits["max_candidates"]["max"]) == (1, 750)
    assert limits["endpoint_name"]["max_length"] == 63
    assert limits["row_limit_enforced"] is False
    metrics = {p["value"]: [m["name"] for m in p["metrics"]] for p in options["problem_types"]}
    assert metrics["Auto"] == []
    assert metrics["BinaryClassification"][0] == "F1"
    assert {"name": "MSE", "direction": "Minimize"} in options["problem_types"][2]["metrics"]
    instance = next(i for i in options["instance_types"] if i["name"] == "ml.m5.large")
    assert (instance["vcpu"], instance["memory_gib"]) == (2, 8)
    assert options["defaults"]["bucket"] == "sagemaker-us-east-1-000000000000"


def test_openapi_describes_every_path(server: JupyterServer) -> None:
    document = server.get("openapi.json")
    assert document["openapi"] == "3.1.0"
    assert document["servers"] == [{"url": "/base/smstudio/api"}]
    assert document["paths"]["/automl-jobs/{name}/deploy"]["post"]["operationId"] == "deployCandidate"


def test_requests_without_token_are_refused(server: JupyterServer) -> None:
    with httpx.Client(base_url=str(server.client.base_url), trust_env=False) as stranger:
        for path, methods in server.get("openapi.json")["paths"].items():
            for method in methods:
                answer = stranger.request(method.upper(), path.strip("/").replace("{name}", "x"))
                assert answer.status_code == 403, f"{method} {path}"
                assert answer.json()["code"] == "Forbidden"


def test_authorizer_of_the_server_decides_what_users_may_change(start_server: StartServer) -> None:
    running = start_server(None, AWS_CONFIG, "tests.server.read_only.ReadOnly")
    assert running.get("status")["engine"]["state"] == "stopped"
    error = running.fails(403, "POST", "engine/start")
    assert error["code"] == "Forbidden"
    assert running.get("status")["engine"]["state"] == "stopped"


def test_foreign_origin_is_refused(server: JupyterServer) -> None:
    error = server.fails(
        404, "GET", "status", headers={"Origin": "https://evil.example", "Authorization": ""}
    )
    assert error["code"] in ("NotFound", "Forbidden")


def test_unknown_path_and_method_answer_in_our_form(server: JupyterServer) -> None:
    server.fails(404, "GET", "no/such/thing")
    server.fails(405, "PUT", "automl-jobs", json={})


def test_jupyterlab_cache_buster_is_no_parameter(server: JupyterServer) -> None:
    assert "items" in server.expect(200, "GET", "automl-jobs?1732150000000")
    server.fails(400, "GET", "automl-jobs?colour=blue")
