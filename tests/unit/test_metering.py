"""Metering by AWS's rule: the documentation's example through boto3 with a stepped clock, and the rule's edges."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import datetime, timezone
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from smstudio_ext.studio.metering import Span, by_day, clipped, hours_by_type, instance_times
from smstudio_ext.studio.models.running import HistoryQuery
from smstudio_ext.studio.problems import BadInput
from smstudio_ext.studio.running import get_running
from smstudio_ext.studio.usage_history import history_csv, usage_history
from smstudio_ext.studio.usage_ledger import Clock, UsageLedger
from tests.unit.stepped_engine import SteppedEngine

HOUR = 3600.0
NOON = datetime(2026, 11, 21, 12, tzinfo=timezone.utc).timestamp()


def app(name: str, start: float, end: float | None, kind: str = "ml.t3.medium", owner: str = "ada") -> Span:
    """An app's time, in hours."""
    return Span("Studio", owner, name, kind, start * HOUR, None if end is None else end * HOUR)


def hours(*spans: Span, now: float = 10) -> dict[str, float]:
    return hours_by_type(instance_times(spans, now * HOUR))


def test_the_documented_example() -> None:
    """Notebook hours are 3, 2 and 1; metered are 3 hours of one type and 1 of the other."""
    assert hours(app("one", 0, 3), app("two", 1, 3), app("three", 2, 3, "ml.m5.large")) == {
        "ml.t3.medium": 3,
        "ml.m5.large": 1,
    }


@pytest.mark.parametrize(
    ("spans", "expected"),
    [
        ([app("a", 0, 1), app("b", 1, 2)], [(0, 2)]),
        ([app("a", 0, 1), app("b", 2, 3)], [(0, 1), (2, 3)]),
        ([app("a", 0, 4), app("b", 1, 2), app("c", 3, 3.5)], [(0, 4)]),
        ([app("a", 0, 1), app("b", 0, 1, owner="bob")], [(0, 1), (0, 1)]),
        ([app("a", 2, 2)], [(2, 2)]),
        ([app("a", 5, 4)], [(5, 5)]),
        ([app("a", 12, None)], [(12, 12)]),
    ],
    ids=[
        "touching",
        "apart",
        "nested",
        "two users",
        "no time",
        "ends before it starts",
        "starts in the future",
    ],
)
def test_apps_of_one_user_and_type_share_an_instance(
    spans: list[Span], expected: list[tuple[float, float]]
) -> None:
    times = instance_times(spans, 10 * HOUR)
    assert [(each.started / HOUR, each.ended / HOUR) for each in times] == expected


def test_what_runs_counts_until_now() -> None:
    (time,) = instance_times([app("a", 0, 1), app("b", 0.5, None)], 10 * HOUR)
    assert (time.running, time.seconds, time.names) == (True, 10 * HOUR, ("a", "b"))


def test_jobs_and_endpoints_have_instances_of_their_own() -> None:
    jobs = [
        Span("Training", name, name, "ml.m5.large", 0, HOUR, count) for name, count in (("a", 1), ("b", 4))
    ]
    assert hours(*jobs) == {"ml.m5.large": 5}


@pytest.mark.parametrize("drift", [7200.0, -1800.0], ids=["set forward", "set back"])
def test_a_clock_that_was_set_meters_nothing(drift: float) -> None:
    span = Span("Studio", "ada", "a", "ml.t3.medium", 0, 2 * HOUR + drift, drift=drift)
    assert hours(span) == {"ml.t3.medium": 2}


def test_days_begin_at_midnight_of_the_zone() -> None:
    """Across midnight, and across the night in which clocks go back and a day has 25 hours."""
    zone = ZoneInfo("Europe/Berlin")
    start = datetime(2026, 10, 24, 23, tzinfo=zone).timestamp()
    end = datetime(2026, 10, 26, 1, tzinfo=zone).timestamp()
    times = instance_times([Span("Studio", "ada", "a", "ml.t3.medium", start, end)], end)
    assert [(row.day, row.hours) for row in by_day(times, zone)] == [
        ("2026-10-26", 1),
        ("2026-10-25", 25),
        ("2026-10-24", 1),
    ]


def test_what_was_before_the_period_is_left_out() -> None:
    times = instance_times([app("a", 0, 4), app("b", 5, 6)], 10 * HOUR)
    assert [each.seconds / HOUR for each in clipped(times, 3 * HOUR)] == [1, 1]
    assert clipped(times, 6 * HOUR) == []


@pytest.fixture
def engine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[SteppedEngine]:
    """An engine whose clock the test turns."""
    made = SteppedEngine(tmp_path / "engine", monkeypatch, NOON)
    yield made
    made.close()


def owner_of(sagemaker: Any) -> dict[str, str]:
    """The domain and the user profile that a fresh engine has."""
    domain = sagemaker.list_domains()["Domains"][0]["DomainId"]
    profile = sagemaker.list_user_profiles(DomainIdEquals=domain)["UserProfiles"][0]["UserProfileName"]
    return {"DomainId": domain, "UserProfileName": profile}


def start(sagemaker: Any, owner: dict[str, str], name: str, kind: str) -> dict[str, str]:
    key = {**owner, "AppType": "KernelGateway", "AppName": name}
    sagemaker.create_app(**key, ResourceSpec={"InstanceType": kind})
    return key


def test_the_documented_example_through_boto3(engine: SteppedEngine, tmp_path: Path) -> None:
    """Three notebooks over three hours with real apps, deleted at the end; then the bill, the CSV and a day later."""
    target, clock = engine.target, engine.clock
    ledger = UsageLedger(tmp_path, Clock(now=clock.now, steady=clock.monotonic, boot=lambda: "boot"))
    sagemaker = target.client("sagemaker")
    owner = owner_of(sagemaker)
    first = start(sagemaker, owner, "one", "ml.t3.medium")
    engine.turn(1)
    second = start(sagemaker, owner, "two", "ml.t3.medium")
    engine.turn(1)
    third = start(sagemaker, owner, "three", "ml.m5.large")

    now = get_running(target, now=clock.now(), ledger=ledger, data_dir=tmp_path)
    assert [(each.instance_type, each.seconds / HOUR, each.cost) for each in now.instances] == [
        ("ml.t3.medium", 2, pytest.approx(0.1)),
        ("ml.m5.large", 0, 0),
    ]
    assert sorted(now.instances[0].apps) == ["one", "two"]
    assert (now.costs, now.hourly) == (pytest.approx(0.1), pytest.approx(0.165))

    engine.turn(1)
    for key in (first, second, third):
        sagemaker.delete_app(**key)
        engine.settle()
    assert get_running(target, now=clock.now(), ledger=ledger, data_dir=tmp_path).instances == []

    def history() -> Any:
        query = HistoryQuery(days=7, timezone="UTC")
        return usage_history(target, query, ledger, now=clock.now(), data_dir=tmp_path)

    found = history()
    assert [(row.day, row.instance_type, row.hours) for row in found.rows] == [
        ("2026-11-21", "ml.m5.large", pytest.approx(1, abs=1e-6)),
        ("2026-11-21", "ml.t3.medium", pytest.approx(3, abs=1e-6)),
    ]
    assert found.cost == pytest.approx(3 * 0.05 + 0.115, abs=1e-6)
    assert found.missing == []
    rows = list(csv.reader(io.StringIO(b"".join(history_csv(found)).decode())))
    assert rows[1][:7] == ["2026-11-21", "UTC", "Studio", "ml.m5.large", "1.000000", "0.115", "0.115000"]
    engine.turn(30)  # AWS would have forgotten the apps by now
    assert [(row.instance_type, row.hours) for row in history().rows] == [
        ("ml.m5.large", pytest.approx(1, abs=1e-6)),
        ("ml.t3.medium", pytest.approx(3, abs=1e-6)),
    ]


def test_shutting_a_kernel_down_does_not_end_the_instance_but_the_last_app_does(
    engine: SteppedEngine, tmp_path: Path
) -> None:
    sagemaker = engine.target.client("sagemaker")
    owner = owner_of(sagemaker)
    first = start(sagemaker, owner, "a", "ml.c5.large")
    engine.turn(1)
    second = start(sagemaker, owner, "b", "ml.c5.large")
    engine.turn(1)
    sagemaker.delete_app(**first)
    engine.turn(1)
    (instance,) = get_running(engine.target, now=engine.clock.now()).instances
    assert (instance.seconds / HOUR, instance.apps) == (3, ["b"])
    sagemaker.delete_app(**second)
    engine.settle()
    assert get_running(engine.target, now=engine.clock.now()).instances == []


def test_a_clock_that_is_set_while_an_instance_runs_costs_nothing(
    engine: SteppedEngine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The clock of the machine jumps a day ahead, then two days back; the time that passed is metered."""
    engine_clock = engine.clock
    jump = 0.0
    plain = engine_clock.now
    monkeypatch.setattr(engine_clock, "now", lambda: plain() + jump)
    clock = Clock(now=engine_clock.now, steady=plain, boot=lambda: "boot")
    ledger = UsageLedger(tmp_path, clock)
    sagemaker = engine.target.client("sagemaker")
    start(sagemaker, owner_of(sagemaker), "a", "ml.m5.large")

    def seconds() -> float:
        (found,) = get_running(engine.target, now=clock.now(), ledger=ledger).instances
        return found.seconds

    assert seconds() == 0
    engine.turn(1)
    jump = 86_400.0
    assert seconds() == pytest.approx(HOUR)
    engine.turn(1)
    jump = -86_400.0
    assert seconds() == pytest.approx(2 * HOUR)


def test_a_time_zone_that_is_none_is_refused(engine: SteppedEngine, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="Mars"):
        usage_history(engine.target, HistoryQuery(timezone="Mars/Olympus"), UsageLedger(tmp_path), now=NOON)
