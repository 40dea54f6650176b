"""S3 through the other clients that people use: the AWS command line, s3fs and pandas, pyarrow."""

from __future__ import annotations

import os
import subprocess
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.conftest import RunningEngine

MIB = 1 << 20


@pytest.fixture
def bucket(engine: RunningEngine) -> Iterator[str]:
    name = f"clients-{uuid.uuid4().hex[:12]}"
    client = engine.client("s3")
    client.create_bucket(Bucket=name)
    yield name
    for item in client.list_objects_v2(Bucket=name).get("Contents", []):
        client.delete_object(Bucket=name, Key=item["Key"])
    client.delete_bucket(Bucket=name)


def aws(engine: RunningEngine, *arguments: str | Path, stdin: bytes = b"", status: int = 0) -> str:
    """Output of the AWS command line."""
    done = subprocess.run(
        [Path(sys.executable).with_name("aws"), *map(str, arguments)],
        env=engine.environment(),
        input=stdin,
        capture_output=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == status, done.stderr.decode()
    return done.stdout.decode() + done.stderr.decode()


def test_aws_cli(engine: RunningEngine, tmp_path: Path) -> None:
    bucket = f"cli-{uuid.uuid4().hex[:12]}"
    there = f"s3://{bucket}"
    tree = tmp_path / "tree"
    files = {
        "a.csv": b"1,2\n",
        "deep/er/b.txt": b"b" * 1000,
        "big.bin": os.urandom(17 * MIB),
        "é space.txt": b"x",
    }
    for name, data in files.items():
        (tree / name).parent.mkdir(parents=True, exist_ok=True)
        (tree / name).write_bytes(data)

    assert "make_bucket" in aws(engine, "s3", "mb", there)
    assert aws(engine, "s3", "sync", tree, f"{there}/tree").count("upload:") == len(files)
    assert aws(engine, "s3", "sync", tree, f"{there}/tree") == ""
    assert bucket in aws(engine, "s3", "ls")
    listed = aws(engine, "s3", "ls", "--recursive", "--summarize", f"{there}/tree/")
    assert "Total Objects: 4" in listed
    assert "PRE deep/" in aws(engine, "s3", "ls", f"{there}/tree/")

    aws(engine, "s3", "cp", "--recursive", f"{there}/tree", f"{there}/copy")
    back = tmp_path / "back"
    aws(engine, "s3", "sync", f"{there}/copy", back)
    assert {
        str(path.relative_to(back)): path.read_bytes() for path in back.rglob("*") if path.is_file()
    } == files

    assert aws(engine, "s3", "cp", f"{there}/tree/a.csv", "-") == "1,2\n"
    aws(engine, "s3", "cp", "-", f"{there}/stdin", stdin=b"from a pipe")
    aws(engine, "s3", "mv", f"{there}/stdin", f"{there}/moved")
    assert aws(engine, "s3", "cp", f"{there}/moved", "-") == "from a pipe"
    assert "BucketNotEmpty" in aws(engine, "s3", "rb", there, status=1)
    aws(engine, "s3", "rm", "--recursive", f"{there}/copy")
    assert aws(engine, "s3", "ls", f"{there}/copy/", status=1) == ""
    assert "remove_bucket" in aws(engine, "s3", "rb", "--force", there)


def options(engine: RunningEngine) -> dict[str, Any]:
    return {
        "key": engine.info.access_key,
        "secret": engine.info.secret_key,
        "client_kwargs": {"endpoint_url": engine.url, "region_name": "us-east-1"},
    }


def test_pandas_through_s3fs(engine: RunningEngine, bucket: str) -> None:
    import pandas

    frame = pandas.DataFrame({"a": range(1000), "b": ["text"] * 1000})
    for name, write, read in (
        ("f.csv", frame.to_csv, pandas.read_csv),
        ("f.parquet", frame.to_parquet, pandas.read_parquet),
    ):
        uri = f"s3://{bucket}/frames/{name}"
        write(uri, index=False, storage_options=options(engine))
        assert read(uri, storage_options=options(engine)).equals(frame)


def test_s3fs_files(engine: RunningEngine, bucket: str, tmp_path: Path) -> None:
    import s3fs

    files = s3fs.S3FileSystem(**options(engine), skip_instance_cache=True)
    data = os.urandom(12 * MIB)
    with files.open(f"{bucket}/dir/big", "wb", block_size=5 * MIB) as target:
        target.write(data)
    with files.open(f"{bucket}/dir/big", "rb") as source:
        source.seek(10 * MIB)
        assert source.read(100) == data[10 * MIB : 10 * MIB + 100]
    assert files.cat(f"{bucket}/dir/big") == data
    assert files.ls(f"{bucket}/dir") == [f"{bucket}/dir/big"]
    assert files.info(f"{bucket}/dir/big")["size"] == len(data)
    files.cp(f"{bucket}/dir/big", f"{bucket}/dir/copy")
    files.get(f"{bucket}/dir/copy", str(tmp_path / "copy"))
    assert (tmp_path / "copy").read_bytes() == data
    assert sorted(files.glob(f"{bucket}/**")) == [f"{bucket}/dir", f"{bucket}/dir/big", f"{bucket}/dir/copy"]
    files.rm(f"{bucket}/dir", recursive=True)
    assert not files.exists(f"{bucket}/dir/big")


def test_pyarrow_sends_chunked_bodies_with_trailers(engine: RunningEngine, bucket: str) -> None:
    import pyarrow
    from pyarrow import fs, parquet

    files = fs.S3FileSystem(
        access_key=engine.info.access_key,
        secret_key=engine.info.secret_key,
        endpoint_override=engine.url.partition("://")[2],
        scheme="http",
        region="us-east-1",
    )
    table = pyarrow.table({"a": list(range(10_000))})
    parquet.write_table(table, f"{bucket}/t.parquet", filesystem=files)
    assert parquet.read_table(f"{bucket}/t.parquet", filesystem=files).equals(table)
    data = os.urandom(21 * MIB)
    with files.open_output_stream(f"{bucket}/big", metadata={"Content-Type": "x/y"}) as target:
        target.write(data)
    with files.open_input_file(f"{bucket}/big") as source:
        assert source.read() == data
    assert engine.client("s3").head_object(Bucket=bucket, Key="big")["ContentType"] == "x/y"
    found = files.get_file_info(fs.FileSelector(bucket, recursive=True))
    assert sorted(item.path for item in found) == [f"{bucket}/big", f"{bucket}/t.parquet"]
