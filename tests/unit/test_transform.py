"""Batch transform: what is sent, what is stored, and what is said when something does not fit."""

from __future__ import annotations

import json
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from smstudio_ext.engine.arns import sagemaker_arn
from smstudio_ext.engine.errors import ValidationException
from smstudio_ext.engine.hosting.transform import jobs as transform
from smstudio_ext.engine.hosting.transform.jsonpath import FilterError, parse
from smstudio_ext.engine.hosting.transform.splitting import SplitError, bodies
from smstudio_ext.engine.images.contract import Image
from smstudio_ext.engine.store import Resource
from tests.unit.job_stand import ACCOUNT, BUCKET, REGION, JobStand, job_stand

SUMS = f"{ACCOUNT}/test-sums:1"
RECORDS = f"{ACCOUNT}/test-records:1"
JSONLINES = "application/jsonlines"


@pytest.fixture
def stand(tmp_path: Path) -> Iterator[JobStand]:
    with job_stand(tmp_path / "data") as made:
        for repository, program in (("test-sums", "load_sums"), ("test-records", "load_records")):
            serve = f"transform_images:{program}"
            made.ctx.images.register(
                repository, lambda uri, serve=serve: Image("test", "1", uri.uri, serve=serve)
            )
        yield made


def run(
    stand: JobStand,
    image: str = SUMS,
    *,
    environment: dict[str, str] | None = None,
    kind: str = "text/csv",
    uri: str = f"s3://{BUCKET}/in/",
    **members: Any,
) -> Resource:
    """A transform job over `in/`, at its end."""
    document = {"PrimaryContainer": {"Image": image, "Environment": environment or {}}}
    arn = sagemaker_arn("Model", REGION, "model")
    stand.ctx.store.resources.create(
        Resource("Model", REGION, "model", arn, "Created", 1.0, 1.0, document, finished=True)
    )
    source = {"S3DataType": members.pop("data_type", "S3Prefix"), "S3Uri": uri}
    request: dict[str, Any] = {
        "TransformJobName": "job",
        "ModelName": "model",
        "TransformInput": {"DataSource": {"S3DataSource": source}, "ContentType": kind, "SplitType": "Line"},
        "TransformOutput": {"S3OutputPath": f"s3://{BUCKET}/out", "AssembleWith": "Line", "Accept": kind},
        "TransformResources": {"InstanceType": "ml.m5.large", "InstanceCount": members.pop("instances", 1)},
    }
    for member, value in members.items():
        old = request.get(member)
        request[member] = {**old, **value} if isinstance(old, dict) and isinstance(value, dict) else value
    transform.create_transform_job(stand.ctx, REGION, request)
    return stand.settle("job", transform.KIND)


def completed(row: Resource) -> Resource:
    assert row.status == "Completed", row.document.get("FailureReason")
    return row


def log_lines(stand: JobStand, ending: str) -> list[str]:
    group = "/aws/sagemaker/TransformJobs"
    streams = [one for one in stand.ctx.logs.streams(REGION, group, "job/") if one.name.endswith(ending)]
    return [event.message for one in streams for event in stand.ctx.logs.read(REGION, group, one.name).events]


@pytest.mark.parametrize(
    ("text", "record", "picked"),
    [
        ("$", [1, 2], [1, 2]),
        ("$[1:]", [1, 2, 3], [2, 3]),
        ("$[:2]", [1, 2, 3], [1, 2]),
        ("$[-1:]", [1, 2, 3], [3]),
        ("$[0,-1]", [1, 2, 3], [1, 3]),
        ("$[1]", [1, 2, 3], 2),
        ("$.a.b", {"a": {"b": 5}}, 5),
        ("$['a']", {"a": 1, "b": 2}, 1),
        ("$['a','b']", {"a": 1, "b": 2, "c": 3}, {"a": 1, "b": 2}),
        ("$.x.['a','b']", {"x": {"a": 1, "b": 2}}, {"a": 1, "b": 2}),
        ("$.SageMakerOutput[0]", {"SageMakerOutput": [7]}, 7),
        ("$.*", {"a": 1, "b": 2}, [1, 2]),
    ],
)
def test_filters_pick_what_aws_documents(text: str, record: Any, picked: Any) -> None:
    assert parse(text).apply(record) == picked


@pytest.mark.parametrize("text", ["a", "$[a]", "$..a", "$[?(@.x)]", "$[", "$[1:2:3]"])
def test_other_filters_are_refused(text: str) -> None:
    with pytest.raises(FilterError):
        parse(text)


def test_a_filter_that_does_not_fit_says_what_is_missing() -> None:
    with pytest.raises(FilterError, match="no 'a'"):
        parse("$.a").apply({"b": 1})


def record_io(*payloads: bytes) -> bytes:
    return b"".join(
        struct.pack("<II", 0xCED7230A, len(data)) + data + b"\0" * (-len(data) % 4) for data in payloads
    )


def tf_record(*payloads: bytes) -> bytes:
    return b"".join(struct.pack("<QI", len(data), 1) + data + struct.pack("<I", 2) for data in payloads)


def split(path: Path, data: bytes, kind: str, *, limit: int = 0, single: bool = False) -> list[bytes]:
    path.write_bytes(data)
    return list(bodies(path, kind, packed=False, limit=limit, single=single))


def test_lines_fill_bodies_up_to_the_limit_and_lose_no_byte(tmp_path: Path) -> None:
    lines = [b"%d,%s\n" % (number, b"x" * (number % 17)) for number in range(500)]
    for limit in (24, 25, 64, 1000, 100_000):
        found = split(tmp_path / "f", b"".join(lines), "Line", limit=limit)
        assert b"".join(found) == b"".join(lines)
        assert all(len(body) <= limit for body in found)
        assert all(body.endswith(b"\n") for body in found)
    assert split(tmp_path / "f", b"a\n\r\n\nb", "Line", limit=9) == [b"a\nb"]
    assert split(tmp_path / "f", b"a\nb\nc", "Line", limit=9, single=True) == [b"a\n", b"b\n", b"c"]
    assert split(tmp_path / "f", b"aaaa\nbb", "Line", limit=4) == [b"aaaa", b"bb"]


@pytest.mark.parametrize(("kind", "frame"), [("RecordIO", record_io), ("TFRecord", tf_record)])
def test_binary_records_are_never_cut(tmp_path: Path, kind: str, frame: Any) -> None:
    records = [frame(b"x" * size) for size in (1, 30, 7, 8, 60)]
    assert split(tmp_path / "f", b"".join(records), kind, limit=80, single=True) == records
    found = split(tmp_path / "f", b"".join(records), kind, limit=80)
    assert b"".join(found) == b"".join(records)
    assert 1 < len(found) < 5
    for broken in (b"not one", records[0][:-1], records[0] + b"\1\2\3"):
        with pytest.raises(SplitError, match=kind):
            split(tmp_path / "f", broken, kind)
    with pytest.raises(SplitError, match="Too much data for max payload size"):
        split(tmp_path / "f", b"".join(records), kind, limit=40)


def test_a_line_or_a_file_beyond_the_limit_is_refused(tmp_path: Path) -> None:
    for kind, single in (("Line", False), ("Line", True), ("None", False)):
        with pytest.raises(SplitError, match="Too much data for max payload size"):
            split(tmp_path / "f", b"a\n" + b"x" * 100, kind, limit=50, single=single)


@pytest.mark.parametrize("strategy", ["MultiRecord", "SingleRecord"])
def test_csv_rows_are_filtered_joined_and_filtered_again(stand: JobStand, strategy: str) -> None:
    stand.put("in/a.csv", "id1,1,2\nid2,3,4\n")
    processing = {"InputFilter": "$[1:]", "JoinSource": "Input", "OutputFilter": "$[0,-1]"}
    completed(run(stand, DataProcessing=processing, BatchStrategy=strategy))
    assert stand.text("out/a.csv.out") == "id1,3\nid2,7\n"


def test_a_join_alone_keeps_every_cell_as_it_was(stand: JobStand) -> None:
    stand.put("in/a.csv", '"x, y",1\r\n"z ""q""",2\r\n')
    processing = {"InputFilter": "$[1:]", "JoinSource": "Input"}
    completed(run(stand, DataProcessing=processing))
    assert stand.text("out/a.csv.out") == '"x, y",1,1\n"z ""q""",2,2\n'


def test_json_lines_are_joined_at_sagemaker_output(stand: JobStand) -> None:
    records = [{"id": 1, "features": [1, 2]}, {"id": 2, "features": [5, 6]}]
    stand.put("in/a.jsonl", "\n".join(map(json.dumps, records)))
    processing = {
        "InputFilter": "$.features",
        "JoinSource": "Input",
        "OutputFilter": "$['id','SageMakerOutput']",
    }
    completed(run(stand, kind=JSONLINES, DataProcessing=processing))
    found = [json.loads(line) for line in stand.text("out/a.jsonl.out").splitlines()]
    assert found == [
        {"id": 1, "SageMakerOutput": {"score": 3}},
        {"id": 2, "SageMakerOutput": {"score": 11}},
    ]


def test_json_lists_are_joined_beside_their_input(stand: JobStand) -> None:
    stand.put("in/a.jsonl", "[1, 2]\n[3, 4]\n")
    completed(run(stand, kind=JSONLINES, DataProcessing={"JoinSource": "Input"}))
    assert json.loads(stand.text("out/a.jsonl.out").splitlines()[1]) == {
        "SageMakerInput": [3, 4],
        "SageMakerOutput": {"score": 7},
    }


def test_answers_that_are_not_one_a_record_cannot_be_joined(stand: JobStand) -> None:
    stand.put("in/a.csv", "1\n2\n3\n")
    row = run(stand, environment={"SAY": "WORD", "WORD": "1,2,3"}, DataProcessing={"JoinSource": "Input"})
    assert row.status == "Failed"
    assert "3 input records, but 1 records in the model's answer" in row.document["FailureReason"]


def test_a_bad_record_fails_its_file_only_and_is_logged_in_aws_words(stand: JobStand) -> None:
    stand.put("in/a.csv", "1,2\n")
    stand.put("in/b.csv", "1,x\n")
    stand.put("in/c.csv", "3,4\n")
    row = run(stand)
    assert row.status == "Failed"
    reason = row.document["FailureReason"]
    assert reason.startswith(
        "ClientError: Bad HTTP status received from algorithm: 415. bucket/in/b.csv: could not"
    )
    assert "(1 of 3 input files failed.)" in reason
    assert stand.keys("out/") == ["out/a.csv.out", "out/c.csv.out"]
    lines = log_lines(stand, "/data-log")
    assert "MaxConcurrentTransforms=2, MaxPayloadInMB=6, BatchStrategy=MULTI_RECORD" in lines[0]
    assert any(
        line.endswith("]: bucket/in/b.csv: Bad HTTP status received from algorithm: 415") for line in lines
    )
    assert any("bucket/in/b.csv: could not convert string to float" in line for line in lines)
    said = log_lines(stand, "00001")
    assert any(line.startswith("POST /invocations 415: could not convert") for line in said), said


@pytest.mark.parametrize("concurrent", [1, 2])
def test_a_bad_record_of_a_later_request_is_found_in_its_file(stand: JobStand, concurrent: int) -> None:
    rows = [f"{number},1" for number in range(300_000)]
    rows[200_000] = "x,1"
    text = "\n".join(rows)
    stand.put("in/a.csv", text)
    row = run(stand, MaxPayloadInMB=1, MaxConcurrentTransforms=concurrent)
    first = text[: 2**20].count("\n")
    reason = row.document["FailureReason"]
    assert f"a.csv (request 2, from record {first + 1} of the file on): could not" in reason, reason
    assert stand.keys("out/") == []


def test_a_record_that_no_filter_fits_is_found_in_its_file(stand: JobStand) -> None:
    stand.put("in/a.csv", "1,2,3\n1,2,3\n1,2\n")
    row = run(stand, BatchStrategy="SingleRecord", DataProcessing={"InputFilter": "$[0,2]"})
    assert "bucket/in/a.csv (request 3, from record 3 of the file on): " in row.document["FailureReason"]


def test_failing_invocations_are_tried_again_as_often_as_asked(stand: JobStand) -> None:
    stand.put("in/a.csv", "1,2\n")
    client = {"InvocationsMaxRetries": 1, "InvocationsTimeoutInSeconds": 30}
    completed(run(stand, environment={"FAILURES": "1"}, ModelClientConfig=client))
    assert stand.text("out/a.csv.out") == "3\n"


def test_an_algorithm_that_keeps_failing_fails_the_job(stand: JobStand) -> None:
    stand.put("in/a.csv", "1,2\n")
    row = run(stand, environment={"FAILURES": "9"}, ModelClientConfig={"InvocationsMaxRetries": 0})
    reason = row.document["FailureReason"]
    assert reason.startswith(
        "AlgorithmError: Bad HTTP status received from algorithm: 500. bucket/in/a.csv: "
    )
    assert "RuntimeError: overloaded" in reason


def test_containers_learn_that_they_serve_a_batch(stand: JobStand) -> None:
    stand.put("in/a.csv", "1,2\n")
    completed(
        run(
            stand,
            environment={"SAY": "SAGEMAKER_BATCH"},
            Environment={"SAY": "SAGEMAKER_MAX_PAYLOAD_IN_MB"},
            MaxPayloadInMB=2,
        )
    )
    assert stand.text("out/a.csv.out") == "2\n"


def test_several_workers_keep_the_order_of_records(stand: JobStand) -> None:
    rows = "".join(f"{number},1\n" for number in range(300_000))
    stand.put("in/a.csv", rows)
    completed(run(stand, MaxPayloadInMB=1, MaxConcurrentTransforms=2))
    assert stand.text("out/a.csv.out") == "".join(f"{number + 1}\n" for number in range(300_000))
    assert len([line for line in log_lines(stand, "00001") if line.startswith("asked")]) == 3


def test_files_of_a_manifest_go_to_several_instances(stand: JobStand) -> None:
    for number in range(4):
        stand.put(f"in/{number}.csv", f"{number},1\n")
    manifest = [{"prefix": f"s3://{BUCKET}/in/"}, "0.csv", "2.csv", "3.csv"]
    uri = stand.put("manifest.json", json.dumps(manifest))
    completed(run(stand, uri=uri, data_type="ManifestFile", instances=2))
    assert stand.keys("out/") == ["out/0.csv.out", "out/2.csv.out", "out/3.csv.out"]
    group = "/aws/sagemaker/TransformJobs"
    names = [one.name for one in stand.ctx.logs.streams(REGION, group, "job/")]
    assert len([name for name in names if name.endswith("/data-log")]) == 2


def test_recordio_goes_to_the_model_in_whole_records(stand: JobStand) -> None:
    data = record_io(b"abc", b"defgh", b"ij")
    stand.put("in/a.rec", data)
    kind = "application/x-recordio-protobuf"
    given = {"SplitType": "RecordIO"}
    completed(run(stand, RECORDS, kind=kind, TransformInput=given, BatchStrategy="SingleRecord"))
    assert [line.split()[0] for line in stand.text("out/a.rec.out").splitlines()] == ["12", "16", "12"]


def test_capture_writes_manifests_and_inference_ids(stand: JobStand) -> None:
    stand.put("in/a.csv", "1,2\n3,4\n")
    stand.put("in/sub/b.csv", "5,6\n")
    capture = {"DestinationS3Uri": f"s3://{BUCKET}/captured", "GenerateInferenceId": True}
    row = completed(run(stand, DataCaptureConfig=capture))
    first, second = (line.split(",") for line in stand.text("out/a.csv.out").splitlines())
    assert (first[0], second[0]) == ("3", "7")
    assert first[1] != second[1]
    assert len(first[1]) == 36
    assert first[2].endswith("Z")
    given, found = stand.keys("captured/")
    assert given.startswith("captured/input/20")
    assert json.loads(stand.text(given)) == [{"prefix": f"s3://{BUCKET}/in/"}, "a.csv", "sub/b.csv"]
    assert json.loads(stand.text(found)) == [{"prefix": f"s3://{BUCKET}/out/"}, "a.csv.out", "sub/b.csv.out"]
    assert row.document["DataCaptureConfig"]["GenerateInferenceId"] is True


def test_inference_ids_of_json_are_attributes(stand: JobStand) -> None:
    stand.put("in/a.jsonl", "[1, 2]\n")
    capture = {"DestinationS3Uri": f"s3://{BUCKET}/captured", "GenerateInferenceId": True}
    completed(run(stand, kind=JSONLINES, DataCaptureConfig=capture))
    record = json.loads(stand.text("out/a.jsonl.out"))
    assert record["score"] == 3
    assert record.keys() == {"score", "SageMakerInferenceId", "SageMakerInferenceTime"}


@pytest.mark.parametrize(
    ("members", "words"),
    [
        ({"data_type": "AugmentedManifestFile"}, "AugmentedManifestFile is not supported"),
        ({"DataProcessing": {"OutputFilter": "x"}}, r"OutputFilter: The JSONPath filter 'x' must begin"),
        (
            {"DataProcessing": {"JoinSource": "Input"}, "TransformOutput": {"Accept": JSONLINES}},
            "must be of one format",
        ),
        (
            {"DataProcessing": {"InputFilter": "$[1:]"}, "TransformInput": {"SplitType": "RecordIO"}},
            "not supported with SplitType RecordIO",
        ),
        ({"DataProcessing": {"InputFilter": "$[1:]"}, "kind": "image/png"}, "need a ContentType"),
        ({"MaxPayloadInMB": 101}, "cannot be greater than 100 MB"),
    ],
)
def test_requests_that_cannot_run_are_refused(stand: JobStand, members: dict[str, Any], words: str) -> None:
    with pytest.raises(ValidationException, match=words):
        run(stand, **members)
