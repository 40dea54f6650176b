"""CloudWatch Logs through boto3: streams that were put, and streams of jobs."""

from __future__ import annotations

import time
import uuid
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from smstudio_ext.engine.clock import SystemClock
from smstudio_ext.engine.context import Call
from smstudio_ext.engine.runtime.joblogs import TRAINING_GROUP, LogStore
from smstudio_ext.engine.services.logs import events as service
from smstudio_ext.engine.services.logs.reading import matcher
from smstudio_ext.engine.store import Database, Store


@pytest.fixture
def logs(engine: Any) -> Any:
    return engine.client("logs")


@pytest.fixture
def group(logs: Any) -> str:
    name = f"/tests/{uuid.uuid4()}"
    logs.create_log_group(logGroupName=name)
    return name


def put(logs: Any, group: str, stream: str, messages: list[str], start: int | None = None) -> int:
    begin = int(time.time() * 1000) - 10_000 if start is None else start
    events = [{"timestamp": begin + number, "message": text} for number, text in enumerate(messages)]
    logs.create_log_stream(logGroupName=group, logStreamName=stream)
    logs.put_log_events(logGroupName=group, logStreamName=stream, logEvents=events)
    return begin


def texts(answer: dict[str, Any]) -> list[str]:
    return [event["message"] for event in answer["events"]]


def code(call: Any, *arguments: Any, **options: Any) -> str:
    with pytest.raises(ClientError) as caught:
        call(*arguments, **options)
    return str(caught.value.response["Error"]["Code"])


def test_forward_tokens_lead_to_the_end_and_stay_there(logs: Any, group: str) -> None:
    put(logs, group, "s", [f"m{number}" for number in range(10)])
    seen: list[str] = []
    options: dict[str, Any] = {"startFromHead": True}
    while True:
        page = logs.get_log_events(logGroupName=group, logStreamName="s", limit=4, **options)
        seen += texts(page)
        assert page["nextForwardToken"].startswith("f/")
        assert page["nextBackwardToken"].startswith("b/")
        if options.get("nextToken") == page["nextForwardToken"]:
            break
        options = {"nextToken": page["nextForwardToken"]}
    assert seen == [f"m{number}" for number in range(10)]


def test_the_last_events_come_first_and_backward_tokens_lead_to_the_head(logs: Any, group: str) -> None:
    put(logs, group, "s", [f"m{number}" for number in range(5)])
    page = logs.get_log_events(logGroupName=group, logStreamName="s", limit=2)
    assert texts(page) == ["m3", "m4"]
    page = logs.get_log_events(
        logGroupName=group, logStreamName="s", limit=2, nextToken=page["nextBackwardToken"]
    )
    assert texts(page) == ["m1", "m2"]
    page = logs.get_log_events(
        logGroupName=group, logStreamName="s", limit=2, nextToken=page["nextBackwardToken"]
    )
    assert texts(page) == ["m0"]
    last = logs.get_log_events(
        logGroupName=group, logStreamName="s", limit=2, nextToken=page["nextBackwardToken"]
    )
    assert (texts(last), last["nextBackwardToken"]) == ([], page["nextBackwardToken"])


def test_new_events_appear_behind_the_token(logs: Any, group: str) -> None:
    begin = put(logs, group, "s", ["a"])
    page = logs.get_log_events(logGroupName=group, logStreamName="s", startFromHead=True)
    logs.put_log_events(
        logGroupName=group, logStreamName="s", logEvents=[{"timestamp": begin + 5, "message": "b"}]
    )
    page = logs.get_log_events(logGroupName=group, logStreamName="s", nextToken=page["nextForwardToken"])
    assert texts(page) == ["b"]


def test_times_bound_what_is_shown(logs: Any, group: str) -> None:
    begin = put(logs, group, "s", ["a", "b", "c", "d"])
    page = logs.get_log_events(
        logGroupName=group, logStreamName="s", startFromHead=True, startTime=begin + 1, endTime=begin + 3
    )
    assert texts(page) == ["b", "c"]


def test_filter_merges_streams_by_time_and_pages(logs: Any, group: str) -> None:
    begin = put(logs, group, "s1", ["a ERROR", "b ok"])
    put(logs, group, "s2", ["c ERROR", "d ERROR"], begin)
    pages = logs.get_paginator("filter_log_events").paginate(
        logGroupName=group, filterPattern="ERROR", PaginationConfig={"PageSize": 1}
    )
    assert [text for page in pages for text in texts(page)] == ["a ERROR", "c ERROR", "d ERROR"]
    page = logs.filter_log_events(logGroupName=group, logStreamNames=["s2"])
    assert texts(page) == ["c ERROR", "d ERROR"]
    assert {event["logStreamName"] for event in page["events"]} == {"s2"}


@pytest.mark.parametrize(
    ("pattern", "message", "found"),
    [
        ("", "x", True),
        ("a b", "b a", True),
        ("a b", "a", False),
        ("?a ?b", "b", True),
        ('"a b"', "b a", False),
        ('"a b"', "x a b", True),
        ("a -b", "a b", False),
        ("%^[0-9]+$%", "123", True),
    ],
)
def test_filter_patterns_of_terms(pattern: str, message: str, found: bool) -> None:
    assert matcher(pattern)(message) is found


def test_streams_are_described_in_order(logs: Any, group: str) -> None:
    begin = put(logs, group, "job/algo-2", ["x"])
    put(logs, group, "job/algo-1", ["y"], begin + 100)
    put(logs, group, "other", ["z"], begin + 50)
    answer = logs.describe_log_streams(
        logGroupName=group, logStreamNamePrefix="job/", orderBy="LogStreamName"
    )
    assert [stream["logStreamName"] for stream in answer["logStreams"]] == ["job/algo-1", "job/algo-2"]
    assert answer["logStreams"][0]["firstEventTimestamp"] == begin + 100
    pages = logs.get_paginator("describe_log_streams").paginate(
        logGroupName=group, orderBy="LastEventTime", descending=True, PaginationConfig={"PageSize": 2}
    )
    names = [stream["logStreamName"] for page in pages for stream in page["logStreams"]]
    assert names == ["job/algo-1", "other", "job/algo-2"]


def test_missing_and_doubled_things_have_awss_codes(logs: Any, group: str) -> None:
    assert code(logs.get_log_events, logGroupName="/none", logStreamName="s") == "ResourceNotFoundException"
    assert code(logs.get_log_events, logGroupName=group, logStreamName="s") == "ResourceNotFoundException"
    assert code(logs.describe_log_streams, logGroupName="/none") == "ResourceNotFoundException"
    assert code(logs.create_log_group, logGroupName=group) == "ResourceAlreadyExistsException"
    put(logs, group, "s", ["a"])
    assert (
        code(logs.create_log_stream, logGroupName=group, logStreamName="s")
        == "ResourceAlreadyExistsException"
    )
    assert (
        code(logs.get_log_events, logGroupName=group, logStreamName="s", nextToken="f/x/s")
        == "InvalidParameterException"
    )
    assert code(logs.create_log_group, logGroupName="no spaces") == "InvalidParameterException"


def test_events_out_of_order_are_refused_and_old_ones_reported(logs: Any, group: str) -> None:
    now = int(time.time() * 1000)
    logs.create_log_stream(logGroupName=group, logStreamName="s")
    back = [{"timestamp": now, "message": "b"}, {"timestamp": now - 1, "message": "a"}]
    assert (
        code(logs.put_log_events, logGroupName=group, logStreamName="s", logEvents=back)
        == "InvalidParameterException"
    )
    old = [{"timestamp": now - 15 * 86_400_000, "message": "old"}, {"timestamp": now, "message": "new"}]
    answer = logs.put_log_events(logGroupName=group, logStreamName="s", logEvents=old)
    assert answer["rejectedLogEventsInfo"] == {"tooOldLogEventEndIndex": 1}
    assert texts(logs.get_log_events(logGroupName=group, logStreamName="s")) == ["new"]


def test_deleted_groups_take_their_events_along(logs: Any, group: str) -> None:
    put(logs, group, "s", ["a"])
    logs.put_retention_policy(logGroupName=group, retentionInDays=7)
    described = logs.describe_log_groups(logGroupNamePrefix=group)["logGroups"]
    assert described[0]["retentionInDays"] == 7
    logs.delete_log_group(logGroupName=group)
    assert logs.describe_log_groups(logGroupNamePrefix=group)["logGroups"] == []
    logs.create_log_group(logGroupName=group)
    assert logs.describe_log_streams(logGroupName=group)["logStreams"] == []


def test_streams_of_jobs_read_the_jobs_file(tmp_path: Path) -> None:
    clock = SystemClock()
    database = Database.at(tmp_path)
    store = Store(database, clock)

    class Parts:
        pass

    ctx: Any = Parts()
    ctx.clock, ctx.store, ctx.logs = clock, store, LogStore(database, clock)
    call = Call("logs", "GetLogEvents", "us-east-1", "000000000000", "AKIA", "id")
    where = {"logGroupName": TRAINING_GROUP, "logStreamName": "job/algo-1-1"}
    path = tmp_path / "job.log"
    stamp = int(time.time() * 1000)
    path.write_text("".join(f"{stamp + number:013d} line {number}\n" for number in range(5)))
    ctx.logs.register("us-east-1", TRAINING_GROUP, "job/algo-1-1", path)

    page = service.get_log_events(ctx, call, {**where, "startFromHead": True, "limit": 3})
    assert texts(page) == ["line 0", "line 1", "line 2"]
    page = service.get_log_events(ctx, call, {**where, "nextToken": page["nextForwardToken"]})
    assert texts(page) == ["line 3", "line 4"]
    with path.open("a") as file:
        file.write(f"{stamp + 9:013d} line 9\n{stamp + 10:013d} half")
    page = service.get_log_events(ctx, call, {**where, "nextToken": page["nextForwardToken"]})
    assert texts(page) == ["line 9"]
    again = service.get_log_events(ctx, call, {**where, "nextToken": page["nextForwardToken"]})
    assert (texts(again), again["nextForwardToken"]) == ([], page["nextForwardToken"])
    first = service.filter_log_events(ctx, call, {"logGroupName": TRAINING_GROUP, "limit": 2})
    assert texts(first) == ["line 0", "line 1"]
    rest = service.filter_log_events(
        ctx, call, {"logGroupName": TRAINING_GROUP, "nextToken": first["nextToken"]}
    )
    assert texts(rest) == ["line 2", "line 3", "line 4", "line 9"]
    store.close()
