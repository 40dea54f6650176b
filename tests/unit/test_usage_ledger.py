"""The ledger of what was metered: two servers on it, scaled and vanished endpoints, reboots, clocks that are set."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from pathlib import Path

import pytest

from smstudio_ext.studio.metering import Span, hours_by_type, instance_times
from smstudio_ext.studio.usage_ledger import Clock, UsageLedger

HOUR = 3600.0
PLACE = "local/us-east-1"


@dataclass
class Time:
    """A clock that can be set, over a time that passes, in hours."""

    passed: float = 0.0
    ahead: float = 0.0
    boot: str = "first"

    @property
    def clock(self) -> Clock:
        return Clock(
            now=lambda: (self.passed + self.ahead) * HOUR,
            steady=lambda: self.passed * HOUR,
            boot=lambda: self.boot,
        )

    @property
    def now(self) -> float:
        return (self.passed + self.ahead) * HOUR


@pytest.fixture
def time() -> Time:
    return Time(passed=100)


@pytest.fixture
def ledger(tmp_path: Path, time: Time) -> UsageLedger:
    return UsageLedger(tmp_path, time.clock)


def endpoint(started: float, count: int = 1, ended: float | None = None) -> Span:
    return Span("Endpoint", "e", "e/v", "ml.m5.large", started, ended, count)


def hours(ledger: UsageLedger, time: Time) -> float:
    return hours_by_type(instance_times(ledger.spans(PLACE), time.now)).get("ml.m5.large", 0.0)


def test_what_runs_is_one_entry_however_often_it_is_seen(ledger: UsageLedger, time: Time) -> None:
    span = endpoint(time.now)
    for _ in range(5):
        ledger.note(PLACE, [span], complete=("Endpoint",))
        time.passed += 1
    assert len(ledger.spans(PLACE)) == 1
    assert hours(ledger, time) == 5


def test_a_vanished_endpoint_ended_when_it_was_last_seen(ledger: UsageLedger, time: Time) -> None:
    span = endpoint(time.now)
    ledger.note(PLACE, [span], complete=("Endpoint",))
    time.passed += 2
    ledger.note(PLACE, [span], complete=("Endpoint",))
    time.passed += 3
    ledger.note(PLACE, [], complete=("Endpoint",))
    assert hours(ledger, time) == 2


def test_kinds_that_were_not_listed_stay_as_they_are(ledger: UsageLedger, time: Time) -> None:
    ledger.note(PLACE, [endpoint(time.now)], complete=("Endpoint",))
    time.passed += 1
    ledger.note(PLACE, [], complete=("Studio",))
    ledger.note("123456789012/us-east-1", [], complete=("Endpoint",))
    assert hours(ledger, time) == 1


def test_a_scaled_endpoint_counts_each_number_of_instances_for_its_time(
    ledger: UsageLedger, time: Time
) -> None:
    started = time.now
    for count, passed in ((1, 1), (3, 2), (2, 1), (2, 1)):
        ledger.note(PLACE, [endpoint(started, count)], complete=("Endpoint",))
        time.passed += passed
    assert hours(ledger, time) == 1 * 1 + 3 * 2 + 2 * 2
    ledger.note(PLACE, [], complete=("Endpoint",))
    assert hours(ledger, time) == 1 * 1 + 3 * 2 + 2 * 1  # the last hour was not seen any more


def test_the_next_one_of_the_same_name_is_another_entry(ledger: UsageLedger, time: Time) -> None:
    first = Span("Studio", "d/ada", "default", "ml.m5.large", time.now, None)
    ledger.note(PLACE, [first])
    time.passed += 1
    ended = Span("Studio", "d/ada", "default", "ml.m5.large", first.started, time.now)
    time.passed += 5
    second = Span("Studio", "d/ada", "default", "ml.m5.large", time.now, None)
    ledger.note(PLACE, [ended, second], complete=("Studio",))
    time.passed += 1
    ledger.note(PLACE, [ended, second], complete=("Studio",))
    assert [(span.started, span.ended) for span in ledger.spans(PLACE)] == [
        (first.started, ended.ended),
        (second.started, None),
    ]
    assert ledger.ended(PLACE, "Studio", "d/ada", "default", first.started) == ended.ended
    assert ledger.ended(PLACE, "Studio", "d/ada", "default", second.started) is None


@pytest.mark.parametrize("ahead", [24.0, -24.0], ids=["forward", "back"])
def test_a_clock_that_is_set_is_noted_with_what_ran(ledger: UsageLedger, time: Time, ahead: float) -> None:
    span = endpoint(time.now)
    ledger.note(PLACE, [span])
    time.passed += 1
    time.ahead = ahead
    ledger.note(PLACE, [span])
    time.passed += 1
    assert hours(ledger, time) == 2
    ended = endpoint(span.started, ended=time.now)
    ledger.note(PLACE, [ended])
    assert hours(ledger, time) == 2


def test_a_restart_of_the_machine_is_no_clock_that_was_set(ledger: UsageLedger, time: Time) -> None:
    span = endpoint(time.now)
    ledger.note(PLACE, [span])
    time.ahead, time.passed, time.boot = time.now / HOUR + 3, 0.0, "second"
    ledger.note(PLACE, [span])
    assert hours(ledger, time) == 3


def test_a_clock_that_is_slewed_changes_nothing(ledger: UsageLedger, time: Time) -> None:
    ledger.note(PLACE, [endpoint(time.now)])
    time.passed, time.ahead = time.passed + 1, 0.5 / HOUR
    ledger.note(PLACE, [endpoint(100 * HOUR)])
    assert [span.drift for span in ledger.spans(PLACE)] == [0.0]


def test_chains_reach_back_as_far_as_they_hang_together(ledger: UsageLedger) -> None:
    spans = [
        Span("Studio", "d/ada", name, "ml.m5.large", start * HOUR, None if end is None else end * HOUR)
        for name, start, end in (("a", 0, 1), ("b", 2, 4), ("c", 3, 6), ("d", 5, None))
    ]
    ledger.note(PLACE, spans)
    assert [span.name for span in ledger.chain(PLACE, "Studio", 5 * HOUR)] == ["b", "c", "d"]


def test_servers_on_the_same_data_write_at_the_same_time(tmp_path: Path) -> None:
    """Twenty writers, each with a ledger object of its own, as servers have."""
    problems: list[BaseException] = []

    def write(number: int) -> None:
        try:
            ledger = UsageLedger(tmp_path)
            for turn in range(5):
                ledger.note(
                    PLACE, [endpoint(1000.0), Span("Training", f"j{number}", "x", "t", turn, turn + 1)]
                )
        except BaseException as problem:  # noqa: BLE001 - shown by the assertion below
            problems.append(problem)

    threads = [threading.Thread(target=write, args=(number,)) for number in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert problems == []
    assert len(UsageLedger(tmp_path).spans(PLACE)) == 1 + 20 * 5
