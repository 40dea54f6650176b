"""Ranking, listing pages, names and stages of Autopilot jobs."""

from __future__ import annotations

import itertools
import math
from typing import Any

import pytest

from smstudio_ext.engine.autopilot.listing import page_of
from smstudio_ext.engine.autopilot.naming import JobNames, OutputTree, seed_of
from smstudio_ext.engine.autopilot.problems import PROBLEMS, direction
from smstudio_ext.engine.autopilot.ranking import best_of, ranked
from smstudio_ext.engine.autopilot.registries import image_uri
from smstudio_ext.engine.autopilot.stages import STAGES, STATUSES
from smstudio_ext.engine.errors import ValidationException
from smstudio_ext.engine.runtime.states import IllegalTransition


def candidate(name: str, value: float | None, created: float = 0.0) -> dict[str, Any]:
    found: dict[str, Any] = {"CandidateName": name, "CreationTime": created}
    if value is not None:
        found["FinalAutoMLJobObjectiveMetric"] = {"MetricName": "F1", "Value": value}
    return found


def names(candidates: list[dict[str, Any]]) -> list[str]:
    return [one["CandidateName"] for one in candidates]


def test_ranked_sorts_by_objective_and_puts_unknown_values_last() -> None:
    found = [candidate("a", 0.5), candidate("b", None), candidate("c", 0.9), candidate("d", math.nan)]
    assert names(ranked(found, descending=True)) == ["c", "a", "b", "d"]
    assert names(ranked(found, descending=False)) == ["a", "c", "b", "d"]


def test_equal_values_rank_in_order_of_creation() -> None:
    found = [candidate("late", 0.5, 2.0), candidate("early", 0.5, 1.0)]
    assert names(ranked(found, descending=True)) == ["early", "late"]


def test_best_of_follows_the_metrics_direction() -> None:
    found = [candidate("a", 0.5), candidate("b", 0.9)]
    assert best_of(found, maximize=True) == found[1]
    assert best_of(found, maximize=False) == found[0]
    assert best_of([candidate("a", None)], maximize=True) is None


def test_each_problem_optimises_and_reports_its_default() -> None:
    for problem in PROBLEMS.values():
        assert problem.default in problem.objectives
        assert set(problem.objectives) <= set(problem.reported)
    assert direction("MSE") == direction("MAE") == "Minimize"
    assert direction("R2") == direction("F1") == "Maximize"


def test_pages_go_on_behind_the_last_item_seen() -> None:
    items = [{"Name": str(number)} for number in range(5)]
    first, token = page_of(items, "Name", "shape", {"MaxResults": 2})
    second, token2 = page_of(
        [{"Name": "new"}, *items], "Name", "shape", {"MaxResults": 2, "NextToken": token}
    )
    third, end = page_of(items, "Name", "shape", {"MaxResults": 2, "NextToken": token2})
    assert [[one["Name"] for one in page] for page in (first, second, third)] == [
        ["0", "1"],
        ["2", "3"],
        ["4"],
    ]
    assert end is None


@pytest.mark.parametrize("token", ["rubbish", "e30="])
def test_foreign_tokens_are_refused(token: str) -> None:
    with pytest.raises(ValidationException, match="Invalid NextToken"):
        page_of([{"Name": "a"}], "Name", "shape", {"NextToken": token})


def test_tokens_of_another_order_are_refused() -> None:
    _, token = page_of([{"Name": "a"}, {"Name": "b"}], "Name", "shape", {"MaxResults": 1})
    with pytest.raises(ValidationException, match="another sort order"):
        page_of([{"Name": "a"}], "Name", "other", {"NextToken": token})


def test_names_fit_awss_limits_and_are_stable() -> None:
    job = JobNames("x" * 32, "us-east-1")
    assert job == JobNames("x" * 32, "us-east-1")
    assert len(job.tuning()) <= 32
    for name in (
        job.data_builder(),
        job.recommender(),
        job.transformer("dpp0"),
        job.transform("dpp10", "rpb"),
        job.model(),
    ):
        assert len(name) <= 63
    assert JobNames("churn", "us-east-1").transformer("dpp0").startswith("churn-dpp0-1-")
    assert JobNames("churn", "us-east-1").tuning() != JobNames("churn", "us-west-2").tuning()
    assert seed_of("churn") == seed_of("churn") != seed_of("churn2")


def test_output_tree_is_awss() -> None:
    tree = OutputTree.of("s3://b/out/", "churn")
    assert tree.tuning_data == "s3://b/out/churn/preprocessed-data/tuning_data"
    assert tree.tuning("churn", "dpp0-xgb") == "s3://b/out/churn/tuning/churn-dpp0-xgb"
    assert tree.transformed("dpp0", "csv") == "s3://b/out/churn/transformed-data/dpp0/csv"


def test_images_have_the_regions_registry() -> None:
    assert image_uri("us-east-1", "sagemaker-xgboost:1.7-1").startswith(
        "683313688378.dkr.ecr.us-east-1.amazonaws.com/"
    )
    assert image_uri("cn-north-1", "linear-learner:1").startswith(
        "390948362332.dkr.ecr.cn-north-1.amazonaws.com.cn/"
    )


def test_stages_follow_awss_order() -> None:
    order = [
        "Starting",
        "AnalyzingData",
        "CandidateDefinitionsGenerated",
        "FeatureEngineering",
        "ModelTuning",
        "MaxAutoMLJobRuntimeReached",
        "GeneratingExplainabilityReport",
        "GeneratingModelInsightsReport",
        "DeployingModel",
        "Completed",
    ]
    for before, after in itertools.pairwise(order):
        STAGES.check(before, after)
    STAGES.check("ModelTuning", "MaxCandidatesReached")
    STAGES.check("FeatureEngineering", "TrainingModels")
    with pytest.raises(IllegalTransition):
        STAGES.check("ModelTuning", "FeatureEngineering")
    with pytest.raises(IllegalTransition):
        STATUSES.check("Completed", "InProgress")
