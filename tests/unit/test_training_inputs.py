"""Channels of training jobs: FIFOs, manifests, shards, shuffles, and what is wrong with them."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from smstudio_ext.engine.errors import ValidationException
from tests.unit.job_stand import BUCKET, IMAGE, JobStand, channel, job_stand
from tests.unit.own_image import own_image

PIPE = {"TrainingImage": IMAGE, "TrainingInputMode": "Pipe"}
READ_TWO_EPOCHS = """
import os
base = os.environ["SMSTUDIO_OPT_ML"] + "/input/data/train_"
for epoch in range(2):
    with open(base + str(epoch), "rb") as fifo:
        print(epoch, fifo.read())
"""


@pytest.fixture
def stand(tmp_path: Path) -> Iterator[JobStand]:
    with job_stand(tmp_path / "data") as made:
        yield made


def source(data_type: str, uri: str, **members: Any) -> dict[str, Any]:
    made = channel("train", uri)
    made["DataSource"]["S3DataSource"].update(S3DataType=data_type)
    for key, value in members.items():
        (made["DataSource"]["S3DataSource"] if key in ("AttributeNames",) else made)[key] = value
    return made


def run(stand: JobStand, one: dict[str, Any], program: str = READ_TWO_EPOCHS) -> list[str]:
    """Log of a job whose own program reads the channel in Pipe mode."""
    image = {**own_image(stand, "reader", train=program), "TrainingInputMode": "Pipe"}
    stand.train("job", AlgorithmSpecification=image, InputDataConfig=[one])
    row = stand.settle("job")
    assert row.status == "Completed", (row.document["FailureReason"], stand.log(row))
    return stand.log(row)


def test_a_program_reads_one_fifo_an_epoch(stand: JobStand) -> None:
    stand.put("in/a", "1\n")
    stand.put("in/b", "2\n")
    assert run(stand, source("S3Prefix", f"s3://{BUCKET}/in/")) == ["0 b'1\\n2\\n'", "1 b'1\\n2\\n'"]


def test_gzip_and_recordio_and_shuffle_are_done_on_the_way(stand: JobStand) -> None:
    for number in range(6):
        stand.put(f"in/{number}", gzip.compress(str(number).encode()))
    one = source(
        "S3Prefix",
        f"s3://{BUCKET}/in/",
        CompressionType="Gzip",
        RecordWrapperType="RecordIO",
        ShuffleConfig={"Seed": 5},
    )
    program = READ_TWO_EPOCHS.replace("print(epoch, fifo.read())", "print(fifo.read()[8::12].decode())")
    first, second = run(stand, one, program)
    assert first != second
    assert sorted(first) == sorted(second) == list("012345")


def test_an_augmented_manifest_gives_its_attributes_in_the_order_named(stand: JobStand) -> None:
    lines = []
    for number in range(2):
        uri = stand.put(f"img/{number}.png", f"<{number}>")
        lines.append(json.dumps({"class": {"id": number}, "source-ref": uri, "note": "n"}))
    uri = stand.put("m/train.manifest", "\n".join(lines))
    one = source("AugmentedManifestFile", uri, AttributeNames=["source-ref", "class"])
    assert run(stand, one)[0] == """0 b'<0>{"id": 0}<1>{"id": 1}'"""


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("no json", "line 1 of the augmented manifest .* is not a JSON object"),
        ('{"class": 1}', "has no attribute 'source-ref'"),
        ('{"source-ref": "s3://bucket/nothing"}', "names s3://bucket/nothing, which does not exist"),
    ],
)
def test_what_is_wrong_with_an_augmented_manifest_is_told(stand: JobStand, line: str, words: str) -> None:
    uri = stand.put("m/train.manifest", line)
    one = source("AugmentedManifestFile", uri, AttributeNames=["source-ref"])
    stand.train("job", AlgorithmSpecification=PIPE, InputDataConfig=[one])
    row = stand.settle("job")
    assert row.status == "Failed"
    assert row.document["FailureReason"].startswith("ClientError: Data download failed")
    import re

    assert re.search(words, row.document["FailureReason"])


def test_a_manifest_names_files_and_one_that_is_missing_fails_the_job(stand: JobStand) -> None:
    stand.put("d/x/a.csv", "1")
    good = json.dumps([{"prefix": f"s3://{BUCKET}/d/"}, "x/a.csv"])
    stand.train("good", InputDataConfig=[source("ManifestFile", stand.put("m/good", good))])
    row = stand.settle("good")
    assert stand.log(row)[-1] == "train/x/a.csv=1"
    bad = json.dumps([{"prefix": f"s3://{BUCKET}/d/"}, "x/b.csv"])
    stand.train("bad", InputDataConfig=[source("ManifestFile", stand.put("m/bad", bad))])
    assert "x/b.csv, which does not exist" in stand.settle("bad").document["FailureReason"]


def test_broken_gzip_in_a_pipe_fails_the_job_that_would_wait_for_ever(stand: JobStand) -> None:
    stand.put("in/a", "not packed")
    one = source("S3Prefix", f"s3://{BUCKET}/in/", CompressionType="Gzip")
    program = "import time\nopen(__import__('os').environ['SMSTUDIO_OPT_ML'] + '/input/data/train_0').read()\ntime.sleep(600)"
    image = {**own_image(stand, "reader", train=program), "TrainingInputMode": "Pipe"}
    stand.train("job", AlgorithmSpecification=image, InputDataConfig=[one])
    row = stand.settle("job")
    assert row.status == "Failed"
    assert row.document["FailureReason"].startswith(
        f"ClientError: Data download failed: s3://{BUCKET}/in/a is not a gzip file"
    )


def test_a_channel_may_have_a_mode_of_its_own(stand: JobStand) -> None:
    stand.put("in/a", "1\n")
    files = {**source("S3Prefix", f"s3://{BUCKET}/in/"), "ChannelName": "files", "InputMode": "FastFile"}
    program = """
import json, os
base = os.environ["SMSTUDIO_OPT_ML"] + "/input/"
print(open(base + "data/train_0").read().strip(), open(base + "data/files/a").read().strip())
config = json.load(open(base + "config/inputdataconfig.json"))
print(config["train"]["TrainingInputMode"], config["files"]["TrainingInputMode"])
"""
    image = {**own_image(stand, "reader", train=program), "TrainingInputMode": "Pipe"}
    both = [source("S3Prefix", f"s3://{BUCKET}/in/"), files]
    stand.train("job", AlgorithmSpecification=image, InputDataConfig=both)
    assert stand.log(stand.settle("job")) == ["1 1", "Pipe FastFile"]


def test_own_programs_may_change_small_inputs_and_large_ones_are_links(
    stand: JobStand, monkeypatch: pytest.MonkeyPatch
) -> None:
    from smstudio_ext.engine.runtime import training_inputs

    monkeypatch.setattr(training_inputs, "COPIED_BYTES", 10)
    stand.put("small/a", "1")
    stand.put("large/a", "x" * 11)
    program = """
import os
base = os.environ["SMSTUDIO_OPT_ML"] + "/input/data/"
open(base + "small/a", "a").write("2")
print(os.stat(base + "small/a").st_nlink, os.stat(base + "large/a").st_nlink > 1)
"""
    image = own_image(stand, "writer", train=program)
    channels = {"small": f"s3://{BUCKET}/small/", "large": f"s3://{BUCKET}/large/"}
    stand.train("job", AlgorithmSpecification=image, channels=channels)
    assert stand.log(stand.settle("job")) == ["1 True"]
    assert stand.text("small/a") == "1"


@pytest.mark.parametrize(
    ("one", "words"),
    [
        (source("AugmentedManifestFile", "s3://bucket/m", AttributeNames=["a"]), "only supported with input mode Pipe"),
        (source("AugmentedManifestFile", "s3://bucket/m", InputMode="Pipe"), "AttributeNames are required"),
        (source("S3Prefix", "s3://bucket/m", AttributeNames=["a"]), "AttributeNames are required"),
        (source("S3Prefix", "s3://bucket/m", RecordWrapperType="RecordIO"), "only supported with input mode Pipe"),
        (source("S3Prefix", "s3://bucket/m", InputMode="FastFile", CompressionType="Gzip"), "not supported with FastFile"),
        (source("Converse", "s3://bucket/m"), "S3DataType Converse is not offered"),
    ],
)  # fmt: skip
def test_channels_that_cannot_be_are_refused(stand: JobStand, one: dict[str, Any], words: str) -> None:
    with pytest.raises(ValidationException, match=words):
        stand.train("job", InputDataConfig=[one])
