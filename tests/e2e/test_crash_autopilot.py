"""`kill -9` of the engine in each stage of an Autopilot job: it resumes, nothing is doubled, nothing hangs."""

from __future__ import annotations

import pytest

from smstudio_ext.studio.samples import sample_csv
from tests.autopilot_jobs import candidates, children, create_job, describe, put_data, running, wait_for
from tests.conftest import RunningEngine, eventually

CANDIDATES = 4


def check_complete(engine: RunningEngine, name: str) -> None:
    """The job ended as if nothing had happened."""
    job = wait_for(engine, name)
    assert job["AutoMLJobStatus"] == "Completed", job.get("FailureReason")
    found = candidates(engine, name)
    reasons = [one.get("FailureReason") for one in found]
    assert [one["CandidateStatus"] for one in found] == ["Completed"] * CANDIDATES, reasons
    jobs = children(engine, name)
    trials = [one for one in jobs["training"] if one.startswith(jobs["tuning"][0])]
    assert sorted(trials) == sorted(one["CandidateName"] for one in found)
    kinds = [one.removeprefix(f"{name}-").rsplit("-", 2)[0] for one in jobs["processing"]]
    assert sorted(kinds) == ["db", "explainability", "model-insights", "pr"]
    assert len(jobs["tuning"]) == 1
    # Every transform is of a strategy that was learnt; a strategy that the trials no longer need is not carried out.
    learnt = {one.removesuffix(one[-11:]) for one in jobs["training"] if one not in trials}
    assert jobs["transform"]
    assert {one.partition("-rpb-")[0] for one in jobs["transform"]} <= learnt
    assert running(engine, name) == []


@pytest.mark.parametrize("stage", ["Starting", "ModelTuning"])
def test_kill_in_a_stage_resumes(own_engine: RunningEngine, stage: str) -> None:
    uri = put_data(own_engine, "input/churn.csv", sample_csv("churn", rows=600))
    create_job(own_engine, "crash", uri, "Churn?", {"MaxCandidates": CANDIDATES})
    if stage != "Starting":
        wait_for(own_engine, "crash", stage)
    own_engine.kill()
    own_engine.start()
    check_complete(own_engine, "crash")


def test_kill_after_the_first_candidate_keeps_it(own_engine: RunningEngine) -> None:
    uri = put_data(own_engine, "input/churn.csv", sample_csv("churn", rows=600))
    create_job(own_engine, "crash", uri, "Churn?", {"MaxCandidates": CANDIDATES})
    eventually(lambda: "BestCandidate" in describe(own_engine, "crash"), 90, "a first candidate")
    first = candidates(own_engine, "crash", StatusEquals="Completed")
    own_engine.kill()
    own_engine.start()
    check_complete(own_engine, "crash")
    kept = {one["CandidateName"]: one for one in candidates(own_engine, "crash")}
    for one in first:
        assert kept[one["CandidateName"]]["CreationTime"] == one["CreationTime"]
        assert kept[one["CandidateName"]]["EndTime"] == one["EndTime"]


def test_kill_again_and_again_ends_too(own_engine: RunningEngine) -> None:
    uri = put_data(own_engine, "input/churn.csv", sample_csv("churn", rows=600))
    create_job(own_engine, "crash", uri, "Churn?", {"MaxCandidates": CANDIDATES})
    for stage in ("AnalyzingData", "FeatureEngineering", "ModelTuning"):
        wait_for(own_engine, "crash", stage, "ModelTuning")
        own_engine.kill()
        own_engine.start()
    check_complete(own_engine, "crash")


def test_kills_while_reports_are_written_and_the_model_is_deployed(own_engine: RunningEngine) -> None:
    uri = put_data(own_engine, "input/churn.csv", sample_csv("churn", rows=600))
    deployment = {"EndpointName": "crash-endpoint"}
    create_job(
        own_engine, "crash", uri, "Churn?", {"MaxCandidates": CANDIDATES}, ModelDeployConfig=deployment
    )
    stages = ("GeneratingExplainabilityReport", "GeneratingModelInsightsReport", "DeployingModel")
    for at in range(len(stages)):
        # A stage that passed unseen is no harm: the kill then falls into the next one.
        wait_for(own_engine, "crash", *stages[at:])
        own_engine.kill()
        own_engine.start()
    check_complete(own_engine, "crash")
    job = describe(own_engine, "crash")
    assert job["ModelDeployResult"] == deployment
    found = job["BestCandidate"]["CandidateProperties"]["CandidateArtifactLocations"]
    assert set(found) >= {"Explainability", "ModelInsights"}
    client = own_engine.client("sagemaker")
    assert client.describe_endpoint(EndpointName="crash-endpoint")["EndpointStatus"] == "InService"
    assert len(client.list_endpoints()["Endpoints"]) == 1


def test_kills_in_mode_ensembling(own_engine: RunningEngine) -> None:
    uri = put_data(own_engine, "input/churn.csv", sample_csv("churn", rows=600))
    algorithms = {"AlgorithmsConfig": [{"AutoMLAlgorithms": ["xgboost"]}]}
    config = {"Mode": "ENSEMBLING", "CandidateGenerationConfig": algorithms}
    create_job(own_engine, "crash", uri, "Churn?", {"MaxCandidates": CANDIDATES}, AutoMLJobConfig=config)
    stages = ("FeatureEngineering", "TrainingModels", "GeneratingExplainabilityReport")
    for at in range(len(stages)):
        wait_for(own_engine, "crash", *stages[at:])
        own_engine.kill()
        own_engine.start()
    job = wait_for(own_engine, "crash")
    assert job["AutoMLJobStatus"] == "Completed", job.get("FailureReason")
    found = candidates(own_engine, "crash")
    assert {one["CandidateStatus"] for one in found} == {"Completed"}
    assert len({one["CandidateName"] for one in found}) == len(found)
    assert job["BestCandidate"]["CandidateName"] in {one["CandidateName"] for one in found}
    assert running(own_engine, "crash") == []


def test_stop_survives_a_kill(own_engine: RunningEngine) -> None:
    uri = put_data(own_engine, "input/churn.csv", sample_csv("churn", rows=600))
    create_job(own_engine, "crash", uri, "Churn?", {"MaxCandidates": 750})
    wait_for(own_engine, "crash", "ModelTuning")
    own_engine.client("sagemaker").stop_auto_ml_job(AutoMLJobName="crash")
    own_engine.kill()
    own_engine.start()
    job = wait_for(own_engine, "crash")
    assert (job["AutoMLJobStatus"], job["AutoMLJobSecondaryStatus"]) == ("Stopped", "Stopped")
    assert running(own_engine, "crash") == []
