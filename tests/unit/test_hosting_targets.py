"""Where models come from and which one answers: folders and files, programs, direct invocation, many models, shadows."""

from __future__ import annotations

import asyncio
import functools
import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from smstudio_ext.engine.errors import AwsError, ValidationException
from smstudio_ext.engine.hosting import health, models, multi_model
from smstudio_ext.engine.hosting.chain import Request
from smstudio_ext.engine.hosting.containers import LoadError
from smstudio_ext.engine.hosting.invocations import Answer, Invocation, Router, router
from smstudio_ext.engine.hosting.multi_model import ARCHIVE, CACHE_HIT, MODEL, MultiModelCache
from smstudio_ext.engine.hosting.work import EndpointWork
from tests.conftest import eventually
from tests.unit.hosting_stand import BUCKET, IMAGE, PROGRAM, REGION, Stand, archive, hosting_stand


@pytest.fixture(scope="module")
def stand(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stand]:
    with hosting_stand(tmp_path_factory.mktemp("hosting")) as made:
        yield made


def ask(stand: Stand, endpoint: str, body: bytes = b"x", **options: Any) -> Answer:
    async def run() -> Answer:
        router = Router(stand.ctx)
        try:
            return await router.invoke(Invocation(REGION, endpoint, body, "text/csv", **options))
        finally:
            router.close()

    return asyncio.run(run())


def pieces(stand: Stand, endpoint: str, gate: Path) -> list[bytes]:
    """How a streamed answer came; the program sends its second piece when the first one is here."""

    async def run() -> list[bytes]:
        router = Router(stand.ctx)
        came = []
        try:
            body = b"stream " + os.fsencode(gate)
            answer = await router.invoke(Invocation(REGION, endpoint, body, "text/csv", stream=True))
            assert answer.parts is not None
            async for part in answer.parts:
                came.append(part)
                gate.touch()
            return came
        finally:
            router.close()

    return asyncio.run(run())


def refused(
    stand: Stand, endpoint: str, code: str, words: str, body: bytes = b"x", **options: Any
) -> AwsError:
    with pytest.raises(AwsError, match=words) as caught:
        ask(stand, endpoint, body, **options)
    assert caught.value.code == code
    return caught.value


def deploy(stand: Stand, name: str, **container: Any) -> None:
    models.create_model(
        stand.ctx, REGION, {"ModelName": name, "PrimaryContainer": {"Image": IMAGE, **container}}
    )
    stand.config(name, {"ModelName": name})
    stand.create(name)


def source(uri: str, kind: str, compression: str = "None") -> dict[str, Any]:
    return {"S3DataSource": {"S3Uri": uri, "S3DataType": kind, "CompressionType": compression}}


def test_model_data_of_every_kind(stand: Stand) -> None:
    put = stand.ctx.objects.put_bytes
    put(BUCKET, "folder/tag", b"-folder")
    put(BUCKET, "folder/../escape", b"x")
    put(BUCKET, "folder/sub/other", b"y")
    put(BUCKET, "file/tag", b"-file")
    packed = stand.put_model("packed.tar.gz", archive({"tag": "-packed"}))
    deploy(stand, "folder", ModelDataSource=source(f"s3://{BUCKET}/folder/", "S3Prefix"))
    deploy(stand, "file", ModelDataSource=source(f"s3://{BUCKET}/file/tag", "S3Object"))
    deploy(stand, "packed", ModelDataSource=source(packed, "S3Object", "Gzip"))
    for name in ("folder", "file", "packed"):
        assert ask(stand, name).body == f"x-{name}".encode()
        stand.delete(name)


@pytest.mark.parametrize(
    ("container", "words"),
    [
        ({"ModelDataSource": source("s3://models/none/", "S3Prefix")}, "Could not find model data"),
        ({"ModelDataSource": source("s3://models/none", "S3Prefix")}, "must end with a slash"),
        ({"ModelDataSource": source("s3://models/n/", "S3Prefix", "Gzip")}, "needs CompressionType None"),
        (
            {"ModelDataSource": source("s3://models/n", "S3Object"), "ModelDataUrl": "s3://models/n"},
            "and not both",
        ),
        ({"ModelPackageName": "p"}, "not offered yet"),
    ],
)
def test_bad_model_data_is_refused(stand: Stand, container: dict[str, Any], words: str) -> None:
    with pytest.raises(ValidationException, match=words):
        deploy(stand, "refused", **container)


@pytest.mark.parametrize("environment", [{}, {"USE_SOCKET": "1"}, {"USE_SOCKET": "1", "AS_ENTRY": "1"}])
def test_programs_of_their_own(stand: Stand, environment: dict[str, str]) -> None:
    name = "program-" + "-".join(environment).lower().replace("_", "")
    url = stand.put_model(f"{name}.tar.gz", archive({"tag": "-p"}))
    deploy(stand, name.rstrip("-"), Image=PROGRAM, ModelDataUrl=url, Environment=environment)
    name = name.rstrip("-")
    answer = ask(stand, name, headers={"x-amzn-sagemaker-custom-attributes": "a"})
    assert (answer.body, answer.content_type, answer.custom_attributes) == (b"x-p", "text/plain", "a!")
    error = refused(stand, name, "ModelError", "client error .422. from primary", b"refuse")
    assert error.members["OriginalMessage"] == "not this one"
    first, *rest = pieces(stand, name, stand.data_dir / f"{name}-gate")
    assert first == b"one "
    assert b"".join(rest) == b"two three"
    pid = int(ask(stand, name, b"pid").body)
    refused(stand, name, "ModelError", "broke off", b"die")

    def again() -> bool:
        try:
            return int(ask(stand, name, b"pid").body) != pid
        except AwsError:
            return False

    eventually(again)
    pid = int(ask(stand, name, b"pid").body)
    stand.delete(name)
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_program_that_ends_at_its_start_fails_the_endpoint(stand: Stand) -> None:
    url = stand.put_model("dead.tar.gz", archive({"tag": "broken"}))
    models.create_model(
        stand.ctx, REGION, {"ModelName": "dead", "PrimaryContainer": {"Image": PROGRAM, "ModelDataUrl": url}}
    )
    stand.config("dead", {"ModelName": "dead"})
    row = stand.create("dead", wait="Failed")
    assert "exit code 7" in row.document["FailureReason"]
    group = "/aws/sagemaker/Endpoints/dead"
    (stream,) = stand.ctx.logs.streams(REGION, group)
    events = stand.ctx.logs.read(REGION, group, stream.name).events
    assert any("this model is broken" in event.message for event in events)
    stand.delete("dead")


def test_containers_called_directly_and_a_pipeline_with_a_program(stand: Stand) -> None:
    own = {"Image": IMAGE, "ContainerHostname": "first", "Environment": {"TAG": "-1"}}
    other = {
        "Image": PROGRAM,
        "ContainerHostname": "second",
        "Environment": {"NEEDS_MODEL": "0"},
    }
    for mode in ("Direct", "Serial"):
        name = mode.lower()
        request = {
            "ModelName": name,
            "Containers": [own, other],
            "InferenceExecutionConfig": {"Mode": mode},
        }
        models.create_model(stand.ctx, REGION, request)
        stand.config(name, {"ModelName": name})
        stand.create(name)
    assert ask(stand, "serial").body == b"x-1-"
    assert ask(stand, "direct", container="first").body == b"x-1"
    assert ask(stand, "direct", container="second").body == b"x-"
    refused(stand, "direct", "ValidationError", "TargetContainerHostname is required")
    refused(stand, "direct", "ValidationError", "Container third not found", container="third")
    refused(stand, "serial", "ValidationError", "Mode Direct", container="first")
    stand.delete("direct")
    stand.delete("serial")


def test_many_models_behind_one_endpoint(stand: Stand) -> None:
    for tag in ("a", "b"):
        stand.put_model(f"many/{tag}.tar.gz", archive({"tag": f"-{tag}"}))
    stand.put_model("many/junk.tar.gz", b"junk")
    deploy(stand, "many", Mode="MultiModel", ModelDataUrl=f"s3://{BUCKET}/many/")
    assert ask(stand, "many", model="a.tar.gz").body == b"x-a"
    assert ask(stand, "many", model="/b.tar.gz").body == b"x-b"
    refused(stand, "many", "ValidationError", "TargetModel is required")
    missing = rf"Failed to download model data\(bucket: {BUCKET}, key: many/c.tar.gz\)"
    refused(stand, "many", "ValidationError", missing, model="c.tar.gz")
    refused(stand, "many", "ValidationError", "Failed to download", model="../first/model.tar.gz")
    error = refused(stand, "many", "ModelError", "not a gzipped tar archive", model="junk.tar.gz")
    assert error.members["OriginalStatusCode"] == 500
    stand.put_model("many/c.tar.gz", archive({"tag": "-late"}))
    assert ask(stand, "many", model="c.tar.gz").body == b"x-late"
    stand.delete("many")


def test_many_models_at_the_end_of_a_pipeline(stand: Stand) -> None:
    for tag in ("a", "b"):
        stand.put_model(f"last/{tag}.tar.gz", archive({"tag": f"-{tag}"}))
    stand.put_model("last/junk.tar.gz", b"junk")
    first = {"Image": IMAGE, "ModelDataUrl": stand.put_model("first.tar.gz", archive({"tag": "-p"}))}
    many = {"Image": IMAGE, "Mode": "MultiModel", "ModelDataUrl": f"s3://{BUCKET}/last/"}
    make = functools.partial(models.create_model, stand.ctx, REGION)
    make({"ModelName": "last", "Containers": [first, many]})
    with pytest.raises(AwsError, match="More than one multi-model container"):
        make({"ModelName": "twice", "Containers": [many, many]})
    stand.config("last", {"ModelName": "last"})
    stand.create("last")
    assert ask(stand, "last", model="a.tar.gz").body == b"x-p-a"
    answer = ask(stand, "last", model="b.tar.gz")
    assert (answer.body, answer.headers) == (b"x-p-b", {})
    refused(stand, "last", "ValidationError", "TargetModel is required")
    error = refused(stand, "last", "ModelError", "not a gzipped tar archive", model="junk.tar.gz")
    assert "container-2" in str(error)
    stand.delete("last")


def test_models_are_unloaded_under_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(Path(__file__).parent))
    spec = {"name": "primary", "serve": "tagger_image:load", "environment": {}, "cache": str(tmp_path)}
    for tag in ("a", "b", "c"):
        (tmp_path / tag).write_bytes(archive({"tag": tag}))
    cache = MultiModelCache(spec, tmp_path / "models", tmp_path / "s", 1000)
    used = [100]
    monkeypatch.setattr(multi_model, "used_memory_mb", lambda: used[0] + 300 * len(cache.loaded))

    def call(tag: str) -> str:
        asked = Request(b"", "text/csv", "", {MODEL: tag, ARCHIVE: str(tmp_path / tag)})
        response = cache.call(asked)
        assert response.body == tag.encode()
        return response.headers[CACHE_HIT]

    assert [call("a"), call("b"), call("a")] == ["0", "0", "1"]
    used[0] = 300  # 900 of 1000 MiB: the model that was not used for longest goes
    assert call("c") == "0"
    assert cache.loaded == ["a", "c"]
    assert len(list((tmp_path / "models").iterdir())) == 2
    (tmp_path / "d").write_bytes(b"none")
    with pytest.raises(LoadError, match="gzipped tar"):
        call("d")
    fleeting = MultiModelCache(spec, tmp_path / "once", tmp_path / "s", 0, keep=False)
    asked = Request(b"", "text/csv", "", {MODEL: "a", ARCHIVE: str(tmp_path / "a")})
    assert fleeting.call(asked).body == b"a"
    assert fleeting.loaded == []


def test_a_shadow_gets_copies_and_its_answers_are_dropped(stand: Stand) -> None:
    stand.model("real", "-real")
    stand.model("shade", "-shade")
    shadow = {"VariantName": "Shade", "ModelName": "shade", "InstanceType": "ml.m5.large"}
    stand.config("shadowed", {"ModelName": "real"}, ShadowProductionVariants=[shadow])
    row = stand.create("shadowed")
    assert row.document["ShadowProductionVariants"][0]["VariantName"] == "Shade"

    async def run() -> dict[Any, int]:
        router = Router(stand.ctx)
        answers = [await router.invoke(Invocation(REGION, "shadowed", b"x", "text/csv")) for _ in range(20)]
        assert {answer.body for answer in answers} == {b"x-real"}
        for _ in range(15_000):
            minutes = router.metrics._minutes
            counts = {key[2]: value.invocations for key, value in minutes.items()}
            if counts.get("Shade") == 20:
                break
            await asyncio.sleep(0.01)
        router.close()
        return counts

    assert asyncio.run(run()) == {"AllTraffic": 20, "Shade": 20}
    stand.delete("shadowed")


def test_a_server_that_hangs_is_ended_and_started_again(
    stand: Stand, monkeypatch: pytest.MonkeyPatch
) -> None:
    stand.model("hung", "-h")
    stand.config("hung", {"ModelName": "hung"})
    stand.create("hung")
    pid = int(ask(stand, "hung", b"pid").body)
    os.kill(pid, signal.SIGSTOP)
    monkeypatch.setattr(health, "_ANSWER_SECONDS", 0.05)
    monkeypatch.setattr(health, "HANG_SECONDS", 0.0)
    monkeypatch.setattr(health, "PING_SECONDS", 0.0)
    work = EndpointWork(stand.ctx, stand.get("hung"))
    stand.ctx.parts["hosting.health"].due.clear()
    health.watch_servers(work)
    monkeypatch.undo()

    def again() -> bool:
        try:
            return int(ask(stand, "hung", b"pid").body) != pid
        except AwsError:
            return False

    eventually(again)
    stand.delete("hung")


def test_a_server_that_answers_invocations_is_not_taken_for_one_that_hangs(
    stand: Stand, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A model that computes may have no time for health checks between one long request and the next."""
    stand.model("busy", "-b")
    stand.config("busy", {"ModelName": "busy"})
    stand.create("busy")

    async def asked() -> int:
        with_router = router(stand.ctx)
        answer = await with_router.invoke(Invocation(REGION, "busy", b"pid", "text/csv"))
        with_router.close()
        return int(answer.body)

    pid = asyncio.run(asked())
    os.kill(pid, signal.SIGSTOP)
    try:
        monkeypatch.setattr(health, "_ANSWER_SECONDS", 0.05)
        monkeypatch.setattr(health, "PING_SECONDS", 0.0)
        work = EndpointWork(stand.ctx, stand.get("busy"))
        record = health.record(stand.ctx)
        record.due.clear()
        fleet = work.fleet("serving")
        assert fleet is not None
        ((_, instance),) = fleet.instances()
        record.silent_since[instance.id] = stand.ctx.clock.monotonic() - 1000.0
        health.watch_servers(work)
        assert instance.id in record.silent_since
    finally:
        os.kill(pid, signal.SIGCONT)
        del stand.ctx.parts["hosting.router"]
    assert int(ask(stand, "busy", b"pid").body) == pid
    stand.delete("busy")
