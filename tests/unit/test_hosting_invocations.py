"""Invocations: errors of models and servers in AWS's forms, limits, routing tables and metrics."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from smstudio_ext.engine.clock import ManualClock
from smstudio_ext.engine.errors import AwsError
from smstudio_ext.engine.hosting import invocations
from smstudio_ext.engine.hosting.fleet import (
    Fleet,
    Instance,
    Variant,
    new_instance,
    socket_directory,
    socket_path,
)
from smstudio_ext.engine.hosting.invocations import Answer, Invocation, Router
from smstudio_ext.engine.hosting.link import (
    ConnectionBroken,
    ServerLink,
    ServerTimeout,
    ServerUnreachable,
)
from smstudio_ext.engine.hosting.metrics import Distribution, InvocationMetrics
from smstudio_ext.engine.hosting.routes import EndpointRoute, VariantRoute
from smstudio_ext.engine.settings import Settings
from smstudio_ext.engine.store import Database, tables
from tests.conftest import eventually
from tests.unit.hosting_stand import REGION, Stand, hosting_stand


@pytest.fixture(scope="module")
def stand(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stand]:
    with hosting_stand(tmp_path_factory.mktemp("hosting")) as made:
        made.model("tagged", "-t")
        made.config("tagged", {"ModelName": "tagged"})
        made.create("tagged")
        yield made


@pytest.fixture
async def router(stand: Stand) -> Any:
    made = Router(stand.ctx)
    yield made
    made.close()


async def ask(router: Router, body: bytes, content_type: str = "text/csv") -> Answer:
    return await router.invoke(Invocation(REGION, "tagged", body, content_type))


async def model_error(router: Router, body: bytes, content_type: str = "text/csv") -> AwsError:
    with pytest.raises(AwsError) as caught:
        await ask(router, body, content_type)
    assert (caught.value.code, caught.value.status) == ("ModelError", 424)
    return caught.value


async def test_client_errors_keep_their_status(router: Router) -> None:
    error = await model_error(router, b"1", "text/refused")
    assert error.members["OriginalStatusCode"] == 415
    assert error.members["OriginalMessage"] == "this type is not for me"
    assert 'client error (415) from primary with message "this type is not for me"' in error.message
    assert error.members["LogStreamArn"].endswith("log-group:/aws/sagemaker/Endpoints/tagged")


async def test_failures_of_the_model_are_500_and_in_the_log(router: Router, stand: Stand) -> None:
    error = await model_error(router, b"fail")
    assert error.members["OriginalStatusCode"] == 500
    assert error.members["OriginalMessage"] == "ValueError: kaputt"
    group = "/aws/sagemaker/Endpoints/tagged"
    (stream,) = stand.ctx.logs.streams(REGION, group)

    def logged() -> bool:
        events = stand.ctx.logs.read(REGION, group, stream.name).events
        return any(event.message == "ValueError: kaputt" for event in events)

    await asyncio.to_thread(eventually, logged)


async def test_too_large_a_body_is_413(router: Router) -> None:
    with pytest.raises(AwsError) as caught:
        await ask(router, b"x" * (invocations.BODY_LIMIT + 1))
    assert (caught.value.code, caught.value.status) == ("413", 413)
    assert len((await ask(router, b"x" * invocations.BODY_LIMIT)).body) == invocations.BODY_LIMIT + 2


async def test_model_that_takes_too_long_times_out(router: Router, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(invocations, "TIME_LIMIT", 0.2)
    error = await model_error(router, b"sleep 0.6")
    assert error.members["OriginalStatusCode"] == 0
    assert "timed out while waiting for a response from container primary" in error.message


async def test_small_requests_and_large_ones_are_both_answered_in_parallel(router: Router) -> None:
    large = b"y" * 300_000
    answers = await asyncio.gather(*(ask(router, body) for body in [large, b"1", large, b"2"] * 10))
    assert [len(answer.body) for answer in answers] == [300_002, 3, 300_002, 3] * 10


async def test_a_request_that_kills_its_server_is_a_model_error_and_the_endpoint_recovers(
    router: Router,
) -> None:
    error = await model_error(router, b"die")
    assert error.members["OriginalStatusCode"] == 0

    async def recovered() -> bytes:
        while True:
            try:
                return (await ask(router, b"1")).body
            except AwsError as failure:
                if failure.code != "ServiceUnavailable":
                    raise
                await asyncio.sleep(0.02)

    assert await asyncio.wait_for(recovered(), 30) == b"1-t"


async def test_unknown_endpoint_and_one_that_is_not_in_service(router: Router, stand: Stand) -> None:
    with pytest.raises(AwsError, match=r"Endpoint nothing of account 000000000000 not found\.") as caught:
        await router.invoke(Invocation(REGION, "nothing", b""))
    assert (caught.value.code, caught.value.status) == ("ValidationError", 400)
    with pytest.raises(AwsError, match="not found"):
        await router.invoke(Invocation("eu-west-1", "tagged", b""))
    stand.model("sick", Environment={"BROKEN": "1"})
    stand.config("sick", {"ModelName": "sick"})
    await asyncio.to_thread(stand.create, "sick", None, "Failed")
    with pytest.raises(AwsError, match="its status is Failed"):
        await router.invoke(Invocation(REGION, "sick", b""))


async def test_client_tells_no_server_from_a_broken_one(tmp_path: Path) -> None:
    pool = ServerLink(str(tmp_path / "s"))
    with pytest.raises(ServerUnreachable):
        await pool.post("", "", None, b"", 1.0)

    async def hang_up(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.close()

    async def babble(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"\xff" * 64)

    async def silence(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    for name, behaviour, expected in (
        ("a", hang_up, ConnectionBroken),
        ("b", babble, ConnectionBroken),
        ("c", silence, ServerTimeout),
    ):
        server = await asyncio.start_unix_server(behaviour, tmp_path / name)
        pool = ServerLink(str(tmp_path / name))
        with pytest.raises(expected):
            await pool.post("", "", None, b"", 0.2)
        assert pool.in_flight == 0
        pool.close()
        server.close()


def variant(name: str, weight: float, routing: str = "RANDOM") -> Variant:
    return Variant(name, "m", "ml.m5.large", weight, 1, [_container()], [new_instance()], routing)


def _container() -> Any:
    from smstudio_ext.engine.hosting.fleet import Container

    return Container("image", "module:function", hostname="primary")


def test_weights_choose_variants() -> None:
    route = EndpointRoute(
        [(VariantRoute(variant("a", 0.0), [], "c"), 0.0), (VariantRoute(variant("b", 2.0), [], "c"), 2.0)]
    )
    names = {chosen.name for _ in range(100) if (chosen := route.choose()) is not None}
    assert names == {"b"}
    assert EndpointRoute([(VariantRoute(variant("a", 0.0), [], "c"), 0.0)]).choose() is None


def test_least_outstanding_requests_picks_the_idle_server() -> None:
    busy, idle = ServerLink("busy"), ServerLink("idle")
    busy._waiting = dict.fromkeys(range(3))  # type: ignore[arg-type]  # three requests under way
    route = VariantRoute(variant("a", 1.0, "LEAST_OUTSTANDING_REQUESTS"), [busy, idle], "c")
    assert {route.pick() for _ in range(20)} == {idle}
    assert route.pick(avoid=idle) is busy
    idle.suspect_until = time.monotonic() + 60
    assert route.pick() is busy
    assert VariantRoute(variant("a", 1.0), [], "c").pick() is None


def test_fleet_survives_json() -> None:
    fleet = Fleet("config", [variant("a", 1.5), variant("b", 0.0)])
    assert Fleet.from_json(json.loads(json.dumps(fleet.to_json()))) == fleet


def test_socket_paths_are_short_and_stay_the_same(tmp_path: Path) -> None:
    deep = Settings(tmp_path / ("d" * 90) / "data")
    instance = Instance("i-0123456789abcdef0", attempt=12345)
    path = socket_path(deep, instance)
    assert len(str(path)) <= 103
    assert path == socket_path(deep, instance)
    assert path.parent.stat().st_mode & 0o077 == 0
    assert socket_directory(Settings(tmp_path / "other")) != path.parent
    path.parent.rmdir()


def test_distribution_keeps_sum_and_count() -> None:
    distribution = Distribution()
    values = [0.0, 1.0, 250.0, 251.0, 90_000.0]
    for value in values:
        distribution.add(value)
    points = distribution.points()
    assert sum(value * count for value, count in points) == pytest.approx(sum(values))
    assert sum(count for _, count in points) == len(values)
    assert len(points) == 4  # 250 and 251 share one
    assert (points[0][0], points[-1][0]) == (0.0, 90_000.0)


async def test_metrics_are_written_a_minute_at_a_time(tmp_path: Path) -> None:
    database = Database.at(tmp_path)
    clock = ManualClock(1_800_000_030.0)
    metrics = InvocationMetrics(database, clock)

    def record(status: int) -> None:
        metrics.record(
            REGION,
            "e",
            "v",
            config="c",
            status=status,
            instances=2,
            model_seconds=0.001,
            total_seconds=0.0015,
        )

    for status in (200, 200, 400, 500):
        record(status)
    clock.advance(60)
    record(200)
    metrics.flush()
    metrics.flush()
    table = tables.metric_points
    with database.read() as connection:
        rows = connection.execute(select(table)).mappings().all()
    database.close()

    def total(name: str, minute: float) -> float:
        found = [
            row for row in rows if (row["name"], row["timestamp"], row["dimensions"]) == (name, minute, whole)
        ]
        return sum(row["value"] * row["count"] for row in found)

    whole = '{"EndpointName": "e", "VariantName": "v"}'
    first, second = 1_800_000_000.0, 1_800_000_060.0
    assert (total("Invocations", first), total("Invocations", second)) == (4.0, 1.0)
    assert (total("Invocation4XXErrors", first), total("Invocation5XXErrors", first)) == (1.0, 1.0)
    assert total("InvocationsPerInstance", first) == 2.0
    assert total("ModelLatency", first) == pytest.approx(4000.0)
    assert total("OverheadLatency", first) == pytest.approx(2000.0)
    of_config = '{"EndpointConfigName": "c", "EndpointName": "e", "VariantName": "v"}'
    assert {row["dimensions"] for row in rows} == {whole, of_config}
