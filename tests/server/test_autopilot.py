"""Autopilot's forms, notebooks and models over the REST API of a real Jupyter server."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.conftest import eventually

if TYPE_CHECKING:
    from tests.server.conftest import JupyterServer


def test_pilot_is_planned_created_read_and_copied(server: JupyterServer) -> None:
    rows = [f"{i % 97},{i * 7 % 89},{'yes' if i % 97 > 40 else 'no'}" for i in range(520)]
    (server.root / "pilot.csv").write_text("\n".join(["a,b,answer", *rows]))
    uri = server.post("data/upload", {"path": "pilot.csv"}, status=201)["s3_uri"]
    body: dict[str, Any] = {"name": "rest-pilot", "input_s3_uri": uri, "target": "answer", "complete": False}

    bad = server.post("automl-form/plan", {**body, "name": "not a name", "feature_names": ["answer"]})
    assert {"name", "feature_names"} <= {problem["field"] for problem in bad["problems"]}
    found = server.fails(400, "POST", "automl-jobs", json={**body, "feature_names": ["answer"]})
    assert [problem["field"] for problem in found["fields"]] == ["feature_names"]

    plan = server.post("automl-form/plan", {**body, "feature_types": {"a": "numeric"}})
    assert plan["problems"] == []
    assert plan["request"]["AutoMLProblemTypeConfig"]["TabularJobConfig"]["GenerateCandidateDefinitionsOnly"]
    server.post("automl-jobs", {**body, "feature_types": {"a": "numeric"}}, status=201)
    job = eventually(
        lambda: (page := server.get("automl-jobs/rest-pilot"))["status"] != "InProgress" and page,
        timeout=120,
        what="the pilot's end",
    )
    assert job["status"] == "Completed", job["failure_reason"]
    assert server.get("automl-jobs/rest-pilot/activity") == {"jobs": []}
    for kind in ("candidate-definition", "data-exploration"):
        notebook = server.get(f"automl-jobs/rest-pilot/notebooks/{kind}")
        assert notebook["kind"] == kind
        assert notebook["notebook"]["nbformat"] == 4
        assert notebook["s3_uri"].endswith(f"/notebooks/{notebook['file_name']}")
    copy = server.get("automl-jobs/rest-pilot/form")
    assert (copy["target"], copy["complete"]) == ("answer", False)
    assert copy["feature_specification_s3_uri"].endswith("/rest-pilot/feature-specification.json")

    server.fails(404, "GET", "automl-jobs/rest-pilot/notebooks/recipes")
    server.fails(404, "GET", "automl-jobs/nowhere/form")
    server.fails(404, "GET", "automl-jobs/rest-pilot/candidates/nobody")
    server.fails(404, "GET", "automl-jobs/rest-pilot/candidates/nobody/explainability")
    server.fails(404, "POST", "automl-jobs/rest-pilot/model", json={"name": "none"})
