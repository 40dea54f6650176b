"""Batch transform and models over the REST API of a real Jupyter server: from a trained model to outputs, uses and deletion."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.conftest import eventually
from tests.server.test_training import form

if TYPE_CHECKING:
    from tests.server.conftest import JupyterServer


def test_model_predicts_a_file_and_says_who_uses_it(server: JupyterServer) -> None:
    server.post("training-jobs", form(server, "for-batch"), status=201)
    eventually(
        lambda: server.get("training-jobs/for-batch")["status"] == "Completed", timeout=60, what="the job"
    )
    deployed = server.post("training-jobs/for-batch/deploy", {"endpoint_name": "batch-one"}, status=201)
    name = deployed["model_name"]
    assert name in [each["name"] for each in server.get("models")["items"]]
    page = server.get(f"models/{name}")
    assert server.get(f"models/{name}/endpoints")["names"] == ["batch-one"]
    assert page["containers"][0]["model_data_url"].endswith("/for-batch/output/model.tar.gz")

    (server.root / "rows.csv").write_text("a1,0.2,3\na2,1.1,4\n")
    rows = server.post("data/upload", {"path": "rows.csv"}, status=201)["s3_uri"]
    assert name in server.get("transform-form/options")["models"]
    body = {
        "name": "rest-batch",
        "model_name": name,
        "input_s3_uri": rows,
        "input_filter": "$[1:]",
        "output_filter": "$[0,-1]",
        "join": True,
    }
    assert server.post("transform-form/plan", body)["problems"] == []
    server.post("transform-jobs", body, status=201)
    server.fails(409, "POST", "transform-jobs", json=body)
    job = eventually(
        lambda: (found := server.get("transform-jobs/rest-batch"))["status"] != "InProgress" and found,
        timeout=60,
        what="the transform job's end",
    )
    assert job["status"] == "Completed", job["failure_reason"]
    assert [each["name"] for each in server.get("transform-jobs")["items"]] == ["rest-batch"]
    (output,) = server.get("transform-jobs/rest-batch/outputs")["items"]
    start = server.get("objects/peek", uri=output["s3_uri"])
    assert [line.split(",")[0] for line in start["text"].split()] == ["a1", "a2"]
    assert server.get("transform-jobs/rest-batch/form")["input_filter"] == "$[1:]"
    assert server.get("transform-jobs/rest-batch/logs")["group"] == "/aws/sagemaker/TransformJobs"
    log = server.client.get("transform-jobs/rest-batch/logs/download")
    assert log.headers["content-disposition"] == "attachment; filename*=UTF-8''rest-batch.log"

    again = server.post(f"models/{name}/deploy", {"endpoint_name": "batch-two"}, status=201)
    assert again["model_name"] == name
    server.fails(409, "POST", f"models/{name}/deploy", json={"endpoint_name": "batch-two"})
    assert set(server.get(f"models/{name}/endpoints")["names"]) == {"batch-one", "batch-two"}
    server.expect(200, "DELETE", f"models/{name}")
    server.fails(404, "GET", f"models/{name}")


def test_bad_requests_say_which_field(server: JupyterServer) -> None:
    server.post("engine/start")
    broken = server.fails(
        400,
        "POST",
        "transform-jobs",
        json={"name": "x", "model_name": "none", "input_s3_uri": "s3://b/x", "max_payload_mb": 101},
    )
    assert {"field": "max_payload_mb", "message": "must be at most 100"} in broken["fields"]
    server.fails(400, "POST", "transform-jobs", json={"nane": "x"})
    server.fails(404, "GET", "transform-jobs/nowhere")
    server.fails(404, "GET", "transform-jobs/nowhere/outputs")
    server.fails(404, "GET", "models/nowhere")
    server.fails(404, "POST", "models/nowhere/deploy", json={"endpoint_name": "e"})
    server.fails(400, "GET", "objects/peek", params={"uri": "/etc/passwd"})
