"""Asynchronous endpoints and data capture: queues that outlive an engine, failures, expiry, files as AWS writes them."""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import Iterator
from typing import Any

import pytest

from smstudio_ext.engine.errors import AwsError
from smstudio_ext.engine.hosting import async_store, endpoints
from smstudio_ext.engine.hosting.async_queue import AsyncQueue, Wish
from smstudio_ext.engine.hosting.invocations import Invocation, Router, router
from smstudio_ext.engine.settings import ACCOUNT_ID
from tests.unit.hosting_stand import BUCKET, REGION, Stand, hosting_stand


@pytest.fixture(scope="module")
def stand(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stand]:
    with hosting_stand(tmp_path_factory.mktemp("hosting")) as made:
        made.model("m", "-m")
        output = {
            "OutputConfig": {"S3OutputPath": f"s3://{BUCKET}/out", "S3FailurePath": f"s3://{BUCKET}/failed"},
            "ClientConfig": {"MaxConcurrentInvocationsPerInstance": 2},
        }
        made.config("queue", {"ModelName": "m"}, AsyncInferenceConfig=output)
        made.create("queue")
        yield made


def read(stand: Stand, place: str) -> bytes | None:
    bucket, _, key = place.removeprefix("s3://").partition("/")
    if stand.ctx.objects.head(bucket, key) is None:
        return None
    with stand.ctx.objects.open(bucket, key) as file:
        return file.read()


async def arrive(stand: Stand, place: str) -> bytes:
    for _ in range(7500):
        found = await asyncio.to_thread(read, stand, place)
        if found is not None:
            return found
        await asyncio.sleep(0.02)
    raise AssertionError(f"nothing at {place}")


class Queue:
    """A queue on the loop of one test."""

    def __init__(self, stand: Stand) -> None:
        for part in ("hosting.router", "hosting.async"):
            stand.ctx.parts.pop(part, None)
        self.stand = stand
        self.queue = AsyncQueue(stand.ctx)
        self.router = router(stand.ctx)

    async def put(self, name: str, body: bytes, **options: Any) -> Any:
        self.stand.ctx.objects.put_bytes(BUCKET, f"in/{name}", body, content_type="text/csv")
        return await self.queue.accept(Wish(REGION, "queue", f"s3://{BUCKET}/in/{name}", **options))

    def close(self) -> None:
        self.queue.close()
        self.router.close()
        self.stand.ctx.parts.pop("hosting.router", None)


@pytest.fixture
async def queue(stand: Stand) -> Any:
    made = Queue(stand)
    yield made
    made.close()


async def emptied(stand: Stand) -> None:
    for _ in range(7500):
        if async_store.count(stand.ctx, REGION, "queue") == 0:
            return
        await asyncio.sleep(0.02)
    raise AssertionError("the queue is not empty")


async def test_answers_are_stored_and_failures_too(stand: Stand, queue: Queue) -> None:
    accepted = await queue.put("one", b"row", inference_id="mine")
    assert accepted.inference_id == "mine"
    assert accepted.output.startswith(f"s3://{BUCKET}/out/")
    assert accepted.output.endswith(".out")
    assert await arrive(stand, accepted.output) == b"row-m"
    failed = await queue.put("bad", b"fail")
    assert failed.failure.endswith("-error.out")
    assert b"kaputt" in await arrive(stand, failed.failure)
    assert read(stand, failed.output) is None
    inline = await queue.queue.accept(
        Wish(REGION, "queue", None, b"body", "text/csv", extension="sub/", file_name="named.txt")
    )
    assert inline.output == f"s3://{BUCKET}/out/sub/named.txt"
    assert await arrive(stand, inline.output) == b"body-m"
    await emptied(stand)
    names = {key[2] for key in queue.router.metrics._rare}
    assert {"InvocationsProcessed", "InvocationFailures", "TimeInBacklog"} <= names


async def test_bad_requests_are_refused(stand: Stand, queue: Queue) -> None:
    with pytest.raises(AwsError, match="Failed to access the input object"):
        await queue.queue.accept(Wish(REGION, "queue", f"s3://{BUCKET}/none"))
    with pytest.raises(AwsError, match="InputLocation, or a Body"):
        await queue.queue.accept(Wish(REGION, "queue", None, b"x" * 200_000))
    with pytest.raises(AwsError, match="not found"):
        await queue.queue.accept(Wish(REGION, "none", f"s3://{BUCKET}/none"))
    with pytest.raises(AwsError, match="call InvokeEndpointAsync"):
        await queue.router.invoke(Invocation(REGION, "queue", b"x"))


async def test_an_answer_that_cannot_be_stored_is_a_failure_and_leaves_the_queue(
    stand: Stand, queue: Queue
) -> None:
    variant = {"ModelName": "m"}
    stand.ctx.objects.create_bucket("short-lived", REGION)
    output = {"S3OutputPath": "s3://short-lived/out", "S3FailurePath": f"s3://{BUCKET}/lost"}
    stand.config("lost", variant, AsyncInferenceConfig={"OutputConfig": output})
    await asyncio.to_thread(stand.create, "lost")
    stand.ctx.objects.delete_bucket("short-lived")
    accepted = await queue.queue.accept(Wish(REGION, "lost", None, b"row", "text/csv"))
    assert accepted.failure is not None
    text = (await arrive(stand, accepted.failure)).decode()
    assert accepted.output in text
    assert "could not be written" in text
    for _ in range(7500):
        if async_store.count(stand.ctx, REGION, "lost") == 0:
            break
        await asyncio.sleep(0.02)
    assert async_store.count(stand.ctx, REGION, "lost") == 0


async def test_without_an_output_path_answers_go_to_the_default_bucket(stand: Stand, queue: Queue) -> None:
    notices = {"SuccessTopic": f"arn:aws:sns:{REGION}:{ACCOUNT_ID}:good", "ErrorTopic": "arn:aws:sns:x"}
    config = {"OutputConfig": {"NotificationConfig": notices}}
    stand.config("plain-out", {"ModelName": "m"}, AsyncInferenceConfig=config)
    await asyncio.to_thread(stand.create, "plain-out")
    accepted = await queue.queue.accept(Wish(REGION, "plain-out", None, b"row", "text/csv"))
    assert accepted.output.startswith(f"s3://sagemaker-{REGION}-{ACCOUNT_ID}/")
    assert await arrive(stand, accepted.output) == b"row-m"


async def test_no_more_than_allowed_run_at_a_time(stand: Stand, queue: Queue) -> None:
    accepted = [await queue.put(f"slow-{number}", b"sleep 0.1") for number in range(5)]
    lane = queue.queue._lanes[REGION, "queue"]
    most = 0
    while lane.waiting or lane.running:
        most = max(most, lane.running)
        await asyncio.sleep(0.01)
    assert most == 2
    for one in accepted:
        assert (await arrive(stand, one.output)).startswith(b"sleep")
    await emptied(stand)


async def test_what_waits_is_taken_up_by_another_engine_and_by_an_endpoint_without_servers(
    stand: Stand,
) -> None:
    scale = {"EndpointName": "queue", "DesiredWeightsAndCapacities": []}

    def resize(count: int) -> None:
        wish = {"VariantName": "AllTraffic", "DesiredInstanceCount": count}
        endpoints.update_weights_and_capacities(
            stand.ctx, REGION, {**scale, "DesiredWeightsAndCapacities": [wish]}
        )
        stand.wait("queue", "InService")

    await asyncio.to_thread(resize, 0)
    before = Queue(stand)
    accepted = [await before.put(f"patient-{number}", b"%d" % number) for number in range(3)]
    await asyncio.sleep(0.05)
    assert async_store.count(stand.ctx, REGION, "queue") == 3
    before.close()
    await asyncio.to_thread(stand.restart)
    after = Queue(stand)
    await after.queue.open()
    await asyncio.to_thread(resize, 1)
    for number, one in enumerate(accepted):
        assert await arrive(stand, one.output) == b"%d-m" % number
    await emptied(stand)
    after.close()


async def test_capture_writes_lines_as_aws_does(stand: Stand) -> None:
    capture = {
        "EnableCapture": True,
        "InitialSamplingPercentage": 100,
        "DestinationS3Uri": f"s3://{BUCKET}/captured",
        "CaptureOptions": [{"CaptureMode": "Input"}, {"CaptureMode": "Output"}],
    }
    stand.config("seen", {"ModelName": "m"}, DataCaptureConfig=capture)
    row = await asyncio.to_thread(stand.create, "seen")
    assert row.document["DataCaptureConfig"]["CaptureStatus"] == "Started"
    made = Router(stand.ctx)
    headers = {"x-amzn-sagemaker-inference-id": "id-1"}
    await made.invoke(Invocation(REGION, "seen", b"1,2", "text/csv", "text/csv", headers))
    await made.invoke(Invocation(REGION, "seen", b"\xff\xfe", "image/png", "application/json"))
    await asyncio.to_thread(made.capture.flush)
    found = list(stand.ctx.objects.iterate(BUCKET, "captured/"))  # two when a flush came between the requests
    lines = []
    for one in found:
        assert one.key.split("/")[1:3] == ["seen", "AllTraffic"]
        assert len(one.key.split("/")) == 8
        assert one.key.endswith(".jsonl")
        lines += (read(stand, f"s3://{BUCKET}/{one.key}") or b"").splitlines()
    records = {
        record["captureData"]["endpointInput"]["encoding"]: record for record in map(json.loads, lines)
    }
    assert len(records) == len(lines) == 2
    first, second = records["CSV"], records["BASE64"]
    assert first["captureData"]["endpointInput"] == {
        "observedContentType": "text/csv",
        "mode": "INPUT",
        "data": "1,2",
        "encoding": "CSV",
    }
    assert first["captureData"]["endpointOutput"]["data"] == "1,2-m"
    assert first["eventMetadata"]["inferenceId"] == "id-1"
    assert set(first["eventMetadata"]) == {"eventId", "inferenceId", "inferenceTime"}
    assert first["eventVersion"] == "0"
    assert second["captureData"]["endpointOutput"]["encoding"] == "BASE64"  # not text, whatever its type says
    made.close()
    await asyncio.to_thread(stand.delete, "seen")


async def test_capture_takes_a_sample(stand: Stand) -> None:
    random.seed(7)
    capture = {
        "EnableCapture": True,
        "InitialSamplingPercentage": 30,
        "DestinationS3Uri": f"s3://{BUCKET}/sampled",
        "CaptureOptions": [{"CaptureMode": "Output"}],
    }
    stand.config("sampled", {"ModelName": "m"}, DataCaptureConfig=capture)
    await asyncio.to_thread(stand.create, "sampled")
    made = Router(stand.ctx)
    for number in range(300):
        await made.invoke(Invocation(REGION, "sampled", b"%d" % number, "text/csv"))
    await asyncio.to_thread(made.capture.flush)
    lines = []
    for found in stand.ctx.objects.iterate(BUCKET, "sampled/"):
        lines += (read(stand, f"s3://{BUCKET}/{found.key}") or b"").splitlines()
    assert 60 < len(lines) < 120
    assert all(list(json.loads(line)["captureData"]) == ["endpointOutput"] for line in lines)
    made.close()
    await asyncio.to_thread(stand.delete, "sampled")
