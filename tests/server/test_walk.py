"""The main job through the REST API of a real Jupyter server with a real engine, watched over Jupyter's event bus."""

from __future__ import annotations

import json
import threading
from typing import TYPE_CHECKING, Any

import pytest
import websocket

from tests.conftest import eventually

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.server.conftest import JupyterServer

CHANGE = "https://smstudio-ext.readthedocs.io/events/change"


class EventListener:
    """Collects events as a browser page does."""

    def __init__(self, server: JupyterServer) -> None:
        self.events: list[dict[str, Any]] = []
        self._socket = websocket.create_connection(
            f"ws://127.0.0.1:{server.port}/base/api/events/subscribe",
            header=[f"Authorization: token {server.token}"],
            timeout=120,
        )
        threading.Thread(target=self._listen, daemon=True).start()

    def seen(self, kind: str, name: str) -> list[dict[str, Any]]:
        return [event for event in self.events if (event["kind"], event["name"]) == (kind, name)]

    def close(self) -> None:
        self._socket.close()

    def _listen(self) -> None:
        try:
            while text := self._socket.recv():
                event = json.loads(text)
                if event.get("__schema__", event.get("schema_id")) == CHANGE or "kind" in event:
                    self.events.append(event)
        except (websocket.WebSocketException, OSError):
            return


@pytest.fixture
def listener(server: JupyterServer) -> Iterator[EventListener]:
    listening = EventListener(server)
    server.post("engine/start")
    server.post("presence", {"page": "walk", "visible": True})
    eventually(lambda: listening.events, what="the first event, which says that the feed is followed")
    yield listening
    listening.close()


def test_autopilot_from_sample_to_prediction(server: JupyterServer, listener: EventListener) -> None:
    location = server.post("samples/churn", status=201)
    form = {
        "name": "walk",
        "input_s3_uri": location["s3_uri"],
        "target": location["target"],
        "problem_type": location["problem_type"],
        "objective": location["objective"],
        "max_candidates": 3,
        "mode": "HYPERPARAMETER_TUNING",
    }
    created = server.post("automl-jobs", form, status=201)
    assert created["output_s3_uri"] == "s3://sagemaker-us-east-1-000000000000/autopilot/walk"
    assert server.fails(409, "POST", "automl-jobs", json=form)["message"].startswith("An experiment named")

    stages = set()

    def ended() -> dict[str, Any] | None:
        job: dict[str, Any] = server.get("automl-jobs/walk")
        stages.update(stage["label"] for stage in job["stages"] if stage["state"] == "active")
        assert job["status_text"]
        return job if job["status"] not in ("InProgress", "Stopping") else None

    job = eventually(ended, timeout=240, what="the end of the experiment")
    assert job["status"] == "Completed", job["failure_reason"]
    assert [stage["state"] for stage in job["stages"]] == ["done"] * len(job["stages"])
    assert {"Analyzing Data", "Model Tuning"} <= {stage["label"] for stage in job["stages"]}
    assert job["resolved_problem_type"] == "BinaryClassification"
    assert job["elapsed_seconds"] > 0
    server.fails(409, "POST", "automl-jobs/walk/stop")

    board = server.get("automl-jobs/walk/candidates")
    scores = [candidate["objective"]["value"] for candidate in board["items"] if candidate["objective"]]
    assert scores == sorted(scores, reverse=True)
    assert board["items"][0]["is_best"]
    assert board["objective_metric"] == "F1"
    first = server.get("automl-jobs/walk/candidates", max_results=1)
    assert len(first["items"]) == 1
    second = server.get("automl-jobs/walk/candidates", max_results=1, next_token=first["next_token"])
    assert second["items"][0]["name"] == board["items"][1]["name"]

    _check_training_jobs(server)
    _check_endpoint(server, board["items"][0])

    assert eventually(lambda: listener.seen("Endpoint", "walk-endpoint"))
    statuses = [event["status"] for event in listener.seen("AutoMLJob", "walk")]
    assert statuses[-1] == "Completed"
    assert all(event["target"] == "local" for event in listener.events)


def _check_training_jobs(server: JupyterServer) -> None:
    jobs = server.get("training-jobs")["items"]
    assert jobs
    job = server.get(f"training-jobs/{jobs[0]['name']}")
    assert job["status"] == "Completed"
    assert job["transitions"][-1]["status"] == "Completed"
    assert job["hyperparameters"]
    log = server.get(f"training-jobs/{job['name']}/logs", from_start="true")
    assert log["streams"]
    assert log["lines"]
    after = server.get(
        f"training-jobs/{job['name']}/logs", next_token=log["next_token"], stream=log["stream"]
    )
    assert (after["lines"], after["at_end"]) == ([], True)
    server.fails(404, "GET", f"training-jobs/{job['name']}/logs", params={"stream": "other/stream"})
    server.fails(409, "POST", f"training-jobs/{job['name']}/stop")


def _check_endpoint(server: JupyterServer, best: dict[str, Any]) -> None:
    deploy = {"endpoint_name": "walk-endpoint", "instance_type": "ml.m5.large"}
    if "probability" in best["response_keys"]:
        deploy["response_keys"] = ["predicted_label", "probability"]
    made = server.post("automl-jobs/walk/deploy", deploy, status=201)
    assert made["endpoint_name"] == "walk-endpoint"
    server.fails(409, "POST", "automl-jobs/walk/deploy", json=deploy)
    eventually(
        lambda: server.get("endpoints/walk-endpoint")["status"] == "InService",
        timeout=60,
        what="the endpoint in service",
    )
    page = server.get("endpoints/walk-endpoint")
    assert page["can_invoke"]
    assert page["variants"][0]["model_name"] == made["model_name"]
    assert page["variants"][0]["containers"]
    row = "KS,128,415,382-4657,no,yes,25,265.1,110,45.07,197.4,99,16.78,244.7,91,11.01,10,3,2.7,1"
    answer = server.post("endpoints/walk-endpoint/invoke", {"body": row, "content_type": "text/csv"})
    assert answer["status"] == "Complete", answer
    assert answer["body"].strip()
    assert answer["elapsed_ms"] > 0
    broken = server.post("endpoints/walk-endpoint/invoke", {"body": "1,2", "content_type": "text/csv"})
    assert broken["status"] == "Failed"
    assert broken["failure_reason"]
    gone = server.expect(
        200, "DELETE", "endpoints/walk-endpoint", params={"config": "true", "models": "true"}
    )
    assert gone["models"] == [made["model_name"]]
    eventually(lambda: server.client.get("endpoints/walk-endpoint").status_code == 404, what="its end")
    server.fails(404, "POST", "endpoints/walk-endpoint/invoke", json={"body": row})
