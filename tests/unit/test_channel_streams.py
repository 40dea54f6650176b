"""Reading channels in parts: the same units from files and from FIFOs."""

from __future__ import annotations

import gzip
import io
import os
import struct
import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from smstudio_ext.engine.images import channel_streams
from smstudio_ext.engine.images.channel_streams import Framing, parts
from smstudio_ext.engine.images.contract import AlgorithmError
from smstudio_ext.engine.images.jobfiles import Channel
from smstudio_ext.formats import recordio


def make_channel(root: Path, mode: str = "File", wrapper: str = "None", kind: str = "text/csv") -> Channel:
    path = root / "input/data/train"
    path.parent.mkdir(parents=True, exist_ok=True)
    return Channel("train", path, kind, {}, mode, wrapper)


def in_files(root: Path, contents: list[bytes]) -> Channel:
    channel = make_channel(root)
    channel.path.mkdir()
    for number, content in enumerate(contents):
        (channel.path / f"part-{number}").write_bytes(content)
    return channel


@pytest.fixture
def feed(tmp_path: Path) -> Iterator[object]:
    """Writes bytes into the FIFOs of a channel, one after the other, as the runtime's feeder does."""
    threads: list[threading.Thread] = []

    def start(channel: Channel, epochs: list[bytes]) -> None:
        for number in range(len(epochs)):
            os.mkfifo(channel.path.with_name(f"train_{number}"))

        def write() -> None:
            for number, content in enumerate(epochs):
                with channel.path.with_name(f"train_{number}").open("wb") as fifo:
                    fifo.write(content)

        threads.append(threading.Thread(target=write, daemon=True))
        threads[-1].start()

    yield start
    for thread in threads:
        thread.join(120)
        assert not thread.is_alive()


def frame(payload: bytes, flag: int = 0) -> bytes:
    return struct.pack("<II", 0xCED7230A, len(payload) | flag << 29) + payload + b"\0" * (-len(payload) % 4)


def parquet(values: list[float]) -> bytes:
    sink = io.BytesIO()
    pq.write_table(pa.table({"a": values}), sink)
    return sink.getvalue()


def test_lines_are_never_cut_and_tell_where_they_stand(tmp_path: Path) -> None:
    channel = in_files(tmp_path, [b"1,2\n3,4\n5,6\n", gzip.compress(b"7,8\n9,10")])
    found = list(parts(channel, "lines", part_bytes=6))
    assert [(part.data, part.source, part.first) for part in found] == [
        (b"1,2\n", "part-0", 1),
        (b"3,4\n5,6\n", "part-0", 2),
        (b"7,8\n", "part-1", 1),
        (b"9,10", "part-1", 2),
    ]
    assert list(parts(channel, "lines")) != []  # a second epoch reads the files again


def test_each_call_reads_the_fifo_of_the_next_epoch(tmp_path: Path, feed: object) -> None:
    channel = make_channel(tmp_path, "Pipe")
    feed(channel, [b"1\n2\n", b"2\n1\n"])  # type: ignore[operator]
    assert [part.data for part in parts(channel, "lines")] == [b"1\n2\n"]
    (second,) = parts(channel, "lines")
    assert (second.data, second.source) == (b"2\n1\n", "train_1")


@pytest.mark.parametrize("mode", ["File", "Pipe"])
def test_recordio_frames_stay_whole(tmp_path: Path, feed: object, mode: str) -> None:
    table = np.arange(60, dtype=np.float32).reshape(20, 3)
    content = recordio.write_dense(table)
    if mode == "File":
        channel = in_files(tmp_path, [content])
    else:
        channel = make_channel(tmp_path, mode)
        feed(channel, [content])  # type: ignore[operator]
    found = list(parts(channel, "recordio", part_bytes=100))
    assert len(found) > 5
    rows = np.concatenate([recordio.read(part.data).features for part in found])
    assert np.array_equal(rows, table)
    counts = [len(recordio.read(part.data).features) for part in found]
    assert [part.first for part in found] == [1 + sum(counts[:i]) for i in range(len(counts))]


def test_parquet_files_are_told_apart_in_a_stream(tmp_path: Path, feed: object) -> None:
    files = [parquet([1.0, 2.0]), parquet([3.0]), parquet([])]
    channel = make_channel(tmp_path, "Pipe", kind="application/x-parquet")
    feed(channel, [b"".join(files), b"".join(files)])  # type: ignore[operator]
    assert [part.data for part in parts(channel, "parquet")] == files
    assert [path.read_bytes() for path in channel.files()] == files
    assert channel.files() is channel.files()  # one epoch, written once


def test_wrapped_objects_come_one_a_part_also_those_of_several_frames(tmp_path: Path, feed: object) -> None:
    channel = make_channel(tmp_path, "Pipe", "RecordIO")
    stream = frame(b"one") + frame(b"tw", 1) + frame(b"o, ", 2) + frame(b"three", 3) + frame(b"")
    feed(channel, [stream, stream])  # type: ignore[operator]
    found = list(parts(channel, "files"))
    assert [part.data for part in found] == [b"one", b"two, three", b""]
    assert [path.read_bytes() for path in channel.files()] == [b"one", b"two, three", b""]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"no frame at all", "magic number"),
        (frame(b"abcdef")[:-3], "ends inside a record"),
        (frame(b"a", 1), "ends inside a record"),
    ],
)
def test_broken_frames_are_the_owners_mistake(
    tmp_path: Path, feed: object, content: bytes, words: str
) -> None:
    channel = make_channel(tmp_path, "Pipe", "RecordIO")
    feed(channel, [content])  # type: ignore[operator]
    with pytest.raises(AlgorithmError, match=words):
        list(parts(channel, "files"))


@pytest.mark.parametrize("framing", ["lines", "recordio"])
def test_a_fifo_that_does_not_come_is_told(
    tmp_path: Path, framing: Framing, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(channel_streams, "FIFO_SECONDS", 0.0)
    with pytest.raises(AlgorithmError, match="train_0 of epoch 0"):
        list(parts(make_channel(tmp_path, "Pipe"), framing))
