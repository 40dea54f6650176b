"""What Amazon's own algorithm images share."""

from __future__ import annotations

import io
import json
import os
import socket
import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy import sparse

from smstudio_ext.engine.images.contract import AlgorithmError, ClientError
from smstudio_ext.engine.images.firstparty import answers, requests
from smstudio_ext.engine.images.firstparty.data import Source
from smstudio_ext.engine.images.firstparty.hosts import Hosts
from smstudio_ext.engine.images.firstparty.job import check_channels
from smstudio_ext.engine.images.firstparty.parameters import Parameter, read_parameters
from smstudio_ext.engine.images.firstparty.sampling import Reservoir
from smstudio_ext.engine.images.jobfiles import Channel
from smstudio_ext.formats import recordio

DECLARED = (
    Parameter("k", "int", low=1, required=True),
    Parameter("dim", "int", low=1, required=True),
    Parameter("rate", "float", "auto", 0, 1, open_low=True, auto=True),
    Parameter("mode", "choice", "a", choices=("a", "b")),
    Parameter("flag", "bool", "true"),
    Parameter("metrics", "list", '["msd"]', choices=("msd", "ssd")),
)


def test_defaults_and_forms_of_hyperparameters() -> None:
    values = read_parameters({"k": "3", "dim": " 4 ", "flag": "False", "_kvstore": "x"}, DECLARED)
    assert values == {"k": 3, "dim": 4, "rate": None, "mode": "a", "flag": False, "metrics": ["msd"]}
    for text in ('["msd", "ssd"]', "msd,ssd", "[msd,ssd]".replace("msd", '"msd"').replace("ssd", '"ssd"')):
        assert read_parameters({"k": "3", "dim": "4", "metrics": text}, DECLARED)["metrics"] == ["msd", "ssd"]


@pytest.mark.parametrize(
    ("given", "text"),
    [
        ({}, "No value(s) were specified for 'k', 'dim' which are required hyperparameter(s)"),
        ({"colour": "x"}, "Additional hyperparameters are not allowed ('colour' was unexpected)"),
        (
            {"k": "0"},
            "The value '0' is not valid for the 'k' hyperparameter which expects one of the following: an integer",
        ),
        (
            {"k": "1.5"},
            "'k' hyperparameter which expects one of the following: an integer greater than or equal to 1",
        ),
        ({"rate": "0"}, "expects one of the following: 'auto'; or a number between 0 and 1"),
        ({"rate": "nan"}, "'rate' hyperparameter"),
        (
            {"mode": "c"},
            "The value 'c' is not valid for the 'mode' hyperparameter which accepts one of the following: 'a', 'b'",
        ),
        ({"flag": "maybe"}, "'flag' hyperparameter which accepts one of the following: 'true', 'false'"),
        ({"metrics": "[msd"}, "Hyperparameter must be valid json, but found metrics"),
    ],
)
def test_bad_hyperparameters_have_the_containers_texts(given: dict[str, str], text: str) -> None:
    full = given if not given or "colour" in given else {"k": "1", "dim": "1", **given}
    with pytest.raises(AlgorithmError) as caught:
        read_parameters(full, DECLARED)
    assert text in str(caught.value)


def test_channels_are_checked() -> None:
    train = Channel("train", Path("x"), "", {})
    with pytest.raises(AlgorithmError, match="'train' is a required property"):
        check_channels({"test": train}, ("train", "test"))
    with pytest.raises(AlgorithmError, match=r"not allowed \('other' was unexpected\)"):
        check_channels({"train": train, "other": train}, ("train", "test"))


def make_channel(root: Path, files: dict[str, bytes], kind: str = "text/csv", **parameters: str) -> Channel:
    folder = root / "train"
    folder.mkdir(parents=True)
    for name, content in files.items():
        (folder / name).write_bytes(content)
    return Channel("train", folder, kind, parameters)


def test_rows_come_alike_from_csv_recordio_and_pipes(tmp_path: Path) -> None:
    features = np.random.default_rng(0).normal(size=(57, 3)).astype(np.float32)
    labels = np.arange(57, dtype=np.float32)
    lines = b"".join(
        (",".join(map(repr, map(float, [label, *row]))) + "\n").encode()
        for label, row in zip(labels, features, strict=True)
    )
    packed = recordio.write_dense(features, labels)
    channels = {
        "csv": make_channel(
            tmp_path / "csv",
            {"a": lines[:900].rsplit(b"\n", 1)[0], "b": lines[lines[:900].rindex(b"\n") + 1 :]},
        ),
        "recordio": make_channel(tmp_path / "rec", {"a": packed}, "application/x-recordio-protobuf"),
        "guessed": make_channel(tmp_path / "guess", {"a": packed}, ""),
    }
    fifo = tmp_path / "pipe" / "train"
    fifo.parent.mkdir()
    for epoch in (0, 1):
        os.mkfifo(f"{fifo}_{epoch}")
    writer = threading.Thread(
        target=lambda: [Path(f"{fifo}_{epoch}").write_bytes(packed) for epoch in (0, 1)]
    )
    writer.start()
    channels["pipe"] = Channel("train", fifo, "", {}, "Pipe")
    for name, channel in channels.items():
        source = Source(channel, labels="required", width=3)
        batches = list(source.batches(10))
        assert [len(batch) for batch in batches] == [10, 10, 10, 10, 10, 7], name
        assert np.allclose(np.concatenate([batch.features for batch in batches]), features)
        shuffled = np.concatenate(
            [b.labels for b in source.batches(10, np.random.default_rng(1)) if b.labels is not None]
        )
        assert sorted(shuffled) == labels.tolist()
        assert shuffled.tolist() != labels.tolist()
        assert source.in_memory
    # what is in memory needs no second epoch of the pipe: read it, or its writer waits for ever
    Path(f"{fifo}_1").read_bytes()
    writer.join(timeout=120)


def test_label_columns_of_csv(tmp_path: Path) -> None:
    lines = {"a": b"1,2,3\n4,5,6\n"}
    plain = Source(make_channel(tmp_path / "a", lines), labels="none", width=3).load()
    assert plain.features.shape == (2, 3)
    taken = Source(make_channel(tmp_path / "b", lines), labels="none", width=2).load()
    assert taken.features.tolist() == [[2, 3], [5, 6]]
    labelled = Source(make_channel(tmp_path / "c", lines, label_size="1"), labels="optional", width=2).load()
    assert labelled.labels is not None
    assert labelled.labels.tolist() == [1, 4]
    with pytest.raises(AlgorithmError, match="needs label_size=1"):
        Source(make_channel(tmp_path / "d", lines, label_size="0"), labels="required").load()


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"a,b,c\n1,2,3\n", r"line 1: 'a' is not a number\. The first line seems to be a header"),
        (b"1,2,3\n1,x,3\n", "'part', line 2: 'x' is not a number"),
        (b"1,2,3\n1,2\n1,2,3\n", "line 2: 2 columns where line 1 has 3"),
        (b"1,2,3\n1,2,3,4\n", "line 2: 4 columns where line 1 has 3"),
        (
            b"1,2,3\n\n1,,3\n",
            "'part' of channel 'train' has an empty, NaN or infinite value in line 3, feature 2",
        ),
        (b"1,2,inf\n", "value in line 1, feature 3"),
        (b"1,2\n1,2\n", "feature_dim hyperparameter is 3, but 'part' of channel 'train' has"),
        (b"", "No training data processed"),
    ],
)
def test_bad_csv_is_told_with_file_and_line(tmp_path: Path, content: bytes, words: str) -> None:
    with pytest.raises(AlgorithmError, match=words):
        Source(make_channel(tmp_path, {"part": content}), labels="none", width=3).load()


def test_values_that_are_no_numbers_are_told_with_their_record(tmp_path: Path) -> None:
    rows = np.eye(3, dtype=np.float32)
    rows[1, 1] = np.nan
    for name, written in (
        ("dense", recordio.write_dense(rows, rows[:, 0])),
        ("sparse", recordio.write_sparse(sparse.csr_matrix(rows), rows[:, 0])),
    ):
        channel = make_channel(tmp_path / name, {"part": written}, "application/x-recordio-protobuf")
        with pytest.raises(AlgorithmError, match="NaN or infinite value in record 2, feature 2"):
            Source(channel, labels="required").load()
    gaps = {"part": b"1,2,3\n0,,3\n"}
    assert len(Source(make_channel(tmp_path / "b", gaps), labels="required", missing=True).load()) == 2
    for content, words in (
        (b"1,2,3\n0,4,-inf\n", "has an infinite value in line 2, feature 2"),
        (b"1,2,3\ninf,4,5\n", "without label, or with one that is no finite number: line 2"),
    ):
        channel = make_channel(tmp_path / words[:5], {"part": content})
        with pytest.raises(AlgorithmError, match=words):
            Source(channel, labels="required", missing=True).load()


def test_hosts_add_gather_and_go_in_step() -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        address = probe.getsockname()
    names, found = ["algo-1", "algo-2", "algo-10"], {}

    def run(name: str) -> None:
        hosts = Hosts(names, name, address)
        steps = list(hosts.lockstep(range(hosts.rank * 2)))
        (total,) = hosts.total(np.full(2, hosts.rank + 1.0))
        (shared,) = hosts.share(np.array([hosts.rank]))
        gathered = hosts.gather(np.array([hosts.rank]))
        found[name] = (
            hosts.rank,
            steps,
            total.tolist(),
            shared.tolist(),
            [one[0].tolist() for one in gathered],
        )
        hosts.close()

    threads = [threading.Thread(target=run, args=(name,)) for name in names]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=120)
    assert found["algo-1"] == (0, [None] * 4, [6.0, 6.0], [0], [[0], [1], [2]])
    assert found["algo-2"] == (1, [0, 1, None, None], [6.0, 6.0], [0], [[1]])
    assert found["algo-10"] == (2, [0, 1, 2, 3], [6.0, 6.0], [0], [[2]])


def test_reservoirs_are_uniform_and_merge() -> None:
    sample = Reservoir(50, 1, np.random.default_rng(0))
    for start in range(0, 1000, 100):
        sample.add(np.arange(start, start + 100, dtype=np.float32)[:, None])
    assert len(set(sample.rows.ravel())) == 50
    assert 380 < sample.rows.mean() < 620
    other = Reservoir(50, 1, np.random.default_rng(1))
    other.add(sample.rows, sample.keys)
    other.add(np.arange(1000, 2000, dtype=np.float32)[:, None])
    assert 10 < (other.rows >= 1000).sum() < 40


FORMS: list[tuple[str, bytes]] = [
    ("text/csv", b"1,2,3\n4,5,6"),
    ("text/csv; label_size=0", b"1,2,3\r\n4,5,6\r\n"),
    ("", b"1,2,3\n4,5,6\n"),
    ("application/json", b'{"instances": [{"features": [1, 2, 3]}, {"features": [4, 5, 6]}]}'),
    ("application/json", b'{"instances": [{"data": {"features": {"values": [1, 2, 3]}}}, [4, 5, 6]]}'),
    ("application/jsonlines", b'{"features": [1, 2, 3]}\n{"data": {"features": {"values": [4, 5, 6]}}}\n'),
    (
        "application/json",
        b'{"instances": [{"data": {"features": {"values": [1, 2, 3], "keys": [0, 1, 2], "shape": [3]}}},'
        b' {"data": {"features": {"values": [6, 4, 5], "keys": [2, 0, 1], "shape": [3]}}}]}',
    ),
    (
        "application/x-recordio-protobuf",
        recordio.write_dense(np.array([[1, 2, 3], [4, 5, 6]], dtype=np.float32)),
    ),
    (
        "application/x-recordio-protobuf",
        recordio.write_sparse(sparse.csr_matrix(np.array([[1, 2, 3], [4, 5, 6]], dtype=np.float32))),
    ),
]


@pytest.mark.parametrize(("kind", "body"), FORMS)
def test_every_form_of_request_gives_the_same_rows(kind: str, body: bytes) -> None:
    features = requests.to_dense(requests.parse_features(body, kind, 3))
    assert features.tolist() == [[1, 2, 3], [4, 5, 6]]


def test_large_csv_bodies_are_read_alike() -> None:
    rows = np.random.default_rng(0).normal(size=(50, 40)).astype(np.float32)
    body = b"\n".join(",".join(map(repr, map(float, row))).encode() for row in rows)
    assert np.array_equal(requests.parse_csv(body), rows)
    lines = body.split(b"\n")
    lines[2] = b"1,x," + lines[2].split(b",", 2)[2]
    with pytest.raises(ClientError, match="Row 3, column 2: 'x' is not a number"):
        requests.parse_csv(b"\n".join(lines))


@pytest.mark.parametrize(
    ("kind", "body", "words", "status"),
    [
        ("text/html", b"1", "Content type text/html is not supported", 415),
        ("text/csv", b"1,2", "Feature size of the request is 2, but the model was trained with 3", 400),
        ("text/csv", b"", "empty", 400),
        ("application/json", b"{", "not valid JSON", 400),
        ("application/json", b'{"instances": []}', "no instance", 400),
        ("application/json", b'{"instances": [{"text": 1}]}', "Each JSON instance must hold its values", 400),
        ("application/jsonlines", b'{"features": [1, 2, 3]}\nx', "Line 2 is not valid JSON", 400),
        ("application/x-recordio-protobuf", b"xxxxxxxxxxxx", "magic number", 400),
    ],
)
def test_bad_requests_say_what_is_wrong(kind: str, body: bytes, words: str, status: int) -> None:
    with pytest.raises(ClientError, match=words) as caught:
        requests.parse_features(body, kind, 3)
    assert caught.value.status == status


ANSWERS: list[dict[str, Any]] = [{"score": 0.5, "labels": [1.0, 2.0]}, {"score": 1.5, "labels": [3.0, 4.0]}]


@pytest.mark.sdk
def test_the_sdk_reads_answers_in_recordio() -> None:
    from sagemaker.amazon.common import RecordDeserializer

    body = io.BytesIO(answers.encode(ANSWERS, "application/x-recordio-protobuf"))
    found = [
        {name: list(value.float32_tensor.values) for name, value in record.label.items()}
        for record in RecordDeserializer().deserialize(body, "application/x-recordio-protobuf")
    ]
    assert found == [{"score": [0.5], "labels": [1.0, 2.0]}, {"score": [1.5], "labels": [3.0, 4.0]}]


def test_answers_in_every_form() -> None:
    rows = ANSWERS
    assert json.loads(answers.encode(rows, "application/json", "scores")) == {"scores": rows}
    assert [json.loads(line) for line in answers.encode(rows, "application/jsonlines").splitlines()] == rows
    assert answers.encode(rows, "text/csv") == b"0.5,1.0,2.0\n1.5,3.0,4.0\n"
    assert answers.choose("application/json; verbose=true") == ("application/json", {"verbose": "true"})
    assert answers.choose("*/*", "text/csv") == ("text/csv", {})
    assert answers.choose("image/png, application/jsonlines")[0] == "application/jsonlines"
    with pytest.raises(ClientError, match="Accept type image/png"):
        answers.choose("image/png")
