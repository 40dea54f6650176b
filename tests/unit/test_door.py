"""What the front door refuses, and how."""

from __future__ import annotations

import errno
import http.client
import json
from pathlib import Path
from typing import Any

import pytest

from smstudio_ext.engine.server.hosts import is_ours
from smstudio_ext.engine.services import registry
from tests.unit.door_stand import DoorStand, sign


@pytest.fixture
def stand(tmp_path: Path) -> Any:
    made = DoorStand(tmp_path)
    yield made
    made.store.close()


@pytest.fixture
def offer(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Registers an implementation of DescribeTrainingJob for one test."""

    def put(handler: Any, **options: Any) -> None:
        made = registry.Operation("sagemaker", "DescribeTrainingJob", handler, **options)
        monkeypatch.setitem(registry.OPERATIONS, ("sagemaker", "DescribeTrainingJob"), made)

    return put


async def describe(stand: DoorStand, **options: Any) -> Any:
    return await stand.call("sagemaker", "SageMaker.DescribeTrainingJob", {"TrainingJobName": "a"}, **options)


async def test_a_signed_call_reaches_its_operation(stand: DoorStand, offer: Any) -> None:
    offer(lambda ctx, call, request: {"TrainingJobName": request["TrainingJobName"], "RoleArn": call.region})
    answer = await describe(stand)
    assert answer.status == 200
    assert answer.json() == {"TrainingJobName": "a", "RoleArn": "us-east-1"}
    assert answer.headers["content-type"] == "application/x-amz-json-1.1"
    assert answer.headers["x-amzn-requestid"]


async def test_wrong_signature_and_unknown_key_never_reach_it(stand: DoorStand, offer: Any) -> None:
    offer(lambda *_: pytest.fail("must not be called"))
    answer = await describe(stand, secret="wrong")
    assert (answer.status, answer.json()["__type"]) == (400, "InvalidSignatureException")
    answer = await describe(stand, access_key="AKIANOBODY")
    assert answer.json()["__type"] == "UnrecognizedClientException"


async def test_unsigned_requests_are_refused_on_every_wire(stand: DoorStand) -> None:
    json_answer = await stand.send(
        "POST", "http://127.0.0.1/", {"X-Amz-Target": "SageMaker.ListModels"}, b"{}"
    )
    assert json_answer.json()["__type"] == "MissingAuthenticationTokenException"
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    query_answer = await stand.send("POST", "http://127.0.0.1/", form, b"Action=GetCallerIdentity")
    assert b"<Code>MissingAuthenticationToken</Code>" in query_answer.body
    s3_answer = await stand.send("GET", "http://127.0.0.1/bucket", {})
    assert (s3_answer.status, b"<Code>AccessDenied</Code>" in s3_answer.body) == (403, True)


@pytest.mark.parametrize(
    "host", ["evil.example", "localhost.evil.example", "10.0.0.1", "", "evil.example:4566"]
)
async def test_foreign_hosts_are_refused(stand: DoorStand, host: str) -> None:
    answer = await stand.send("GET", "http://127.0.0.1/_smstudio/health", {"Host": host})
    assert answer.status == 403


@pytest.mark.parametrize(
    "host",
    [
        "localhost",
        "localhost:1",
        "127.0.0.1:4566",
        "[::1]:80",
        "b.localhost",
        "b.s3.localhost:80",
        "127.1.2.3",
    ],
)
def test_loopback_names_are_ours(host: str) -> None:
    assert is_ours(host)


async def test_health_needs_no_signature_and_says_nothing(stand: DoorStand) -> None:
    answer = await stand.send("GET", "http://127.0.0.1/_smstudio/health", {})
    assert (answer.status, answer.json()) == (200, {"status": "ok"})


async def test_events_need_a_signature(stand: DoorStand) -> None:
    assert (await stand.send("GET", "http://127.0.0.1/_smstudio/events", {})).status == 403


async def test_malformed_json_is_a_serialization_exception(stand: DoorStand, offer: Any) -> None:
    offer(lambda *_: pytest.fail("must not be called"))
    answer = await stand.call("sagemaker", "SageMaker.DescribeTrainingJob", b'{"TrainingJobName": ')
    assert (answer.status, answer.json()["__type"]) == (400, "SerializationException")


async def test_ten_megabytes_are_too_much(stand: DoorStand, offer: Any) -> None:
    offer(lambda *_: pytest.fail("must not be called"))
    answer = await stand.call("sagemaker", "SageMaker.DescribeTrainingJob", b" " * 10 * 1024 * 1024)
    assert answer.status == 413


@pytest.mark.parametrize(
    ("service", "target", "text"),
    [
        (
            "sagemaker",
            "SageMaker.CreateHub",
            "sagemaker:CreateHub is an operation of AWS's API that this engine does not offer yet.",
        ),
        (
            "sagemaker",
            "SageMaker.CreateNothing",
            "sagemaker:CreateNothing is not an operation that this engine knows.",
        ),
        ("dynamodb", "DynamoDB_20120810.ListTables", "dynamodb:ListTables"),
        ("nosuchservice", "X.Y", "nosuchservice:Y"),
    ],
)
async def test_unknown_operations_are_named(stand: DoorStand, service: str, target: str, text: str) -> None:
    answer = await stand.call(service, target, {})
    assert (answer.status, answer.json()["__type"]) == (400, "UnknownOperationException")
    assert text in answer.json()["message"]


async def test_unknown_query_operation_is_an_invalid_action(stand: DoorStand) -> None:
    body = b"Action=CreateGroup&Version=2010-05-08"
    headers = sign(
        "POST", "http://127.0.0.1/", {"Content-Type": "application/x-www-form-urlencoded"}, body, "iam"
    )
    answer = await stand.send("POST", "http://127.0.0.1/", headers, body)
    assert (answer.status, b"<Code>InvalidAction</Code>" in answer.body) == (400, True)


@pytest.mark.parametrize("inline", [True, False])
async def test_a_full_disk_is_a_clear_temporary_error(stand: DoorStand, offer: Any, inline: bool) -> None:
    def full(*_: Any) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    offer(full, inline=inline)
    answer = await describe(stand)
    assert (answer.status, answer.json()["__type"]) == (503, "ServiceUnavailableException")
    assert "No space left" in answer.json()["message"]


async def test_a_full_data_base_leaves_nothing_behind(stand: DoorStand, offer: Any) -> None:
    def fill(ctx: Any, call: Any, request: Any) -> None:
        with ctx.store.database.write() as connection:
            connection.exec_driver_sql("PRAGMA max_page_count = 1")
            for number in range(10_000):
                connection.exec_driver_sql(
                    "INSERT INTO documents (family, key, value) VALUES ('f', ?, ?)", (str(number), "x" * 1000)
                )

    offer(fill)
    assert (await describe(stand)).json()["__type"] == "ServiceUnavailableException"
    assert stand.store.documents.all("f") == []


async def test_a_waiters_long_answer_begins_with_blanks(
    stand: DoorStand, offer: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    offer(
        lambda ctx, call, request: {"TrainingJobStatus": "Completed"},
        settles=("TrainingJob", "TrainingJobName"),
    )
    settled = iter([False, False, False, True])

    async def until_settled(key: Any, seconds: float = 0) -> bool:
        return next(settled)

    monkeypatch.setattr(stand.door.holds, "until_settled", until_settled)
    body = b'{"TrainingJobName": "a"}'
    headers = {
        "X-Amz-Target": "SageMaker.DescribeTrainingJob",
        "User-Agent": "Boto3/1.44.5 md/Botocore#1.44.5 m/Z,B cfg/retry-mode#legacy",
    }
    signed = sign("POST", "http://127.0.0.1/", headers, body, "sagemaker")
    answer = await stand.send("POST", "http://127.0.0.1/", signed, body)
    assert answer.body.startswith(b"   {")
    assert answer.json() == {"TrainingJobStatus": "Completed"}
    assert "content-length" not in answer.headers


async def test_an_unexpected_error_keeps_its_details_in_the_log(stand: DoorStand, offer: Any) -> None:
    def fail(*_: Any) -> None:
        raise RuntimeError("private")

    offer(fail)
    answer = await describe(stand)
    assert (answer.status, answer.json()["__type"]) == (500, "InternalFailure")
    assert "private" not in answer.json()["message"]


def test_the_running_engine_refuses_a_foreign_host_and_a_large_body(engine: Any) -> None:
    address = engine.url.removeprefix("http://")
    connection = http.client.HTTPConnection(address, timeout=120)
    connection.request("GET", "/_smstudio/health", headers={"Host": "evil.example"})
    assert connection.getresponse().status == 403
    connection = http.client.HTTPConnection(address, timeout=120)
    body = json.dumps({"TrainingJobName": "a" * 10 * 1024 * 1024}).encode()
    headers = sign(
        "POST",
        engine.url + "/",
        {"X-Amz-Target": "SageMaker.DescribeTrainingJob"},
        body,
        "sagemaker",
        access_key=engine.info.access_key,
        secret=engine.info.secret_key,
    )
    connection.request("POST", "/", body, headers)
    assert connection.getresponse().status == 413


def test_cloudwatch_speaks_query_too(engine: Any) -> None:
    body = b"Action=ListMetrics&Version=2010-08-01&Namespace=none"
    headers = sign(
        "POST",
        engine.url + "/",
        {"Content-Type": "application/x-www-form-urlencoded; charset=utf-8"},
        body,
        "monitoring",
        access_key=engine.info.access_key,
        secret=engine.info.secret_key,
    )
    connection = http.client.HTTPConnection(engine.url.removeprefix("http://"), timeout=30)
    connection.request("POST", "/", body, headers)
    response = connection.getresponse()
    assert response.status == 200
    assert b"<ListMetricsResult>" in response.read()
