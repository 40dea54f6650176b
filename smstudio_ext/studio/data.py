"""Looks into a data set before a job is sent: a file of the Jupyter server, or an S3 object or prefix."""

from __future__ import annotations

import gzip
import json
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, cast

from smstudio_ext.studio.buckets import split_s3_uri
from smstudio_ext.studio.csv_preview import Table, count_records, read_table
from smstudio_ext.studio.csv_warnings import warnings_of
from smstudio_ext.studio.models.data import DataPreview, PreviewRequest
from smstudio_ext.studio.parquet_preview import MAGIC, S3Stream, read_parquet
from smstudio_ext.studio.problems import BadInput, Missing, NotOffered
from smstudio_ext.target import Target

WHOLE_BYTES = 32 * 1024 * 1024
"""Files up to this size are read whole; of larger ones this much is looked at."""
_MANIFEST = 'It should look like [{"prefix": "s3://bucket/folder/"}, "a.csv", "b.csv"].'
S3_BYTES = 2 * 1024 * 1024
"""How much of an S3 object is looked at."""
_LISTED = 1000
_MANIFEST_BYTES = 16 * 1024 * 1024


@dataclass(frozen=True)
class _Source:
    """The beginning of a data set, uncompressed.

    Attributes:
        head: text bytes from the start; `whole` says that there are no more.
        stored: bytes of the compressed form that `head` came from.
        size: bytes as stored, of all objects.
    """

    name: str
    head: bytes
    whole: bool
    stored: int
    size: int
    objects: int
    gzipped: bool
    parquet: bool = False


def is_s3(source: str) -> bool:
    """Whether a source is an S3 location rather than a path."""
    return source.lower().startswith("s3://")


def preview_file(path: Path, request: PreviewRequest) -> DataPreview:
    """Previews a file; its rows are counted exactly."""
    size = path.stat().st_size
    gzipped = path.suffix == ".gz"
    try:
        with path.open("rb") as file:
            if file.read(len(MAGIC)) == MAGIC:
                file.seek(0)
                table, rows = read_parquet(file)
                source = _Source(request.source, b"", True, size, size, 1, False, parquet=True)
                return _preview(source, table, request, rows=rows, exact=True)
        with gzip.open(path, "rb") if gzipped else path.open("rb") as stream:
            head = stream.read(WHOLE_BYTES)
            whole = not stream.read(1)
        source = _Source(request.source, head, whole, min(size, len(head)), size, 1, gzipped)
        table = read_table(source.head, whole=whole)
        if whole:
            return _preview(source, table, request, rows=len(table.rows), exact=True)
        with gzip.open(path, "rb") if gzipped else path.open("rb") as stream:
            records = count_records(stream)
    except (gzip.BadGzipFile, EOFError, zlib.error):
        raise BadInput(f"{request.source!r} ends in .gz but is not a whole gzip file.") from None
    except OSError as error:
        raise BadInput(f"{request.source!r} cannot be read: {error.strerror}.") from None
    return _preview(source, table, request, rows=max(0, records - int(table.header)), exact=True)


def preview_s3(target: Target, request: PreviewRequest) -> DataPreview:
    """Previews the beginning of an S3 object, or of the first object of a prefix; rows are estimated from its size."""
    s3 = target.client("s3")
    bucket, key = split_s3_uri(request.source)
    if request.data_type == "S3Prefix":
        first, size, objects = _find_object(s3, bucket, key)
    else:
        bucket, first, size, objects = _of_manifest(s3, bucket, key, request)
    answer = (
        s3.get_object(Bucket=bucket, Key=first["Key"], Range=f"bytes=0-{S3_BYTES - 1}")
        if first["Size"]
        else None
    )
    stored: bytes = answer["Body"].read() if answer else b""
    if stored.startswith(MAGIC):
        stream = cast("BinaryIO", S3Stream(s3, bucket, first["Key"], first["Size"]))
        table, rows = read_parquet(stream)
        name = f"s3://{bucket}/{first['Key']}"
        source = _Source(name, b"", objects == 1, first["Size"], size, objects, False, parquet=True)
        rows = rows if objects == 1 else round(rows * size / max(1, first["Size"]))
        return _preview(source, table, request, rows=rows, exact=objects == 1)
    gzipped = stored[:2] == b"\x1f\x8b"
    head = _inflate(stored, request.source) if gzipped else stored
    source = _Source(
        f"s3://{bucket}/{first['Key']}",
        head,
        len(stored) >= first["Size"],
        len(stored),
        size,
        objects,
        gzipped,
    )
    table = read_table(head, whole=source.whole)
    if source.whole and objects == 1:
        return _preview(source, table, request, rows=len(table.rows), exact=True)
    rows = round(len(table.rows) * size / source.stored) if source.stored else 0
    return _preview(source, table, request, rows=rows, exact=False)


def _find_object(s3: Any, bucket: str, key: str) -> tuple[dict[str, Any], int, int]:
    """First object with content, bytes of all, and how many there are (of the first thousand)."""
    answer = s3.list_objects_v2(Bucket=bucket, Prefix=key, MaxKeys=_LISTED)
    contents: list[dict[str, Any]] = answer.get("Contents", [])
    exact = [found for found in contents if found["Key"] == key]
    if exact and not key.endswith("/"):
        return exact[0], exact[0]["Size"], 1
    found = [entry for entry in contents if entry["Size"] > 0]
    if not found:
        if contents:
            return contents[0], 0, 1
        raise Missing(
            f"There is no object at s3://{bucket}/{key}.", hint="Check the bucket and the key prefix."
        )
    return found[0], sum(entry["Size"] for entry in found), len(found)


def _of_manifest(
    s3: Any, bucket: str, key: str, request: PreviewRequest
) -> tuple[str, dict[str, Any], int, int]:
    """Bucket and first object that a manifest names, bytes of all (as far as asked), and how many there are."""
    if request.data_type != "ManifestFile":
        raise NotOffered("Augmented manifests are not looked into.", hint="The job itself reads them.")
    answer = s3.get_object(Bucket=bucket, Key=key, Range=f"bytes=0-{_MANIFEST_BYTES - 1}")
    with answer["Body"] as body:
        content: bytes = body.read()
    try:
        entries = json.loads(content)
    except ValueError:
        entries = None
    if not isinstance(entries, list) or not entries:
        raise BadInput(f"{request.source!r} is no manifest.", hint=_MANIFEST)
    prefix = entries[0].get("prefix", "") if isinstance(entries[0], dict) else ""
    files = [prefix + entry for entry in entries if isinstance(entry, str)]
    if not files and prefix:  # a manifest of a prefix alone means all that lies there
        bucket, key = split_s3_uri(prefix)
        return bucket, *_find_object(s3, bucket, key)
    if not files:
        raise BadInput(f"{request.source!r} names no files.", hint=_MANIFEST)
    bucket, key = split_s3_uri(files[0])
    head = s3.head_object(Bucket=bucket, Key=key)
    first = {"Key": key, "Size": head["ContentLength"]}
    # Files of one data set are about alike; asking for each would take long.
    return bucket, first, first["Size"] * len(files), len(files)


def _inflate(data: bytes, name: str) -> bytes:
    """The beginning of a gzip file of which the end may be missing."""
    try:
        return zlib.decompressobj(zlib.MAX_WBITS | 16).decompress(data, WHOLE_BYTES)
    except zlib.error:
        raise BadInput(f"{name!r} looks like gzip but cannot be read.") from None


def _preview(
    source: _Source, table: Table, request: PreviewRequest, *, rows: int, exact: bool
) -> DataPreview:
    return DataPreview(
        source=source.name,
        format="parquet" if source.parquet else "csv",
        objects=source.objects,
        size=source.size,
        compression="Gzip" if source.gzipped else "None",
        encoding=table.encoding,
        delimiter=table.delimiter,
        header=table.header,
        columns=table.columns(),
        rows=table.rows[: request.sample_rows],
        rows_read=len(table.rows),
        row_count=rows,
        row_count_exact=exact,
        warnings=warnings_of(table, rows=rows, exact=exact, size=source.size),
    )
