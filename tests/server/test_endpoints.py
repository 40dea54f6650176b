"""The endpoint page over the REST API of a real Jupyter server with a real engine."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.conftest import eventually
from tests.server.test_training import form

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.server.conftest import JupyterServer

NAME = "rest-endpoint"
AT = f"endpoints/{NAME}"


def in_service(server: JupyterServer) -> dict[str, Any]:
    page: dict[str, Any] = eventually(
        lambda: (found := server.get(AT))["status"] == "InService" and found,
        timeout=60,
        what="the endpoint in service",
    )
    return page


@pytest.fixture(scope="module")
def endpoint(server: JupyterServer) -> Iterator[JupyterServer]:
    """The server, with an endpoint."""
    server.post("training-jobs", form(server, "rest-model"), status=201)
    eventually(
        lambda: server.get("training-jobs/rest-model")["status"] == "Completed", timeout=60, what="the model"
    )
    deploy = {"endpoint_name": NAME, "instance_type": "ml.m5.large", "instance_count": 1}
    server.post("training-jobs/rest-model/deploy", deploy, status=201)
    in_service(server)
    yield server
    server.expect(200, "DELETE", AT, params={"config": "true", "models": "true"})


def test_traffic_and_tags_are_changed(endpoint: JupyterServer) -> None:
    change = {"variants": [{"name": "AllTraffic", "instances": 2}]}
    endpoint.expect(202, "PUT", f"{AT}/traffic", json=change)
    assert in_service(endpoint)["variants"][0]["current_instances"] == 2
    wrong = {"variants": [{"name": "AllTraffic", "instances": -1}]}
    assert (
        endpoint.fails(400, "PUT", f"{AT}/traffic", json=wrong)["fields"][0]["field"]
        == "variants.0.instances"
    )
    endpoint.expect(200, "PUT", f"{AT}/tags", json={"tags": [{"key": "team", "value": "a"}]})
    assert endpoint.get(f"{AT}/tags")["tags"] == [{"key": "team", "value": "a"}]


def test_scaling_goes_through_all_its_routes(endpoint: JupyterServer) -> None:
    endpoint.expect(200, "PUT", f"{AT}/scaling", json={"variant": "AllTraffic", "min": 1, "max": 2})
    night = {"variant": "AllTraffic", "name": "night", "schedule": "rate(1 day)", "max": 1}
    endpoint.expect(200, "PUT", f"{AT}/scaling/schedule", json=night)
    (found,) = endpoint.get(f"{AT}/scaling")["variants"]
    assert (found["min"], found["max"]) == (1, 2)
    one = {"variant": "AllTraffic", "name": "night"}
    endpoint.expect(200, "DELETE", f"{AT}/scaling/schedule", params=one)
    endpoint.fails(404, "DELETE", f"{AT}/scaling/schedule", params=one)
    policy = {"variant": "AllTraffic", "policy": found["policies"][0]["name"]}
    endpoint.expect(200, "DELETE", f"{AT}/scaling/policy", params=policy)
    endpoint.expect(200, "DELETE", f"{AT}/scaling", params={"variant": "AllTraffic"})
    endpoint.fails(404, "DELETE", f"{AT}/scaling", params={"variant": "red"})
    error = endpoint.fails(400, "PUT", f"{AT}/scaling", json={"variant": "AllTraffic", "min": 3, "max": 2})
    assert error["fields"][0]["field"] == "max"


def test_requests_metrics_capture_logs_and_code_are_told(endpoint: JupyterServer) -> None:
    body = {"body": "0.5,1", "content_type": "text/csv"}
    assert endpoint.post(f"{AT}/invoke", body)["variant"] == "AllTraffic"
    assert "invoke_endpoint" in endpoint.post(f"{AT}/code", body)["boto3"]
    assert endpoint.get(f"{AT}/metrics", minutes=15)["period_seconds"] == 60
    endpoint.fails(400, "GET", f"{AT}/metrics", params={"minutes": 0})
    assert endpoint.get(f"{AT}/capture")["prefix"] is None
    assert endpoint.get(f"{AT}/logs", from_start="true")["group"] == f"/aws/sagemaker/Endpoints/{NAME}"
    log = endpoint.client.get(f"{AT}/logs/download")
    assert log.headers["content-disposition"] == f"attachment; filename*=UTF-8''{NAME}.log"
    endpoint.fails(404, "GET", f"{AT}/logs/download", params={"stream": "other"})
    refused = endpoint.fails(400, "POST", f"{AT}/invoke-async", json=body)
    assert "async" in refused["message"].lower()
    answer = {"output_s3_uri": "s3://nobodys-bucket-of-all/never"}
    assert endpoint.get(f"{AT}/async-result", **answer)["status"] == "Pending"


def test_update_is_begun_and_seen(endpoint: JupyterServer) -> None:
    before = in_service(endpoint)
    options = endpoint.get(f"{AT}/update")
    assert before["config_name"] in options["configs"]
    assert before["variants"][0]["model_name"] in options["models"]
    error = endpoint.fails(400, "POST", f"{AT}/update", json={"policy": {"kind": "CANARY", "size": 90}})
    assert error["fields"][0]["field"] == "policy.size"
    change = {"variants": [{"name": "AllTraffic", "weight": 2}]}
    made = endpoint.expect(202, "POST", f"{AT}/update", json=change)
    assert made["created_config"]
    after = in_service(endpoint)
    assert after["config_name"] == made["config_name"] != before["config_name"]
    assert after["variants"][0]["current_weight"] == 2


@pytest.mark.parametrize("path", ["metrics", "scaling", "tags", "capture"])
def test_nothing_is_told_of_an_endpoint_that_is_not_there(server: JupyterServer, path: str) -> None:
    server.fails(404, "GET", f"endpoints/nowhere/{path}")
