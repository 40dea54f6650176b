"""What routes answer when AWS refuses, is busy, fails or does not believe us; injected between the server and moto."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from smstudio_ext.routes.operations import BY_ID
from tests.contract.routes.all_cases import CASES
from tests.contract.routes.asking import Question
from tests.contract.routes.faults import FAULTS, MOST_ATTEMPTS, denied, permission

if TYPE_CHECKING:
    import httpx

    from tests.contract.routes.gate import Call, Reply, Request
    from tests.contract.routes.place import Place

SHOWS_THE_REST = {
    "assignComponents": "an error for each component that was not assigned",
    "cloneAutoMLJob": "the form without the tags",
    "cloneTrainingJob": "the form without the tags",
    "cloneTransformJob": "the form without the tags",
    "cloneTuningJob": "the form without the tags",
    "tuneTrainingJob": "the form without the tags",
    "deleteEndpoint": "the endpoint is gone; what else stays is listed with the reason",
    "deleteThings": "an error for each thing that stays",
    "describeEndpoint": "the page without configuration or containers",
    "describeNotebookInstance": "the page without the tags",
    "downloadUsageHistory": "the history with a line for what could not be read",
    "getUsageHistory": "the history with a list of what could not be read",
    "getEndpointScaling": "the scaling with the reason why there are no activities",
    "getLineage": "nodes without their properties",
    "getNotebookOptions": "the form without suggestions",
    "getRunning": "what runs with a list of what could not be read",
    "getStatus": "the status with the reason why there is no identity",
    "getIdentity": "the reason why there is no identity",
    "renewIdentity": "the reason why there is no identity",
    "getUpdateOptions": "the form without alarms",
    "listExecutionRoles": "the reason why there are none",
    "listClusters": "the other list with a note",
    "removeComponents": "an error for each component that stays",
    "shutDown": "an error for each thing that runs on",
    "suggestComponentColumns": "no names beside those of the rows",
    "stopComponents": "an error for each job that was not stopped",
}
"""Routes that answer although something was refused, and what of it they tell."""
OTHERS = ("expired", "broken", "skewed", "region not open")
SILENT = frozenset({"getNotebookOptions", "downloadUsageHistory"})
"""Those whose answers have no place to say it."""


def failure(answer: httpx.Response) -> dict[str, Any]:
    """The error of an answer, checked for its form."""
    found: dict[str, Any] = answer.json()
    assert set(found) >= {"code", "message", "hint", "request_id", "fields"}, found
    text = json.dumps(found)
    assert "Traceback" not in text
    assert 'File \\"' not in text
    return found


@pytest.mark.parametrize("operation_id", sorted(CASES))
def test_troubles_of_aws_are_told(aws_place: Place, operation_id: str) -> None:
    question, gate = Question(aws_place, operation_id), aws_place.gate
    assert gate is not None
    number = sorted(CASES).index(operation_id)
    # Every route is throttled; the other troubles take turns, as they need many seconds together.
    for name in ("throttled", OTHERS[number % len(OTHERS)]):
        fault = FAULTS[name]
        with gate.counting() as calls, gate.answering(fault):
            answer = question.ask()
        if not calls:
            return  # the route asks AWS nothing
        tried = [call.action for call in calls]
        assert max(tried.count(action) for action in set(tried)) <= MOST_ATTEMPTS * 10, (name, tried)
        if answer.status_code < 400:
            assert operation_id in SHOWS_THE_REST, (name, answer.text)
            assert operation_id in SILENT or any(
                code in answer.text or message in answer.text
                for _, code, message in (fault.of_json, fault.of_s3, fault.of_query)
            ), answer.text
            continue
        found = failure(answer)
        if tried[-1] in ("s3:HeadBucket", "s3:HeadObject"):  # no body, so only the status tells
            assert answer.status_code in (400, 403, 503), (name, found)
            continue
        assert answer.status_code == fault.answer, (name, found, tried)
        assert fault.hint in (found["hint"] or ""), (name, found)


@pytest.mark.parametrize("operation_id", sorted(CASES))
def test_a_missing_permission_is_named(aws_place: Place, operation_id: str) -> None:
    """Permissions are given one after the other, as an administrator does it, until the route answers."""
    question, gate = Question(aws_place, operation_id), aws_place.gate
    assert gate is not None
    allowed: set[str] = set()
    for _ in range(20):
        refused: list[str] = []
        made: dict[str, str] = {}  # what may be deleted, as this very request made it

        def rule(request: Request) -> Reply | None:
            taken_back = made.get(request.action)  # noqa: B023 - used at once
            if request.action in allowed or taken_back:
                counterpart = request.action.replace(":Create", ":Delete").replace(":Put", ":Delete")
                made.setdefault(counterpart, request.action)  # noqa: B023
                return None
            refused.append(request.action)  # noqa: B023
            return denied(request)

        with gate.counting() as calls, gate.answering(rule):
            answer = question.ask()
        if not refused:
            break
        if answer.status_code >= 400:
            found = failure(answer)
            assert answer.status_code == 403, (found, refused)
            names = {permission(action) for action in refused}
            assert any(name in (found["hint"] or "") for name in names), (found, refused)
            assert left_behind(calls) == []
        else:
            assert operation_id in SHOWS_THE_REST, (refused, answer.text)
            if BY_ID[operation_id].method != "GET":
                break  # it is done, but for what the answer says
        allowed.update(refused)
    else:
        raise AssertionError(f"never answered: {allowed}")
    question.case.after(aws_place)
    if answer.is_success:
        return
    wanted = BY_ID[operation_id].status
    refusal = (question.case.refused or {}).get("aws")
    assert answer.status_code == (refusal.status if refusal else wanted), answer.text


def left_behind(calls: list[Call]) -> list[str]:
    """What was made and not taken away again."""
    made = [call.action.partition(":")[2] for call in calls if not call.reads and call.accepted]
    gone = [name.removeprefix("Delete") for name in made if name.startswith("Delete")]
    gone += ["ImageVersion"] * ("Image" in gone)  # versions go with their image
    return [
        name
        for name in made
        if name.startswith(("Create", "Put")) and name[6:] not in gone and name[3:] not in gone
    ]
