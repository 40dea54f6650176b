"""The reconciler: steps, wakes, pauses, failures and what a start takes up."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, cast

import pytest

from smstudio_ext.engine.clock import ManualClock
from smstudio_ext.engine.context import EngineContext
from smstudio_ext.engine.runtime.reconciler import AGAIN, DONE, WAIT, After, Next, Reconciler
from smstudio_ext.engine.store import Database, Resource, Store

REGION = "us-east-1"


class Scripted:
    """A controller that answers from a list and keeps what it was asked."""

    def __init__(self, kind: str, *answers: Next | Exception | Callable[[], Next]) -> None:
        self.kind = kind
        self.answers = list(answers)
        self.seen: list[str] = []
        self.resumed: list[str] = []

    def step(self, ctx: EngineContext, resource: Resource) -> Next:
        self.seen.append(resource.name)
        answer = self.answers.pop(0) if self.answers else WAIT
        if isinstance(answer, Exception):
            raise answer
        return answer() if callable(answer) else answer

    def resume(self, ctx: EngineContext, resource: Resource) -> None:
        self.resumed.append(resource.name)


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def store(tmp_path: Path, clock: ManualClock) -> Iterator[Store]:
    store = Store(Database.at(tmp_path), clock)
    yield store
    store.close()


def make(store: Store, name: str, kind: str = "Thing", parent: str | None = None) -> Resource:
    row = Resource(kind, REGION, name, f"arn:{kind}/{name}", "Busy", 1.0, 1.0, {}, parent=parent)
    return store.resources.create(row)


def reconciler(store: Store, clock: ManualClock, *controllers: Scripted, **options: Any) -> Reconciler:
    made = Reconciler(store, clock, controllers={c.kind: c for c in controllers}, **options)
    made.attach(cast(EngineContext, None))
    made._ctx = cast(EngineContext, object())  # the scripted controllers do not look at it
    return made


def test_again_is_called_again_at_once_and_wait_only_after_the_idle_pause(
    store: Store, clock: ManualClock
) -> None:
    thing = Scripted("Thing", AGAIN, AGAIN, WAIT, WAIT)
    subject = reconciler(store, clock, thing, idle_seconds=5)
    make(store, "a")
    subject.wake("Thing", REGION, "a")
    assert subject.run_due() == 3
    clock.advance(4.9)
    assert subject.run_due() == 0
    clock.advance(0.2)
    assert subject.run_due() == 1


def test_after_waits_so_long_but_a_wake_comes_first(store: Store, clock: ManualClock) -> None:
    thing = Scripted("Thing", After(60), After(60), After(60))
    subject = reconciler(store, clock, thing)
    make(store, "a")
    subject.wake("Thing", REGION, "a")
    assert subject.run_due() == 1
    clock.advance(30)
    assert subject.run_due() == 0
    subject.wake("Thing", REGION, "a")
    assert subject.run_due() == 1
    clock.advance(61)
    assert subject.run_due() == 1


def test_a_failing_step_is_repeated_with_growing_pauses_and_others_go_on(
    store: Store, clock: ManualClock, caplog: pytest.LogCaptureFixture
) -> None:
    thing = Scripted("Thing", *[RuntimeError("kaputt")] * 12, WAIT)
    other = Scripted("Other", WAIT)
    subject = reconciler(store, clock, thing, other)
    make(store, "a")
    make(store, "b", "Other")
    subject.wake("Thing", REGION, "a")
    subject.wake("Other", REGION, "b")
    subject.run_due()
    assert other.seen == ["b"]
    pauses = []
    while thing.answers:
        before, steps = clock.now(), len(thing.seen)
        while len(thing.seen) == steps:
            clock.advance(0.1)
            subject.run_due()
        pauses.append(round(clock.now() - before, 1))
    expected = [min(30, 0.2 * 2**number) for number in range(12)]
    assert pauses == pytest.approx(expected, abs=0.15)
    assert "kaputt" in caplog.text
    assert "Thing a" in caplog.text


def test_a_wake_during_a_step_is_followed_by_another_step(store: Store, clock: ManualClock) -> None:
    subject: Reconciler

    def waking() -> Next:
        subject.wake("Thing", REGION, "a")
        return WAIT

    thing = Scripted("Thing", waking, WAIT)
    subject = reconciler(store, clock, thing)
    make(store, "a")
    subject.wake("Thing", REGION, "a")
    assert subject.run_due() == 2


def test_the_end_of_a_child_wakes_its_parent(store: Store, clock: ManualClock) -> None:
    child, parent = Scripted("Child", DONE), Scripted("Parent", WAIT, WAIT)
    subject = reconciler(store, clock, child, parent)
    make(store, "p", "Parent")
    make(store, "c", "Child", parent="Parent/p")
    subject.wake("Child", REGION, "c")
    subject.run_due()
    assert parent.seen == ["p"]


def test_finished_deleted_and_unknown_rows_are_dropped(store: Store, clock: ManualClock) -> None:
    thing = Scripted("Thing")
    subject = reconciler(store, clock, thing)
    make(store, "done")
    store.resources.change("Thing", REGION, "done", lambda row: setattr(row, "finished", True))
    for name in ("done", "never"):
        subject.wake("Thing", REGION, name)
    subject.wake("Nobody", REGION, "x")
    subject.run_due()
    assert thing.seen == []
    assert subject._agenda.entries == {}


def test_a_start_resumes_and_takes_up_every_unfinished_row(store: Store, clock: ManualClock) -> None:
    thing = Scripted("Thing", WAIT, WAIT)
    make(store, "a")
    make(store, "b")
    make(store, "elsewhere", "Nobody")
    subject = reconciler(store, clock, thing)
    assert subject.take_up() == 2
    assert thing.resumed == ["a", "b"]
    subject.run_due()
    assert sorted(thing.seen) == ["a", "b"]


def test_a_row_that_cannot_be_resumed_does_not_keep_the_engine_from_starting(
    store: Store, clock: ManualClock
) -> None:
    thing = Scripted("Thing")
    thing.resume = lambda ctx, resource: 1 / 0  # type: ignore[assignment,method-assign,return-value]
    make(store, "a")
    assert reconciler(store, clock, thing).take_up() == 1


def test_one_resource_is_never_stepped_by_two_threads_at_once(store: Store, clock: ManualClock) -> None:
    inside = threading.Semaphore(1)
    rounds = 50
    finished = threading.Event()

    class Strict(Scripted):
        def step(self, ctx: EngineContext, resource: Resource) -> Next:
            assert inside.acquire(blocking=False), "two threads in one resource"
            subject.wake(*resource.key)
            self.seen.append(resource.name)
            inside.release()
            if len(self.seen) >= rounds:
                finished.set()
            return WAIT

    thing = Strict("Thing")
    subject = Reconciler(store, clock, controllers={"Thing": thing}, workers=4)
    make(store, "a")
    subject.start(cast(EngineContext, object()))
    assert finished.wait(120)
    subject.close()


def test_close_waits_for_the_running_step(store: Store, clock: ManualClock) -> None:
    begun, go_on, ended = threading.Event(), threading.Event(), threading.Event()

    def slow() -> Next:
        begun.set()
        go_on.wait(120)
        ended.set()
        return WAIT

    subject = Reconciler(store, clock, controllers={"Thing": Scripted("Thing", slow)})
    make(store, "a")
    subject.start(cast(EngineContext, object()))
    assert begun.wait(120)
    threading.Timer(0, go_on.set).start()
    subject.close()
    assert ended.is_set()
