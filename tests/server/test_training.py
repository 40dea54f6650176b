"""Training and tuning over the REST API of a real Jupyter server: forms, downloads, and paths that leave the server's folder."""

from __future__ import annotations

import gzip
import io
import tarfile
from typing import TYPE_CHECKING, Any

from tests.conftest import eventually

if TYPE_CHECKING:
    from tests.server.conftest import JupyterServer

CSV = "\n".join(f"{n % 2},{n % 2 + n / 1000},{n % 7}" for n in range(200))


def form(server: JupyterServer, name: str, **changes: Any) -> dict[str, Any]:
    (server.root / "numbers.csv").write_text(CSV)
    sent = server.post("data/upload", {"path": "numbers.csv"}, status=201)
    return {
        "name": name,
        "algorithm": "xgboost",
        "version": "1.7-1",
        "hyperparameters": {"num_round": "5", "objective": "binary:logistic"},
        "channels": [{"name": "train", "s3_uri": sent["s3_uri"], "content_type": "text/csv"}],
        **changes,
    }


def test_job_of_the_form_is_watched_and_its_files_are_kept(server: JupyterServer) -> None:
    options = server.get("training-form/options")
    assert [each["name"] for each in options["algorithms"]][:2] == ["xgboost", "linear-learner"]
    body = form(server, "rest-job")
    plan = server.post("training-form/plan", body)
    assert plan["problems"] == []
    assert plan["request"]["TrainingJobName"] == "rest-job"
    server.post("training-jobs", body, status=201)
    server.fails(409, "POST", "training-jobs", json=body)
    job = eventually(
        lambda: (found := server.get("training-jobs/rest-job"))["status"] == "Completed" and found,
        timeout=60,
        what="the job's end",
    )
    assert server.get("training-jobs/rest-job/metrics")["metrics"][0]["count"] == 5
    assert server.get("training-jobs/rest-job/form")["hyperparameters"] == body["hyperparameters"]
    assert server.get("training-jobs/rest-job/tune")["training"]["algorithm"] == "xgboost"
    log = server.client.get("training-jobs/rest-job/logs/download")
    assert log.status_code == 200
    assert log.headers["content-disposition"] == "attachment; filename*=UTF-8''rest-job.log"
    assert log.headers["x-content-type-options"] == "nosniff"
    assert "[4]#011train-" in log.text
    server.fails(404, "GET", "training-jobs/rest-job/logs/download", params={"stream": "other"})
    model = server.client.get("objects/download", params={"uri": job["model_s3_uri"]})
    assert model.headers["content-type"] == "application/octet-stream"
    with tarfile.open(fileobj=io.BytesIO(gzip.decompress(model.content))) as archive:
        assert "xgboost-model" in archive.getnames()


def test_downloads_of_nothing_are_errors(server: JupyterServer) -> None:
    server.post("engine/start")
    bucket = server.get("buckets")["default_bucket"]
    server.fails(404, "GET", "objects/download", params={"uri": f"s3://{bucket}/no/such/object"})
    server.fails(400, "GET", "objects/download", params={"uri": "/etc/passwd"})
    server.fails(400, "GET", "objects/download", params={"uri": f"s3://{bucket}"})
    server.fails(404, "GET", "training-jobs/nowhere/metrics")
    server.fails(404, "GET", "training-jobs/nowhere/form")
    server.fails(404, "GET", "tuning-jobs/nowhere")
    server.fails(404, "GET", "tuning-jobs/nowhere/form")
    assert server.client.get("training-jobs/nowhere/logs/download").text == ""


def test_script_must_be_below_the_servers_folder(server: JupyterServer) -> None:
    script = {"source": "script", "framework": "sklearn", "version": "1.2-1", "algorithm": None}
    for path, status in (
        ("../secret.py", 400),
        ("/../../etc/passwd", 400),
        ("no-such.py", 404),
        (".hidden.py", 400),
    ):
        body = form(server, "script-job", **script, script={"path": path, "entry_point": "x.py"})
        server.fails(status, "POST", "training-jobs", json=body)
    broken = server.fails(
        400, "POST", "training-jobs", json=form(server, "x", hyperparameters={"num_round": "?"})
    )
    assert {"field": "hyperparameters.num_round", "message": "must be a whole number"} in broken["fields"]
    server.fails(400, "POST", "training-jobs", json={"nane": "x"})
    server.fails(400, "POST", "tuning-jobs", json={"name": "t", "training": form(server, "")})
