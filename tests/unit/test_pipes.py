"""The feeder of Pipe mode: rows, order, shards, wrapping, early readers, broken input."""

from __future__ import annotations

import gzip
import io
import json
import os
import struct
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from smstudio_ext.engine.images.channel_streams import wrapped_records
from smstudio_ext.engine.runtime import pipes
from smstudio_ext.engine.runtime.pipes import PipePlan


def plan_of(tmp_path: Path, rows: list[list[dict[str, Any]]], **options: Any) -> PipePlan:
    path = tmp_path / "rows.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return PipePlan(str(tmp_path / "train"), str(path), **options)


def file_rows(tmp_path: Path, contents: list[bytes]) -> list[list[dict[str, Any]]]:
    rows = []
    for number, content in enumerate(contents):
        (tmp_path / str(number)).write_bytes(content)
        rows.append([{"file": str(tmp_path / str(number)), "name": f"s3://b/{number}"}])
    return rows


def epoch(plan: PipePlan, number: int, read: Callable[[Any], bytes] = lambda fifo: fifo.read()) -> bytes:
    """Reads one epoch while it is fed."""
    pipes.make_first_fifos(plan)
    thread = threading.Thread(target=pipes.feed_epoch, args=(plan, number))
    thread.start()
    with open(f"{plan.fifo}_{number}", "rb") as fifo:
        data = read(fifo)
    thread.join(120)
    assert not thread.is_alive()
    return data


def test_an_epoch_is_every_object_in_order_and_the_next_fifo_is_there_before_it_ends(tmp_path: Path) -> None:
    plan = plan_of(tmp_path, file_rows(tmp_path, [b"a\n", b"b\n", b"c\n"]))
    assert epoch(plan, 0) == b"a\nb\nc\n"
    assert (os.path.exists(f"{plan.fifo}_0"), os.path.exists(f"{plan.fifo}_1")) == (False, True)
    assert epoch(plan, 1) == b"a\nb\nc\n"


def test_a_reader_that_leaves_early_gets_the_next_epoch_from_its_start(tmp_path: Path) -> None:
    plan = plan_of(tmp_path, file_rows(tmp_path, [b"x" * (4 << 20)]))
    assert epoch(plan, 0, lambda fifo: fifo.read(10)) == b"x" * 10
    assert len(epoch(plan, 1)) == 4 << 20


def test_a_seed_gives_each_epoch_an_order_of_its_own_again_and_again(tmp_path: Path) -> None:
    plan = plan_of(tmp_path, [[{"text": f"{number} "}] for number in range(50)], seed=7)
    first, second = epoch(plan, 0), epoch(plan, 1)
    assert first != second
    assert sorted(first.split()) == sorted(second.split())
    rows = list(pipes.epoch_rows(plan, 0))
    assert b"".join(row[0]["text"].encode() for row in rows) == first
    assert [int(row[0]["text"]) for row in rows] == pipes.shuffled(50, 7, 0)


def test_shards_of_a_shuffled_epoch_are_disjoint_and_complete(tmp_path: Path) -> None:
    rows = [[{"text": str(number)}] for number in range(11)]
    for number in (0, 1):
        shards = [
            [
                row[0]["text"]
                for row in pipes.epoch_rows(plan_of(tmp_path, rows, seed=3, shard=shard, shards=3), number)
            ]
            for shard in range(3)
        ]
        assert sorted(int(text) for shard in shards for text in shard) == list(range(11))
        assert {len(shard) for shard in shards} <= {3, 4}


@pytest.mark.parametrize("gunzip", [False, True])
def test_wrapped_objects_are_recordio_records(tmp_path: Path, gunzip: bool) -> None:
    contents = [b"one", b"", b"three!!"]
    packed = [gzip.compress(content) for content in contents] if gunzip else contents
    plan = plan_of(tmp_path, [*file_rows(tmp_path, packed), [{"text": "é"}]], wrap=True, gunzip=gunzip)
    data = epoch(plan, 0)
    assert data[:8] == struct.pack("<II", 0xCED7230A, 3)
    assert list(wrapped_records(io.BytesIO(data), "x")) == [*contents, "é".encode()]


def test_an_object_longer_than_a_frame_takes_several(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pipes, "LARGEST_FRAME", 8)
    plan = plan_of(tmp_path, file_rows(tmp_path, [b"0123456789abcdefXYZ", b"short"]), wrap=True)
    data = epoch(plan, 0)
    heads = [
        data[at : at + 8] for at in range(0, len(data) - 7, 4) if data[at : at + 4] == b"\x0a\x23\xd7\xce"
    ]
    assert [struct.unpack("<II", head)[1] >> 29 for head in heads] == [1, 2, 3, 0]
    assert list(wrapped_records(io.BytesIO(data), "x")) == [b"0123456789abcdefXYZ", b"short"]


def test_gzip_that_is_none_ends_the_feeder_with_the_object_named(tmp_path: Path) -> None:
    plan = plan_of(tmp_path, file_rows(tmp_path, [b"plain"]), gunzip=True)
    pipes.make_first_fifos(plan)
    pipes.write_plans(tmp_path / "plans", [plan])
    feeder = threading.Thread(target=pipes.feed, args=(tmp_path / "plans", tmp_path / "failure"))
    feeder.start()
    with open(f"{plan.fifo}_0", "rb") as fifo:
        assert fifo.read() == b""
    feeder.join(120)
    assert "s3://b/0 is not a gzip file" in (tmp_path / "failure").read_text()
