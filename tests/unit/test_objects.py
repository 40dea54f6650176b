"""The object store on a real data base and real files."""

from __future__ import annotations

import hashlib
import io
import os
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from smstudio_ext.engine.clock import ManualClock
from smstudio_ext.engine.errors import ValidationException
from smstudio_ext.engine.store import Database, Store
from smstudio_ext.engine.store.objects import (
    Attributes,
    BucketAlreadyOwnedByYou,
    BucketNotEmpty,
    Checksum,
    CompletedPart,
    InvalidBucketName,
    KeyTooLong,
    NoSuchBucket,
    NoSuchKey,
    NoSuchUpload,
    ObjectStore,
    PreconditionFailed,
    S3Location,
    StorageFull,
    parse_s3_uri,
)
from smstudio_ext.engine.store.objects.digests import (
    _crc_in_python,
    digest_of,
    full_object_crc,
    new_digest,
)
from smstudio_ext.engine.store.objects.index import after_prefix

MIB = 1 << 20


def open_store(directory: Path) -> ObjectStore:
    return ObjectStore(Store(Database.at(directory), ManualClock()), directory)


@pytest.fixture
def objects(tmp_path: Path) -> Iterator[ObjectStore]:
    store = open_store(tmp_path / "data")
    store.create_bucket("bucket", "us-east-1")
    yield store
    store.close()


def blobs(directory: Path) -> list[Path]:
    return [path for path in (directory / "blobs").rglob("*") if path.is_file()]


@pytest.mark.parametrize(
    ("uri", "bucket", "key"),
    [
        ("s3://b-1/k/x.csv", "b-1", "k/x.csv"),
        ("s3://b-1", "b-1", ""),
        ("s3://b-1/", "b-1", ""),
        ("s3://b-1/k?x=1#y", "b-1", "k?x=1#y"),
        ("s3a://b-1//k", "b-1", "/k"),
        ("https://b-1.s3.amazonaws.com/k/x%20y", "b-1", "k/x y"),
        ("https://b-1.s3-us-west-2.amazonaws.com/k", "b-1", "k"),
        ("https://b-1.s3.eu-central-1.amazonaws.com/k", "b-1", "k"),
        ("https://dots.in.name.s3.us-east-1.amazonaws.com/k", "dots.in.name", "k"),
        ("https://s3.us-east-1.amazonaws.com/b-1/k", "b-1", "k"),
        ("https://s3-ap-northeast-1.amazonaws.com/b-1/k/", "b-1", "k/"),
        ("https://b-1.s3.cn-north-1.amazonaws.com.cn/k", "b-1", "k"),
    ],
)
def test_addresses_of_objects(uri: str, bucket: str, key: str) -> None:
    assert parse_s3_uri(uri) == S3Location(bucket, key)


@pytest.mark.parametrize(
    "uri", ["", "b/k", "s3:/b/k", "s3://", "https://example.com/b/k", "file:///etc/passwd"]
)
def test_what_is_no_address(uri: str) -> None:
    with pytest.raises(ValidationException):
        parse_s3_uri(uri)


def test_child_of_a_location() -> None:
    assert str(S3Location("b", "k").child("x")) == str(S3Location("b", "k/").child("x")) == "s3://b/k/x"
    assert str(S3Location("b", "").child("x")) == "s3://b/x"


def test_buckets(objects: ObjectStore) -> None:
    with pytest.raises(BucketAlreadyOwnedByYou):
        objects.create_bucket("bucket", "us-east-1")
    with pytest.raises(InvalidBucketName):
        objects.create_bucket("No", "us-east-1")
    objects.put_bytes("bucket", "k", b"")
    with pytest.raises(BucketNotEmpty):
        objects.delete_bucket("bucket")
    objects.delete("bucket", "k")
    objects.delete_bucket("bucket")
    assert objects.bucket("bucket") is None
    assert objects.buckets() == []
    with pytest.raises(NoSuchBucket):
        objects.put_bytes("bucket", "k", b"")
    with pytest.raises(NoSuchBucket):
        list(objects.iterate("bucket"))


def test_put_head_open_delete(objects: ObjectStore) -> None:
    info = objects.put_bytes("bucket", "k", b"data", content_type="a/b", metadata={"Name": "v"})
    assert (info.size, info.etag) == (4, hashlib.md5(b"data").hexdigest())
    assert objects.head("bucket", "k") == info
    assert (info.content_type, info.metadata, info.blob_path.read_bytes()) == ("a/b", {"name": "v"}, b"data")
    with objects.open("bucket", "k") as file:
        assert file.read() == b"data"
    with io.TextIOWrapper(objects.open("bucket", "k")) as text:
        assert text.readline() == "data"
    assert objects.delete("bucket", "k") is True
    assert objects.delete("bucket", "k") is False
    assert objects.head("bucket", "k") is None
    with pytest.raises(NoSuchKey):
        objects.open("bucket", "k")
    with pytest.raises(NoSuchBucket):
        objects.head("other", "k")
    with pytest.raises(KeyTooLong):
        objects.put_bytes("bucket", "k" * 1025, b"")


def test_put_file_copies_or_moves(objects: ObjectStore, tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.write_bytes(b"x" * 100)
    objects.put_file("bucket", "copied", source)
    source.write_bytes(b"changed")
    assert objects.open("bucket", "copied").read() == b"x" * 100
    objects.put_file("bucket", "moved", source, move=True)
    assert not source.exists()
    assert objects.open("bucket", "moved").read() == b"changed"


def test_a_move_that_is_cut_short_loses_nothing(
    objects: ObjectStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = tmp_path / "source"
    source.write_bytes(b"bytes")

    def killed(*_: object) -> None:
        raise SystemExit

    with monkeypatch.context() as patch:
        patch.setattr(objects, "commit_blob", killed)
        with pytest.raises(SystemExit):
            objects.put_file("bucket", "k", source, move=True)
    assert source.read_bytes() == b"bytes"
    objects.put_file("bucket", "k", source, move=True)
    assert objects.open("bucket", "k").read() == b"bytes"
    assert not source.exists()


def test_moving_a_file_with_another_name_copies_it(objects: ObjectStore, tmp_path: Path) -> None:
    source, other = tmp_path / "source", tmp_path / "other"
    source.write_bytes(b"one")
    os.link(source, other)
    objects.put_file("bucket", "k", source, move=True)
    assert not source.exists()
    other.write_bytes(b"two")
    assert objects.open("bucket", "k").read() == b"one"


def test_overwriting_leaves_one_blob_and_lets_readers_finish(objects: ObjectStore, tmp_path: Path) -> None:
    objects.put_bytes("bucket", "k", b"first")
    with objects.open("bucket", "k") as reader:
        objects.put_bytes("bucket", "k", b"second")
        assert reader.read() == b"first"
    assert objects.open("bucket", "k").read() == b"second"
    assert len(blobs(tmp_path / "data")) == 1


def test_link_to(objects: ObjectStore, tmp_path: Path) -> None:
    info = objects.put_bytes("bucket", "k", b"data")
    linked, copied = tmp_path / "linked", tmp_path / "copied"
    objects.link_to("bucket", "k", linked)
    objects.link_to("bucket", "k", copied, writable=True)
    assert linked.stat().st_ino == info.blob_path.stat().st_ino
    copied.write_bytes(b"changed")
    objects.delete("bucket", "k")
    assert linked.read_bytes() == b"data"
    with pytest.raises(NoSuchKey):
        objects.link_to("bucket", "k", tmp_path / "other")
    objects.put_bytes("bucket", "k", b"data")
    with pytest.raises(FileExistsError):
        objects.link_to("bucket", "k", linked)
    with pytest.raises(FileNotFoundError):
        objects.link_to("bucket", "k", tmp_path / "no" / "folder")


def test_copies_share_bytes_and_live_on_their_own(objects: ObjectStore) -> None:
    source = objects.put_bytes("bucket", "source", b"data")
    copy = objects.copy(source, "bucket", "copy", Attributes(metadata={"a": "b"}))
    assert copy.blob_path.stat().st_ino == source.blob_path.stat().st_ino
    objects.delete("bucket", "source")
    assert objects.open("bucket", "copy").read() == b"data"
    with pytest.raises(NoSuchKey):
        objects.copy(source, "bucket", "again", Attributes())


def test_iterate_goes_through_all_in_byte_order(objects: ObjectStore) -> None:
    keys = [f"p/{n}" for n in range(1500)] + ["p", "p0", "é", "\U0001f600", "ￜ", "P/"]
    info = objects.put_bytes("bucket", "p/0", b"")
    for key in keys:
        objects.copy(info, "bucket", key, Attributes()) if key != "p/0" else None
    found = [item.key for item in objects.iterate("bucket")]
    assert found == sorted(keys, key=str.encode)
    assert len(list(objects.iterate("bucket", "p/"))) == 1500
    assert list(objects.iterate("bucket", "nothing")) == []
    assert objects.totals("bucket") == (len(keys), 0)


def test_after_prefix() -> None:
    assert after_prefix("a/") == "a0"
    assert after_prefix("a\U0010ffff") == "b"
    assert after_prefix("\ud7ff") == "\ue000"
    assert after_prefix("") is None


def test_conditions_hold_inside_the_transaction(objects: ObjectStore, tmp_path: Path) -> None:
    def absent(there: object) -> None:
        if there is not None:
            raise PreconditionFailed("If-None-Match")

    outcomes: list[str] = []

    def put(n: int) -> None:
        with objects.writer() as writer:
            writer.write(str(n).encode())
            blob = writer.commit()
        try:
            objects.commit_blob("bucket", "k", blob, 1, "e", Attributes(), absent)
            outcomes.append("won")
        except PreconditionFailed:
            outcomes.append("lost")

    threads = [threading.Thread(target=put, args=(n,)) for n in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["lost"] * 15 + ["won"]
    assert len(blobs(tmp_path / "data")) == 1


def test_a_writer_that_fails_leaves_nothing(objects: ObjectStore, tmp_path: Path) -> None:
    with objects.writer() as writer:
        writer.write(b"half")
    assert blobs(tmp_path / "data") == []


def test_multipart_takes_parts_in_any_order(objects: ObjectStore, tmp_path: Path) -> None:
    upload = objects.multipart.create("bucket", "k", Attributes(metadata={"a": "b"}))
    bodies = {1: os.urandom(5 * MIB), 2: b"end"}
    named = []
    for number in (2, 1, 1):  # the second try of a part replaces the first
        with objects.writer() as writer:
            writer.write(bodies[number])
            blob = writer.commit()
        etag = hashlib.md5(bodies[number]).hexdigest()
        objects.multipart.put_part(upload, number, blob, len(bodies[number]), etag, None)
    named = [CompletedPart(part.number, part.etag) for part in objects.multipart.parts(upload.upload_id)]
    info = objects.multipart.complete("bucket", "k", upload.upload_id, named)
    assert info == objects.multipart.complete("bucket", "k", upload.upload_id, named)
    assert objects.open("bucket", "k").read() == bodies[1] + bodies[2]
    assert info.metadata == {"a": "b"}
    assert len(blobs(tmp_path / "data")) == 1
    with pytest.raises(NoSuchUpload):
        objects.multipart.require("bucket", "k", upload.upload_id)


def test_attributes_survive_json() -> None:
    attributes = Attributes(
        {"content-type": "a/b"}, {"m": "1"}, {"t": ""}, Checksum("CRC32", "AAAAAA=="), (), "upload"
    )
    assert Attributes.from_json(attributes.to_json()) == attributes
    assert Attributes.from_json("{}") == Attributes()
    assert Attributes().to_json() == "{}"


def test_start_sweeps_what_a_crash_left(tmp_path: Path) -> None:
    directory = tmp_path / "data"
    first = open_store(directory)
    first.create_bucket("bucket", "us-east-1")
    first.put_bytes("bucket", "kept", b"kept")
    upload = first.multipart.create("bucket", "part", Attributes())
    with first.writer() as writer:
        writer.write(b"part")
        part = writer.commit()
    first.multipart.put_part(upload, 1, part, 4, "e", None)
    with first.writer() as writer:  # a blob whose row was never written
        writer.write(b"orphan")
        writer.commit()
    unfinished = first.writer()
    unfinished.write(b"unfinished")
    first.close()
    assert len(blobs(directory)) == 4

    second = open_store(directory)
    second.close()  # waits for the sweep
    assert sorted(path.read_bytes() for path in blobs(directory)) == [b"kept", b"part"]
    assert open_store(directory).open("bucket", "kept").read() == b"kept"


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of its own, 40 MiB."""
    place = tmp_path / "small"
    place.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=40m", "tmpfs", str(place)], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip("mounting needs root")
    yield place
    subprocess.run(["umount", "-l", str(place)], check=True)


def test_full_disk_is_a_clear_error_and_changes_nothing(small_disk: Path, tmp_path: Path) -> None:
    objects = open_store(small_disk)
    objects.create_bucket("bucket", "us-east-1")
    objects.put_bytes("bucket", "k", b"before")
    with pytest.raises(StorageFull, match="not enough free space"):
        objects.writer(expected=100 * MIB)
    source = tmp_path / "big"
    source.write_bytes(bytes(60 * MIB))
    with pytest.raises(StorageFull):
        objects.put_file("bucket", "k", source)
    assert objects.open("bucket", "k").read() == b"before"
    assert len(blobs(small_disk)) == 1
    objects.put_bytes("bucket", "k", b"after")
    assert objects.open("bucket", "k").read() == b"after"
    objects.close()


@pytest.mark.parametrize(
    ("algorithm", "expected"),
    # check values of the catalogue of CRC algorithms, for "123456789"
    [("CRC32", "cbf43926"), ("CRC32C", "e3069283"), ("CRC64NVME", "ae8b14860a799888")],
)
def test_crcs(algorithm: str, expected: str) -> None:
    digest = new_digest(algorithm)
    digest.update(b"1234")
    digest.update(memoryview(b"56789"))
    assert digest.digest().hex() == expected
    in_python = _crc_in_python(algorithm)
    assert in_python(b"56789", in_python(b"1234", 0)) == int(expected, 16)
    data = [os.urandom(1000), b"", os.urandom(77_777), b"x"]
    parts = [(digest_of([piece], [algorithm]).value(algorithm), len(piece)) for piece in data]
    assert full_object_crc(algorithm, parts) == digest_of(data, [algorithm]).value(algorithm)
