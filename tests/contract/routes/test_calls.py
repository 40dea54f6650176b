"""How many calls of AWS a page needs to draw: at most three, counted at the gate."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, get_args

import pytest

from smstudio_ext.routes.operations import BY_ID
from smstudio_ext.studio.models.running import HistoryPart, RunningPart
from tests.contract.routes import things
from tests.contract.routes.all_cases import CASES
from tests.contract.routes.asking import Question
from tests.contract.routes.stand_ins import LACKING

if TYPE_CHECKING:
    from tests.contract.routes.place import Place

MOST = 3
READING_POSTS = (
    "browseExperiments",
    "compareTrials",
    "getChartSeries",
    "getChartSource",
    "getChartSummary",
    "groupComponents",
    "listComponentColumns",
    "listComponentNames",
    "listComponentRows",
)
"""Routes that only read although they are asked by POST, because their questions are long."""
PAGES = tuple(
    sorted([name for name in CASES if BY_ID[name].method == "GET" and BY_ID[name].answer] + [*READING_POSTS])
)
EACH: dict[str, str] = {
    "describeTrialDetails": "the experiment of each of its trials",
    "getAutoMLActivity": "three lists of jobs",
    "getRunning": "failed apps are described",
    "listDomainScripts": "each user's settings",
    "listImageVersions": "each version's base and aliases",
    "listModelEndpoints": "each endpoint's configuration; asked after the model is drawn",
    "listModelTransformJobs": "each running job; asked after the model is drawn",
    "listSnapshots": "each snapshot once, as S3 lists names only",
    "listTrialGraphs": "inputs and outputs, and each graph; asked after the component is drawn",
    "listTrialStages": "the components of each of its trials; asked after the component is drawn",
    "suggestComponentColumns": "suggestions of five kinds of properties; asked after the table is drawn",
}
"""Pages that make one of their calls for each of several things; no page makes more than three different ones."""


@pytest.mark.parametrize("operation_id", PAGES)
def test_a_page_draws_with_few_calls(aws_place: Place, operation_id: str) -> None:
    """Different calls are counted; where one is made for each of several things, `EACH` says so."""
    question, gate = Question(aws_place, operation_id), aws_place.gate
    assert gate is not None
    question.ask()  # finds out once who we are
    with gate.counting() as calls:
        question.ask()
    asked = sorted(call.action for call in calls)
    assert len(set(asked)) <= MOST, asked
    if operation_id not in EACH:
        assert len(asked) <= MOST, asked


PARTS = [("running", {"part": part}) for part in get_args(RunningPart)] + [
    ("running/history", {"days": 2, "part": part}) for part in get_args(HistoryPart)
]


@pytest.mark.parametrize(("path", "query"), PARTS, ids=[f"{path}-{query['part']}" for path, query in PARTS])
def test_each_part_of_what_runs_needs_few_calls(aws_place: Place, path: str, query: dict[str, Any]) -> None:
    """The page asks for the apps, draws, and asks for the other parts, each by itself."""
    gate = aws_place.gate
    assert gate is not None
    things.endpoint(aws_place)
    things.training(aws_place)
    assert aws_place.request("GET", path, query=query).status_code == 200
    with gate.counting() as calls:
        answer = aws_place.request("GET", path, query=query)
    assert answer.status_code == 200, answer.text
    asked = sorted(call.action for call in calls)
    assert 0 < len(set(asked)) <= MOST, asked


def test_lists_need_one_call_and_no_describing(aws_place: Place) -> None:
    gate = aws_place.gate
    assert gate is not None
    for name in PAGES:
        if name in EACH or not name.startswith("list") or name == "listClusters":
            continue
        question = Question(aws_place, name)
        question.ask()
        with gate.counting() as calls:
            question.ask()
        described = [call.action for call in calls if ":Describe" in call.action]
        assert len(described) <= 1, (name, described)


def test_moto_lacks_what_is_stood_in_for() -> None:
    """As soon as moto offers an operation, its stand-in goes."""
    from botocore import xform_name
    from moto.sagemaker.responses import SageMakerResponse

    offered = set(dir(SageMakerResponse))
    assert [action for action in LACKING if xform_name(action.partition(":")[2]) in offered] == []
