"""How many calls of AWS a page needs to draw: at most three, counted at the gate."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from smstudio_ext.routes.operations import BY_ID
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
MORE: dict[str, tuple[int, str]] = {
    "compareTrials": (
        4,
        "moto's Search finds no components by name, so each is described; AWS needs one call",
    ),
    "describeDomain": (4, "the domain, its users, its spaces and its apps: AWS lists them apart"),
    "describeEndpoint": (4, "endpoint, configuration, model and tags: AWS describes them apart"),
    "describeModel": (5, "who uses the model: AWS tells it by endpoints and their configurations only"),
    "describeSnapshot": (6, "which user of which domain we are, then the notebook and its description"),
    "describeTrialDetails": (6, "the component, its trial and experiment, its sources and neighbours"),
    "getAutoMLActivity": (4, "four kinds of jobs; asked after the page is drawn"),
    "getChartSeries": (5, "as compareTrials, and the metrics"),
    "getChartSource": (4, "as compareTrials"),
    "getChartSummary": (4, "as compareTrials"),
    "getRunning": (10, "eight kinds of what runs: AWS lists each apart; endpoints need their configurations"),
    "getSharingOptions": (4, "which user of which domain we are"),
    "getTrainingJobMetrics": (5, "final metrics at once, then those of CloudWatch or the log"),
    "getTrialReports": (4, "the processing jobs beside the component's trial"),
    "getUpdateOptions": (4, "configurations, models and alarms to choose from"),
    "getUsageHistory": (10, "eight kinds of what ran: AWS lists each apart"),
    "listComponentColumns": (6, "suggestions of five kinds of properties; the rows are drawn before"),
    "listOwnImages": (6, "each image with its versions: AWS lists them apart"),
    "listScripts": (5, "the scripts, then where they are attached"),
    "listSnapshots": (6, "which user of which domain we are, then the snapshots"),
    "listStartupScripts": (4, "which user of which domain we are; asked when a dialog is opened"),
}
"""Pages that need more kinds of calls, and why; the first rows of all lists of jobs, models and endpoints need one."""


@pytest.mark.parametrize("operation_id", PAGES)
def test_a_page_draws_with_few_calls(aws_place: Place, operation_id: str) -> None:
    """Different calls are counted: what is asked for each of several things is told in `MORE`."""
    question, gate = Question(aws_place, operation_id), aws_place.gate
    assert gate is not None
    question.ask()  # finds out once who we are
    with gate.counting() as calls:
        question.ask()
    kinds = {call.action for call in calls}
    most, _ = MORE.get(operation_id, (MOST, ""))
    assert len(kinds) <= most, sorted(call.action for call in calls)
    if operation_id not in MORE:
        assert len(calls) <= MOST, sorted(call.action for call in calls)


def test_lists_need_one_call_and_no_describing(aws_place: Place) -> None:
    gate = aws_place.gate
    assert gate is not None
    for name in PAGES:
        if name in MORE or not name.startswith("list") or name in ("listClusters", "listSnapshots"):
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
