"""Log files: pages forwards and backwards, lines that are still being written, the registry of streams."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from smstudio_ext.engine.clock import ManualClock
from smstudio_ext.engine.runtime.joblogs import LogStore, iterate_events, read_backward, read_forward
from smstudio_ext.engine.store import Database

GROUP = "/aws/sagemaker/TrainingJobs"


def write(path: Path, messages: list[str], tail: str = "") -> Path:
    lines = [f"{1_700_000_000_000 + number:013d} {message}\n" for number, message in enumerate(messages)]
    path.write_text("".join(lines) + tail)
    return path


def texts(path: Path, position: int, limit: int) -> tuple[list[str], int]:
    page = read_forward(path, position, limit)
    return [event.message for event in page.events], page.end


def test_pages_follow_each_other_in_both_directions(tmp_path: Path) -> None:
    messages = [f"line {number}" for number in range(25)]
    path = write(tmp_path / "log", messages)
    read, at = [], 0
    while True:
        page, at = texts(path, at, 10)
        if not page:
            break
        read += page
    assert read == messages
    back: list[str] = []
    position: int | None = None
    while True:
        found = read_backward(path, position, 10)
        if not found.events:
            break
        back = [event.message for event in found.events] + back
        position = found.start
    assert back == messages


def test_forward_and_backward_positions_meet(tmp_path: Path) -> None:
    path = write(tmp_path / "log", ["a", "b", "c", "d"])
    last = read_backward(path, None, 2)
    assert [event.message for event in last.events] == ["c", "d"]
    assert read_forward(path, last.end, 10).events == []
    assert [event.message for event in read_backward(path, last.start, 10).events] == ["a", "b"]
    path.write_text(path.read_text() + "1700000000009 e\n")
    assert [event.message for event in read_forward(path, last.end, 10).events] == ["e"]


def test_a_line_without_its_end_is_not_there_yet(tmp_path: Path) -> None:
    path = write(tmp_path / "log", ["a"], tail="1700000000001 half")
    assert texts(path, 0, 10)[0] == ["a"]
    page = read_backward(path, None, 10)
    assert [event.message for event in page.events] == ["a"]
    path.write_text(path.read_text() + " and half\n")
    assert texts(path, page.end, 10)[0] == ["half and half"]


def test_lines_longer_than_a_block_are_read_whole_both_ways(tmp_path: Path) -> None:
    messages = ["x" * 200_000, "short", "y" * 70_000, "z"]
    path = write(tmp_path / "log", messages)
    assert [e.message for e in read_forward(path, 0, 9, max_bytes=1 << 30).events] == messages
    assert [e.message for e in read_backward(path, None, 9, max_bytes=1 << 30).events] == messages


def test_a_page_holds_at_most_so_many_bytes_but_at_least_one_event(tmp_path: Path) -> None:
    path = write(tmp_path / "log", ["a" * 1000] * 5)
    assert len(read_forward(path, 0, 100, max_bytes=2100).events) == 2
    assert len(read_backward(path, None, 100, max_bytes=2100).events) == 2
    assert len(read_forward(path, 0, 100, max_bytes=10).events) == 1


def test_times_select_events_and_positions_still_advance(tmp_path: Path) -> None:
    path = write(tmp_path / "log", ["a", "b", "c", "d"])
    page = read_forward(path, 0, 10, start_time=1_700_000_000_001, end_time=1_700_000_000_003)
    assert [event.message for event in page.events] == ["b", "c"]
    assert read_forward(path, page.end, 10).events == []


def test_missing_and_damaged_files_do_not_raise(tmp_path: Path) -> None:
    assert read_forward(tmp_path / "none", 0, 10).events == []
    assert read_backward(tmp_path / "none", None, 10).events == []
    path = tmp_path / "log"
    path.write_bytes(b"garbage\n1700000000000 \xff\xfe\n")
    assert [event.timestamp for event in iterate_events(path)] == [0, 1_700_000_000_000]


@pytest.fixture
def logs(tmp_path: Path) -> Iterator[LogStore]:
    database = Database.at(tmp_path / "data")
    yield LogStore(database, ManualClock())
    database.close()


def test_streams_are_registered_once_and_found_by_prefix(logs: LogStore, tmp_path: Path) -> None:
    path = write(tmp_path / "log", ["first", "last"])
    for name in ("b/algo-1-1", "a/algo-1-1", "a/algo-1-1", "ab/algo-1-1"):
        logs.register("us-east-1", GROUP, name, path)
    assert [stream.name for stream in logs.streams("us-east-1", GROUP, "a/")] == ["a/algo-1-1"]
    assert [stream.name for stream in logs.streams("us-east-1", GROUP)] == [
        "a/algo-1-1",
        "ab/algo-1-1",
        "b/algo-1-1",
    ]
    assert logs.streams("eu-west-1", GROUP) == []
    assert [e.message for e in logs.read("us-east-1", GROUP, "a/algo-1-1").events] == ["first", "last"]
    assert [e.message for e in logs.read_back("us-east-1", GROUP, "a/algo-1-1", limit=1).events] == ["last"]
    assert logs.span("us-east-1", GROUP, "a/algo-1-1") == (1_700_000_000_000, 1_700_000_000_001)
    logs.forget("us-east-1", GROUP, "a/algo-1-1")
    assert logs.stream("us-east-1", GROUP, "a/algo-1-1") is None
    assert logs.span("us-east-1", GROUP, "a/algo-1-1") is None
    assert not path.exists()
